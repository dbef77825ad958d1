"""A finished model as a folder that other programs load as it is."""

from __future__ import annotations

import os
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from bertlab.errors import RunError
from bertlab.runs import Run
from bertlab.runs.files import move_over, new_folder


def save_model(
    folder: Path, tokenizer: Any, model: Any, *, max_length: int, truncation: str
) -> None:
    """Write model and tokenizer in Hugging Face format: whole, or not at all.

    transformers.pipeline("text-classification", folder) loads the result.

    Args:
        folder: where to; what was there is replaced.
        tokenizer: the model's own.
        model: its `id2label` holds the labels' names.
        max_length: what the model was trained on; longer texts are cut there.
        truncation: what remains of these, see `Settings`; kept in the model's configuration, as
            other programs know a head and a tail alone.
    """
    tokenizer.model_max_length = max_length
    tokenizer.truncation_side = "right" if truncation == "head" else "left"
    model.config.bertlab_truncation = truncation
    with new_folder(folder) as draft:
        model.save_pretrained(draft)
        tokenizer.save_pretrained(draft)


def zip_model(run: Run) -> Path:
    """Pack a run's model for download, once; the file lies in the run's folder.

    Raises:
        RunError: the run has no model yet, or the disk is full.
    """
    if not run.has_model:
        raise RunError(f"Run {run.id} has no model to download yet. Wait for its end.")
    target = run.folder / "model.zip"
    newest = max(path.stat().st_mtime for path in run.model_folder.iterdir())
    if target.exists() and target.stat().st_mtime >= newest:
        return target
    handle, draft = tempfile.mkstemp(dir=run.folder, suffix=".zip")
    os.close(handle)
    try:
        # Weights hardly shrink: storing them is as small and ten times as fast.
        with zipfile.ZipFile(draft, "w", zipfile.ZIP_STORED) as archive:
            for path in sorted(run.model_folder.iterdir()):
                archive.write(path, f"{run.model_folder.name}/{path.name}")
        move_over(Path(draft), target)
    except OSError as error:
        raise RunError(
            f"The model cannot be packed in {run.folder}: {error.strerror or error}. "
            "Free some space on the disk and try again."
        ) from error
    finally:
        Path(draft).unlink(missing_ok=True)
    return target
