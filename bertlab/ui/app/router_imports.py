"""What every page is made of, imported by one thread: the warm-up's or the first page's."""

import threading

_one_at_a_time = threading.Lock()


def import_all() -> None:
    """Import what the router imports; a second thread that asks meanwhile waits for the first.

    transformers puts another object in its place in ``sys.modules`` while it is imported. A thread
    that imports it in that moment gets the first object, which has none of its names, and fails
    with "cannot import name".
    """
    with _one_at_a_time:
        from bertlab.ui.app import navigation, share, style  # noqa: F401
        from bertlab.ui.figures import changes  # noqa: F401
        from bertlab.ui.state import caches, url_state  # noqa: F401
        from bertlab.ui.widgets import model_picker  # noqa: F401
