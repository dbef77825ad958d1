"""Making a pre-training run's folder, and reading its settings again."""

from __future__ import annotations

import json
import re
import shutil
import time
from dataclasses import replace
from itertools import count
from pathlib import Path

from bertlab.errors import InputError
from bertlab.pretraining.data.corpus import read_documents
from bertlab.pretraining.data.vocabulary import load_vocabulary
from bertlab.pretraining.initial_weights import with_sizes_of_checkpoint
from bertlab.pretraining.settings import PretrainingSettings, Source
from bertlab.runs import Run
from bertlab.runs.files import replace_text
from bertlab.runs.fingerprints import digest
from bertlab.runs.limits import PRETRAINING as PRETRAINING_LIMITS
from bertlab.runs.limits import limits
from bertlab.runs.run import PRETRAINING, make_run
from bertlab.runs.status import Status, write_status

COPIED_BYTES = 5_000_000  # smaller texts are copied into the run's folder; larger ones stay
CORPUS = "corpus"
UNSAFE = re.compile(r"[^A-Za-z0-9_.-]")


def create_pretraining_run(settings: PretrainingSettings, *, owner: str | None = None) -> Run:
    """Make a run's folder; it begins when it is submitted or executed.

    Small texts are copied into the folder, so that the run does not depend on what becomes of
    the originals; large ones are read from where they lie.

    Args:
        settings: what to do; every file is looked at before anything is stored.
        owner: a random id of who asks, for the fair order of the queue.

    Raises:
        InputError: a file is missing, empty or not UTF-8 at its beginning, the vocabulary is
            none, or it asks for more than the limits of this machine allow.
        ModelError: the model to go on from is not on this machine.
        RunError: the folder cannot be written.
    """
    for source in (*settings.sources, *(Source(file) for file in settings.heldout)):
        next(iter(read_documents(source)))  # an empty or missing file speaks up here
    _check_limits(settings, is_students=bool(owner))
    settings = with_sizes_of_checkpoint(settings)
    if settings.vocabulary:
        load_vocabulary(Path(settings.vocabulary))

    fingerprint = fingerprint_of(settings)

    def write(draft: Path) -> None:
        stored = _with_copies(settings, draft / CORPUS)
        names = ", ".join(Path(source.file).name for source in settings.sources)
        about = {"kind": PRETRAINING, "owner": owner or "", "source_name": names}
        about["fingerprint"] = fingerprint
        replace_text(draft / "settings.json", stored.to_json())
        replace_text(draft / "about.json", json.dumps(about, ensure_ascii=False))
        write_status(draft / "status.json", Status(created=time.time()))

    return make_run(write)


def fingerprint_of(settings: PretrainingSettings) -> str:
    """Name what a run will compute: the same texts, settings and seed, the same name.

    Returns:
        "" where a text is too large to be copied: its run is compared with no other.

    Raises:
        InputError: a file cannot be read.
    """
    settings = with_sizes_of_checkpoint(settings)
    sources = [source.file for source in settings.sources]
    files = [Path(file) for file in (*sources, *settings.heldout, settings.vocabulary) if file]
    try:
        if any(path.stat().st_size > COPIED_BYTES for path in files):
            return ""
        contents = [path.read_bytes() for path in files]
    except OSError as error:
        raise InputError(f"{error.filename} cannot be read: {error.strerror}.") from error
    values = json.loads(settings.to_json()) | {"name": "", "vocabulary": bool(settings.vocabulary)}
    values["heldout"] = len(settings.heldout)
    for source in values["sources"]:
        source["file"] = ""  # what stands in it counts, not where it lies
    return digest(values, contents)


def _check_limits(settings: PretrainingSettings, *, is_students: bool) -> None:
    """Hold the limits of whoever runs the app; a text of the command line may be of any size."""
    most = limits()
    most.check(
        PRETRAINING_LIMITS,
        length=max(stage.max_length for stage in settings.stages),
        passes=max(source.passes for source in settings.sources),
    )
    if is_students:
        files = (read_documents(source) for source in settings.sources)
        most.check(PRETRAINING_LIMITS, rows=sum(len(document) for one in files for document in one))


def settings_of(run: Run) -> PretrainingSettings:
    """Read what a pre-training run was asked to do, with paths that can be opened.

    Raises:
        InputError: the settings are damaged.
    """
    try:
        text = (run.folder / "settings.json").read_text(encoding="utf-8")
        settings = PretrainingSettings.from_json(text)
    except (OSError, ValueError) as error:
        raise InputError(f"The settings of run {run.id} cannot be read: {error}.") from error

    def absolute(file: str) -> str:
        return str(run.folder / file)  # an absolute path stays as it is

    return replace(
        settings,
        sources=tuple(replace(one, file=absolute(one.file)) for one in settings.sources),
        heldout=tuple(absolute(file) for file in settings.heldout),
        vocabulary=absolute(settings.vocabulary) if settings.vocabulary else "",
    )


def _with_copies(settings: PretrainingSettings, folder: Path) -> PretrainingSettings:
    """Copy what is small, and name every file as seen from the run's folder."""
    taken = count()

    def copy(file: str) -> str:
        path, number = Path(file).absolute(), next(taken)
        if path.stat().st_size > COPIED_BYTES:
            return str(path)
        target = Path(str(number), UNSAFE.sub("_", path.name)[-60:])
        (folder / target).parent.mkdir(parents=True)
        shutil.copyfile(path, folder / target)
        return f"{CORPUS}/{target.as_posix()}"

    return replace(
        settings,
        sources=tuple(replace(one, file=copy(one.file)) for one in settings.sources),
        heldout=tuple(copy(file) for file in settings.heldout),
        vocabulary=copy(settings.vocabulary) if settings.vocabulary else "",
    )
