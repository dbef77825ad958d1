"""The path of a token as one picture: where every box, wire and strip of it lies.

Rows are tokens; the row of the chosen one is a lane with all blocks in it. The straight line
through the lane is the residual stream; attention and feed-forward are detours above it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bertlab.inspection.masked_lm import Prediction
from bertlab.inspection.token_path.operations import digits
from bertlab.inspection.token_path.path import PathBlock, TokenPath
from bertlab.inspection.trace import Trace
from bertlab.views.shared.palette import Palette
from bertlab.views.shared.shortening import shorten
from bertlab.views.shared.strips import columns_for, common_top, packed_levels
from bertlab.views.token_path.shapes import Band, Label, PathNode, Picture, Wire

MAX_ROWS = 18  # tokens that are drawn, the chosen one among them
ROW, LANE, TOP = 25, 172, 34  # px
LABELS, GAP, MARGIN = 118, 14, 8
SMALL, BOX = (56, 20), (84, 42)  # a collapsed group or another token; a block
ANSWERS = 166
BELOW_AXIS = 120  # from the lane's upper edge down to the residual stream
ABOVE_AXIS = 34  # down to the middle of the detours


def shown_rows(trace: Trace, position: int) -> tuple[int, ...]:
    """The tokens to draw: all, or the ones that the chosen token looks at most, in their order."""
    count = len(trace.token_ids)
    if count <= MAX_ROWS:
        return tuple(range(count))
    seen = trace.attention[:, :, position].mean(axis=(0, 1)).copy()  # (key,)
    seen[position] = np.inf
    return tuple(sorted(map(int, np.argsort(-seen, kind="stable")[:MAX_ROWS])))


def draw_path(
    path: TokenPath,
    trace: Trace,
    answers: Sequence[Prediction],
    *,
    chosen: str,
    opens_all: bool,
    palette: Palette,
) -> Picture:
    """Lay out the picture.

    Args:
        path: Of the chosen token.
        trace: Opened; the other tokens' hidden states and the attention come from it.
        answers: What the path ends in; empty without a masked-LM head.
        chosen: The name of the open block; its group is drawn with all its blocks.
        opens_all: Whether all groups are.
        palette: The theme's colours.
    """
    return _Layout(path, trace, answers, path[chosen], opens_all, palette).draw()


def groups_of(path: TokenPath) -> dict[str, list[PathBlock]]:
    """The blocks by what they are drawn with; the piece is drawn as the row's label."""
    groups: dict[str, list[PathBlock]] = {}
    for block in path.blocks:
        if block.name not in ("piece", "head.probabilities"):
            groups.setdefault(block.group, []).append(block)
    return groups


