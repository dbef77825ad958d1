"""What there is to notice about a finished run: what its scores allow to say, and no more."""

from collections.abc import Sequence

from bertlab.finetuning.compare import CurveComparison, TwinComparison
from bertlab.finetuning.result import AnyTest, ClassTest, FineTuningResult, NumberTest, SetTest
from bertlab.runs.events import Event, TrainEvent, ValidationEvent, of_kind


def of_sets(test: SetTest) -> list[str]:
    """Compare with always giving the commonest set; name the label that is found least.

    Args:
        test: How the run did on the test part.
    """
    low, high = test.interval
    share = test.majority_share
    asked = f"On {test.examples:,} texts that it never saw"
    if low > share:
        found = [
            f"{asked}, it gives exactly the right labels in {test.accuracy:.1%} of cases: more "
            f"than the {share:.1%} of always giving the commonest set, even at the low end of the "
            "interval."
        ]
    elif high < share:
        found = [
            f"{asked}, it gives exactly the right labels in {test.accuracy:.1%} of cases: less "
            f"than the {share:.1%} of always giving the commonest set."
        ]
    else:
        found = [
            f"The interval ({low:.1%} to {high:.1%}) includes the {share:.1%} of always giving the "
            "commonest set, so this test does not show that anything was learned."
        ]
    return found + _least_found(test)


def _least_found(test: SetTest) -> list[str]:
    known = [row for row in test.per_label if row.examples]
    if not known:
        return []
    row = min(known, key=lambda row: row.recall or 0.0)
    if (row.recall or 0.0) > 0.5:
        return []
    return [
        f"The label “{row.label}” is found least: in {row.found:,} of the "
        f"{row.examples:,} test texts that have it."
    ]


def of_numbers(test: NumberTest, name: str) -> list[str]:
    """Compare with always answering the training part's median.

    Args:
        test: How the run did on the test part.
        name: What the number is called.
    """
    low, high = test.interval
    error, baseline = test.mean_absolute_error, test.baseline_error
    if high < baseline:
        return [
            f"On {test.examples:,} texts that it never saw, “{name}” is off by "
            f"{error:.3g} on average: less than the {baseline:.3g} of always answering the "
            "training part's median, even at the high end of the interval."
        ]
    if low > baseline:
        return [
            f"“{name}” is off by {error:.3g} on average: more than the {baseline:.3g} "
            "of always answering the training part's median."
        ]
    return [
        f"The interval ({low:.3g} to {high:.3g}) includes the {baseline:.3g} of always answering "
        "the training part's median, so this test does not show that anything was learned."
    ]


SIGNIFICANT = 0.05  # of McNemar's test
FEW = 100  # test examples; below that the interval is wide whatever the model does
OVERFIT = 1.25  # a last validation loss this many times the best one
GAP = 0.1  # accuracy minus macro-F1: from here on the classes fare differently


def result_notices(result: FineTuningResult, events: Sequence[Event]) -> list[str]:
    """Say what is true of this run's figures.

    Args:
        result: Of the run.
        events: The run's history.
    """
    found = []
    if result.test is not None:
        found += _of_parts(result.test, result.labels)
    found += _of_losses(events)
    found += _of_kept(result, events)
    if result.was_stopped:
        found.append(f"The run was stopped after {result.steps:,} steps, before its end.")
    if result.ended_early:
        found.append(
            f"The run ended by itself after {result.steps:,} steps, before its last epoch was "
            "over: by early stopping, or as its time was up."
        )
    return found


def _of_parts(test: AnyTest, labels: Sequence[str]) -> list[str]:
    """What the test part allows to say, by what was predicted."""
    if isinstance(test, NumberTest):
        return of_numbers(test, labels[0])
    if isinstance(test, SetTest):
        return of_sets(test)
    return [*_of_test(test), *_of_classes(test, labels)]


def twin_notices(comparison: TwinComparison) -> list[str]:
    """Say what two runs from different first weights allow to say of each other.

    Of 200 texts 150 and 140 right: "... is right on 10 more than the one from random weights ...",
    and what McNemar's test says of the texts that only one of them had right.
    """
    found = [_of_counts(comparison), _of_pairs(comparison)]
    if comparison.differences:
        one, other = comparison.steps
        found.append(
            f"Not the first weights alone differ, but also: {', '.join(comparison.differences)}. "
            f"The run from pretrained weights took {one:,} steps, the other one {other:,}."
        )
    return found


def replay_notice(comparison: CurveComparison) -> str:
    """Say whether a replay took the same way as the run that it repeats.

    The same at 300 steps: "At all 300 steps that both took the training loss is the same ..."
    """
    if comparison.is_same:
        return (
            f"At all {comparison.steps:,} steps that both took the training loss is the same: the "
            f"largest difference is {comparison.largest:.1e}. With the same seed, everything that "
            "looks like chance in training comes out alike."
        )
    return (
        f"From step {comparison.differing:,} on the two training losses differ, by up to "
        f"{comparison.largest:.3f}. The seed was the same; another device, another number of "
        "threads or another version adds the same numbers in another order, rounds differently, "
        "and small differences grow."
    )


def _of_counts(comparison: TwinComparison) -> str:
    texts = f"On these {comparison.examples:,} test texts the model from"
    more = comparison.pretrained.right - comparison.random.right
    if more == 0:
        return f"{texts} pretrained weights is right as often as the one from random weights."
    better, worse = ("pretrained", "random") if more > 0 else ("random", "pretrained")
    return (
        f"{texts} {better} weights is right on {abs(more):,} more than the one from {worse} "
        f"weights: {abs(comparison.points):.1f} points."
    )


