"""How good fine-tuned models are: the figures of the acceptance, by the command line's own path.

    python tests/benchmarks/bench_quality.py FOLDER [--seeds 42] [--only product,movie,minilm]

FOLDER holds `product_sentences_train.csv`, `product_sentences_heldout.csv`,
`mr_polarity_train.csv` and `mr_polarity_heldout.csv`, each with the columns text,label. Every
figure is the accuracy on the untouched held-out file, with all defaults:

- product: the mini, 1,500 rows saved as GB18030 with semicolons and Chinese headers
- movie: the mini, 2,000 rows
- minilm: all-MiniLM-L6-v2, the same 2,000 rows
"""

import argparse
import csv
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

BARS = {"product": 0.72, "movie": 0.71, "minilm": 0.816}
SAMPLE_SEED = 0  # which rows of the training file: the same for every model and seed


@dataclass(frozen=True)
class Task:
    """A fine-tuning to be measured: which file, how many rows, how they are saved, what learns."""

    stem: str
    rows: int
    model: str
    headers: tuple[str, str] = ("text", "label")
    delimiter: str = ","
    encoding: str = "utf-8"


TASKS = {
    "product": Task(
        "product_sentences", 1_500, "bertlab-mini-en", ("评论内容", "情感标签"), ";", "gb18030"
    ),
    "movie": Task("mr_polarity", 2_000, "bertlab-mini-en"),
    "minilm": Task("mr_polarity", 2_000, "all-MiniLM-L6-v2"),
}


def main() -> None:
    """Print a line for each run and the mean of each task."""
    arguments, options = read_arguments()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the start", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        for name in arguments.only.split(","):
            found = [measure(name, arguments, seed, Path(folder), options)
                     for seed in arguments.seeds]  # fmt: skip
            spread = f", from {min(found):.3f} to {max(found):.3f}" if len(found) > 1 else ""
            print(f"{name}: mean {statistics.mean(found):.3f}{spread}; bar {BARS[name]}")


def read_arguments() -> tuple[argparse.Namespace, list[str]]:
    """Read the command line; what it does not know goes to `bertlab finetune`."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seeds", type=int, nargs="+", default=[42])
    parser.add_argument("--only", default=",".join(TASKS))
    return parser.parse_known_args()


def measure(
    name: str, arguments: argparse.Namespace, seed: int, scratch: Path, options: list[str]
) -> float:
    """Fine-tune once in a process of its own, as a user would; return the held-out accuracy."""
    task = TASKS[name]
    table = save_rows(task, arguments.folder, scratch / f"{name}.csv")
    heldout = save_rows(task, arguments.folder, scratch / f"{name}_test.csv", is_heldout=True)
    began = time.monotonic()
    command = [
        sys.executable, "-c", "import sys; from bertlab.cli import main; sys.exit(main())",
        "finetune", str(table), "--test", str(heldout), "--model", task.model,
        "--seed", str(seed), "--json", *options,
    ]  # fmt: skip
    environment = {**os.environ, "BERTLAB_RUNS": str(scratch / "runs")}
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    if done.returncode:
        sys.exit(done.stderr)
    answer = json.loads(done.stdout)
    test = answer["test"]
    low, high = test["interval"]
    print(
        f"{name:8} seed {seed}: accuracy {test['accuracy']:.3f} ({low:.3f} to {high:.3f}), "
        f"majority {test['majority_share']:.3f}, {test['examples']} held-out rows, "
        f"{answer['train_examples']} learned from, {time.monotonic() - began:.0f} s",
        flush=True,
    )
    return float(test["accuracy"])


def save_rows(task: Task, folder: Path, target: Path, *, is_heldout: bool = False) -> Path:
    """Write the task's rows (a fixed random choice; of a held-out file all) in its own way."""
    source = folder / f"{task.stem}_{'heldout' if is_heldout else 'train'}.csv"
    with source.open(encoding="utf-8", newline="") as file:
        rows = [(row["text"], row["label"]) for row in csv.DictReader(file)]
    if not is_heldout:
        rows = random.Random(SAMPLE_SEED).sample(rows, task.rows)
    with target.open("w", encoding=task.encoding, newline="") as file:
        csv.writer(file, delimiter=task.delimiter).writerows([task.headers, *rows])
    return target


if __name__ == "__main__":
    main()
