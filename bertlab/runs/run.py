"""Runs on disk: made, found again, listed, deleted."""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from platformdirs import user_data_path

from bertlab.datasets import REGRESSION, SINGLE_LABEL, Examples, Split, load_examples, save_examples
from bertlab.errors import InputError, RunError
from bertlab.runs.events import (
    Event,
    MessageEvent,
    PhaseEvent,
    ResumedEvent,
    TrainEvent,
    event_of,
)
from bertlab.runs.files import json_blocks, read_json, read_json_lines, replace_text
from bertlab.runs.fingerprints import fingerprint
from bertlab.runs.lease import holder_of
from bertlab.runs.limits import limits
from bertlab.runs.requests import paused_while_waiting, stopped_while_waiting
from bertlab.runs.settings import Settings
from bertlab.runs.status import (
    WAITING_PHASES,
    Status,
    read_status,
    status_without_file,
    write_status,
)

ID_PATTERN = re.compile(r"[A-Za-z0-9_-]{16,32}")
PARTS = ("train", "validation", "test")
FINETUNING, PRETRAINING = "finetuning", "pretraining"
ESTIMATE, RATE_SEARCH = "estimate", "rate search"
PROBES = (ESTIMATE, RATE_SEARCH)  # they take moments, make no model and are deleted when fetched

# An executor says "paused" or "stopped", frees its memory, and then gives its lease back.
LETTING_GO_SECONDS = 3.0


@dataclass(frozen=True)
class PredictedRow:
    """The finished model's answer to one row of the test part.

    Args:
        text: the row's text.
        pair: its second text, where the task has one.
        label: the right answer.
        predicted: the model's answer.
        probability: of the model's answer, 0 to 1; None where the answer is a number.
        row: where it stands in the source file, the header being 1.
    """

    text: str
    pair: str | None
    label: str
    predicted: str
    probability: float | None
    row: int


