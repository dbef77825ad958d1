"""How long the texts of a table are, as a histogram against the longest that is read."""

import pandas as pd
import plotly.graph_objects as go

from bertlab.finetuning.planning.lengths import Lengths
from bertlab.tokenization.truncation import MOST_WINDOWS
from bertlab.views.shared.palette import Palette

BARS = 40  # at most
WIDTHS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 4096, 16384)


def length_histogram(lengths: Lengths, palette: Palette, *, max_length: int) -> go.Figure:
    """Count the texts by their length; those that are cut stand in another colour.

    Args:
        lengths: of the texts.
        palette: the page's colours.
        max_length: tokens that are read of a text at most.
    """
    bars, width = _bars(lengths, max_length)
    figure = go.Figure(
        go.Bar(
            x=[start - 1 + width / 2 for start in bars],
            y=list(bars.values()),
            width=width * 0.92,
            customdata=[[start, start + width - 1] for start in bars],
            marker_color=[palette.key if start > max_length else palette.query for start in bars],
            hovertemplate="%{customdata[0]}–%{customdata[1]} tokens: %{y:,} texts<extra></extra>",
        )
    )
    figure.add_vline(max_length, line={"color": palette.text, "dash": "dash", "width": 1.5})
    figure.add_annotation(
        x=max_length, y=1, yref="paper", yanchor="bottom", text=f"read: {max_length}",
        showarrow=False, font={"color": palette.text, "size": 13},
    )  # fmt: skip
    figure.update_layout(
        height=250, margin={"l": 56, "r": 8, "t": 26, "b": 46}, showlegend=False,
        paper_bgcolor="rgba(0,0,0,0)", plot_bgcolor="rgba(0,0,0,0)", font_color=palette.text,
    )  # fmt: skip
    figure.update_xaxes(title="tokens", rangemode="tozero", showgrid=False)
    figure.update_yaxes(title="texts", gridcolor=palette.grid, rangemode="tozero")
    return figure


def _bars(lengths: Lengths, max_length: int) -> tuple[dict[int, int], int]:
    """The texts counted by the lower end of each bar, and how many lengths a bar holds."""
    width = bar_width(max(*lengths.counts, max_length))
    return histogram(lengths.counts, width), width


def histogram_table(lengths: Lengths, *, max_length: int) -> pd.DataFrame:
    """One row a bar: its lengths in tokens, both ends included, and how many texts have them."""
    bars, width = _bars(lengths, max_length)
    rows = [(start, start + width - 1, count) for start, count in bars.items()]
    return pd.DataFrame(rows, columns=["from", "to", "texts"])


def bar_width(longest: int) -> int:
    """Choose how many lengths a bar holds, so that there are 40 bars at most: 128 tokens take 4."""
    return next((width for width in WIDTHS if longest < BARS * width), WIDTHS[-1])


def histogram(counts: tuple[int, ...], width: int) -> dict[int, int]:
    """Count by the lower end of each bar: (4, 5, 9) in bars of 4 gives {1: 1, 5: 1, 9: 1}.

    A bar ends with a multiple of its width, as the longest text that is read often is one.
    """
    bars: dict[int, int] = {start: 0 for start in range(1, max(counts) + 1, width)}
    for count in counts:
        bars[count - (count - 1) % width] += 1
    return bars


def describe_windows(lengths: Lengths, max_length: int) -> str:
    """Say how many windows the texts make."""
    rows = lengths.rows_per_text(max_length)
    longer, beyond = lengths.longer_than(max_length), lengths.beyond_windows(max_length)
    words = (
        f"{_looked(lengths)} {longer:,} have more than {max_length} tokens and are read in "
        f"windows: {rows:.2f} windows a text on average, so training takes about {rows:.1f} times "
        f"as long as with cut texts; the longest has {max(lengths.counts):,} tokens."
    )
    if not beyond:
        return words
    return f"{words} {beyond:,} have more than {MOST_WINDOWS} windows; what follows is not read."


def _looked(lengths: Lengths) -> str:
    sample = f" (a sample of {lengths.examples:,})" * lengths.is_sample
    return f"Of {len(lengths.counts):,} texts{sample}"


def describe_lengths(lengths: Lengths, max_length: int) -> str:
    """Say how many texts are cut, and what that costs, in a sentence or two."""
    total, longer = len(lengths.counts), lengths.longer_than(max_length)
    looked = _looked(lengths)
    longest = f"the longest has {max(lengths.counts):,} tokens"
    if not longer:
        return f"{looked} none has more than {max_length} tokens: nothing is cut; {longest}."
    return (
        f"{looked} {longer:,} ({longer / total:.1%}) have more than {max_length} tokens and are "
        f"cut, which loses {lengths.share_cut(max_length):.1%} of all tokens; {longest}. "
        f"{lengths.enough_for(0.95):,} tokens are enough for 95 % of the texts."
    )
