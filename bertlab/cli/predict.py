"""`bertlab predict`: ask a fine-tuned classifier."""

import argparse
from pathlib import Path
from typing import Any

from bertlab.cli.arguments import add_command
from bertlab.cli.output import Answer, answer_texts, note, require_words
from bertlab.cli.unknown_tokens import warn_about_unknown
from bertlab.errors import RunError


def add(commands: Any) -> None:
    """Add the command."""
    parser = add_command(commands, "predict", run, help_text="classify texts with a finished run")
    parser.add_argument("source", metavar="RUN_ID|MODEL_DIR")
    parser.add_argument("text", metavar="TEXT", help="a text, or - for one per input line")
    parser.add_argument("--pair", metavar="TEXT", help="a second sentence, for a model of pairs")


def run(arguments: argparse.Namespace) -> int:
    """Answer each text; an empty one is refused."""
    folder = model_folder(arguments.source)  # before torch is imported: most mistakes end here
    from bertlab.models import load_finetuned

    tokenizer, model = load_finetuned(folder)

    def answer(text: str) -> Answer:
        require_words(text)
        return describe(tokenizer, model, text, pair=arguments.pair)

    return answer_texts(arguments.text, answer, show, as_json=arguments.json)


def model_folder(source: str) -> Path:
    """The folder of a run's finished model, or the folder itself.

    Raises:
        RunError: It is neither, or the run has no model yet.
    """
    from bertlab.runs import open_run

    if (Path(source) / "config.json").is_file():
        return Path(source)
    try:
        run = open_run(source)
    except RunError as error:
        raise RunError(f'"{source[:80]}" is no folder with a model, and no run. {error}') from error
    if not run.has_model:
        raise RunError(f"Run {run.id} has no model: it is {run.status().phase}. Wait for its end.")
    return run.model_folder


def describe(tokenizer: Any, model: Any, text: str, *, pair: str | None) -> Answer:
    """What the contract asks for."""
    from bertlab.finetuning.predict import KEPT, classify, longest_text
    from bertlab.finetuning.tasks import task_of_model

    longest = longest_text(tokenizer, model)
    count = len(tokenizer(text, pair, verbose=False)["input_ids"])
    if count > longest:
        kept = KEPT[getattr(model.config, "bertlab_truncation", "head")].format(longest=longest)
        note(f"The text has {count:,} tokens; as in training, the model reads {kept}.")
    warn_about_unknown("this model", tokenizer, text, pair or "")
    (answers,) = classify(tokenizer, model, [text], pairs=None if pair is None else [pair])
    return {"text": text, **_answered(answers, task_of_model(model.config).problem_type)}


def _answered(answers: dict[str, float], problem_type: str) -> Answer:
    """One label; or the labels from 0.5 on; or the number under its name."""
    from bertlab.datasets import MULTI_LABEL, REGRESSION
    from bertlab.finetuning.metrics import THRESHOLD

    if problem_type == REGRESSION:
        ((name, number),) = answers.items()
        return {"label": name, "value": number}
    if problem_type == MULTI_LABEL:
        named = [label for label, probability in answers.items() if probability >= THRESHOLD]
        return {"labels": named, "probabilities": answers}
    return {"label": max(answers, key=lambda label: answers[label]), "probabilities": answers}


def show(answer: Answer) -> str:
    """For people: the label, and all probabilities, the highest first; or the number."""
    if "value" in answer:
        return f"{answer['label']} {answer['value']:.6g}  {answer['text']}"
    said = answer["label"] if "label" in answer else "|".join(answer["labels"]) or "-"
    ranked = sorted(answer["probabilities"].items(), key=lambda pair: -pair[1])
    listed = ", ".join(f"{label} {probability:.1%}" for label, probability in ranked[:10])
    return f"{said}  ({listed})  {answer['text']}"
