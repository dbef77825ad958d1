"""BertLab's entry: `streamlit run app.py`. The router is a file of its own on purpose.

Streamlit would otherwise run the scripts of `pages/` without it on a deep link.
"""

from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

from bertlab.ui.deep_links import TellServerAddress
from bertlab.ui.guards import show_unexpected
from bertlab.ui.student import KnowStudent
from bertlab.ui.warmup import lifespan

base_path = f"/{st.get_option('server.baseUrlPath').strip('/')}/".replace("//", "/")
app = st.App(
    Path(__file__).parent / "bertlab" / "ui" / "router.py",
    lifespan=lifespan,
    on_script_error=show_unexpected,
    middleware=[
        Middleware(KnowStudent, base_path=base_path),
        Middleware(TellServerAddress, base_path=base_path),
    ],
)
