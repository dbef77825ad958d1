"""Which text is read when."""

from collections import Counter

import numpy as np
import pytest
from test_pretraining_packing import document_of, text_of

from bertlab.errors import InputError
from bertlab.pretraining.data.batches import lengths_of
from bertlab.pretraining.data.encoded import join_texts
from bertlab.pretraining.data.plan import BatchPlan, _turn, make_plan
from bertlab.pretraining.settings import Stage

ONE_STAGE = (Stage(64, 1.0),)


def plan_of(
    texts, passes, stages=ONE_STAGE, *, pair_share=0.0, batch_tokens=256, seed=0
) -> BatchPlan:
    return make_plan(
        texts, passes, stages, pair_share=pair_share, batch_tokens=batch_tokens, seed=seed
    )


def reads(plan: BatchPlan, text) -> Counter:
    """How often each document of the joined text is read, where a document is one input."""
    return Counter(document_of(text, begin) for begin in plan.examples[:, 0].tolist())


def test_by_hand_a_walk_shuffles_anew_at_every_pass():
    whole = _turn(4, 0.0, 3.0, seed=(1, 0))
    orders = [np.random.default_rng((1, 0, number)).permutation(4) for number in range(3)]
    assert whole.tolist() == np.concatenate(orders).tolist()
    assert _turn(4, 0.5, 1.25, seed=(1, 0)).tolist() == whole[2:5].tolist()
    assert _turn(0, 0.0, 3.0, seed=(1, 0)).tolist() == []


def test_two_and_a_half_passes_read_every_document_two_or_three_times():
    text = text_of(*[[5]] * 40)
    seen = reads(plan_of([text], [2.5]), text)
    assert len(seen) == 40
    assert set(seen.values()) == {2, 3}
    assert sum(seen.values()) == 100


def test_a_whole_number_of_passes_reads_every_document_so_often():
    text = text_of(*[[5]] * 37)
    assert set(reads(plan_of([text], [3.0]), text).values()) == {3}


def test_sources_keep_their_proportions_and_offsets():
    texts = [text_of(*[[5]] * 30), text_of(*[[7]] * 20), text_of(*[[9]] * 50)]
    plan = plan_of(texts, [1.0, 4.0, 0.0])
    seen = reads(plan, join_texts(texts))
    assert seen == Counter({**dict.fromkeys(range(30), 1), **dict.fromkeys(range(30, 50), 4)})
    lengths = plan.examples[:, 1] - plan.examples[:, 0]
    assert Counter(lengths.tolist()) == {5: 30, 7: 80}


def test_pairs_stay_within_their_source():
    texts = [text_of(*[[5, 5, 5]] * 40), text_of(*[[5, 5, 5]] * 40)]
    plan = plan_of(texts, [2.0, 2.0], pair_share=1.0)
    pairs = plan.examples[plan.examples[:, 4] >= 0]
    border = len(texts[0].ids)
    assert len(pairs) > 100
    assert set(pairs[:, 4].tolist()) == {0, 1}
    assert ((pairs[:, 0] < border) == (pairs[:, 2] < border)).all()
    assert {True, False} == set((pairs[:, 0] < border).tolist())


def test_stages_come_in_their_order_with_their_lengths_and_shares():
    text = text_of(*[[10] * 10] * 200)  # 100 tokens each
    plan = plan_of([text], [1.0], (Stage(32, 0.75), Stage(128, 0.25)), batch_tokens=512)
    longest = np.array([lengths_of(plan.batch(step)).max() for step in range(plan.steps)])
    change = int(np.argmax(longest > 32))
    assert change > 0
    assert (longest[:change] <= 32).all()
    assert (longest[change:] > 32).all()
    assert longest.max() == 102  # a whole document; 128 would not be filled
    tokens = plan.examples[:, 1] - plan.examples[:, 0]
    early = tokens[: plan.starts[change]].sum() / tokens.sum()
    assert early == pytest.approx(0.75, abs=0.01)


def test_batches_lie_behind_one_another_and_keep_the_budget():
    text = text_of(*[[5, 6, 7]] * 100)
    plan = plan_of([text], [1.0], batch_tokens=200)
    assert plan.starts[0] == 0
    assert plan.starts[-1] == len(plan.examples)
    batches = [plan.batch(step) for step in range(plan.steps)]
    assert np.array_equal(np.concatenate(batches), plan.examples)
    for batch in batches:
        assert 0 < lengths_of(batch).max() * len(batch) <= 200


def test_the_same_seed_gives_the_same_plan():
    text = text_of(*[[5, 6, 7]] * 100)
    first, again, other = (plan_of([text], [1.5], pair_share=0.5, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(first.examples, again.examples)
    assert np.array_equal(first.starts, again.starts)
    assert not np.array_equal(first.examples, other.examples)


@pytest.mark.parametrize("passes", [0.0, 0.001])
@pytest.mark.filterwarnings("ignore:Mean of empty slice", "ignore:invalid value")
def test_nothing_to_read_is_refused(passes):
    with pytest.raises(InputError, match="no examples"):
        plan_of([text_of(*[[5]] * 10)], [passes])


def test_a_text_of_fewer_documents_than_rounds_is_read_without_a_warning():
    text = text_of([5], [6], [7])
    assert set(reads(plan_of([text], [1.0]), text).values()) == {1}
