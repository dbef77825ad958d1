"""How many steps small data needs: accuracy on rows not learned from, by the run's length.

    python tests/benchmarks/bench_small_data.py FOLDER [--seeds 2] [--steps 120 240] [--rates 1]

Five data sets of 60 to 2,000 rows, English and Chinese, learned by the mini of the language: with
three epochs, whatever the number of rows, and with as many as make so many optimizer steps. A rate
of 1 is the one that suits the model; 2 is twice that. FOLDER holds the labelled sets. Of each set
80 % of the rows are learned, as by default; asked about are up to 200 others of the same file.
The rule that came of it is in `bertlab.finetuning.planning.steps`.
"""

import argparse
import math
import statistics
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from training_loops import DEVICE, ours

from bertlab.datasets import Examples, check_examples, guess_columns, read_table
from bertlab.devices import supports_bf16
from bertlab.finetuning.evaluation import evaluate
from bertlab.finetuning.planning.steps import batches_of
from bertlab.finetuning.setup import encode_examples
from bertlab.finetuning.tasks import SingleLabel
from bertlab.runs.settings import MAX_EPOCHS, Settings

BUNDLED = Path(__file__).parents[2] / "sample_data"
ASKED = 200
RATE = 3e-4  # suits the minis
INTENTS = (
    "calendar_set",
    "play_music",
    "weather_query",
    "general_quirky",
    "news_query",
    "qa_factoid",
)
SETS = (  # file, rows, model, the labels that count (all where there are none)
    ("mr_polarity_train.csv", 60, "bertlab-mini-en", ()),
    ("pros_cons_train.csv", 150, "bertlab-mini-en", ()),
    ("chinese_reviews.csv", 350, "bertlab-mini-zh", ()),
    ("massive_zh_train.csv", 600, "bertlab-mini-zh", INTENTS),
    ("movie_reviews.csv", 2_000, "bertlab-mini-en", ()),
)


def main() -> None:
    """Print each accuracy as it is measured, and at the end the means."""
    arguments = read_arguments()
    torch.set_num_threads(arguments.threads)
    chosen = [one for one in SETS if not arguments.only or one[0].startswith(tuple(arguments.only))]
    examples = {one: read(one[0], arguments.folder, one[3]) for one in chosen}
    scores: dict[tuple[str, str], list[float]] = {}
    for seed in range(arguments.first, arguments.first + arguments.seeds):
        for one in chosen:
            name, rows, model, _ = one
            for title, settings in ways(model, round(0.8 * rows), arguments):
                score = accuracy(examples[one], rows, replace(settings, seed=seed))
                scores.setdefault((f"{name}, {rows} rows", title), []).append(score)
                print(f"seed {seed}: {name}, {rows} rows, {title}: {score:.3f}", flush=True)
    for (name, title), found in scores.items():
        print(f"{name:34} {title:32} {statistics.mean(found):.3f}")


def ways(model: str, rows: int, arguments: argparse.Namespace) -> Iterator[tuple[str, Settings]]:
    """Three epochs, and as many as make each number of steps that is asked for."""
    usual = Settings(model=model, learning_rate=RATE)
    batches = batches_of(rows, usual.batch_size)
    yield f"3 epochs, {3 * batches} steps", usual
    for steps in arguments.steps:
        epochs = min(MAX_EPOCHS, max(3, math.ceil(steps / batches)))
        for rate in arguments.rates:
            settings = replace(usual, epochs=epochs, learning_rate=rate * RATE)
            yield f"{epochs} epochs, {epochs * batches} steps, rate x {rate:g}", settings


def accuracy(examples: Examples, rows: int, settings: Settings) -> float:
    """Learn from 80 % of so many rows, and answer up to `ASKED` of the rest, in float32."""
    order = np.random.default_rng(settings.seed).permutation(len(examples)).tolist()
    learned = round(0.8 * rows)
    train, test = examples.subset(order[:learned]), examples.subset(order[learned:][:ASKED])
    tokenizer, model = ours(train, settings, use_bf16=supports_bf16("cpu"))
    data = encode_examples(tokenizer, SingleLabel(), test, settings)
    return evaluate(model, data, device=DEVICE).scores().accuracy


def read(name: str, folder: Path, labels: tuple[str, ...]) -> Examples:
    """All examples of a file that have one of some labels."""
    path = BUNDLED / name if (BUNDLED / name).exists() else folder / name
    table = read_table(path.read_bytes(), filename=name)
    if labels:
        column = guess_columns(table).label
        table = replace(table, frame=(kept := table.frame[table.frame[column].isin(labels)]),
                        row_numbers=tuple(range(2, len(kept) + 2)))  # fmt: skip
    return check_examples(table, guess_columns(table))


def read_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    parser.add_argument("--steps", type=int, nargs="*", default=[120, 240])
    parser.add_argument("--rates", type=float, nargs="+", default=[1.0])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--only", nargs="+", help="beginnings of file names")
    return parser.parse_args()


if __name__ == "__main__":
    main()
