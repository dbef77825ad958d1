"""Which lessons there are, and what every page has: identity, model picker, state in the address.

Run by `st.App` from app.py for every page, a deep link as first request included.
"""

from pathlib import Path

import streamlit as st

from bertlab.ui import links, model_picker, style

PAGES = Path(__file__).parents[2] / "pages"
ICON = Path(__file__).parents[1] / "assets" / "icon.svg"


def lessons() -> dict[str, list]:
    """The lessons in teaching order, by section."""
    return {
        "": [_page("home", "BertLab", ":material/home:", is_default=True)],
        "Lessons": [
            _page("tokenization", "Tokenization", ":material/content_cut:"),
            _page("masked_words", "Masked words", ":material/psychology_alt:"),
            _page("attention", "Attention", ":material/hub:"),
            _page("fine_tuning", "Fine-tuning", ":material/tune:"),
        ],
    }


def _page(name: str, title: str, icon: str, *, is_default: bool = False) -> st.Page:
    path = "" if is_default else name
    return st.Page(PAGES / f"{name}.py", title=title, icon=icon, url_path=path, default=is_default)


st.set_page_config(page_title="BertLab", page_icon=str(ICON), layout="wide")
page = st.navigation(lessons(), expanded=True)
links.arrive(page.url_path)
style.apply()
model_picker.draw()
page.run()
