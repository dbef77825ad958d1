"""What pre-training is worth: fine-tuning from a model's weights against random ones.

Both go the way of every fine-tuning run, with its defaults: the same rows, the same loop, the same
choice between epochs. The one difference is where the weights begin.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, stdev

import numpy as np

from bertlab.datasets import (
    Columns,
    Examples,
    Split,
    check_examples,
    read_table,
    split_examples,
    with_own_parts,
)
from bertlab.errors import InputError, RunError, TableError
from bertlab.evaluation.environment import environment
from bertlab.finetuning.execute import execute
from bertlab.finetuning.result import ClassTest, read_result
from bertlab.runs import create_run
from bertlab.runs.settings import Settings

SETS = ("mr_polarity", "subjectivity", "product_sentences")  # of the folder's sets, where there
ROWS = 2_000
SEEDS = 3
FIRST_SEED = Settings.seed  # the first run is the one that everybody gets by default
COLUMNS = Columns(text="text", label="label", pair=None)
TRAIN, HELDOUT = "_train.csv", "_heldout.csv"
POINTS = 100  # percentage points in the whole

Tell = Callable[[str], None]


@dataclass(frozen=True)
class LabelledSet:
    """Rows to learn from, and others to be tested on.

    Args:
        name: "mr_polarity" of mr_polarity_train.csv.
        train: from which the rows are drawn.
        heldout: the test part.
    """

    name: str
    train: Examples
    heldout: Examples


@dataclass(frozen=True)
class Transfer:
    """Test accuracies on one set, 0 to 1, one for each seed, in the seeds' order.

    Args:
        rows: drawn for each seed; a tenth of them chooses between epochs.
        pretrained: beginning from the model's weights.
        random: beginning from random weights, otherwise the same.
    """

    rows: int
    pretrained: tuple[float, ...]
    random: tuple[float, ...]

    @property
    def pretrained_mean(self) -> float:
        """The mean over the seeds, 0 to 1."""
        return fmean(self.pretrained)

    @property
    def random_mean(self) -> float:
        """The mean over the seeds, 0 to 1."""
        return fmean(self.random)

    @property
    def gain(self) -> float:
        """What the weights are worth, in percentage points: 0.80 against 0.72 -> 8."""
        return POINTS * (self.pretrained_mean - self.random_mean)

    @property
    def standard_error(self) -> float | None:
        """Of the gain, in points: how far other seeds would move it; None for a single seed.

        A seed fixes rows, order and head for both, so the differences are what varies: gains of
        6, 8 and 10 points -> 2 / sqrt(3) = 1.15. The test rows are the same for all seeds; what
        other test rows would change is not in it.
        """
        if len(self.random) < 2:
            return None
        gains = [a - b for a, b in zip(self.pretrained, self.random, strict=True)]
        return POINTS * stdev(gains) / math.sqrt(len(gains))


def read_sets(folder: Path) -> tuple[LabelledSet, ...]:
    """Read the labelled sets of a folder: those of `SETS` that are there, else all there are.

    A set is a pair of files, NAME_train.csv and NAME_heldout.csv, with the columns text and label.

    Raises:
        InputError: the folder is missing or has no set, or a set lacks one of its files.
        TableError: a file cannot be read, or nothing can be learned from it.
    """
    if not folder.is_dir():
        raise InputError(f"There is no folder {folder}. Name one with labelled sets.")
    names = [path.name.removesuffix(TRAIN) for path in sorted(folder.glob(f"*{TRAIN}"))]
    if not names:
        raise InputError(
            f"{folder} holds no labelled set. A set is two files, NAME{TRAIN} and NAME{HELDOUT}, "
            "with the columns text and label."
        )
    chosen = [name for name in SETS if name in names] or names
    return tuple(_read_set(folder, name) for name in chosen)


def draw(labelled: LabelledSet, *, rows: int | None, seed: int) -> Split:
    """Draw rows to learn from, keep a tenth of them for validation, and test on the held-out file.

    Of 9,594 rows with rows=2,000: 1,800 to train, 200 for validation, 1,066 for the test

    Args:
        labelled: the set.
        rows: how many; None, or more than there are, for all of them.
        seed: fixes which, and the split.

    Raises:
        TableError: too few rows.
    """
    order = np.random.default_rng(seed).permutation(len(labelled.train))
    examples = labelled.train.subset(sorted(order[:rows].tolist()))
    split = split_examples(examples, validation=Settings.validation, test=0.0, seed=seed)
    return with_own_parts(split, test=labelled.heldout)


def measure_transfer(
    model: str,
    labelled: LabelledSet,
    *,
    rows: int | None = ROWS,
    seeds: int = SEEDS,
    device: str | None = None,
    tell: Tell = lambda text: None,
) -> Transfer:
    """Fine-tune a model and its random twin on the same rows, seed by seed.

    measure_transfer("bertlab-mini-en", mr_polarity).gain -> 8.1

    The runs lie in a folder of their own, which is deleted.

    Args:
        model: its name in the catalogue.
        labelled: the set.
        rows: how many are drawn for each seed; None for all.
        seeds: how often; the first one is that of every run.
        device: "auto" or None for the best one.
        tell: takes a sentence after each run.

    Raises:
        RunError: a run failed; says why.
        TableError: too few rows.
    """
    accuracies: dict[str, list[float]] = {"full": [], "random": []}
    with (
        tempfile.TemporaryDirectory(prefix="bertlab-transfer-") as root,
        environment("BERTLAB_RUNS", root),
    ):
        for seed in range(FIRST_SEED, FIRST_SEED + seeds):
            split = draw(labelled, rows=rows, seed=seed)
            for strategy, found in accuracies.items():
                settings = Settings(model=model, strategy=strategy, seed=seed, test=0.0)
                found.append(_accuracy(settings, split, device))
                weights = "pretrained" if strategy == "full" else "random"
                tell(f"{labelled.name}, seed {seed}, {weights} weights: {found[-1]:.1%} right.")
    drawn = len(labelled.train) if rows is None else min(rows, len(labelled.train))
    return Transfer(drawn, tuple(accuracies["full"]), tuple(accuracies["random"]))


def _accuracy(settings: Settings, split: Split, device: str | None) -> float:
    """The test accuracy of one run."""
    run = create_run(settings, split)
    status = execute(run, device=device)
    if status.phase == "stopped":  # a run takes Ctrl-C for a wish to stop and keeps its model
        raise KeyboardInterrupt
    result = read_result(run)
    if status.phase != "finished" or result is None or not isinstance(result.test, ClassTest):
        raise RunError(f"Fine-tuning {settings.model} failed. {status.message}")
    run.delete()
    return result.test.accuracy


def _read_set(folder: Path, name: str) -> LabelledSet:
    train = _read(folder / f"{name}{TRAIN}", for_training=True)
    return LabelledSet(name, train, _read(folder / f"{name}{HELDOUT}", for_training=False))


def _read(path: Path, *, for_training: bool) -> Examples:
    try:
        table = read_table(path.read_bytes(), filename=path.name)
        return check_examples(table, COLUMNS, for_training=for_training)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}.") from error
    except TableError as error:
        raise TableError(f"{path}: {error}") from error
