"""Checks that settings of every kind share."""

from __future__ import annotations

from typing import Any

from bertlab.errors import InputError


def one_of(what: str, value: str, allowed: tuple[str, ...]) -> None:
    """Refuse a value that is not among the allowed ones."""
    if value not in allowed:
        raise InputError(f"The {what} {value!r} is unknown; choose one of {', '.join(allowed)}.")


def within(what: str, value: Any, low: float, high: float, *, whole: bool = False) -> None:
    """Refuse what is no number, or lies outside low to high (both allowed)."""
    kinds = (int,) if whole else (int, float)
    if isinstance(value, bool) or not isinstance(value, kinds) or not low <= value <= high:
        kind = "a whole number" if whole else "a number"
        raise InputError(f"The {what} is {value!r}; it must be {kind} from {low:g} to {high:g}.")
