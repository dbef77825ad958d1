"""What all sessions share: one copy of each model, and the last traces."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st
from transformers import PreTrainedConfig, PreTrainedTokenizerBase

from bertlab.inspection.masked_lm import use_mask_token
from bertlab.inspection.trace import MAX_TOKENS, Trace, run_trace
from bertlab.models import (
    ModelFacts,
    load_config,
    load_tokenizer,
    read_facts,
)
from bertlab.models.folders import model_folder
from bertlab.tokenization.encoding import EncodedInput, encode

if TYPE_CHECKING:
    from bertlab.models import LoadedModel
    from bertlab.pretraining.record import PretrainingRecord


@st.cache_resource(max_entries=4, show_spinner="Loading the model …")  # 4 x BERT-base: 1.8 GB
def model(name: str) -> LoadedModel:
    """The one copy of a model that serves every session."""
    from bertlab.models import load_model  # two seconds, which a tokenizer need not wait for

    return load_model(name)


@st.cache_resource(max_entries=16, show_spinner="Loading the tokenizer …")  # a few MB each
def tokenizer(name: str) -> PreTrainedTokenizerBase:
    """The one copy of a tokenizer that serves every session."""
    return load_tokenizer(name)


@st.cache_resource(max_entries=4, show_spinner=False)  # 5 MB where it has 30,000 pieces
def vocabulary(name: str) -> frozenset[str]:
    """All pieces that a model knows: the tokenizer takes 20 ms to name them."""
    return frozenset(tokenizer(name).get_vocab())


@st.cache_resource(max_entries=32, show_spinner=False)  # small; one a model
def config(name: str) -> PreTrainedConfig:
    """A model's configuration, without its weights."""
    return load_config(name)


@st.cache_resource(max_entries=32, show_spinner=False)  # small; the picker has about a dozen
def facts(name: str) -> ModelFacts:
    """What the model strip says."""
    return read_facts(name)


@st.cache_resource(max_entries=8, show_spinner="Running the model …")  # at worst 8 x 250 MB
def trace(
    name: str,
    text: str,
    pair: str | None = None,
    *,
    masked: tuple[int, ...] = (),
    filled: tuple[tuple[int, int], ...] = (),
) -> Trace:
    """One forward pass, kept while students look at it from several pages."""
    return run_trace(model(name), encoded(name, text, pair), masked=masked, filled=dict(filled))


@st.cache_resource(max_entries=3, show_spinner="Running the model …")  # at worst 3 x 460 MB
def opened_trace(
    name: str, text: str, pair: str | None = None, *, masked: tuple[int, ...] = ()
) -> Trace:
    """One forward pass with what every block made: queries, keys, values and all the rest."""
    given = encoded(name, text, pair)
    return run_trace(model(name), given, masked=masked, is_opened=True)


def encoded(name: str, text: str, pair: str | None = None) -> EncodedInput:
    """The input as the lessons on the inside use it: "[MASK]" is a mask, cut at the model's end."""
    words = tokenizer(name)
    return encode(
        words,
        use_mask_token(text, words),
        use_mask_token(pair, words) if pair else None,
        max_length=longest_input(name),
        position_offset=facts(name).position_offset,
    )


def longest_input(name: str) -> int:
    """The most tokens of one input that this model reads and the lessons draw."""
    return min(facts(name).max_positions, MAX_TOKENS)


@st.cache_resource(max_entries=8, show_spinner=False)  # about 1 MB each
def pretraining_record(name: str) -> PretrainingRecord | None:
    """How a model learned; None where it does not say."""
    from bertlab.pretraining.record import read_record  # one lesson's part alone asks for it

    return read_record(model_folder(name))


def warm(name: str) -> None:
    """Load a model and run it once, the quick parts first: the first lesson needs no weights."""
    facts(name)
    tokenizer(name)
    trace(name, "Hello.")
