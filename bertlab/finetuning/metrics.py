"""How good a model is on labels, sets of labels or numbers, and how sure one can be of that.

scikit-learn and scipy are imported where they are called: together they take a second, and the
pages and the first loss of a run need neither.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

RESAMPLES = 1_000  # samples that a bootstrap draws
BATCH = 1_000_000  # places drawn at a time: some 20 MB
THRESHOLD = 0.5  # a label of a set is named from this probability on
LEAST = 1e-12  # a probability of exactly 0 in float32 would make the loss infinite

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.floating]
Interval = tuple[float, float]  # lower and upper end
Measure = Callable[[Ints], float]  # places of the examples of a sample -> the figure's value


@dataclass(frozen=True)
class Scores:
    """How a model did on one part of the data.

    Args:
        examples: how many were asked.
        accuracy: share answered rightly, 0 to 1.
        macro_f1: mean of the F1 of every class, 0 to 1; rare classes count like common ones.
        loss: mean cross-entropy in nats; log(number of labels) is blind guessing.
    """

    examples: int
    accuracy: float
    macro_f1: float
    loss: float

    @property
    def quality(self) -> float:
        """What validation chooses by; higher is better.

        Accuracy rather than loss: with few texts a model's loss rises while it still gets better
        at answering, as it grows too sure of its mistakes.
        """
        return self.accuracy


@dataclass(frozen=True)
class SetScores:
    """How a model did on one part of the data.

    Args:
        examples: how many were asked.
        accuracy: share with exactly the right labels, 0 to 1.
        micro_f1: F1 of all (text, label) decisions together, 0 to 1.
        macro_f1: mean of the F1 of every label that occurs, 0 to 1.
        loss: mean binary cross-entropy in nats; ln 2 is a coin toss for each label.
    """

    examples: int
    accuracy: float
    micro_f1: float
    macro_f1: float
    loss: float

    @property
    def quality(self) -> float:
        """What validation chooses by: exact matches are rare in the beginning."""
        return self.micro_f1


@dataclass(frozen=True)
class LabelFigures:
    """How often one label of a set is right, named and found; None: nothing to divide by.

    Args:
        label: its name.
        examples: how many texts have it.
        named: how many the model gives it.
        found: how many of them have it.
        precision: found / named, 0 to 1.
        recall: found / examples, 0 to 1.
        f1: harmonic mean of the two, 0 to 1.
    """

    label: str
    examples: int
    named: int
    found: int
    precision: float | None
    recall: float | None
    f1: float | None


@dataclass(frozen=True)
class NumberScores:
    """How a model did on one part of the data.

    Args:
        examples: how many were asked.
        mean_absolute_error: mean distance from the right number, in its own unit.
        pearson: correlation of right and predicted numbers, -1 to 1; 0 where one is constant.
        spearman: the same of their ranks.
        loss: mean squared error in squared standard deviations of the training part; 1 is what
            always answering the mean comes to, about.
    """

    examples: int
    mean_absolute_error: float
    pearson: float
    spearman: float
    loss: float

    @property
    def quality(self) -> float:
        """What validation chooses by; higher is better."""
        return -self.loss


AnyScores = Scores | SetScores | NumberScores


def score(labels: Ints, probabilities: Numbers) -> Scores:
    """Sum up predictions in four numbers.

    labels [0, 1], probabilities [[0.9, 0.1], [0.8, 0.2]]
    -> accuracy 0.5, macro-F1 (2/3 + 0) / 2, loss (-ln 0.9 - ln 0.2) / 2 = 0.857

    Classes that occur neither in the labels nor in the predictions have no F1.

    Args:
        labels: int64 (examples,), the right answers as label ids.
        probabilities: (examples, labels), each row sums to 1.
    """
    from sklearn.metrics import accuracy_score, f1_score

    predicted = probabilities.argmax(axis=1)  # (examples,)
    return Scores(
        examples=len(labels),
        accuracy=float(accuracy_score(labels, predicted)),
        macro_f1=float(f1_score(labels, predicted, average="macro")),
        loss=_cross_entropy(probabilities[np.arange(len(labels)), labels]),
    )


def score_sets(targets: Numbers, probabilities: Numbers) -> SetScores:
    """Sum up predictions.

    targets [[1, 0], [1, 1]], probabilities [[0.9, 0.2], [0.8, 0.4]]: the first text is right, of
    the second one label of two is found -> accuracy 0.5, micro-F1 4/5, macro-F1 (1 + 0) / 2.

    Labels that neither occur nor are named have no F1; where all are such, both F1 are 1.

    Args:
        targets: 0 or 1 (examples, labels).
        probabilities: (examples, labels), each 0 to 1.
    """
    from sklearn.metrics import accuracy_score, f1_score

    wanted, named = targets > THRESHOLD, probabilities >= THRESHOLD
    both = _indicators(wanted), _indicators(named)
    macro_f1 = float(f1_score(*both, average="macro", zero_division=np.nan))
    return SetScores(
        examples=len(targets),
        accuracy=float(accuracy_score(*both)),
        micro_f1=float(f1_score(*both, average="micro", zero_division=1.0)),
        macro_f1=1.0 if np.isnan(macro_f1) else macro_f1,
        loss=_cross_entropy(np.where(wanted, probabilities, 1 - probabilities)),
    )


def label_figures(
    names: Sequence[str], targets: Numbers, probabilities: Numbers
) -> list[LabelFigures]:
    """Tell for each label how often it is right, named and found.

    names ["a", "b"], targets [[1, 0], [1, 1]], probabilities [[0.9, 0.2], [0.8, 0.4]] -> "a":
    2 texts have it, 2 are given it, both rightly; "b": 1 has it, none is given it, so it has no
    precision and recall 0.

    Args:
        names: the labels, in the order of the columns.
        targets: 0 or 1 (examples, labels).
        probabilities: (examples, labels), each 0 to 1.
    """
    from sklearn.metrics import precision_recall_fscore_support

    wanted, named = targets > THRESHOLD, probabilities >= THRESHOLD
    counts = np.stack([wanted.sum(0), named.sum(0), (wanted & named).sum(0)])  # (3, labels)
    columns = np.arange(len(names))
    precision, recall, f1, _ = precision_recall_fscore_support(
        _indicators(wanted), _indicators(named), labels=columns, zero_division=np.nan
    )
    shares = np.stack([precision, recall, f1])  # (3, labels)
    known = shares.astype(object)
    known[np.isnan(shares)] = None
    rows = zip(names, counts.T.tolist(), known.T.tolist(), strict=True)
    return [LabelFigures(name, *some, *of_label) for name, some, of_label in rows]


def score_numbers(targets: Numbers, predicted: Numbers, *, deviation: float = 1.0) -> NumberScores:
    """Sum up predictions.

    targets [1, 2, 4], predicted [1, 3, 3] -> mean absolute error 2/3, Pearson 0.756, Spearman
    0.866, loss 2/3 (deviation 1)

    Answers that are no numbers, of weights that have run away, give errors that are none either:
    scikit-learn's errors would refuse them, and the run would not come to say what to do.

    Args:
        targets: (examples,), the right numbers.
        predicted: (examples,), in the same unit.
        deviation: of the training part, for the loss.
    """
    from scipy.stats import rankdata

    right, said = np.asarray(targets, np.float64), np.asarray(predicted, np.float64)
    return NumberScores(
        examples=len(right),
        mean_absolute_error=float(np.abs(said - right).mean()),
        pearson=_correlation(right, said),
        spearman=_correlation(rankdata(right), rankdata(said)),
        loss=float(((said - right) ** 2).mean() / deviation**2),
    )


def macro_f1_of(found: Ints, occurring: Ints, named: Ints) -> float:
    """Average the F1 of the classes from counts: 2 found / (occurring + named).

    found [1, 1], occurring [2, 1], named [1, 2]: both classes have F1 2/3 -> 2/3. Classes that
    neither occur nor are named have none; where all are such it is 1. It is what scikit-learn's
    `f1_score` returns after some milliseconds; a bootstrap would wait for it a thousand times.

    Args:
        found: (classes,), right answers.
        occurring: (classes,), right answers there would be.
        named: (classes,), answers.
    """
    asked = occurring + named  # 2 TP + FP + FN
    parts = 2 * found[asked > 0] / asked[asked > 0]
    return float(parts.mean()) if len(parts) else 1.0


def majority_share(labels: Ints) -> float:
    """Tell the accuracy of always answering the commonest label: [0, 0, 1] -> 2/3."""
    return float(np.bincount(labels).max() / len(labels))


def wilson_interval(successes: int, n: int) -> Interval:
    """Bound the true share behind `successes` of `n` with 95 % confidence (Wilson, 1927).

    8 of 10 -> (0.490, 0.943); unlike the textbook's +/- it never leaves 0 to 1.

    Args:
        successes: right answers.
        n: answers in all, at least 1.

    Returns:
        Lower and upper end, 0 to 1.
    """
    from scipy.stats import binomtest

    found = binomtest(successes, n).proportion_ci(confidence_level=0.95, method="wilson")
    return float(found.low), float(found.high)


def bootstrap_interval(
    measure: Measure,
    count: int,
    *,
    classes: Ints | None = None,
    groups: Sequence[str] | None = None,
) -> Interval:
    """Bound a figure's true value with 95 % confidence: percentile bootstrap, seeded.

    The examples are drawn again and again, with replacement (Efron 1979). Where their classes are
    given they are drawn within each, so that every sample has as many of each as the part has
    (stratified; Davison and Hinkley 1997, section 3.2): a rare class never drops out. The only
    example of a class is in every sample; what is not known about it widens nothing.

    Where some examples belong together, such as the texts of one customer, whole groups are drawn:
    their errors go together, and ten texts of one group tell less than ten of ten.

    Right, wrong, of class 0, and right, of class 1: class 0 is drawn with 2, 1 or 0 right, so the
    accuracy is 1, 2/3 or 1/3 -> (1/3, 1).

    Args:
        measure: The figure of a sample: int64 places of the examples -> its value.
        count: How many examples there are, at least 1.
        classes: (count,), the true class of each; None: all are drawn together.
        groups: The group of each; "" is a group of its own. They may have texts of several
            classes, so with them `classes` is not looked at.

    Returns:
        Lower and upper end.
    """
    if groups is not None:
        members = group_members(groups)
        drawn = [np.arange(len(members))]
        return _bounds(lambda some: measure(np.concatenate([members[at] for at in some])), drawn)
    if classes is None:
        return _bounds(measure, [np.arange(count)])
    return _bounds(measure, [np.flatnonzero(classes == one) for one in np.unique(classes)])


def group_members(groups: Sequence[str]) -> list[Ints]:
    """List the places of each group: ["a", "", "a"] -> [[0, 2], [1]].

    Args:
        groups: The group of each example; "" is a group of its own.
    """
    found: dict[str | int, list[int]] = defaultdict(list)
    for at, group in enumerate(groups):
        found[group or at].append(at)
    return [np.array(places) for places in found.values()]


def has_groups(groups: Sequence[str] | None) -> bool:
    """Whether some examples belong together."""
    if groups is None:
        return False
    named = [group for group in groups if group]
    return len(set(named)) < len(named)


def _cross_entropy(right: Numbers) -> float:
    """Mean of -ln of the right answers' probabilities; scikit-learn's `log_loss` ends at 16."""
    return float(-np.log(np.maximum(right, LEAST)).mean())


def _indicators(sets: Bools) -> Bools:
    """Add an empty label: scikit-learn takes a single column for the answers to one question."""
    return np.pad(sets, ((0, 0), (0, 1)))


def _correlation(one: Numbers, other: Numbers) -> float:
    """Pearson's, 0 where one of the two is constant or has values that are no numbers."""
    from scipy.stats import pearsonr

    if not all(0 < np.ptp(values) < np.inf for values in (one, other)):
        return 0.0
    return float(pearsonr(one, other).statistic)


def _bounds(measure: Measure, parts: Sequence[Ints]) -> Interval:
    """Bootstrap: what is in one part is drawn from there; scipy refuses parts of one."""
    from scipy.stats import bootstrap

    alone = [part for part in parts if len(part) == 1]
    drawn = [part for part in parts if len(part) > 1]
    if not drawn:
        value = measure(np.concatenate(alone))
        return value, value
    found = bootstrap(
        drawn,
        lambda *places: measure(np.concatenate([*alone, *places])),
        n_resamples=RESAMPLES,
        confidence_level=0.95,
        method="percentile",
        vectorized=False,
        batch=max(1, BATCH // sum(map(len, drawn))),
        rng=np.random.default_rng(0),
    ).confidence_interval
    return float(found.low), float(found.high)
