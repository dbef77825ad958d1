"""A finished run in pictures: the confusion matrix, the mistakes, the classes."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from bertlab.datasets import MULTI_LABEL, SINGLE_LABEL, LeftOut
from bertlab.datasets.labels.label_sets import split_labels
from bertlab.runs import PredictedRow
from bertlab.views.shared.contrast import cell_texts
from bertlab.views.shared.heatmap import attention_scale
from bertlab.views.shared.palette import Palette, Theme, palette_of
from bertlab.views.shared.plotly_text import escape

NAMED = 12  # labels on each side whose names and counts are written out
LABEL_LENGTH = 23  # characters of a label on an axis; hovering shows it whole


def short_label(label: str) -> str:
    """Cut the middle out of a label that would push the figure aside; paths differ at the end.

    >>> short_label("/home/student/data/train/positive.txt")
    '/home/stude…ositive.txt'
    """
    if len(label) <= LABEL_LENGTH:
        return label
    head = (LABEL_LENGTH - 1) // 2
    return f"{label[:head]}…{label[head + 1 - LABEL_LENGTH :]}"


def confusion_heatmap(
    matrix: Sequence[Sequence[int]], labels: Sequence[str], *, theme: Theme
) -> go.Figure:
    """True labels down, predicted labels across; each row is coloured by its shares."""
    counts = np.asarray(matrix)  # (true, predicted)
    shares = 100 * counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    names = [escape(label) for label in labels]
    hover = [[f"true {true}, predicted {other}" for other in names] for true in names]
    places = list(range(len(labels)))  # numbers: labels that are cut may look alike
    scale = attention_scale(theme)
    figure = go.Figure(
        go.Heatmap(
            z=shares, x=places, y=places, customdata=counts, zmin=0, zmax=100, xgap=2, ygap=2,
            showscale=False, colorscale=scale, hovertext=hover,
            hovertemplate="%{hovertext}: %{customdata} (%{z:.1f} %)<extra></extra>",
        )
    )  # fmt: skip
    thin_layout(figure, palette_of(theme), 96 + 52 * min(len(labels), NAMED))
    ticks = _ticks(labels)
    figure.update_xaxes(title={"text": "predicted", "standoff": 12}, side="top", **ticks)
    figure.update_yaxes(title={"text": "true", "standoff": 12}, autorange="reversed", **ticks)
    if len(labels) <= NAMED:
        texts = [[str(count) for count in row] for row in counts]
        figure.layout.annotations = cell_texts(shares, texts, scale=scale, top=100, size=16)
    return figure


def describe_confusion(matrix: Sequence[Sequence[int]], labels: Sequence[str]) -> str:
    """The matrix in words: how many of each true class were found."""
    numbered = enumerate(zip(labels, matrix, strict=True))
    rows = [f"{label}: {row[i]} of {sum(row)} right" for i, (label, row) in numbered]
    return "Confusion matrix. " + "; ".join(rows) + "."


def confusion_table(matrix: Sequence[Sequence[int]], labels: Sequence[str]) -> pd.DataFrame:
    """One row a pair of labels: how many texts of the first were taken for the second.

    >>> confusion_table([[8, 2], [1, 9]], ["neg", "pos"])["texts"].tolist()
    [8, 2, 1, 9]
    """
    rows = [
        (true, predicted, count)
        for true, counts in zip(labels, matrix, strict=True)
        for predicted, count in zip(labels, counts, strict=True)
    ]
    return pd.DataFrame(rows, columns=["true", "predicted", "texts"])


def class_bars(counts: Mapping[str, int], palette: Palette) -> go.Figure:
    """How many examples each class has, the largest `NAMED` of them."""
    rows = sorted(counts.items(), key=lambda item: -item[1])[:NAMED]
    figure = go.Figure(
        go.Bar(
            x=[count for _, count in rows],
            y=list(range(len(rows))),
            text=[f"{count:,}" for _, count in rows],
            hovertext=[escape(name) for name, _ in rows],
            orientation="h",
            textposition="outside",
            cliponaxis=False,
            marker_color=palette.query,
            hovertemplate="%{hovertext}: %{x:,}<extra></extra>",
        )
    )
    thin_layout(figure, palette, 36 + 34 * len(rows))
    figure.update_xaxes(visible=False, range=[0, 1.2 * max(count for _, count in rows)])
    names = [name for name, _ in rows]
    figure.update_yaxes(autorange="reversed", ticklabelstandoff=6, **_ticks(names))
    return figure


def describe_classes(counts: Mapping[str, int]) -> str:
    """The bars in words; classes that are not drawn are counted.

    >>> describe_classes({"pos": 7, "neg": 3})
    'Examples per class: pos 7, neg 3.'
    """
    rows = sorted(counts.items(), key=lambda item: -item[1])
    words = ", ".join(f"{name} {count:,}" for name, count in rows[:NAMED])
    more = f", and {len(rows) - NAMED} more classes" if len(rows) > NAMED else ""
    return f"Examples per class: {words}{more}."


def classes_table(counts: Mapping[str, int]) -> pd.DataFrame:
    """One row a class, the largest first, those that are not drawn included."""
    rows = sorted(counts.items(), key=lambda item: -item[1])
    return pd.DataFrame(rows, columns=["class", "examples"])


def mistakes_table(
    predictions: Sequence[PredictedRow], problem_type: str = SINGLE_LABEL
) -> pd.DataFrame:
    """The misclassified rows, the surest mistakes first; probability in per cent.

    The text stands last: it is the only column that may be cut off by a narrow page.
    """
    wrong = [(row, row.probability or 0.0) for row in predictions if row.label != row.predicted]
    wrong.sort(key=lambda pair: -pair[1])
    return pd.DataFrame(
        {
            "row": [row.row for row, _ in wrong],
            "true": [shown_answer(row.label, problem_type) for row, _ in wrong],
            "predicted": [shown_answer(row.predicted, problem_type) for row, _ in wrong],
            "sure (%)": [round(100 * sure, 1) for _, sure in wrong],
            "text": [printable(row) for row, _ in wrong],
        }
    )


def printable(row: PredictedRow) -> str:
    """Both texts of a row; half a character pair, as some programs write, cannot be drawn."""
    text = row.text if not row.pair else f"{row.text} / {row.pair}"
    return text.encode("utf-8", "replace").decode("utf-8")


def shown_answer(label: str, problem_type: str) -> str:
    """Write an answer for people: of several labels "art|food" is "art, food", and "" is "none"."""
    if problem_type != MULTI_LABEL:
        return label
    return ", ".join(split_labels(label)) or "none"


def label_table(figures: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """For each label of a set how often it is right, named and found; shares in per cent.

    Args:
        figures: "per_label" of a run's test figures.
    """
    table = pd.DataFrame(figures)
    for name in ("precision", "recall", "f1"):
        table[name] = (100 * table[name].astype(float)).round(1)
    titles = {"examples": "texts", "f1": "F1 (%)", "precision": "prec. (%)", "recall": "rec. (%)"}
    shown = ["label", "f1", "precision", "recall", "examples", "named", "found"]
    return table[shown].sort_values("examples", ascending=False).rename(columns=titles)


def left_out_table(left_out: Sequence[LeftOut]) -> pd.DataFrame:
    """Every row that was left out, with its number and reason."""
    return pd.DataFrame(
        {
            "row": [entry.row for entry in left_out],
            "rows": [entry.count for entry in left_out],
            "reason": [entry.reason for entry in left_out],
            "excerpt": [entry.excerpt for entry in left_out],
        }
    )


def _ticks(labels: Sequence[str]) -> dict[str, Any]:
    """Name the places 0, 1, 2 ... of an axis; a label is text, whatever it looks like."""
    return {
        "tickvals": list(range(len(labels))),
        "ticktext": [escape(short_label(label)) for label in labels],
    }


def thin_layout(figure: go.Figure, palette: Palette, height: int) -> None:
    """Give a figure its height and the page's colours and letters: no frame, no grid, no zoom."""
    figure.update_layout(
        height=height,
        margin={"l": 0, "r": 8, "t": 8, "b": 8},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"color": palette.text, "size": 14, "family": "Source Sans, sans-serif"},
    )
    figure.update_xaxes(fixedrange=True, automargin=True, showgrid=False, zeroline=False)
    figure.update_yaxes(fixedrange=True, automargin=True, showgrid=False, zeroline=False)