@dataclass(frozen=True)
class Run:
    """One run: a random id and the folder where all of it lies."""

    id: str
    folder: Path

    @property
    def kind(self) -> str:
        """What is done in it: FINETUNING, PRETRAINING or one of PROBES."""
        return str(self.about.get("kind") or FINETUNING)

    @property
    def settings(self) -> Settings:
        """What a fine-tuning run was asked to do."""
        return Settings.from_json((self.folder / "settings.json").read_text(encoding="utf-8"))

    @property
    def about(self) -> dict[str, Any]:
        """Read `source_name`, `owner`, `label_names`, and `examples` per part."""
        return read_json(self.folder / "about.json")

    @property
    def name(self) -> str:
        """What to call the run in a list."""
        about = self.about
        settings = read_json(self.folder / "settings.json")
        return str(settings.get("name") or "") or str(about.get("source_name") or "") or self.id[:8]

    @property
    def owner(self) -> str:
        """Who made it: a random id, or "" for the command line."""
        return str(self.about.get("owner") or "")

    @property
    def problem_type(self) -> str:
        """What is predicted, one of `bertlab.datasets.PROBLEM_TYPES`."""
        return str(self.about.get("problem_type") or SINGLE_LABEL)

    @property
    def twin(self) -> str:
        """The id of the run that this one was made to be compared with; "" where there is none."""
        return str(self.about.get("twin") or "")

    @property
    def replay(self) -> str:
        """The id of the run that this one repeats; "" where there is none."""
        return str(self.about.get("replay") or "")

    @property
    def model_folder(self) -> Path:
        """Where the finished model lies, in Hugging Face format."""
        return self.folder / "model"

    @property
    def has_model(self) -> bool:
        """Whether there is a model to try and to download."""
        return (self.model_folder / "config.json").is_file()

    def status(self) -> Status:
        """Read where the run stands."""
        status = read_status(self.folder / "status.json")
        return status_without_file(self.folder) if status is None else status

    def is_interrupted(self) -> bool:
        """Whether it was being executed and its executor is gone."""
        return self.status().is_active and not holder_of(self.folder)

    def events(self, *, after: int = 0) -> tuple[list[Event], int]:
        """Read what happened behind a byte offset; pass on the returned offset next time."""
        lines, end = read_json_lines(self.folder / "events.jsonl", after=after)
        return [event_of(line) for line in lines], end

    def was_begun(self) -> bool:
        """Whether a step was ever taken; nothing behind the first one is read."""
        blocks = json_blocks(self.folder / "events.jsonl")
        return any(line.get("kind") == TrainEvent.kind for block, _ in blocks for line in block)

    def history(self) -> list[Event]:
        """Read all events; steps that were taken again after an interruption appear once."""
        return without_repeats(self.events()[0])

    def result(self) -> dict[str, Any] | None:
        """Read the figures of a run that came to its end; None before."""
        return read_json(self.folder / "result.json") or None

    def predictions(self) -> list[PredictedRow]:
        """Read the model's answers to the test part; empty before the end."""
        records, _ = read_json_lines(self.folder / "predictions.jsonl")
        return [PredictedRow(**record) for record in records]

    def split(self) -> Split:
        """Read the copy of the data that the run learns from."""
        train, validation, test = (self.examples(part) for part in PARTS)
        return Split(train, validation, test)

    def examples(self, part: str) -> Examples:
        """Read one part of the data: "train", "validation" or "test".

        Every part gets the label names of the whole, also where a rare one does not occur.
        """
        about = self.about
        return load_examples(
            self.folder / f"{part}.csv",
            label_names=tuple(about["label_names"]),
            problem_type=self.problem_type,
        )

    def queue(self) -> None:
        """Put the run in the queue, to begin or (with a checkpoint) to go on.

        Raises:
            RunError: it is being executed, or the disk is full.
        """
        if self._is_held():
            raise RunError(f"Run {self.id} is being executed. Stop it first.")
        status = self.status()
        # A run that waits already keeps its place.
        since = status.queued if status.phase == "queued" else time.time()
        with self._writing():
            self.forget_requests()
            self._write(replace(status, phase="queued", message="", queued=since, attempts=0))

    def request_stop(self) -> None:
        """Ask the run to end after the step it is in; a run that waits ends at once.

        Raises:
            RunError: the disk is full.
        """
        with self._writing():
            (self.folder / "stop").touch()
            status = self.status()
            if status.phase in WAITING_PHASES and not self._is_held():
                message = stopped_while_waiting(status, has_model=self.has_model)
                self._write(replace(status, phase="stopped", message=message))

    def is_stop_requested(self) -> bool:
        """Whether somebody asked the run to end."""
        return (self.folder / "stop").exists()

    def request_pause(self) -> None:
        """Ask the run to rest after the step it is in; one that nobody executes rests at once.

        It leaves a checkpoint, measures nothing, and goes on from there when it is queued again.

        Raises:
            RunError: it is over, or the disk is full.
        """
        status = self.status()
        if status.is_final:
            raise RunError(f"Run {self.id} is {status.phase} already; there is nothing to pause.")
        with self._writing():
            (self.folder / "pause").touch()
            if not status.is_paused and not holder_of(self.folder):
                has_checkpoint = (self.folder / "checkpoint.pt").exists()
                message = paused_while_waiting(status, has_checkpoint=has_checkpoint)
                self._write(replace(status, phase="paused", message=message, holder=""))

    def is_pause_requested(self) -> bool:
        """Whether somebody asked the run to rest."""
        return (self.folder / "pause").exists()

    def forget_requests(self) -> None:
        """Take back what was asked of the run: it is to go on."""
        (self.folder / "stop").unlink(missing_ok=True)
        self.forget_pause()

    def forget_pause(self) -> None:
        """Take back that the run is to rest."""
        (self.folder / "pause").unlink(missing_ok=True)

    def delete(self) -> None:
        """Delete the run and its data."""
        if self._is_held():
            raise RunError(f"Run {self.id} is being executed. Stop it first, then delete it.")
        # First out of sight, then piece by piece: no list ever shows half a run.
        grave = self.folder.with_name(f".deleted-{secrets.token_hex(4)}")
        self.folder.rename(grave)
        shutil.rmtree(grave, ignore_errors=True)

    def _is_held(self) -> bool:
        """Whether somebody executes it; who has just said the end is given time to let go."""
        status = self.status()
        is_ending = status.is_final or status.is_paused
        deadline = time.monotonic() + (LETTING_GO_SECONDS if is_ending else 0.0)
        while holder_of(self.folder):
            if time.monotonic() >= deadline:
                return True
            time.sleep(0.02)
        return False

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Say what a disk that cannot be written means for the run."""
        try:
            yield
        except OSError as error:
            raise RunError(
                f"The folder of run {self.id}, {self.folder}, cannot be written: "
                f"{error.strerror or error}. Free some space on the disk and try again."
            ) from error

    def _write(self, status: Status) -> None:
        write_status(self.folder / "status.json", status)


def runs_root() -> Path:
    """Tell where runs lie: $BERTLAB_RUNS, else the user's data folder."""
    chosen = os.environ.get("BERTLAB_RUNS")
    return Path(chosen).expanduser() if chosen else user_data_path("bertlab") / "runs"


def new_run_id() -> str:
    """Make an id that nobody guesses: 16 random bytes, such as "Yk3fQ8v0b1mT5r7wXz2LsA".

    It never begins with "-", which a command line would take for an option.
    """
    while (run_id := secrets.token_urlsafe(16)).startswith("-"):
        pass
    return run_id


