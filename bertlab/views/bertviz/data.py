"""The numbers of a bertviz page, packed small: rounded, whole, deflated, in base64.

bertviz writes a weight as JSON prints a float, about 20 characters, and its whole data twice. Here
a number takes two bytes before deflating, and one character and a half after it.
"""

import base64
import math
import zlib
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

DECIMALS = 4  # of a weight: a hundredth of a per cent
DIGITS = 3  # of the largest number among queries or keys

# The other side of `deflate` and `pack`; `fill` cuts what one block of a sentence pair needs.
UNPACKING = """
const unpack = (text) => new Response(
  new Blob([Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0))]).stream()
    .pipeThrough(new DecompressionStream("deflate")));
const numbers = async ({ text, shape, units }) => {
  const bytes = new Uint8Array(await unpack(text).arrayBuffer()), half = bytes.length / 2;
  let at = 0;
  const next = () => ((bytes[at] | (bytes[half + at++] << 8)) << 16 >> 16) / units;
  const take = ([size, ...rest]) =>
    Array.from({ length: size }, () => (rest.length ? take(rest) : next()));
  return take(shape);
};
const arrays = {};
const fill = (params) => {
  const each = (name, cut) => arrays[name]?.map((heads) => heads.map(cut));
  for (const block of params.attention) {
    const rows = (head) => head.slice(...block.rows);
    const columns = (head) => head.slice(...block.columns);
    block.attn = each("attn", (head) => rows(head).map(columns));
    block.queries = each("queries", rows);
    block.keys = each("keys", columns);
  }
};
"""


@dataclass(frozen=True)
class Packed:
    """An array as it stands in a page.

    Attributes:
        text: The whole numbers, low bytes first and high bytes after them, deflated, in base64.
        shape: Of the array.
        units: What a whole number is divided by.
    """

    text: str
    shape: tuple[int, ...]
    units: float

    def to_json(self) -> dict[str, Any]:
        """The same for `json.dumps`."""
        return asdict(self)


def pack_weights(weights: np.ndarray) -> Packed:
    """Pack weights in 0..1, to `DECIMALS` places: 0.12344 becomes 1234 of 10,000."""
    return pack(weights, units=10**DECIMALS)


def pack_vectors(vectors: np.ndarray) -> Packed:
    """Pack numbers of any size, to as many places as give the largest of them `DIGITS` digits.

    With 7.314 as the largest number -0.268 becomes -27 of 100.
    """
    largest = float(np.abs(vectors).max(initial=0.0)) or 1.0
    return pack(vectors, units=10.0 ** (DIGITS - 1 - math.floor(math.log10(largest))))


def pack(array: np.ndarray, *, units: float) -> Packed:
    """Pack numbers of at most 32,767 units.

    Like bytes stand together, so that deflating finds more to save: most high bytes are 0.
    """
    whole = np.rint(np.asarray(array, dtype=np.float64) * units).astype("<i2")
    pairs = whole.reshape(-1, 1).view(np.uint8)  # (number, low and high byte)
    return Packed(deflate(pairs.T.tobytes()), array.shape, units)


def deflate(data: bytes) -> str:
    """Make bytes small and fit for a script: zlib's format in base64."""
    return base64.b64encode(zlib.compress(data, 9)).decode("ascii")
