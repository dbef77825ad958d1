"""BertLab's entry: `streamlit run app.py`. The router is a file of its own on purpose.

Streamlit would otherwise run the scripts of `pages/` without it on a deep link.
"""

import sys
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

import bertlab
from bertlab.errors import InputError
from bertlab.ui.app.warmup import lifespan
from bertlab.ui.server.deep_links import TellServerAddress
from bertlab.ui.server.headers import SafeHeaders
from bertlab.ui.server.host_guard import CheckAddress
from bertlab.ui.server.hosts import ServedHosts, public_url
from bertlab.ui.state.guards import show_unexpected
from bertlab.ui.state.student import KnowStudent

try:
    addresses = [public_url(), st.get_option("browser.serverAddress") or ""]
except InputError as error:
    sys.exit(str(error))
addresses += st.get_option("server.allowedHosts")
base_path = f"/{st.get_option('server.baseUrlPath').strip('/')}/".replace("//", "/")
app = st.App(
    Path(bertlab.__file__).parent / "ui" / "app" / "router.py",
    lifespan=lifespan,
    on_script_error=show_unexpected,
    middleware=[  # the first one sees a request first
        Middleware(SafeHeaders),
        Middleware(
            CheckAddress,
            served=ServedHosts.of(addresses, st.get_option("server.corsAllowedOrigins")),
        ),
        Middleware(KnowStudent),
        Middleware(TellServerAddress, base_path=base_path),
    ],
)
