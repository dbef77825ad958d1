"""What one run may ask of a machine that many share: set by whoever runs the app, in one file."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from bertlab.errors import InputError
from bertlab.runs.checks import within

VARIABLE = "BERTLAB_LIMITS"
MAX_PASSES = 1_000  # of a pre-training over its text, with or without a file of limits
FINETUNING = {"rows": "rows", "length": "tokens a text", "epochs": "epochs"}
PRETRAINING = {
    "rows": "sentences",
    "length": "tokens an input",
    "passes": "passes over the text",
}


@dataclass(frozen=True)
class Limits:
    """The most that a run may take; a run that asks for more is refused before it is stored.

    Args:
        rows: examples, all three parts together; of a pre-training that a student starts,
            sentences.
        length: tokens per text, or per input of a pre-training.
        epochs: passes over the training part.
        passes: of a pre-training over its text, which needs many more of them.
        minutes: of training, after which a run ends and keeps what it has learned; 0 for any.
        runs_at_once: of one student, executed at a time.
        runs_queued: of one student, waiting for their turn.
        downloads: whether a student may fetch models from the hub.
    """

    rows: int = 100_000
    length: int = 512
    epochs: int = 100
    passes: int = MAX_PASSES
    minutes: float = 0.0
    runs_at_once: int = 1
    runs_queued: int = 10
    downloads: bool = True

    def __post_init__(self) -> None:
        """Refuse limits under which nothing can be done."""
        for name in ("rows", "length", "epochs", "passes", "runs_at_once", "runs_queued"):
            within(f"limit {name!r}", getattr(self, name), 1, 10_000_000, whole=True)
        within("limit 'minutes'", self.minutes, 0, 1_000_000)
        if not isinstance(self.downloads, bool):
            raise InputError(f"The limit 'downloads' is {self.downloads!r}; write true or false.")

    def check(self, names: Mapping[str, str] = FINETUNING, **asked: float) -> None:
        """Refuse a run that asks for more.

        Limits(epochs=5).check(rows=100, epochs=6) -> InputError "This run asks for 6 epochs; ..."

        Args:
            names: what the limits are called, FINETUNING or PRETRAINING.
            asked: as much as the run asks for, by limit.

        Raises:
            InputError: naming the limit.
        """
        for key, value in asked.items():
            if value > getattr(self, key):
                raise InputError(
                    f"This run asks for {value:,} {names[key]}; here at most "
                    f"{getattr(self, key):,} are allowed. Choose fewer."
                )

    def check_download(self, name: str) -> None:
        """Refuse to fetch a model where that is switched off.

        Raises:
            InputError: it is.
        """
        if not self.downloads:
            raise InputError(
                f"Fetching models is switched off here, so {name} stays where it is. Choose a "
                "model that is on this machine, or ask whoever runs BertLab to fetch it."
            )

    def describe(self, names: Mapping[str, str] = FINETUNING) -> str:
        """Name the limits that are not the defaults; "" where all are.

        Limits(rows=500, minutes=5).describe() -> "at most 500 rows; a run ends after 5 minutes and
        keeps what it has learned"

        Args:
            names: of those that hold, FINETUNING or PRETRAINING.
        """
        usual = Limits()
        told = [
            f"at most {getattr(self, key):,} {name}"
            for key, name in names.items()
            if getattr(self, key) != getattr(usual, key)
        ]
        if self.minutes:
            minutes = "1 minute" if self.minutes == 1 else f"{self.minutes:g} minutes"
            told.append(f"a run ends after {minutes} and keeps what it has learned")
        if self.runs_at_once != usual.runs_at_once:
            told.append(f"{self.runs_at_once:,} runs of yours at a time")
        if self.runs_queued != usual.runs_queued:
            told.append(f"at most {self.runs_queued:,} of yours waiting")
        return "; ".join(told)


def limits() -> Limits:
    """Read the limits: of the TOML file that $BERTLAB_LIMITS names, else the defaults.

    A file of the one line `minutes = 5` leaves all others as they are.

    Raises:
        InputError: the file cannot be read, or says what no limit is.
    """
    chosen = os.environ.get(VARIABLE, "")
    if not chosen:
        return Limits()
    try:
        values = tomllib.loads(Path(chosen).expanduser().read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{VARIABLE}: {chosen} cannot be read ({error}).") from error
    known = {field.name for field in fields(Limits)}
    if unknown := set(values) - known:
        raise InputError(
            f"{VARIABLE}: {chosen} has {', '.join(sorted(unknown))}; known are "
            f"{', '.join(sorted(known))}."
        )
    return Limits(**values)
