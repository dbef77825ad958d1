"""Whose a run is, on its page: who may press what, the secret link, and what watchers get."""

import streamlit as st

from bertlab.engine import actions
from bertlab.errors import BertLabError
from bertlab.runs import Run, open_run
from bertlab.runs.ownership import claim_control, control_token, is_owner, may_change
from bertlab.ui.app.join_qr import page_address, reach
from bertlab.ui.app.share import copyable
from bertlab.ui.state.guards import explained, plain
from bertlab.ui.state.student import keeps_cookies, student_id

CONTROL = "control"  # the token's name in a secret link


def is_mine(run: Run) -> bool:
    """Whether this browser may change the run. What is pressed is checked again, in `actions`."""
    return may_change(run, student_id())


def take_control(run_id: str) -> None:
    """Take the token of a secret link out of the address, and the control of the run with it.

    Args:
        run_id: The run that the address names.
    """
    token = st.query_params.pop(CONTROL, None)
    if not token:
        return
    try:
        claim_control(open_run(run_id), token, student_id())
    except BertLabError as error:
        st.warning(plain(str(error)), icon=":material/key_off:")
    else:
        until = "" if keeps_cookies() else ", until the page is reloaded: it keeps no cookies"
        st.toast(f"This browser now controls the run{until}.", icon=":material/key:")


def tell_watchers(run: Run) -> None:
    """Say to whom the run belongs, where that is not this browser; warn an owner without cookies.

    Args:
        run: Of any kind.
    """
    if not is_mine(run):
        whose = "the browser that started it" if run.owner else "the command line"
        st.info(
            f"You are watching: this run belongs to {whose}, which alone can pause, stop or delete "
            "it. Try its model, or start one like it.",
            icon=":material/visibility:",
        )
    elif not keeps_cookies():
        st.warning(
            "This browser keeps no cookies, so it cannot be recognized again: after a reload you "
            "can only watch this run. Make a control link (Share control) and keep it.",
            icon=":material/cookie_off:",
        )


def offer_control(run: Run, *, key: str = "run") -> None:
    """Draw the owner's secret link: made when asked for, seen in an open popover alone.

    Args:
        run: Of any kind.
        key: Under which the page's address names it.
    """
    if not is_owner(run, student_id()):
        return
    with st.popover("Share control", icon=":material/key:", width="stretch"):
        st.write(
            "Who opens this page's address watches. Who opens the secret link can do what you can: "
            "pause, stop, go on, replay, delete. Send it to them; do not show it on a projector."
        )
        if token := control_token(run):
            copyable(_link(run, token, key), key="run_control_link")
            if st.button("Take the control back", icon=":material/key_off:", key="run_take_back"):
                with explained():
                    actions.take_back(run, by=student_id())
                st.rerun()
        elif st.button("Make the secret link", icon=":material/link:", key="run_hand_over"):
            with explained():
                actions.hand_over(run, by=student_id())
            st.rerun()


def _link(run: Run, token: str, key: str) -> str:
    """The page's address as other devices reach it, with the token."""
    page = "fine_tuning" if key == "run" else "pretraining"
    root = reach(page).root or (st.context.url or "").removesuffix(page)
    return page_address(root, page, {key: [run.id], CONTROL: [token]})
