"""One look: a colour means the same on every page (Okabe and Ito 2008, safe for colour-blind)."""

from dataclasses import dataclass
from typing import Literal

Theme = Literal["light", "dark"]


@dataclass(frozen=True)
class Palette:
    """The colours of one theme, as CSS hex values.

    Attributes:
        query: The chosen token, the query, the training curve.
        key: The key, the validation curve.
        value: The value, what is correct.
        mask: The outline of a masked token; `mask_fill` its ground.
        segment_b: Sentence B.
        muted: Special tokens, padding, "no pattern".
        text, grid, ground: Ink, lines and paper of a figure.
    """

    query: str
    key: str
    value: str
    mask: str
    mask_fill: str
    segment_b: str
    muted: str
    text: str
    grid: str
    ground: str


LIGHT = Palette(
    query="#0072B2",
    key="#D55E00",
    value="#009E73",
    mask="#B8860B",
    mask_fill="#FFF6CC",
    segment_b="#8E4585",
    muted="#6B7280",
    text="#1F2933",
    grid="#DDE2E8",
    ground="#FFFFFF",
)
DARK = Palette(
    query="#56B4E9",
    key="#E69F00",
    value="#2FBF9B",
    mask="#F0E442",
    mask_fill="#3A3712",
    segment_b="#CC79A7",
    muted="#9AA4B2",
    text="#E6EAF0",
    grid="#343B46",
    ground="#0E1117",
)
SEQUENTIAL = "Cividis"


def palette_of(theme: Theme) -> Palette:
    """The palette of a theme: `palette_of("dark").query` is "#56B4E9"."""
    return DARK if theme == "dark" else LIGHT
