"""What can go wrong, as a small tree; every message says what happened, where and what to do.

BertLabError
 |- InputError    a text or a setting that cannot be used
 |- ModelError    a model that is unknown, unreachable, unsafe, or lacks a part that is needed
 |- TableError    a table that cannot be read, or nothing can be learned from
 '- RunError      a run that is not there, or cannot do what is asked of it
     '- ControlError   it belongs to somebody else
"""


class BertLabError(Exception):
    """The root: show its message to the user as it is, without a traceback."""


class InputError(BertLabError):
    """A text or a setting that cannot be used."""


class ModelError(BertLabError):
    """A model that is unknown, unreachable, unsafe, or lacks a part that is needed."""


class TableError(BertLabError):
    """A table that cannot be read, or that nothing can be learned from."""


class RunError(BertLabError):
    """A run that is not there, or that cannot do what is asked of it."""


class ControlError(RunError):
    """A run that belongs to somebody else: whoever asked may look at it, and not change it."""
