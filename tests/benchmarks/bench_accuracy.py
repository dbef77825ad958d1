"""Accuracy against Hugging Face's Trainer: the same rows and settings, paired by seed.

    python tests/benchmarks/bench_accuracy.py [TABLE] [--seeds 5] [--epochs 3] [--test 0.4]

Speed must not be bought with accuracy. Both learn from the same training part with the same
first head, settings and number of steps; ours computes in bf16 where the hardware has it, the
Trainer in float32. What is compared is the accuracy on the same test part, in float32, after
the last step. The interval is Student's for the mean of the paired differences.
"""

import argparse
import math
import statistics
from pathlib import Path

from bench_finetuning import SAMPLE, read_examples
from training_loops import DEVICE, filled, ours, trainer, with_seed

from bertlab.datasets import Examples, split_examples
from bertlab.devices import supports_bf16
from bertlab.finetuning.evaluation import evaluate
from bertlab.finetuning.setup import encode_examples
from bertlab.finetuning.tasks import SingleLabel
from bertlab.runs.settings import Settings

T_975 = {2: 12.706, 3: 4.303, 4: 3.182, 5: 2.776, 6: 2.571, 7: 2.447, 8: 2.365, 9: 2.306, 10: 2.262}


def main() -> None:
    """Print both accuracies for each seed, and the interval of their differences."""
    arguments = read_arguments()
    examples = read_examples(arguments.table, arguments.rows)
    settings = filled(Settings(model=arguments.model, epochs=arguments.epochs), examples)
    split = split_examples(examples, validation=0, test=arguments.test, seed=settings.seed)
    print(
        f"{arguments.table.name}: {len(split.train)} rows to learn from, {len(split.test)} to be "
        f"asked about, {settings.epochs} epochs, {settings.model}"
    )
    use_bf16 = supports_bf16("cpu")
    differences = []
    for seed in range(1, arguments.seeds + 1):
        chosen = with_seed(settings, seed)
        fast = accuracy(ours(split.train, chosen, use_bf16=use_bf16), split.test, chosen)
        slow = accuracy(trainer(split.train, chosen), split.test, chosen)
        differences.append(fast - slow)
        print(f"seed {seed}: ours {fast:.4f}, Trainer {slow:.4f}, {fast - slow:+.4f}", flush=True)
    mean, half = interval(differences)
    print(f"difference {mean:+.4f}, 95 % interval {mean - half:+.4f} to {mean + half:+.4f}")


def accuracy(trained: tuple, test: Examples, settings: Settings) -> float:
    """Share of the test part answered rightly, dropout off, float32."""
    tokenizer, model = trained
    data = encode_examples(tokenizer, SingleLabel(), test, settings)
    return evaluate(model, data, device=DEVICE).scores().accuracy


def interval(differences: list[float]) -> tuple[float, float]:
    """The mean of paired differences and half the width of its 95 % interval."""
    count = len(differences)
    spread = statistics.stdev(differences) / math.sqrt(count)
    return statistics.mean(differences), T_975[count] * spread


def read_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("table", nargs="?", type=Path, default=SAMPLE)
    parser.add_argument("--model", default="bertlab-mini-en")
    parser.add_argument("--rows", type=int, default=2000)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--test", type=float, default=0.4)
    parser.add_argument("--seeds", type=int, default=5, choices=sorted(T_975))
    return parser.parse_args()


if __name__ == "__main__":
    main()
