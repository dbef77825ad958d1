"""bertviz's head view and model view, drawn without the internet, as large as a browser can bear.

bertviz (Vig 2019) writes its own page; `bertlab.views.bertviz_page` makes it work offline. Here is
decided how much of the attention goes into it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import bertviz
import numpy as np
import torch

from bertlab.views.bertviz_page import Frame, fixed_bytes, make_page
from bertlab.views.palette import Theme

View = Literal["head", "model"]

MAX_BYTES = 2_000_000
MAX_TOKENS: dict[View, int] = {"head": 64, "model": 32}
DECIMALS = 4  # a hundredth of a per cent; unrounded, a weight takes about 20 characters
BYTES_PER_WEIGHT = 6.8  # measured: "0.0123," takes 7; "0.002," takes 6 and "0.0," takes 4


@dataclass(frozen=True)
class BertvizPage:
    """A complete HTML document that asks nothing of any host.

    Attributes:
        html: The document.
        layers: The layers that are in it.
        note: Why it does not hold all layers; "" if it does.
    """

    html: str = field(repr=False)
    layers: tuple[int, ...]
    note: str


@dataclass(frozen=True)
class Refusal:
    """A view that would be too large to draw.

    Attributes:
        reason: What is too large, and what serves instead.
    """

    reason: str


def draw_bertviz(
    view: View,
    attention: np.ndarray,
    tokens: Sequence[str],
    *,
    layer: int,
    head: int,
    sentence_b_start: int | None = None,
    theme: Theme = "light",
    title: str = "",
    text: str = "",
) -> BertvizPage | Refusal:
    """Build a page of bertviz that opens on one head; equal arguments give an equal page.

    The head view draws a line from each token to those it looks at; a numbered square for each head
    stands on top: a click shows or hides it, a double click shows it alone. The model view draws
    all heads as thumbnails, a row for each layer; a click opens one.

    Args:
        view: "head" or "model".
        attention: float32 (layers, heads, query, key), weights in 0..1.
        tokens: One name for each position, shown as they are, markup too.
        layer: What to open on, counted from 0.
        head: As `layer`.
        sentence_b_start: Index of the second sentence's first token; offers A to B, B to A ...
        theme: The page's ground.
        title: A heading for a page that stands alone; without it the page is bare, for embedding.
        text: A paragraph under the heading.

    Returns:
        The page, or, past 64 tokens (head view) or 32 (model view), the reason why there is none.
    """
    layers, heads, count, _ = attention.shape
    b_start = sentence_b_start if sentence_b_start and sentence_b_start < count else None
    if refusal := why_refused(view, heads, count, has_pair=b_start is not None):
        return refusal
    shown, note = layers_to_draw(layers, heads, count, layer, has_pair=b_start is not None)
    fragment = _call_bertviz(view, attention, list(tokens), shown, (layer, head), b_start, theme)
    frame = Frame(view, theme, title, (text, note), opened=(shown.index(layer), head))
    return BertvizPage(make_page(fragment, tokens, frame), shown, note)


def estimate_bytes(layers: int, heads: int, tokens: int, *, has_pair: bool = False) -> int:
    """How large a page will be, known before it is built.

    Twelve layers of twelve heads over 64 tokens are 589,824 weights: about 4.4 MB. A pair of
    sentences doubles the weights: bertviz stores the blocks A to A, A to B ... once more. Heads
    that look at one token alone leave many weights of 0.0, shorter to write: up to 40 % less.
    """
    weights = layers * heads * tokens**2 * (2 if has_pair else 1)
    return fixed_bytes() + round(BYTES_PER_WEIGHT * weights)


def why_refused(view: View, heads: int, tokens: int, *, has_pair: bool = False) -> Refusal | None:
    """Say why a view is not drawn, before anything is built; None if it can be.

    `why_refused("head", 12, 64)` is None; `why_refused("head", 12, 65).reason` names both numbers.
    """
    instead = "The heatmap shows the same numbers."
    if tokens > MAX_TOKENS[view]:
        return Refusal(
            f"bertviz's {view} view draws a line for each pair of tokens in each head. Past "
            f"{MAX_TOKENS[view]} tokens that freezes the browser, and this input has {tokens}. "
            f"{instead}"
        )
    size = estimate_bytes(1, heads, tokens, has_pair=has_pair)
    if size > MAX_BYTES:
        return Refusal(
            f"One layer alone would make a page of {size / 1e6:.1f} MB; bertviz's {view} view is "
            f"drawn up to {MAX_BYTES / 1e6:.0f} MB. {instead}"
        )
    return None


def layers_to_draw(
    layers: int, heads: int, tokens: int, layer: int, *, has_pair: bool = False
) -> tuple[tuple[int, ...], str]:
    """All layers where the page stays within `MAX_BYTES`, else the chosen one with the reason."""
    size = estimate_bytes(layers, heads, tokens, has_pair=has_pair)
    if size <= MAX_BYTES:
        return tuple(range(layers)), ""
    note = (
        f"Layer {layer} alone: all {layers} layers would make a page of {size / 1e6:.1f} MB, and "
        f"{MAX_BYTES / 1e6:.0f} MB is the limit. Choose another layer to see it."
    )
    return (layer,), note


def _call_bertviz(
    view: View,
    attention: np.ndarray,
    tokens: list[str],
    shown: tuple[int, ...],
    opened: tuple[int, int],
    sentence_b_start: int | None,
    theme: Theme,
) -> str:
    """The HTML that bertviz makes for a notebook, of the layers that are shown."""
    rounded = torch.from_numpy(attention).double().round(decimals=DECIMALS)
    options = {
        "attention": list(rounded.unsqueeze(1)),  # each layer (1, heads, query, key)
        "tokens": tokens,
        "sentence_b_start": sentence_b_start,
        "prettify_tokens": False,  # every page shows the pieces as the vocabulary spells them
        "include_layers": list(shown),
        "html_action": "return",
    }
    if view == "head":
        return bertviz.head_view(**options, layer=opened[0], heads=[opened[1]]).data
    return bertviz.model_view(**options, display_mode=theme).data
