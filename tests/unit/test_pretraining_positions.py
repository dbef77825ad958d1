"""Short inputs at far positions, and positions that go on from those that were learned."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from tiny_models import save_tiny_bert
from transformers import BertConfig, BertForPreTraining

from bertlab.errors import InputError
from bertlab.pretraining.data.batches import Marks
from bertlab.pretraining.data.encoded import EncodedText
from bertlab.pretraining.data.masking import MaskingVocabulary
from bertlab.pretraining.data.plan import make_plan
from bertlab.pretraining.export import model_card
from bertlab.pretraining.initial_weights import continue_positions, load_bert
from bertlab.pretraining.objectives import losses
from bertlab.pretraining.result import PretrainingResult
from bertlab.pretraining.settings import PretrainingSettings, Source, Stage
from bertlab.pretraining.tensors import StepData, place_inputs

WHOLE_CIRCLE = torch.pi / 30  # 60 steps go once round


def circles(positions: int, *, hidden: int = 32, offset: float = 5.0) -> torch.Tensor:
    """Positions as points on three circles of 1, 2 and 5 turns in 60 steps, off the centre."""
    at = torch.arange(positions)[:, None] * WHOLE_CIRCLE * torch.tensor([1.0, 2.0, 5.0])
    radii = torch.tensor([3.0, 2.0, 1.0])
    path = torch.cat([radii * at.sin(), radii * at.cos(), torch.zeros(positions, hidden - 6)], 1)
    mixed = torch.linalg.qr(torch.randn(hidden, hidden, generator=torch.manual_seed(0))).Q
    return path @ mixed + offset


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def test_without_a_share_every_input_begins_at_the_first_position():
    numbers = place_inputs(3, 4, share=0.0, positions=10, rng=rng())
    assert numbers.tolist() == [[0, 1, 2, 3]] * 3


def test_shifted_inputs_begin_anywhere_and_end_within_the_model():
    numbers = place_inputs(4_000, 4, share=1.0, positions=10, rng=rng())
    assert set(numbers[:, 0]) == {0, 1, 2, 3, 4, 5, 6}  # 6 + 4 tokens fill all 10
    assert (np.diff(numbers, axis=1) == 1).all()
    counts = np.bincount(numbers[:, 0])
    assert counts.min() > 4_000 / 7 * 0.85  # each begin as likely as any other


def test_a_share_of_the_inputs_is_shifted():
    numbers = place_inputs(10_000, 2, share=0.25, positions=512, rng=rng())
    assert (numbers[:, 0] > 0).mean() == pytest.approx(0.25, abs=0.02)


def test_an_input_as_long_as_the_model_is_not_shifted():
    assert place_inputs(5, 8, share=1.0, positions=8, rng=rng())[:, 0].tolist() == [0] * 5


def step_data(shifted_share: float) -> StepData:
    text = EncodedText(np.arange(5, 45, dtype=np.uint16), np.arange(0, 41, 4), np.arange(0, 11))
    plan = make_plan([text], [4.0], (Stage(16, 1.0),), pair_share=0.0, batch_tokens=64, seed=0)
    vocabulary = MaskingVocabulary(50, 4, np.arange(5, 50), np.zeros(50, dtype=bool))
    return StepData(
        text=text, plan=plan, marks=Marks(2, 3, 0), vocabulary=vocabulary, masked_share=0.2,
        whole_words=False, shifted_share=shifted_share, positions=40, seed=1, teacher=None,
        device=torch.device("cpu"),
    )  # fmt: skip


def test_a_step_sees_the_same_masks_wherever_its_inputs_stand():
    here, there = (step_data(share).batch(0)[0] for share in (0.0, 1.0))
    assert torch.equal(here.inputs["input_ids"], there.inputs["input_ids"])
    assert here.inputs["position_ids"][:, 0].eq(0).all()
    assert there.inputs["position_ids"][:, 0].any()
    again = step_data(1.0).batch(0)[0].inputs["position_ids"]
    assert torch.equal(there.inputs["position_ids"], again)
    assert not torch.equal(again, step_data(1.0).batch(1)[0].inputs["position_ids"][: len(again)])


def test_only_the_positions_of_a_step_get_a_gradient():
    config = BertConfig(vocab_size=50, hidden_size=8, num_hidden_layers=1, num_attention_heads=2,
                        intermediate_size=8, max_position_embeddings=40)  # fmt: skip
    bert = BertForPreTraining(config)
    batch, _ = step_data(1.0).batch(0)
    losses(bert, batch).total.backward()
    moved = bert.bert.embeddings.position_embeddings.weight.grad.any(dim=1).nonzero()[:, 0]
    read = batch.inputs["position_ids"][batch.inputs["attention_mask"].bool()]
    assert set(moved.tolist()) == set(read.tolist())


def test_circles_go_round_again():
    true = circles(512)
    damaged = true.clone()
    damaged[62:] = torch.randn(450, 32, generator=torch.manual_seed(1))
    found = continue_positions(damaged, 64)
    assert torch.equal(found[:62], true[:62])
    torch.testing.assert_close(found, true, atol=1e-2, rtol=0)


def test_what_was_not_learned_is_not_looked_at():
    one, two = circles(128), circles(128)
    two[64:] = 7.0
    assert torch.equal(continue_positions(one, 64), continue_positions(two, 64))


def text_settings(tmp_path, **more) -> PretrainingSettings:
    (tmp_path / "read.txt").write_text("The cat sat.\nA dog ran.\n", encoding="utf-8")
    stages = (Stage(32, 1.0),)
    return PretrainingSettings((Source(str(tmp_path / "read.txt")),), stages=stages, **more)


def test_a_run_that_goes_on_begins_with_continued_positions(tmp_path, models_root):
    save_tiny_bert(models_root / "base")
    asked = text_settings(tmp_path, init_checkpoint="base")
    before, after = (
        load_bert(replace(asked, learned_positions=learned)).bert.embeddings.position_embeddings
        for learned in (0, 40)
    )
    assert torch.equal(before.weight[:38], after.weight[:38])
    assert not torch.equal(before.weight[38:], after.weight[38:])
    torch.testing.assert_close(after.weight, continue_positions(before.weight, 40))


def test_the_card_tells_what_was_done_for_far_positions(tmp_path, models_root):
    save_tiny_bert(models_root / "base")
    more = {"init_checkpoint": "base", "learned_positions": 40, "shifted_share": 0.25}
    figures = PretrainingResult(tokens=9, longest_input=32, examples=1, steps=1)
    told = model_card(text_settings(tmp_path, **more), figures)
    assert (
        "Positions from 40 on began as what continues those before. 25% of the inputs began at"
        in told
    )
    assert "osition" not in model_card(text_settings(tmp_path), figures).split("---")[2]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"learned_positions": 64}, "random weights have learned none"),
        ({"learned_positions": 31, "init_checkpoint": "base"}, "from 32 to 512"),
        ({"learned_positions": 513, "init_checkpoint": "base"}, "from 32 to 512"),
        ({"shifted_share": 1.5}, "share of shifted inputs"),
    ],
)
def test_settings_that_cannot_be_are_explained(tmp_path, more, said):
    with pytest.raises(InputError, match=said):
        text_settings(tmp_path, **more)
