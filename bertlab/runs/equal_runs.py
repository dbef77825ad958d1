"""Equal runs: one that was finished already, for a start that would compute the same."""

from __future__ import annotations

from bertlab.runs.files import read_json
from bertlab.runs.run import ID_PATTERN, Run, runs_root


def find_finished(wanted: str) -> Run | None:
    """Find the newest finished run of this fingerprint, whoever started it; None without one.

    Of each other run one small file is looked at.

    Args:
        wanted: see `fingerprints.fingerprint`; "" is that of no run.
    """
    found: list[Run] = []
    for path in runs_root().glob("*/about.json"):
        is_run = wanted and ID_PATTERN.fullmatch(path.parent.name)
        if is_run and read_json(path).get("fingerprint") == wanted:
            found.append(Run(path.parent.name, path.parent))
    finished = [run for run in found if run.status().phase == "finished" and run.result()]
    return max(finished, key=lambda run: run.status().created, default=None)
