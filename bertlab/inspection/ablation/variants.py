"""Many variants of one input in few forward passes, asked about one blank."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from torch import Tensor

from bertlab.errors import ModelError
from bertlab.inspection.masked_lm import why_no_blanks
from bertlab.models.collate import model_inputs, rows_of
from bertlab.models.modules import find_parts
from bertlab.tokenization.encoding import EncodedInput

if TYPE_CHECKING:
    from bertlab.models import LoadedModel

# Of one pass, rows times tokens: in BERT-base about a second of one core, so that there is progress
# to tell. More rows gain little on a CPU.
TOKENS_PER_PASS = 512


def rows_per_pass(tokens: int) -> int:
    """How many variants of an input go through the model together: 42 of 12 tokens, 1 of 512."""
    return max(1, TOKENS_PER_PASS // tokens)


def blank_log_probabilities(
    loaded: LoadedModel, encoded: EncodedInput, rows: Sequence[Sequence[int]], position: int
) -> Tensor:
    """Run variants of one input as one batch and read the answers for one position.

    The masked-LM head is run at that position alone: for all tokens it would be most of the work.
    Hold the model's lock, and hooks for the whole batch where there are some.

    Args:
        loaded: A model with a masked-LM head.
        encoded: The input that `rows` are variants of.
        rows: Token ids, each row as long as the input.
        position: Which token to ask about.

    Returns:
        float64 (rows, vocabulary), on the CPU: natural logarithms of probabilities.

    Raises:
        ModelError: The model has no masked-LM head.
    """
    head = find_parts(loaded.model).mlm_head
    if head is None or not loaded.has_mlm_head:
        raise ModelError(why_no_blanks(loaded))
    given = model_inputs(loaded, {**rows_of([encoded] * len(rows)), "input_ids": rows})
    hidden = loaded.encoder(**given).last_hidden_state  # (rows, token, hidden)
    logits = head(hidden[:, position])  # (rows, vocabulary)
    return logits.cpu().double().log_softmax(dim=-1)  # a GPU of Apple's has no float64
