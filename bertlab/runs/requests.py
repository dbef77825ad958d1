"""What a run says of itself where it was asked to rest or to end while nobody executed it."""

from __future__ import annotations

from bertlab.runs.status import Status


def paused_while_waiting(status: Status, *, has_checkpoint: bool) -> str:
    """Say where a run rests that nobody executed.

    A run of the queue -> "Paused before it began: it has left the queue."

    Args:
        status: before the pause.
        has_checkpoint: whether there is one to go on from.
    """
    if has_checkpoint and status.step:
        return f"Paused; it goes on from its last checkpoint, at step {status.step} or before."
    if has_checkpoint:
        return "Paused; it goes on from its last checkpoint."
    if status.is_active:
        return "Paused after its executor had ended without a checkpoint: it will begin anew."
    return "Paused before it began: it has left the queue."


def stopped_while_waiting(status: Status, *, has_model: bool) -> str:
    """Say what is left of a run that was stopped while nobody executed it.

    A run paused at step 20 -> "Stopped while it was paused at step 20. A pause stores no model;
    let it go on from its checkpoint, and stop it then, to have one."

    Args:
        status: before the stop.
        has_model: whether an earlier stop has stored one.
    """
    if not status.is_paused or not status.step:
        return "Stopped before it began."
    place = f"Stopped while it was paused at step {status.step}."
    if has_model:
        return f"{place} The model and the figures are those of an earlier stop."
    return (
        f"{place} A pause stores no model; let it go on from its checkpoint, and stop it then, to "
        "have one."
    )
