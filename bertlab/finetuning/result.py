"""What a run of fine-tuning came to: `result.json`, read and written."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, TypeVar

from bertlab.datasets import MULTI_LABEL, REGRESSION, SINGLE_LABEL
from bertlab.finetuning.metrics import (
    AnyScores,
    Interval,
    LabelFigures,
    NumberScores,
    Scores,
    SetScores,
)
from bertlab.runs import Run
from bertlab.runs.settings import Settings

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class ClassTest(Scores):
    """How a model of one label per text did on the test part.

    Args:
        interval: 95 % interval of the accuracy.
        interval_method: "wilson", or "bootstrap by group" where some texts belong together; "" of
            a run of an earlier version.
        macro_f1_interval: 95 % interval of macro-F1, bootstrapped within each class, or by group;
            None of a run of an earlier version.
        majority_share: accuracy of always answering the commonest label.
        confusion: how many texts (true label, predicted label).
    """

    interval: Interval
    interval_method: str = ""
    macro_f1_interval: Interval | None = None
    majority_share: float
    confusion: list[list[int]]


@dataclass(frozen=True, kw_only=True)
class SetTest(SetScores):
    """How a model of several labels per text did on the test part.

    Args:
        interval: 95 % interval of the share with exactly the right labels.
        interval_method: as in `ClassTest`.
        macro_f1_interval: likewise, but bootstrapped over the texts, or by group.
        majority_share: accuracy of always answering the commonest set.
        per_label: each label's own.
    """

    interval: Interval
    interval_method: str = ""
    macro_f1_interval: Interval | None = None
    majority_share: float
    per_label: list[LabelFigures]


@dataclass(frozen=True, kw_only=True)
class NumberTest(NumberScores):
    """How a model of numbers did on the test part.

    Args:
        interval: 95 % interval of the mean absolute error, bootstrapped.
        baseline_error: that of always answering the training part's median.
    """

    interval: Interval
    baseline_error: float


AnyTest = ClassTest | SetTest | NumberTest


@dataclass(frozen=True, kw_only=True)
class FineTuningResult:
    """What `result.json` holds, and `bertlab finetune --json` prints in part.

    Args:
        run: its id.
        model_dir: where its model lies.
        train_examples: texts that it learned from.
        problem_type: what is predicted, see `datasets.PROBLEM_TYPES`.
        steps: optimizer steps taken.
        seconds: from the start of the run to its end.
        training_seconds: from the first step to the last one, validation, the pinned sentences
            and checkpoints included.
        step_seconds: of the steps alone.
        examples_per_second: during these.
        validation: scores on the validation part; None where it is empty.
        test: those on the test part; None where it is empty, or where they are hidden.
        labels: in the order of their ids.
        chosen_step: after which the kept weights were taken.
        chosen_epoch: at whose end, counted from 0; None for within an epoch.
        chosen_by: what validation chose them by; "" where it did not.
        was_stopped: whether somebody ended it early.
        ended_early: whether early stopping, or the time limit, ended it.
        settings: without gaps.
        reasons: why defaults are what they are, one sentence each.
        device: where it computed.
        precision: "bf16" or "fp32".
        threads: of the CPU.
    """

    run: str = ""
    model_dir: str = ""
    train_examples: int = 0
    problem_type: str = SINGLE_LABEL
    steps: int = 0
    seconds: float = 0.0
    training_seconds: float = 0.0
    step_seconds: float = 0.0
    examples_per_second: float = 0.0
    validation: AnyScores | None = None
    test: AnyTest | None = None
    labels: list[str] = field(default_factory=list)
    chosen_step: int | None = None
    chosen_epoch: int | None = None
    chosen_by: str = ""
    was_stopped: bool = False
    ended_early: bool = False
    settings: Settings = field(default_factory=Settings)
    reasons: list[str] = field(default_factory=list)
    device: str = ""
    precision: str = ""
    threads: int = 0

    @property
    def goal(self) -> str:
        """What validation chose by, in a few words: "validation accuracy"."""
        return self.chosen_by.split(";")[0]

    def to_json(self) -> str:
        """Write it as one JSON object."""
        return json.dumps(asdict(self))

    @classmethod
    def from_mapping(cls, stored: Mapping[str, Any]) -> FineTuningResult:
        """Read what `to_json` wrote; keys of a later version are ignored."""
        problem_type = stored.get("problem_type", SINGLE_LABEL)
        scores, test = _KINDS.get(problem_type, _KINDS[SINGLE_LABEL])
        typed = {
            "validation": _read(scores, stored.get("validation")),
            "test": _read(test, stored.get("test")),
            "settings": Settings.from_json(json.dumps(stored.get("settings", {}))),
        }
        return cls(**_known(cls, {**stored, **typed}))


def read_result(run: Run) -> FineTuningResult | None:
    """Read how a run of fine-tuning did; None before its end."""
    stored = run.result()
    return None if stored is None else FineTuningResult.from_mapping(stored)


def _read(kind: type[T], stored: Mapping[str, Any] | None) -> T | None:
    if not stored:
        return None
    values = _known(kind, stored)
    for name in ("interval", "macro_f1_interval"):
        if values.get(name) is not None:
            values[name] = tuple(values[name])
    if "per_label" in values:
        values["per_label"] = [LabelFigures(**row) for row in values["per_label"]]
    return kind(**values)


def _known(kind: type[Any], stored: Mapping[str, Any]) -> dict[str, Any]:
    names = {one.name for one in fields(kind)}
    return {name: value for name, value in stored.items() if name in names}


_KINDS: dict[str, tuple[type[AnyScores], type[AnyTest]]] = {
    SINGLE_LABEL: (Scores, ClassTest),
    MULTI_LABEL: (SetScores, SetTest),
    REGRESSION: (NumberScores, NumberTest),
}
