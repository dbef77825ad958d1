"""What a table costs before Start: read, checked, searched for near-duplicates, split.

    python tests/benchmarks/bench_checks.py [--rows 2000 20000 100000]

The rows are sentences of random words, half of them with a copy in which one word differs. Every
part is a share of the whole, so that what is slow is seen whatever the machine does.
"""

import argparse
import random
import time
from collections.abc import Callable
from typing import Any

from bertlab.datasets import Columns, check_examples, read_table, split_examples
from bertlab.datasets.duplicates.near import nearly_same

WORDS = [f"{a}{b}{c}" for a in "bdfgklmn" for b in "aeiou" for c in ("ra", "ne", "ti", "lo", "su")]


def main() -> None:
    """Print the seconds of each part for each size."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[2_000, 20_000, 100_000])
    for rows in parser.parse_args().rows:
        measure(made(rows), rows)


def measure(data: bytes, rows: int) -> None:
    """Go through all of it once."""
    columns = Columns("text", "label")
    seconds: dict[str, float] = {}
    table = timed("read", seconds, lambda: read_table(data, filename="rows.csv"))
    examples = timed("check", seconds, lambda: check_examples(table, columns))
    near = timed("near", seconds, lambda: nearly_same(examples))
    timed("split", seconds, lambda: split_examples(examples))
    whole = sum(seconds.values())
    parts = ", ".join(
        f"{name} {value:.2f} s ({value / whole:.0%})" for name, value in seconds.items()
    )
    print(f"{rows:,} rows: {whole:.2f} s: {parts}; {len(near.pairs):,} near-duplicates", flush=True)


def timed(name: str, seconds: dict[str, float], work: Callable[[], Any]) -> Any:
    """Do something and take down how long it took."""
    began = time.perf_counter()
    done = work()
    seconds[name] = time.perf_counter() - began
    return done


def made(rows: int) -> bytes:
    """A CSV of so many rows."""
    chosen = random.Random(1)
    lines = ["text,label"]
    for number in range(rows // 2):
        words = [chosen.choice(WORDS) for _ in range(25)]
        lines.append(f"{' '.join(words)},{number % 2}")
        words[12] = "changed"
        lines.append(f"{' '.join(words)},{number % 2}")
    return "\n".join(lines).encode()


if __name__ == "__main__":
    main()
