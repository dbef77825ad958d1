"""What the checks found in a table: the classes, the warnings, every row left out."""

from collections.abc import Sequence

import streamlit as st

from bertlab.datasets import MULTI_LABEL, REGRESSION, Examples, count_left_out
from bertlab.inputs import encode
from bertlab.ui import caches
from bertlab.ui.charts import plot
from bertlab.ui.guards import explained, plain
from bertlab.ui.tables import downloadable
from bertlab.ui.theme import palette
from bertlab.ui.token_strip import token_strip
from bertlab.views.numbers import describe_numbers, number_histogram
from bertlab.views.results import NAMED, class_bars, describe_classes, left_out_table

LOOKED_AT, CHARACTERS = 300, 500  # cut in a few hundredths of a second, at every rerun
LONGEST_WARNING = 400  # characters; a class may be called anything


def looked_at(texts: Sequence[str]) -> list[str]:
    """Some texts from all over the table, cut short: enough to tell whether a model knows them.

    Of 2,000 texts every sixth: 334.
    """
    return [text[:CHARACTERS] for text in texts[:: max(1, len(texts) // LOOKED_AT)]]


def report(examples: Examples) -> None:
    """Draw the class counts beside the findings."""
    left, right = st.columns(2, gap="large")
    with left:
        _classes(examples)
    with right:
        missing = count_left_out(examples.left_out)
        if not missing and not examples.warnings:
            st.success("Every row is used; the checks found nothing odd.", icon=":material/check:")
        if missing:
            _left_out(examples, missing)
        if examples.warnings:
            lines = "\n".join(f"- {plain(_cut(warning))}" for warning in examples.warnings)
            st.warning(lines, icon=":material/warning:")


def first_example(model: str, examples: Examples) -> None:
    """Draw the first example as the model reads it: what it learns from is tokens, not words."""
    pair = examples.pairs[0] if examples.pairs else None
    words = caches.tokenizer(model)
    with explained():
        most = caches.longest_input(model)
        encoded = encode(words, examples.texts[0], pair, max_length=most)
    label = plain(examples.labels[0][:60])
    st.caption(f"Row {examples.rows[0]:,} as the model reads it, labelled “{label}”")
    token_strip(encoded, key="finetune_strip", unknown_token=str(words.unk_token))


def _classes(examples: Examples) -> None:
    if examples.problem_type == REGRESSION:
        _numbers(examples)
        return
    counts = examples.counts()
    more = f"; the {NAMED} largest are shown" if len(counts) > NAMED else ""
    st.markdown(f"**{len(examples):,} examples in {len(counts)} {_kind(examples)}**{more}")
    plot(class_bars(counts, palette()), key="finetune_classes", alt=describe_classes(counts))


def _kind(examples: Examples) -> str:
    """A text may have several labels, but is in one class."""
    return "labels" if examples.problem_type == MULTI_LABEL else "classes"


def _numbers(examples: Examples) -> None:
    numbers, name = examples.numbers(), examples.label_names[0]
    words = describe_numbers(numbers, name=name)
    st.markdown(f"**{len(examples):,} examples with a number**: {plain(words)}")
    plot(number_histogram(numbers, palette(), name=name), key="finetune_classes", alt=words)


def _left_out(examples: Examples, missing: int) -> None:
    rows = "1 row is" if missing == 1 else f"{missing:,} rows are"
    with st.expander(f"{rows} left out: each with its reason", icon=":material/playlist_remove:"):
        table = left_out_table(examples.left_out)
        downloadable(table, label="Download this list", file_name="left_out.csv")


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_WARNING else text[: LONGEST_WARNING - 1] + "…"
