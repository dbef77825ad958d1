"""Guess first, then reveal: how probable the model finds a student's own word for a blank."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bertlab.errors import InputError
from bertlab.inspection.masked_lm import Prediction, predict_blanks, softmax
from bertlab.inspection.trace import Trace
from bertlab.tokenization.wordpiece import check_characters

if TYPE_CHECKING:
    from bertlab.models import LoadedModel


def score_guess(loaded: LoadedModel, trace: Trace, position: int, guess: str) -> Prediction:
    """Look a guess up in the answers for one blank.

    For "the cat sat on the [MASK]" and the guess "mat" it returns mat's probability and rank.

    Raises:
        InputError: The guess is empty or not one piece of the vocabulary, so that a single blank
            cannot hold it; the message shows its pieces.
        ModelError: The model has no masked-LM head.
    """
    candidates = _single_pieces(loaded, guess.strip())
    predict_blanks(loaded, trace, top_k=1)  # says what is wrong where there is no head
    assert trace.logits is not None
    probabilities = softmax(trace.logits[trace.masked.index(position)])  # (vocabulary,)
    vocabulary = loaded.tokenizer.get_vocab()
    ids = [vocabulary[piece] for piece in candidates]
    token_id = max(ids, key=lambda i: float(probabilities[i]))
    rank = int((probabilities > probabilities[token_id]).sum()) + 1
    token = candidates[ids.index(token_id)]
    return Prediction(token, token_id, float(probabilities[token_id]), rank)


def _single_pieces(loaded: LoadedModel, guess: str) -> list[str]:
    """The pieces that a guess may be: RoBERTa has one for "mat" and one for " mat"."""
    check_characters(guess)
    cuts = [loaded.tokenizer.tokenize(text) for text in (guess, f" {guess}")]
    single = [pieces[0] for pieces in cuts if len(pieces) == 1]
    known = [piece for piece in dict.fromkeys(single) if piece != loaded.tokenizer.unk_token]
    if not known:
        parts = " ".join(cuts[0]) or "nothing"
        raise InputError(f'"{guess[:40]}" is {parts} here: a blank holds one piece.')
    return known
