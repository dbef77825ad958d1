"""The teaching trainer: worked out by hand, and against a trainer that counts all anew."""

import math
from collections import Counter
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, pre_tokenizers, trainers

from bertlab.errors import InputError
from bertlab.ui.lessons.vocabularies.caches import opening_text
from bertlab.vocabularies.training import (
    FEWEST_SEEN,
    Candidate,
    join,
    join_pair,
    spell,
    train_wordpiece,
)
from bertlab.vocabularies.words import MOST_CHARACTERS, count_words

SENNRICH = {"low": 5, "lower": 2, "newest": 6, "widest": 3}
WORDS = st.dictionaries(st.text("abc好", min_size=1, max_size=7), st.integers(1, 9), max_size=12)
RULES = st.sampled_from(("score", "frequency", "likelihood"))


def pieces_of(training) -> list[str]:
    return [merge.pair.piece for merge in training.merges]


def log_likelihood(pieces: Counter) -> float:
    """ln p of a text whose pieces are drawn one by one, each with its share."""
    total = pieces.total()
    return sum(count * math.log(count / total) for count in pieces.values() if count > 0)


def gain(pieces: Counter, a: str, b: str, count: int) -> float:
    """By the two likelihoods, before and after: nothing of the closed form."""
    joined = min(count, pieces[a] // 2) if a == b else count
    after = Counter(pieces)
    after[a] -= joined
    after[b] -= joined
    after[join(a, b)] += joined
    return round(log_likelihood(after) - log_likelihood(pieces), 6)


def naive(words: dict[str, int], merges: int, rule: str) -> list[tuple]:
    """Count everything anew at each step, with exact fractions."""
    splits = {word: spell(word) for word in words}
    done = []
    for _ in range(merges):
        pieces, pairs = Counter(), Counter()
        for word, times in words.items():
            for piece in splits[word]:
                pieces[piece] += times
            for pair in zip(splits[word], splits[word][1:], strict=False):
                pairs[pair] += times
        options = [
            (
                -Fraction(count, pieces[a] * pieces[b])
                if rule == "score"
                else -gain(pieces, a, b, count)
                if rule == "likelihood"
                else 0,
                -count,
                a,
                b,
            )
            for (a, b), count in pairs.items()
            if count >= FEWEST_SEEN
        ]
        if not options or (rule == "likelihood" and min(options)[0] >= 0):
            break
        _, count, a, b = min(options)
        done.append((a, b, -count, pieces[a], pieces[b]))
        splits = {word: join_pair(split, a, b) for word, split in splits.items()}
    return done


def test_by_score_worked_out_by_hand():
    """##i and ##d stand three times, always together: 3 / (3 x 3). w is always before them."""
    training = train_wordpiece(SENNRICH, merges=3)
    first, second, third = (merge.pair for merge in training.merges)
    assert first == Candidate("##i", "##d", 3, 3, 3)
    assert first.score == pytest.approx(1 / 3)
    assert (second.left, second.right, second.piece) == ("w", "##id", "wid")
    assert third == Candidate("l", "##o", 7, 7, 7)  # 7 / 49, before ##s ##t with 9 / 81


def test_by_count_worked_out_by_hand():
    """##e ##s and ##s ##t stand nine times each: the alphabet decides."""
    training = train_wordpiece(SENNRICH, merges=2, rule="frequency")
    assert pieces_of(training) == ["##es", "##est"]
    assert training.merges[0].pair.count == 9
    assert training.merges[0].words == (2, 3)  # newest, widest


def test_by_likelihood_worked_out_by_hand():
    """Five times "low": three pieces with a third each, 15 ln(1/3); "lo" leaves 10 ln(1/2)."""
    training = train_wordpiece({"low": 5}, merges=2, rule="likelihood")
    first, second = (merge.pair for merge in training.merges)
    assert (first.left, first.right) == ("##o", "##w")  # as much as l ##o: the alphabet decides
    assert first.gain == pytest.approx(10 * math.log(1 / 2) - 15 * math.log(1 / 3))
    assert second.gain == pytest.approx(0 - 10 * math.log(1 / 2))  # one piece: p = 1


def test_a_piece_made_by_two_pairs_is_counted_on():
    """Pairs with "abc" had gone from the list when a second pair made more of it."""
    words = {"abc": 4, "abcd": 3, "zabc": 9, "abcdd": 2, "ab": 1, "bc": 5}
    for rule in ("score", "likelihood"):
        found = [
            (m.pair.left, m.pair.right, m.pair.count, m.pair.left_count, m.pair.right_count)
            for m in train_wordpiece(words, merges=30, rule=rule).merges
        ]
        assert found == naive(words, 30, rule)


def test_of_a_village_likelihood_is_nearer_to_count_than_to_score():
    """Of the first hundred merges of the village's first stories."""
    words = count_words(opening_text("en"))
    by = {
        rule: set(pieces_of(train_wordpiece(words, merges=100, rule=rule)))
        for rule in ("likelihood", "score", "frequency")
    }
    assert len(by["likelihood"] & by["frequency"]) > 40 > 25 > len(by["likelihood"] & by["score"])


def test_sizes_and_tokens_are_counted():
    """28 + 22 letters at the start; the alphabet has 12 pieces, each new one makes it longer."""
    training = train_wordpiece(SENNRICH, merges=2, rule="frequency")
    letters = 5 * 3 + 2 * 5 + 6 * 6 + 3 * 6
    assert [merge.tokens for merge in training.merges] == [letters - 9, letters - 18]
    sizes = [merge.vocabulary_size for merge in training.merges]
    assert sizes == [len(training.alphabet) + 1, len(training.alphabet) + 2]
    line = training.tokens_per_word()
    assert line == pytest.approx((letters / 16, (letters - 9) / 16, (letters - 18) / 16))


@given(WORDS, RULES)
@settings(max_examples=150, deadline=None)
def test_it_agrees_with_a_naive_trainer(words, rule):
    training = train_wordpiece(words, merges=30, rule=rule)
    found = [
        (m.pair.left, m.pair.right, m.pair.count, m.pair.left_count, m.pair.right_count)
        for m in training.merges
    ]
    assert found == naive(words, 30, rule)


@given(WORDS, RULES)
@settings(max_examples=50, deadline=None)
def test_the_order_of_the_words_does_not_matter(words, rule):
    backwards = dict(reversed(words.items()))
    one, other = (train_wordpiece(text, merges=20, rule=rule) for text in (words, backwards))
    assert pieces_of(one) == pieces_of(other)


def test_by_count_it_agrees_with_the_library():
    """Counts are chosen so that no two pairs tie, as the library breaks ties otherwise."""
    words = {"abc": 101, "abd": 57, "bcd": 31, "bce": 4, "cdab": 17, "dabc": 7}
    library = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    library.pre_tokenizer = pre_tokenizers.Whitespace()
    ours = train_wordpiece(words, merges=4, rule="frequency")
    alphabet = {*ours.alphabet, *"abcde"}  # the library takes each character without ## as well
    trainer = trainers.WordPieceTrainer(
        vocab_size=len(alphabet) + 4, min_frequency=2, show_progress=False
    )
    library.train_from_iterator([" ".join([word] * n) for word, n in words.items()], trainer)
    assert set(library.get_vocab()) == {*alphabet, *pieces_of(ours)}
    assert pieces_of(ours) == ["ab", "abc", "abd", "bc"]


def test_overlapping_pairs_are_joined_from_the_left():
    assert join_pair(["b", "##a", "##a", "##a"], "##a", "##a") == ["b", "##aa", "##a"]
    assert join_pair(("a", "##b"), "a", "##b") == ["ab"]  # any sequence
    assert join("##a", "##b") == "##ab"


def test_what_occurs_once_is_not_merged():
    assert train_wordpiece({"cat": 1, "dog": 1}, merges=5).merges == ()


def test_chinese_as_bert_cuts_it_gives_nothing_to_merge():
    text = "他知道。我知道。他们知道。"
    apart = train_wordpiece(count_words(text), merges=9)
    assert apart.merges == ()
    together = train_wordpiece(count_words(text, splits_han=False), merges=9)
    assert together.merges[0].pair == Candidate("##知", "##道", 3, 3, 3)


def test_words_are_normalized_as_in_bert():
    assert count_words("Ça, ça!") == {"ca": 2, ",": 1, "!": 1}
    assert count_words("x" * 101 + " y") == {"y": 1}  # longer words are [UNK] in BERT


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no word"),
        ("  \n", "no word"),
        ("a" * (MOST_CHARACTERS + 1), "at most"),
        ("\ud83d", "surrogate"),
    ],
)
def test_texts_that_cannot_be_learned_from(text, reason):
    with pytest.raises(InputError, match=reason):
        count_words(text)
