"""Equal runs: of thirty students who press the same Start, twenty-nine can look at one result.

A run's fingerprint is a hash of all that decides what comes of it: its data, its settings and its
seed. It stands in `about.json`; what the run is called is left out.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from bertlab.datasets import Split
from bertlab.runs.settings import Settings


def fingerprint(settings: Settings, split: Split) -> str:
    """Name what a fine-tuning run will compute: the same rows, settings and seed, the same name.

    Args:
        settings: of the run.
        split: its data.
    """
    values = {key: value for key, value in asdict(settings).items() if key != "name"}
    parts = (split.train, split.validation, split.test)
    told = [
        [part.texts, part.pairs, part.labels, part.label_names, part.problem_type] for part in parts
    ]
    return digest(values, (json.dumps(part).encode() for part in told))


def digest(values: Mapping[str, Any], data: Iterable[bytes]) -> str:
    """Hash settings and the data beside them: 32 hexadecimal digits.

    Args:
        values: ready for JSON.
        data: piece by piece; where one ends and the next begins matters.
    """
    found = hashlib.sha256(json.dumps(values, sort_keys=True).encode())
    for piece in data:
        found.update(hashlib.sha256(piece).digest())
    return found.hexdigest()[:32]
