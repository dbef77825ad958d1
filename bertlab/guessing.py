"""Guess first, then reveal: how probable the model finds a student's own word for a blank."""

from bertlab.errors import InputError
from bertlab.masked_lm import Prediction, predict_blanks, softmax
from bertlab.models import LoadedModel
from bertlab.trace import Trace


def score_guess(loaded: LoadedModel, trace: Trace, position: int, guess: str) -> Prediction:
    """Look a guess up in the answers for one blank.

    For "the cat sat on the [MASK]" and the guess "mat" it returns mat's probability and rank.

    Raises:
        InputError: The guess is empty or not one piece of the vocabulary, so that a single blank
            cannot hold it; the message shows its pieces.
        ModelError: The model has no masked-LM head.
    """
    pieces = loaded.tokenizer.tokenize(guess.strip())
    unknown = loaded.tokenizer.unk_token
    if len(pieces) != 1 or pieces == [unknown]:
        parts = " ".join(pieces) or "nothing"
        raise InputError(f'"{guess.strip()[:40]}" is {parts} here: a blank holds one piece.')
    predict_blanks(loaded, trace, top_k=1)  # says what is wrong where there is no head
    assert trace.logits is not None
    probabilities = softmax(trace.logits[trace.masked.index(position)])  # (vocabulary,)
    token_id = int(loaded.tokenizer.convert_tokens_to_ids(pieces[0]))
    rank = int((probabilities > probabilities[token_id]).sum()) + 1
    return Prediction(pieces[0], token_id, float(probabilities[token_id]), rank)
