"""What a suggestion changes comes into sight, marked, with the keyboard; terms can be read."""

import pytest
from playwright.sync_api import Page
from serving import Server, settled

LOOK = """() => {
  const part = document.querySelector('[data-changed]'), box = part.getBoundingClientRect();
  return { has: part.matches(KEY) || !!part.querySelector(KEY), top: box.top, height: innerHeight,
           focused: document.activeElement === part,
           marks: part.getAnimations()
             .map(one => one.effect.getKeyframes().map(k => k.boxShadow)) };
}"""


def take(page: Page, server: Server, path: str, label: str) -> float:
    """Take up a suggestion with the keyboard; say how far down the page it was."""
    page.goto(f"{server.url}/{path}")
    button = settled(page).get_by_role("button", name=label)
    button.focus()
    before = page.evaluate("document.querySelector('[data-testid=stMain]').scrollTop")
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-changed]")
    return before


@pytest.mark.parametrize(
    ("path", "label", "key"),
    [
        ("attention", "Where do the weights go to rest?", "attention_map"),
        ("ablation", "Zeros, or the mean?", "ablation_switches"),
        ("pretraining", "Hide half of it", "game_rows"),
        ("next_sentence", "One sentence on a side", "next_kinds_frame"),
    ],
)
def test_what_a_suggestion_changes_comes_into_sight(page, server, path, label, key):
    page.emulate_media(reduced_motion="reduce")
    before = take(page, server, path, label)
    assert before > 500
    seen = page.evaluate(LOOK.replace("KEY", f"'.st-key-{key}'"))
    assert seen["has"]
    assert seen["focused"]
    (mark,) = seen["marks"]
    assert mark[0] == mark[-1], "it does not move for whom motion troubles"
    assert mark[0] != "none"
    page.wait_for_function(
        "() => { const top = document.querySelector('[data-changed]').getBoundingClientRect().top;"
        " return top >= 0 && top < innerHeight / 2; }"
    )


def test_a_glossary_term_can_be_read(themed, server):
    """The tip's ink on its ground: WCAG's contrast of 4.5."""
    themed.goto(f"{server.url}/attention")
    term, ground = settled(themed).locator(".bl-term").first, "rgba(0, 0, 0, 0)"
    while ground == "rgba(0, 0, 0, 0)":  # what is drawn meanwhile may move it from the pointer
        term.hover()
        ground = term.evaluate("e => getComputedStyle(e, '::after').backgroundColor")
    ratio = themed.evaluate(
        """() => {
          const style = getComputedStyle(document.querySelector('.bl-term'), '::after');
          const light = colour => {
            const [r, g, b, a = 1] = colour.match(/[\\d.]+/g).map(Number);
            if (a < 1) throw Error(`not opaque: ${colour}`);
            const parts = [r, g, b].map(v => v / 255)
              .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
            return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
          };
          const two = [light(style.color), light(style.backgroundColor)].sort((x, y) => y - x);
          return (two[0] + 0.05) / (two[1] + 0.05);
        }"""
    )
    assert ratio >= 4.5
