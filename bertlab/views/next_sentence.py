"""A pair's probability beside what became of it, and the answers to many pairs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from bertlab.inspection.next_sentence import Question
from bertlab.inspection.pair_experiment import PASSES, KindResult
from bertlab.views.shared.heatmap import UNUSED_BUTTONS
from bertlab.views.shared.palette import Palette, Theme, palette_of
from bertlab.views.shared.plotly_text import escape
from bertlab.views.shared.shortening import fit, fitting

BINS = 20  # of 5 per cent each
LABEL_COLUMNS = 46  # of one line on a telephone; a Chinese character takes two
WRAPPED = 60  # columns of a line in a hover box
ROW, BAR_SHARE = 92, 0.26  # pixels of a row, and how much of it the bar takes
LINES = 2  # of a sentence above its bar
KIND_NAMES = {
    "follows": "B follows A",
    "swapped": "The two swapped",
    "story": "B from another story",
    "topic": "B of another kind of text",
}
YES: dict[Question, str] = {
    "next sentence": "“B follows A”",
    "sentence order": "“A and B are in order”",
}


@dataclass(frozen=True)
class PairAnswer:
    """One pair and the head's answer.

    Attributes:
        name: What was done to the pair: "As typed".
        kind: Whose colour it has: a `Kind`, or "word".
        detail: What is new, as one line of plain text.
        first, second: The pair itself.
        probability: Of "yes", in 0..1.
    """

    name: str
    kind: str
    detail: str
    first: str
    second: str
    probability: float


def kind_colour(kind: str, palette: Palette) -> str:
    """The colour of one kind of pair in all pictures of the lesson."""
    return {
        "follows": palette.query,
        "swapped": palette.segment_b,
        "story": palette.key,
        "word": palette.value,
    }.get(kind, palette.muted)


def answer_bars(answers: Sequence[PairAnswer], theme: Theme, *, question: Question) -> go.Figure:
    """One bar from 0 to 100 % for each pair, all on one scale; at 50 % the pair passes."""
    palette = palette_of(theme)
    rows = list(range(len(answers)))
    hover = [_hover(answer) for answer in answers]
    track = go.Bar(
        x=[100.0] * len(rows), y=rows, orientation="h", marker_color=palette.grid,
        hoverinfo="skip", width=BAR_SHARE, opacity=0.55,
    )  # fmt: skip
    bars = go.Bar(
        x=[100 * answer.probability for answer in answers], y=rows, orientation="h",
        marker_color=[kind_colour(answer.kind, palette) for answer in answers],
        width=BAR_SHARE, customdata=hover,
        hovertemplate="%{x:.1f} %<br>%{customdata}<extra></extra>",
    )  # fmt: skip
    best = answers[0]
    layout = {
        **_layout(palette, height=ROW * len(rows) + 110),
        "barmode": "overlay",
        "title": _title(f"{best.name}: {YES[question]} {best.probability:.1%}", palette),
        "xaxis": _per_cent_axis(palette),
        "yaxis": {"visible": False, "range": [len(rows) - 0.8, -0.85], "fixedrange": True},
        "shapes": [_passing(palette, i - 0.2, i + 0.2, "y") for i in rows],
        "annotations": [
            note for i, answer in enumerate(answers) for note in _labels(i, answer, palette)
        ],
    }
    return go.Figure([track, bars], layout)


def _labels(row: int, answer: PairAnswer, palette: Palette) -> list[dict[str, Any]]:
    """The name and the new text above a bar, and its number at the right end."""
    lines = wrap(answer.detail, LABEL_COLUMNS, LINES)
    text = "<br>".join([f"<b>{escape(answer.name)}</b>", *map(escape, lines)])
    common = {"showarrow": False, "yanchor": "bottom", "y": row - BAR_SHARE / 2 - 0.03}
    size = {"size": 14, "color": palette.text}
    number = f"<b>{answer.probability:.1%}</b>"
    return [
        {**common, "x": 0, "xanchor": "left", "align": "left", "text": text, "font": size},
        {**common, "x": 100, "xanchor": "right", "text": number, "font": {**size, "size": 17}},
    ]


def describe_answers(answers: Sequence[PairAnswer], *, question: Question) -> str:
    """The bars in words, for a screen reader."""
    told = "; ".join(f"{a.name}: {a.probability:.1%} ({a.first} / {a.second})" for a in answers)
    return f"How sure the head is of {YES[question]}. {told}."


def answers_table(answers: Sequence[PairAnswer]) -> pd.DataFrame:
    """The bars as a table: a row for each pair."""
    return pd.DataFrame(
        {
            "what": [answer.name for answer in answers],
            "A": [answer.first for answer in answers],
            "B": [answer.second for answer in answers],
            "probability": [answer.probability for answer in answers],
        }
    )


def kind_histograms(results: Sequence[KindResult], theme: Theme) -> go.Figure:
    """How the answers to many pairs are spread: a row of bars for each kind, on one scale."""
    palette = palette_of(theme)
    top = max(int(bin_counts(result).max()) for result in results)
    step = 1 / len(results)
    figure: dict[str, Any] = {}
    traces, notes = [], []
    for i, result in enumerate(results):
        name = f"yaxis{i + 1 if i else ''}"
        low = 1 - (i + 1) * step
        figure[name] = {
            **{"domain": [low, low + 0.62 * step], "range": [0, 1.02 * top], "fixedrange": True},
            **{"showgrid": False, "showticklabels": False, "zeroline": True},
            "zerolinecolor": palette.muted,
        }
        traces.append(_histogram(result, i, palette))
        notes.append(_kind_label(result, low + 0.63 * step, palette))
    figure["xaxis"] = {**_per_cent_axis(palette), "anchor": f"y{len(results)}"}
    axes = ["y", *(f"y{i + 1}" for i in range(1, len(results)))]
    figure["shapes"] = [_passing(palette, 0, 1, f"{axis} domain") for axis in axes]
    figure["annotations"] = notes
    layout = {**_layout(palette, height=108 * len(results) + 60), "bargap": 0.08}
    return go.Figure(traces, {**layout, **figure, "margin": {"l": 14, "r": 20, "t": 10, "b": 48}})


def _histogram(result: KindResult, row: int, palette: Palette) -> go.Bar:
    counts = bin_counts(result)
    width = 100 / BINS
    starts = [width * i for i in range(BINS)]
    return go.Bar(
        x=[start + width / 2 for start in starts],
        y=counts,
        width=width,
        xaxis="x",
        yaxis="y" if row == 0 else f"y{row + 1}",
        marker={
            "color": kind_colour(result.kind, palette),
            "opacity": [1.0 if start >= 100 * PASSES else 0.5 for start in starts],
        },
        customdata=[f"{start:.0f} to {start + width:.0f} %" for start in starts],
        hovertemplate=f"{KIND_NAMES[result.kind]}, %{{customdata}}: %{{y}} pairs<extra></extra>",
    )


def _kind_label(result: KindResult, y: float, palette: Palette) -> dict[str, Any]:
    text = (
        f"<b>{KIND_NAMES[result.kind]}</b>: {result.passed} of {len(result.pairs)} pass, "
        f"mean {result.mean:.1%}"
    )
    return {
        **{"text": text, "x": 0, "xanchor": "left", "y": y, "yref": "paper", "yanchor": "bottom"},
        **{"showarrow": False, "font": {"size": 14, "color": palette.text}},
    }


def bin_counts(result: KindResult) -> np.ndarray:
    """Count the answers in steps of 5 %: int64 (BINS,); 100 % belongs to the last step."""
    counts, _ = np.histogram(result.probabilities, bins=BINS, range=(0.0, 1.0))
    return counts


def describe_kinds(results: Sequence[KindResult]) -> str:
    """The histograms in words, for a screen reader."""
    told = "; ".join(
        f"{KIND_NAMES[r.kind]}: {r.passed} of {len(r.pairs)} pass, mean {r.mean:.1%}"
        for r in results
    )
    return f"Four histograms of the head's answers, from 0 to 100 %. {told}."


def kinds_table(results: Sequence[KindResult]) -> pd.DataFrame:
    """All pairs with their answers, a row for each."""
    rows = [
        (KIND_NAMES[result.kind], pair.first, pair.second, probability)
        for result in results
        for pair, probability in zip(result.pairs, result.probabilities, strict=True)
    ]
    return pd.DataFrame(rows, columns=["kind", "A", "B", "probability"])


def wrap(text: str, columns: int, lines: int) -> list[str]:
    """Break a text into lines, the last one cut: `wrap("ab cd ef", 5, 2)` is ["ab cd", "ef"].

    At blanks where there are any; Chinese characters, which take two columns, anywhere.
    """
    found: list[str] = []
    rest = text.strip()
    while rest and len(found) < lines - 1:
        taken = fitting(rest, columns)
        if taken < len(rest) and " " in rest[1 : taken + 1]:
            taken = rest.rindex(" ", 1, taken + 1)
        found.append(rest[:taken].rstrip())
        rest = rest[taken:].lstrip()
    return [*found, fit(rest, columns)] if rest else found


def _hover(answer: PairAnswer) -> str:
    return "<br>".join(
        f"{side}: {escape(fit(text, 2 * WRAPPED))}"
        for side, text in (("A", answer.first), ("B", answer.second))
    )


def _passing(palette: Palette, low: float, high: float, reference: str) -> dict[str, Any]:
    """The line from which on a pair passes."""
    ends = {"x0": 100 * PASSES, "x1": 100 * PASSES, "y0": low, "y1": high, "yref": reference}
    return {"type": "line", **ends, "line": {"color": palette.text, "width": 1.5, "dash": "dot"}}


def _per_cent_axis(palette: Palette) -> dict[str, Any]:
    return {
        **{"range": [0, 100], "fixedrange": True, "showgrid": False, "zeroline": False},
        **{"tickvals": [0, 25, 50, 75, 99], "ticks": ""},
        "ticktext": ["0 %", "25 %", "50 %<br>passes from here", "75 %", "100 %"],
        "tickfont": {"size": 13, "color": palette.text},
    }


def _title(text: str, palette: Palette) -> dict[str, Any]:
    font = {"size": 17, "color": palette.text}
    return {"text": escape(text), "font": font, "x": 0, "xanchor": "left", "y": 0.985}


def _layout(palette: Palette, *, height: int) -> dict[str, Any]:
    return {
        "height": height,
        "margin": {"l": 14, "r": 20, "t": 44, "b": 48},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"color": palette.text, "size": 14, "family": "Source Sans, sans-serif"},
        "hoverlabel": {"font": {"size": 14}, "align": "left"},
        "modebar": {"bgcolor": "rgba(0,0,0,0)", "color": palette.muted, "remove": UNUSED_BUTTONS},
        "showlegend": False,
    }
