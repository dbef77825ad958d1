"""What the checks found in a table: the classes, the warnings, every row left out."""

from collections.abc import Sequence

import streamlit as st

from bertlab.datasets import MULTI_LABEL, REGRESSION, Examples
from bertlab.datasets.duplicates.near import warn_of_near
from bertlab.datasets.labels.checks import UNEQUAL
from bertlab.tokenization.encoding import encode
from bertlab.ui.figures.charts import plot
from bertlab.ui.figures.token_strip import token_strip
from bertlab.ui.state import caches, url_state
from bertlab.ui.state.guards import explained, plain
from bertlab.ui.state.theme import palette
from bertlab.ui.training.row_report import find_rows, report_rows
from bertlab.views.fine_tuning.regression import describe_numbers, histogram_table, number_histogram
from bertlab.views.fine_tuning.results import NAMED, class_bars, classes_table, describe_classes

LOOKED_AT, CHARACTERS = 300, 500  # cut in a few hundredths of a second, at every rerun
LONGEST_WARNING = 400  # characters; a class may be called anything


def looked_at(texts: Sequence[str]) -> list[str]:
    """Some texts from all over the table, cut short: enough to tell whether a model knows them.

    Of 2,000 texts every sixth: 334.
    """
    return [text[:CHARACTERS] for text in texts[:: max(1, len(texts) // LOOKED_AT)]]


def report(examples: Examples) -> None:
    """Draw the class counts beside the warnings, and below them the rows they are about."""
    findings = find_rows(examples)
    left, right = st.columns(2, gap="large")
    with left:
        _classes(examples)
    with right:
        _warnings(examples)
    report_rows(examples, findings)


def first_example(model: str, examples: Examples) -> None:
    """Draw the first example as the model reads it: what it learns from is tokens, not words."""
    pair = examples.pairs[0] if examples.pairs else None
    words = caches.tokenizer(model)
    with explained():
        most = caches.longest_input(model)
        encoded = encode(words, examples.texts[0], pair, max_length=most)
    label = plain(examples.shown_label(0)[:60])
    st.caption(f"Row {examples.rows[0]:,} as the model reads it, labelled “{label}”")
    token_strip(encoded, key="finetune_strip", unknown_token=str(words.unk_token))


def _classes(examples: Examples) -> None:
    if examples.problem_type == REGRESSION:
        _numbers(examples)
        return
    counts = examples.counts()
    more = f"; the {NAMED} largest are shown" if len(counts) > NAMED else ""
    st.markdown(f"**{len(examples):,} examples in {len(counts)} {_kind(examples)}**{more}")
    plot(
        class_bars(counts, palette()),
        key="finetune_classes",
        alt=describe_classes(counts),
        table=lambda: classes_table(counts),
    )


def _kind(examples: Examples) -> str:
    """A text may have several labels, but is in one class."""
    return "labels" if examples.problem_type == MULTI_LABEL else "classes"


def _numbers(examples: Examples) -> None:
    numbers, name = examples.numbers(), examples.label_names[0]
    words = describe_numbers(numbers, name=name)
    st.markdown(f"**{len(examples):,} examples with a number**: {plain(words)}")
    figure = number_histogram(numbers, palette(), name=name)
    plot(figure, key="finetune_classes", alt=words, table=lambda: histogram_table(numbers))


def _warnings(examples: Examples) -> None:
    warnings = [*examples.warnings, *warn_of_near(examples)]
    if not warnings:
        where = "In the rows that are used the" if examples.left_out else "Every row is used; the"
        st.success(f"{where} checks found nothing odd.", icon=":material/check:")
        return
    lines = "\n".join(f"- {plain(_cut(warning))}" for warning in warnings)
    st.warning(lines, icon=":material/warning:")
    if any(warning.startswith(UNEQUAL) for warning in warnings):
        _offer_class_weights()


def _offer_class_weights() -> None:
    """One click for the setting that answers unequal classes; another takes it back."""
    is_on = url_state.flag("weights", False)
    st.button(
        "The classes count alike" if is_on else "Count the classes alike",
        icon=":material/check:" if is_on else ":material/balance:",
        help="A mistake costs more the rarer its class is. The switch is Class weights, under More "
        "settings; another click takes it back.",
        key="finetune_alike",
        on_click=_turn,
        args=("weights",),
    )


def _turn(key: str) -> None:
    st.session_state[key] = not st.session_state[key]


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_WARNING else text[: LONGEST_WARNING - 1] + "…"
