"""What every page has: identity, navigation, model picker, state in the address.

Run by `st.App` from app.py for every page, a deep link as first request included.
"""

from pathlib import Path

import streamlit as st

from bertlab.ui.app import router_imports

router_imports.import_all()  # first of all: the warm-up may be about to import the same

from bertlab.ui.app import share, style  # noqa: E402
from bertlab.ui.app.navigation import CHAPTERS, help_page, home_page, lesson_page  # noqa: E402
from bertlab.ui.figures import changes  # noqa: E402
from bertlab.ui.state import url_state  # noqa: E402
from bertlab.ui.widgets import model_picker  # noqa: E402

ICON = Path(__file__).parents[2] / "assets" / "icon.svg"

st.set_page_config(page_title="BertLab", page_icon=str(ICON), layout="wide")
lessons = {title: [lesson_page(name) for name in names] for title, names in CHAPTERS.items()}
pages = {"": [home_page()], **lessons, "More": [help_page()]}
page = st.navigation(pages, expanded=True)
url_state.arrive(page.url_path)
changes.begin()
style.apply()
model_picker.draw()
share.draw(page.url_path)
page.run()