class _Layout:
    """One drawing, from left to right; `x` is how far it has come."""

    def __init__(
        self,
        path: TokenPath,
        trace: Trace,
        answers: Sequence[Prediction],
        chosen: PathBlock,
        opens_all: bool,
        palette: Palette,
    ) -> None:
        self.path, self.trace, self.answers = path, trace, answers
        self.chosen, self.opens_all, self.palette = chosen, opens_all, palette
        self.rows = shown_rows(trace, path.position)
        groups = [block for group in groups_of(path).values() for block in group]
        vectors = [b.values for b in groups if b.axes[-1] != "vocabulary"]
        top = common_top([*vectors, trace.hidden_states[:, list(self.rows)]])
        lane = self.rows.index(path.position)
        self.lane_top = TOP + lane * ROW
        self.axis = self.lane_top + BELOW_AXIS
        height = TOP + (len(self.rows) - 1) * ROW + LANE + MARGIN
        self.picture = Picture(0, height, self.rows, top, self.axis, names=LABELS - 12)
        self.x: float = LABELS
        self.reached = path.names.index(chosen.name)

    def draw(self) -> Picture:
        self._rows()
        for name, blocks in groups_of(self.path).items():
            is_open = self.opens_all or name == self.chosen.group
            if name == "head" and self.chosen.name == "head.probabilities" and not self.opens_all:
                is_open = False  # the answers are open instead
            start = self.x
            if name.startswith("layer"):
                self._attention(blocks[0])
            self._open(blocks) if is_open else self._collapsed(blocks)
            self._heading(name, start, is_open)
            if name != "head":
                self._states(name)
            self.x += GAP
        self._answers()
        self.picture.width = self.x + MARGIN
        self._ground()
        return self.picture

    def y(self, row: int) -> float:
        """The middle of a row; of the chosen one, the residual stream."""
        place, lane = self.rows.index(row), self.rows.index(self.path.position)
        if place == lane:
            return self.axis
        return TOP + place * ROW + ROW / 2 + (LANE - ROW if place > lane else 0)

    def _is_reached(self, block: PathBlock) -> bool:
        return self.path.names.index(block.name) <= self.reached

    def _rows(self) -> None:
        """The names of the tokens on the left."""
        for row in self.rows:
            is_chosen = row == self.path.position
            text, colour = self._name(row), self._ink(row)
            if not is_chosen:
                self.picture.labels.append(
                    Label(
                        LABELS - 14, self.y(row) + 4, text, colour,
                        anchor="end", is_code=True, token=row,
                    )
                )  # fmt: skip
        block, is_masked = self.path["piece"], self.path.is_masked
        fill, edge = (self.palette.mask_fill, self.palette.mask) if is_masked else ("", "")
        hover = f"Piece: {self.path.tokens[self.path.position]}, id {int(block.values[0]):,}"
        x, y = MARGIN, self.axis - BOX[1] / 2
        self.picture.nodes.append(
            PathNode("piece", None, x, y, LABELS - 20 - x, BOX[1], "", hover,
                 is_chosen=self.chosen.name == "piece", fill=fill, edge=edge)
        )  # fmt: skip
        middle, token = x + (LABELS - 20 - x) / 2, shorten(self.path.tokens[self.path.position])
        size = 14 if len(token) <= 9 else 11
        lines = ((token[:13], self.axis - 2, size, True), (f"id {int(block.values[0]):,}",
                 self.axis + 14, 11, False))  # fmt: skip
        for text, at, big, is_bold in lines:
            self.picture.labels.append(
                Label(middle, at, text, self.palette.text, big, "middle", is_bold, True)
            )

    def _ink(self, row: int) -> str:
        """Special tokens are grey and sentence B purple, as in the token strip."""
        encoded = self.trace.encoded
        if encoded.is_special[row]:
            return self.palette.muted
        return self.palette.segment_b if encoded.sequence_ids[row] == 1 else self.palette.text

    def _name(self, row: int) -> str:
        """A token's name; with its position where tokens are left out."""
        is_whole = len(self.rows) == len(self.path.tokens)
        token = shorten(self.path.tokens[row])
        return token[:13] if is_whole else f"{token[:9]} {row}"

    def _ground(self) -> None:
        """The lane behind everything, and the thin lines of the other tokens."""
        picture, colours = self.picture, self.palette
        picture.bands.insert(
            0, Band(2, self.lane_top + 3, picture.width - 4, LANE - 6, colours.query, 0.07)
        )
        for row in self.rows:
            if row != self.path.position:
                line = f"M{LABELS - 8} {self.y(row)}H{self._end_of_states}"
                picture.wires.insert(0, Wire(line, 1, colours.muted, 0.45))

    def _heading(self, name: str, start: float, is_open: bool) -> None:
        titles = {"embeddings": "Embeddings" if is_open else "Embed.", "head": "MLM head"}
        many = len(groups_of(self.path)) > 8 and not is_open
        title = titles.get(name) or (name[6:] if many else name.capitalize())
        middle, colours = (start + self.x) / 2, self.palette
        self.picture.labels.append(
            Label(middle, 20, title, colours.text, 13, "middle", is_bold=is_open)
        )
        if is_open:
            height = self.picture.height - 8
            band = Band(start - 5, 4, self.x - start + 10, height, colours.muted, 0.08)
            self.picture.bands.append(band)

    def _collapsed(self, blocks: list[PathBlock]) -> None:
        """A whole group as one box that holds what leaves it."""
        last, (width, height) = blocks[-1], SMALL
        at = (self.x, self.axis - height / 2 - 4)
        group = {"embeddings": "the embeddings", "head": "the MLM head"}.get(last.group, last.group)
        if last.group == "embeddings":
            start = LABELS - 20
            self._stream(start, length=self.x - start, is_reached=self._is_reached(blocks[0]))
        self._box(blocks[0], at, (width, height + 8), "", shown=last, hover=f"Open {group}")
        self._stream(self.x + width, length=GAP, is_reached=self._is_reached(last))
        self.x += width

    def _open(self, blocks: list[PathBlock]) -> None:
        start = self.x
        if blocks[0].layer is not None:
            self._layer(blocks)
        elif blocks[0].group == "embeddings":
            self._embeddings(blocks)
        else:
            for block in blocks:
                self._on_axis(block, self.x + 10)
        self.x = max(self.x, start)

    def _embeddings(self, blocks: list[PathBlock]) -> None:
        """Two or three tables above each other, their sum, LayerNorm, perhaps a projection."""
        tables = [b for b in blocks if b.name in ("words", "positions", "segments")]
        x, (width, height) = self.x, BOX
        spread = height + 11
        first = self.lane_top + 8 + (0 if len(tables) == 3 else spread / 2)
        for number, block in enumerate(tables):
            y = first + number * spread
            middle, end = y + height / 2, x + width
            self._wire(f"M{LABELS - 22} {self.axis}C{x - 2} {self.axis} {x - 14} {middle} "
                       f"{x} {middle}", block)  # fmt: skip
            joint = f"M{end} {middle}C{end + 14} {middle} {end + 8} {self.axis} "
            self._wire(f"{joint}{end + 26} {self.axis}", blocks[len(tables)])
            self._box(block, (x, y), BOX, block.title.removesuffix(" embedding"))
        self.x = x + width
        for block in blocks[len(tables) :]:
            self._on_axis(block, self.x + (26 if block.name == "sum" else 10))

    def _layer(self, blocks: list[PathBlock]) -> None:
        """The residual stream with two detours: attention and feed-forward."""
        start, (width, height) = self.x, BOX
        above = self.lane_top + ABOVE_AXIS
        for number, (detour, norm) in enumerate((blocks[:2], blocks[2:])):
            x = start + number * (2 * width + 8) + 18
            joint = x + width - 8  # where the box on the line begins
            up = f"M{x - 18} {self.axis}C{x - 6} {self.axis} {x - 14} {above} {x} {above}"
            self._wire(up, detour)
            self._stream(x - 18, length=joint - x + 18, is_reached=self._is_reached(norm))
            self._box(detour, (x, above - height / 2), BOX, detour.title)
            down = f"M{x + width} {above}C{x + width + 26} {above} {joint + width / 2} {above + 18}"
            self._wire(f"{down} {joint + width / 2} {self.axis - height / 2}", norm)
            self._box(norm, (joint, self.axis - height / 2), BOX, norm.title)
            self.x = joint + width
        self._stream(self.x, length=GAP, is_reached=self._is_reached(blocks[-1]))

    def _on_axis(self, block: PathBlock, x: float) -> None:
        """A block on the line itself."""
        self._stream(self.x, length=x - self.x, is_reached=self._is_reached(block))
        self._box(block, (x, self.axis - BOX[1] / 2), BOX, block.title)
        self.x = x + BOX[0]
        self._stream(self.x, length=GAP, is_reached=self._is_reached(block))

    def _box(
        self,
        block: PathBlock,
        at: tuple[float, float],
        size: tuple[float, float],
        title: str,
        *,
        shown: PathBlock | None = None,
        hover: str = "",
    ) -> None:
        drawn = shown or block
        is_vector = drawn.axes[-1] != "vocabulary"
        values = drawn.values if is_vector else drawn.values[:0]
        if not is_vector and not title:
            title = "MLM"
        name = f"{block.group}, {block.title}".capitalize()
        self.picture.nodes.append(
            PathNode(
                block.name, None, *at, *size, title,
                f"{hover or name}: {_begins(drawn.values)}",
                packed_levels(values, self.picture.top),
                columns_for(max(len(values), 1)),
                is_chosen=block.name == self.chosen.name,
                is_reached=self._is_reached(block),
            )
        )  # fmt: skip

    def _wire(self, path: str, block: PathBlock) -> None:
        is_reached = self._is_reached(block)
        opacity = 0.95 if is_reached else 0.3
        self.picture.wires.append(Wire(path, 2, self.palette.query, opacity))

    def _stream(self, x: float, *, length: float = 0, is_reached: bool) -> None:
        opacity = 1.0 if is_reached else 0.35
        line = f"M{x} {self.axis}h{length}"
        self.picture.wires.append(Wire(line, 4, self.palette.query, opacity))

    def _attention(self, block: PathBlock) -> None:
        """From every drawn token to the lane: the wider, the more the chosen token takes of it."""
        weights = self.trace.attention[block.layer, :, self.path.position].mean(axis=0)  # (key,)
        is_open = self.opens_all or block.group == self.chosen.group
        end = self.x + (18 if is_open else 0)
        target = self.lane_top + ABOVE_AXIS if is_open else self.axis
        top = max(float(weights[list(self.rows)].max()), 1e-6)
        for row in self.rows:
            y, share = self.y(row), float(weights[row])
            middle = (self.x - GAP + end) / 2
            if row == self.path.position:
                continue
            curve = f"M{self.x - GAP} {y}C{middle} {y} {middle} {target} {end} {target}"
            hover = (
                f"Layer {block.layer}: {self.path.tokens[row]} gets {100 * share:.1f} % "
                f"(mean of {self.trace.heads} heads)"
            )
            strength = 0.08 + 0.82 * share / top
            self.picture.wires.append(
                Wire(curve, 0.8 + 4 * share, self.palette.key, strength, hover)
            )

    def _states(self, name: str) -> None:
        """The other tokens' hidden states where a group ends."""
        layer = 0 if name == "embeddings" else int(name[6:]) + 1
        x = self.x - SMALL[0]
        self._end_of_states = self.x
        for row in self.rows:
            if row == self.path.position:
                continue
            values = self.trace.hidden_states[layer, row]
            where = "after the embeddings" if layer == 0 else f"after {name}"
            hover = f"{self.path.tokens[row]} {where}: {_begins(values)}; click to choose it"
            height = SMALL[1] - 6
            self.picture.nodes.append(
                PathNode("", row, x, self.y(row) - height / 2, SMALL[0], height, "", hover,
                     packed_levels(values, self.picture.top), columns_for(len(values)))
            )  # fmt: skip

    def _answers(self) -> None:
        """The end of the path: five bars, or a word of why there are none."""
        x, colours, y = self.x, self.palette, self.lane_top + 14
        is_chosen = self.chosen.name == "head.probabilities"
        is_reached = is_chosen or not self.answers
        self._stream(x - GAP, length=GAP, is_reached=is_reached)
        labels = self.picture.labels
        if not self.answers:
            self.picture.bands.append(
                Band(x, y, ANSWERS, LANE - 28, colours.muted, 0.05, colours.muted)
            )
            for number, text in enumerate(("The path ends here:", "the last hidden state.", "",
                                           "This model has no", "masked-LM head.")):  # fmt: skip
                labels.append(Label(x + 12, y + 36 + 18 * number, text, colours.text, 13))
            self.x = x + ANSWERS
            return
        hover = "Probabilities: " + ", ".join(
            f"{p.token} {100 * p.probability:.1f} %" for p in self.answers
        )
        node = PathNode("head.probabilities", None, x, y, ANSWERS, LANE - 28, "", hover,
                    is_chosen=is_chosen, is_reached=is_reached)  # fmt: skip
        self.picture.nodes.append(node)
        labels.append(Label(x + ANSWERS / 2, 20, "Answer", colours.text, 13, "middle", is_chosen))
        for number, answer in enumerate(self.answers):
            line = y + 22 + 25.5 * number
            bar = max(1.0, answer.probability * (ANSWERS - 20))
            self.picture.labels.append(
                Label(x + 10, line, shorten(answer.token), colours.text, 13, is_code=True)
            )
            share = f"{100 * answer.probability:.1f} %"
            labels.append(Label(x + ANSWERS - 10, line, share, colours.text, 13, "end"))
            self.picture.bars += [
                Band(x + 10, line + 5, ANSWERS - 20, 4, colours.muted, 0.25),
                Band(x + 10, line + 5, bar, 4, colours.query, 1.0),
            ]
        self.x = x + ANSWERS


