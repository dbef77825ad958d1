"""Embeddings that learn: the rows that texts use learn as in the whole table, the others stay."""

import pytest
import torch
from tiny_models import save_tiny_model
from torch import nn

from bertlab.finetuning.data import EncodedTexts
from bertlab.finetuning.loop import LoopOptions, train
from bertlab.finetuning.optimization import start_training
from bertlab.finetuning.strategies.sparse_embeddings import UsedRows, learn_used_rows, put_rows_back
from bertlab.finetuning.tasks import SingleLabel
from bertlab.models import load_classifier

FAMILIES = ["bert", "distilbert", "roberta", "xlm-roberta", "albert", "electra"]
ROWS = [[2, 5, 6, 7, 3], [2, 9, 3], [2, 6, 6, 8, 5, 3], [2, 7, 9, 3]]
USED = [0, 2, 3, 5, 6, 7, 8, 9]


def texts(pad_id=0):
    columns = {"input_ids": ROWS}
    return EncodedTexts(columns, tuple(map(len, ROWS)), torch.tensor([0, 1, 0, 1]), pad_id)


def classifier(family, folder):
    if not (folder / "tiny").exists():
        save_tiny_model(family, folder / "tiny")
    _, model = load_classifier("tiny", labels=["a", "b"], seed=0, device="cpu")
    for part in model.modules():  # so that two trainings can be compared
        if isinstance(part, nn.Dropout):
            part.p = 0.0
    return model


def losses(model):
    training = start_training(model, learning_rate=1e-2, steps=4)
    options = LoopOptions(epochs=2, batch_size=2, seed=0, device=torch.device("cpu"))
    return [step.loss for step in train(training, texts(), SingleLabel(), options)]


def test_by_hand():
    table = nn.Embedding(6, 2, padding_idx=0)
    with torch.no_grad():
        table.weight.copy_(torch.arange(12.0).view(6, 2))
    rows = UsedRows(table, [0, 2, 5])
    assert rows.weight.tolist() == [[0, 1], [4, 5], [10, 11]]
    assert rows(torch.tensor([[5, 2], [0, 5]])).tolist() == [[[10, 11], [4, 5]], [[0, 1], [10, 11]]]
    rows(torch.tensor([0, 5, 5])).sum().backward()
    assert rows.weight.grad.tolist() == [[0, 0], [0, 0], [2, 2]]  # padding learns nothing
    with torch.no_grad():
        rows.weight += 100
    whole = [[100, 101], [2, 3], [104, 105], [6, 7], [8, 9], [110, 111]]
    assert rows.whole().weight.tolist() == whole


def test_an_id_without_a_row_is_an_error_and_no_other_word():
    rows = UsedRows(nn.Embedding(6, 2), [0, 2])
    with pytest.raises(IndexError):
        rows(torch.tensor([4]))


@pytest.mark.parametrize("family", FAMILIES)
def test_they_learn_as_in_the_whole_table(family, models_root):
    plain, model = (classifier(family, models_root) for _ in range(2))
    before = model.get_input_embeddings().weight.detach().clone()
    names = [name for name, _ in model.named_parameters()]
    wanted = losses(plain)
    learn_used_rows(model, [texts()])
    assert model.get_input_embeddings().weight.shape == (len(USED), before.shape[1])
    assert [name for name, _ in model.named_parameters()] == names
    assert losses(model) == pytest.approx(wanted, abs=1e-5)
    put_rows_back(model)
    after, whole = (kind.get_input_embeddings().weight for kind in (model, plain))
    assert torch.allclose(after[USED], whole[USED], atol=1e-5)
    others = [i for i in range(len(before)) if i not in USED]
    assert torch.equal(after[others], before[others])
    shrunk = whole[others] / before[others]  # what weight decay did to them: it alone
    assert torch.allclose(shrunk, shrunk[0, 0].expand_as(shrunk), atol=1e-6)


def test_the_model_is_a_plain_one_again(models_root):
    model = classifier("bert", models_root)
    names = list(model.state_dict())
    learn_used_rows(model, [texts()])
    assert list(model.state_dict()) == names
    put_rows_back(model)
    assert type(model.get_input_embeddings()) is nn.Embedding
    assert list(model.state_dict()) == names
    put_rows_back(model)  # of a plain one nothing changes
    assert type(model.get_input_embeddings()) is nn.Embedding


def test_padding_has_a_row(models_root):
    model = classifier("roberta", models_root)
    learn_used_rows(model, [texts(pad_id=1)])
    model(input_ids=torch.tensor([[2, 5, 1, 1]]))
