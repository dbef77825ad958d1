"""Attention as raw bytes for pictures on canvas: small, and known in size before it is made.

One byte a weight and one picture a head, in place of numbers written out with 18 digits.
"""

import json
import struct
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from plotly.colors import hex_to_rgb, unlabel_rgb

from bertlab.views.shared.heatmap import attention_scale
from bertlab.views.shared.palette import Theme, palette_of

MAX_SMALL_BYTES = 2_400_000  # of all small pictures together: 12 x 12 heads of 128 x 128
EXACT_STEP = 1 / 65535  # of the weights in the large picture


def small_side(layers: int, heads: int, tokens: int) -> int:
    """How many cells a side the small picture of a head gets.

    >>> small_side(12, 12, 128), small_side(12, 12, 512), small_side(24, 16, 128)
    (128, 129, 79)
    """
    return min(tokens, int((MAX_SMALL_BYTES / (layers * heads)) ** 0.5))


def pack_heads(attention: np.ndarray, *, theme: Theme, top: float = 1.0, **header: Any) -> bytes:
    """Pack a small picture of every head: 8 bits a cell.

    Weights of 0, 0.5 and 1 become 0, 128 and 255; with a `top` of 0.5 they become 0, 255 and 255.
    Where there are more tokens than fit, a cell is
    the largest weight of those that fall into it, so that a thin line does not fade.

    Args:
        attention: float32 (layers, heads, query, key), weights in 0..1.
        theme: Whose colours go along.
        top: The weight at the strong end of the scale.
        header: What else the pictures need to know.

    Returns:
        What `unpack` reads; the payload is uint8 (layers, heads, side, side).
    """
    layers, heads, tokens, _ = attention.shape
    side = small_side(layers, heads, tokens)
    shares = np.minimum(shrink(attention, side) / top, 1)
    cells = np.rint(255 * shares).astype(np.uint8)
    shape = {"layers": layers, "heads": heads, "side": side}
    return _pack({**shape, **header, "colours": _colours(theme)}, cells.tobytes())


def pack_head(weights: np.ndarray, names: Sequence[str], *, theme: Theme, **header: Any) -> bytes:
    """Pack one head as large as it is: 16 bits a cell, so that hovering tells true numbers.

    A weight of 44.7499 % may be nearest to a step that is shown as 44.8 %: it takes the next one,
    so that the number under the pointer is the one that the page writes.

    Args:
        weights: (query, key) in 0..1.
        names: Of the tokens.
        theme: Whose colours go along.
        header: What else the picture needs to know.

    Returns:
        What `unpack` reads; the payload is uint16 (query, key), little-endian, in `EXACT_STEP`.
    """
    exact = np.clip(np.asarray(weights, dtype=np.float64), 0, 1)
    cells = np.rint(exact / EXACT_STEP)
    shown = np.floor(1000 * cells * EXACT_STEP + 0.5)  # in tenths of a per cent
    cells = (cells + np.sign(np.rint(1000 * exact) - shown)).astype("<u2")
    return _pack({"names": list(names), **header, "colours": _colours(theme)}, cells.tobytes())


def unpack(packed: bytes) -> tuple[dict[str, Any], bytes]:
    """Read back the header and the payload, as the browser does."""
    (length,) = struct.unpack_from("<I", packed)
    return json.loads(packed[4 : 4 + length]), packed[4 + length :]


def shrink(attention: np.ndarray, side: int) -> np.ndarray:
    """Make the last two axes `side` long; each cell is the largest of its block.

    (4, 4) to a side of 2: rows 0 and 1 with columns 0 and 1 become one cell, and so on.
    """
    tokens = attention.shape[-1]
    if tokens <= side:
        return attention
    starts = np.arange(side) * tokens // side
    rows = np.maximum.reduceat(attention, starts, axis=-2)
    return np.maximum.reduceat(rows, starts, axis=-1)


def _pack(header: Mapping[str, Any], payload: bytes) -> bytes:
    """Four bytes for the header's length, the header as JSON, then the numbers.

    Spaces bring the numbers to an even place, from which a browser can read 16 bits at once.
    """
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":"))
    encoded = text.encode("utf-8", "replace")
    encoded += b" " * (len(encoded) % 2)
    return struct.pack("<I", len(encoded)) + encoded + payload


def _colours(theme: Theme) -> dict[str, Any]:
    """256 colours from 0 to 1, and those of ink, lines, query and key."""
    palette = palette_of(theme)
    points = np.array([unlabel_rgb(colour) for _, colour in attention_scale(theme)])
    where = np.linspace(0, len(points) - 1, 256)
    channels = [np.interp(where, range(len(points)), channel) for channel in points.T]
    scale = np.rint(channels).astype(int).T.flatten().tolist()  # red, green, blue, red ...
    scale[:3] = hex_to_rgb(palette.ground)
    inks = {"ink": palette.text, "line": palette.grid, "query": palette.query, "key": palette.key}
    return {"scale": scale, **inks, "ground": palette.ground}
