"""Parts of the network that learn at their own pace, or not at all for a while."""

from pathlib import Path

import numpy as np
import pytest
import torch
from tiny_models import save_tiny_bert
from transformers import BertModel

from bertlab.errors import InputError
from bertlab.pretraining import objectives
from bertlab.pretraining.checkpoints import load_checkpoint, save_checkpoint
from bertlab.pretraining.data.encoded import EncodedText
from bertlab.pretraining.execute import execute
from bertlab.pretraining.export import model_card
from bertlab.pretraining.initial_weights import load_bert
from bertlab.pretraining.loop import PretrainingOptions, PretrainingState, pretrain
from bertlab.pretraining.model import Learner, new_bert, part_of
from bertlab.pretraining.objectives import PretrainingBatch, losses
from bertlab.pretraining.optimizer import make_optimizers, rate_share_at, set_rate
from bertlab.pretraining.result import PretrainingResult
from bertlab.pretraining.settings import Architecture, PretrainingSettings, Source, read_recipe
from bertlab.pretraining.setup import fingerprint
from bertlab.pretraining.start import create_pretraining_run
from bertlab.runs.feed import Feed

CPU = torch.device("cpu")
BODY = ("embeddings", "layers")
VILLAGE = Path(__file__).parents[2] / "sample_data" / "village_en.txt"
SETTINGS = PretrainingSettings((Source("x"),), architecture=Architecture(3, 16, 2, 64))


def new_training(**rates) -> PretrainingState:
    learner = Learner(new_bert(SETTINGS, 50), teacher_size=8)
    options = {"optimizer": "adamw", "learning_rate": 0.01, "weight_decay": 0.0, **rates}
    return PretrainingState(learner, make_optimizers(learner, **options))


def batch_at(step: int) -> tuple[PretrainingBatch, None]:
    """Two pairs of 8 tokens, three of them asked for; another one at each step."""
    chance = torch.Generator().manual_seed(step)
    ids = torch.randint(5, 50, (2, 8), generator=chance)
    positions = torch.tensor([1, 4, 10])
    inputs = {"input_ids": ids, "attention_mask": torch.ones_like(ids)}
    return PretrainingBatch(
        inputs, positions, ids.flatten()[positions], torch.tensor([0, 1]), 2, 16
    ), None


def moved(training: PretrainingState, before: dict[str, torch.Tensor]) -> set[str]:
    """The parts of which at least one weight is no longer what it was."""
    now = training.learner.named_parameters()
    return {part_of(name) for name, weight in now if not torch.equal(weight, before[name])}


def weights_of(training: PretrainingState) -> dict[str, torch.Tensor]:
    return {name: weight.detach().clone() for name, weight in training.learner.named_parameters()}


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("bert.bert.embeddings.word_embeddings.weight", "embeddings"),
        ("bert.bert.embeddings.LayerNorm.bias", "embeddings"),
        ("bert.bert.encoder.layer.11.attention.output.LayerNorm.weight", "layers"),
        ("bert.bert.pooler.dense.weight", "heads"),
        ("bert.cls.predictions.bias", "heads"),
        ("bert.cls.seq_relationship.weight", "heads"),
        ("projection.weight", "heads"),
        ("word_projection.bias", "heads"),
    ],
)
def test_every_weight_belongs_to_a_part(name, part):
    assert part_of(name) == part


def test_a_step_of_each_part_is_as_long_as_its_rate():
    """The first step of AdamW moves every weight by its rate, whatever the gradient's size."""
    training = new_training(rates={"layers": 0.004, "embeddings": 0.002}, layer_decay=0.5)
    before = weights_of(training)
    set_rate(training.optimizers, 0.005)  # half of the peak: half of every rate
    for weight in training.learner.parameters():
        weight.grad = torch.full_like(weight, 3.0)
    training.optimizers[0].step()
    expected = {
        "projection.weight": 0.005,
        "bert.cls.predictions.transform.dense.bias": 0.005,
        "bert.bert.pooler.dense.weight": 0.005,
        "bert.bert.encoder.layer.2.output.dense.weight": 0.002,
        "bert.bert.encoder.layer.1.output.dense.bias": 0.001,
        "bert.bert.encoder.layer.0.attention.self.query.weight": 0.0005,
        "bert.bert.embeddings.word_embeddings.weight": 0.001,
    }
    now = weights_of(training)
    for name, step in expected.items():
        torch.testing.assert_close(before[name] - now[name], torch.full_like(now[name], step))


