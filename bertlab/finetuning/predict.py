"""Ask a finished classifier."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import nn

from bertlab.errors import InputError, RunError
from bertlab.finetuning.data import Data, encode_texts
from bertlab.finetuning.evaluation import evaluate
from bertlab.finetuning.tasks import Task, task_of_model
from bertlab.models import load_finetuned
from bertlab.runs import Run
from bertlab.tokenization.encoding import longest_input

KEPT = {  # of a text that is too long, by the run's setting
    "head": "its first {longest}",
    "tail": "its last {longest}",
    "head+tail": "{longest} of them, from its beginning and its end",
    "windows": "it in windows of {longest}, at most 32; the answer is the mean of theirs",
}


def predict(
    source: Run | Path,
    texts: Sequence[str],
    *,
    pairs: Sequence[str] | None = None,
    device: str | None = None,
) -> list[dict[str, float]]:
    """Load a finished model and classify texts.

    predict(run, ["I loved it."]) -> [{"negative": 0.08, "positive": 0.92}]

    Args:
        source: a run, or a folder with a classifier in Hugging Face format.
        texts: what to classify.
        pairs: the second sentence of each text, where the model was trained on pairs.
        device: as in `bertlab.devices.choose_device`.

    Returns:
        For each text its probability by label; of one label per text they sum to 1. A model
        that predicts a number gives it under its name: [{"stars": 3.8}].

    Raises:
        RunError: the run has no model yet.
        InputError: a text is empty.
    """
    if isinstance(source, Run):
        if not source.has_model:
            raise RunError(
                f"Run {source.id} has no model: it is {source.status().phase}. Wait for its end."
            )
        source = source.model_folder
    tokenizer, model = load_finetuned(source, device=device)
    return classify(tokenizer, model, texts, pairs=pairs)


def classify(
    tokenizer: Any, model: Any, texts: Sequence[str], *, pairs: Sequence[str] | None = None
) -> list[dict[str, float]]:
    """Classify texts with a model that is already loaded; see `predict`."""
    for number, text in enumerate(texts, start=1):
        if not text.strip():
            raise InputError(f"Text {number} is empty. Type a sentence to classify.")
    if not texts:
        return []
    longest = longest_text(tokenizer, model)
    kept = getattr(model.config, "bertlab_truncation", "head")
    data = encode_texts(tokenizer, texts, pairs=pairs, max_length=longest, kept=kept)
    names = [str(model.config.id2label[index]) for index in range(model.config.num_labels)]
    task = task_of_model(model.config)
    return probabilities(model, data, names, device=model.device, task=task)


def longest_text(tokenizer: Any, model: Any) -> int:
    """Tell how many tokens a classifier reads of a text, special tokens included.

    What it was trained on stands in our tokenizers (see `export.save_model`). Those of others
    may name no limit, or one beyond their model's last position.
    """
    return min(int(tokenizer.model_max_length), longest_input(model.config))


def probabilities(
    model: nn.Module,
    data: Data,
    names: Sequence[str],
    *,
    device: torch.device,
    use_bf16: bool = False,
    task: Task | None = None,
) -> list[dict[str, float]]:
    """Ask a model about every example: {label: probability} each, in the labels' order.

    Of a task that predicts a number it is {name: number}.
    """
    answers = evaluate(model, data, device=device, use_bf16=use_bf16, task=task).answers
    return [dict(zip(names, map(float, row), strict=True)) for row in answers]