def _of_pairs(comparison: TwinComparison) -> str:
    """The verdict of McNemar's test, and what it is no verdict on."""
    if comparison.discordant is None or comparison.p_value is None:
        return (
            "The two runs' answers text by text are not all there, so no paired test can be made; "
            "whether the two intervals overlap is no verdict on the same texts."
        )
    one, other = comparison.discordant
    p_value = comparison.p_value
    chance = "p < 0.001" if p_value < 0.001 else f"p = {p_value:.3f}"
    verdict = (
        "for these two sets of weights the difference is hardly chance"
        if p_value < SIGNIFICANT
        else "these test texts do not tell the two apart"
    )
    return (
        f"Text by text: {one:,} were right from pretrained weights alone, {other:,} from random "
        f"weights alone. McNemar's exact test: {chance}, so {verdict}. Another seed gives other "
        "weights and may move either figure: only several seeds speak of pre-training itself."
    )


def _of_test(test: ClassTest) -> list[str]:
    """Compare with always answering the commonest label; claim no more than the interval bears."""
    low, high = test.interval
    majority = test.majority_share
    if low > majority:
        found = [
            f"On {test.examples:,} examples that it never saw, it is right in "
            f"{test.accuracy:.1%} of cases: more than the {majority:.1%} of always answering "
            "the commonest label, even at the low end of the interval."
        ]
    elif high < majority:
        found = [
            f"It is right in {test.accuracy:.1%} of cases, less often than always answering "
            f"the commonest label ({majority:.1%}), even at the high end of the interval."
        ]
    else:
        found = [
            f"The interval ({low:.1%} to {high:.1%}) includes the {majority:.1%} of always "
            "answering the commonest label, so this test does not show that anything was learned."
        ]
    if test.examples < FEW:
        found.append(
            f"With {test.examples} test examples the true accuracy may lie anywhere from "
            f"{low:.0%} to {high:.0%}."
        )
    return found


def _of_classes(test: ClassTest, labels: Sequence[str]) -> list[str]:
    """Name the class that fares worst, where accuracy hides it."""
    if test.accuracy - test.macro_f1 <= GAP:
        return []
    rows = zip(labels, test.confusion, strict=True)
    found = [(row[i], sum(row), label) for i, (label, row) in enumerate(rows) if sum(row)]
    right, asked, label = min(found, key=lambda entry: entry[0] / entry[1])
    return [
        f"Macro-F1 ({test.macro_f1:.3f}) is far below accuracy ({test.accuracy:.3f}): of "
        f"the {asked:,} test examples of “{label}” {right:,} were found."
    ]


def _of_losses(events: Sequence[Event]) -> list[str]:
    """Tell where the validation loss rose again while the training loss went on falling."""
    checks = of_kind(events, ValidationEvent)
    if len(checks) < 3:
        return []
    best = min(checks, key=lambda event: event.loss)
    last = checks[-1]
    until = _mean_loss(events, until=best.step)
    after = _mean_loss(events, after=best.step)
    if last.loss <= OVERFIT * best.loss or after is None or until is None or after >= until:
        return []
    return [
        f"The validation loss was lowest at step {best.step:,} ({best.loss:.3f}) and ended "
        f"at {last.loss:.3f}, while the mean training loss went on falling, from {until:.3f} "
        f"until then to {after:.3f} after it. {_of_accuracies(best, last)}"
    ]


def _of_kept(result: FineTuningResult, events: Sequence[Event]) -> list[str]:
    """Name both steps where the kept weights are not those of the lowest validation loss."""
    checks = of_kind(events, ValidationEvent)
    kept = [event for event in checks if event.step == result.chosen_step]
    if not checks or not kept or not result.chosen_by:
        return []
    low = min(checks, key=lambda event: event.loss)
    if low.loss >= kept[0].loss:
        return []
    qualities = kept[0].metric("quality"), low.metric("quality")
    end = "" if result.chosen_epoch is None else " at the end of an epoch"
    return [
        f"The weights that are kept, of step {kept[0].step:,}, are chosen by another measure "
        f"than the loss: by the best {result.goal}{end}, "
        f"{qualities[0]:.3f}. At step {low.step:,}, where the validation loss was lowest, "
        f"it was {qualities[1]:.3f}."
    ]


def _of_accuracies(best: ValidationEvent, last: ValidationEvent) -> str:
    """What the answers did while the loss rose: they may get better all the same."""
    if not best.has("accuracy") or not last.has("accuracy"):
        return "That is what overfitting looks like."
    then, now = best.metric("accuracy"), last.metric("accuracy")
    moved = f"Accuracy went from {then:.1%} to {now:.1%} meanwhile"
    if now > then:
        return (
            f"{moved}: more answers are right, and it is surer of its wrong ones. The loss "
            "overfits, the answers do not (yet)."
        )
    return f"{moved}: that is what overfitting looks like."


def _mean_loss(
    events: Sequence[Event], *, after: float = -1, until: float = float("inf")
) -> float | None:
    chosen = [event for event in of_kind(events, TrainEvent) if after < event.step <= until]
    steps = sum(event.of for event in chosen)  # of a long run an event stands for several
    return sum(event.loss * event.of for event in chosen) / steps if steps else None