def test_muon_has_the_paces_too():
    learner = new_training().learner
    options = {"learning_rate": 1.0, "rates": {"layers": 0.5}, "layer_decay": 0.5}
    adamw, muon = make_optimizers(learner, optimizer="muon", weight_decay=0.1, **options)
    set_rate((adamw, muon), 0.08)
    assert [group["lr"] for group in muon.param_groups] == pytest.approx([0.04, 0.02, 0.01])
    assert {group["weight_decay"] for group in muon.param_groups} == {0.1}
    assert sum(len(group["params"]) for group in muon.param_groups) == 18  # 6 matrices a layer


def test_a_checkpoint_from_before_there_were_paces_goes_on():
    (adamw,) = new_training().optimizers
    old = adamw.state_dict()
    for group in old["param_groups"]:
        del group["pace"]
    adamw.load_state_dict(old)
    set_rate((adamw,), 0.25)
    assert [group["lr"] for group in adamw.param_groups] == [0.25, 0.25]


def test_the_rate_rises_again_after_the_first_steps():
    """4 steps with a peak at the second, then 6 with a peak at the third."""
    rates = [6 * rate_share_at(step, 10, warm_up=0.5, first=4) for step in range(10)]
    assert rates == pytest.approx([3, 6, 6, 3, 2, 4, 6, 6, 4, 2])


def test_what_is_frozen_keeps_its_weights_until_its_steps_are_over():
    training = new_training()
    before = weights_of(training)
    options = PretrainingOptions(
        steps=4, learning_rate=0.01, warm_up=0.0, frozen=BODY, frozen_steps=2
    )
    steps = pretrain(training, batch_at, options, device=CPU)
    for parts in ({"heads"}, {"heads"}, {"heads", *BODY}):
        next(steps)
        assert moved(training, before) == parts
    assert all(weight.requires_grad for weight in training.learner.parameters())


def test_a_run_that_was_interrupted_while_frozen_ends_as_one_that_was_not(tmp_path):
    options = PretrainingOptions(
        steps=4, learning_rate=0.01, warm_up=0.5, frozen=BODY, frozen_steps=2
    )
    straight, first, second = new_training(), new_training(), new_training()
    list(pretrain(straight, batch_at, options, device=CPU))
    next(pretrain(first, batch_at, options, device=CPU))
    save_checkpoint(tmp_path / "checkpoint.pt", first, tag="same")
    assert load_checkpoint(tmp_path / "checkpoint.pt", second, tag="same")
    list(pretrain(second, batch_at, options, device=CPU))
    ended, expected = weights_of(second), weights_of(straight)
    assert all(torch.equal(ended[name], expected[name]) for name in expected)


# --- what is asked ---


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"frozen": ("body",)}, "part of the network"),
        ({"rates": {"head": 1e-3}}, "part of the network"),
        ({"rates": {"layers": 2.0}}, "learning rate"),
        ({"layer_decay": 0.05}, "layer decay"),
        ({"frozen_share": 1.5}, "share of frozen steps"),
        ({"frozen": ("layers", "heads", "embeddings")}, "nothing can learn"),
    ],
)
def test_parts_that_cannot_be_are_refused(asked, said):
    with pytest.raises(InputError, match=said):
        PretrainingSettings((Source("x"),), **asked)


