"""Two runs side by side: with and without pre-training, and the same run once more."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from bertlab.datasets import REGRESSION
from bertlab.errors import RunError
from bertlab.finetuning.result import ClassTest, FineTuningResult, SetTest, read_result
from bertlab.runs import Event, Run, create_run, list_runs, open_run
from bertlab.runs.events import TrainEvent, of_kind
from bertlab.runs.settings import Settings

TWIN_STRATEGY = {"full": "random", "random": "full"}  # a frozen encoder has no fair twin
SUFFIXES = {"full": ", pretrained weights", "random": ", random weights"}
# What must be the same in both results for the first weights to be the only difference.
SETTINGS = ("model", "epochs", "batch_size", "learning_rate", "max_length", "seed")
Counted = ClassTest | SetTest  # texts are right or wrong
OUTCOMES = ("steps", "train_examples", "precision")


@dataclass(frozen=True)
class Figures:
    """How one of the two did on the test part.

    Args:
        right: how many texts it answered rightly.
        accuracy: the share of them, 0 to 1.
        low: lower end of the 95 % interval of that share.
        high: upper end of it.
    """

    right: int
    accuracy: float
    low: float
    high: float


@dataclass(frozen=True)
class TwinComparison:
    """Two runs on the same test texts, one from pretrained weights and one from random ones.

    Args:
        examples: how many texts the test part has.
        pretrained: the run from pretrained weights.
        random: the run from random weights.
        steps: how many steps each took, pretrained first.
        differences: what else differs, such as ("steps",) where one was stopped early.
        discordant: how many texts the one from pretrained weights alone answered rightly, and how
            many the other one alone; None where their answers text by text are not there.
    """

    examples: int
    pretrained: Figures
    random: Figures
    steps: tuple[int, int]
    differences: tuple[str, ...]
    discordant: tuple[int, int] | None = None

    @property
    def points(self) -> float:
        """What pre-training brought, in percentage points: 0.80 against 0.75 -> 5.0."""
        return 100 * (self.pretrained.right - self.random.right) / self.examples

    @property
    def p_value(self) -> float | None:
        """McNemar's exact test: how often a coin would part the discordant texts as unevenly.

        Both runs answered the same texts, so only those count that one of them alone had right
        (McNemar 1947): 8 and 1 -> 20/512 = 0.039. 1 where there are none.
        """
        if self.discordant is None:
            return None
        from scipy.stats import binomtest  # half a second, when two runs are compared

        only, count = self.discordant[0], sum(self.discordant)
        return float(binomtest(only, count).pvalue) if count else 1.0


def create_twin(run: Run, *, owner: str | None = None) -> Run:
    """Make the run that differs from a finished one in its first weights alone.

    It learns from the same split, and takes the learning rate that the other run took.

    Args:
        run: one of all weights ("full" or "random") that has its figures.
        owner: a random id of who asks.

    Raises:
        RunError: the run's encoder is frozen or it has no figures, so nothing can be compared
            with it; or the new one cannot be stored.
    """
    result = read_result(run)
    is_number = run.problem_type == REGRESSION
    if result is None or run.settings.strategy not in TWIN_STRATEGY or is_number:
        raise RunError(
            f"Run {run.id} cannot be repeated with other first weights: it is not finished, its "
            "encoder is frozen, or it predicts a number. Choose a finished run in which every "
            "weight learns labels."
        )
    source = str(run.about.get("source_name") or "")
    settings = _twin_settings(run, result.settings.learning_rate)
    return create_run(settings, run.split(), owner=owner, source_name=source, twin=run.id)


def find_twin(run: Run) -> Run | None:
    """Find the run that this one is compared with: the one it names, or the newest naming it."""
    try:
        return open_run(run.twin)
    except RunError:  # it names none, or one that was deleted
        return next((other for other in list_runs() if other.twin == run.id), None)


def compare(run: Run, twin: Run) -> TwinComparison | None:
    """Put the test figures of twins side by side; None while one of them has none."""
    pretrained, random = (read_result(each) for each in _in_order(run, twin))
    if pretrained is None or random is None:
        return None
    one, other = pretrained.test, random.test
    if not isinstance(one, Counted) or not isinstance(other, Counted):
        return None  # hidden, empty, or numbers, of which none is simply right
    if one.examples != other.examples:
        return None  # not the same texts: nothing can be said
    return TwinComparison(
        examples=one.examples,
        pretrained=_figures(one),
        random=_figures(other),
        steps=(pretrained.steps, random.steps),
        differences=_differences(pretrained, random),
        discordant=_discordant(*_in_order(run, twin)),
    )


def _in_order(run: Run, twin: Run) -> tuple[Run, Run]:
    """The run from pretrained weights, and the one from random ones."""
    return (run, twin) if run.settings.strategy == "full" else (twin, run)


def _discordant(pretrained: Run, random: Run) -> tuple[int, int] | None:
    """Count the texts that one of two runs alone answered rightly."""
    one, other = pretrained.predictions(), random.predictions()
    if not one or [answer.row for answer in one] != [answer.row for answer in other]:
        return None
    right = [
        (mine.predicted == mine.label, theirs.predicted == theirs.label)
        for mine, theirs in zip(one, other, strict=True)
    ]
    return right.count((True, False)), right.count((False, True))


def _twin_settings(run: Run, learning_rate: float | None) -> Settings:
    strategy = TWIN_STRATEGY[run.settings.strategy]
    name = run.name
    for suffix in SUFFIXES.values():
        name = name.removesuffix(suffix)
    return replace(
        run.settings, strategy=strategy, learning_rate=learning_rate, name=name + SUFFIXES[strategy]
    )


def _figures(test: ClassTest | SetTest) -> Figures:
    return Figures(round(test.accuracy * test.examples), test.accuracy, *test.interval)


def _differences(one: FineTuningResult, other: FineTuningResult) -> tuple[str, ...]:
    """Name what differs besides the first weights: a run stopped early took fewer steps."""
    settings = [n for n in SETTINGS if getattr(one.settings, n) != getattr(other.settings, n)]
    outcomes = [n for n in OUTCOMES if getattr(one, n) != getattr(other, n)]
    return tuple(name.replace("_", " ") for name in (*settings, *outcomes))


SUFFIX = ", replayed"
SAME = 1e-4  # what sums in another order may differ by


@dataclass(frozen=True)
class CurveComparison:
    """Two training curves, step by step.

    Args:
        steps: that both took.
        largest: the largest difference of their training losses, in nats.
        differing: the first step at which they differ by more than `SAME`; None where none does.
    """

    steps: int
    largest: float
    differing: int | None

    @property
    def is_same(self) -> bool:
        """Whether the curves are the same but for rounding."""
        return self.differing is None


def create_replay(run: Run, *, owner: str | None = None) -> Run:
    """Make a run that does the same again: split, settings, first weights, order and dropout.

    Args:
        run: one of fine-tuning, in any state.
        owner: a random id of who asks.

    Raises:
        RunError: the new run cannot be stored.
    """
    source = str(run.about.get("source_name") or "")
    settings = replace(run.settings, name=run.name.removesuffix(SUFFIX) + SUFFIX)
    return create_run(settings, run.split(), owner=owner, source_name=source, replay=run.id)


def original_of(run: Run) -> Run | None:
    """Find the run that this one repeats; None where there is none, or it was deleted."""
    try:
        return open_run(run.replay) if run.replay else None
    except RunError:
        return None


def compare_curves(one: Iterable[Event], other: Iterable[Event]) -> CurveComparison | None:
    """Compare two histories' training losses at the steps that both took; None without any.

    Losses 0.7, 0.6, 0.5 and 0.7, 0.6, 0.4 -> 3 steps, largest 0.1, differing from step 3 on
    """
    first, second = _losses(one), _losses(other)
    common = sorted(first.keys() & second.keys())
    if not common:
        return None
    gaps = {step: abs(first[step] - second[step]) for step in common}
    differing = next((step for step in common if gaps[step] > SAME), None)
    return CurveComparison(len(common), max(gaps.values()), differing)


def _losses(events: Iterable[Event]) -> dict[int, float]:
    return {event.step: event.loss for event in of_kind(events, TrainEvent)}
