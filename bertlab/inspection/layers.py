"""What the masked-LM head would answer after each layer: the logit lens.

The head was trained on the last layer's vectors alone. Applied to an earlier one it is an untrained
readout: it tells what a vector has in common with the last layer's, not what the model "thinks"
there. The idea is from nostalgebraist's "interpreting GPT: the logit lens" (2020).

A *depth* is a place between two layers: depth 0 is the embedding, depth d the output of layer
d - 1, and the last depth is where the model really answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import torch

from bertlab.errors import InputError, ModelError
from bertlab.inspection.masked_lm import Prediction, softmax, why_no_blanks
from bertlab.inspection.trace import Trace
from bertlab.models.modules import find_parts
from bertlab.tokenization.wordpiece import check_characters

if TYPE_CHECKING:
    from bertlab.models import LoadedModel

# Tokens of one grid: in a 12-layer BERT-base 40 take about 25 GFLOP, a second on one core, and a
# grid of more columns is wider than any screen.
GRID_AT_MOST = 40


@dataclass(frozen=True)
class DepthAnswer:
    """What the head answers for one token at one depth.

    Attributes:
        depth: 0 for the embedding, d for the output of layer d - 1.
        predictions: The most probable tokens, best first.
        watched: The watched token, with its probability and rank there.
    """

    depth: int
    predictions: tuple[Prediction, ...]
    watched: Prediction


@dataclass(frozen=True)
class LensGrid:
    """The head's first answer for some tokens at every depth.

    Attributes:
        positions: The tokens, in order.
        answers: For each depth, bottom up, the first answer at each of `positions`.
        probabilities: float64 (depth, position): of that answer, in 0..1.
    """

    positions: tuple[int, ...]
    answers: tuple[tuple[str, ...], ...]
    probabilities: np.ndarray = field(repr=False)

    def agreements(self, positions: Sequence[int]) -> tuple[int, ...]:
        """For each depth at how many of `positions` the answer is the last depth's.

        Answers "a b", "a c", "a c" over positions 5 and 6: `agreements([5, 6])` is (1, 2, 2).
        """
        columns = [self.positions.index(p) for p in positions]
        last = self.answers[-1]
        return tuple(sum(row[c] == last[c] for c in columns) for row in self.answers)


def depth_name(depth: int) -> str:
    """Name a place between layers.

    >>> depth_name(0), depth_name(3)
    ('embedding', 'layer 2')
    """
    return f"layer {depth - 1}" if depth else "embedding"


def read_depths(
    loaded: LoadedModel, trace: Trace, position: int, *, watched: int, top_k: int = 5
) -> tuple[DepthAnswer, ...]:
    """Apply the masked-LM head to one token's vector at every depth.

    For a model of four layers it returns five answers; the last one is the model's own, equal to
    what `predict_blanks` says of a masked token.

    Args:
        loaded: The model.
        trace: One forward pass of it.
        position: The token, masked or not.
        watched: The id of the token whose rank is followed.
        top_k: How many answers are kept at each depth.

    Returns:
        One answer for each depth, the embedding's first.

    Raises:
        ModelError: The model has no masked-LM head.
    """
    probabilities = softmax(_logits(loaded, trace.hidden_states[:, position]))  # (depth, vocab)
    return tuple(
        _read_depth(loaded, depth, row, watched, top_k) for depth, row in enumerate(probabilities)
    )


def read_grid(loaded: LoadedModel, trace: Trace, positions: Sequence[int]) -> LensGrid:
    """Apply the masked-LM head to some tokens' vectors at every depth and keep the first answers.

    `read_grid(loaded, trace, [1, 2]).answers[-1]` are the model's own answers at 1 and 2.

    Args:
        loaded: The model.
        trace: One forward pass of it.
        positions: The tokens; at most `GRID_AT_MOST` are quick with any model.

    Raises:
        ModelError: The model has no masked-LM head.
    """
    answers, probabilities = [], []
    for vectors in trace.hidden_states[:, list(positions)]:  # one depth at a time: (position, h)
        chances = softmax(_logits(loaded, vectors))  # (position, vocab)
        best = chances.argmax(axis=-1)
        answers.append(tuple(map(str, loaded.tokenizer.convert_ids_to_tokens(best.tolist()))))
        probabilities.append(chances.max(axis=-1))
    return LensGrid(tuple(positions), tuple(answers), np.array(probabilities))


def grid_positions(count: int, token: int, *, at_most: int = GRID_AT_MOST) -> tuple[int, ...]:
    """Choose the tokens of a grid: all, or a stretch around one of them.

    >>> grid_positions(9, 4, at_most=3)
    (3, 4, 5)
    """
    start = min(max(0, token - at_most // 2), max(0, count - at_most))
    return tuple(range(start, min(count, start + at_most)))


def counted_positions(trace: Trace, positions: Sequence[int]) -> tuple[int, ...]:
    """Those of `positions` that agreement is counted over: words and masks, not [CLS] or [SEP]."""
    is_added = trace.encoded.is_added
    return tuple(p for p in positions if not is_added[p])


def settled_from(answers: Sequence[DepthAnswer]) -> int:
    """Tell the depth from which on the first answer stays the last one's.

    First answers a, b, c, c, c settle from depth 2 on; a, b, c only at 2, the last.
    """
    last = answers[-1].predictions[0].token_id
    settled = len(answers) - 1
    while settled and answers[settled - 1].predictions[0].token_id == last:
        settled -= 1
    return settled


def watchable_pieces(loaded: LoadedModel, word: str) -> tuple[int, ...]:
    """Find the tokens that a typed word becomes: one is watched, several are chosen from.

    With WordPiece "river" gives one id, "sleepless" those of "sleep" and "##less"; "##less" as it
    stands in the vocabulary gives its own. A word stands in a sentence, so RoBERTa's is " river".

    Raises:
        InputError: Nothing is left of the word, or the vocabulary cannot spell it.
    """
    check_characters(word)
    tokenizer, typed = loaded.tokenizer, word.strip()
    vocabulary = tokenizer.get_vocab()
    pieces = [typed] if typed in vocabulary else tokenizer.tokenize(f" {typed}")
    pieces = [piece for piece in pieces if piece != "▁"]  # a word's beginning, and nothing else
    if not pieces or tokenizer.unk_token in pieces:
        raise InputError(f"The vocabulary of {loaded.info.name} cannot spell “{typed[:40]}”.")
    return tuple(vocabulary[piece] for piece in pieces)


def default_watched(loaded: LoadedModel, trace: Trace, position: int) -> int:
    """Tell which token to watch first: the hidden word, else what stands there.

    Where the text itself has the mask nothing is known to be hidden: the model's own answer then.
    """
    there = trace.encoded.token_ids[position]
    if there != loaded.tokenizer.mask_token_id or trace.logits is None:
        return there
    return int(trace.logits[trace.masked.index(position)].argmax())


def _logits(loaded: LoadedModel, vectors: np.ndarray) -> np.ndarray:
    """(n, hidden) -> (n, vocabulary)."""
    head = find_parts(loaded.model).mlm_head if loaded.has_mlm_head else None
    if head is None:
        raise ModelError(why_no_blanks(loaded))
    with loaded.lock, torch.inference_mode():  # the lock: nobody else's hooks are on the model
        return head(torch.from_numpy(vectors).to(loaded.device)).float().cpu().numpy()


def _read_depth(
    loaded: LoadedModel, depth: int, probabilities: np.ndarray, watched: int, top_k: int
) -> DepthAnswer:
    best = np.argsort(-probabilities, kind="stable")[:top_k]  # (top_k,)
    return DepthAnswer(
        depth=depth,
        predictions=tuple(_prediction(loaded, probabilities, int(i)) for i in best),
        watched=_prediction(loaded, probabilities, watched),
    )


def _prediction(loaded: LoadedModel, probabilities: np.ndarray, token_id: int) -> Prediction:
    return Prediction(
        token=str(loaded.tokenizer.convert_ids_to_tokens(token_id)),
        token_id=token_id,
        probability=float(probabilities[token_id]),
        rank=int((probabilities > probabilities[token_id]).sum()) + 1,
    )
