"""A few fixed blanks, filled again and again while the model learns, and what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

from bertlab.errors import InputError
from bertlab.pretraining.settings import WatchedBlank
from bertlab.runs.events import BlanksEvent, Event, FilledBlank, of_kind


@dataclass(frozen=True)
class Answer:
    """What the model said about one blank at one time.

    Args:
        step: optimizer steps taken until then.
        predictions: (token, probability 0 to 1), the five likeliest, best first.
        right: the probability of all right answers together; None where none is known.
        rank: of the best of them, from 1 on; None likewise.
    """

    step: int
    predictions: tuple[tuple[str, float], ...]
    right: float | None
    rank: int | None


@dataclass(frozen=True)
class Watched:
    """One blank over the whole run so far.

    Args:
        sentence: with its [MASK].
        answers: the words that are right; may be empty.
        history: at least one answer, oldest first.
    """

    sentence: str
    answers: tuple[str, ...]
    history: tuple[Answer, ...]

    @property
    def first(self) -> Answer:
        """The answer of the random weights, where the run was watched from its start."""
        return self.history[0]

    @property
    def last(self) -> Answer:
        """The newest answer."""
        return self.history[-1]


def watched_blanks(
    events: Sequence[Event], blanks: Sequence[WatchedBlank] = ()
) -> tuple[Watched, ...]:
    """Gather the answers blank by blank; none before the first `BlanksEvent`.

    Args:
        events: the run's history.
        blanks: from its settings, for the right answers.
    """
    looks = of_kind(events, BlanksEvent)
    if not looks:
        return ()
    right = {blank.sentence: blank.answers for blank in blanks}
    return tuple(
        Watched(
            sentence=filled.sentence,
            answers=right.get(filled.sentence, ()),
            history=tuple(_answer(look.step, look.blanks[number]) for look in looks),
        )
        for number, filled in enumerate(looks[-1].blanks)
    )


def _answer(step: int, filled: FilledBlank) -> Answer:
    return Answer(step, filled.predictions, filled.right, filled.rank)


SHOWN = 5  # answers that are kept of each blank


def fill_blanks(
    model: Any, tokenizer: Any, blanks: Sequence[WatchedBlank], device: torch.device
) -> tuple[FilledBlank, ...]:
    """Ask the model as it is now about every blank.

    (FilledBlank("The sun is [MASK].", (("hot", 0.41), ...), right=0.41, rank=1),)

    Args:
        model: a BertForPreTraining; dropout is off meanwhile.
        tokenizer: its own.
        blanks: sentences with one [MASK] each.
        device: where the model is.

    Returns:
        For each blank the five likeliest tokens with their probabilities, the sum of the right
        answers' probabilities (`right`), and the rank of the best of them from 1 on; both None
        where no right answer is a token of the vocabulary.
    """
    was_training = model.training
    model.eval()
    answers = tuple(_fill(model, tokenizer, blank, device) for blank in blanks)
    model.train(was_training)
    return answers


def _fill(model: Any, tokenizer: Any, blank: WatchedBlank, device: torch.device) -> FilledBlank:
    encoded = tokenizer(blank.sentence, return_tensors="pt").to(device)
    positions = (encoded["input_ids"][0] == tokenizer.mask_token_id).nonzero()[:, 0]
    longest = model.config.max_position_embeddings
    if encoded["input_ids"].shape[1] > longest:
        raise InputError(f"{blank.sentence!r} is longer than the model's {longest} positions.")
    if len(positions) != 1:
        raise InputError(f"{blank.sentence!r} needs exactly one [MASK].")
    with torch.inference_mode():
        hidden = model.bert(**encoded).last_hidden_state[0, positions]  # (1, hidden)
        probabilities = model.cls.predictions(hidden)[0].float().softmax(-1)  # (vocabulary,)
    best = probabilities.topk(min(SHOWN, len(probabilities)))
    tokens = tokenizer.convert_ids_to_tokens(best.indices.tolist())
    known = _known(tokenizer, blank.answers)
    right = probabilities[known]
    return FilledBlank(
        blank.sentence,
        tuple((t, round(p, 4)) for t, p in zip(tokens, best.values.tolist(), strict=True)),
        right=round(right.sum().item(), 4) if known else None,
        rank=int((probabilities > right.max()).sum()) + 1 if known else None,
    )


def _known(tokenizer: Any, answers: Sequence[str]) -> list[int]:
    """The ids of the answers that are one token of the vocabulary, each once."""
    pieces = [tokenizer.tokenize(answer) for answer in answers]
    ids = [tokenizer.convert_tokens_to_ids(piece[0]) for piece in pieces if len(piece) == 1]
    return list(dict.fromkeys(index for index in ids if index != tokenizer.unk_token_id))
