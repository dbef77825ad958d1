"""Short state in the address, so that a copied link shows the same page.

On arriving at a page the address speaks; from then on the session does, and the address follows.
(Reading the address at every rerun would undo clicks: a quick second click still carries the
address from before the first one.) After the browser's Back or Forward the address speaks again,
and what it does not name has its default.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, TypeVar

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from bertlab.runs.text_store import load_text, save_text

T = TypeVar("T")

# A refresh sends the address in the request's headers, which are capped at 16 KiB.
LONGEST_TEXT_IN_ADDRESS = 300  # bytes of UTF-8


def arrive(page: str) -> None:
    """Take over the address when a page is opened or gone back to; later reruns do nothing."""
    is_opened = st.session_state.get("_page") != page
    is_back = _went_back()
    if is_opened:
        st.session_state["_page"] = page
        st.session_state["_visit"] = visit() + 1
    if is_opened or is_back:
        st.session_state["_arrived"] = dict(st.query_params.items())
        st.session_state["_complaints"] = {}
    st.session_state["_told"] = set() if is_back else None


def _went_back() -> bool:
    """Whether the browser's Back or Forward began this run of the page."""
    context = get_script_run_ctx()
    return context is not None and context.is_history_navigation


def bring(values: Mapping[str, str]) -> None:
    """Put choices in place as if the page's address had brought them; a wrong one is passed over.

    `links.bring({"epochs": "5"})`
    """
    st.session_state.setdefault("_arrived", {}).update(values)


def visit() -> int:
    """The number of this visit of a page: another one whenever a page is opened."""
    return st.session_state.get("_visit", 0)


def state(key: str, default: T, parse: Callable[[str], T]) -> T:
    """The value of `key`: the address's on arrival, else the session's, else the default.

    A value in the address that `parse` refuses with ValueError is passed over; what the error
    says is kept for `complaint`.
    """
    arrived = st.session_state.get("_arrived", {}).pop(key, None)
    if (told := st.session_state.get("_told")) is not None and key not in told:
        told.add(key)  # after Back: what the address does not name was not chosen then
        st.session_state.pop(key, None)
    if arrived is not None:
        try:
            st.session_state[key] = parse(arrived)
        except ValueError as problem:
            _complain(key, str(problem))
    if key not in st.session_state:
        st.session_state[key] = default
    return st.session_state[key]


def follow_default(key: str, default: object) -> None:
    """Let a choice that nobody has made go along with its default, as when the model changes."""
    before = st.session_state.get(f"_{key}_default", default)
    if st.session_state.get(key) == before and not in_url(key):
        st.session_state[key] = default
    st.session_state[f"_{key}_default"] = default


def choice_state(
    key: str, options: Collection[int], default: int, *, of: object = None
) -> int | None:
    """As `state`, for one of some numbers, shown in the address; None where there are none.

    Args:
        key: Its name in the address.
        options: What may be chosen; anything else gives the default.
        default: What is shown first, and left out of the address.
        of: What the choice belongs to; another one drops it.
    """
    is_same = _still_belongs(key, of)
    chosen = state(key, default, parse_count)
    chosen = chosen if is_same and chosen in options else default
    st.session_state[key] = chosen if options else None
    publish(key, str(chosen), str(default))
    return st.session_state[key]


def _still_belongs(key: str, of: object) -> bool:
    """Whether a choice was made for what is shown now; one that the address brings was."""
    is_same = st.session_state.get(f"_{key}_of", of) == of
    st.session_state[f"_{key}_of"] = of
    return is_same or in_url(key)


def in_url(key: str) -> bool:
    """Whether the address brought a value for `key` that nobody has taken yet."""
    return key in st.session_state.get("_arrived", {})


def complaint(key: str) -> str:
    """Why the address's value of `key` could not be taken, while this page is open; "" if it was.

    The text may quote the address: show it through `guards.plain`.
    """
    return st.session_state.get("_complaints", {}).get(key, "")


def _complain(key: str, problem: str) -> None:
    st.session_state.setdefault("_complaints", {})[key] = problem


def publish(key: str, value: str, default: str = "") -> None:
    """Show a value in the address; the default leaves it out."""
    if value == default:
        st.query_params.pop(key, None)
    elif st.query_params.get(key) != value:
        st.query_params[key] = value


def bind(key: str, *, shown: object = None) -> dict[str, Any]:
    """The arguments that tie a widget to the state `key`.

    `shown` is what the widget shows while nobody has chosen.

    Streamlit forgets a widget's value when a page without it is shown, so the value lives under
    `key` and the widget's own key holds a copy.

    `st.text_input("Sentence", **bind("text"))`
    """
    widget = f"{key}_widget"
    chosen = st.session_state[key]
    st.session_state[widget] = shown if chosen is None else chosen
    return {"key": widget, "on_change": _take, "args": (key, widget)}


def _take(key: str, widget: str) -> None:
    st.session_state[key] = st.session_state[widget]


