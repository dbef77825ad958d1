"""What is made ready while the first student is still typing the address."""

import logging
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

log = logging.getLogger(__name__)

# The engine loads torch a second time, which would slow the first page down on two cores. Nobody
# starts a run sooner than this; and starting one starts the engine anyway.
ENGINE_DELAY = 3.0  # seconds


@asynccontextmanager
async def lifespan(app: Any) -> AsyncIterator[None]:
    """Start the server at once and load the default model and the engine beside it."""
    threading.Thread(target=_warm_up, name="bertlab-warm-up", daemon=True).start()
    yield


def _warm_up() -> None:
    """Load the default model as the pages would, then start the training engine."""
    from bertlab.ui.app import router_imports

    router_imports.import_all()
    from bertlab.models import DEFAULT_MODEL
    from bertlab.ui.state import caches

    # Streamlit warns of any thread that is not a page's; this one only fills a shared cache.
    logging.getLogger("streamlit.runtime.scriptrunner_utils.script_run_context").setLevel(
        logging.ERROR
    )
    try:
        caches.warm(DEFAULT_MODEL)
    except Exception:  # a page will show what is wrong; the server itself must come up
        log.exception("The default model could not be warmed up.")
    time.sleep(ENGINE_DELAY)
    try:
        from bertlab.engine import ensure_engine

        ensure_engine()
    except Exception:
        log.exception("The training engine could not be started.")
