"""The finished model as a folder in Hugging Face format, with a card that says what it is."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from bertlab.models.facts import card_facts
from bertlab.models.folders import model_folder
from bertlab.pretraining.record import PretrainingRecord, read_record, write_record
from bertlab.pretraining.result import PretrainingResult
from bertlab.pretraining.settings import PretrainingSettings
from bertlab.pretraining.setup import PretrainingSetup
from bertlab.runs.events import Event
from bertlab.runs.files import new_folder, replace_text


def save_pretrained(
    folder: Path,
    setup: PretrainingSetup,
    result: PretrainingResult,
    events: Sequence[Event],
) -> None:
    """Write weights in fp16, tokenizer, card and record: whole, or not at all.

    transformers.BertForPreTraining.from_pretrained(folder) loads the result with both heads.

    Args:
        folder: where to; what was there is replaced.
        setup: model and tokenizer.
        result: the run's figures, for the card.
        events: its history, for the record.
    """
    before = _record_before(setup.settings)
    with new_folder(folder) as draft:
        copy.deepcopy(setup.state.learner.bert).cpu().half().save_pretrained(draft)
        setup.tokenizer.save_pretrained(draft)
        replace_text(draft / "README.md", model_card(setup.settings, result))
        write_record(draft, setup.settings, result, events, before=before)


def _record_before(settings: PretrainingSettings) -> PretrainingRecord | None:
    """The record of the model that the run went on from, where it has one."""
    name = settings.init_checkpoint
    return read_record(model_folder(name)) if name else None


def model_card(settings: PretrainingSettings, result: PretrainingResult) -> str:
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
        "bertlab": facts(settings, result),
    }
    block = yaml.safe_dump(header, allow_unicode=True, sort_keys=False)
    return f"---\n{block}---\n# {settings.name}\n\n{_prose(settings, result)}"


def facts(settings: PretrainingSettings, result: PretrainingResult) -> dict[str, Any]:
    """What the strip on every lesson says of the model: what it read, not what was planned.

    {"trained_on": "3.1 million tokens", "trained_positions": 64, "next_sentence": True}

    A run that was stopped early saw no long inputs; a text of single lines gives no pairs. A
    model that went on from another one knows that one's positions and pairs too; where nobody
    says what these were, nothing is said.
    """
    told: dict[str, Any] = {
        "trained_on": f"{_amount(result.tokens)} tokens",
        "trained_positions": result.longest_input,
        "next_sentence": result.pairs > 0,
    }
    if settings.init_checkpoint:
        base = card_facts(settings.init_checkpoint)
        told["trained_on"] += f" after {settings.init_checkpoint}"
        known = base.get("trained_positions")
        told["trained_positions"] = max(known, result.longest_input) if known else None
        told["next_sentence"] = told["next_sentence"] or base.get("next_sentence")
    told["teacher"] = settings.teacher or None
    return {key: value for key, value in told.items() if value is not None}


def _amount(number: int) -> str:
    """Say a large number with three digits: 58,049,000 -> "58 million"."""
    for size, word in ((10**9, "billion"), (10**6, "million"), (10**3, "thousand")):
        if number >= 0.9995 * size:
            return f"{number / size:.3g} {word}"
    return str(number)


def _layer(settings: PretrainingSettings) -> str:
    return "last layer" if settings.teacher_layer == -1 else f"layer {settings.teacher_layer}"


def _origin(settings: PretrainingSettings) -> str:
    if settings.init_checkpoint:
        return f"A BERT that went on from {settings.init_checkpoint}, pre-trained further"
    return "A BERT pre-trained from nothing"


def _positions(settings: PretrainingSettings) -> str:
    """What was done so that short inputs teach far positions too."""
    told = ""
    if settings.learned_positions:
        told += (
            f" Positions from {settings.learned_positions} on began as what continues those before."
        )
    if settings.shifted_share:
        told += f" {settings.shifted_share:.0%} of the inputs began at a random position."
    return told


def _parts(settings: PretrainingSettings) -> str:
    """What was learned at another pace, or not at all at first."""
    told = ", ".join(f"{part} {rate:g}" for part, rate in settings.rates.items())
    told = f" ({told})" if told else ""
    if settings.layer_decay != 1.0:
        told += f", times {settings.layer_decay:g} from each layer to the one below"
    if settings.frozen:
        told += f"; {' and '.join(settings.frozen)} frozen"
    if settings.frozen and settings.frozen_share < 1.0:
        told += f" in the first {settings.frozen_share:.0%} of the steps"
    return told


def _prose(settings: PretrainingSettings, result: PretrainingResult) -> str:
    sizes = settings.architecture
    stages = ", ".join(f"{one.share:.0%} at up to {one.max_length}" for one in settings.stages)
    sources = "\n".join(f"- {Path(s.file).name}, {s.passes:g} passes" for s in settings.sources)
    teacher = (
        f" Taught beside it by the sentence vectors of {settings.teacher}, {_layer(settings)}."
    )
    figures = "\n".join(
        f"- {name}: masked-token accuracy {one.accuracy:.3f}, loss {one.loss:.3f}"
        for name, one in result.heldout_files.items()
    )
    pairs = result.pairs / max(1, result.examples)
    return (
        f"{_origin(settings)} with BertLab: {sizes.layers} layers, {sizes.heads} "
        f"heads, hidden size {sizes.hidden_size}, {result.vocabulary:,} WordPiece tokens, "
        f"{result.parameters / 1e6:.1f} million parameters, stored in fp16.\n\n"
        f"**Recipe**: {result.steps:,} steps, {result.tokens:,} tokens; "
        f"{settings.masked_share:.0%} of the tokens masked, next sentence on "
        f"{pairs:.0%} of the inputs; {settings.optimizer}, learning rate "
        f"{settings.learning_rate:g}{_parts(settings)}; lengths: {stages} tokens; "
        f"seed {settings.seed}."
        f"{_positions(settings)}{teacher if settings.teacher else ''}\n\n"
        f"**Read**:\n{sources}\n\n"
        f"**Held-out text**:\n{figures or '- none was given'}\n"
    )
