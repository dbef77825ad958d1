"""The app without a browser: each test starts at the router, with empty caches."""

from collections.abc import Callable, Iterator

import pytest
import streamlit as st
from lesson_pages import Lesson, open_page


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
