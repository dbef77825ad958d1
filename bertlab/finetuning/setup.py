"""The first phase of a run: model, settings without gaps, encoded data."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import nn

from bertlab.datasets import Examples
from bertlab.devices import fastest_attention, uses_bf16
from bertlab.finetuning.data import Data, EncodedTexts, encode_texts
from bertlab.finetuning.defaults import resolve
from bertlab.finetuning.strategies.first_token import read_first_token_alone
from bertlab.finetuning.strategies.frozen import encode_once, freeze_encoder
from bertlab.finetuning.strategies.layer_groups import learn_from
from bertlab.finetuning.strategies.lora import add_adapters, learned_share, merge_adapters
from bertlab.finetuning.strategies.sparse_embeddings import learn_used_rows, put_rows_back
from bertlab.finetuning.strategies.strategies import lowest_depth
from bertlab.finetuning.tasks import Task, settle_scale, task_of
from bertlab.models import load_classifier
from bertlab.runs import Journal, Run
from bertlab.runs.events import MessageEvent
from bertlab.runs.settings import Settings
from bertlab.training.lifecycle import raise_if_stopped


@dataclass(frozen=True)
class FineTuningSetup:
    """All that training needs.

    Args:
        settings: without gaps.
        reasons: why defaults are what they are, one sentence each.
        names: the labels, in the order of their ids.
        tokenizer: the model's own.
        model: the whole classifier.
        trained: the part that learns: the model itself, or its head.
        train: the training part, as `trained` takes it.
        validation: the validation part likewise; None where it is empty.
        pinned: the pinned sentences likewise; None where there are none.
        device: where the model is.
        use_bf16: whether the encoder computes in bfloat16.
        task: what is learned.
    """

    settings: Settings
    reasons: tuple[str, ...]
    names: tuple[str, ...]
    tokenizer: Any
    model: Any
    trained: nn.Module
    train: Data
    validation: Data | None
    pinned: Data | None
    device: torch.device
    use_bf16: bool
    task: Task

    @property
    def layers(self) -> int:
        """How many layers the encoder has."""
        return int(self.model.config.num_hidden_layers)

    @property
    def learning_rate(self) -> float:
        """The peak, after the warm-up: the settings have no gaps here."""
        assert self.settings.learning_rate is not None
        return self.settings.learning_rate

    def set_trainable(self, epoch: int) -> None:
        """Switch on what the strategy lets learn in an epoch, and hold the rest still."""
        if not self.is_frozen and not self.is_adapted:
            lowest = lowest_depth(self.settings, layers=self.layers, epoch=epoch)
            learn_from(self.model, self.layers, lowest)

    @property
    def is_frozen(self) -> bool:
        """Whether only the head learns."""
        return self.settings.strategy == "frozen"

    @property
    def is_adapted(self) -> bool:
        """Whether adapters learn beside the weights."""
        return self.settings.strategy == "lora"

    def merged(self) -> FineTuningSetup:
        """Make of what was trained a model like any other, to be asked and stored."""
        if self.is_adapted:
            merge_adapters(self.trained)
        put_rows_back(self.model)
        return replace(self, task=settle_scale(self.model, self.task))

    @property
    def precision(self) -> str:
        """How the page and the figures call it: "bf16" or "fp32"."""
        return "bf16" if self.use_bf16 else "fp32"

    @property
    def encoder_uses_bf16(self) -> bool:
        """Whether a step computes in bfloat16: a head alone gains nothing by it."""
        return self.use_bf16 and not self.is_frozen


def set_up(run: Run, journal: Journal, device: torch.device) -> FineTuningSetup:
    """Load the model, fill in the settings, encode the texts.

    Args:
        run: whose settings and data.
        journal: told what is decided and why.
        device: where to compute.
    """
    train, validation = run.examples("train"), run.examples("validation")
    tokenizer, model = _load(run.settings, train, device)
    resolved = resolve(run.settings, model.config)
    for reason in resolved.reasons:
        journal.tell(MessageEvent(reason))
    settings = resolved.settings
    torch.manual_seed(settings.seed)  # dropout
    use_bf16 = uses_bf16(settings.precision, device)
    model.set_attn_implementation(
        fastest_attention(device, use_bf16=use_bf16, max_length=settings.max_length)
    )
    read_first_token_alone(model)
    task = task_of(train, class_weights=settings.class_weights, device=device)
    texts = _encode_parts(tokenizer, task, train, validation, settings)
    _tell_windows(journal, texts[0], len(train))
    trained = _freeze(journal, model, texts, settings)
    parts: list[Data | None] = [*texts]
    if settings.strategy == "frozen":
        parts = _read_once(run, journal, model, texts, device, use_bf16)
    assert parts[0] is not None  # a run is never made without training examples
    return FineTuningSetup(
        settings=settings,
        reasons=resolved.reasons,
        names=train.label_names,
        tokenizer=tokenizer,
        model=model,
        trained=trained,
        train=parts[0],
        validation=parts[1],
        pinned=parts[2],
        device=device,
        use_bf16=use_bf16,
        task=task,
    )


def _freeze(
    journal: Journal, model: Any, parts: list[EncodedTexts | None], settings: Settings
) -> nn.Module:
    """Take out of training what never learns; return what does."""
    layers = model.config.num_hidden_layers
    lowest = lowest_depth(settings, layers=layers, epoch=settings.epochs - 1)
    if lowest == 0:  # the embeddings learn, in the end at least
        learn_used_rows(model, [part for part in parts if part is not None])
    if settings.strategy == "top":
        learn_from(model, layers, lowest)
    if settings.strategy == "frozen":
        return freeze_encoder(model)
    if settings.strategy == "lora":
        adapted = add_adapters(model, rank=settings.lora_rank)
        _tell_share(journal, adapted)
        return adapted
    whole: nn.Module = model
    return whole


def _tell_windows(journal: Journal, train: Data | None, texts: int) -> None:
    """Say how many rows the long texts make, where they make any."""
    rows = 0 if train is None else len(train.lengths)
    if rows > texts:
        text = (
            f"The {texts:,} texts make {rows:,} windows, which are learned from one by one, "
            "each with its text's label. A text is answered by the mean of its windows' answers."
        )
        journal.tell(MessageEvent(text))


def _tell_share(journal: Journal, adapted: nn.Module) -> None:
    learned, whole = learned_share(adapted)
    text = (
        f"LoRA: {learned:,} of {whole:,} weights learn ({learned / whole:.1%}), the head's "
        "included. In the end the adapters' products are added to the weights beside them: the "
        "model is as large as before."
    )
    journal.tell(MessageEvent(text))


def _load(wanted: Settings, train: Examples, device: torch.device) -> tuple[Any, Any]:
    """The tokenizer, and the classifier with a new head."""
    return load_classifier(
        wanted.model,
        labels=train.label_names,
        problem_type=train.problem_type,
        seed=wanted.seed,
        device=str(device),
        random_weights=wanted.strategy == "random",
    )


def _encode_parts(
    tokenizer: Any, task: Task, train: Examples, validation: Examples, settings: Settings
) -> list[EncodedTexts | None]:
    """Training part, validation part and pinned sentences as token ids."""
    return [
        encode_examples(tokenizer, task, train, settings),
        encode_examples(tokenizer, task, validation, settings) if validation.texts else None,
        _encode_pinned(tokenizer, settings),
    ]


def encode_examples(
    tokenizer: Any, task: Task, examples: Examples, settings: Settings
) -> EncodedTexts:
    """Turn examples into token ids and targets; longer texts are cut as the settings say."""
    return encode_texts(
        tokenizer,
        examples.texts,
        pairs=examples.pairs,
        labels=task.targets(examples),
        max_length=settings.max_length,
        kept=settings.truncation,
    )


def _encode_pinned(tokenizer: Any, settings: Settings) -> EncodedTexts | None:
    if not settings.pinned:
        return None
    return encode_texts(
        tokenizer, settings.pinned, max_length=settings.max_length, kept=settings.truncation
    )


def _read_once(
    run: Run,
    journal: Journal,
    model: Any,
    parts: list[EncodedTexts | None],
    device: torch.device,
    use_bf16: bool,
) -> list[Data | None]:
    """Let the frozen encoder read every text, and say so."""
    count = sum(len(part.lengths) for part in parts if part is not None)
    are_windows = any(part is not None and part.owners is not None for part in parts)
    what = "windows" if are_windows else "texts"
    text = (
        f"The encoder is frozen: its weights stay as they are. It reads each of the {count} "
        f"{what} once, with dropout off, and what it makes of them is kept. Every epoch then "
        "trains the head alone on these vectors, which takes moments."
    )
    journal.tell(MessageEvent(text))

    earlier = 0

    def watch(done: int) -> None:
        raise_if_stopped(run)
        journal.update(message=f"The frozen encoder has read {earlier + done} of {count} {what}.")

    read: list[Data | None] = []
    for part in parts:
        if part is None:
            read.append(None)
            continue
        read.append(encode_once(model, part, device=device, use_bf16=use_bf16, on_progress=watch))
        earlier += len(part.lengths)
    return read
