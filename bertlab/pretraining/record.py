"""How a model learned, kept beside its weights: what its run was asked, and what became of it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from bertlab.errors import InputError
from bertlab.pretraining.settings import PretrainingSettings, from_mapping
from bertlab.runs.feed import join_steps
from bertlab.runs.files import replace_text

RECORD = "pretraining.json"
MOST_STEPS = 400  # events of training steps: as many as a curve shows
MOST_LOOKS = 40  # at the watched blanks
OF_A_STEP = ("kind", "step", "seconds", "loss", "accuracy", "tokens", "of")
OF_A_CHECK = ("kind", "step", "seconds", "loss", "accuracy", "next_accuracy")
PRIVATE = ("run", "model_dir", "settings")  # of a result: where it lies, and what stands beside it

ADDED = ("steps", "examples", "tokens", "pairs", "training_seconds")

Event = Mapping[str, Any]


@dataclass(frozen=True)
class PretrainingRecord:
    """A finished pre-training run without its text and its checkpoints.

    Args:
        settings: what was asked; files by their bare names.
        result: the run's figures (see `execute`), without the paths.
        events: of kind "train" (joined, see `runs.feed.join_steps`), "validation" and "blanks".
        earlier_steps: how many of them belong to the model that it went on from.
    """

    settings: PretrainingSettings
    result: dict[str, Any]
    events: tuple[dict[str, Any], ...]
    earlier_steps: int = 0


def write_record(
    folder: Path,
    settings: PretrainingSettings,
    result: Mapping[str, Any],
    events: Sequence[Event],
    *,
    before: PretrainingRecord | None = None,
) -> None:
    """Store how a model learned, in about 100 kB however long it took.

    Args:
        folder: the model's.
        settings: of the run.
        result: its figures.
        events: its history.
        before: of the model that it went on from; both together are the new record.
    """
    figures = {key: value for key, value in result.items() if key not in PRIVATE}
    if before:
        events = [*before.events, *(_later(event, before.result) for event in events)]
        figures |= {key: before.result.get(key, 0) + figures[key] for key in ADDED}
    stored = {
        "settings": asdict(_without_folders(settings)),
        "result": figures,
        "events": shorten(events),
        "earlier_steps": before.result["steps"] if before else 0,
    }
    replace_text(folder / RECORD, json.dumps(stored, ensure_ascii=False))


def _later(event: Event, before: Mapping[str, Any]) -> dict[str, Any]:
    """Count on from where the run before ended."""
    moved = {"step": event["step"] + before["steps"]}
    moved["seconds"] = event.get("seconds", 0.0) + before["training_seconds"]
    if event["kind"] == "train":
        moved["tokens"] = event["tokens"] + before["tokens"]
    return {**event, **moved}


def read_record(folder: Path) -> PretrainingRecord | None:
    """Read how a model learned; None where its folder does not say it in BertLab's words.

    read_record(model_folder("bertlab-mini-en")).settings.masked_share -> 0.2
    """
    try:
        stored = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        events = tuple({**event, "kind": str(event["kind"])} for event in stored["events"])
        return PretrainingRecord(
            from_mapping(stored["settings"]),
            dict(stored["result"]),
            events,
            int(stored.get("earlier_steps", 0)),
        )
    except (OSError, ValueError, TypeError, KeyError, InputError):
        return None  # most models have none; somebody else's file may have this name


def shorten(events: Sequence[Event]) -> list[dict[str, Any]]:
    """Keep what the curves and the table of blanks need, in at most some hundred events.

    1,000 training steps -> 334 events, each of them the mean of three steps (the last of one)
    """
    steps = max((event["step"] for event in events if event["kind"] == "train"), default=1)
    joined = join_steps([dict(event) for event in events], stride=-(-steps // MOST_STEPS))
    looks = _spread([event for event in joined if event["kind"] == "blanks"], MOST_LOOKS)
    return [
        event if event["kind"] == "blanks" else _figures(event)
        for event in joined
        if event["kind"] in ("train", "validation") or any(event is look for look in looks)
    ]


def _figures(event: Event) -> dict[str, Any]:
    """The numbers that are drawn, to four decimals."""
    keys = OF_A_STEP if event["kind"] == "train" else OF_A_CHECK
    kept = {key: event[key] for key in keys if key in event}
    return {key: round(v, 4) if isinstance(v, float) else v for key, v in kept.items()}


def _spread(looks: list[dict[str, Any]], limit: int) -> list[dict[str, Any]]:
    """Evenly spaced ones, the first and the last always."""
    if len(looks) <= limit:
        return looks
    return [looks[round(i * (len(looks) - 1) / (limit - 1))] for i in range(limit)]


def _without_folders(settings: PretrainingSettings) -> PretrainingSettings:
    """Name the files as anybody may know them: where they lay is nobody's business."""
    return replace(
        settings,
        sources=tuple(replace(one, file=Path(one.file).name) for one in settings.sources),
        heldout=tuple(Path(file).name for file in settings.heldout),
        vocabulary=Path(settings.vocabulary).name if settings.vocabulary else "",
    )
