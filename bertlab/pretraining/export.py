"""The finished model as a folder in Hugging Face format, with a card that says what it is."""

from __future__ import annotations

import copy
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from bertlab.pretraining.preparing import Prepared
from bertlab.pretraining.record import write_record
from bertlab.pretraining.settings import PretrainingSettings
from bertlab.runs.files import move_over, replace_text


def save_pretrained(
    folder: Path, prepared: Prepared, result: dict[str, Any], events: Sequence[Mapping[str, Any]]
) -> None:
    """Write weights in fp16, tokenizer, card and record: whole, or not at all.

    transformers.BertForPreTraining.from_pretrained(folder) loads the result with both heads.

    Args:
        folder: where to; what was there is replaced.
        prepared: model and tokenizer.
        result: the run's figures, for the card.
        events: its history, for the record.
    """
    draft = folder.with_name(f".{folder.name}.draft")
    shutil.rmtree(draft, ignore_errors=True)
    copy.deepcopy(prepared.training.learner.bert).cpu().half().save_pretrained(draft)
    prepared.tokenizer.save_pretrained(draft)
    replace_text(draft / "README.md", model_card(prepared.settings, result))
    write_record(draft, prepared.settings, result, events)
    shutil.rmtree(folder, ignore_errors=True)
    move_over(draft, folder)


def model_card(settings: PretrainingSettings, result: dict[str, Any]) -> str:
    """Write the card: what the model read, how it learned, how good it is.

    Its header holds the facts that the lessons show (see `models.facts`).

    Args:
        settings: of the run.
        result: its figures.
    """
    header = {
        "language": settings.language,
        "library_name": "transformers",
        "pipeline_tag": "fill-mask",
        "bertlab": facts(result, teacher=settings.teacher),
    }
    block = yaml.safe_dump(header, allow_unicode=True, sort_keys=False)
    return f"---\n{block}---\n# {settings.name}\n\n{_prose(settings, result)}"


def facts(result: dict[str, Any], *, teacher: str = "") -> dict[str, Any]:
    """What the strip on every lesson says of the model: what it read, not what was planned.

    {"trained_on": "3.1 million tokens", "trained_positions": 64, "next_sentence": True}

    A run that was stopped early saw no long inputs; a text of single lines gives no pairs.
    A teacher is named where there was one.
    """
    return {
        "trained_on": f"{_amount(result['tokens'])} tokens",
        "trained_positions": result["longest_input"],
        "next_sentence": result["pairs"] > 0,
        **({"teacher": teacher} if teacher else {}),
    }


def _amount(number: int) -> str:
    """Say a large number with three digits: 58,049,000 -> "58 million"."""
    for size, word in ((10**9, "billion"), (10**6, "million"), (10**3, "thousand")):
        if number >= 0.9995 * size:
            return f"{number / size:.3g} {word}"
    return str(number)


def _prose(settings: PretrainingSettings, result: dict[str, Any]) -> str:
    sizes = settings.architecture
    stages = ", ".join(f"{one.share:.0%} at up to {one.max_length}" for one in settings.stages)
    sources = "\n".join(f"- {Path(s.file).name}, {s.passes:g} passes" for s in settings.sources)
    teacher = f" Taught beside it by the sentence vectors of {settings.teacher}."
    figures = "\n".join(
        f"- {name}: masked-token accuracy {one['accuracy']:.3f}, loss {one['loss']:.3f}"
        for name, one in result["heldout_files"].items()
    )
    pairs = result["pairs"] / max(1, result["examples"])
    return (
        f"A BERT pre-trained from nothing with BertLab: {sizes.layers} layers, {sizes.heads} "
        f"heads, hidden size {sizes.hidden_size}, {result['vocabulary']:,} WordPiece tokens, "
        f"{result['parameters'] / 1e6:.1f} million parameters, stored in fp16.\n\n"
        f"**Recipe**: {result['steps']:,} steps, {result['tokens']:,} tokens; "
        f"{settings.masked_share:.0%} of the tokens masked, next sentence on "
        f"{pairs:.0%} of the inputs; {settings.optimizer}, learning rate "
        f"{settings.learning_rate:g}; lengths: {stages} tokens; seed {settings.seed}."
        f"{teacher if settings.teacher else ''}\n\n"
        f"**Read**:\n{sources}\n\n"
        f"**Held-out text**:\n{figures or '- none was given'}\n"
    )
