"""Whose a run is: who may change it, and how its owner hands that over.

A run belongs to the browser that started it, and `about.json` names that browser's id. Other
browsers may look. The owner can make a secret, the control token: whoever opens the run with it
is from then on one of its controllers, and may do what the owner may, but for handing it on. A
run without an owner was started on the command line; no browser changes it before a token of
`bertlab runs control ID` was opened there.

Nobody asks here on behalf of the command line, the engine or a worker: they call the run itself.
"""

from __future__ import annotations

import hmac
import os
import secrets

from bertlab.errors import ControlError, RunError
from bertlab.runs.files import replace_text
from bertlab.runs.run import Run

TOKEN, CONTROLLERS = "control", "controllers"  # files in the run's folder
MOST_CONTROLLERS = 100  # browsers; a class to which somebody gave the secret link by mistake
REFUSAL = (
    "This run belongs to the browser that started it: here you can watch it, not change it. Ask "
    "its owner for the control link, or start one like it."
)


def is_owner(run: Run, visitor: str) -> bool:
    """Whether this browser started the run; nobody without an id did."""
    return bool(visitor) and _is_same(run.owner, visitor)


def may_change(run: Run, visitor: str) -> bool:
    """Whether this browser started the run, or was handed the control of it.

    Args:
        run: of any kind.
        visitor: the browser's id.
    """
    is_among = [_is_same(one, visitor) for one in _controllers(run)] if visitor else []
    return is_owner(run, visitor) or any(is_among)


def demand_control(run: Run, visitor: str) -> None:
    """Let nobody pass who may not change the run.

    Raises:
        ControlError: it belongs to somebody else.
    """
    if not may_change(run, visitor):
        raise ControlError(REFUSAL)


def demand_ownership(run: Run, visitor: str) -> None:
    """Let nobody pass but the browser that started the run.

    Raises:
        ControlError: it belongs to somebody else.
    """
    if not is_owner(run, visitor):
        raise ControlError("Only the browser that started this run can hand over its control.")


def control_token(run: Run) -> str:
    """Read the run's control token; "" where nobody has asked for one."""
    try:
        return (run.folder / TOKEN).read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return ""


def make_control_token(run: Run) -> str:
    """Make the run's control token, or return the one there is: 32 random bytes.

    Raises:
        RunError: the disk is full.
    """
    if token := control_token(run):
        return token
    token = secrets.token_urlsafe(32)
    try:
        replace_text(run.folder / TOKEN, token)
    except OSError as error:
        raise _not_stored(error) from error
    return token


def claim_control(run: Run, token: str, visitor: str) -> None:
    """Make this browser one of the run's controllers.

    Args:
        run: of any kind.
        token: from the secret link.
        visitor: the browser's id.

    Raises:
        ControlError: the token is not the run's (any more), or too many browsers have used it.
        RunError: the disk is full.
    """
    right = control_token(run)
    if not (right and visitor and _is_same(right, token)):
        raise ControlError(
            "This control link is not valid (any more), so you can watch this run and not change "
            "it. Ask its owner for a new one."
        )
    if may_change(run, visitor):
        return
    if len(_controllers(run)) >= MOST_CONTROLLERS:
        raise ControlError(
            f"{MOST_CONTROLLERS} browsers control this run already. Its owner can take the control "
            "back and hand it over anew."
        )
    try:
        # One short write at the end of the file: two browsers that come at once both stay.
        with (run.folder / CONTROLLERS).open("ab", buffering=0) as file:
            file.write(f"{visitor}\n".encode())
            os.fsync(file.fileno())
    except OSError as error:
        raise _not_stored(error) from error


def take_back_control(run: Run) -> None:
    """Make the control link worthless, also for those who have opened it.

    Raises:
        RunError: the folder cannot be written.
    """
    try:
        for name in (TOKEN, CONTROLLERS):
            (run.folder / name).unlink(missing_ok=True)
    except OSError as error:
        raise _not_stored(error) from error


def _controllers(run: Run) -> list[str]:
    try:
        lines = (run.folder / CONTROLLERS).read_text(encoding="ascii").splitlines()
    except (OSError, ValueError):
        return []
    return [line for line in lines if line]


def _is_same(one: str, other: str) -> bool:
    """Compare two secrets in a time that tells nothing about them."""
    return hmac.compare_digest(one.encode("utf-8", "replace"), other.encode("utf-8", "replace"))


def _not_stored(error: OSError) -> RunError:
    return RunError(
        f"Who controls the run could not be stored: {error.strerror or error}. Free some space on "
        "the disk and try again."
    )
