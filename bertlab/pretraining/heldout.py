"""How well a model fills text that it never saw."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from bertlab.pretraining.data.batches import Marks, assemble, cut_batches
from bertlab.pretraining.data.encoded import EncodedText
from bertlab.pretraining.data.masking import MASKED_SHARE, MaskingVocabulary, mask_tokens
from bertlab.pretraining.data.packing import pack
from bertlab.pretraining.objectives import PretrainingBatch, losses, to_batch

BATCH_TOKENS = 8_192
SEED = 0  # the same blanks for every model with the same vocabulary


@dataclass(frozen=True)
class HeldoutScores:
    """Figures of one held-out text, or of several together.

    Args:
        tokens: masked tokens asked for.
        loss: mean cross-entropy of these, in nats.
        accuracy: share of them whose best answer is right, 0 to 1.
        pairs: sentence pairs asked about.
        next_accuracy: share of these that were told apart rightly; None without pairs.
    """

    tokens: int
    loss: float
    accuracy: float
    pairs: int
    next_accuracy: float | None

    @property
    def perplexity(self) -> float:
        """The exponential of the loss: as unsure as if so many words were equally likely."""
        return math.exp(min(self.loss, 700.0))


def score_text(
    model: Any,
    text: EncodedText,
    *,
    marks: Marks,
    vocabulary: MaskingVocabulary,
    max_length: int = 64,
    most: int | None = None,
    fewest: int = 1,
    device: torch.device | None = None,
    use_bf16: bool = False,
) -> HeldoutScores:
    """Mask 15 % of a text's tokens, once and for all, and let the model fill them.

    Half of the inputs are sentence pairs; the blanks depend on the text and the vocabulary
    alone, so two models of one vocabulary answer the same questions.

    Args:
        model: a BertForPreTraining; dropout is off meanwhile.
        text: the held-out text.
        marks: the special tokens.
        vocabulary: of the model's tokenizer.
        max_length: tokens per input; fewer where the model has fewer positions.
        most: inputs at most, drawn at random; None for all.
        fewest: a small text is read again, with other pairs and other blanks, until it has given
            just so many inputs: less is left to chance.
        device: where the model is.
        use_bf16: compute in bfloat16 where that is safe.
    """
    longest = min(max_length, model.config.max_position_embeddings)
    rng = np.random.default_rng(SEED)
    examples = _examples(text, max_length=longest, most=most, fewest=fewest, rng=rng)
    place = device or torch.device("cpu")
    was_training = model.training
    model.eval()
    sums = np.zeros(5)
    for rows in cut_batches(examples, batch_tokens=BATCH_TOKENS, rng=rng):
        inputs = assemble(text, examples[rows], marks)
        masked = mask_tokens(inputs.ids, inputs.may_mask, vocabulary, rng, share=MASKED_SHARE)
        sums += _ask(model, to_batch(inputs, masked, place), use_bf16=use_bf16)
    model.train(was_training)
    return _scores(sums)


def _examples(
    text: EncodedText,
    *,
    max_length: int,
    most: int | None,
    fewest: int,
    rng: np.random.Generator,
) -> npt.NDArray[np.int64]:
    """Cut the text into inputs, half of them pairs: at least `fewest`, at most `most`."""
    documents, chance = np.arange(len(text)), random.Random(SEED)
    examples = pack(text, documents, max_length=max_length, pair_share=0.5, rng=chance)
    while 0 < len(examples) < fewest:
        again = pack(text, documents, max_length=max_length, pair_share=0.5, rng=chance)
        examples = np.concatenate([examples, again])[:fewest]
    if most is not None and len(examples) > most:
        examples = examples[np.sort(rng.permutation(len(examples))[:most])]
    return examples


def _ask(model: Any, batch: PretrainingBatch, *, use_bf16: bool) -> npt.NDArray[np.float64]:
    """Sum up a batch: loss, hits and tokens; right pairs and pairs."""
    kind = batch.positions.device.type
    with torch.inference_mode(), torch.autocast(kind, torch.bfloat16, enabled=use_bf16):
        parts = losses(model, batch)
    asked = len(batch.positions)
    hits = parts.masked_hits.item() * asked
    loss = parts.masked.item() * asked
    return np.array([loss, hits, asked, parts.next_hits.item(), parts.pairs])


def join_scores(scores: Sequence[HeldoutScores]) -> HeldoutScores:
    """Put the figures of several texts together, every blank counting alike."""
    sums = np.zeros(5)
    for one in scores:
        right = (one.next_accuracy or 0.0) * one.pairs
        sums += [one.loss * one.tokens, one.accuracy * one.tokens, one.tokens, right, one.pairs]
    return _scores(sums)


def _scores(sums: Any) -> HeldoutScores:
    loss, hits, tokens, right, pairs = (float(value) for value in sums)
    return HeldoutScores(
        tokens=round(tokens),
        loss=loss / max(1.0, tokens),
        accuracy=hits / max(1.0, tokens),
        pairs=round(pairs),
        next_accuracy=right / pairs if pairs else None,
    )
