"""Short runs in a row by one worker, with the worker's memory after each.

    python tests/benchmarks/soak.py [TABLE] [--runs 20]

A class of thirty is served by one worker for hours: what a run leaves behind adds up. Strategies
take turns. The first runs load code (transformers, peft), so growth is told from the run after
which every strategy has been seen once: the slope of a line through the rest, in MiB a run.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import psutil
from bench_finetuning import SAMPLE, read_examples
from own_engine import own_engine, split, start, wait_for_end

from bertlab.engine import engine_status
from bertlab.runs.settings import Settings

STRATEGIES = ("full", "frozen", "lora", "gradual", "top")
MIB = 2**20


def main() -> None:
    """Print the worker's resident memory after each run, and its slope."""
    arguments = read_arguments()
    examples = read_examples(arguments.table, arguments.rows)
    parts = split(examples)
    memory = []
    with own_engine():
        print(f"{len(examples)} rows, {arguments.model}, {arguments.runs} runs of 1 epoch")
        for number in range(arguments.runs):
            strategy = STRATEGIES[number % len(STRATEGIES)]
            settings = Settings(model=arguments.model, epochs=1, strategy=strategy)
            began = time.perf_counter()
            seconds = wait_for_end(start(settings, parts), since=began)
            memory.append(worker_memory())
            print(
                f"run {number + 1:2} ({strategy:7}) {seconds:5.1f} s, worker {memory[-1]:6.0f} MiB",
                flush=True,
            )
    rest = memory[len(STRATEGIES) :]
    slope = float(np.polyfit(range(len(rest)), rest, 1)[0]) if len(rest) > 1 else 0.0
    print(
        f"from run {len(STRATEGIES) + 1} on: lowest {min(rest):.0f}, highest {max(rest):.0f} MiB, "
        f"slope {slope:+.2f} MiB a run"
    )


def worker_memory() -> float:
    """Resident memory of the engine's largest process, the worker, in MiB."""
    engine = psutil.Process(engine_status().pid)
    return max(child.memory_info().rss for child in engine.children(recursive=True)) / MIB


def read_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("table", nargs="?", type=Path, default=SAMPLE)
    parser.add_argument("--model", default="bertlab-mini-en")
    parser.add_argument("--rows", type=int, default=200)
    parser.add_argument("--runs", type=int, default=20)
    return parser.parse_args()


if __name__ == "__main__":
    main()