def _begins(values: np.ndarray) -> str:
    """The first numbers of a vector: "256 numbers, 0.1235, −1.2000, 3.0000 …"."""
    first = ", ".join(map(digits, values[:3]))
    return f"{len(values):,} numbers, {first} …"


def describe_path(path: TokenPath, answers: Sequence[Prediction], rows: Sequence[int]) -> str:
    """Say in words what the picture shows, for those who cannot see it."""
    token = path.tokens[path.position]
    layers = len({block.layer for block in path.blocks} - {None})
    added = [b.title.lower() for b in path.blocks if b.name in ("words", "positions", "segments")]
    parts = [
        f"The path of “{token}”, token {path.position} of {len(path.tokens)}, of which "
        f"{len(rows)} are drawn.",
        f"Its piece becomes {' plus '.join(added)}, then LayerNorm.",
        f"It goes through {layers} layers; in each of them attention adds to it what it takes "
        "from all tokens, feed-forward what it makes of it alone, each followed by LayerNorm.",
    ]
    if answers:
        best = ", ".join(f"{a.token} {100 * a.probability:.1f} %" for a in answers)
        parts.append(f"The masked-LM head turns the last hidden state into probabilities: {best}.")
    else:
        parts.append("It ends at the last hidden state: the model has no masked-LM head.")
    return " ".join(parts)
