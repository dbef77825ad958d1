"""The loops that are compared: the common tutorial's, Hugging Face's Trainer, and ours.

Each takes examples and settings, loads the model anew, trains it, and returns it with its
tokenizer. The settings have no gaps: `filled` takes them from our defaults once, so that every
loop has the same epochs, batch size, peak learning rate, longest text and seed.
"""

from __future__ import annotations

import dataclasses
import tempfile
import warnings
from typing import Any

import torch

from bertlab.datasets import Examples
from bertlab.devices import choose_device, fastest_attention
from bertlab.finetuning.defaults import resolve
from bertlab.finetuning.loop import LoopOptions, train
from bertlab.finetuning.optimization import start_training
from bertlab.finetuning.setup import encode_examples
from bertlab.finetuning.strategies.first_token import read_first_token_alone
from bertlab.finetuning.strategies.sparse_embeddings import learn_used_rows, put_rows_back
from bertlab.finetuning.tasks import SingleLabel
from bertlab.models import load_classifier
from bertlab.runs.settings import Settings

DEVICE = choose_device("cpu")


def filled(settings: Settings, examples: Examples) -> Settings:
    """Fill the gaps of settings as a run would."""
    _, model = load(examples, settings)
    return resolve(settings, model.config).settings


def load(examples: Examples, settings: Settings) -> tuple[Any, Any]:
    """The tokenizer, and the model with a new head that the seed fixes."""
    return load_classifier(
        settings.model, labels=examples.label_names, seed=settings.seed, device="cpu"
    )


def steps_of(examples: Examples, settings: Settings) -> int:
    """Optimizer steps of a run."""
    return settings.epochs * -(-len(examples) // settings.batch_size)


def tutorial(examples: Examples, settings: Settings) -> tuple[Any, Any]:
    """As the common tutorial: padded to 128, float32, random order, AdamW as it comes."""
    tokenizer, model = load(examples, settings)
    coded = tokenizer(
        list(examples.texts),
        padding="max_length",
        truncation=True,
        max_length=128,
        return_tensors="pt",
    )
    labels = torch.tensor(label_ids(examples))
    data = torch.utils.data.TensorDataset(coded["input_ids"], coded["attention_mask"], labels)
    loader = torch.utils.data.DataLoader(data, batch_size=settings.batch_size, shuffle=True)
    optimizer = torch.optim.AdamW(model.parameters(), lr=settings.learning_rate)
    model.train()
    for _ in range(settings.epochs):
        for input_ids, attention_mask, wanted in loader:
            loss = model(input_ids=input_ids, attention_mask=attention_mask, labels=wanted).loss
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
    return tokenizer, model


def trainer(examples: Examples, settings: Settings, *, use_bf16: bool = False) -> tuple[Any, Any]:
    """Hugging Face's Trainer with its dynamic padding; the same rate, warm-up, decay and clip."""
    from transformers import DataCollatorWithPadding, PrinterCallback, Trainer, TrainingArguments

    tokenizer, model = load(examples, settings)
    coded = tokenizer(list(examples.texts), truncation=True, max_length=settings.max_length)
    columns = [
        dict(zip(coded.keys(), row, strict=True)) for row in zip(*coded.values(), strict=True)
    ]
    rows = [
        {**row, "labels": label} for row, label in zip(columns, label_ids(examples), strict=True)
    ]
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        arguments = TrainingArguments(
            output_dir=folder,
            num_train_epochs=settings.epochs,
            per_device_train_batch_size=settings.batch_size,
            learning_rate=settings.learning_rate,
            weight_decay=0.01,
            warmup_steps=round(steps_of(examples, settings) * settings.warm_up),
            max_grad_norm=settings.clip,
            bf16=use_bf16,
            seed=settings.seed,
            use_cpu=True,
            save_strategy="no",
            eval_strategy="no",
            logging_strategy="no",
            report_to=[],
            disable_tqdm=True,
        )
        collator = DataCollatorWithPadding(tokenizer)
        run = Trainer(model=model, args=arguments, train_dataset=rows, data_collator=collator)
        run.remove_callback(PrinterCallback)
        run.train()
    return tokenizer, model


def ours(examples: Examples, settings: Settings, *, use_bf16: bool = False) -> tuple[Any, Any]:
    """`bertlab.finetuning`: batches of similar length, dynamic padding, fused AdamW, less to do."""
    tokenizer, model = load(examples, settings)
    torch.manual_seed(settings.seed)
    model.set_attn_implementation(
        fastest_attention(DEVICE, use_bf16=use_bf16, max_length=settings.max_length)
    )
    read_first_token_alone(model)
    data = encode_examples(tokenizer, SingleLabel(), examples, settings)
    learn_used_rows(model, [data])
    training = start_training(
        model,
        learning_rate=settings.learning_rate or 0.0,
        steps=steps_of(examples, settings),
        warm_up=settings.warm_up,
    )
    options = LoopOptions(
        epochs=settings.epochs,
        batch_size=settings.batch_size,
        seed=settings.seed,
        device=DEVICE,
        use_bf16=use_bf16,
        clip=settings.clip,
    )
    for _ in train(training, data, SingleLabel(), options):
        pass
    put_rows_back(model)
    return tokenizer, model


def label_ids(examples: Examples) -> list[int]:
    """Each label's place among the names."""
    return [examples.label_names.index(label) for label in examples.labels]


def with_seed(settings: Settings, seed: int) -> Settings:
    """The same settings under another seed."""
    return dataclasses.replace(settings, seed=seed)
