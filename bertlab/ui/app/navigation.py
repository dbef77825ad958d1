"""The lessons in teaching order, as Streamlit pages."""

from dataclasses import dataclass

import streamlit as st

from bertlab.app_folder import PAGES


@dataclass(frozen=True)
class Lesson:
    """A page: its name, its icon, and what one does there, in a line."""

    title: str
    icon: str
    line: str


LESSONS = {  # by the name of the file
    "tokenization": Lesson(
        "Tokenization", ":material/content_cut:", "Words become pieces, pieces become numbers."
    ),
    "vocabularies": Lesson(
        "Vocabularies",
        ":material/menu_book:",
        "Look through the pieces, learn your own, merge by merge, and cut one text five ways.",
    ),
    "masked_words": Lesson(
        "Masked words",
        ":material/psychology_alt:",
        "Hide a word, and BERT guesses it from both sides.",
    ),
    "next_sentence": Lesson(
        "Next sentence",
        ":material/swap_horiz:",
        "Does B follow A? Swap them, change a word, draw a stranger.",
    ),
    "token_path": Lesson(
        "The path of a token",
        ":material/route:",
        "From the text to the answer, every block opened to its numbers.",
    ),
    "attention": Lesson("Attention", ":material/hub:", "Who looks at whom, head by head."),
    "attention_cell": Lesson(
        "One attention cell",
        ":material/grid_on:",
        "One weight worked out: q, k, products, scale, softmax, values.",
    ),
    "heads": Lesson(
        "What heads do",
        ":material/groups:",
        "Two hundred sentences, a baseline and a twin that has learned nothing.",
    ),
    "ablation": Lesson(
        "Turn heads off",
        ":material/toggle_off:",
        "Take heads out and read what becomes of the answer.",
    ),
    "layers": Lesson(
        "Layer by layer",
        ":material/layers:",
        "What would BERT have said after each layer? Watch a word's rank.",
    ),
    "embeddings": Lesson(
        "Embeddings",
        ":material/scatter_plot:",
        "One word, many sentences: do its meanings part, and in which layer?",
    ),
    "pretraining": Lesson(
        "Pre-training",
        ":material/model_training:",
        "Where it all comes from: guess what was hidden, from nothing.",
    ),
    "fine_tuning": Lesson(
        "Fine-tuning",
        ":material/tune:",
        "Teach it your own labels from a CSV and watch the loss fall.",
    ),
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


def help_page() -> st.Page:
    """The page at /help."""
    return st.Page(PAGES / "help.py", title="Help", icon=":material/help:", url_path="help")


def lesson_page(name: str) -> st.Page:
    """A lesson's page: `lesson_page("attention")` lies at /attention."""
    lesson = LESSONS[name]
    path = PAGES / f"{name}.py"
    return st.Page(path, title=lesson.title, icon=lesson.icon, url_path=name)
