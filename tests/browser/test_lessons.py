"""The lessons as a student goes through them, in a real browser."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect
from serving import Server, settled, title

EVIL = "</script><script>window.hacked=1</script>"
SWEPT = [pytest.param(page, marks=pytest.mark.exhaustive)
         for page in ("", "tokenization", "attention")]  # fmt: skip
DEFAULT = "The sleepless elephant walked slowly towards the river."
# [CLS] the sleep ##less elephant walked slowly towards the river . [SEP]
SLEEP, LESS, SLOWLY, TOWARDS, THE, RIVER, SEP = 2, 3, 6, 7, 8, 9, 11


def open_page(page: Page, server: Server, path: str) -> Page:
    page.goto(f"{server.url}/{path}")
    return settled(page)


def chip(page: Page, position: int) -> Locator:
    return page.locator(".chip").nth(position)


def expect_masked(page: Page, positions: set[int]) -> None:
    """Wait until exactly these chips are masked, and the address says so too."""
    expect(page.locator(".chip.masked")).to_have_count(len(positions))
    for position in positions:
        expect(chip(page, position)).to_have_class(re.compile(r"\bmasked\b"))


def expect_address(page: Page, part: str) -> None:
    expect(page).to_have_url(re.compile(part))


def type_into(page: Page, label: str, text: str) -> None:
    box = page.get_by_label(label, exact=True)
    box.fill(text)
    box.press("Enter")


# --- home and travel -----------------------------------------------------------------------------


def test_from_home_to_each_lesson_with_one_sentence(page, server):
    open_page(page, server, "")
    type_into(page, "Sentence", "The dog chased a small cat.")
    expect_address(page, "text=The")
    expect(page.locator(".ov-pieces").first).to_contain_text("cat")
    for number, lesson in enumerate(("Tokenization", "Masked words", "Attention"), start=1):
        page.get_by_role("link", name=f"{number} · {lesson}").click()
        expect(page.get_by_role("heading", name=lesson, exact=True)).to_be_visible()
        expect(page.get_by_label("Sentence", exact=True)).to_have_value(
            "The dog chased a small cat."
        )
        expect(page.locator(".chip").filter(has_text="dog").first).to_be_visible()
        expect_address(page, "text=The")
        page.get_by_test_id("stSidebarNav").get_by_role("link", name="BertLab").click()
        expect(page.get_by_role("link", name="1 · Tokenization")).to_be_visible()


def test_the_model_travels(page, server):
    open_page(page, server, "tokenization")
    page.get_by_role("combobox", name=re.compile("Model")).click()
    option = page.get_by_role("option", name=re.compile("all-MiniLM-L6-v2"))
    if "on this machine" not in option.inner_text():
        pytest.skip("needs the package of the extra [minilm]")
    option.click()
    expect(page.locator(".bl-strip b")).to_have_text("all-MiniLM-L6-v2")
    expect_address(page, "model=all-MiniLM-L6-v2")
    page.get_by_role("link", name="Attention", exact=True).first.click()
    expect(page.get_by_role("heading", name="Attention", exact=True)).to_be_visible()
    expect(page.locator(".bl-strip b")).to_have_text("all-MiniLM-L6-v2")
    expect_address(page, "model=all-MiniLM-L6-v2")


def test_the_way_to_join_is_a_picture_that_is_there(page, server):
    open_page(page, server, "")
    code = page.locator('img[alt^="QR code of http"]')
    if page.get_by_text("on no network").count():
        pytest.skip("this machine is on no network")
    expect(code).to_be_visible()
    assert code.evaluate("image => image.complete && image.naturalWidth > 0")


@pytest.mark.exhaustive
def test_no_chip_of_the_home_page_is_cut_in_half(page, server):
    for width in (1440, 1280, 1000, 400):
        page.set_viewport_size({"width": width, "height": 1000})
        open_page(page, server, "")
        expect(page.locator(".ov-pieces")).to_have_count(2)  # tokenization, the masking game
        cut = page.evaluate(
            """() => [...document.querySelectorAll(".ov-pieces > span")]
              .map(chip => [chip, chip.parentElement].map(e => e.getBoundingClientRect()))
              .filter(([chip, frame]) =>
                chip.top < frame.bottom - 1 && chip.bottom > frame.bottom + 1).length"""
        )
        assert cut == 0, width


# --- the token strip -----------------------------------------------------------------------------


def test_a_click_hides_the_whole_word_and_another_shows_it(page, server):
    open_page(page, server, "masked_words")
    expect_masked(page, {RIVER})
    chip(page, LESS).click()
    expect_masked(page, {SLEEP, LESS, RIVER})
    expect_address(page, r"mask=2(,|%2C)3(,|%2C)9")
    chip(page, SLEEP).click()
    expect_masked(page, {RIVER})
    page.get_by_text("Mask whole words").click()
    expect_address(page, "masked_whole=0")
    chip(page, LESS).click()
    expect_masked(page, {LESS, RIVER})
    expect(page.get_by_text("may give it away")).to_be_visible()


def test_quick_clicks_are_all_counted(page, server):
    open_page(page, server, "masked_words")
    for position in (1, SLOWLY, TOWARDS, THE):
        chip(page, position).click()
    expect_masked(page, {1, SLOWLY, TOWARDS, THE, RIVER})


def test_the_strip_can_be_used_from_the_keyboard_alone(page, server):
    open_page(page, server, "masked_words")
    inner = "document.activeElement?.shadowRoot?.activeElement ?? document.activeElement"
    expect_masked(page, {RIVER})  # the strip is there
    page.get_by_label("Sentence", exact=True).focus()
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate(f"({inner}).classList.contains('chip')"):
            break
    assert page.evaluate(f"({inner}).textContent") == "[CLS]2"
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect_masked(page, {1, RIVER})
    expect(chip(page, 1)).to_be_focused()
    page.keyboard.press("Space")
    expect_masked(page, {RIVER})
    page.keyboard.press("End")
    expect(chip(page, SEP)).to_be_focused()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(chip(page, RIVER)).to_be_focused()


def test_a_reload_and_a_copied_link_show_the_same(page, server, browser, watch):
    open_page(page, server, "masked_words")
    type_into(page, "Sentence", "A cat sat on a mat.")
    expect(chip(page, 2)).to_contain_text("cat")  # the new sentence, not the one before it
    expect(page.locator(".chip")).to_have_count(9)
    chip(page, 3).click()
    expect_address(page, "mask=3")
    frames = '[class*="st-key-masked_bars"][class*="_frame"]'  # one around each picture
    drawn = page.locator(frames).filter(has=page.locator(".ytick"))
    expect(drawn).to_have_count(2)  # of 5 bars, or 6 where the hidden word is not among them
    shown = settled(page).locator('[class*="st-key-masked_bars"] .ytick').all_text_contents()
    page.reload()
    settled(page)
    expect(page.locator(".chip.masked").last).to_be_visible()
    link, masked = page.url, page.locator(".chip.masked").count()
    other = browser.new_context()
    copy = watch.on(other.new_page())
    copy.goto(link)
    settled(copy)
    expect(copy.locator(".chip.masked")).to_have_count(masked)
    expect(copy.get_by_label("Sentence", exact=True)).to_have_value("A cat sat on a mat.")
    bars = copy.locator('[class*="st-key-masked_bars"] .ytick')
    expect(bars).to_have_text(shown)
    assert copy.url == link
    other.close()


def test_back_leads_back(page, server):
    open_page(page, server, "")
    page.get_by_role("link", name="2 · Masked words").click()
    expect_masked(page, {RIVER})
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Attention", exact=True).click()
    expect(page.get_by_role("heading", name="Attention", exact=True)).to_be_visible()
    settled(page)
    page.go_back()
    expect(page.get_by_role("heading", name="Masked words", exact=True)).to_be_visible()
    expect_masked(page, {RIVER})


# --- masked words --------------------------------------------------------------------------------


def test_guess_first_then_reveal(page, server):
    open_page(page, server, "masked_words?masked_guess=true")
    bars = page.locator('[class*="st-key-masked_bars"] .main-svg')
    expect(chip(page, RIVER)).to_have_text("[MASK]?")
    expect(bars).to_have_count(0)
    type_into(page, f"Your guess for position {RIVER}", "sea")
    reveal = page.get_by_role("button", name="Reveal", exact=True)
    expect(reveal).to_be_visible()
    expect(bars).to_have_count(0)
    reveal.click()
    expect(bars.first).to_be_visible()
    expect(page.get_by_text("Your guess: sea, rank")).to_be_visible()
    expect(page.get_by_text("Hidden here: river")).to_be_visible()


def test_filling_one_blank_changes_the_other(page, server):
    open_page(page, server, "masked_words")
    page.get_by_role("button", name="Two blanks").click()
    expect(page.locator('[class*="st-key-masked_bars"][class*="_frame"]')).to_have_count(2)
    expect(page.get_by_text("Each blank is answered alone")).to_be_visible()
    expect(title(page, "masked_filled_0a")).to_contain_text("Both hidden")
    expect(title(page, "masked_filled_0b")).to_contain_text("filled in")
    numbers = [
        page.locator(f".st-key-masked_filled_0{key}_frame .bartext").all_text_contents()
        for key in "ab"
    ]
    assert numbers[0]
    assert numbers[0] != numbers[1]


def test_two_sentences_stand_in_one_picture(page, server):
    open_page(page, server, "masked_words?text=He works as a [MASK].")
    type_into(page, "Second sentence", "She works as a [MASK].")
    legend = page.locator('[class*="st-key-masked_compared"] .legendtext')
    expect(legend).to_have_text(["He works as a [MASK].", "She works as a [MASK]."])
    expect(page.get_by_text("of the belief moved")).to_be_visible()
    expect_address(page, r"[?&]other=She")


# --- attention -----------------------------------------------------------------------------------


def one_head(page: Page) -> Locator:
    return page.locator(".st-key-attention_map .frame canvas")


def click_cell(page: Page, query: int, key: int) -> None:
    """Click a cell of the large picture: its last `count` cells a side lie before a 4 px rim."""
    count = int((one_head(page).get_attribute("data-drawn") or "").rpartition("x")[2])
    box = one_head(page).bounding_box()
    assert box is not None
    size = min(38, 460 // count)
    margin = box["width"] - 4 - size * count
    places = [margin + (i + 0.5) * size for i in (key, query)]
    one_head(page).click(position={"x": places[0], "y": places[1]})


def expect_head(page: Page, layer: int, head: int) -> None:
    """Heatmap, drop-downs, grid, table and address all speak of one head."""
    expect(title(page, "attention_map")).to_have_text(re.compile(rf"Head {layer}\.{head}\b"))
    expect(one_head(page)).to_have_attribute("data-drawn", re.compile(rf"{layer}\.{head}x"))
    expect(page.get_by_role("combobox", name="Layer")).to_have_value(str(layer))
    expect(page.get_by_role("combobox", name="Head", exact=True)).to_have_value(str(head))
    page.wait_for_function(
        """([layer, head]) => {
          const grid = document.querySelector('[class*="st-key-attention_grid"] .js-plotly-plot');
          const shape = grid?.layout?.shapes?.[0];
          return shape && shape.x0 === head - 0.5 && shape.y0 === layer - 0.5; }""",
        arg=[layer, head],
    )
    chosen = page.locator('[data-testid="stDataFrame"] [role="row"][aria-selected="true"]')
    expect(chosen).to_contain_text(f"{layer}.{head}")


def test_a_head_is_chosen_by_drop_down_or_row_and_everything_follows(page, server):
    page.set_viewport_size({"width": 1280, "height": 2600})
    open_page(page, server, "attention?head=2.1")
    expect_head(page, 2, 1)
    page.get_by_role("combobox", name="Layer").click()
    page.get_by_role("option", name="0", exact=True).click()
    expect_head(page, 0, 1)
    expect_address(page, "head=0.1")
    place = settled(page).locator('[data-testid="stDataFrame"]').bounding_box()
    assert place is not None
    page.mouse.click(place["x"] + 18, place["y"] + 35 + 35 * 3 + 17)  # the fourth row: head 0.3
    expect_head(page, 0, 3)
    expect_address(page, "head=0.3")
    page.reload()
    settled(page)
    expect_head(page, 0, 3)


def test_a_head_is_chosen_among_all_heads_and_with_the_keyboard(page, server):
    page.set_viewport_size({"width": 1280, "height": 2600})
    open_page(page, server, "attention?head=2.1")
    pictures = page.locator(".st-key-attention_heads canvas")
    expect(pictures).to_have_attribute("data-drawn", "4x4x12")
    box = pictures.bounding_box()
    assert box is not None
    step = (box["width"] - 26) / 4
    pictures.click(position={"x": 26 + 2.4 * step, "y": 26 + 1.4 * step})  # head 1.2
    expect_head(page, 1, 2)
    expect_address(page, "head=1.2")
    settled(page)
    pictures.press("ArrowUp")
    pictures.press("ArrowRight")
    pictures.press("Enter")
    expect_head(page, 0, 3)


def test_a_cell_tells_its_number_and_is_chosen_for_every_lesson(page, server):
    open_page(page, server, "attention?head=1.3")
    said = page.locator(".st-key-attention_map .said")
    expect(said).to_contain_text("[MASK] (9) looks at the (8)")
    click_cell(page, SLOWLY, 5)
    expect(said).to_have_text(re.compile(r"slowly \(6\) looks at walked \(5\): 9\d\.\d %"))
    expect_address(page, "token=6")
    settled(page)
    one_head(page).press("ArrowLeft")
    expect(said).to_contain_text("slowly (6) looks at elephant (4)")
    one_head(page).press("Enter")
    expect_address(page, "key=4")
    page.reload()
    settled(page)
    expect(said).to_contain_text("slowly (6) looks at elephant (4)")


def test_a_head_is_saved_as_a_picture_and_as_numbers(page, server):
    open_page(page, server, "attention?head=1.3")
    names = {
        "Picture (PNG)": "attention_1.3.png",
        "Picture (PNG) of all heads": "attention_heads.png",
    }
    for button, name in names.items():
        with page.expect_download() as picture:
            page.get_by_role("button", name=button, exact=True).click()
        assert picture.value.suggested_filename == name
        assert picture.value.path().read_bytes().startswith(b"\x89PNG")
    with page.expect_download() as numbers:
        page.locator(".st-key-attention_map_csv").get_by_role("button").click()
    lines = numbers.value.path().read_text(encoding="utf-8-sig").splitlines()
    assert len(lines) == 13
    assert lines[0].startswith("query,[CLS] (0),the (1),")
    assert abs(sum(map(float, lines[3].split(",")[1:])) - 1) < 1e-4


def test_masking_and_the_answer_beside_the_heatmap(page, server):
    open_page(page, server, "attention")
    expect(title(page, "attention_blank_0")).to_contain_text(f"position {RIVER}")
    chip(page, RIVER).click()
    expect_masked(page, set())
    expect(page.get_by_text("Click a token above to mask it")).to_be_visible()
    chip(page, SLOWLY).click()
    expect_masked(page, {SLOWLY})
    expect(title(page, "attention_blank_0")).to_contain_text(f"position {SLOWLY}")


def test_hidden_special_tokens_leave_a_note(page, server):
    open_page(page, server, "attention")
    page.get_by_text("Hide special tokens").click()
    expect(page.get_by_text("Special tokens are hidden: they hold")).to_be_visible()
    expect(one_head(page)).to_have_attribute("data-drawn", re.compile("x10$"))


@pytest.mark.parametrize(
    ("view", "lines"), [("bertviz: head view", 12**2), ("bertviz: model view", 17 * 12**2)]
)
def test_bertviz_draws_offline(page, server, view, lines):
    open_page(page, server, "attention")
    page.get_by_role("radio", name=view).or_(page.get_by_role("button", name=view)).click()
    frame = page.frame_locator("iframe[srcdoc], iframe").last
    expect(frame.locator("#vis svg line").first).to_be_attached()
    assert frame.locator("#vis svg line").count() >= lines
    expect_address(page, "view=")


def test_the_code_that_ran_comes_when_it_is_opened(page, server):
    open_page(page, server, "masked_words")
    code = page.get_by_test_id("stCode")
    expect(code).to_have_count(0)
    page.get_by_text("The code that ran").click()
    expect(code.filter(has_text="def predict_blanks(")).to_be_visible()
    chip(page, SLOWLY).click()
    expect_masked(page, {SLOWLY, RIVER})
    expect(code.first).to_be_visible()  # it stays open


# --- texts ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["masked_words", *SWEPT])
def test_markup_is_shown_as_text(page, server, path):
    open_page(page, server, path)
    type_into(page, "Sentence", EVIL)
    if path == "":
        expect(page.locator(".ov-pieces").first).to_contain_text("script")
    else:
        expect(page.locator(".chip").filter(has_text="script").first).to_be_visible()
    if path == "masked_words":
        type_into(page, "Second sentence", EVIL + " [MASK]")
        legend = page.locator('[class*="st-key-masked_compared"] .legendtext')
        expect(legend.last).to_contain_text("</script>")
    settled(page)
    assert page.evaluate("typeof window.hacked") == "undefined"


@pytest.mark.parametrize("view", ["head", pytest.param("model", marks=pytest.mark.exhaustive)])
def test_markup_is_shown_as_text_in_bertviz(page, server, view):
    text = "</script><script>window.hacked=1"
    open_page(page, server, f"attention?view={view}&text={text}")
    frame = page.frame_locator("iframe").last
    expect(frame.locator("#vis svg line").first).to_be_attached()
    for each in page.frames:
        assert each.evaluate("typeof window.hacked") == "undefined"


def test_five_hundred_words_fall_back_with_the_reason(page, server):
    open_page(page, server, "attention?view=head")
    type_into(page, "Sentence", "word " * 600)
    expect(page.get_by_text("Past 64 tokens that freezes the browser")).to_be_visible()
    expect(page.get_by_text("is too long: the last 90 tokens")).to_be_visible()
    expect(title(page, "attention_map")).to_contain_text("Head")
    expect(one_head(page)).to_have_attribute("data-drawn", re.compile("x512$"))
    expect(page.locator(".chip")).to_have_count(512)
    expect_address(page, "text_id=")


# --- looks ---------------------------------------------------------------------------------------

CONTRAST = """async selector => {
  const fading = () => document.getAnimations().filter(a => a.playState === "running"
    && a.effect.getComputedTiming().endTime < Infinity);
  while (fading().length) await Promise.allSettled(fading().map(a => a.finished));
  const parse = css => { const n = css.match(/[\\d.]+/g).map(Number); return [...n.slice(0, 3),
    n.length > 3 ? n[3] : 1] };
  const over = (top, ground) => [0, 1, 2].map(i => top[i] * top[3] + ground[i] * (1 - top[3]));
  const up = e => e.parentNode instanceof ShadowRoot ? e.parentNode.host : e.parentElement;
  const deep = root => [...root.querySelectorAll("*")].flatMap(e =>
    e.shadowRoot ? [e, ...deep(e.shadowRoot)] : [e]);
  const light = c => { const [r, g, b] = c.map(v => (v /= 255) <= 0.04045 ? v / 12.92
    : ((v + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b };
  return deep(document).filter(e => e.matches(selector) && e.offsetParent).map(e => {
    const chain = []; for (let at = e; at; at = up(at)) chain.push(getComputedStyle(at));
    let ground = [255, 255, 255], opacity = 1;
    for (const style of [...chain].reverse()) ground = over(parse(style.backgroundColor), ground);
    for (const style of chain) opacity *= Number(style.opacity);
    const ink = parse(chain[0].color);
    const shown = over([...ink.slice(0, 3), ink[3] * opacity], ground);
    const [a, b] = [light(shown), light(ground)].sort((x, y) => y - x);
    return [(a + 0.05) / (b + 0.05), e.textContent.slice(0, 40)] }) }"""


def test_small_text_can_be_read_in_light_and_dark(themed, server):
    """At least 4.5 to 1, as WCAG asks of text of this size."""
    for path in ("", "tokenization?pair=你好&text=Hello there", "masked_words", "attention"):
        open_page(themed, server, path)
        selector = (
            ".chip .piece, .chip .note, [data-testid=stCaptionContainer] p, .bl-strip span,"
            " .wp-chip small, .wp-step small, .wp-try, .ov-pieces small, .ov-label, .ov-checks dd"
        )
        for _ in range(5):  # what is drawn again meanwhile is pale for as long as that takes
            seen = themed.evaluate(CONTRAST, selector)
            pale = [text for ratio, text in seen if ratio < 4.5]
            if not pale:
                break
            settled(themed)
        assert len(seen) > 5
        assert pale == [], path


def test_figures_take_the_colours_of_the_theme(themed, server):
    open_page(themed, server, "attention")
    ground = themed.evaluate("getComputedStyle(document.querySelector('.stApp')).backgroundColor")
    expect(themed.locator(".gtitle").first).to_be_visible()
    ink = themed.locator(".gtitle").first.evaluate("e => getComputedStyle(e).fill")
    assert ground != ink
    assert (ground == "rgb(14, 17, 23)") == (ink == "rgb(230, 234, 240)")


@pytest.mark.parametrize("path", ["masked_words?text=[MASK] [MASK]", "attention?view=head", *SWEPT])
def test_a_phone_cuts_nothing(page, server, path):
    page.set_viewport_size({"width": 400, "height": 900})
    open_page(page, server, path)
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    wide = page.evaluate(
        """() => [...document.querySelectorAll(
             '[data-testid="stMainBlockContainer"] [data-testid="stElementContainer"]')]
           .filter(e => !e.closest('[class*="_frame"]'))
           .filter(e => e.getBoundingClientRect().right > 401).map(e => e.className)"""
    )
    assert wide == []


def test_a_click_that_began_before_a_redraw_counts(page, server):
    open_page(page, server, "masked_words")
    chip(page, 1).click()
    box = chip(page, SLOWLY).bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 12)
    page.mouse.down()
    expect_masked(page, {1, RIVER})  # the first click's redraw falls into the second
    page.mouse.up()
    expect_masked(page, {1, SLOWLY, RIVER})
