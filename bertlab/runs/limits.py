"""What one run may ask of a machine that many share: set by whoever runs the app, in one file."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass, fields
from pathlib import Path

from bertlab.errors import InputError
from bertlab.runs.checks import within

VARIABLE = "BERTLAB_LIMITS"


@dataclass(frozen=True)
class Limits:
    """The most that a run may take; a run that asks for more is refused before it is stored.

    Args:
        rows: examples, all three parts together.
        length: tokens per text.
        epochs: passes over the training part.
        minutes: of training, after which a run ends and keeps what it has learned; 0 for any.
        runs_at_once: of one student, executed at a time.
    """

    rows: int = 100_000
    length: int = 512
    epochs: int = 100
    minutes: float = 0.0
    runs_at_once: int = 1

    def __post_init__(self) -> None:
        """Refuse limits under which nothing can be done."""
        for name in ("rows", "length", "epochs", "runs_at_once"):
            within(f"limit {name!r}", getattr(self, name), 1, 10_000_000, whole=True)
        within("limit 'minutes'", self.minutes, 0, 1_000_000)

    def check(self, *, rows: int, length: int, epochs: int) -> None:
        """Refuse a run that asks for more.

        Raises:
            InputError: naming the limit.
        """
        asked = {"rows": rows, "length": length, "epochs": epochs}
        names = {"rows": "rows", "length": "tokens per text", "epochs": "epochs"}
        for key, value in asked.items():
            if value > getattr(self, key):
                raise InputError(
                    f"This run asks for {value:,} {names[key]}; here at most "
                    f"{getattr(self, key):,} are allowed. Choose fewer."
                )

    def describe(self) -> str:
        """Name the limits that are not the defaults; "" where all are.

        Limits(rows=500, minutes=5).describe() -> "at most 500 rows; a run ends after 5 minutes and
        keeps what it has learned"
        """
        usual = Limits()
        named = {"rows": "rows", "length": "tokens a text", "epochs": "epochs"}
        told = [
            f"at most {getattr(self, key):,} {name}"
            for key, name in named.items()
            if getattr(self, key) != getattr(usual, key)
        ]
        if self.minutes:
            minutes = "1 minute" if self.minutes == 1 else f"{self.minutes:g} minutes"
            told.append(f"a run ends after {minutes} and keeps what it has learned")
        if self.runs_at_once != usual.runs_at_once:
            told.append(f"{self.runs_at_once:,} runs of yours at a time")
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
