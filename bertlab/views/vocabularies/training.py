"""Learning a vocabulary, as HTML: the pair that was joined, the ones that lost, words growing."""

from base64 import b64encode
from collections.abc import Sequence
from html import escape

import pandas as pd
import plotly.graph_objects as go

from bertlab.views.shared.layouts import frame
from bertlab.views.shared.palette import Palette
from bertlab.vocabularies.replay import Growth, Node
from bertlab.vocabularies.training import Candidate, Merge, Rule, VocabularyTraining

RULES: dict[Rule, str] = {
    "likelihood": "Likelihood wins (WordPiece, 2012)",
    "score": "Score wins (Hugging Face course)",
    "frequency": "Count wins (BPE)",
}
SHORT: dict[Rule, str] = {"likelihood": "likelihood", "score": "score", "frequency": "count"}
DEEPEST = 12  # levels of a tree that are drawn


def style(palette: Palette) -> str:
    """The rules that the pieces of HTML below share, in one theme's colours."""
    return f"""<style>
.vm {{ font-family: "Source Code Pro", monospace; font-size: 0.95rem; }}
.vm i {{ font-style: normal; display: inline-block; border: 1px solid {palette.grid};
  border-radius: 0.35rem; padding: 0.05rem 0.4rem; margin: 0.08rem 0.12rem 0.08rem 0;
  white-space: pre; }}
.vm i.new {{ border: 2px solid {palette.value}; font-weight: 600; }}
.vm i.lost {{ border-style: dashed; color: {palette.muted}; }}
.vm-head {{ display: flex; flex-wrap: wrap; align-items: center; gap: 0.35rem 0.6rem;
  font-size: 1.35rem; margin: 0.2rem 0 0.3rem; }}
.vm-head small {{ font: 400 0.95rem/1.4 "Source Sans", sans-serif; }}
.vm-sum {{ font-size: 0.95rem; padding-bottom: 0.2rem; }}
.vm-facts {{ display: flex; flex-wrap: wrap; gap: 0.2rem 1.6rem; align-items: flex-end;
  margin: 0.5rem 0 0.2rem; }}
.vm-facts b {{ display: block; font-size: 1.25rem; font-weight: 600; }}
.vm-facts span {{ font-size: 0.85rem; }}
.vm-scroll {{ overflow-x: auto; }}
.vm-list {{ border-collapse: collapse; width: 100%; font-size: 0.9rem; }}
.vm-list th {{ text-align: right; font: 600 0.8rem "Source Sans", sans-serif;
  padding: 0.15rem 0.5rem; border-bottom: 1px solid {palette.grid}; }}
.vm-list th:first-child, .vm-list td:first-child {{ text-align: left; }}
.vm-list td {{ text-align: right; padding: 0.12rem 0.5rem; white-space: nowrap; }}
.vm-list tr.won td:not(.bar) {{ background: color-mix(in srgb, {palette.value} 14%, transparent); }}
.vm-list td.bar {{ background: linear-gradient(to left,
  color-mix(in srgb, {palette.query} 32%, transparent) var(--share), transparent var(--share)); }}
.vm-rows {{ display: grid; grid-template-columns: max-content 1fr; gap: 0.1rem 0.7rem;
  align-items: baseline; }}
.vm-rows > span {{ font-size: 0.8rem; color: {palette.muted}; white-space: nowrap; }}
.vm-tree, .vm-tree .node {{ display: inline-flex; flex-direction: column; align-items: center; }}
.vm-tree .kids {{ display: flex; align-items: flex-end; gap: 0.2rem; border-top: 0;
  border: 1px solid {palette.grid}; border-radius: 0.5rem; padding: 0.2rem 0.3rem 0.25rem; }}
.vm-tree .node {{ align-self: flex-start; }}
.vm-tree small {{ font-size: 0.68rem; color: {palette.muted}; }}
.vm-words {{ display: flex; flex-wrap: wrap; gap: 0.25rem 0.8rem; }}
.vm-facts img {{ width: 190px; height: 44px; }}
</style>"""


def show_score(score: float) -> str:
    """Write a score: 0.5 is "0.5000", 0.00002 is "0.000020"."""
    return f"{score:.4f}" if score >= 0.001 else f"{score:.2g}" if score < 1e-4 else f"{score:.5f}"


