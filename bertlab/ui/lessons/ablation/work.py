"""What the lesson on ablation computes, once for all sessions; long work is told and offered."""

from __future__ import annotations

import streamlit as st

from bertlab.inspection.ablation.ablation import Ablation, Kind, run_ablated
from bertlab.inspection.ablation.cloze import Question, last_words
from bertlab.inspection.ablation.explanations import LONGEST, Explanations, Method, explain
from bertlab.inspection.ablation.head_means import HeadMeans, head_means
from bertlab.inspection.ablation.importance import (
    HeadImportance,
    MedianImportance,
    head_importance,
    median_importance,
)
from bertlab.inspection.bundled_sentences import bundled_sentences
from bertlab.inspection.trace import Trace
from bertlab.ui.state import caches
from bertlab.ui.state.language import lesson_language
from bertlab.ui.widgets.computation import Tell, about_seconds, compute_once, kept
from bertlab.ui.widgets.traced_sentence import Traced

MEAN_SENTENCES = 64  # more hardly move a mean; 4 s in BERT-base
# Weights times tokens that are worked through.
A_SECOND = 3e10  # measured on one core; only for "about so long"
SHOW_AT_ONCE, NO_WAIT, ASK_FIRST = 1e10, 6e10, 1e12
POINTS = 150  # of integrated gradients, and what one costs in passes without gradients
POINT_COST = 3


@st.cache_resource(max_entries=8, show_spinner="Averaging what each head makes …")  # 40 kB each
def means(model: str) -> HeadMeans:
    """Each head's mean over the first bundled sentences of the model's language."""
    loaded = caches.model(model)
    sentences = bundled_sentences(lesson_language(model))[:MEAN_SENTENCES]
    return head_means(loaded, last_words(loaded, sentences, needs_known=False))


@st.cache_resource(max_entries=8, show_spinner=False)  # some 100 kB each
def questions(model: str) -> tuple[Question, ...]:
    """The bundled sentences of the model's language, each with its last word masked."""
    return last_words(caches.model(model), bundled_sentences(lesson_language(model)))


def _means_for(model: str, kind: Kind) -> HeadMeans | None:
    return means(model) if kind == "mean" else None


@st.cache_resource(max_entries=8, show_spinner="Running the model …")  # at worst 8 x 250 MB
def ablated_trace(
    name: str, text: str, pair: str | None, masked: tuple[int, ...], ablation: Ablation
) -> Trace:
    """One forward pass with some heads off."""
    encoded = caches.encoded(name, text, pair)
    return run_ablated(
        caches.model(name), encoded, ablation, masked=masked, means=_means_for(name, ablation.kind)
    )


def ablated(traced: Traced, ablation: Ablation) -> Trace:
    """The sentence in hand with some heads off; the trace at hand where none is."""
    if ablation.is_empty:
        return traced.trace
    return ablated_trace(traced.model, traced.text, traced.pair, traced.trace.masked, ablation)


def sentence_importance(
    traced: Traced, position: int, word: int, kind: Kind
) -> HeadImportance | None:
    """Every head's importance for one word of this sentence; None while nobody has asked.

    Where it takes more than some ten seconds, a button stands in its place.
    """
    trace = traced.trace
    key = ("importance", *_input(traced), position, word, kind)
    work = _cost(traced.model, (trace.layers * trace.heads + 1) * len(trace.token_ids))
    says = "Turning each head off in turn"
    if not _may_start(key, work, f"{says} for {len(trace.token_ids)} tokens", "heads"):
        return None

    def compute(tell: Tell) -> HeadImportance:
        return head_importance(
            traced.loaded, traced.encoded, masked=trace.masked, position=position, word=word,
            kind=kind, means=_means_for(traced.model, kind),
            progress=lambda done, count: tell(says, done, count),
        )  # fmt: skip

    return compute_once(key, compute, says=says, is_long=work > SHOW_AT_ONCE)


def kept_median(model: str, kind: Kind, count: int) -> MedianImportance | None:
    """The median over bundled sentences, where somebody has computed it."""
    return kept(("median", model, kind, count))


def is_quick(model: str, count: int) -> bool:
    """Whether a median over so many sentences takes a second or less."""
    return _median_cost(model, count) <= NO_WAIT


def about(model: str, count: int) -> str:
    """How long a median over so many sentences takes here: "about 40 s"."""
    return about_seconds(_median_cost(model, count) / A_SECOND)


def _median_cost(model: str, count: int) -> float:
    config = caches.config(model)
    heads = config.num_hidden_layers * config.num_attention_heads
    tokens = sum(len(question.encoded.tokens) for question in questions(model)[:count])
    return _cost(model, (heads + 1) * tokens)


def compute_median(model: str, kind: Kind, count: int) -> MedianImportance:
    """Every head's importance for the last words of the first `count` bundled sentences."""
    says = f"Turning each head off in each of {count} sentences"

    def compute(tell: Tell) -> MedianImportance:
        return median_importance(
            caches.model(model), questions(model)[:count], kind=kind,
            means=_means_for(model, kind), progress=lambda done, of: tell(says, done, of),
        )  # fmt: skip

    return compute_once(("median", model, kind, count), compute, says=says, is_long=True)


def explanations(traced: Traced, position: int, word: int) -> Explanations | None:
    """What four methods say about one word; None where it is too long, or nobody has asked yet."""
    trace, tokens = traced.trace, len(traced.trace.token_ids)
    if tokens > LONGEST:
        st.info(
            f"This part is for at most {LONGEST} tokens: masking each one in turn takes work that "
            f"grows with their square. The input has {tokens}. Take a shorter one.",
            icon=":material/content_cut:",
        )
        return None
    key = ("explanations", *_input(traced), position, word)
    work = _cost(traced.model, (tokens + 1 + POINTS * POINT_COST) * tokens)
    if not _may_start(key, work, "Masking tokens and following gradients", "explain"):
        return None
    doing: dict[Method, str] = {
        "occlusion": "Masking each token in turn",
        "integrated": "Gradients on the way (at most so many points)",
    }

    def compute(tell: Tell) -> Explanations:
        return explain(
            traced.loaded, trace, position, word,
            told=lambda method, done, count: tell(doing[method], done, count),
        )  # fmt: skip

    says = "Asking four methods"
    return compute_once(key, compute, says=says, is_long=work > SHOW_AT_ONCE)


def _input(traced: Traced) -> tuple[object, ...]:
    """What a result depends on; "A [SEP] B" and the pair (A, B) have the same token ids."""
    return traced.model, traced.text, traced.pair, traced.trace.masked


def _cost(model: str, tokens: int) -> float:
    return float(caches.facts(model).parameters) * tokens


def _may_start(key: tuple[object, ...], work: float, says: str, name: str) -> bool:
    """Whether to compute now: at once where it is quick, else when the button was pressed."""
    if work <= ASK_FIRST or kept(key) is not None:
        return True
    return st.button(
        f"{says} ({about_seconds(work / A_SECOND)})",
        key=f"ablation_ask_{name}",
        icon=":material/play_arrow:",
    )
