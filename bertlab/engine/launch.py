"""Starting the engine's process: of many who ask one does it, and not for ever.

A launch is a file `.engine.launch-N` that only one process can create, as with leases. An
engine that is up removes all of them; so N - 1 counts the launches before that failed in a row,
and an engine that cannot start at all is tried again after longer and longer pauses.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

import bertlab
from bertlab.runs import runs_root
from bertlab.runs.files import read_json, replace_text
from bertlab.runs.lease import process_identity, process_is_alive

MARK, LOG = ".engine.launch-", "engine.log"
STARTING_SECONDS = 15.0  # a launch that nothing more is known of counts as under way for so long
HANGING_SECONDS = 60.0  # and so long where its process lives: a busy machine loads slowly
PAUSES = (0.0, 2.0, 5.0, 60.0)  # seconds from one launch to the next: the first, second, ...
TAIL_LINES, TAIL_CHARACTERS = 3, 500

# Start the engine from a process that ends at once: the engine then belongs to nobody,
# outlives whoever asked for it, and leaves no dead child behind in the web server.
_LAUNCH = """
import subprocess, sys
apart = getattr(subprocess, "DETACHED_PROCESS", 0)  # Windows has no sessions
with open(sys.argv[1], "ab") as log:
    engine = subprocess.Popen([sys.executable, "-m", "bertlab.engine.main"],
                              start_new_session=True, creationflags=apart,
                              stdin=subprocess.DEVNULL, stdout=log, stderr=log)
print(engine.pid)
engine.returncode = 0  # nobody waits for it
"""


@dataclass(frozen=True)
class Launch:
    """The newest attempt to start the engine.

    Args:
        number: how many there were since it was last up; 0 for none.
        age: seconds since then.
        pid: of the process that was started; 0 while unknown, and when the launch is over.
        is_under_way: whether it may still succeed.
        log_start: where its part of the log begins, in bytes.
    """

    number: int = 0
    age: float = 0.0
    pid: int = 0
    is_under_way: bool = False
    log_start: int = 0

    @property
    def failures(self) -> int:
        """How many launches failed in a row."""
        return self.number - self.is_under_way

    @property
    def is_next_due(self) -> bool:
        """Whether it is time for another one."""
        pause = PAUSES[min(self.number, len(PAUSES) - 1)]
        return not self.is_under_way and not 0 <= self.age < pause

    def log_tail(self) -> str:
        """Read the last lines that the process wrote; "" if it wrote none."""
        try:
            with (runs_root() / LOG).open("rb") as file:
                file.seek(self.log_start)
                text = file.read().decode("utf-8", "replace")
        except OSError:
            return ""
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        return "\n".join(lines[-TAIL_LINES:])[-TAIL_CHARACTERS:]


def newest_launch() -> Launch:
    """Look up the newest launch; the one number 0 if the engine was up since."""
    number = max(_numbers(), default=0)
    path = runs_root() / f"{MARK}{number}"
    try:
        age = time.time() - path.stat().st_mtime
    except OSError:
        return Launch()
    mark = read_json(path)
    pid = int(mark.get("pid", 0))
    if pid:
        lives = process_is_alive(mark)
        is_under_way = lives and 0 <= age < HANGING_SECONDS
    else:  # it is just being started; or its launcher was killed in the middle
        is_under_way = 0 <= age < STARTING_SECONDS and not mark.get("is_over")
    return Launch(number, age, pid if is_under_way else 0, is_under_way, int(mark.get("log", 0)))


def launch_if_due() -> bool:
    """Start the engine, unless somebody is at it or it failed too recently.

    Returns:
        Whether this call started it.
    """
    last = newest_launch()
    if not last.is_next_due:
        return False
    root = runs_root()
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    log = root / LOG
    mark = {"log": log.stat().st_size if log.exists() else 0}
    path = root / f"{MARK}{last.number + 1}"
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(json.dumps(mark))
    except FileExistsError:  # somebody was quicker
        return False
    except OSError:  # a full disk, on which the engine could not write its lock either
        path.unlink(missing_ok=True)
        return False
    replace_text(path, json.dumps({**mark, **_start(root)}))
    for number in _numbers():
        if number < last.number:  # the last two are enough to count on
            (root / f"{MARK}{number}").unlink(missing_ok=True)
    return True


def forget_launches() -> None:
    """Count from 0 again: the engine is up, or somebody asks for a new attempt."""
    for number in _numbers():
        (runs_root() / f"{MARK}{number}").unlink(missing_ok=True)


def _start(root: Path) -> dict[str, Any]:
    """Start the process; return who it is, or that it is over already."""
    package = str(Path(bertlab.__file__).parents[1])
    path = os.pathsep.join(filter(None, [package, os.environ.get("PYTHONPATH", "")]))
    try:
        launcher = subprocess.run(
            [sys.executable, "-c", _LAUNCH, str(root / LOG)],
            check=True,
            env={**os.environ, "PYTHONPATH": path, "BERTLAB_RUNS": str(root)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        return process_identity(int(launcher.stdout))
    except psutil.Error:  # it has ended within these milliseconds
        return {"is_over": True}
    except (OSError, subprocess.CalledProcessError, ValueError) as error:
        said = getattr(error, "stderr", None) or error
        with (root / LOG).open("a", encoding="utf-8") as log:
            log.write(f"The engine's process could not be started: {said}\n")
        return {"is_over": True}


def _numbers() -> list[int]:
    names = [path.name.removeprefix(MARK) for path in runs_root().glob(f"{MARK}*")]
    return [int(name) for name in names if name.isdigit()]
