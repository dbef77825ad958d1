"""LoRA: it starts as the model was, learns beside it, and ends as a plain model."""

import pytest
import torch
import transformers
from tiny_models import save_tiny_model
from tiny_rows import ROWS

from bertlab.datasets import Split
from bertlab.finetuning.execute import execute
from bertlab.finetuning.predict import predict
from bertlab.finetuning.strategies.lora import add_adapters, learned_share, merge_adapters
from bertlab.models import load_classifier
from bertlab.runs import create_run
from bertlab.runs.settings import Settings

FAMILIES = ["bert", "distilbert", "roberta", "xlm-roberta", "electra", "albert"]
IDS = torch.tensor([[2, 5, 6, 7, 3]])


@pytest.mark.parametrize("family", FAMILIES)
def test_it_starts_as_the_model_was_and_can_be_merged(family, models_root):
    save_tiny_model(family, models_root / "tiny")
    _, model = load_classifier("tiny", labels=["a", "b"], seed=0, device="cpu")
    model.eval()
    before = model(input_ids=IDS).logits
    names = set(model.state_dict())
    adapted = add_adapters(model, rank=2)
    adapted.eval()
    assert torch.equal(adapted(input_ids=IDS).logits, before)  # B is zero
    learned, whole = learned_share(adapted)
    assert 0 < learned < whole
    for name, weight in adapted.named_parameters():
        is_head = "modules_to_save" in name
        assert weight.requires_grad == ("lora_" in name or is_head), name
        if "lora_B" in name:
            torch.nn.init.ones_(weight)
    changed = adapted(input_ids=IDS).logits
    assert not torch.allclose(changed, before)
    merge_adapters(adapted)
    assert set(model.state_dict()) == names
    assert torch.allclose(model(input_ids=IDS).logits, changed, atol=1e-5)


def test_the_weights_added_by_hand(tiny_bert_name):
    """Hidden 32, 2 layers, query and value each: 2 * 2 * rank * (32 + 32), pooler and head."""
    _, model = load_classifier(tiny_bert_name, labels=["a", "b"], seed=0, device="cpu")
    learned, _ = learned_share(add_adapters(model, rank=3))
    assert learned == 2 * 2 * 3 * (32 + 32) + (32 * 32 + 32) + (2 * 32 + 2)


def test_a_run_ends_with_a_model_that_others_load(tiny_bert_name):
    settings = Settings(
        model=tiny_bert_name, strategy="lora", epochs=10, batch_size=4, learning_rate=2e-2,
        device="cpu",
    )  # fmt: skip
    run = create_run(settings, Split(ROWS, ROWS, ROWS))
    assert execute(run).phase == "finished"
    assert run.result()["test"]["accuracy"] > 0.8
    told = [event.text for event in run.history() if event.kind == "message"]
    assert any(text.startswith("LoRA: ") for text in told)
    ours = predict(run, ["we loved it"])[0]
    pipe = transformers.pipeline("text-classification", str(run.model_folder))
    answer = pipe("we loved it")[0]
    assert answer["label"] == max(ours, key=ours.get)
    assert answer["score"] == pytest.approx(max(ours.values()), abs=1e-5)
