"""Files as people save them, uploaded in a real browser; labels edited in the page's own table."""

import io
import json

import openpyxl
import pytest
from playwright.sync_api import Locator, Page, expect
from serving import settled
from tuning import upload

HEADER = ("评论内容", "情感标签")
ROWS = [(f"{('房间', '菜', '电影')[n % 3]}{('很好', '太差了')[n % 2]} {n}", "正负"[n % 2] + "面")
        for n in range(60)]  # fmt: skip
TRADITIONAL = [
    ("這家飯店的服務很好，下次還會來", "正面"),
    ("等了一個小時，東西還沒有送來", "負面"),
] * 30
FRENCH = [("Très bien, même à Noël", "positif"), ("Déçu, ça n'a pas marché", "négatif")] * 30


def csv(rows=ROWS, header=HEADER, sign=",") -> str:
    numbered = [(f"{text} {n}", label) for n, (text, label) in enumerate(rows)]
    return "\n".join(sign.join(f'"{cell}"' for cell in row) for row in (header, *numbered))


def workbook() -> bytes:
    book = openpyxl.Workbook()
    for row in (HEADER, *ROWS):
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def json_lines() -> bytes:
    lines = (json.dumps(dict(zip(HEADER, row, strict=True)), ensure_ascii=False) for row in ROWS)
    return "\n".join(lines).encode()


TAIWAN = csv(TRADITIONAL, ("評論內容", "情感標籤"))
FRANCE = csv(FRENCH, ("texte", "classe"))
FILES = {
    "utf-8.csv": (csv().encode(), "read as utf-8 with a comma", "房间很好 0 0"),
    "bom.csv": (csv().encode("utf-8-sig"), "read as utf-8-sig with a comma", "房间很好 0 0"),
    "gb18030.csv": (csv(sign=";").encode("gb18030"), "as gb18030 with a semicolon", "房间很好 0"),
    "big5.csv": (TAIWAN.encode("big5"), "read as big5 with a comma", "這家飯店的服務很好"),
    "utf-16.tsv": (csv(sign="\t").encode("utf-16"), "read as utf-16 with a tab", "房间很好 0 0"),
    "latin-1.csv": (FRANCE.encode("latin-1"), "read as latin-1", "Très bien"),
    "excel.xlsx": (workbook(), "read from the sheet “Sheet”", "房间很好 0"),
    "lines.jsonl": (json_lines(), "read as JSON, utf-8", "房间很好 0"),
}
ONE_OF_EACH_WAY = ("gb18030.csv", "excel.xlsx")  # text, whose encoding is found; and a workbook


@pytest.mark.parametrize(
    "name",
    [
        name if name in ONE_OF_EACH_WAY else pytest.param(name, marks=pytest.mark.exhaustive)
        for name in FILES
    ],
)
def test_an_upload_is_read_as_what_it_is(name, server, page):
    data, says, text = FILES[name]
    page.goto(f"{server.url}/fine_tuning")
    settled(page)
    upload(page, data, name)
    expect(page.get_by_text(says)).to_be_visible()
    expect(page.get_by_text("60 examples in 2 classes")).to_be_visible()
    cells = page.locator('[data-testid="data-grid-canvas"] [role="gridcell"]')
    expect(cells.filter(has_text=text).first).to_be_attached()
    expect(page.get_by_role("button", name="Start", exact=True)).to_be_enabled()


def editor(page: Page) -> Locator:
    page.get_by_text("Classes and their numbers").click()
    table = page.locator('[data-testid="stExpander"] [data-testid="stDataFrame"]').first
    table.wait_for()
    before = None
    while (place := table.bounding_box()) != before:  # it opens: its rows are still on their way
        before = place
        page.wait_for_timeout(250)
    return table


def go_to(page: Page, table: Locator, *, row: int, column: int) -> None:
    """Choose a cell as a keyboard does: a click into the row's first one, then to the right."""
    table.click(position={"x": 40, "y": 38 + 35 * row + 17})
    for _ in range(column):
        page.keyboard.press("ArrowRight")


