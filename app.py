"""BertLab's entry: `streamlit run app.py`. The router is a file of its own on purpose.

Streamlit would otherwise run the scripts of `pages/` without it on a deep link.
"""

from pathlib import Path

import streamlit as st

from bertlab.ui.warmup import lifespan

app = st.App(Path(__file__).parent / "bertlab" / "ui" / "router.py", lifespan=lifespan)
