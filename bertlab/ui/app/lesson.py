"""The frame of every lesson: goal and model strip above; notices, trials and code below."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import streamlit as st

from bertlab.errors import ModelError
from bertlab.models import ModelFacts, find_model
from bertlab.ui.figures import changes
from bertlab.ui.state import caches
from bertlab.ui.state.guards import explained
from bertlab.ui.widgets.glossary import prose
from bertlab.ui.widgets.model_picker import require_model


def open_lesson(title: str, goal: str, *, model: str | None = None, has_strip: bool = True) -> str:
    """Draw the title, the goal and the model strip; return the name of the model in hand.

    Ends the page where that model is not on this machine.

    Args:
        title: The lesson's name.
        goal: What is learned here, with [[terms]].
        model: What the page is about, where that is not the model picker's choice.
        has_strip: Whether the page is about that model at all.
    """
    open_page(title, goal)
    if model and not model_is_here(model):  # a run from another machine: its figures stay
        st.caption(f"{model} is not on this machine.")
        return model
    name = model or require_model()
    if has_strip:
        with explained():
            st.html(_strip(caches.facts(name)))
    return name


def open_page(title: str, goal: str) -> None:
    """Draw the title and the goal, with [[terms]]."""
    st.title(title, anchor=False)
    prose(goal)


def model_is_here(model: str) -> bool:
    """Whether a model can be loaded on this machine, whatever name a stored run gives it."""
    try:
        return find_model(model).is_here
    except ModelError:  # a folder that is no longer among those that may be loaded
        return False


def _strip(facts: ModelFacts) -> str:
    parts = [
        f"<b>{escape(facts.name)}</b>",
        f"{facts.layers} layers × {facts.heads} heads",
        f"width {facts.hidden_size}",
        f"{facts.vocabulary:,} pieces",
        f"{facts.parameters / 1e6:.1f} M weights",
        f"saw {escape(facts.trained_on)}" if facts.trained_on else "",
        f"taught by {escape(facts.teacher)}" if facts.teacher else "",
        *facts.limits,
    ]
    items = "".join(f"<span>{part}</span>" for part in parts if part)
    return f'<div class="bl-strip" aria-label="The model in hand">{items}</div>'


def close_lesson(
    trials: Sequence["Trial"],
    functions: Sequence[Callable[..., Any]],
    *,
    notices: Sequence[str] | None = None,
) -> None:
    """End a lesson as every lesson ends: what to notice, what to try, the code that ran.

    Args:
        trials: What to try, as buttons.
        functions: The project's own functions that computed the page.
        notices: Sentences that hold for the figures above; None where there is no figure yet.
    """
    if notices is not None:
        notice(notices)
    try_this(trials)
    code_that_ran(*functions)


def notice(sentences: Sequence[str]) -> None:
    """Say what to notice: sentences computed from the figures above; without a figure none.

    Where nothing stands out they say what was looked for and what came out, in numbers. They may
    quote the user's text, so they are shown as plain text.
    """
    if not sentences:
        return
    st.subheader("What to notice", anchor=False)
    items = "".join(f"<li>{escape(sentence)}</li>" for sentence in sentences)
    st.html(f'<ul class="bl-prose">{items}</ul>')


@dataclass(frozen=True)
class Trial:
    """Something to try: a button's label, what to watch for, and the state that it sets.

    What it changes is brought into sight: the first figure that is another one, or `shows`, the
    key of an element, where no figure is.
    """

    label: str
    watch: str
    state: Mapping[str, Any]
    shows: str = ""


def try_this(trials: Sequence[Trial]) -> None:
    """Offer trials as buttons that set the page's state, below all that they change."""
    with st.container(gap=None):
        st.subheader("Try this", anchor=False)
        changes.show()
    for number, (column, trial) in enumerate(zip(st.columns(len(trials)), trials, strict=True)):
        with column, st.container(border=True, height="stretch"):
            st.button(
                trial.label,
                key=f"try_{number}",
                on_click=_set_state,
                args=(dict(trial.state), trial.shows),
                icon=":material/play_arrow:",
                width="stretch",
            )
            st.caption(trial.watch)


def _set_state(values: dict[str, Any], shows: str) -> None:
    changes.tried(shows)
    for key, value in values.items():
        st.session_state[key] = value


@st.fragment
def code_that_ran(*functions: Callable[..., Any]) -> None:
    """Show the project's own functions that computed this page, as they stand in the code.

    The code comes when somebody opens it: to colour it costs a browser a third of a second.
    """
    box = st.expander(
        "The code that ran", icon=":material/code:", key="code_that_ran", on_change="rerun"
    )
    with box:
        for function in functions:
            module = inspect.getmodule(function)
            st.caption(f"{module.__name__ if module else ''}.{function.__qualname__}")
            if box.open:
                st.code(inspect.getsource(inspect.unwrap(function)), language="python")
