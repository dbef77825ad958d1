"""What each attention head does with one input: statistics, and what may be said about them."""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from bertlab.errors import InputError
from bertlab.inspection.trace import Trace
from bertlab.tokenization.encoding import EncodedInput

# A sentence about a head is said only from here on; measured against the shares of even weights.
PATTERN_SHARE = 0.5
PATTERN_TIMES_EVEN = 2.0

CLS_TOKENS = ("[CLS]", "<s>")
SEP_TOKENS = ("[SEP]", "</s>")

Pattern = Literal["previous", "next", "itself", "cls", "sep"]
PATTERNS: tuple[Pattern, ...] = ("previous", "next", "itself", "cls", "sep")


@dataclass(frozen=True)
class HeadStatistics:
    """What one head does on average over all query tokens, special tokens included.

    Write a[i, j] for the weight that query i gives to key j; each row sums to 1.

    Attributes:
        layer, head: Counted from 0.
        entropy: Mean over i of -sum_j a[i, j] ln a[i, j], in nats: 0 when each token looks at one
            token only, ln(tokens) when all weights are even.
        mean_distance: Mean over i of sum_j a[i, j] |i - j|, in tokens.
        cls_share: Mean over i of the weight on [CLS] (or <s>), in 0..1; 0 if there is none.
        sep_share: Mean over i of the weight on all [SEP] (or </s>) together; 0 if there is none.
        previous_share: Mean of a[i, i - 1] over all tokens that have a token before them.
        next_share: Mean of a[i, i + 1] over all tokens that have a token after them.
        self_share: Mean over i of a[i, i].
    """

    layer: int
    head: int
    entropy: float
    mean_distance: float
    cls_share: float
    sep_share: float
    previous_share: float
    next_share: float
    self_share: float

    def share(self, pattern: Pattern) -> float:
        """The share of one pattern: `share("itself")` is `self_share`."""
        return {
            "previous": self.previous_share,
            "next": self.next_share,
            "itself": self.self_share,
            "cls": self.cls_share,
            "sep": self.sep_share,
        }[pattern]


@dataclass(frozen=True)
class Notice:
    """What is to be seen in one head in this sentence.

    Attributes:
        text: One line, fit for a figure's title.
        detail: One sentence with the number that `text` rests on and what it is compared with.
        pattern: The pattern that stands out; None if none does.
        share: Of the head's strongest pattern, in 0..1, whether it stands out or not.
        even_share: What the same pattern would hold if all weights were even.
    """

    text: str
    detail: str
    pattern: Pattern | None
    share: float
    even_share: float


@dataclass(frozen=True)
class WithoutSpecial:
    """Attention among the ordinary tokens alone, as the model computed it: not rescaled.

    Attributes:
        attention: (..., kept query, kept key), with the leading axes of what was given.
        positions: The kept positions in the input, in order.
        hidden_mass: (..., kept query): the weight each kept row gives to hidden keys, so that the
            row's sum plus this is 1.
        note: One sentence that says how much is hidden.
    """

    attention: np.ndarray = field(repr=False)
    positions: tuple[int, ...]
    hidden_mass: np.ndarray = field(repr=False)
    note: str


def head_statistics(trace: Trace) -> tuple[HeadStatistics, ...]:
    """Measure every head of a trace, layer by layer: entry `layer * trace.heads + head`.

    Four tokens with even weights everywhere: entropy ln 4 = 1.386, mean distance 1.25, every share
    0.25 (two [SEP] together: 0.5).
    """
    return tuple(
        HeadStatistics(layer, head, *(float(column[head]) for column in columns))
        for layer in range(trace.layers)
        for columns in [_measure(trace.attention[layer], trace.encoded.tokens)]
        for head in range(trace.heads)
    )


def even_share(tokens: tuple[str, ...], pattern: Pattern) -> float:
    """What a pattern holds when all weights are even: 2/9 for the two [SEP] among nine tokens."""
    counted = {"cls": CLS_TOKENS, "sep": SEP_TOKENS}
    if pattern in counted:
        return sum(token in counted[pattern] for token in tokens) / len(tokens)
    has_neighbour = len(tokens) > 1 or pattern == "itself"
    return 1 / len(tokens) if has_neighbour else 0.0


def choose_head(trace: Trace) -> tuple[int, int]:
    """The (layer, head) to open on: the one that looks most at a direct neighbour.

    The larger of `previous_share` and `next_share` counts; of equals the first one wins. Such heads
    are the easiest to read, and every model has a strongest one, so the choice claims nothing.
    """
    shares = [  # each (head,)
        np.maximum(_on_neighbour(weights, -1), _on_neighbour(weights, 1))
        for weights in trace.attention
    ]
    layer, head = np.unravel_index(int(np.argmax(shares)), (trace.layers, trace.heads))
    return int(layer), int(head)


def notice(trace: Trace, layer: int, head: int) -> Notice:
    """Say what one head looks at in this sentence, if its numbers say so.

    "Head 2.3 looks at the previous token: 81 % of its weight" needs a share of at least
    `PATTERN_SHARE` and more than `PATTERN_TIMES_EVEN` times the share that even weights would give.
    """
    weights = trace.attention[layer, head : head + 1]  # (1, query, key)
    tokens = trace.encoded.tokens
    columns = _measure(weights, tokens)
    measured = HeadStatistics(layer, head, *(float(column[0]) for column in columns))
    return describe(measured, tokens)


