"""What the picture of a token's path is made of: boxes, lines, texts and grounds, in px."""

from dataclasses import asdict, dataclass, field


@dataclass(frozen=True)
class PathNode:
    """A box: a block of the chosen token, or a strip of another one.

    Attributes:
        opens: The block that a click opens; "" where it opens none.
        token: The token that a click chooses; None where it chooses none.
        x, y, width, height: px; x and y are the box's upper left corner.
        title: Inside the box; "" for a bare strip.
        hover: What a pointer and a screen reader are told.
        levels: The strip's colours, see `packed_levels`; "" without a strip.
        columns: Of the strip.
        is_chosen: Whether it is the block that is open below.
        is_reached: Whether the path has come this far.
        fill, edge: Colours; "" for the page's own.
    """

    opens: str
    token: int | None
    x: float
    y: float
    width: float
    height: float
    title: str
    hover: str
    levels: str = field(default="", repr=False)
    columns: int = 1
    is_chosen: bool = False
    is_reached: bool = True
    fill: str = ""
    edge: str = ""


@dataclass(frozen=True)
class Wire:
    """A line: an SVG path, its width in px, its colour, how strong it is, and what it says."""

    path: str
    width: float
    colour: str
    opacity: float = 1.0
    hover: str = ""


@dataclass(frozen=True)
class Label:
    """A text; `anchor` is SVG's text-anchor; `is_code` sets it in the font of tokens."""

    x: float
    y: float
    text: str
    colour: str
    size: float = 12.0
    anchor: str = "start"
    is_bold: bool = False
    is_code: bool = False
    token: int | None = None


@dataclass(frozen=True)
class Band:
    """A rounded ground behind things; an `outline` is drawn where a colour is given."""

    x: float
    y: float
    width: float
    height: float
    colour: str
    opacity: float
    outline: str = ""


@dataclass
class Picture:
    """Everything to draw, back to front: bands, wires, nodes, bars, labels.

    `rows` are the tokens that are drawn, `top` is the number at the end of the colour scale; what
    lies left of `names` are the tokens' names; the stream runs at the height `axis`.
    """

    width: float
    height: float
    rows: tuple[int, ...]
    top: float
    axis: float
    names: float
    bands: list[Band] = field(default_factory=list)
    wires: list[Wire] = field(default_factory=list)
    nodes: list[PathNode] = field(default_factory=list)
    bars: list[Band] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)

    def data(self) -> dict:
        """As plain lists and dictionaries."""
        return asdict(self)
