"""Share this page: its address in its present state, as other devices reach it, and as a QR code.

Everything is drawn when the button is pressed, not before: what was chosen meanwhile is in it.
"""

import streamlit as st

from bertlab.ui.app.join_qr import page_address, qr_svg, reach
from bertlab.ui.figures.component import own_component
from bertlab.ui.state.guards import plain

PRIVATE = ("control",)  # the secret with which a run's owner hands the run over
# Streamlit's own copy button does nothing on http:// and an IP address, as a class joins.
_address = own_component(
    "copy_address",
    '<div class="row"><span class="address"></span>'
    '<button class="copy" type="button" aria-live="polite"></button></div>',
)


@st.fragment  # a press leaves the page as it is
def draw(page: str) -> None:
    """The button at the top right of every page.

    Args:
        page: The page's path below the home page's; "" for the home page.
    """
    about = "This page's address, as it is now, for other devices"
    icon = ":material/qr_code_2:"
    with st.container(key="share_page", horizontal=True, horizontal_alignment="right"):
        is_pressed = st.button("Share", key="share_button", icon=icon, type="tertiary", help=about)
    if is_pressed:
        _show(page)
    else:  # a dialog takes a place among the page's style sheets: without this it takes another's
        st.html("<style>/* the dialog's place */</style>")


def copyable(address: str, *, key: str) -> None:
    """An address with a button that copies it."""
    _address(key=key, data={"address": address})


def qr_picture(address: str, *, width: int) -> None:
    """An address as a QR code; nothing but a line where it is too long for one."""
    try:
        st.image(qr_svg(address), width=width, alt=f"QR code of {address}")
    except ValueError:
        st.caption("This address is too long for a QR code.")


@st.dialog("Share this page")
def _show(page: str) -> None:
    found = reach(page)
    if found.advice:
        st.info(plain(found.advice), icon=":material/wifi_off:")
    if not found.root:
        return
    shown = [name for name in st.query_params if name not in PRIVATE]
    state = {name: st.query_params.get_all(name) for name in shown}
    address, *others = (page_address(r, page, state) for r in (found.root, *found.others))
    with st.container(key="share_code", horizontal_alignment="center"):
        qr_picture(address, width=340)
    copyable(address, key="share_address")
    st.caption("Whoever opens it sees this page with the same text and choices.")
    if others:
        st.caption("Does it not answer? This machine has other addresses too:")
        for number, other in enumerate(others):
            copyable(other, key=f"share_other_{number}")