def merge_html(merge: Merge, number: int, total: int, *, rule: Rule) -> str:
    """The pair of one step, what became of it, and why: its counts in the formula."""
    pair = merge.pair
    again = "" if merge.is_new else "<small>(the piece was there already)</small>"
    head = (
        f'<div class="vm vm-head"><small>Merge {number:,} of {total:,}</small>'
        f"<span><i>{escape(pair.left)}</i> + <i>{escape(pair.right)}</i> → "
        f'<i class="new">{escape(pair.piece)}</i></span>{again}</div>'
    )
    score = (
        f"score = count(ab) / (count(a) × count(b)) = {pair.count:,} / ({pair.left_count:,} × "
        f"{pair.right_count:,}) = <b>{show_score(pair.score)}</b>"
    )
    count = f"count(ab) = <b>{pair.count:,}</b>"
    others = f"{count} &nbsp;·&nbsp; {score.replace('b>', 'span>')}"
    gain = (
        f"ln p of the text rises by <b>{pair.gain:,.1f}</b>: the counts of a, b and ab and the "
        f"{pair.tokens:,} pieces in all become others &nbsp;·&nbsp; {count.replace('b>', 'span>')}"
    )
    why = {"score": score, "frequency": others, "likelihood": gain}[rule]
    return f'{head}<div class="vm vm-sum">{why}</div>'


def start_html(training: VocabularyTraining) -> str:
    """What stands in place of a pair before the first step."""
    return (
        '<div class="vm vm-head"><small>Before the first merge: every character is a piece, '
        f"{len(training.alphabet):,} in all; ## marks one inside a word.</small></div>"
    )


def facts_html(
    facts: Sequence[tuple[str, str]], line: Sequence[float], step: int, palette: Palette
) -> str:
    """A few numbers, each with its name, and the tokens a word as a small line."""
    cells = "".join(f"<div><b>{value}</b><span>{name}</span></div>" for value, name in facts)
    return f'<div class="vm-facts">{cells}{_spark(line, step, palette)}</div>'


def _spark(line: Sequence[float], step: int, palette: Palette) -> str:
    """The whole line, and a dot where the replay stands; the figure below has the numbers.

    An image, as Streamlit lets no drawing through that stands in the HTML itself.
    """
    if len(line) < 2:
        return ""
    top, low = max(line), min(line)
    every = max(1, len(line) // 190)

    def point(place: int) -> tuple[float, float]:
        share = (line[place] - low) / (top - low) if top > low else 0.5
        return 4 + 182 * place / (len(line) - 1), 40 - 36 * share

    points = " ".join("{:.1f},{:.1f}".format(*point(at)) for at in range(0, len(line), every))
    x, y = point(min(step, len(line) - 1))
    drawing = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 190 44">'
        f'<polyline points="{points}" fill="none" stroke="{palette.query}" stroke-width="2"/>'
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4.5" fill="{palette.value}"/></svg>'
    )
    data = b64encode(drawing.encode()).decode()
    return f'<img alt="" src="data:image/svg+xml;base64,{data}">'


