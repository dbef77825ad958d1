"""Answers for blanks, as bars with numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict

import pandas as pd
import plotly.graph_objects as go

from bertlab.inspection.masked_lm import Blank, Prediction
from bertlab.inspection.minimal_pairs import ComparedAnswer
from bertlab.views.shared.palette import Palette, Theme, palette_of
from bertlab.views.shared.plotly_text import escape

ROW = 30  # pixels for one bar, so that labels never touch


def prediction_bars(
    blank: Blank,
    palette: Palette,
    *,
    title: str,
    guess: Prediction | None = None,
    top: float | None = None,
) -> go.Figure:
    """The most probable answers for one blank; the hidden word is green, a guess orange.

    Pictures that are to be compared need the same `top`: the probability that the scale ends with.
    """
    rows = [*blank.predictions]
    known = {row.token_id for row in rows}
    for extra in (blank.original, guess):
        if extra and extra.token_id not in known:
            rows.append(extra)
            known.add(extra.token_id)
    rows = rows[::-1]  # the first bar stands lowest
    figure = go.Figure(
        go.Bar(
            x=[row.probability for row in rows],
            y=[f"{row.rank:,}. {escape(row.token)}" for row in rows],
            orientation="h",
            marker_color=[_colour(row, blank, guess, palette) for row in rows],
            text=[f"{row.probability:.1%}" for row in rows],
            textposition="outside",
            cliponaxis=False,
            customdata=[row.token_id for row in rows],
            hovertemplate="%{y}: %{x:.2%}, id %{customdata}<extra></extra>",
        )
    )
    return _finish(figure, palette, title, len(rows), top or rows[-1].probability)


def _colour(row: Prediction, blank: Blank, guess: Prediction | None, palette: Palette) -> str:
    if blank.original and row.token_id == blank.original.token_id:
        return palette.value
    return palette.key if guess and row.token_id == guess.token_id else palette.query


def compared_bars(
    answers: Sequence[ComparedAnswer], palette: Palette, *, names: tuple[str, str], title: str
) -> go.Figure:
    """Both sentences' answers in one picture, on one scale."""
    tokens = [escape(answer.token) for answer in answers][::-1]
    series = (
        (names[1], [answer.second for answer in answers][::-1], palette.segment_b),
        (names[0], [answer.first for answer in answers][::-1], palette.query),
    )
    figure = go.Figure(
        [
            go.Bar(
                name=escape(name),
                x=values,
                y=tokens,
                orientation="h",
                marker_color=colour,
                text=[f"{value:.1%}" for value in values],
                textposition="outside",
                cliponaxis=False,
                hovertemplate="%{y}: %{x:.2%}<extra></extra>",
            )
            for name, values, colour in series
        ]
    )
    figure.update_layout(
        barmode="group",
        legend={"orientation": "h", "traceorder": "reversed", "y": -0.08, "yanchor": "top"},
    )
    top = max(max(answer.first, answer.second) for answer in answers)
    return _finish(figure, palette, title, 2 * len(tokens) + 1, top)


def answers_table(blank: Blank) -> pd.DataFrame:
    """The bars' numbers: one row an answer, the hidden word last where it is not among the best."""
    rows = [*blank.predictions]
    if blank.original and blank.original not in rows:
        rows.append(blank.original)
    return pd.DataFrame([asdict(row) for row in rows])


def describe_bars(blank: Blank) -> str:
    """The same in words, for a screen reader."""
    answers = ", ".join(f"{p.token} {p.probability:.1%}" for p in blank.predictions)
    return f"Answers for position {blank.position}: {answers}."


def describe_comparison(answers: Sequence[ComparedAnswer]) -> str:
    """The comparison in words, for a screen reader."""
    rows = ", ".join(f"{a.token} {a.first:.1%} and {a.second:.1%}" for a in answers)
    return f"Probabilities in the first and the second sentence: {rows}."


def _finish(figure: go.Figure, palette: Palette, title: str, rows: int, top: float) -> go.Figure:
    figure.update_layout(  # in one go: each update costs Plotly about 5 ms
        title={"text": escape(title), "font": {"size": 15}, "x": 0, "xanchor": "left"},
        height=ROW * rows + 70,
        margin={"l": 0, "r": 10, "t": 44, "b": 8},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"color": palette.text, "size": 14, "family": "Source Sans, sans-serif"},
        bargap=0.25,
        xaxis={"visible": False, "range": [0, min(1.18, top * 1.3)], "fixedrange": True},
        yaxis={
            **{"type": "category", "fixedrange": True, "automargin": True},
            "ticklabelstandoff": 6,
            "tickfont": {"family": "Source Code Pro, monospace", "size": 14},
        },
    )
    return figure


def answer_table(answer: Mapping[str, float]) -> pd.DataFrame:
    """A fine-tuned model's answer to one text: a row for each label, or for the number.

    >>> answer_table({"neg": 0.25, "pos": 0.75}).values.tolist()
    [['pos', 0.75], ['neg', 0.25]]
    """
    rows = sorted(answer.items(), key=lambda item: -item[1])
    return pd.DataFrame(rows, columns=["label", "value"])


def number_line(
    number: float, theme: Theme, *, name: str, low: float, high: float
) -> tuple[go.Figure, str]:
    """A predicted number between the lowest and the highest one learned from; and in words."""
    palette = palette_of(theme)
    ends = [min(low, number), max(high, number)]
    figure = go.Figure(
        [
            go.Scatter(x=[low, high], y=[0, 0], mode="lines+markers", hoverinfo="x",
                       line={"color": palette.muted, "width": 3},
                       marker={"symbol": "line-ns-open", "size": 14, "color": palette.muted}),
            go.Scatter(x=[number], y=[0], mode="markers+text", text=[f"{number:.6g}"],
                       textposition="top center", marker={"size": 15, "color": palette.query},
                       hovertemplate="%{x:.6g}<extra></extra>"),
        ]
    )  # fmt: skip
    words = f"{name}: {number:.6g}, on the scale from {low:.4g} to {high:.4g} of the training part"
    _finish(figure, palette, f"{name}: {number:.6g}", 3, 1.0)
    room = 0.08 * (ends[1] - ends[0] or 1.0)
    figure.update_layout(showlegend=False, margin={"b": 34})
    figure.update_xaxes(visible=True, range=[ends[0] - room, ends[1] + room], showgrid=False)
    figure.update_yaxes(visible=False, range=[-1, 1.6], type="linear")
    return figure, words


def label_bars(probabilities: Mapping[str, float], theme: Theme) -> tuple[go.Figure, str]:
    """A classifier's answer to one text, the most probable labels first; and the same in words."""
    palette = palette_of(theme)
    rows = sorted(probabilities.items(), key=lambda item: -item[1])[:10]
    words = ", ".join(f"{label} {share:.1%}" for label, share in rows)
    shown = rows[::-1]  # the first bar stands lowest
    figure = go.Figure(
        go.Bar(
            x=[share for _, share in shown],
            y=[escape(label) for label, _ in shown],
            orientation="h",
            marker_color=palette.query,
            text=[f"{share:.1%}" for _, share in shown],
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{y}: %{x:.2%}<extra></extra>",
        )
    )
    title = f"{rows[0][0]} {rows[0][1]:.1%}"
    return _finish(figure, palette, title, len(rows), 1.0), words
