"""Which token the student looks at: one choice for every lesson on the inside.

The token stands as `token` in the address, a second one (a key) as `key`; the head, and with it
the layer, is the business of `bertlab.ui.widgets.head_selection`.
"""

from collections.abc import Sequence

import streamlit as st

from bertlab.inspection.trace import Trace
from bertlab.ui.state import url_state

TOKEN, KEY = "token", "key"


def chosen_token(trace: Trace) -> int:
    """The position in hand: the address's on arrival, then what was clicked last.

    The first time, and after a new sentence, it is the first masked one, else the first that is
    not special.
    """
    ordinary = [i for i, is_special in enumerate(trace.encoded.is_special) if not is_special]
    default = (*trace.masked, *ordinary, 0)[0]
    return chosen_place(TOKEN, trace.encoded.tokens, default)


def chosen_key(trace: Trace, layer: int, head: int) -> int:
    """The position that the chosen token looks at; the first time the one it looks at most."""
    weights = trace.attention[layer, head, chosen_token(trace)]  # (key,)
    return chosen_place(KEY, trace.encoded.tokens, int(weights.argmax()))


def choose_token(position: int, key: int | None = None) -> None:
    """Choose a token, and a key with it where one was pointed at; for callbacks."""
    st.session_state[TOKEN] = position
    if key is not None:
        st.session_state[KEY] = key


def cell_state(position: int, key: int) -> dict[str, object]:
    """The state with which a trial chooses a token and a key, in the sentence it brings along."""
    return {TOKEN: position, KEY: key, f"_{TOKEN}_of": None, f"_{KEY}_of": None}


def chosen_place(name: str, tokens: Sequence[str], default: int) -> int:
    """The position that `name` means, shown in the address.

    What nobody has chosen is not kept, so each lesson has its own first choice.

    Args:
        name: `TOKEN` or `KEY`.
        tokens: What is chosen from; another sentence drops the choice.
        default: Shown until one is chosen, and left out of the address.
    """
    state, belongs_to = st.session_state, f"_{name}_of"
    is_linked = url_state.in_url(name)
    chosen = url_state.state(name, None, url_state.parse_count)
    is_same = is_linked or state.get(belongs_to) in (None, tokens)
    if not is_same or chosen not in range(len(tokens)):
        chosen = state[name] = None
    state[belongs_to] = tokens
    url_state.publish(name, str(default if chosen is None else chosen), str(default))
    return default if chosen is None else chosen
