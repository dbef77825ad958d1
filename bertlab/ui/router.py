"""What every page has: identity, navigation, model picker, state in the address.

Run by `st.App` from app.py for every page, a deep link as first request included.
"""

from pathlib import Path

import streamlit as st

from bertlab.ui import router_imports

router_imports.import_all()  # first of all: the warm-up may be about to import the same

from bertlab.ui import changes, links, model_picker, sharing, style  # noqa: E402
from bertlab.ui.lessons import CHAPTERS, help_page, home_page, lesson_page  # noqa: E402

ICON = Path(__file__).parents[1] / "assets" / "icon.svg"

st.set_page_config(page_title="BertLab", page_icon=str(ICON), layout="wide")
lessons = {title: [lesson_page(name) for name in names] for title, names in CHAPTERS.items()}
pages = {"": [home_page()], **lessons, "More": [help_page()]}
page = st.navigation(pages, expanded=True)
links.arrive(page.url_path)
changes.begin()
style.apply()
model_picker.draw()
sharing.draw(page.url_path)
page.run()
