"""The first seconds of a server: the warm-up and the first page import at the same time."""

import subprocess
import sys
import textwrap
from pathlib import Path

from bertlab.ui.app import router_imports

ROUTER = Path(router_imports.__file__).with_name("router.py")

# transformers puts another object in its place in sys.modules while it is imported. Whoever
# imports it in that moment waits for the first object, which has none of its names.
FIRST_PAGE_IN_THE_WORST_MOMENT = f"""
    import os, sys, threading, time
    from bertlab.ui.app import warmup

    threading.Thread(target=warmup._warm_up, daemon=True).start()
    while "transformers" not in sys.modules:
        time.sleep(0.001)
    source = open({str(ROUTER)!r}).read()
    imports, found, rest = source.partition("ICON =")
    assert found and "model_picker" in imports
    exec(imports)
    print("imported", flush=True)
    os._exit(0)  # before the warm-up has come to the engine
"""


def test_the_first_page_and_the_warm_up_may_import_at_the_same_time():
    line = [sys.executable, "-c", textwrap.dedent(FIRST_PAGE_IN_THE_WORST_MOMENT)]
    done = subprocess.run(line, capture_output=True, text=True, timeout=120)
    assert done.stdout == "imported\n", done.stderr
