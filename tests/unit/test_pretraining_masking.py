"""BERT's masking game."""

import numpy as np
import pytest

from bertlab.pretraining.data.masking import (
    KEPT,
    NOT_CHOSEN,
    REPLACED_BY_MASK,
    REPLACED_BY_RANDOM,
    MaskingVocabulary,
    mask_tokens,
)

SIZE, MASK = 1_000, 4
CONTINUES = np.zeros(SIZE, dtype=np.bool_)
CONTINUES[500:] = True  # ids from 500 on are pieces such as "##ing"
VOCABULARY = MaskingVocabulary(SIZE, MASK, np.arange(5, SIZE), CONTINUES)


def rows_of(*lengths: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """[CLS] so many tokens [SEP], padded; whole words only."""
    ids = np.zeros((len(lengths), max(lengths) + 2), dtype=np.int64)
    may_mask = np.zeros(ids.shape, dtype=np.bool_)
    words = np.random.default_rng(seed)
    for row, length in enumerate(lengths):
        ids[row, 0], ids[row, length + 1] = 2, 3
        ids[row, 1 : length + 1] = words.integers(5, 500, length)
        may_mask[row, 1 : length + 1] = True
    return ids, may_mask


def play(ids, may_mask, *, seed=0, **options):
    return mask_tokens(ids, may_mask, VOCABULARY, np.random.default_rng(seed), **options)


@pytest.mark.parametrize(
    ("share", "lengths", "expected"),
    [
        (0.15, [6, 1, 3, 20, 62], [1, 1, 1, 3, 9]),  # 0.9, 0.15, 0.45, 3.0, 9.3
        (0.2, [6, 1, 3, 20, 62], [1, 1, 1, 4, 12]),  # 1.2, 0.2, 0.6, 4.0, 12.4
        (1.0, [6, 1], [6, 1]),
    ],
)
def test_of_n_tokens_round_n_times_share_are_chosen_and_at_least_one(share, lengths, expected):
    ids, may_mask = rows_of(*lengths)
    for seed in range(20):
        kinds = play(ids, may_mask, seed=seed, share=share).kinds
        assert (kinds != NOT_CHOSEN).sum(axis=1).tolist() == expected


def test_special_tokens_and_padding_are_never_chosen():
    ids, may_mask = rows_of(30, 5, 1)
    for seed in range(50):
        masked = play(ids, may_mask, seed=seed, share=0.5)
        assert not (masked.kinds != NOT_CHOSEN)[~may_mask].any()
        assert (masked.input_ids == ids)[~may_mask].all()


def test_a_row_without_tokens_is_left_alone():
    ids, may_mask = rows_of(3, 3)
    may_mask[1] = False
    masked = play(ids, may_mask)
    assert (masked.kinds != NOT_CHOSEN).sum(axis=1).tolist() == [1, 0]


def test_eighty_ten_ten():
    """Of 100,000 chosen tokens each part lies within four standard deviations."""
    ids, may_mask = rows_of(*[1_000] * 100)
    masked = play(ids, may_mask, share=1.0)
    for kind, share in ((REPLACED_BY_MASK, 0.8), (REPLACED_BY_RANDOM, 0.1), (KEPT, 0.1)):
        deviation = (share * (1 - share) / 100_000) ** 0.5
        assert abs((masked.kinds == kind)[may_mask].mean() - share) < 4 * deviation


def test_what_the_model_reads_follows_the_kinds():
    ids, may_mask = rows_of(*[200] * 20)
    masked = play(ids, may_mask, share=0.5)
    before, after, kinds = (part.ravel() for part in (ids, masked.input_ids, masked.kinds))
    assert (after[kinds == REPLACED_BY_MASK] == MASK).all()
    for kind in (KEPT, NOT_CHOSEN):
        assert (after[kinds == kind] == before[kinds == kind]).all()
    drawn = after[kinds == REPLACED_BY_RANDOM]
    assert drawn.min() >= 5  # never a special token
    assert 180 < len(drawn) < 220
    assert len(set(drawn.tolist())) > 150
    assert masked.kinds.dtype == np.int8
    assert masked.input_ids.dtype == np.int64


def test_the_original_is_not_touched():
    ids, may_mask = rows_of(50)
    before = ids.copy(), may_mask.copy()
    play(ids, may_mask, share=0.5, whole_words=True)
    assert (ids == before[0]).all()
    assert (may_mask == before[1]).all()


def test_every_place_is_chosen_equally_often():
    ids, may_mask = rows_of(*[20] * 4_000)
    chosen = play(ids, may_mask, share=0.15).kinds != NOT_CHOSEN
    shares = chosen[:, 1:21].mean(axis=0)  # 3 of 20 each
    assert np.abs(shares - 0.15).max() < 4 * (0.15 * 0.85 / 4_000) ** 0.5


def test_the_same_rng_gives_the_same_game_and_another_one_another():
    ids, may_mask = rows_of(40, 30)
    first, again, other = (play(ids, may_mask, seed=seed) for seed in (1, 1, 2))
    assert (first.input_ids == again.input_ids).all()
    assert (first.kinds == again.kinds).all()
    assert (first.kinds != other.kinds).any()


def test_whole_words_are_chosen_with_all_their_pieces():
    """[CLS] un ##happy ##ness is a play ##ing field [SEP]: 8 pieces in 5 words."""
    ids = np.array([[2, 10, 510, 511, 11, 12, 13, 512, 14, 3]])
    may_mask = np.array([[False, *[True] * 8, False]])
    words = [(1, 2, 3), (4,), (5,), (6, 7), (8,)]
    seen = set()
    for seed in range(100):
        chosen = play(ids, may_mask, seed=seed, share=0.25, whole_words=True).kinds[0] != NOT_CHOSEN
        taken = [word for word in words if chosen[list(word)].any()]
        assert all(chosen[list(word)].all() for word in taken)
        assert 2 <= chosen.sum() <= 4  # round(8 x 0.25); the last word may exceed it
        seen.update(taken)
    assert seen == set(words)


def test_a_segment_may_begin_in_the_middle_of_a_word():
    """A trimmed A: [CLS] ##ing film [SEP] ##s cat [SEP]; a piece never drags a mark along."""
    ids = np.array([[2, 510, 10, 3, 511, 11, 3]])
    may_mask = np.array([[False, True, True, False, True, True, False]])
    chosen = [
        play(ids, may_mask, seed=s, whole_words=True).kinds[0] != NOT_CHOSEN for s in range(60)
    ]
    assert {row.sum() for row in chosen} == {1}
    assert set(np.nonzero(np.any(chosen, axis=0))[0].tolist()) == {1, 2, 4, 5}
