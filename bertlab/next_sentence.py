"""Does the second sentence follow the first one? BERT's other pre-training question."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open

from bertlab.masked_lm import softmax
from bertlab.models.catalog import WEIGHTS
from bertlab.models.facts import read_card
from bertlab.trace import Trace

NAMES = (
    "bert.pooler.dense.weight",
    "bert.pooler.dense.bias",
    "cls.seq_relationship.weight",
    "cls.seq_relationship.bias",
)


@dataclass(frozen=True)
class SentencePair:
    """A pair as pre-training shows it.

    Args:
        first: the first sentence.
        second: its successor, or one from another story.
        is_next: which of the two.
    """

    first: str
    second: str
    is_next: bool


@dataclass(frozen=True)
class NextSentenceHead:
    """The weights between the last layer's [CLS] and the two answers.

    Args:
        pooler: float32 (hidden, hidden) and (hidden,), the dense layer before tanh.
        scores: float32 (2, hidden) and (2,); row 0 is "B follows A", row 1 "B is random".
    """

    pooler: tuple[np.ndarray, np.ndarray] = field(repr=False)
    scores: tuple[np.ndarray, np.ndarray] = field(repr=False)


def draw_pair(stories: Sequence[Sequence[str]], *, seed: int) -> SentencePair:
    """Draw a pair as pre-training does: half follow, half come from another story.

    The rule of Devlin et al. 2019, section 3.1, with one sentence on each side; in training a
    side is as many sentences as fit.

    Args:
        stories: each a row of sentences; at least two stories, one with two sentences.
        seed: the same seed gives the same pair.
    """
    rng = random.Random(seed)
    number = rng.choice([i for i, story in enumerate(stories) if len(story) > 1])
    at = rng.randrange(len(stories[number]) - 1)
    first, follower = stories[number][at], stories[number][at + 1]
    if rng.random() < 0.5:
        return SentencePair(first, follower, True)
    other = rng.randrange(len(stories) - 1)
    other += other >= number  # any story but this one
    return SentencePair(first, rng.choice(stories[other]), False)


def read_next_sentence_head(folder: Path) -> NextSentenceHead | None:
    """Read the trained next-sentence head of a model folder.

    Args:
        folder: in Hugging Face format, weights in safetensors.

    Returns:
        None where there is none, or where the model's card says that it was not trained.
    """
    if read_card(folder).get("next_sentence") is False:
        return None
    try:
        with safe_open(str(folder / WEIGHTS), framework="pt") as file:
            if not set(NAMES) <= set(file.keys()):
                return None
            weights = [file.get_tensor(name).float().numpy() for name in NAMES]
    except (OSError, SafetensorError):  # loading the model says what is wrong
        return None
    return NextSentenceHead((weights[0], weights[1]), (weights[2], weights[3]))


def follows_probability(head: NextSentenceHead, trace: Trace) -> float:
    """Tell how sure the model is that the second sentence of a trace follows the first.

    softmax(W tanh(P h + p) + w), first entry; h is the last layer's vector of [CLS].

    Args:
        head: of the model that made the trace.
        trace: of a pair, [CLS] A [SEP] B [SEP].
    """
    cls = trace.hidden_states[-1, 0]  # (hidden,)
    pooled = np.tanh(head.pooler[0] @ cls + head.pooler[1])  # (hidden,)
    return float(softmax(head.scores[0] @ pooled + head.scores[1])[0])