def create_run(
    settings: Settings,
    split: Split,
    *,
    owner: str | None = None,
    source_name: str = "",
    twin: str = "",
    replay: str = "",
    kind: str = FINETUNING,
) -> Run:
    """Make a run's folder with settings and data; it begins when it is submitted or executed.

    Args:
        settings: what to do.
        split: the data; every part has the same label names.
        owner: a random id of who asks, for the fair order of the queue.
        source_name: what the data is called; shown, never used as a path.
        twin: the id of the run that this one is to be compared with.
        replay: the id of the run that this one repeats.
        kind: FINETUNING, or one of PROBES.

    Raises:
        RunError: the training part is empty, or the folder cannot be written.
        InputError: it asks for more than the limits of this machine allow.
    """
    if not split.train.texts:
        raise RunError("The training part has no examples. Choose a smaller validation or test.")
    if settings.class_weights and split.train.problem_type == REGRESSION:
        raise InputError("Class weights need classes; numbers have none. Switch them off.")
    rows = sum(len(part) for part in (split.train, split.validation, split.test))
    limits().check(rows=rows, length=settings.max_length, epochs=settings.epochs)
    about = {"kind": kind, "source_name": source_name, "owner": owner or ""}
    about |= {"twin": twin, "replay": replay}
    if kind == FINETUNING:
        about["fingerprint"] = fingerprint(settings, split)
    return make_run(lambda draft: _write_run(draft, settings, split, about))


def make_run(write: Callable[[Path], None]) -> Run:
    """Make a run's folder, whole or not at all.

    Args:
        write: puts settings, data, "about.json" and "status.json" into the folder it is given.

    Raises:
        RunError: the folder cannot be written.
    """
    run = Run(new_run_id(), Path())
    run = replace(run, folder=runs_root() / run.id)
    draft = run.folder.with_name(f".new-{run.id}")
    try:
        draft.parent.mkdir(parents=True, exist_ok=True, mode=0o700)  # an id is a secret
        draft.mkdir(mode=0o700)
        write(draft)
        draft.rename(run.folder)
    except OSError as error:
        raise RunError(
            f"The run cannot be stored in {run.folder.parent}: {error.strerror or error}. "
            "Free some space, or set BERTLAB_RUNS to another folder."
        ) from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return run


def _write_run(folder: Path, settings: Settings, split: Split, facts: dict[str, Any]) -> None:
    parts = dict(zip(PARTS, (split.train, split.validation, split.test), strict=True))
    for name, examples in parts.items():
        save_examples(examples, folder / f"{name}.csv")
    about = {
        **facts,
        "label_names": list(split.train.label_names),
        "problem_type": split.train.problem_type,
        "examples": {name: len(examples.texts) for name, examples in parts.items()},
    }
    replace_text(folder / "settings.json", settings.to_json())
    replace_text(folder / "about.json", json.dumps(about))
    write_status(folder / "status.json", Status(created=time.time()))


def open_run(run_id: str) -> Run:
    """Find a run by its id.

    The id is checked before the file system is touched: it comes from a URL.

    Raises:
        RunError: it is no run id, or there is no such run.
    """
    if not ID_PATTERN.fullmatch(run_id):
        raise RunError(f"{run_id[:40]!r} is no run id. `bertlab runs` lists the runs there are.")
    folder = runs_root() / run_id
    if not (folder / "status.json").is_file():
        raise RunError(f"There is no run {run_id}. `bertlab runs` lists the runs there are.")
    return Run(run_id, folder)


def list_runs(*, owner: str | None = None) -> list[Run]:
    """List runs, newest first.

    Args:
        owner: only runs of this owner; None for all.
    """
    root = runs_root()
    folders = [path for path in root.glob("*/") if ID_PATTERN.fullmatch(path.name)]
    runs = [Run(path.name, path) for path in folders if (path / "status.json").is_file()]
    chosen = [run for run in runs if owner is None or run.owner == owner]
    return sorted(chosen, key=lambda run: (run.status().created, run.id), reverse=True)


def without_repeats(events: Iterable[Event]) -> list[Event]:
    """Leave out what an interrupted run did again: steps behind the one where it went on.

    Steps 1, 2, 3, "resumed" at 1, steps 2, 3 -> step 1, "resumed", steps 2, 3
    """
    kept: list[Event] = []
    for event in events:
        if isinstance(event, ResumedEvent):
            kept = [old for old in kept if old.step <= event.step or _is_prose(old)]
        kept.append(event)
    return kept


def _is_prose(event: Event) -> bool:
    return isinstance(event, MessageEvent | PhaseEvent | ResumedEvent)
