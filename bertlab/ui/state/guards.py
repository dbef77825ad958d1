"""Errors as a person should meet them: what happened, where, what to do. Never a traceback."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from bertlab.errors import BertLabError

log = logging.getLogger(__name__)


@contextmanager
def explained() -> Iterator[None]:
    """Show a BertLabError as a message and end the page there; anything else is a bug and logged.

    `with explained(): trace = caches.trace(...)`
    """
    try:
        yield
    except BertLabError as error:
        st.error(plain(str(error)), icon=":material/error:")
        st.stop()
    except MemoryError:
        log.exception("Out of memory")
        st.error("The machine is out of memory. Take a shorter text or a smaller model.")
        st.stop()


def plain(message: str) -> str:
    """Keep Markdown from reading a message that quotes user text: every sign stands for itself."""
    return "".join(f"\\{c}" if c in "\\`*_{}[]<>()#+-.!|$~:" else c for c in message)


def show_unexpected(error: Exception) -> bool:
    """The last resort for a bug: log it, say so in plain words, keep the student's state."""
    log.exception("A page failed", exc_info=error)
    st.error(
        "BertLab made a mistake here; the details are in the server's log. Your text is not lost: "
        "change the last setting back, or reload the page.",
        icon=":material/bug_report:",
    )
    return True
