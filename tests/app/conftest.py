"""The app without a browser: each test starts at the router; what was computed stays at hand."""

import json
import os
from collections.abc import Callable, Iterator
from functools import cache

import pytest
import streamlit as st
from lesson_pages import Lesson, open_page
from streamlit.components.v2 import manifest_scanner

from bertlab.runs import runs_root
from bertlab.runs.lease import process_identity

# Fixtures of tests that put models into folders of their own, or that must compute anew.
OWN_MODELS = {"models_root", "hub_cache", "local_hub", "nothing_computed"}


@pytest.fixture(autouse=True, scope="session")
def one_look_for_components() -> Iterator[None]:
    """Streamlit's AppTest looks for components in all installed packages at every run: 0.4 s."""
    with pytest.MonkeyPatch.context() as patch:
        once = cache(manifest_scanner.scan_component_manifests)
        patch.setattr(manifest_scanner, "scan_component_manifests", once)
        yield


def clear_caches() -> None:
    st.cache_resource.clear()
    st.cache_data.clear()


@pytest.fixture(autouse=True, scope="session")
def empty_caches() -> Iterator[None]:
    """What was computed of the embedded and the shared models is at hand for all other tests."""
    clear_caches()
    yield
    clear_caches()


@pytest.fixture(autouse=True)
def own_caches(request: pytest.FixtureRequest) -> Iterator[None]:
    """Cached models that belong to the folders of one test stay with it."""
    has_own = not OWN_MODELS.isdisjoint(request.fixturenames)
    if has_own:
        clear_caches()
    yield
    if has_own:
        clear_caches()


@pytest.fixture
def nothing_computed() -> None:
    """A test that takes this finds empty caches, and leaves them so: see OWN_MODELS."""


@pytest.fixture
def open_lesson() -> Callable[..., Lesson]:
    """Open a page: `open_lesson("attention", head="1.3").sound()`."""
    return open_page


@pytest.fixture
def engine_elsewhere(sealed_environment: object) -> None:
    """An engine that is for ever starting: its lock names this process, so none is launched."""
    root = runs_root()
    root.mkdir(parents=True)
    me = process_identity(os.getpid())
    (root / ".engine.lock").write_text(json.dumps(me))
