"""bertviz's own views, drawn without the internet, as large as a browser can bear.

bertviz (Vig 2019) writes a page for a notebook; `bertlab.views.bertviz.page` makes one that works
offline and is a tenth as large. Here is decided how much of the attention goes into it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from bertlab.inspection.blocks import Blocks
from bertlab.views.bertviz.data import Packed, pack_vectors, pack_weights
from bertlab.views.bertviz.page import fixed_bytes, make_page
from bertlab.views.bertviz.scripts import Frame, View
from bertlab.views.shared.palette import Theme

MAX_BYTES = 500_000  # thirty students at once fetch 15 MB; more layers than fit come one by one
MAX_TOKENS: dict[View, int] = {"head": 64, "model": 32, "neuron": 64}
BYTES_PER_NUMBER = 1.6  # of queries and keys, measured: rounded, deflated and in base64


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
    blocks: Blocks | None = None,
    query: int = 0,
    sentence_b_start: int | None = None,
    theme: Theme = "light",
    title: str = "",
    text: str = "",
) -> BertvizPage | Refusal:
    """Build a page of bertviz that opens on one head; equal arguments give an equal page.

    The head view draws a line from each token to those it looks at; a numbered square for each head
    stands on top: a click shows or hides it, a double click shows it alone. The model view draws
    all heads as thumbnails, a row for each layer; a click opens one. The neuron view draws one
    head's queries and keys number by number, with their products and the row of weights.

    Args:
        view: "head", "model" or "neuron".
        attention: float32 (layers, heads, query, key), weights in 0..1.
        tokens: One name for each position, shown as they are, markup too.
        layer: What to open on, counted from 0.
        head: As `layer`.
        blocks: What the hooks saw in the same run; the neuron view needs it.
        query: The token that the neuron view opens on.
        sentence_b_start: Index of the second sentence's first token; offers A to B, B to A ...
        theme: The page's ground.
        title: A heading for a page that stands alone; without it the page is bare, for embedding.
        text: A paragraph under the heading.

    Returns:
        The page, or, past 64 tokens (model view: 32), the reason why there is none.
    """
    layers, heads, count, _ = attention.shape
    width = blocks.head_size if blocks and view == "neuron" else 0
    if refusal := why_refused(view, heads, count, head_size=width):
        return refusal
    shown, note = layers_to_draw(layers, heads, count, layer, view=view, head_size=width)
    b_start = sentence_b_start if sentence_b_start and sentence_b_start < count else None
    around = view, theme, title, (text, note)
    frame = Frame(*around, shown, heads, layer, head, query, second_start=b_start)
    arrays = pack_layers(view, attention, shown, blocks)
    return BertvizPage(make_page(tokens, arrays, frame), shown, note)


def pack_layers(
    view: View, attention: np.ndarray, layers: Sequence[int], blocks: Blocks | None = None
) -> dict[str, Packed]:
    """The numbers of some layers, as small as a page carries them.

    Args:
        view: The neuron view takes queries and keys besides the weights.
        attention: (layers, heads, query, key).
        layers: Which of them.
        blocks: Of the same run.

    Raises:
        ValueError: The neuron view was given no blocks.
    """
    chosen = list(layers)
    arrays = {"attn": pack_weights(attention[chosen])}
    if view != "neuron":
        return arrays
    if blocks is None:
        raise ValueError("The neuron view needs the queries and keys of an opened trace.")
    vectors = {"queries": blocks.query[chosen], "keys": blocks.key[chosen]}
    return arrays | {name: pack_vectors(vector) for name, vector in vectors.items()}


def estimate_bytes(
    layers: int, heads: int, tokens: int, *, view: View = "head", head_size: int = 0
) -> int:
    """How large a page will be at most, known before it is built.

    Twelve layers of twelve heads over 64 tokens are 589,824 weights: about 1.0 MB. Heads that look
    at one token alone take less: zeros are short.

    Args:
        layers: How many are drawn.
        heads: How many each of them has.
        tokens: How many the input has.
        view: bertviz's script, which is in the page, differs.
        head_size: The width of a query, for the neuron view; else 0.
    """
    weights, numbers = layers * heads * tokens**2, 2 * layers * heads * tokens * head_size
    return fixed_bytes(view) + round(
        bytes_per_weight(tokens) * weights + BYTES_PER_NUMBER * numbers
    )


def bytes_per_weight(tokens: int) -> float:
    """What a weight takes, measured: 1.8 among 16 tokens, 1.4 among 64, 1.2 among 128.

    With twice the tokens a weight is half as large, which is a bit less to write.
    """
    return 2.6 - 0.2 * math.log2(tokens)


def why_refused(view: View, heads: int, tokens: int, *, head_size: int = 0) -> Refusal | None:
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
    size = estimate_bytes(1, heads, tokens, view=view, head_size=head_size)
    if size > MAX_BYTES:
        return Refusal(
            f"One layer alone would make a page of {size / 1e6:.1f} MB; bertviz's {view} view is "
            f"drawn up to {MAX_BYTES / 1e6:.1f} MB. {instead}"
        )
    return None


def layers_to_draw(
    layers: int, heads: int, tokens: int, layer: int, *, view: View = "head", head_size: int = 0
) -> tuple[tuple[int, ...], str]:
    """All layers where the page stays within `MAX_BYTES`, else the chosen one with the reason."""
    size = estimate_bytes(layers, heads, tokens, view=view, head_size=head_size)
    if size <= MAX_BYTES:
        return tuple(range(layers)), ""
    note = (
        f"Layer {layer} alone: all {layers} layers would make a page of {size / 1e6:.1f} MB, and "
        f"{MAX_BYTES / 1e6:.1f} MB is the limit. Choose another layer to see it."
    )
    return (layer,), note
