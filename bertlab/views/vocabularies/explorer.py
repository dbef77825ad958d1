"""What stands in a vocabulary: a table of pieces, and counts by length and by script."""

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go

from bertlab.views.shared.layouts import frame
from bertlab.views.shared.palette import Palette
from bertlab.views.shared.plotly_text import escape
from bertlab.vocabularies.explorer import (
    KINDS,
    Kind,
    Piece,
    count_kinds,
    count_lengths,
    count_scripts,
)

LONGEST_BAR = 16  # characters; longer pieces share the last bar
MOST_SCRIPTS = 10  # bars; the others share one


def pieces_table(pieces: Sequence[Piece]) -> pd.DataFrame:
    """One row a piece, in the order given."""
    rows = [(p.id, p.spelled, p.readable, p.kind, p.script, p.length) for p in pieces]
    return pd.DataFrame(rows, columns=["id", "piece", "reads as", "kind", "script", "length"])


def kinds_title(pieces: Sequence[Piece]) -> str:
    """Say what most pieces are: "Most pieces are word starts: 651 of 1,000 (65.1 %)"."""
    kinds = dict(count_kinds(pieces))
    if not kinds:
        return "No piece"
    kind = max(kinds, key=lambda name: kinds[name])
    share = kinds[kind] / len(pieces)
    lead = "Most pieces are" if share > 0.5 else "The largest group are"
    return f"{lead} {_plural(kind)}: {kinds[kind]:,} of {len(pieces):,} ({share:.1%})"


def scripts_title(pieces: Sequence[Piece]) -> str:
    """Say which script most pieces are in: "Latin: 26,831 of 30,522 pieces (87.9 %)"."""
    counts = count_scripts(pieces)
    if not counts:
        return "No piece"
    name, count = counts[0]
    shown = "No letters" if name == "none" else name
    return f"{shown}: {count:,} of {len(pieces):,} pieces ({count / len(pieces):.1%})"


def _plural(kind: Kind) -> str:
    return {"part of a character": "parts of characters", "unused": "unused places"}.get(
        kind, f"{kind}s" if kind != "special" else "special tokens"
    )


def lengths_figure(pieces: Sequence[Piece], palette: Palette) -> go.Figure:
    """Count pieces by length, a bar's parts being the kinds of piece."""
    colours = _kind_colours(palette)
    figure = go.Figure()
    by_kind: dict[Kind, dict[int, int]] = {kind: {} for kind in KINDS}
    for length, kind, count in count_lengths(pieces):
        place = min(length, LONGEST_BAR)
        by_kind[kind][place] = by_kind[kind].get(place, 0) + count
    for kind in KINDS:
        if bars := by_kind[kind]:
            figure.add_bar(
                x=list(bars),
                y=list(bars.values()),
                name=_plural(kind),
                marker={"color": colours[kind]},
                hovertemplate=f"%{{x}} characters: %{{y:,}} {_plural(kind)}<extra></extra>",
            )
    frame(figure, palette, kinds_title(pieces), height=320, top=82)
    longest = max((length for bars in by_kind.values() for length in bars), default=1)
    ticks = list(range(1, longest + 1))
    names = [str(t) if t < LONGEST_BAR else f"{t}+" for t in ticks]
    figure.update_layout(barmode="stack")
    figure.update_xaxes(title="characters", tickvals=ticks, ticktext=names)
    figure.update_yaxes(gridcolor=palette.grid, title="pieces", separatethousands=True)
    return figure


def scripts_figure(pieces: Sequence[Piece], palette: Palette) -> go.Figure:
    """Count pieces by script: a bar each, longest above, on a logarithmic scale."""
    counts = _top_scripts(pieces)
    names = ["no letters" if name == "none" else name for name, _ in counts]
    values = [count for _, count in counts]
    figure = go.Figure(
        go.Bar(
            x=values,
            y=[escape(name) for name in names],
            orientation="h",
            text=[f"{value:,}" for value in values],
            textposition="outside",
            cliponaxis=False,
            marker={"color": palette.query},
            hovertemplate="%{y}: %{x:,} pieces<extra></extra>",
        )
    )
    frame(figure, palette, scripts_title(pieces), height=320, left=96)
    ticks = [10**power for power in range(7)]
    figure.update_xaxes(
        type="log", title="pieces (each mark is ten times the one before)", gridcolor=palette.grid,
        tickvals=ticks, ticktext=[f"{tick:,}" for tick in ticks], range=_log_range(values),
    )  # fmt: skip
    figure.update_yaxes(autorange="reversed", type="category")
    return figure


def _log_range(values: Sequence[int]) -> list[float]:
    """From below a single piece to above the longest bar, as powers of ten."""
    return [-0.3, len(str(max(values, default=1))) + 0.1]


def _top_scripts(pieces: Sequence[Piece]) -> list[tuple[str, int]]:
    counts = list(count_scripts(pieces))
    if len(counts) <= MOST_SCRIPTS:
        return counts
    rest = counts[MOST_SCRIPTS - 1 :]
    others = (f"{len(rest)} others", sum(count for _, count in rest))
    return [*counts[: MOST_SCRIPTS - 1], others]


def describe_lengths(pieces: Sequence[Piece]) -> str:
    """Say in words how long the pieces are."""
    lengths = sorted(piece.length for piece in pieces if piece.length)
    if not lengths:
        return "No piece of any length."
    return (
        f"Bars of {len(lengths):,} pieces by length: the shortest has {lengths[0]} characters, "
        f"the middle one {lengths[len(lengths) // 2]}, the longest {lengths[-1]}. "
        f"{kinds_title(pieces)}."
    )


def describe_scripts(pieces: Sequence[Piece]) -> str:
    """Say in words how many pieces are in each script."""
    told = ", ".join(f"{name} {count:,}" for name, count in _top_scripts(pieces))
    return f"Bars of {len(pieces):,} pieces by script: {told}."


def lengths_table(pieces: Sequence[Piece]) -> pd.DataFrame:
    """The numbers of `lengths_figure`, every length by itself."""
    return pd.DataFrame(count_lengths(pieces), columns=["length", "kind", "pieces"])


def scripts_table(pieces: Sequence[Piece]) -> pd.DataFrame:
    """The numbers of `scripts_figure`, every script by itself."""
    return pd.DataFrame(count_scripts(pieces), columns=["script", "pieces"])


def _kind_colours(palette: Palette) -> dict[Kind, str]:
    """Word starts full, continuations pale; what is no word grey."""
    return {
        "word start": palette.query,
        "continuation": _pale(palette.query, 0.45),
        "single character": palette.muted,
        "part of a character": palette.muted,
        "special": palette.muted,
        "unused": palette.muted,
    }


def _pale(colour: str, strength: float) -> str:
    """A colour let through: `_pale("#0072B2", 0.45)` is "rgba(0,114,178,0.45)"."""
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},{strength})"
