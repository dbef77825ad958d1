"""Do two sentences belong together? BERT's other pre-training question, and ALBERT's.

BERT was asked whether B follows A or is a random sentence (Devlin et al. 2019, section 3.1);
ALBERT whether A and B stand in their order or are swapped (Lan et al. 2020, section 3.1). Both
read the answer from [CLS] in the same way, so one head with two names serves both.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
from safetensors import SafetensorError, safe_open

from bertlab.inspection.masked_lm import softmax
from bertlab.inspection.trace import Trace
from bertlab.models.catalog import WEIGHTS
from bertlab.models.facts import read_card

Question = Literal["next sentence", "sentence order"]
NAMES: dict[Question, tuple[str, str]] = {  # of the dense layer before tanh, and of the scores
    "next sentence": ("bert.pooler.dense", "cls.seq_relationship"),
    "sentence order": ("albert.pooler", "sop_classifier.classifier"),
}
NO_HEAD = {
    "distilbert": "DistilBERT was distilled without this question: it has no segments and no "
    "pooler (Sanh et al. 2019)",
    "roberta": "RoBERTa was trained without this question: its makers found that leaving it out "
    "cost nothing (Liu et al. 2019, section 4.2)",
    "xlm-roberta": "XLM-RoBERTa was trained on masked words alone (Conneau et al. 2020)",
    "electra": "ELECTRA asks of each token whether it was replaced, and nothing about pairs of "
    "sentences (Clark et al. 2020)",
    "albert": "ALBERT learned sentence order in its place, but this checkpoint does not hold the "
    "head that answers",
}


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
        scores: float32 (2, hidden) and (2,); row 0 is "B follows A", row 1 "B is random" or, of
            a head for sentence order, "A and B are swapped".
        question: what the head was trained on.
    """

    pooler: tuple[np.ndarray, np.ndarray] = field(repr=False)
    scores: tuple[np.ndarray, np.ndarray] = field(repr=False)
    question: Question = "next sentence"


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


def draw_other(stories: Sequence[Sequence[str]], *, besides: Sequence[str], seed: int) -> str:
    """Draw a sentence of a story in which none of some sentences stands.

    Args:
        stories: each a row of sentences.
        besides: a story with one of these is passed over, unless all are.
        seed: the same seed gives the same sentence.
    """
    rng = random.Random(seed)
    others = [story for story in stories if not set(besides) & set(story)]
    return rng.choice(rng.choice(others or stories))


def read_next_sentence_head(folder: Path) -> NextSentenceHead | None:
    """Read the trained head of a model folder that answers about pairs of sentences.

    Args:
        folder: in Hugging Face format, weights in safetensors.

    Returns:
        None where there is none, or where the model's card says that it was not trained.
    """
    if read_card(folder).get("next_sentence") is False:
        return None
    try:
        with safe_open(str(folder / WEIGHTS), framework="pt") as file:
            for question, layers in NAMES.items():
                names = [f"{layer}.{part}" for layer in layers for part in ("weight", "bias")]
                if set(names) <= set(file.keys()):
                    weights = [file.get_tensor(name).float().numpy() for name in names]
                    pooler, scores = (weights[0], weights[1]), (weights[2], weights[3])
                    return NextSentenceHead(pooler, scores, question)
    except (OSError, SafetensorError):  # loading the model says what is wrong
        pass
    return None


def why_no_head(family: str) -> str:
    """Say why a model has no head for pairs, without a final stop.

    `why_no_head("roberta")` tells that RoBERTa's makers left the question out.

    Args:
        family: the configuration's `model_type`.
    """
    return NO_HEAD.get(
        family,
        "this checkpoint does not hold a trained next-sentence head: it was left out when the "
        "model was stored, or never trained",
    )


def follows_probability(head: NextSentenceHead, trace: Trace) -> float:
    """Tell how sure the model is that the second sentence of a trace follows the first.

    softmax(W tanh(P h + p) + w), first entry; h is the last layer's vector of [CLS]. With W and w
    0 it is 0.5. A head for sentence order tells so how sure it is that the order is right.

    Args:
        head: of the model that made the trace.
        trace: of a pair, [CLS] A [SEP] B [SEP].
    """
    return answer_of(head, trace.hidden_states[-1, 0])


def answer_of(head: NextSentenceHead, cls: np.ndarray) -> float:
    """As `follows_probability`, from the last layer's vector of [CLS] alone: (hidden,)."""
    pooled = np.tanh(head.pooler[0] @ cls + head.pooler[1])  # (hidden,)
    return float(softmax(head.scores[0] @ pooled + head.scores[1])[0])
