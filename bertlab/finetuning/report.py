"""The last phase of a run: the model is stored, and scored on the test part, once."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict

import numpy as np
import numpy.typing as npt
import torch

from bertlab.datasets import MULTI_LABEL, REGRESSION, Examples
from bertlab.datasets.labels.label_sets import join_labels
from bertlab.finetuning.evaluation import Evaluation, evaluate
from bertlab.finetuning.export import save_model
from bertlab.finetuning.metrics import (
    THRESHOLD,
    Bools,
    Interval,
    Ints,
    bootstrap_interval,
    has_groups,
    label_figures,
    macro_f1_of,
    majority_share,
    wilson_interval,
)
from bertlab.finetuning.result import AnyTest, ClassTest, FineTuningResult, NumberTest, SetTest
from bertlab.finetuning.session import FineTuningSession
from bertlab.finetuning.setup import FineTuningSetup, encode_examples
from bertlab.runs import PredictedRow, Run
from bertlab.runs.events import PhaseEvent
from bertlab.runs.files import replace_text

Answers = npt.NDArray[np.float32]


def figures_of_test(
    asked: Evaluation,
    names: Sequence[str],
    median: float,
    *,
    groups: Sequence[str] | None = None,
) -> AnyTest:
    """Add to a part's scores an interval, a simple baseline and what went wrong where.

    Args:
        asked: the finished model's answers to the test part.
        names: the labels, in the order of their ids.
        median: of the training part's numbers, which a baseline always answers; of a task with
            labels it is not looked at.
        groups: of each text, where the table has a column of groups, whose texts go together.
    """
    groups = groups if has_groups(groups) else None
    if asked.task.problem_type == REGRESSION:
        return _of_numbers(asked, median)
    if asked.task.problem_type == MULTI_LABEL:
        return _of_sets(asked, names, groups)
    return _of_classes(asked, len(names), groups)


def answer_of_row(
    problem_type: str, names: Sequence[str], answers: Answers
) -> tuple[str, float | None]:
    """Say what a model answers to one text, and how sure it is.

    names ["neg", "pos"], answers [0.1, 0.9] -> ("pos", 0.9). Of several labels [0.8, 0.1] is
    ("neg", 0.8 * 0.9): the probability of exactly these, were they independent. Of a number
    [3.81] is ("3.81", None), in float32's seven digits.
    """
    if problem_type == REGRESSION:
        return f"{float(answers[0]):.7g}", None  # all digits of float32
    if problem_type == MULTI_LABEL:
        named = [name for name, p in zip(names, answers, strict=True) if p >= THRESHOLD]
        sure = np.where(answers >= THRESHOLD, answers, 1 - answers).prod()
        return join_labels(named), float(sure)
    best = int(np.argmax(answers))
    return names[best], float(answers[best])


def _of_classes(asked: Evaluation, count: int, groups: Sequence[str] | None) -> ClassTest:
    from sklearn.metrics import confusion_matrix  # a second, at the end of a run

    labels, predicted = asked.labels, asked.answers.argmax(axis=1)  # (examples,)
    right = labels == predicted

    def macro_f1(places: Ints) -> float:
        found = labels[places][right[places]]
        several = (found, labels[places], predicted[places])
        return macro_f1_of(*(np.bincount(one, minlength=count) for one in several))

    interval, method = _interval(right, groups)
    return ClassTest(
        **vars(asked.scores()),
        interval=interval,
        interval_method=method,
        macro_f1_interval=bootstrap_interval(macro_f1, len(right), classes=labels, groups=groups),
        majority_share=majority_share(labels),
        confusion=confusion_matrix(labels, predicted, labels=np.arange(count)).tolist(),
    )


def _of_sets(asked: Evaluation, names: Sequence[str], groups: Sequence[str] | None) -> SetTest:
    """Texts are drawn from all: most sets of labels occur too rarely to be drawn within them."""
    wanted = asked.labels > THRESHOLD  # (examples, labels)
    named = asked.answers >= THRESHOLD
    found = wanted & named

    def macro_f1(places: Ints) -> float:
        return macro_f1_of(*(one[places].sum(axis=0) for one in (found, wanted, named)))

    commonest = Counter(map(bytes, wanted)).most_common(1)[0][1]
    interval, method = _interval((wanted == named).all(axis=1), groups)
    return SetTest(
        **vars(asked.scores()),
        interval=interval,
        interval_method=method,
        macro_f1_interval=bootstrap_interval(macro_f1, len(wanted), groups=groups),
        majority_share=commonest / len(wanted),
        per_label=label_figures(names, asked.labels, asked.answers),
    )


def _interval(right: Bools, groups: Sequence[str] | None) -> tuple[Interval, str]:
    """Accuracy's interval and how it was found: Wilson's is of texts drawn on their own."""
    if groups is None:
        return wilson_interval(int(right.sum()), len(right)), "wilson"
    found = bootstrap_interval(lambda at: float(right[at].mean()), len(right), groups=groups)
    return found, "bootstrap by group"


def _of_numbers(asked: Evaluation, median: float) -> NumberTest:
    errors = np.abs(asked.answers[:, 0] - asked.labels)
    return NumberTest(
        **vars(asked.scores()),
        interval=bootstrap_interval(lambda at: float(errors[at].mean()), len(errors)),
        baseline_error=float(np.abs(asked.labels - median).mean()),
    )


def report(session: FineTuningSession) -> FineTuningResult:
    """Store the model, then measure it on the parts that it did not learn from.

    Everything here is computed in float32, so that the stored model gives the same answers.
    """
    run, settings, setup = session.run, session.setup.settings, session.setup.merged()
    training_seconds = session.state.elapsed()
    session.tell(PhaseEvent("testing"))
    session.journal.update(
        phase="testing", message="Storing the model and asking it about the test part."
    )
    save_model(
        run.model_folder,
        setup.tokenizer,
        setup.model,
        max_length=settings.max_length,
        truncation=settings.truncation,
    )
    validation, asked = (_ask(setup, run.examples(part)) for part in ("validation", "test"))
    _store_predictions(run, setup.names, asked)
    result = _result_of(session, setup, training_seconds, validation, asked)
    replace_text(run.folder / "result.json", result.to_json())
    return result


def _result_of(
    session: FineTuningSession,
    setup: FineTuningSetup,
    training_seconds: float,
    validation: Evaluation | None,
    asked: Evaluation | None,
) -> FineTuningResult:
    run, state = session.run, session.state
    steps_took = state.step_seconds or training_seconds
    return FineTuningResult(
        run=run.id,
        model_dir=str(run.model_folder),
        train_examples=run.about["examples"]["train"],
        problem_type=run.problem_type,
        steps=state.step,
        seconds=round(time.time() - run.status().started, 3),
        training_seconds=round(training_seconds, 3),
        step_seconds=round(state.step_seconds, 3),
        # Windows count as examples of their own where they are a step's rows.
        examples_per_second=round(state.examples / steps_took, 2),
        validation=None if validation is None else validation.scores(),
        test=None if asked is None else _figures_of_test(run, setup.names, asked),
        labels=list(setup.names),
        chosen_step=session.chosen_step,
        chosen_epoch=session.chosen_epoch,
        chosen_by=f"{setup.task.goal}; of equals the later one" if session.is_chosen else "",
        was_stopped=session.was_stopped,
        ended_early=session.ended_early,
        settings=setup.settings,
        reasons=list(setup.reasons),
        device=str(setup.device),
        precision=setup.precision,
        threads=torch.get_num_threads(),
    )


def _ask(setup: FineTuningSetup, examples: Examples) -> Evaluation | None:
    if not examples.texts:
        return None
    data = encode_examples(setup.tokenizer, setup.task, examples, setup.settings)
    return evaluate(setup.model, data, device=setup.device, task=setup.task)


def _figures_of_test(run: Run, names: Sequence[str], asked: Evaluation) -> AnyTest:
    numbers = run.problem_type == REGRESSION
    median = float(np.median(run.examples("train").numbers())) if numbers else 0.0
    return figures_of_test(asked, names, median, groups=run.examples("test").groups)


def _store_predictions(run: Run, names: Sequence[str], answers: Evaluation | None) -> None:
    """Write the answer to every test row, so that the mistakes can be read."""
    if answers is None:
        return
    examples = run.examples("test")
    pairs = examples.pairs or [None] * len(examples.texts)
    lines = []
    for index, row_answers in enumerate(answers.answers):
        predicted, probability = answer_of_row(run.problem_type, names, row_answers)
        row = PredictedRow(
            text=examples.texts[index],
            pair=pairs[index],
            label=examples.labels[index],
            predicted=predicted,
            probability=probability,
            row=examples.rows[index],
        )
        lines.append(json.dumps(asdict(row)) + "\n")
    replace_text(run.folder / "predictions.jsonl", "".join(lines))
