"""The CSV files that ship in sample_data/."""

import csv
from pathlib import Path

from bertlab.app_folder import SAMPLES

REVIEWS = {"en": "movie_reviews", "zh": "chinese_reviews"}  # the first choice in each language


def sample_files() -> tuple[Path, ...]:
    """The samples, by name."""
    return tuple(sorted(SAMPLES.glob("*.csv")))


def first_rows(name: str, count: int) -> list[tuple[str, ...]]:
    """The first rows of a sample below its header."""
    with (SAMPLES / name).open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        next(rows)
        return [tuple(row) for row, _ in zip(rows, range(count), strict=False)]
