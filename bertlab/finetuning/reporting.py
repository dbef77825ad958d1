"""The last phase of a run: the model is stored, and the test part is looked at, once."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from typing import Any

import numpy as np
import torch

from bertlab.datasets import REGRESSION, Examples
from bertlab.finetuning.export import save_model
from bertlab.finetuning.figures import answer_of_row, figures_of_test
from bertlab.finetuning.learning import Outcome
from bertlab.finetuning.loop import Evaluation, Training, evaluate
from bertlab.finetuning.preparing import Prepared, encode_examples
from bertlab.runs import Journal, Prediction, Run
from bertlab.runs.files import replace_text


def report(run: Run, journal: Journal, prepared: Prepared, outcome: Outcome) -> dict[str, Any]:
    """Store the model, then measure it on the parts that it did not learn from.

    Everything here is computed in float32, so that the stored model gives the same answers.

    Returns:
        What `result.json` holds: the figures that `bertlab finetune --json` prints, and
        under "test" also what `figures_of_test` adds.
        "training_seconds" is the time from the first step to the last one, validation, the
        pinned sentences and checkpoints included; "examples_per_second" counts the steps alone.
    """
    training, settings = outcome.training, prepared.settings
    seconds = training.elapsed()
    journal.event(training.event("phase", phase="testing"))
    journal.update(phase="testing", message="Storing the model and asking it about the test part.")
    save_model(
        run.model_folder,
        prepared.tokenizer,
        prepared.model,
        max_length=settings.max_length,
        truncation=settings.truncation,
    )
    examples = {part: run.examples(part) for part in ("validation", "test")}
    answers = {part: _ask(prepared, rows) for part, rows in examples.items()}
    _store_predictions(run, prepared, examples["test"], answers["test"])
    result = {
        "run": run.id,
        "model_dir": str(run.model_folder),
        "train_examples": run.about["examples"]["train"],
        "problem_type": run.problem_type,
        **_pace(run, training, seconds),
        "validation": _figures(answers["validation"]),
        "test": _figures_of_test(run, prepared, answers["test"]),
        "labels": list(prepared.names),
        **_ending(prepared, outcome),
        "settings": asdict(settings),
        "reasons": list(prepared.reasons),
        "device": str(prepared.device),
        "precision": prepared.precision,
        "threads": torch.get_num_threads(),
    }
    replace_text(run.folder / "result.json", json.dumps(result))
    return result


def _pace(run: Run, training: Training, seconds: float) -> dict[str, Any]:
    """How long it took; windows count as examples of their own where they are a step's rows."""
    return {
        "steps": training.step,
        "seconds": round(time.time() - run.status().started, 3),
        "training_seconds": round(seconds, 3),
        "step_seconds": round(training.step_seconds, 3),
        "examples_per_second": round(training.examples / (training.step_seconds or seconds), 2),
    }


def _ending(prepared: Prepared, outcome: Outcome) -> dict[str, Any]:
    """Which weights were kept, by what, and whether all steps were taken."""
    return {
        "chosen_step": outcome.chosen_step,
        "chosen_epoch": outcome.chosen_epoch,
        "chosen_by": f"{prepared.task.goal}; of equals the later one" if outcome.is_chosen else "",
        "was_stopped": outcome.was_stopped,
        "ended_early": outcome.ended_early,
    }


def _ask(prepared: Prepared, examples: Examples) -> Evaluation | None:
    if not examples.texts:
        return None
    data = encode_examples(prepared.tokenizer, prepared.task, examples, prepared.settings)
    return evaluate(prepared.model, data, device=prepared.device, task=prepared.task)


def _figures(answers: Evaluation | None) -> dict[str, Any] | None:
    return None if answers is None else dict(vars(answers.scores()))


def _figures_of_test(
    run: Run, prepared: Prepared, answers: Evaluation | None
) -> dict[str, Any] | None:
    if answers is None:
        return None
    numbers = run.problem_type == REGRESSION
    median = float(np.median(run.examples("train").numbers())) if numbers else 0.0
    groups = run.examples("test").groups
    return figures_of_test(answers, prepared.names, median, groups=groups)


def _store_predictions(
    run: Run, prepared: Prepared, examples: Examples, answers: Evaluation | None
) -> None:
    """Write the answer to every test row, so that the mistakes can be read."""
    if answers is None:
        return
    pairs = examples.pairs or [None] * len(examples.texts)
    lines = []
    for index, row_answers in enumerate(answers.answers):
        predicted, probability = answer_of_row(run.problem_type, prepared.names, row_answers)
        row = Prediction(
            text=examples.texts[index],
            pair=pairs[index],
            label=examples.labels[index],
            predicted=predicted,
            probability=probability,
            row=examples.rows[index],
        )
        lines.append(json.dumps(asdict(row)) + "\n")
    replace_text(run.folder / "predictions.jsonl", "".join(lines))