def test_labels_are_renamed_taken_out_and_brought_back(server, page):
    page.goto(f"{server.url}/fine_tuning?data=messy")
    settled(page)
    table = editor(page)
    numbers = page.get_by_text("The model learns numbers")
    expect(numbers).to_have_text(
        "The model learns numbers: 0 = NEGATIVE · 1 = Positive · 2 = negative · 3 = neutral · "
        "4 = positive"
    )
    go_to(page, table, row=0, column=2)
    page.keyboard.press("Enter")
    box = page.locator("textarea.gdg-input")
    box.wait_for()
    box.fill("negative")
    box.press("Enter")
    expect(numbers).to_contain_text("0 = Positive · 1 = negative · 2 = neutral · 3 = positive")
    expect(page.get_by_text("58 examples in 4 classes")).to_be_visible()
    settled(page)
    go_to(page, table, row=3, column=3)
    page.keyboard.press("Space")
    expect(numbers).to_contain_text("0 = Positive · 1 = negative · 2 = positive")
    expect(page.get_by_text("57 examples in 3 classes")).to_be_visible()
    page.get_by_role("button", name="Undo all changes").click()
    expect(page.get_by_text("58 examples in 5 classes")).to_be_visible()


def test_what_was_changed_of_the_labels_outlives_a_look_at_another_lesson(server, page):
    page.goto(f"{server.url}/fine_tuning")
    settled(page)
    upload(page, csv().encode(), "mine.csv")
    expect(page.get_by_text("60 examples in 2 classes")).to_be_visible()
    table = editor(page)
    go_to(page, table, row=0, column=2)
    page.keyboard.press("Enter")
    box = page.locator("textarea.gdg-input")
    box.wait_for()
    box.fill("good")
    box.press("Enter")
    numbers = page.get_by_text("The model learns numbers")
    expect(numbers).to_contain_text("0 = good")
    for _ in range(2):  # the second time from what the first one kept
        page.get_by_role("link", name="Tokenization").first.click()
        page.get_by_role("heading", name="Tokenization").first.wait_for()
        settled(page)
        page.get_by_role("link", name="Fine-tuning").first.click()
        expect(page.get_by_text("60 examples in 2 classes")).to_be_visible()
        settled(page)
        expect(numbers).to_contain_text("0 = good")
    table = editor(page)
    expect(numbers).to_be_visible()
    go_to(page, table, row=1, column=2)  # one more, on top of it
    page.keyboard.press("Enter")
    box.wait_for()
    box.fill("bad")
    box.press("Enter")
    expect(numbers).to_contain_text("0 = bad · 1 = good")
    page.get_by_role("button", name="Undo all changes").click()
    expect(numbers).to_contain_text("0 = 正面 · 1 = 负面")


def test_a_test_file_of_ones_own_takes_the_place_of_a_share(server, page):
    page.goto(f"{server.url}/fine_tuning")
    settled(page)
    upload(page, csv().encode(), "mine.csv")
    expect(page.get_by_text("60 examples in 2 classes")).to_be_visible()
    page.get_by_text("Bring your own validation or test file").click()
    held = csv([(f"新的{text}", label) for text, label in ROWS[:12]]).encode("gb18030")
    page.locator('input[type="file"]').nth(2).set_input_files(
        {"name": "held_out.csv", "mimeType": "text/csv", "buffer": held}
    )
    expect(page.get_by_text("held_out.csv: 12 rows used, read as gb18030")).to_be_visible()
    expect(page.get_by_text("54 examples to learn from, 6 for validation, 12 for the test")
           ).to_be_visible()  # fmt: skip
    page.get_by_role("link", name="Tokenization").first.click()
    page.get_by_role("heading", name="Tokenization").first.wait_for()
    settled(page)
    page.get_by_role("link", name="Fine-tuning").first.click()
    expect(page.get_by_text("12 for the test")).to_be_visible()
    page.get_by_text("More settings").click()
    expect(page.get_by_label("Test", exact=True)).to_have_value("12 rows of held_out.csv")


def test_a_strategy_shows_its_stack_at_once(server, page):
    page.goto(f"{server.url}/fine_tuning?strategy=gradual")
    settled(page)
    stack = page.locator(".fs")
    expect(stack).to_have_attribute("aria-label", "epoch 1: head learn; epoch 2: head, layer 3, "
                                    "layer 2 learn; epoch 3: head, layer 3, layer 2, layer 1, "
                                    "layer 0, embeddings learn.")  # fmt: skip
    page.get_by_text("Top layers", exact=True).click()
    expect(stack.locator(".fs-on")).to_have_count(2)