def test_a_recipe_states_rates_and_frozen_parts(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text(
        'frozen = ["layers"]\nfrozen_share = 0.1\nlayer_decay = 0.8\n'
        'rates = { layers = 3e-4 }\n[[sources]]\nfile = "a.txt"\n',
        encoding="utf-8",
    )
    asked = read_recipe(path)
    assert (asked.frozen, asked.frozen_share, asked.layer_decay) == (("layers",), 0.1, 0.8)
    assert asked.rates == {"layers": 3e-4}
    assert PretrainingSettings.from_json(asked.to_json()) == asked
    path.write_text('frozen = "layers"\n[[sources]]\nfile = "a.txt"\n', encoding="utf-8")
    with pytest.raises(InputError, match="frozen must be a list"):
        read_recipe(path)


def test_checkpoints_of_before_still_belong_to_their_runs():
    """The fingerprint as version 0.1 told it, before the parts could be asked for."""
    corpus = EncodedText(np.arange(4, dtype=np.uint16), np.array([0, 4]), np.array([0, 1]))
    asked = PretrainingSettings((Source("read.txt", passes=2),), seed=7, optimizer="muon")
    assert fingerprint(asked, corpus, 9) == "9aaf34c1853d0ea9c9112b05f09dd092"
    other = PretrainingSettings((Source("read.txt", passes=2),), seed=7, frozen=("layers",))
    assert fingerprint(other, corpus, 9) != fingerprint(asked, corpus, 9)


# --- from a model without a head ---


def without_head(folder: Path) -> BertModel:
    """Store a checkpoint's body alone, as a sentence encoder comes."""
    bare = BertModel.from_pretrained(folder)
    bare.save_pretrained(folder)
    return bare


def test_the_head_that_a_checkpoint_lacks_shares_its_word_embeddings(models_root):
    folder = save_tiny_bert(models_root / "base")
    bare = without_head(folder)
    bert = load_bert(PretrainingSettings((Source("x"),), init_checkpoint="base"))
    words = bert.bert.embeddings.word_embeddings.weight
    assert bert.cls.predictions.decoder.weight is words
    assert torch.equal(words, bare.embeddings.word_embeddings.weight)
    assert not bert.cls.predictions.bias.any()


def test_a_run_of_the_heads_alone_leaves_the_body_as_it_was(models_root):
    folder = save_tiny_bert(models_root / "base", max_position_embeddings=64)
    bare = without_head(folder)
    asked = PretrainingSettings(
        (Source(str(VILLAGE), passes=0.3),),
        init_checkpoint="base", frozen=BODY, batch_tokens=512, device="cpu",
    )  # fmt: skip
    run = create_pretraining_run(asked)
    assert execute(run).phase == "finished", run.status().message
    after = BertModel.from_pretrained(run.model_folder, dtype=torch.float32).state_dict()
    for name, weight in bare.state_dict().items():
        if "pooler" not in name:
            torch.testing.assert_close(after[name], weight.half().float(), msg=name)
    found = [event.loss for event in Feed(run).read() if event.kind == "train"]
    assert found[-1] < found[0]


def test_the_card_says_how_the_parts_learned():
    asked = PretrainingSettings(
        (Source("x"),), learning_rate=1e-3, rates={"layers": 5e-4}, layer_decay=0.9,
        frozen=BODY, frozen_share=0.02,
    )  # fmt: skip
    card = model_card(asked, PretrainingResult(tokens=10, longest_input=8, steps=1, examples=1))
    assert "learning rate 0.001 (layers 0.0005), times 0.9 from each layer to the one below" in card
    assert "embeddings and layers frozen in the first 2% of the steps" in card


# --- memory ---


def test_slices_of_the_output_layer_give_the_same_loss_and_gradients(monkeypatch):
    found = []
    for scores in (10**9, 50 * 2):  # all at once; two of three tokens, then the third
        monkeypatch.setattr(objectives, "SCORES_AT_ONCE", scores)
        training = new_training()
        parts = losses(training.learner.bert, batch_at(0)[0])
        parts.total.backward()
        gradients = {
            n: w.grad for n, w in training.learner.named_parameters() if w.grad is not None
        }
        found.append((parts, gradients))
    (whole, expected), (sliced, gradients) = found
    torch.testing.assert_close(sliced.masked, whole.masked)
    assert sliced.masked_hits == whole.masked_hits
    assert gradients.keys() == expected.keys()
    for name in expected:
        torch.testing.assert_close(gradients[name], expected[name])


def test_the_scores_of_a_slice_are_not_kept(monkeypatch):
    """Of 3 x 50 scores none wait for the backward pass, where they are computed again."""
    monkeypatch.setattr(objectives, "SCORES_AT_ONCE", 50)
    kept: list[torch.Size] = []
    model, (batch, _) = new_training().learner.bert, batch_at(0)

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        kept.append(tensor.shape)
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        losses(model, batch)
    assert kept
    assert not [shape for shape in kept if len(shape) == 2 and shape[-1] == 50]