def text_state(key: str, default: str, *, of: object = None) -> str:
    """As `state`, for a text that may be too long for an address.

    A long text stands in the address as the random id under which it is stored. Another `of`, what
    the text was written for, drops it.
    """
    if not _still_belongs(key, of) and not in_url(f"{key}_id"):
        st.session_state.pop(key, None)
    arrived = st.session_state.get("_arrived", {})
    stored = arrived.pop(f"{key}_id", None)
    if stored is not None and (text := load_text(stored)) is not None:
        arrived[key] = text
        st.session_state[f"_{key}_saved"] = (text, stored)
    elif stored is not None:
        _complain(key, "The text of this link is not stored on this machine (any more).")
    return state(key, default, str)


def publish_text(key: str, text: str, default: str = "") -> None:
    """Show a text in the address, or the id of a stored copy where it is long; the default not."""
    if text == default or len(text.encode("utf-8", "replace")) <= LONGEST_TEXT_IN_ADDRESS:
        publish(key, text, default)
        publish(f"{key}_id", "")
        return
    saved_text, text_id = st.session_state.get(f"_{key}_saved", (None, ""))
    if saved_text != text:
        text_id = save_text(text)
        st.session_state[f"_{key}_saved"] = (text, text_id)
    publish(key, "")
    publish(f"{key}_id", text_id)


def line_state(
    key: str, default: str, *, first: str | None = None, of: object = None
) -> dict[str, Any]:
    """Tie a widget to a line of text, which stands in the address, or its id where it is long.

    `st.text_input("Name", **links.line_state("name", ""))`

    Args:
        key: Its name in the address.
        default: What an address without it means.
        first: What is shown before anything was typed, where that is not the default.
        of: What the text belongs to; another one drops it.
    """
    shown = text_state(key, default if first is None else first, of=of)
    publish_text(key, shown or "", default)
    return bind(key)


def parse_positions(value: str) -> tuple[int, ...]:
    """Read positions from an address.

    >>> parse_positions("5,3"), parse_positions("none")
    ((3, 5), ())

    Raises:
        ValueError: It is something else; there is no position below 0.
    """
    if value == "none":
        return ()
    positions = {int(part) for part in value.split(",") if part}
    if not positions or min(positions) < 0:
        raise ValueError(f"{value[:40]} names no tokens.")
    return tuple(sorted(positions))


def parse_count(value: str) -> int:
    """Read a number of things from an address: `parse_count("12")` is 12.

    Raises:
        ValueError: It is no whole number, or below 0.
    """
    if (number := int(value)) < 0:
        raise ValueError(f"{number} is below 0.")
    return number


def between(low: int, high: int) -> Callable[[str], int]:
    """Make a reader of whole numbers within limits: `between(5, 50)("15")` is 15.

    The reader raises ValueError at anything else.
    """

    def parse(value: str) -> int:
        if not low <= (number := int(value)) <= high:
            raise ValueError(f"{number} is not within {low} and {high}.")
        return number

    return parse


def number_state(key: str, low: int, high: int, default: int) -> dict[str, Any]:
    """Tie a widget to a whole number within limits, which stands in the address.

    `st.slider("Share (%)", 5, 50, **links.number_state("share", 5, 50, 15))`
    """
    if not low <= state(key, default, between(low, high)) <= high:  # the limits have moved
        st.session_state[key] = default
    publish(key, str(st.session_state[key]), str(default))
    return bind(key)


def flag_state(key: str, default: bool) -> dict[str, Any]:
    """Tie a toggle to a flag, which stands in the address as 1 or 0.

    `st.toggle("Whole words", **links.flag_state("whole", False))`
    """
    publish(key, str(int(flag(key, default))), str(int(default)))
    return bind(key)


def flag(key: str, default: bool) -> bool:
    """As `state`, for a flag that stands in the address as 1 or 0."""
    return state(key, default, _parse_flag)


def _parse_flag(value: str) -> bool:
    words = {"1": True, "0": False, "true": True, "false": False}  # the words are in old links
    if value not in words:
        raise ValueError(f"{value[:40]} is neither 1 nor 0.")
    return words[value]


def option_state(
    key: str, options: Sequence[str], default: str, *, of: object = None
) -> dict[str, Any]:
    """Tie a widget to one of some names, which stand in the address as they are.

    (Streamlit's own binding would put the shown words there, such as "bertviz: head view".) A name
    that is none of the options gives the default, and so does another `of`, what it belongs to.

    `st.segmented_control("View", VIEWS, **links.option_state("view", list(VIEWS), "heatmap"))`
    """

    def known(name: str) -> str:
        if name not in options:
            raise ValueError(f'"{name[:40]}" is none of {", ".join(options)}.')
        return name

    is_same = _still_belongs(key, of)
    if state(key, default, known) not in options or not is_same:
        st.session_state[key] = default
    publish(key, st.session_state[key], default)
    return bind(key)