def candidates_html(found: Sequence[Candidate], *, rule: Rule, winner: str, most: int = 6) -> str:
    """The best pairs by one rule, with the numbers of all; the bar is the rule's own number."""
    top = _worth(found[0], rule) if found else 1.0
    rows = "".join(
        _candidate(one, rule, top, is_winner=one.piece == winner) for one in found[:most]
    )
    bar = [" ▼" if rule == name else "" for name in ("frequency", "score", "likelihood")]
    return (
        '<div class="vm-scroll"><table class="vm vm-list"><thead><tr><th>a + b</th>'
        f"<th>count(ab){bar[0]}</th><th>count(a)</th><th>count(b)</th><th>score{bar[1]}</th>"
        f"<th>gain{bar[2]}</th></tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _candidate(one: Candidate, rule: Rule, top: float, *, is_winner: bool) -> str:
    share = f'class="bar" style="--share:{100 * _worth(one, rule) / top:.0f}%"'
    count, score, gain = (
        share if rule == name else "" for name in ("frequency", "score", "likelihood")
    )
    row = '<tr class="won">' if is_winner else "<tr>"
    return (
        f"{row}<td>{escape(one.left)} {escape(one.right)}</td>"
        f"<td {count}>{one.count:,}</td><td>{one.left_count:,}</td><td>{one.right_count:,}</td>"
        f"<td {score}>{show_score(one.score)}</td><td {gain}>{one.gain:,.1f}</td></tr>"
    )


def _worth(one: Candidate, rule: Rule) -> float:
    """The number that a rule goes by; a gain may be below 0, and has no bar then."""
    worth = {"score": one.score, "frequency": float(one.count), "likelihood": one.gain}[rule]
    return max(worth, 1e-12)


def words_html(rows: Sequence[tuple[str, Sequence[str]]], *, new: str = "") -> str:
    """Words as their pieces, each with a note before it; the new piece stands out."""
    cells = "".join(
        f"<span>{escape(note)}</span><div>{_chips(pieces, new)}</div>" for note, pieces in rows
    )
    return f'<div class="vm vm-rows">{cells}</div>'


def sentence_html(words: Sequence[Sequence[str]], *, unknown: str) -> str:
    """A sentence cut with the pieces learned so far, word by word."""
    groups = "".join(f"<span>{_chips(pieces, '', lost=unknown)}</span>" for pieces in words)
    return f'<div class="vm vm-words">{groups}</div>'


def growth_html(growth: Sequence[Growth]) -> str:
    """A word from single characters to its last cut: a row for each merge that changed it."""
    rows = []
    for before, now in zip((growth[0], *growth), growth, strict=False):
        fresh = next((piece for piece in now.pieces if piece not in before.pieces), "")
        note = f"merge {now.step:,}" if now.step else "start"
        rows.append(
            f"<span>{note}</span><div>{_chips(now.pieces, fresh if now.step else '')}</div>"
        )
    return f'<div class="vm vm-rows">{"".join(rows)}</div>'


def _chips(pieces: Sequence[str], new: str, *, lost: str = "") -> str:
    kinds = {new: ' class="new"', lost: ' class="lost"', "": ""}
    return "".join(f"<i{kinds.get(piece, '')}>{escape(piece)}</i>" for piece in pieces)


def tree_html(node: Node) -> str:
    """A piece above the two it was joined from, down to the characters; small: which merge."""
    label = escape(describe_tree(node))
    return (
        f'<div class="vm-scroll" role="img" aria-label="{label}">'
        f'<div class="vm vm-tree">{_node(node, DEEPEST)}</div></div>'
    )


def _node(node: Node, levels: int) -> str:
    step = f"<small>merge {node.step:,}</small>" if node.step else ""
    kids = ""
    if node.parts and levels:
        kids = f'<div class="kids">{"".join(_node(part, levels - 1) for part in node.parts)}</div>'
    return f'<div class="node">{step}<i>{escape(node.piece)}</i>{kids}</div>'


def describe_tree(node: Node) -> str:
    """The tree in words: "wid (merge 2) from w and ##id (merge 1) from ##i and ##d"."""
    if not node.parts:
        return node.piece
    left, right = (describe_tree(part) for part in node.parts)
    return f"{node.piece} (merge {node.step}) from {left} and {right}"


def falling_figure(
    lines: Sequence[tuple[Rule, Sequence[float]]], palette: Palette, *, rule: Rule, title: str
) -> go.Figure:
    """Tokens a word against merges, a line for each rule; the rule in hand is drawn full."""
    colours: dict[Rule, str] = {
        "likelihood": palette.value,
        "score": palette.query,
        "frequency": palette.key,
    }
    figure = go.Figure()
    for name, line in lines:
        figure.add_scatter(
            x=list(range(len(line))),
            y=list(line),
            mode="lines",
            name=SHORT[name],
            line={"color": colours[name], "width": 3, "dash": "solid" if name == rule else "dot"},
            hovertemplate=f"{SHORT[name]}, %{{x:,}} merges: %{{y:.2f}} a word<extra></extra>",
        )
    frame(figure, palette, title, height=340, top=76)
    figure.update_layout(showlegend=True)
    figure.update_xaxes(title="merges", gridcolor=palette.grid, rangemode="tozero")
    figure.update_yaxes(title="tokens a word", gridcolor=palette.grid, rangemode="tozero")
    return figure


def falling_title(lines: Sequence[tuple[Rule, Sequence[float]]]) -> str:
    """Say how far the tokens a word fall by the first rule: "From 3.29 to 1.03 tokens a word"."""
    line = lines[0][1]
    merges = len(line) - 1
    if not merges:
        return f"No merge: {line[0]:.2f} tokens a word"
    many = "1 merge" if merges == 1 else f"{merges:,} merges"
    return f"From {line[0]:.2f} to {line[-1]:.2f} tokens a word in {many}"


def falling_table(lines: Sequence[tuple[Rule, Sequence[float]]]) -> pd.DataFrame:
    """The lines as numbers: one row a rule and merge."""
    rows = [(SHORT[name], at, value) for name, line in lines for at, value in enumerate(line)]
    return pd.DataFrame(rows, columns=["rule", "merges", "tokens per word"])


def merges_table(training: VocabularyTraining) -> pd.DataFrame:
    """Every step of a training: one row a merge."""
    rows = [
        (number, merge.pair.left, merge.pair.right, merge.pair.piece, merge.pair.count,
         merge.pair.left_count, merge.pair.right_count, merge.pair.score, merge.pair.gain,
         len(merge.words),
         merge.vocabulary_size, merge.tokens)
        for number, merge in enumerate(training.merges, start=1)
    ]  # fmt: skip
    columns = ["merge", "a", "b", "piece", "count(ab)", "count(a)", "count(b)", "score", "gain",
               "words changed", "vocabulary size", "tokens"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)
