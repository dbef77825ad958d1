"""The last phase of a run: the model is stored, and scored on the test part, once."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from bertlab.datasets import MULTI_LABEL, REGRESSION, Examples
from bertlab.datasets.labels.label_sets import join_labels
from bertlab.finetuning.evaluation import Evaluation, evaluate
from bertlab.finetuning.export import save_model
from bertlab.finetuning.metrics import (
    THRESHOLD,
    bootstrap_interval,
    confusion,
    error_interval,
    has_groups,
    label_figures,
    macro_f1_of,
    macro_f1_of_sets,
    majority_share,
    wilson_interval,
)
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
) -> dict[str, Any]:
    """Add to a part's scores an interval, a simple baseline and what went wrong where.

    Args:
        asked: the finished model's answers to the test part.
        names: the labels, in the order of their ids.
        median: of the training part's numbers, which a baseline always answers; of a task with
            labels it is not looked at.
        groups: of each text, where the table has a column of groups, whose texts go together.

    Returns:
        The scores, and "interval", the 95 % interval of the first of them; "interval_method" says
        how it was found. One label per text: "majority_share", "confusion" and
        "macro_f1_interval". Several: "majority_share", of the commonest set, "macro_f1_interval"
        and "per_label". A number: "baseline_error", of always answering the median.
    """
    told = dict(vars(asked.scores()))
    if asked.task.problem_type == REGRESSION:
        return told | _of_numbers(asked, median)
    groups = groups if has_groups(groups) else None
    if asked.task.problem_type == MULTI_LABEL:
        return told | _of_sets(asked, names, groups)
    return told | _of_classes(asked, len(names), groups)


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


def _of_classes(asked: Evaluation, count: int, groups: Sequence[str] | None) -> dict[str, Any]:
    predicted = asked.answers.argmax(axis=1)  # (examples,)
    cells = asked.labels * count + predicted  # (examples,): of the confusion matrix

    def macro(places: npt.NDArray[np.int64]) -> float:
        table = np.bincount(cells[places], minlength=count * count).reshape(count, count)
        return macro_f1_of(table)

    return {
        **_interval(predicted == asked.labels, groups),
        "macro_f1_interval": list(bootstrap_interval(macro, len(predicted), groups=groups)),
        "majority_share": majority_share(asked.labels),
        "confusion": confusion(asked.labels, predicted, count=count).tolist(),
    }


def _of_sets(
    asked: Evaluation, names: Sequence[str], groups: Sequence[str] | None
) -> dict[str, Any]:
    wanted = asked.labels > THRESHOLD  # (examples, labels)
    named = asked.answers >= THRESHOLD

    def macro(places: npt.NDArray[np.int64]) -> float:
        return macro_f1_of_sets(wanted[places], named[places])

    commonest = Counter(map(bytes, wanted)).most_common(1)[0][1]
    figures = label_figures(asked.labels, asked.answers)
    return {
        **_interval((wanted == named).all(axis=1), groups),
        "macro_f1_interval": list(bootstrap_interval(macro, len(wanted), groups=groups)),
        "majority_share": commonest / len(wanted),
        "per_label": [{"label": name, **row} for name, row in zip(names, figures, strict=True)],
    }


def _interval(right: npt.NDArray[np.bool_], groups: Sequence[str] | None) -> dict[str, Any]:
    """Accuracy's interval: Wilson's holds where each text is drawn on its own."""
    if groups is None:
        return {
            "interval": list(wilson_interval(int(right.sum()), len(right))),
            "interval_method": "wilson",
        }
    found = bootstrap_interval(lambda at: float(right[at].mean()), len(right), groups=groups)
    return {"interval": list(found), "interval_method": "bootstrap by group"}


def _of_numbers(asked: Evaluation, median: float) -> dict[str, Any]:
    errors = np.abs(asked.answers[:, 0] - asked.labels)
    return {
        "interval": list(error_interval(errors)),
        "baseline_error": float(np.abs(asked.labels - median).mean()),
    }


def report(session: FineTuningSession) -> dict[str, Any]:
    """Store the model, then measure it on the parts that it did not learn from.

    Everything here is computed in float32, so that the stored model gives the same answers.

    Returns:
        What `result.json` holds: the figures that `bertlab finetune --json` prints, and
        under "test" also what `figures_of_test` adds.
        "training_seconds" is the time from the first step to the last one, validation, the
        pinned sentences and checkpoints included; "examples_per_second" counts the steps alone.
    """
    run, settings, setup = session.run, session.setup.settings, session.setup.merged()
    seconds = session.state.elapsed()
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
    examples = {part: run.examples(part) for part in ("validation", "test")}
    answers = {part: _ask(setup, rows) for part, rows in examples.items()}
    _store_predictions(run, setup.names, examples["test"], answers["test"])
    result = {
        "run": run.id,
        "model_dir": str(run.model_folder),
        "train_examples": run.about["examples"]["train"],
        "problem_type": run.problem_type,
        **_pace(session, seconds),
        "validation": _figures(answers["validation"]),
        "test": _figures_of_test(run, setup.names, answers["test"]),
        "labels": list(setup.names),
        **_ending(session),
        "settings": asdict(settings),
        "reasons": list(setup.reasons),
        "device": str(setup.device),
        "precision": setup.precision,
        "threads": torch.get_num_threads(),
    }
    replace_text(run.folder / "result.json", json.dumps(result))
    return result


def _pace(session: FineTuningSession, seconds: float) -> dict[str, Any]:
    """How long it took; windows count as examples of their own where they are a step's rows."""
    training = session.state
    return {
        "steps": training.step,
        "seconds": round(time.time() - session.run.status().started, 3),
        "training_seconds": round(seconds, 3),
        "step_seconds": round(training.step_seconds, 3),
        "examples_per_second": round(training.examples / (training.step_seconds or seconds), 2),
    }


def _ending(session: FineTuningSession) -> dict[str, Any]:
    """Which weights were kept, by what, and whether all steps were taken."""
    goal = session.setup.task.goal
    return {
        "chosen_step": session.chosen_step,
        "chosen_epoch": session.chosen_epoch,
        "chosen_by": f"{goal}; of equals the later one" if session.is_chosen else "",
        "was_stopped": session.was_stopped,
        "ended_early": session.ended_early,
    }


def _ask(setup: FineTuningSetup, examples: Examples) -> Evaluation | None:
    if not examples.texts:
        return None
    data = encode_examples(setup.tokenizer, setup.task, examples, setup.settings)
    return evaluate(setup.model, data, device=setup.device, task=setup.task)


def _figures(answers: Evaluation | None) -> dict[str, Any] | None:
    return None if answers is None else dict(vars(answers.scores()))


def _figures_of_test(
    run: Run, names: Sequence[str], answers: Evaluation | None
) -> dict[str, Any] | None:
    if answers is None:
        return None
    numbers = run.problem_type == REGRESSION
    median = float(np.median(run.examples("train").numbers())) if numbers else 0.0
    groups = run.examples("test").groups
    return figures_of_test(answers, names, median, groups=groups)


def _store_predictions(
    run: Run, names: Sequence[str], examples: Examples, answers: Evaluation | None
) -> None:
    """Write the answer to every test row, so that the mistakes can be read."""
    if answers is None:
        return
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