def describe(measured: HeadStatistics, tokens: tuple[str, ...]) -> Notice:
    """As `notice`, from statistics that are already at hand."""
    strongest = max(PATTERNS, key=measured.share)
    share, even = measured.share(strongest), even_share(tokens, strongest)
    name = f"Head {measured.layer}.{measured.head}"
    target = _target(strongest, tokens)
    is_clear = share >= PATTERN_SHARE and share > PATTERN_TIMES_EVEN * even
    text = (
        f"{name} looks at {target}: {100 * share:.0f} % of its weight"
        if is_clear
        else f"{name}: no simple pattern in this sentence"
    )
    detail = (
        f"Of the simple patterns {target} holds most: {100 * share:.1f} % of the head's weight; "
        f"even weights would give it {100 * even:.1f} %."
    )
    return Notice(text, detail, strongest if is_clear else None, share, even)


def hide_special(attention: np.ndarray, encoded: EncodedInput) -> WithoutSpecial:
    """Cut the special tokens out of attention and count what goes with them.

    With [CLS] hidden, a row [0.7, 0.1, 0.2] whose first key is [CLS] becomes [0.1, 0.2], and its
    hidden mass is 0.7. [MASK] is not hidden: it stands for a word.

    Args:
        attention: (..., query, key).
        encoded: The input it was computed for.

    Raises:
        InputError: There are special tokens only.
    """
    frame = (*CLS_TOKENS, *SEP_TOKENS)  # also where the text itself spells one
    kept = [
        i
        for i, (token, added) in enumerate(zip(encoded.tokens, encoded.is_added, strict=True))
        if not added and token not in frame
    ]
    if not kept:
        raise InputError("There is nothing but special tokens. Type a word, or show them.")
    rows = attention[..., kept, :]  # (..., kept query, key)
    shown = rows[..., kept]  # (..., kept query, kept key)
    hidden = rows.sum(axis=-1, dtype=np.float64) - shown.sum(axis=-1, dtype=np.float64)
    hidden = np.clip(hidden, 0.0, None)  # rounding may leave -1e-8
    note = (
        f"Special tokens are hidden: they hold {100 * hidden.mean():.1f} % of the weight of the "
        "tokens shown here. The rest is as the model computed it, not rescaled."
    )
    return WithoutSpecial(shown, tuple(kept), hidden, note)


def sentence_b_start(encoded: EncodedInput, positions: tuple[int, ...] | None = None) -> int | None:
    """Where sentence B begins, counted in the positions that are shown; None without a pair.

    For "[CLS] a [SEP] b [SEP]" it is 3; with the special tokens hidden it is 1.
    """
    shown = range(len(encoded.tokens)) if positions is None else positions
    sequence = [encoded.sequence_ids[position] for position in shown]
    return sequence.index(1) if 1 in sequence and sequence.index(1) > 0 else None


def _measure(weights: np.ndarray, tokens: tuple[str, ...]) -> tuple[np.ndarray, ...]:
    """The numbers of `HeadStatistics` in its order, each (head,), from (head, query, key)."""
    positions = np.arange(len(tokens))
    distance = np.abs(positions[:, None] - positions).astype(weights.dtype)  # (query, key)
    logarithms = np.log(np.where(weights > 0, weights, 1))  # 0 ln 0 is 0
    return (
        -_row_sums(weights * logarithms).mean(axis=-1),
        _row_sums(weights * distance).mean(axis=-1),
        _on_tokens(weights, tokens, CLS_TOKENS),
        _on_tokens(weights, tokens, SEP_TOKENS),
        _on_neighbour(weights, -1),
        _on_neighbour(weights, 1),
        _on_neighbour(weights, 0),
    )


def _on_tokens(weights: np.ndarray, tokens: tuple[str, ...], wanted: tuple[str, ...]) -> np.ndarray:
    keys = [i for i, token in enumerate(tokens) if token in wanted]
    means: np.ndarray = _row_sums(weights[:, :, keys]).mean(axis=-1)  # (head,)
    return means


def _row_sums(values: np.ndarray) -> np.ndarray:
    """Sums over the last axis, in float64."""
    sums: np.ndarray = values.sum(axis=-1, dtype=np.float64)
    return sums


def _on_neighbour(weights: np.ndarray, offset: int) -> np.ndarray:
    """The mean weight on the token `offset` places on, over the rows that have one: (head,)."""
    diagonal = np.diagonal(weights, offset=offset, axis1=1, axis2=2)  # (head, rows)
    return (
        diagonal.mean(axis=-1, dtype=np.float64) if diagonal.shape[-1] else np.zeros(len(weights))
    )


def _target(pattern: Pattern, tokens: tuple[str, ...]) -> str:
    named = {"cls": CLS_TOKENS, "sep": SEP_TOKENS}
    if pattern in named:
        return next(token for token in (*tokens, named[pattern][0]) if token in named[pattern])
    return {
        "previous": "the previous token",
        "next": "the next token",
        "itself": "the token itself",
    }[pattern]
