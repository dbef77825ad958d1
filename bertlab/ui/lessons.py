"""The lessons in teaching order, as Streamlit pages."""

from pathlib import Path

import streamlit as st

PAGES = Path(__file__).parents[2] / "pages"

# file name: title, icon
LESSONS = {
    "tokenization": ("Tokenization", ":material/content_cut:"),
    "masked_words": ("Masked words", ":material/psychology_alt:"),
    "attention": ("Attention", ":material/hub:"),
    "pretraining": ("Pre-training", ":material/model_training:"),
    "fine_tuning": ("Fine-tuning", ":material/tune:"),
}


def home_page() -> st.Page:
    """The page at the bare address."""
    return st.Page(PAGES / "home.py", title="BertLab", icon=":material/home:", default=True)


def lesson_page(name: str) -> st.Page:
    """A lesson's page: `lesson_page("attention")` lies at /attention."""
    title, icon = LESSONS[name]
    return st.Page(PAGES / f"{name}.py", title=title, icon=icon, url_path=name)
