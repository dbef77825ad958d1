"""By what a run's progress is told: accuracy, the F1 of label sets, or the error of numbers."""

from collections.abc import Mapping
from dataclasses import dataclass

from bertlab.datasets import MULTI_LABEL, REGRESSION
from bertlab.runs.events import MeasuredEvent


@dataclass(frozen=True)
class Measure:
    """A figure of `ValidationEvent`s.

    Args:
        key: Its name in their metrics.
        label: What it is called beside its value.
        title: Of its chart.
        curves: The figures that are drawn, two at most, with the curves' names.
        train_key: What is drawn of the training batches.
        train_curve: What that curve is called.
        is_share: Whether it is a share, shown in per cent.
    """

    key: str
    label: str
    title: str
    curves: Mapping[str, str]
    train_key: str = "accuracy"
    train_curve: str = "training, running mean"
    is_share: bool = True

    def say(self, event: MeasuredEvent) -> str:
        """Write the figure of an event: 0.8123 is "81.2%", an error of 0.8123 "0.812"."""
        value = event.metric(self.key)
        return f"{value:.1%}" if self.is_share else f"{value:.3g}"


ACCURACY = Measure(
    "accuracy",
    "Validation accuracy",
    "Accuracy (%)",
    {"accuracy": "validation", "macro_f1": "its macro-F1"},
)
MICRO_F1 = Measure(
    "micro_f1",
    "Validation micro-F1",
    "Micro-F1 and exact matches (%)",
    {"micro_f1": "validation, micro-F1", "accuracy": "exact"},
    train_curve="training, exact",
)
ERROR = Measure(
    "mean_absolute_error",
    "Validation error",
    "Mean absolute error",
    {"mean_absolute_error": "validation"},
    train_key="mean_absolute_error",
    is_share=False,
)


def measure_of(problem_type: str) -> Measure:
    """Tell by what a run is measured, from what it predicts."""
    return {MULTI_LABEL: MICRO_F1, REGRESSION: ERROR}.get(problem_type, ACCURACY)
