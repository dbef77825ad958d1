"""How quickly the fine-tuning page opens with no run in the folder, and with 200.

    python tests/benchmarks/bench_many_runs.py [--runs 200]

Half of the runs are this browser's own, the other half of other students; all are finished. What
is measured is the page's script from its first line to its last, in this process and without a
browser, the median of several openings, and what it opens in the runs' folders. Bar: 1 s.
"""

import argparse
import os
import statistics
import tempfile
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

from streamlit.testing.v1 import AppTest

from bertlab.datasets import Examples, Split
from bertlab.engine.waiting import places
from bertlab.runs import create_run, list_runs
from bertlab.runs.settings import Settings
from bertlab.runs.status import write_status

ROOT = Path(__file__).parents[2]
ME, OPENINGS = "B" * 22, 7
ROWS = Examples(("good", "bad"), None, ("1", "0"), ("0", "1"), (2, 3))


def main() -> None:
    """Print the seconds side by side."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--runs", type=int, default=200)
    number = arguments.parse_args().runs
    with tempfile.TemporaryDirectory() as folder:
        report("no run", Path(folder) / "empty")
        os.environ["BERTLAB_RUNS"] = str(Path(folder) / "full")
        for index in range(number):
            store_run(owner=ME if index % 2 else "C" * 22)
        report(f"{number} runs", Path(folder) / "full")


def store_run(*, owner: str) -> None:
    """A run that is over."""
    run = create_run(Settings(), Split(ROWS, ROWS, ROWS), owner=owner)
    done = replace(run.status(), phase="finished", progress=1.0, accuracy=0.5)
    write_status(run.folder / "status.json", done)


def report(what: str, folder: Path) -> None:
    """Measure one folder of runs."""
    os.environ["BERTLAB_RUNS"] = str(folder)
    taken = [open_page() for _ in range(OPENINGS)]
    rest = sorted(taken[1:])
    print(
        f"{what:<10} first {taken[0]:5.2f} s   then median {statistics.median(rest):5.2f} s, "
        f"worst {rest[-1]:5.2f} s   list_runs {timed(list_runs) * 1000:5.0f} ms, "
        f"places {timed(places) * 1000:5.0f} ms   files opened by the list: {opened(list_runs)}"
    )


def open_page() -> float:
    """Seconds of the page's script."""
    began = time.perf_counter()
    app = AppTest.from_file(str(ROOT / "pages" / "fine_tuning.py"), default_timeout=120)
    with patch("bertlab.ui.run_parts.student_id", return_value=ME):
        app.run()
    if app.exception:
        raise RuntimeError(app.exception[0].value)
    return time.perf_counter() - began


def timed(work) -> float:
    """Seconds of a call, the best of three."""
    seconds = []
    for _ in range(3):
        began = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - began)
    return min(seconds)


def opened(work) -> int:
    """How many files a call reads whole."""
    calls, read = Counter(), Path.read_text

    def counting(path, *arguments, **options):
        calls[path.name] += 1
        return read(path, *arguments, **options)

    with patch.object(Path, "read_text", counting):
        work()
    return calls.total()


if __name__ == "__main__":
    main()
