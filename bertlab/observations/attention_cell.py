"""What there is to notice about one attention cell and its row."""

from collections.abc import Sequence

from bertlab.inspection.attention_cell import AttentionCell

SHARPER = 0.1  # the division is worth a sentence where it moves the largest weight by so much
FEW = 0.5  # of all absolute products, in ...
FEW_OF = 8  # ... one eighth of the dimensions
LONGER = 1.5  # times as long a part of the context as the heaviest key's
ONE_SIDED = 0.5  # of the products' whole size: one sign then outweighs the other three to one


def cell_notices(cell: AttentionCell, tokens: Sequence[str]) -> tuple[str, ...]:
    """Say what is true of these numbers; where nothing stands out, what was measured.

    Each sentence is arithmetic on one row and claims nothing about what a model has learned.

    Args:
        cell: From `open_cell`.
        tokens: The input's names.
    """
    found = (_division(cell), _few_products(cell), _length(cell, tokens), _sign(cell, tokens))
    return tuple(sentence for sentence in found if sentence) or (_measured(cell),)


def _measured(cell: AttentionCell) -> str:
    """The numbers of which none is large enough for a sentence of its own."""
    few = max(1, cell.head_size // FEW_OF)
    total = float(abs(cell.products).sum())
    largest = float(sum(sorted(abs(cell.products), reverse=True)[:few]))
    share = largest / total if total else 0.0
    return (
        f"The division by √{cell.head_size} takes the row's largest weight from "
        f"{float(cell.undivided.max()):.1%} to {float(cell.weights.max()):.1%}, and the {few} "
        f"largest of {cell.head_size} products hold {share:.1%} of their size: from "
        f"{100 * SHARPER:.0f} points and {FEW:.0%} on that would be much."
    )


def _division(cell: AttentionCell) -> str:
    with_it, without = float(cell.weights.max()), float(cell.undivided.max())
    if without - with_it < SHARPER:
        return ""
    return (
        f"Without the division by √{cell.head_size} the row's largest weight would be "
        f"{without:.1%} instead of {with_it:.1%}: the division leaves more to the other keys."
    )


def _few_products(cell: AttentionCell) -> str:
    sizes = sorted(abs(cell.products), reverse=True)
    few = max(1, cell.head_size // FEW_OF)
    total = float(sum(sizes))
    if total == 0 or sum(sizes[:few]) < FEW * total:
        return ""
    return (
        f"Of the size of all {cell.head_size} products {sum(sizes[:few]) / total:.1%} lies in the "
        f"{few} largest."
    )


def _length(cell: AttentionCell, tokens: Sequence[str]) -> str:
    """A weight says little where the value behind it is short (Kobayashi et al. 2020)."""
    heaviest, longest = int(cell.weights.argmax()), int(cell.lengths.argmax())
    if cell.lengths[longest] < LONGER * cell.lengths[heaviest]:
        return ""
    return (
        f"“{tokens[heaviest]}” has the row's largest weight, yet “{tokens[longest]}” brings the "
        f"longest part of the context: {cell.lengths[longest]:.2f} against "
        f"{cell.lengths[heaviest]:.2f}, as its value vector is longer."
    )


def _sign(cell: AttentionCell, tokens: Sequence[str]) -> str:
    total = float(abs(cell.products).sum())
    if total == 0 or abs(cell.dot) < ONE_SIDED * total:
        return ""
    more, less = ("positive", "negative") if cell.dot > 0 else ("negative", "positive")
    way = "alike" if cell.dot > 0 else "apart"
    return (
        f"The {more} products outweigh the {less} ones at least three to one: q of "
        f"“{tokens[cell.query]}” and k of “{tokens[cell.key]}” point {way}."
    )
