"""The lessons in teaching order, as Streamlit pages."""

from pathlib import Path

import streamlit as st

PAGES = Path(__file__).parents[2] / "pages"

# file name: title, icon
LESSONS = {
    "tokenization": ("Tokenization", ":material/content_cut:"),
    "masked_words": ("Masked words", ":material/psychology_alt:"),
    "attention": ("Attention", ":material/hub:"),
    "token_path": ("The path of a token", ":material/route:"),
    "attention_cell": ("One attention cell", ":material/grid_on:"),
    "heads": ("What heads do", ":material/groups:"),
    "ablation": ("Turn heads off", ":material/toggle_off:"),
    "layers": ("Layer by layer", ":material/layers:"),
    "embeddings": ("Embeddings", ":material/scatter_plot:"),
    "next_sentence": ("Next sentence", ":material/swap_horiz:"),
    "vocabularies": ("Vocabularies", ":material/menu_book:"),
    "pretraining": ("Pre-training", ":material/model_training:"),
    "fine_tuning": ("Fine-tuning", ":material/tune:"),
}


# heading in the sidebar: the lessons below it, in teaching order
CHAPTERS = {
    "From text to answer": ("tokenization", "vocabularies", "masked_words", "next_sentence"),
    "See inside": (
        *("token_path", "attention", "attention_cell", "heads", "ablation"),
        *("layers", "embeddings"),
    ),
    "Make it learn": ("pretraining", "fine_tuning"),
}


def home_page() -> st.Page:
    """The page at the bare address."""
    return st.Page(PAGES / "home.py", title="BertLab", icon=":material/home:", default=True)


def lesson_page(name: str) -> st.Page:
    """A lesson's page: `lesson_page("attention")` lies at /attention."""
    title, icon = LESSONS[name]
    return st.Page(PAGES / f"{name}.py", title=title, icon=icon, url_path=name)
