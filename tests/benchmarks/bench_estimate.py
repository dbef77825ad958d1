"""How right "How long will it take?" is: the time it says, and the time that the run then takes.

    python tests/benchmarks/bench_estimate.py [--tables F.csv] [--strategies full frozen]
        [--epochs 3] [--rows 350]

For each: the seconds until the answer was there, its range, and what the run took.
Everything happens in this process, as in a worker of the engine that has run before.
"""

import argparse
import os
import tempfile
import time
from pathlib import Path

from bertlab.datasets import check_examples, guess_columns, read_table, split_examples
from bertlab.engine.executors import execute
from bertlab.finetuning.estimating import (
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
    with tempfile.TemporaryDirectory() as folder:
        os.environ["BERTLAB_RUNS"] = folder
        for name in arguments.tables:
            for strategy in arguments.strategies:
                measure(name, strategy, arguments)


def measure(name: str, strategy: str, arguments: argparse.Namespace) -> None:
    """Estimate, run, and print both."""
    table = read_table((BUNDLED / name).read_bytes(), filename=name)
    examples = check_examples(table, guess_columns(table)).sample(arguments.rows)
    model = "bertlab-mini-zh" if "chinese" in name else "bertlab-mini-en"
    settings = Settings(model=model, strategy=strategy, epochs=arguments.epochs)
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
    return parser.parse_args()


if __name__ == "__main__":
    main()
