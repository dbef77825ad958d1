"""Values computed of an object, kept as long as the object is: a table's languages, its lengths.

The bundled tables are one object for all students, so that the first pays for everybody; a
student's own belongs to the session, and what was computed of it goes with it.
"""

import weakref
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

T = TypeVar("T")
_kept: dict[int, dict[Hashable, Any]] = {}


def kept_with(owner: object, name: Hashable, work: Callable[[], T]) -> T:
    """Return what `work` computes of `owner`: once for each object and name.

    Two threads that ask at the same moment may both compute it; the first one's value stays.

    Args:
        owner: Not changed by anybody; can be referred to weakly.
        name: What is computed: `("languages", "bertlab-mini-en")`.
        work: Computes it.
    """
    values = _kept.get(id(owner))
    if values is None:
        values = _kept.setdefault(id(owner), {})
        weakref.finalize(owner, _kept.pop, id(owner), None)
    if name not in values:
        values.setdefault(name, work())
    value: T = values[name]
    return value
