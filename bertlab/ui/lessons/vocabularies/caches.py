"""What the lesson on vocabularies keeps between reruns."""

from __future__ import annotations

import streamlit as st
from tokenizers import Tokenizer

from bertlab.ui.state import caches
from bertlab.ui.widgets.village import village_stories
from bertlab.vocabularies.comparison import Cutting, cut_text
from bertlab.vocabularies.explorer import Vocabulary, read_vocabulary
from bertlab.vocabularies.small import TITLES, SmallKind, train_small
from bertlab.vocabularies.training import Rule, VocabularyTraining, train_wordpiece
from bertlab.vocabularies.words import count_words

MOST_MERGES = 2_000
OPENING_CHARACTERS = 20_000  # of village stories: pairs occur often enough to be told apart
UNKNOWN = {"small-cased": "[UNK]", "small-unigram": "<unk>"}  # bytes need none


@st.cache_resource(max_entries=4, show_spinner="Reading the vocabulary …")  # at worst 4 x 80 MB
def vocabulary(model: str) -> Vocabulary:
    """A model's pieces."""
    return read_vocabulary(caches.tokenizer(model).backend_tokenizer)


@st.cache_resource(max_entries=6, show_spinner="Training a small vocabulary …")  # 3 kinds, en, zh
def small(kind: SmallKind, language: str) -> Tokenizer:
    """A small vocabulary, trained on the village stories."""
    return train_small(kind, language)


@st.cache_resource(max_entries=12, show_spinner="Counting and merging …")  # about 5 MB each
def training(text: str, rule: Rule, *, splits_han: bool) -> VocabularyTraining:
    """All merges of a text, up to `MOST_MERGES`."""
    counts = count_words(text, splits_han=splits_han)
    return train_wordpiece(counts, merges=MOST_MERGES, rule=rule)


@st.cache_resource(max_entries=32, show_spinner=False)  # about 1 MB each at worst
def cutting(text: str, key: str, language: str) -> Cutting:
    """One text under one vocabulary.

    Args:
        text: The text.
        key: As `bertlab.vocabularies.available.Choice` has it.
        language: Of the stories that a small vocabulary is trained on.
    """
    if key in TITLES:
        return cut_text(text, TITLES[key], small(key, language), unknown=UNKNOWN.get(key))
    tokenizer = caches.tokenizer(key)
    unknown = str(tokenizer.unk_token) if tokenizer.unk_token else None
    return cut_text(text, key, tokenizer.backend_tokenizer, unknown=unknown)


def opening_text(language: str) -> str:
    """The text that the training opens with: the first stories of the village."""
    told = ""
    for story in village_stories(language).all:
        if len(told) > OPENING_CHARACTERS:
            break
        told += "\n".join(story) + "\n\n"
    return told.strip()
