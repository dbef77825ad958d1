"""One forward pass with everything seen on the way: the source of every picture of the inside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from bertlab.errors import InputError
from bertlab.inspection.blocks import Blocks, recorded_blocks
from bertlab.models.collate import model_inputs, rows_of
from bertlab.models.modules import find_parts
from bertlab.tokenization.encoding import EncodedInput

if TYPE_CHECKING:
    from bertlab.models import LoadedModel

# The eager attention of one pass is kept whole. 512 tokens in a 12 x 12 model take 151 MB.
MAX_TOKENS = 512


@dataclass(frozen=True)
class Trace:
    """What one forward pass computed for one input.

    Attributes:
        encoded: The input as the tokenizer made it, before masking.
        token_ids: What the model was given: `encoded.token_ids` with masks and fillings put in.
        masked: Positions that held the mask token, in order.
        hidden_states: float32 (layers + 1, token, hidden); the first is the embedding's output.
        attention: float32 (layers, heads, query, key); each row sums to 1.
        logits: float32 (masked, vocabulary), one row for each of `masked`; None if the model has
            no masked-LM head.
        blocks: What every block between the hidden states made; None unless it was asked for.
    """

    encoded: EncodedInput
    token_ids: tuple[int, ...]
    masked: tuple[int, ...]
    hidden_states: np.ndarray = field(repr=False)
    attention: np.ndarray = field(repr=False)
    logits: np.ndarray | None = field(repr=False)
    blocks: Blocks | None = field(default=None, repr=False)

    @property
    def layers(self) -> int:
        """The number of layers, counted in the attention, not in a configuration."""
        return int(self.attention.shape[0])

    @property
    def heads(self) -> int:
        """The number of heads in each layer."""
        return int(self.attention.shape[1])


def run_trace(
    loaded: LoadedModel,
    encoded: EncodedInput,
    *,
    masked: Sequence[int] = (),
    filled: Mapping[int, int] | None = None,
    is_opened: bool = False,
) -> Trace:
    """Run the model once and keep everything.

    `run_trace(loaded, encode(loaded.tokenizer, "a b")).attention.shape` is (layers, heads, 4, 4).

    Args:
        loaded: The model; it stays as it is.
        encoded: One input without padding.
        masked: Positions to put the mask token at, besides those where the text has it already.
        filled: Token ids to put at positions, over text and masks.
        is_opened: Whether to keep what every block made, queries, keys and values among it: for
            512 tokens in a 12 x 12 model 210 MB more.

    Raises:
        InputError: The input is longer than the model's positions, or a position is outside it.
    """
    token_ids = _change_ids(loaded, encoded, masked, filled or {})
    mask_id = loaded.tokenizer.mask_token_id
    positions = tuple(i for i, token_id in enumerate(token_ids) if token_id == mask_id)
    with loaded.lock, torch.inference_mode():  # the lock: nobody else's hooks are on the model
        given = _tensors(loaded, encoded, token_ids)
        output, blocks = _run(loaded, given, is_opened)
        logits = _scores(loaded, output, positions) if loaded.has_mlm_head else None
    return Trace(
        encoded=encoded,
        token_ids=token_ids,
        masked=positions,
        hidden_states=_to_numpy(torch.cat(output.hidden_states)),  # (layers + 1, token, hidden)
        attention=_to_numpy(torch.cat(output.attentions)),  # (layers, heads, query, key)
        logits=logits,  # (masked, vocabulary)
        blocks=blocks,
    )


def _run(
    loaded: LoadedModel, given: dict[str, torch.Tensor], is_opened: bool
) -> tuple[Any, Blocks | None]:
    options = {"output_attentions": True, "output_hidden_states": True}
    if not is_opened:
        return loaded.encoder(**given, **options), None
    heads = loaded.config.num_attention_heads
    with recorded_blocks(find_parts(loaded.model), heads) as blocks:
        output = loaded.encoder(**given, **options)
    return output, blocks()


def _scores(loaded: LoadedModel, output: Any, positions: Sequence[int]) -> np.ndarray:
    """Run the masked-LM head where it is asked: over all tokens it is a fifth of BERT-base's work.

    Returns:
        float32 (position, vocabulary).
    """
    head = find_parts(loaded.model).mlm_head
    assert head is not None, "the caller has looked at `has_mlm_head`"
    return _to_numpy(head(output.last_hidden_state[0, list(positions)]))


def logits_at(
    loaded: LoadedModel,
    encoded: EncodedInput,
    positions: Sequence[int],
    *,
    filled: Mapping[int, int] | None = None,
) -> np.ndarray:
    """Run the model once and keep its scores at some positions, whatever stands there.

    The loss of pre-training asks about tokens that were not masked, too; a `Trace` keeps the
    scores of masked ones only.

    Args:
        loaded: A model with a masked-LM head.
        encoded: One input without padding.
        positions: Which tokens to ask about.
        filled: Token ids to put at positions, over the text.

    Returns:
        float32 (positions, vocabulary).

    Raises:
        InputError: As `run_trace`.
    """
    token_ids = _change_ids(loaded, encoded, (), filled or {})
    with loaded.lock, torch.inference_mode():
        output = loaded.encoder(**_tensors(loaded, encoded, token_ids))
        return _scores(loaded, output, positions)


def _change_ids(
    loaded: LoadedModel, encoded: EncodedInput, masked: Sequence[int], filled: Mapping[int, int]
) -> tuple[int, ...]:
    token_ids = list(encoded.token_ids)
    limit = min(MAX_TOKENS, loaded.max_tokens)
    if len(token_ids) > limit:
        raise InputError(
            f"The input has {len(token_ids):,} tokens; {loaded.info.name} can be looked into with "
            f"at most {limit}. Shorten it."
        )
    if masked and loaded.tokenizer.mask_token_id is None:
        raise InputError(f"The tokenizer of {loaded.info.name} has no mask token.")
    changes = {position: loaded.tokenizer.mask_token_id for position in masked} | dict(filled)
    for position, token_id in changes.items():
        if not 0 <= position < len(token_ids):
            last = len(token_ids) - 1
            raise InputError(f"There is no token {position}: positions go from 0 to {last}.")
        if not 0 <= token_id < loaded.config.vocab_size:
            raise InputError(f"{loaded.info.name} has no token with the id {token_id}.")
        token_ids[position] = token_id
    return tuple(token_ids)


def _tensors(
    loaded: LoadedModel, encoded: EncodedInput, token_ids: tuple[int, ...]
) -> dict[str, torch.Tensor]:
    """The model's inputs, each of shape (1, token), with changed ids."""
    return model_inputs(loaded, {**rows_of([encoded]), "input_ids": [token_ids]})


def _to_numpy(tensor: torch.Tensor) -> np.ndarray:
    return tensor.float().cpu().numpy()
