"""Fine-tuning against the tutorial loop and against Hugging Face's Trainer, side by side.

    python tests/benchmarks/bench_finetuning.py [TABLE] [--rows 500] [--epochs 1] [--repeats 3]

The same rows, model, epochs, batch size and peak learning rate in one process. The loops take
turns, so that whatever else the machine does meets all of them; medians are compared.
Tokenizing and loading the model count for all, validation for none.

tutorial: every text padded to 128 tokens, float32. trainer: `transformers.Trainer` with dynamic
padding (needs `accelerate`; left out without it). ours: batches of similar length on top of
that, fused AdamW, and bf16 where the hardware has it.
"""

import argparse
import functools
import importlib.util
import statistics
import time
from pathlib import Path

import bertlab  # noqa: F401  before torch: it sets how threads wait, for all loops alike

# isort: split
import torch
from training_loops import filled, ours, trainer, tutorial

from bertlab.datasets import Examples, check_examples, guess_columns, read_table
from bertlab.devices import supports_bf16
from bertlab.runs.settings import Settings

SAMPLE = Path(__file__).parents[2] / "sample_data" / "movie_reviews.csv"
BARS = (
    ("ours, bf16", "tutorial", 6.0),
    ("ours, bf16", "trainer", 2.0),
    ("ours, fp32", "tutorial", None),
    ("ours, fp32", "trainer", 1.2),
    ("ours, bf16", "trainer, bf16", None),
)


def main() -> None:
    """Print examples a second of every loop, and the ratios that matter."""
    arguments = read_arguments()
    examples = read_examples(arguments.table, arguments.rows)
    settings = filled(Settings(model=arguments.model, epochs=arguments.epochs), examples)
    print(
        f"{arguments.table.name}: {len(examples)} rows, {settings.epochs} epoch(s), "
        f"{settings.model}, batch {settings.batch_size}, {torch.get_num_threads()} threads, "
        f"bf16 in hardware: {supports_bf16('cpu')}"
    )
    loops = loops_here()
    for loop in loops.values():  # the first steps of a process load code
        loop(examples.subset(range(32)), settings)
    rates: dict[str, list[float]] = {name: [] for name in loops}
    for _ in range(arguments.repeats):
        for name, loop in loops.items():
            began = time.perf_counter()
            loop(examples, settings)
            rates[name].append(len(examples) * settings.epochs / (time.perf_counter() - began))
    medians = {name: statistics.median(values) for name, values in rates.items()}
    for name, values in rates.items():
        each = ", ".join(f"{value:.1f}" for value in values)
        print(f"{name:14} {medians[name]:7.1f} examples/s ({each})")
    for fast, slow, bar in BARS:
        if fast in medians and slow in medians:
            wanted = f" (bar: {bar:g}x)" if bar else ""
            print(f"{fast} / {slow}: {medians[fast] / medians[slow]:.2f}x{wanted}")


def loops_here() -> dict[str, functools.partial]:
    """The loops that this machine can run, by name."""
    loops = {"tutorial": functools.partial(tutorial)}
    if importlib.util.find_spec("accelerate"):
        loops["trainer"] = functools.partial(trainer)
    loops["ours, fp32"] = functools.partial(ours)
    if supports_bf16("cpu"):
        loops["ours, bf16"] = functools.partial(ours, use_bf16=True)
        if "trainer" in loops:
            loops["trainer, bf16"] = functools.partial(trainer, use_bf16=True)
    return loops


def read_examples(path: Path, rows: int) -> Examples:
    """Rows from all over a table, at most so many."""
    table = read_table(path.read_bytes(), filename=path.name)
    return check_examples(table, guess_columns(table)).sample(rows)


def read_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("table", nargs="?", type=Path, default=SAMPLE)
    parser.add_argument("--model", default="bertlab-mini-en")
    parser.add_argument("--rows", type=int, default=500)
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=3)
    return parser.parse_args()


if __name__ == "__main__":
    main()
