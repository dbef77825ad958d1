"""The app without a browser: each test starts at the router, with empty caches."""

import json
import os
from collections.abc import Callable, Iterator

import psutil
import pytest
import streamlit as st
from lesson_pages import Lesson, open_page

from bertlab.runs import runs_root


@pytest.fixture(autouse=True)
def empty_caches() -> Iterator[None]:
    """Cached models belong to the folders of one test."""
    st.cache_resource.clear()
    st.cache_data.clear()
    yield
    st.cache_resource.clear()
    st.cache_data.clear()


@pytest.fixture
def open_lesson() -> Callable[..., Lesson]:
    """Open a page: `open_lesson("attention", head="1.3").sound()`."""
    return open_page


@pytest.fixture
def engine_elsewhere(sealed_environment: object) -> None:
    """An engine that is for ever starting: its lock names this process, so none is launched."""
    root = runs_root()
    root.mkdir(parents=True)
    me = {"pid": os.getpid(), "started": psutil.Process().create_time()}
    (root / ".engine.lock").write_text(json.dumps(me))
