"""From Start to the first loss, with a warm worker.

    python tests/benchmarks/bench_start.py [TABLE] [--repeats 5]

The engine is up and its worker has done a short run. Then, again and again: the split is made,
the run is stored and queued, and the clock stops when the first step's loss stands in the run's
folder, where the page reads it (every half second or so). Bar: 2 s.
"""

import argparse
import statistics
import time
from pathlib import Path

from bench_finetuning import SAMPLE, read_examples
from own_engine import own_engine, split, start, wait_for_end, wait_for_first_loss

from bertlab.runs.settings import Settings


def main() -> None:
    """Print the seconds of each start."""
    arguments = read_arguments()
    examples = read_examples(arguments.table, arguments.rows)
    settings = Settings(model=arguments.model, strategy=arguments.strategy)
    print(f"{arguments.table.name}: {len(examples)} rows, {settings.model}, {settings.strategy}")
    with own_engine():
        warm = start(Settings(model=arguments.model, epochs=1), split(examples.sample(40)))
        wait_for_end(warm, since=time.perf_counter())
        seconds = []
        for _ in range(arguments.repeats):
            began = time.perf_counter()
            run = start(settings, split(examples))
            seconds.append(wait_for_first_loss(run, since=began))
            print(f"first loss after {seconds[-1]:.2f} s", flush=True)
            run.request_stop()
            while not run.status().is_final:
                time.sleep(0.05)
    print(f"median {statistics.median(seconds):.2f} s, worst {max(seconds):.2f} s (bar: 2 s)")


def read_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("table", nargs="?", type=Path, default=SAMPLE)
    parser.add_argument("--model", default="bertlab-mini-en")
    parser.add_argument("--strategy", default="full")
    parser.add_argument("--rows", type=int, default=2000)
    parser.add_argument("--repeats", type=int, default=5)
    return parser.parse_args()


if __name__ == "__main__":
    main()
