"""Carry out a pre-training run: from text files to a model with both heads and its figures."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from typing import Any

import torch

from bertlab.devices import choose_device
from bertlab.pretraining.data.batches import lengths_of, reading_of
from bertlab.pretraining.data.packing import NO_PAIR
from bertlab.pretraining.export import save_pretrained
from bertlab.pretraining.heldout import join_scores
from bertlab.pretraining.session import heldout_scores, learn
from bertlab.pretraining.setup import Prepared, prepare
from bertlab.pretraining.start import settings_of
from bertlab.runs import Journal, Run, Status
from bertlab.runs.events import Event
from bertlab.runs.feed import Feed
from bertlab.runs.files import replace_text
from bertlab.training.lifecycle import Ending, Stopped, carry_out


def execute(run: Run, *, device: str | None = None) -> Status:
    """Carry out a pre-training run in this process, and tell its folder everything.

    execute(create_pretraining_run(settings)).phase -> "finished"

    A run that was interrupted goes on from its last checkpoint.

    Args:
        run: one that nobody else executes.
        device: overrules the run's own setting.

    Returns:
        The status at the end: "finished", "stopped", "paused" or "failed".

    Raises:
        RunError: somebody else executes the run.
    """
    return carry_out(run, lambda journal: _work(run, journal, device))


def _work(run: Run, journal: Journal, device: str | None) -> Ending:
    """Go through the phases."""
    journal.event(Event("phase", 0, 0.0, 0, {"phase": "starting"}))
    journal.update(phase="starting", message="Reading the text.")
    settings = settings_of(run)
    place = choose_device(device or settings.device)
    prepared = prepare(run, settings, journal, place)
    was_stopped = learn(run, journal, prepared)
    if prepared.training.step == 0:
        raise Stopped
    result = _report(run, journal, prepared, was_stopped=was_stopped)
    heldout = result["heldout"]
    accuracy = heldout["accuracy"] if heldout else None
    return Ending(was_stopped, prepared.training.step, accuracy)


def _report(run: Run, journal: Journal, prepared: Prepared, *, was_stopped: bool) -> dict[str, Any]:
    """Store the model and its figures."""
    training = prepared.training
    journal.event(training.event("phase", phase="testing"))
    journal.update(phase="testing", message="Storing the model, asking it about held-out text.")
    seconds = training.elapsed()
    plan = prepared.data.plan
    read = plan.examples[: plan.starts[training.step]]
    scores = heldout_scores(prepared)
    result = {
        "run": run.id,
        "model_dir": str(run.model_folder),
        "steps": training.step,
        "examples": training.examples,
        "tokens": training.tokens,
        "read": asdict(reading_of(read)),
        "pairs": int((read[:, 4] != NO_PAIR).sum()),
        "longest_input": int(lengths_of(read).max()),
        "vocabulary": len(prepared.tokenizer),
        "parameters": sum(w.numel() for w in training.learner.bert.parameters()),
        "seconds": round(time.time() - run.status().started, 3),
        "training_seconds": round(seconds, 3),
        "tokens_per_second": round(training.tokens / max(seconds, 1e-9), 1),
        "heldout": asdict(join_scores(list(scores.values()))) if scores else None,
        "heldout_files": {name: asdict(one) for name, one in scores.items()},
        "was_stopped": was_stopped,
        "settings": json.loads(prepared.settings.to_json()),
        "device": str(prepared.device),
        "precision": "bf16" if prepared.use_bf16 else "fp32",
        "threads": torch.get_num_threads(),
    }
    save_pretrained(run.model_folder, prepared, result, Feed(run).read())
    replace_text(run.folder / "result.json", json.dumps(result, ensure_ascii=False))
    return result
