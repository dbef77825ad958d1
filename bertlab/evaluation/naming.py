"""What may be evaluated: a model of the catalogue, a model's folder, or a run's model."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bertlab.errors import ModelError, RunError
from bertlab.evaluation.environment import environment
from bertlab.models.catalog import find_model
from bertlab.runs import open_run


@contextmanager
def named(source: str) -> Iterator[str]:
    """Give the name by which `bertlab.models` finds a model while the block works.

    with named("runs/x/model") as name: load_model(name)  # name: "/home/me/runs/x/model"

    The catalogue takes folders below `BERTLAB_MODELS` alone, since a page's address can name them.
    Whoever types a folder at the command line means that one: it counts as named by
    `BERTLAB_MODELS` for as long as the block works, and every other rule holds for it.

    Args:
        source: a catalogue name, a folder with a config.json, or a run's id.

    Raises:
        ModelError: a folder without a config.json.
        RunError: a run that has no model yet.
    """
    folder = _folder_of(source)
    if folder is None:
        yield source
        return
    roots = os.pathsep.join(filter(None, (str(folder), os.environ.get("BERTLAB_MODELS"))))
    with environment("BERTLAB_MODELS", roots):
        yield str(folder)


def _folder_of(source: str) -> Path | None:
    """The folder that is meant, unless the catalogue has a model of this name at hand."""
    if _is_at_hand(source):
        return None
    try:
        path = Path(source).expanduser()
        is_folder, is_model = path.is_dir(), (path / "config.json").is_file()
    except (OSError, RuntimeError):  # too long for a path, a home that is not there
        return None
    if is_model:
        return path.resolve()
    if is_folder:
        raise ModelError(f"{path} is not a model's folder: it holds no config.json.")
    return _model_of_run(source)


def _is_at_hand(source: str) -> bool:
    try:
        return find_model(source).is_here
    except ModelError:
        return False


def _model_of_run(source: str) -> Path | None:
    try:
        run = open_run(source)
    except RunError:
        return None  # the catalogue will say what it thinks of this name
    if not run.has_model:
        raise RunError(f"Run {run.id} has no model: it is {run.status().phase}. Wait for its end.")
    return run.model_folder.resolve()
