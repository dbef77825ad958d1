"""The loss of pre-training against what transformers computes by itself."""

import numpy as np
import pytest
import torch
from transformers import BertConfig, BertForPreTraining

from bertlab.pretraining.data.batches import Inputs
from bertlab.pretraining.data.masking import Masked
from bertlab.pretraining.objectives import losses, to_batch

CPU = torch.device("cpu")
IGNORED_BY_TRANSFORMERS = -100


@pytest.fixture(scope="module")
def bert():
    torch.manual_seed(0)
    sizes = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
    config = BertConfig(vocab_size=30, intermediate_size=32, max_position_embeddings=16, **sizes)
    model = BertForPreTraining(config).eval()
    for weight in model.parameters():  # livelier than the usual 0.02
        weight.data.add_(torch.randn_like(weight) * 0.3)
    return model


def game(labels: list[int]) -> tuple[Inputs, Masked]:
    """Three inputs of 8, 6 and 4 tokens; in each the second token is asked for, and more."""
    ids = np.array(
        [
            [2, 10, 11, 3, 12, 13, 14, 3],
            [2, 15, 16, 3, 17, 3, 0, 0],
            [2, 18, 19, 3, 0, 0, 0, 0],
        ]
    )
    attention = (ids != 0).astype(np.int64)
    segments = np.zeros_like(ids)
    segments[0, 4:] = 1
    segments[1, 4:6] = 1
    kinds = np.zeros(ids.shape, dtype=np.int8)
    kinds[0, 1], kinds[0, 5], kinds[1, 1], kinds[2, 1] = 1, 2, 3, 1
    changed = ids.copy()
    changed[0, 1], changed[0, 5], changed[2, 1] = 4, 29, 4
    places = np.where(ids > 4, ids - 10, -1)
    inputs = Inputs(ids, segments, attention, ids > 4, places, np.array(labels))
    return inputs, Masked(changed, kinds)


def transformers_losses(model, inputs: Inputs, masked: Masked) -> tuple[float, float]:
    """Both losses by the model's own `labels` and `next_sentence_label`."""
    chosen = masked.kinds > 0
    labels = torch.tensor(np.where(chosen, inputs.ids, IGNORED_BY_TRANSFORMERS))
    following = torch.tensor(np.where(inputs.labels < 0, IGNORED_BY_TRANSFORMERS, inputs.labels))
    asked = {
        "input_ids": torch.tensor(masked.input_ids),
        "token_type_ids": torch.tensor(inputs.segments),
        "attention_mask": torch.tensor(inputs.attention_mask),
    }
    nothing = torch.full_like(labels, IGNORED_BY_TRANSFORMERS)
    nothing[0, 1] = 10  # one blank: its loss is taken away again
    with torch.no_grad():
        both = model(**asked, labels=labels, next_sentence_label=following).loss
        one = model(**asked, labels=nothing, next_sentence_label=following).loss
        scores = model(**asked).prediction_logits[0, 1]
    alone = torch.nn.functional.cross_entropy(scores[None], torch.tensor([10]))
    following_loss = (one - alone).item()
    return both.item() - following_loss, following_loss


@pytest.mark.parametrize("labels", [[0, 1, -1], [1, 1, -1], [0, 0, 1]])
def test_both_losses_are_those_of_transformers(bert, labels):
    inputs, masked = game(labels)
    with torch.no_grad():
        found = losses(bert, to_batch(inputs, masked, CPU))
    expected = transformers_losses(bert, inputs, masked)
    assert (found.masked.item(), found.next_sentence.item()) == pytest.approx(expected, abs=1e-5)
    assert found.total.item() == pytest.approx(sum(expected), abs=1e-5)
    assert found.pairs == sum(label >= 0 for label in labels)


def test_label_0_means_that_b_follows_a_as_in_transformers(bert):
    """The loss of label 0 is minus the log of the first of the two probabilities."""
    inputs, masked = game([0, -1, -1])
    batch = to_batch(inputs, masked, CPU)
    with torch.no_grad():
        found = losses(bert, batch)
        scores = bert(**batch.inputs).seq_relationship_logits[0]
    is_next = scores.softmax(-1)[0]
    assert found.next_sentence.item() == pytest.approx(-is_next.log().item(), abs=1e-6)
    assert found.next_hits.item() == int(is_next > 0.5)


def test_the_batch_asks_for_the_chosen_tokens_alone():
    batch = to_batch(*game([0, 1, -1]), CPU)
    assert batch.positions.tolist() == [1, 5, 9, 17]  # 8 tokens a row
    assert batch.answers.tolist() == [10, 13, 15, 18]  # the original ones
    assert (batch.sequences, batch.tokens) == (3, 18)
    assert batch.inputs["input_ids"][0].tolist() == [2, 4, 11, 3, 12, 29, 14, 3]


def test_hits_by_hand(bert):
    inputs, masked = game([0, 1, -1])
    batch = to_batch(inputs, masked, CPU)
    with torch.no_grad():
        best = bert(**batch.inputs).prediction_logits.argmax(-1).flatten()[batch.positions]
        inputs.ids.ravel()[batch.positions[0]] = best[0]  # the first answer is right now
        found = losses(bert, to_batch(inputs, masked, CPU))
    right = 1 + sum((best[1:] == batch.answers[1:]).tolist())
    assert found.masked_hits.item() == pytest.approx(right / 4)


def test_a_batch_without_pairs_leaves_the_next_sentence_head_alone(bert):
    found = losses(bert, to_batch(*game([-1, -1, -1]), CPU))
    assert (found.next_sentence.item(), found.pairs, found.next_hits.item()) == (0.0, 0, 0)
    bert.zero_grad()
    found.total.backward()
    gradient = bert.cls.seq_relationship.weight.grad
    assert gradient is None or not gradient.any()
    assert bert.cls.predictions.transform.dense.weight.grad.any()
    bert.zero_grad()


def test_tokens_that_are_not_chosen_cost_nothing(bert):
    """Other answers at places that nobody asks for change no loss."""
    inputs, masked = game([0, 1, -1])
    with torch.no_grad():
        first = losses(bert, to_batch(inputs, masked, CPU)).total.item()
        inputs.ids[masked.kinds == 0] = 7
        again = losses(bert, to_batch(inputs, masked, CPU)).total.item()
    assert first == again
