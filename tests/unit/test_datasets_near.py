"""Near-duplicates: long texts that differ in a few words, and never short ones."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bertlab.datasets import Examples, Split, split_examples, with_own_parts
from bertlab.datasets.duplicates import near
from bertlab.datasets.duplicates.minhash import look_alikes, sketches
from bertlab.datasets.duplicates.near import near_groups, nearly_same, similarity

LONG = "we walked through the old harbour market, bought some fish and ate it by the quay at dusk"
CHANGED = LONG.replace("fish", "figs")
CHINESE = "房间宽敞明亮，早餐种类丰富，前台小姐姐热情又耐心，离地铁口步行只要五分钟"
CHINESE_CHANGED = CHINESE.replace("热情", "冷淡")
LETTERS = "abcdefghijklmnopqrst"


def rows(*texts, pairs=None, labels=None):
    labels = labels or ("ab" * len(texts))[: len(texts)]
    return Examples(texts, pairs, tuple(labels), ("a", "b"), tuple(range(2, len(texts) + 2)))


def found(*texts, pairs=None):
    return [(pair.one, pair.other) for pair in nearly_same(rows(*texts, pairs=pairs)).pairs]


def test_similarity_is_the_share_of_common_pieces():
    assert similarity("abcdef", "abcdex") == 2 / 4  # abcd, bcde of abcd, bcde, cdef, cdex
    assert similarity("好吃不贵", "好吃很贵") == 1 / 5  # 好吃 of 好吃, 吃不, 不贵, 吃很, 很贵
    assert similarity("abc", "abc") == 0.0  # no piece of four


def test_one_word_changed_in_a_long_text():
    """85 characters without the comma, 82 pieces; "sh" to "gs" touches 2 + 3 of them: 77 of 87."""
    (pair,) = nearly_same(rows(LONG, "something else altogether", CHANGED)).pairs
    assert (pair.one, pair.other) == (0, 2)
    assert pair.similarity == pytest.approx(77 / 87)


def test_two_characters_changed_in_a_chinese_text():
    """36 characters, 35 pieces; two characters touch 3 of them: 32 of 38."""
    (pair,) = nearly_same(rows(CHINESE, CHINESE_CHANGED)).pairs
    assert pair.similarity == pytest.approx(32 / 38)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("good film", "bad film"),
        ("a very good film at all", "not a very good film at all"),
        ("我喜欢这部电影", "我讨厌这部电影"),
        ("12345 12345 12345", "12345 12345 12346"),
        (LONG, LONG[::-1]),
        ("", ":-)"),
    ],
)
def test_short_or_different_texts_are_none(one, other):
    assert found(one, other) == []


def test_what_differs_in_case_and_signs_only_is_no_near_duplicate():
    assert found(LONG, LONG.upper() + "!!!") == []


def test_of_pairs_both_texts_must_be_nearly_the_same():
    assert found(LONG, CHANGED, pairs=("he ate fish", "he ate fish")) == [(0, 1)]
    assert found(LONG, CHANGED, pairs=("he ate fish", "he ate nothing")) == []
    assert found(LONG, LONG, pairs=(LONG, CHANGED)) == [(0, 1)]


def test_groups_are_numbered_and_the_others_are_alone():
    other = LONG.replace("dusk", "dawn")
    assert near_groups(rows("x", LONG, "y", CHANGED, other)) == [None, 1, None, 1, 1]


def test_what_was_found_is_kept_with_the_examples():
    examples = rows(LONG, CHANGED)
    assert nearly_same(examples) is nearly_same(examples)


def test_past_the_budget_it_stops_and_says_so(monkeypatch):
    assert nearly_same(rows(LONG, CHANGED)).is_complete
    monkeypatch.setattr(near, "MOST_COMPARED", 100)  # these two have 176 characters
    result = nearly_same(rows(LONG, CHANGED))
    assert result.pairs == ()
    assert not result.is_complete


def made(number, words=20, seed=0):
    """Texts of random words: no two of them are alike."""
    chance = random.Random(seed)
    return [
        " ".join("".join(chance.choices(LETTERS, k=6)) for _ in range(words)) for _ in range(number)
    ]


def test_near_duplicates_stay_on_one_side():
    """Without it about a third of 100 pairs would be torn by shares of a fifth and a fifth."""
    texts = made(100)
    split = split_examples(
        rows(*texts, *(text[:-1] + "z" for text in texts), labels="ab" * 100),
        validation=0.2, test=0.2,
    )  # fmt: skip
    sides = [
        {text[:-1] for text in part.texts} for part in (split.train, split.validation, split.test)
    ]
    assert [len(side) for side in sides] == [60, 20, 20]
    assert split.warnings == ()


def test_where_all_are_alike_the_table_can_be_split_all_the_same():
    texts = [f"{LONG}, said guest number {n}" for n in range(40)]
    split = split_examples(rows(*texts))
    assert [len(split.train), len(split.validation), len(split.test)] == [32, 4, 4]
    assert "both sides of the split" in split.warnings[0]


def test_a_large_group_is_learned_from():
    """30 of 100 rows are alike: under each seed the test part has a tenth of the other groups."""
    texts = [f"{LONG}, said guest number {n}" for n in range(30)]
    examples = rows(*texts, *made(70), labels="a" * 60 + "b" * 40)
    for seed in range(40):
        split = split_examples(examples, seed=seed)
        assert len(split.test) == len(split.validation) == 7  # of 71 groups
        assert set(texts) <= set(split.train.texts)


def test_a_text_nearly_that_of_an_own_test_part_is_left_out():
    texts = made(8)
    nothing = rows()
    split = Split(rows(*texts), nothing, nothing)
    own = rows("quite another text", texts[3][:-1] + "z", texts[5] + "!", labels="aba")
    train = with_own_parts(split, test=own).train
    assert [(entry.row, entry.reason) for entry in train.left_out] == [
        (5, "the test part has nearly this text too (line 3)"),
        (7, "the test part has this text too"),
    ]
    assert len(train) == 6


@st.composite
def mutated(draw):
    """A few texts, and copies of them in which some words are others."""
    base = draw(st.lists(st.integers(0, 10**6), min_size=1, max_size=4))
    texts = []
    for seed in base:
        words = made(1, words=30, seed=seed)[0].split()
        for places in draw(st.lists(st.sets(st.integers(0, 29), max_size=6), max_size=3)):
            texts.append(" ".join("other" if n in places else w for n, w in enumerate(words)))
    return draw(st.permutations(texts))


@settings(max_examples=60, deadline=None)
@given(mutated())
def test_all_pairs_agree_with_a_comparison_of_each_with_each(texts):
    result = nearly_same(rows(*texts))
    for pair in result.pairs:
        alike = similarity(texts[pair.one], texts[pair.other])
        assert alike == pair.similarity >= near.NEAR
        assert texts[pair.one] != texts[pair.other]
    groups = near_groups(rows(*texts))
    for one, text in enumerate(texts):
        for other in range(one):
            if texts[other] != text and similarity(text, texts[other]) >= 0.9:
                first, second = (texts.index(texts[at]) for at in (one, other))
                assert groups[first] is not None
                assert groups[first] == groups[second]


def test_sketches_estimate_the_similarity():
    """8 of 12 letters are in both: of 120 numbers about 80 are equal, give or take 5."""
    one, other, turned = sketches(["abcdefgh", "abcdefghijkl", "hgfedcbaabc"], 1)
    assert one.shape == (120,)
    assert 60 < (one == other).sum() < 100
    assert (one == turned).all()  # neither order nor number counts


def test_look_alikes_come_as_places_of_equal_sketches():
    assert look_alikes(sketches(["abcd", "wxyz", "abcd", "abcd"], 2)).tolist() == [
        [0, 2], [0, 3], [2, 3],
    ]  # fmt: skip


def test_among_twenty_thousand_texts_every_copy_is_found():
    texts = made(10_000)
    pairs = nearly_same(rows(*texts, *(text[:-1] + "z" for text in texts))).pairs
    assert len(pairs) == 10_000


def test_twenty_thousand_texts_that_are_all_alike_are_one_group():
    texts = [f"{LONG}, said guest number {n}" for n in range(20_000)]
    found = near_groups(rows(*texts))
    assert set(found) == {0}
