"""Fine-tuning, second part: how much of a text is read, and which part of it."""

from functools import partial

import streamlit as st

from bertlab.datasets import Examples
from bertlab.finetuning.planning.lengths import Lengths, measure_lengths
from bertlab.runs.settings import TRUNCATIONS
from bertlab.ui.figures.charts import plot
from bertlab.ui.state import caches, url_state
from bertlab.ui.state.object_cache import kept_with
from bertlab.ui.state.theme import palette
from bertlab.views.fine_tuning.lengths import (
    describe_lengths,
    describe_windows,
    histogram_table,
    length_histogram,
)

TITLES = {
    "head": "its beginning",
    "tail": "its end",
    "head+tail": "both: ¼ beginning, ¾ end",
    "windows": "windows, one by one",
}
MANY = 0.05  # share of texts that are cut, from which on the page warns


def choose_truncation() -> str:
    """Draw the choice of what remains of a text that is too long."""
    chosen = st.segmented_control(
        "Of a text that is too long the model reads", list(TRUNCATIONS),
        format_func=TITLES.__getitem__, required=True,
        help="Reviews often say what they think at the end; head and tail together did best on "
        "long ones (Sun et al. 2019). Windows share a quarter with the one before; each is learned "
        "from with its text's label, and a text's answer is the mean of its windows' answers. That "
        "takes longer, and suits texts that say the same all along.",
        **url_state.option_state("truncation", list(TRUNCATIONS), "head"),
    )  # fmt: skip
    return str(chosen)


def draw_lengths(model: str, examples: Examples, max_length: int, truncation: str) -> None:
    """Draw the histogram of the texts' lengths with what is cut, or made windows of."""
    lengths = lengths_of(model, examples)
    words = describe_lengths(lengths, max_length)
    if truncation == "windows":
        words = describe_windows(lengths, max_length)
    figure = length_histogram(lengths, palette(), max_length=max_length)
    table = partial(histogram_table, lengths, max_length=max_length)
    plot(figure, key="finetune_lengths", alt=words, table=table)
    st.markdown(words)


def warn_of_cutting(model: str, examples: Examples, max_length: int, truncation: str) -> None:
    """Warn where many texts are cut."""
    lengths = lengths_of(model, examples)
    if truncation == "windows":
        if lengths.beyond_windows(max_length) > MANY * len(lengths.counts):
            st.warning(describe_windows(lengths, max_length), icon=":material/content_cut:")
    elif lengths.longer_than(max_length) > MANY * len(lengths.counts):
        st.warning(
            f"{describe_lengths(lengths, max_length)} Change “Longest text”, or which part is "
            "read, under More settings.",
            icon=":material/content_cut:",
        )


def lengths_of(model: str, examples: Examples) -> Lengths:
    """Count the tokens, once for each model and examples."""
    return kept_with(
        examples, ("lengths", model), lambda: measure_lengths(caches.tokenizer(model), examples)
    )
