"""How a model learned, kept beside its weights: what its run was asked, and what became of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from bertlab.errors import InputError
from bertlab.pretraining.result import PretrainingResult
from bertlab.pretraining.settings import PretrainingSettings, from_mapping
from bertlab.runs.events import (
    BlanksEvent,
    Event,
    SomeEvent,
    TrainEvent,
    ValidationEvent,
    event_of,
    of_kind,
)
from bertlab.runs.feed import join_steps
from bertlab.runs.files import replace_text

RECORD = "pretraining.json"
MOST_STEPS = 400  # events of training steps: as many as a curve shows
MOST_LOOKS = 40  # at the watched blanks
OF_A_STEP = ("kind", "step", "seconds", "loss", "accuracy", "tokens", "of")
OF_A_CHECK = ("kind", "step", "seconds", "loss", "accuracy", "next_accuracy")


@dataclass(frozen=True)
class PretrainingRecord:
    """A finished pre-training run without its text and its checkpoints.

    Args:
        settings: what was asked; files by their bare names.
        result: the run's figures; of both runs, where it went on from a model of an earlier one.
        events: of steps (joined, see `runs.feed.join_steps`), held-out text and blanks.
        earlier_steps: how many of them belong to the model that it went on from.
    """

    settings: PretrainingSettings
    result: PretrainingResult
    events: tuple[Event, ...]
    earlier_steps: int = 0


def write_record(
    folder: Path,
    settings: PretrainingSettings,
    result: PretrainingResult,
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
    if before:
        events = [*before.events, *(_later(event, before.result) for event in events)]
        result = result.after(before.result)
    stored = {
        "settings": asdict(_without_folders(settings)),
        "result": result.as_dict(),
        "events": shorten(events),
        "earlier_steps": before.result.steps if before else 0,
    }
    replace_text(folder / RECORD, json.dumps(stored, ensure_ascii=False))


def _later(event: Event, before: PretrainingResult) -> Event:
    """Count on from where the run before ended."""
    step, seconds = event.step + before.steps, event.seconds + before.training_seconds
    if isinstance(event, TrainEvent):
        tokens = (event.tokens or 0) + before.tokens
        return replace(event, step=step, seconds=seconds, tokens=tokens)
    return replace(event, step=step, seconds=seconds)


def read_record(folder: Path) -> PretrainingRecord | None:
    """Read how a model learned; None where its folder does not say it in BertLab's words.

    read_record(model_folder("bertlab-mini-en")).settings.masked_share -> 0.2
    """
    try:
        stored = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        events = tuple(event_of({**line, "kind": str(line["kind"])}) for line in stored["events"])
        return PretrainingRecord(
            from_mapping(stored["settings"]),
            PretrainingResult.from_mapping(stored["result"]),
            events,
            int(stored.get("earlier_steps", 0)),
        )
    except (OSError, ValueError, TypeError, KeyError, AttributeError, InputError):
        return None  # most models have none; somebody else's file may have this name


def shorten(events: Sequence[Event]) -> list[dict[str, object]]:
    """Keep what the curves and the table of blanks need, in at most some hundred lines.

    1,000 training steps -> 334 lines, each of them the mean of three steps (the last of one)
    """
    steps = max((event.step for event in of_kind(events, TrainEvent)), default=1)
    joined = join_steps(events, stride=-(-steps // MOST_STEPS))
    looks = _spread(of_kind(joined, BlanksEvent), MOST_LOOKS)
    lines = []
    for event in joined:
        if isinstance(event, TrainEvent | ValidationEvent):
            lines.append(_figures(event))
        elif any(event is look for look in looks):
            lines.append(event.as_dict())
    return lines


def _figures(event: TrainEvent | ValidationEvent) -> dict[str, object]:
    """The numbers that are drawn, to four decimals."""
    line = event.as_dict()
    keys = OF_A_STEP if isinstance(event, TrainEvent) else OF_A_CHECK
    kept = {key: line[key] for key in keys if key in line}
    return {key: round(v, 4) if isinstance(v, float) else v for key, v in kept.items()}


def _spread(looks: list[SomeEvent], limit: int) -> list[SomeEvent]:
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
