"""The README and the pages that it leads to: short, and no link into the void."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "bertlab/docs").glob("*.md")]


def sections(text: str) -> dict[str, str]:
    """The parts of a page by their headings."""
    heads = re.split(r"^## (.+)$", text, flags=re.MULTILINE)
    return dict(zip(heads[1::2], heads[2::2], strict=True))


def anchors(text: str) -> set[str]:
    """The places of a page that a link may name."""
    titles = re.findall(r"^#+ (.+)$", text, flags=re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page):
    text = page.read_text(encoding="utf-8")
    for target, anchor in re.findall(r"\]\(([^)#\s]*)#?([^)]*)\)", text):
        if target.startswith("http"):
            continue
        there = (page.parent / target).resolve() if target else page
        assert there.exists(), target
        if anchor:
            assert anchor in anchors(there.read_text(encoding="utf-8")), anchor


def test_the_readme_is_a_front_page_that_names_every_other():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert text.count("\n") <= 150
    for page in PAGES[1:]:
        assert f"({page.relative_to(ROOT).as_posix()})" in text


def test_run_and_test_are_a_line_each():
    parts = sections((ROOT / "README.md").read_text(encoding="utf-8"))
    lines = {"Run": "streamlit run app.py", "Test": "-m pytest -n 2"}
    for name, ends in lines.items():
        (block,) = re.findall(r"^```\n(.*?)^```", parts[name], flags=re.MULTILINE | re.DOTALL)
        assert block.count("\n") == 1
        assert block.strip().endswith(ends)
