"""A frozen encoder: encoded once in bf16, against reading every text anew in every epoch.

    python tests/benchmarks/bench_frozen.py [TABLE] [--epochs 3] [--repeats 3]

uncached: the usual loop in float32, dynamic padding, where the encoder's weights are merely
frozen. ours: every text is read once, dropout off, and the head learns from what was kept. The
two take turns; encoding counts for ours, loading the model for neither.
"""

import argparse
import statistics
import time
from pathlib import Path

import bertlab  # noqa: F401  before torch: it sets how threads wait, for all loops alike

# isort: split
import torch
from bench_finetuning import SAMPLE, read_examples
from training_loops import DEVICE, filled, load

from bertlab.datasets import Examples
from bertlab.devices import fastest_attention, supports_bf16
from bertlab.finetuning.data import EncodedTexts
from bertlab.finetuning.loop import LoopOptions, train
from bertlab.finetuning.optimization import start_training
from bertlab.finetuning.setup import encode_examples
from bertlab.finetuning.strategies.first_token import read_first_token_alone
from bertlab.finetuning.strategies.frozen import encode_once, freeze_encoder
from bertlab.finetuning.tasks import SingleLabel
from bertlab.runs.settings import Settings


def main() -> None:
    """Print the seconds of both and their ratio."""
    arguments = read_arguments()
    examples = read_examples(arguments.table, arguments.rows)
    asked = Settings(model=arguments.model, epochs=arguments.epochs, strategy="frozen")
    settings = filled(asked, examples)
    print(
        f"{arguments.table.name}: {len(examples)} rows, {settings.epochs} epochs, "
        f"{settings.model}, {torch.get_num_threads()} threads"
    )
    loops = {"uncached": uncached, "ours": ours}
    for loop in loops.values():
        loop(examples.subset(range(32)), settings)
    seconds: dict[str, list[float]] = {name: [] for name in loops}
    for _ in range(arguments.repeats):
        for name, loop in loops.items():
            seconds[name].append(loop(examples, settings))
            print(f"{name:8} {seconds[name][-1]:6.2f} s", flush=True)
    slow, fast = (statistics.median(seconds[name]) for name in ("uncached", "ours"))
    print(f"median: uncached {slow:.2f} s, ours {fast:.2f} s, ratio {slow / fast:.1f}x (bar: 8x)")


def uncached(examples: Examples, settings: Settings) -> float:
    """Seconds for freezing the encoder in the usual way: it reads every text in every epoch."""
    tokenizer, model = load(examples, settings)
    for weight in model.base_model.encoder.parameters():
        weight.requires_grad_(False)
    for weight in model.base_model.embeddings.parameters():
        weight.requires_grad_(False)
    data = encode_examples(tokenizer, SingleLabel(), examples, settings)
    return _train(model, data, settings, shuffled=True)


def ours(examples: Examples, settings: Settings) -> float:
    """Seconds for reading once and training the head."""
    tokenizer, model = load(examples, settings)
    use_bf16 = supports_bf16("cpu")
    model.set_attn_implementation(
        fastest_attention(DEVICE, use_bf16=use_bf16, max_length=settings.max_length)
    )
    read_first_token_alone(model)
    data = encode_examples(tokenizer, SingleLabel(), examples, settings)
    began = time.perf_counter()
    head = freeze_encoder(model)
    features = encode_once(model, data, device=DEVICE, use_bf16=use_bf16)
    return time.perf_counter() - began + _train(head, features, settings, shuffled=False)


def _train(model, data, settings: Settings, *, shuffled: bool) -> float:
    """Seconds of training; shuffled: in random order, without batches of similar length."""
    rate = settings.learning_rate or 0.0
    steps = settings.epochs * -(-len(data.lengths) // settings.batch_size)
    began = time.perf_counter()
    training = start_training(model, learning_rate=rate, steps=steps)
    if shuffled:
        data = _Unsorted(data)
    options = LoopOptions(
        epochs=settings.epochs, batch_size=settings.batch_size, seed=settings.seed, device=DEVICE
    )
    for _ in train(training, data, SingleLabel(), options):
        pass
    return time.perf_counter() - began


class _Unsorted:
    """Texts whose lengths nobody looks at when batches are made."""

    def __init__(self, data: EncodedTexts) -> None:
        self.data, self.labels, self.batch = data, data.labels, data.batch
        self.lengths = [1] * len(data.lengths)


def read_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("table", nargs="?", type=Path, default=SAMPLE)
    parser.add_argument("--model", default="bertlab-mini-en")
    parser.add_argument("--rows", type=int, default=1600)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--repeats", type=int, default=3)
    return parser.parse_args()


if __name__ == "__main__":
    main()
