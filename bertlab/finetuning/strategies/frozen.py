"""A frozen encoder: read every text once, then train the head on what was read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from transformers.modeling_outputs import SequenceClassifierOutput

from bertlab.errors import InputError
from bertlab.finetuning.data import Batch, EncodedTexts, ordered_batches

# Where each family keeps what lies between the encoder and the logits. A head gets the
# encoder's last hidden states (batch, tokens, hidden) and looks at the first token only.
_POOLER_FAMILIES = ("bert",)
_FIRST_TOKEN_FAMILIES = ("roberta", "xlm-roberta", "camembert", "electra")


@dataclass(frozen=True)
class Features:
    """Texts as the frozen encoder reads them: one vector each.

    Args:
        vectors: float32 (texts, hidden), the last hidden state of the first token.
        labels: (texts,) or (texts, labels), see `tasks.py`.
        owners: the text of each window, where long texts are read in windows.
    """

    vectors: Tensor
    labels: Tensor
    owners: Sequence[int] | None = None

    @property
    def lengths(self) -> Sequence[int]:
        """One vector per text, so batches need no sorting."""
        return [1] * len(self.labels)

    def batch(self, indices: Sequence[int], device: torch.device) -> Batch:
        """Put the chosen vectors together on the device."""
        chosen = list(indices)
        vectors = self.vectors[chosen].to(device)  # (batch, hidden)
        return Batch({"vectors": vectors}, self.labels[chosen].to(device))


class Head(nn.Module):
    """What lies on top of the encoder; it shares its weights with the whole model.

    Training the head trains the model's own head, so nothing has to be put back.
    """

    def __init__(self, model: Any) -> None:
        """Take the head's parts from a model for sequence classification."""
        super().__init__()
        self.parts = nn.ModuleList(_head_parts(model))

    def forward(self, vectors: Tensor) -> SequenceClassifierOutput:
        """Turn vectors (batch, hidden) into logits (batch, labels)."""
        states = vectors[:, None, :]  # (batch, 1, hidden): a text of its first token alone
        for part in self.parts:
            states = part(states)
        return SequenceClassifierOutput(logits=states)


class _FirstToken(nn.Module):
    """Take the first token's vector: (batch, tokens, hidden) -> (batch, hidden)."""

    def forward(self, states: Tensor) -> Tensor:
        return states[:, 0]


def _head_parts(model: Any) -> list[nn.Module]:
    kind = model.config.model_type
    if kind in _POOLER_FAMILIES:
        return [model.base_model.pooler, model.dropout, model.classifier]
    if kind in _FIRST_TOKEN_FAMILIES:
        return [model.classifier]
    if kind == "albert":
        base = model.base_model
        return [_FirstToken(), base.pooler, base.pooler_activation, model.dropout, model.classifier]
    if kind == "distilbert":
        return [_FirstToken(), model.pre_classifier, nn.ReLU(), model.dropout, model.classifier]
    raise InputError(
        f"A frozen encoder is not offered for models of the family {kind!r}; choose the strategy "
        "'full', or a model of the BERT family."
    )


def freeze_encoder(model: Any) -> Head:
    """Let the head learn alone; everything below it keeps its weights.

    Returns:
        The head, ready to be trained on `Features`.
    """
    head = Head(model)
    for weight in model.parameters():
        weight.requires_grad_(False)
    for weight in head.parameters():
        weight.requires_grad_(True)
    return head


def encode_once(
    model: Any,
    data: EncodedTexts,
    *,
    device: torch.device,
    use_bf16: bool = False,
    on_progress: Callable[[int], None] = lambda done: None,
) -> Features:
    """Run the encoder once over every text, dropout off.

    With dropout on, every epoch would see other vectors and nothing could be kept.

    Args:
        model: a model for sequence classification.
        data: the texts.
        device: where the model is.
        use_bf16: compute in bfloat16 where that is safe.
        on_progress: called after each batch with the number of texts read so far.
    """
    model.eval()
    vectors = torch.zeros(len(data.lengths), model.config.hidden_size)
    done = 0
    for indices in ordered_batches(data.lengths):
        inputs = data.batch(indices, device).inputs
        # no_grad, not inference_mode: the head's gradient needs ordinary tensors
        with torch.no_grad(), torch.autocast(device.type, torch.bfloat16, enabled=use_bf16):
            states = model.base_model(**inputs).last_hidden_state  # (batch, tokens, hidden)
        vectors[indices] = states[:, 0].float().cpu()
        done += len(indices)
        on_progress(done)
    return Features(vectors, data.labels, data.owners)
