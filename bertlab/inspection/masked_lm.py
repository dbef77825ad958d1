"""The masked language model: what it puts into the blanks, and how sure it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from transformers import PreTrainedTokenizerBase

from bertlab.errors import ModelError
from bertlab.inspection.trace import Trace
from bertlab.models import DEFAULT_MODEL
from bertlab.tokenization.encoding import EncodedInput

if TYPE_CHECKING:
    from bertlab.models import LoadedModel


@dataclass(frozen=True)
class Prediction:
    """One token for one blank.

    Attributes:
        token: As the vocabulary spells it.
        token_id: Its id.
        probability: In 0..1, over the whole vocabulary.
        rank: 1 for the most probable token.
    """

    token: str
    token_id: int
    probability: float
    rank: int


@dataclass(frozen=True)
class Blank:
    """What the model says about one masked position.

    Attributes:
        position: Index into the tokens.
        predictions: The most probable tokens, best first.
        original: The token that the mask hides, with its probability and rank; None where the
            text itself has the mask.
    """

    position: int
    predictions: tuple[Prediction, ...]
    original: Prediction | None


def use_mask_token(text: str, tokenizer: PreTrainedTokenizerBase) -> str:
    """Let "[MASK]" mean a blank for every model: RoBERTa's own mask is "<mask>"."""
    return text.replace("[MASK]", str(tokenizer.mask_token or "[MASK]"))


def predict_blanks(loaded: LoadedModel, trace: Trace, *, top_k: int = 5) -> tuple[Blank, ...]:
    """Read the model's answers for every masked position of a trace.

    For "the capital of france is [MASK]." it returns one `Blank` with `top_k` predictions.

    The probability of token v at position i is softmax(logits_i)_v; each position is answered on
    its own, so two blanks know nothing of each other's answer (Devlin et al. 2019, section 3.1).

    Raises:
        ModelError: The model has no masked-LM head.
    """
    if trace.logits is None:
        raise ModelError(why_no_blanks(loaded))
    return tuple(
        _read_blank(loaded, trace, position, softmax(row), top_k)
        for position, row in zip(trace.masked, trace.logits, strict=True)
    )


def why_no_blanks(loaded: LoadedModel) -> str:
    """Say why a model without a masked-LM head cannot fill blanks, and what to choose."""
    return (
        f"{loaded.info.name} has no masked-LM head: it was published without the layer that turns "
        f"vectors into words. Choose {DEFAULT_MODEL} or another model that fills blanks."
    )


def softmax(logits: np.ndarray) -> np.ndarray:
    """Turn scores into probabilities along the last axis, in float64.

    >>> softmax(np.array([0.0, np.log(3.0)])).round(2).tolist()
    [0.25, 0.75]
    """
    shifted = logits.astype(np.float64) - logits.max(axis=-1, keepdims=True)
    weights = np.exp(shifted)
    probabilities: np.ndarray = weights / weights.sum(axis=-1, keepdims=True)
    return probabilities


def _read_blank(
    loaded: LoadedModel, trace: Trace, position: int, probabilities: np.ndarray, top_k: int
) -> Blank:
    best = np.argsort(-probabilities, kind="stable")[:top_k]  # (top_k,)
    hidden_id = trace.encoded.token_ids[position]
    is_hidden_known = hidden_id != loaded.tokenizer.mask_token_id
    return Blank(
        position=position,
        predictions=tuple(_prediction(loaded, probabilities, int(i)) for i in best),
        original=_prediction(loaded, probabilities, hidden_id) if is_hidden_known else None,
    )


def _prediction(loaded: LoadedModel, probabilities: np.ndarray, token_id: int) -> Prediction:
    return Prediction(
        token=str(loaded.tokenizer.convert_ids_to_tokens(token_id)),
        token_id=token_id,
        probability=float(probabilities[token_id]),
        rank=int((probabilities > probabilities[token_id]).sum()) + 1,
    )


def whole_words(encoded: EncodedInput, positions: Sequence[int]) -> tuple[int, ...]:
    """Widen positions to all pieces of their words; special tokens are dropped.

    With "un ##happy ##ly" at 1, 2 and 3, `whole_words(encoded, [2])` is (1, 2, 3). Of 天 气 at 1
    and 2, which a segmenter takes for one word, `whole_words(encoded, [1])` is (1, 2).
    """
    words = {_word(encoded, p) for p in positions if not encoded.is_special[p]}
    return tuple(
        i
        for i in range(len(encoded.tokens))
        if not encoded.is_special[i] and _word(encoded, i) in words
    )


def last_word(encoded: EncodedInput) -> tuple[int, ...]:
    """The last word that has a letter in it, whole: full stops make a dull blank.

    Of [CLS] un ##happy . [SEP] it is (1, 2); of an input without a letter ().
    """
    for position in reversed(range(len(encoded.tokens))):
        has_letter = any(character.isalpha() for character in encoded.tokens[position])
        if has_letter and not encoded.is_special[position]:
            return whole_words(encoded, [position])
    return ()


def given_away(encoded: EncodedInput, masked: Sequence[int]) -> tuple[int, ...]:
    """Masked pieces of words whose other pieces stay in sight and so give the answer away.

    With "un ##happy ##ly" at 1, 2 and 3, `given_away(encoded, [2])` is (2,), and
    `given_away(encoded, [1, 2, 3])` is ().
    """
    hidden = set(masked)
    return tuple(p for p in masked if set(whole_words(encoded, [p])) - hidden)


def cover(text: str, encoded: EncodedInput, masked: Sequence[int], mask_token: str) -> str:
    """Write the mask token over masked tokens of a text, once over what stands together.

    Of "I am unhappy." with un ##happy masked: "I am [MASK]."
    """
    spans: list[tuple[int, int]] = []
    for start, end in sorted(encoded.offsets[p] for p in masked if encoded.sequence_ids[p] == 0):
        if spans and start <= spans[-1][1]:
            start, end = spans[-1][0], max(end, spans.pop()[1])
        spans.append((start, end))
    for start, end in reversed(spans):
        text = text[:start] + mask_token + text[end:]
    return text


def _word(encoded: EncodedInput, position: int) -> tuple[int | None, int | None]:
    return encoded.sequence_ids[position], encoded.whole_word_ids[position]
