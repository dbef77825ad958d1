"""A training replayed: the same text, candidates and vocabulary at every step."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bertlab.vocabularies.replay import (
    Growth,
    Node,
    candidates,
    cut_with,
    first_whole_word,
    grow,
    merge_tree,
    missing_characters,
    replay,
    words_to_watch,
)
from bertlab.vocabularies.training import train_wordpiece

SENNRICH = {"low": 5, "lower": 2, "newest": 6, "widest": 3}
WORDS = st.dictionaries(
    st.text("abc好", min_size=1, max_size=7), st.integers(1, 9), min_size=1, max_size=10
)
RULES = st.sampled_from(("score", "frequency", "likelihood"))


@pytest.fixture(scope="module")
def training():
    return train_wordpiece(SENNRICH, merges=30)


@given(WORDS, RULES)
@settings(max_examples=60, deadline=None)
def test_every_step_is_what_the_trainer_saw(words, rule):
    training = train_wordpiece(words, merges=20, rule=rule)
    for step, merge in enumerate(training.merges):
        before, after = replay(training, step), replay(training, step + 1)
        assert candidates(training, before)[0] == merge.pair
        pairs = zip(after.splits, training.counts, strict=True)
        assert sum(len(split) * n for split, n in pairs) == merge.tokens
        assert len(after.vocabulary) == merge.vocabulary_size + 1  # and [UNK]
        changed = [i for i, split in enumerate(after.splits) if split != before.splits[i]]
        assert tuple(changed) == merge.words
    left = candidates(training, replay(training, len(training.merges)))
    is_loss = bool(left) and rule == "likelihood" and left[0].gain <= 0  # no join gains any more
    assert not left or is_loss or len(training.merges) == 20


def test_by_the_other_rule_another_pair_is_first(training):
    start = replay(training, 0)
    assert candidates(training, start)[0].piece == "##id"
    assert candidates(training, start, rule="frequency")[0].piece == "##es"


def test_a_word_grows(training):
    grown = grow(training, "widest")
    assert grown[0] == Growth(0, ("w", "##i", "##d", "##e", "##s", "##t"))
    assert grown[1] == Growth(1, ("w", "##id", "##e", "##s", "##t"))
    assert grown[2] == Growth(2, ("wid", "##e", "##s", "##t"))
    assert grown[-1].pieces == replay(training, len(training.merges)).splits[3]


def test_a_piece_is_taken_apart(training):
    wid = Node("wid", 2, (Node("w"), Node("##id", 1, (Node("##i"), Node("##d")))))
    assert merge_tree(training, "wid") == wid
    assert merge_tree(training, "w") == Node("w")


def test_the_first_whole_word(training):
    words = [merge.pair.piece for merge in training.merges]
    at = first_whole_word(training)
    assert words[at - 1] in SENNRICH
    assert len(words[at - 1]) >= 4
    assert not set(words[: at - 1]) & {"lower", "newest", "widest"}
    assert first_whole_word(train_wordpiece({"a": 3}, merges=5)) == 0
    only_at_the_end = train_wordpiece({"low": 2}, merges=5)
    assert [merge.pair.piece for merge in only_at_the_end.merges] == ["##ow", "low"]
    assert first_whole_word(only_at_the_end) == 1


def test_any_text_is_cut_by_longest_match(training):
    state = replay(training, 2)
    trace = cut_with(state, "Widest low")
    assert trace.pieces == ("wid", "##e", "##s", "##t", "l", "##o", "##w")


def test_a_word_with_an_unseen_character_is_lost(training):
    state = replay(training, 2)
    trace = cut_with(state, "owl low!")
    assert trace.pieces == ("[UNK]", "l", "##o", "##w", "[UNK]")
    assert missing_characters(state, trace) == ("o", "##l", "!")


def test_words_to_watch_are_long_and_frequent(training):
    assert words_to_watch(training, most=2) == ("newest", "widest")  # 6 x 25, 3 x 25
    assert words_to_watch(training, longest=3) == ("low",)
