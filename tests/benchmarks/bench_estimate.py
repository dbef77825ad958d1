"""How right "How long will it take?" is: the time it says, and the time that the run then takes.

    python tests/benchmarks/bench_estimate.py [--tables F.csv] [--strategies full frozen]
        [--epochs 3] [--rows 350] [--busy 4]

For each: the seconds until the answer was there, its range, and what the run took.
Everything happens in this process, as in a worker of the engine, after a first run. With `--busy`
so many other processes compute all the while. Bars: within a factor of 1.5, and in 5 s.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bertlab.datasets import Examples, check_examples, guess_columns, read_table, split_examples
from bertlab.engine.executors import execute
from bertlab.finetuning.planning.estimate import (
    Parts,
    create_estimate,
    estimate_range,
    estimate_seconds,
    read_times,
)
from bertlab.runs import create_run
from bertlab.runs.settings import Settings

BUNDLED = Path(__file__).parents[2] / "sample_data"


def main() -> None:
    """Print a line for each table and strategy."""
    arguments = read_arguments()
    with tempfile.TemporaryDirectory() as folder, busy(arguments.busy):
        os.environ["BERTLAB_RUNS"] = folder
        settings, examples = planned("movie_reviews.csv", "full", 1, rows=60)
        execute(create_run(settings, split_examples(examples)))
        for name in arguments.tables:
            for strategy in arguments.strategies:
                measure(name, strategy, arguments)


@contextmanager
def busy(count: int) -> Iterator[None]:
    """So many processes that do nothing but compute."""
    others = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        yield
    finally:
        for other in others:
            other.kill()


def planned(name: str, strategy: str, epochs: int, *, rows: int) -> tuple[Settings, Examples]:
    """What a student would have set for a table, and the table."""
    table = read_table((BUNDLED / name).read_bytes(), filename=name)
    examples = check_examples(table, guess_columns(table)).sample(rows)
    model = "bertlab-mini-zh" if "chinese" in name else "bertlab-mini-en"
    return Settings(model=model, strategy=strategy, epochs=epochs), examples


def measure(name: str, strategy: str, arguments: argparse.Namespace) -> None:
    """Estimate, run, and print both."""
    settings, examples = planned(name, strategy, arguments.epochs, rows=arguments.rows)
    split = split_examples(examples)
    parts = Parts(len(split.train), len(split.validation), len(split.test))
    began = time.perf_counter()
    estimate = create_estimate(settings, examples)
    execute(estimate)
    asked = time.perf_counter() - began
    times = read_times(estimate.result())
    said = estimate_seconds(times, settings, parts)
    low, high = estimate_range(times, settings, parts)
    began = time.perf_counter()
    execute(create_run(settings, split))
    real = time.perf_counter() - began
    slowed = ", slowed by other work" if times.is_slowed else ""
    print(
        f"{name}, {parts.train} rows, {strategy}: asked {asked:.1f} s; said {said:.0f} s "
        f"({low:.0f} to {high:.0f}, {times.steps} steps{slowed}); took {real:.0f} s: "
        f"said / took {said / real:.2f}, load {os.getloadavg()[0]:.0f}",
        flush=True,
    )


def read_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tables", nargs="+", default=["chinese_reviews.csv", "movie_reviews.csv"])
    parser.add_argument("--strategies", nargs="+", default=["full", "top", "frozen"])
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--rows", type=int, default=350)
    parser.add_argument("--busy", type=int, default=0, help="other processes that compute")
    return parser.parse_args()


if __name__ == "__main__":
    main()
