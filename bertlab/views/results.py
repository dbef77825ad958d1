"""A finished run in pictures: the confusion matrix, the mistakes, the classes."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from bertlab.datasets import LeftOut, escape_for_spreadsheet
from bertlab.runs import Prediction
from bertlab.views.heatmap import attention_scale, escape
from bertlab.views.palette import Palette, Theme, palette_of

NAMED = 12  # labels on each side whose names and counts are written out


def confusion_heatmap(
    matrix: Sequence[Sequence[int]], labels: Sequence[str], *, theme: Theme
) -> go.Figure:
    """True labels down, predicted labels across; each row is coloured by its shares."""
    counts = np.asarray(matrix)  # (true, predicted)
    shares = 100 * counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    colours = palette_of(theme)
    names = [escape(label) for label in labels]
    figure = go.Figure(
        go.Heatmap(
            z=shares, x=names, y=names, customdata=counts, zmin=0, zmax=100, xgap=2, ygap=2,
            text=counts if len(labels) <= NAMED else None,
            texttemplate="%{text}" if len(labels) <= NAMED else None,
            textfont={"size": 16}, showscale=False, colorscale=attention_scale(theme),
            hovertemplate="true %{y}, predicted %{x}: %{customdata} (%{z:.1f} %)<extra></extra>",
        )
    )  # fmt: skip
    _lay_out(figure, colours, 96 + 52 * min(len(labels), NAMED))
    figure.update_xaxes(title="predicted", side="top", type="category")
    figure.update_yaxes(title="true", autorange="reversed", type="category")
    return figure


def describe_confusion(matrix: Sequence[Sequence[int]], labels: Sequence[str]) -> str:
    """The matrix in words: how many of each true class were found."""
    numbered = enumerate(zip(labels, matrix, strict=True))
    rows = [f"{label}: {row[i]} of {sum(row)} right" for i, (label, row) in numbered]
    return "Confusion matrix. " + "; ".join(rows) + "."


def class_bars(counts: Mapping[str, int], palette: Palette) -> go.Figure:
    """How many examples each class has, the largest `NAMED` of them."""
    rows = sorted(counts.items(), key=lambda item: -item[1])[:NAMED][::-1]
    figure = go.Figure(
        go.Bar(
            x=[count for _, count in rows],
            y=[escape(name) for name, _ in rows],
            text=[f"{count:,}" for _, count in rows],
            orientation="h",
            textposition="outside",
            cliponaxis=False,
            marker_color=palette.query,
            hovertemplate="%{y}: %{x:,}<extra></extra>",
        )
    )
    _lay_out(figure, palette, 36 + 34 * len(rows))
    figure.update_xaxes(visible=False, range=[0, 1.2 * max(count for _, count in rows)])
    figure.update_yaxes(type="category", automargin=True, ticklabelstandoff=6)
    return figure


def mistakes_table(predictions: Sequence[Prediction]) -> pd.DataFrame:
    """The misclassified rows, the surest mistakes first; probability in per cent."""
    wrong = sorted(
        (row for row in predictions if row.label != row.predicted), key=lambda r: -r.probability
    )
    return pd.DataFrame(
        {
            "row": [row.row for row in wrong],
            "text": [row.text if not row.pair else f"{row.text} / {row.pair}" for row in wrong],
            "true": [row.label for row in wrong],
            "predicted": [row.predicted for row in wrong],
            "sure (%)": [round(100 * row.probability, 1) for row in wrong],
        }
    )


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


def to_csv(table: pd.DataFrame) -> bytes:
    """A table for download: UTF-8 with a BOM for Excel, no cell that a spreadsheet would run."""
    safe = table.map(lambda cell: escape_for_spreadsheet(cell) if isinstance(cell, str) else cell)
    return safe.to_csv(index=False).encode("utf-8-sig", "replace")


def _lay_out(figure: go.Figure, palette: Palette, height: int) -> None:
    figure.update_layout(
        height=height,
        margin={"l": 0, "r": 8, "t": 8, "b": 8},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"color": palette.text, "size": 14},
    )
    figure.update_xaxes(fixedrange=True, automargin=True, showgrid=False, zeroline=False)
    figure.update_yaxes(fixedrange=True, automargin=True, showgrid=False, zeroline=False)
