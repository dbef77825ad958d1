"""Carry out a pre-training run: from text files to a model with both heads and its figures."""

from __future__ import annotations

import json
import time

import torch

from bertlab.devices import choose_device
from bertlab.pretraining.data.batches import lengths_of, reading_of
from bertlab.pretraining.data.packing import NO_PAIR
from bertlab.pretraining.export import save_pretrained
from bertlab.pretraining.heldout import join_scores
from bertlab.pretraining.result import PretrainingResult
from bertlab.pretraining.session import PretrainingSession
from bertlab.pretraining.setup import set_up
from bertlab.pretraining.start import settings_of
from bertlab.runs import Journal, Run, Status
from bertlab.runs.events import PhaseEvent
from bertlab.runs.feed import Feed
from bertlab.runs.files import replace_text
from bertlab.training.lifecycle import Ending, execute_run


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
    return execute_run(run, lambda journal: _work(run, journal, device))


def _work(run: Run, journal: Journal, device: str | None) -> Ending:
    """Go through the phases."""
    journal.event(PhaseEvent("starting"))
    journal.update(phase="starting", message="Reading the text.")
    settings = settings_of(run)
    place = choose_device(device or settings.device)
    session = PretrainingSession(run, journal, set_up(run, settings, journal, place))
    session.learn()
    heldout = _report(session).heldout
    accuracy = heldout.accuracy if heldout else None
    return Ending(session.was_stopped, session.state.step, accuracy)


def _report(session: PretrainingSession) -> PretrainingResult:
    """Store the model and its figures."""
    run, setup, training = session.run, session.setup, session.state
    session.tell(PhaseEvent("testing"))
    session.journal.update(
        phase="testing", message="Storing the model, asking it about held-out text."
    )
    seconds = training.elapsed()
    plan = setup.data.plan
    read = plan.examples[: plan.starts[training.step]]
    scores = session.heldout_scores()
    result = PretrainingResult(
        steps=training.step,
        examples=training.examples,
        tokens=training.tokens,
        read=reading_of(read),
        pairs=int((read[:, 4] != NO_PAIR).sum()),
        longest_input=int(lengths_of(read).max()),
        vocabulary=len(setup.tokenizer),
        parameters=sum(w.numel() for w in training.learner.bert.parameters()),
        seconds=round(time.time() - run.status().started, 3),
        training_seconds=round(seconds, 3),
        tokens_per_second=round(training.tokens / max(seconds, 1e-9), 1),
        heldout=join_scores(list(scores.values())) if scores else None,
        heldout_files=scores,
        was_stopped=session.was_stopped,
        device=str(setup.device),
        precision="bf16" if setup.use_bf16 else "fp32",
        threads=torch.get_num_threads(),
    )
    save_pretrained(run.model_folder, setup, result, Feed(run).read())
    whole = {"run": run.id, "model_dir": str(run.model_folder), **result.as_dict()}
    whole["settings"] = json.loads(setup.settings.to_json())
    replace_text(run.folder / "result.json", json.dumps(whole, ensure_ascii=False))
    return result
