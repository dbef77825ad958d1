"""Statistics over many sentences: computed once for everybody, with a bar while it takes."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import streamlit as st

from bertlab.inside.head_measures import Measured, measure_all
from bertlab.inside.head_roles import RoleScores, score_roles
from bertlab.inside.layer_entropy import LayerEntropy, entropy_by_layer
from bertlab.inside.random_twin import random_twin
from bertlab.sentences import Sentence
from bertlab.ui import caches
from bertlab.views.times import duration

if TYPE_CHECKING:
    from bertlab.models import LoadedModel

Step = tuple[bool, int, Measured]  # is it the twin's, number of the sentence, what was measured


@dataclass
class _Job:
    """One measuring of some sentences, which whoever looks at the page drives on.

    A page that is left in the middle leaves the rest of `steps` to the next visitor. `lock` is held
    by the one who drives; the others watch `done`.
    """

    total: int
    steps: Iterator[Step]
    model: dict[int, Measured] = field(default_factory=dict)
    twin: dict[int, Measured] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)
    seconds: float = 0.0  # spent on the steps so far
    is_finished: bool = False

    @property
    def done(self) -> int:
        return len(self.model) + len(self.twin)

    def step(self) -> None:
        """Measure one more sentence."""
        started = time.monotonic()
        try:
            is_twin, number, measured = next(self.steps)
            (self.twin if is_twin else self.model)[number] = measured
        except StopIteration:
            self.is_finished = True
        self.seconds += time.monotonic() - started


@dataclass(frozen=True)
class HeadStatistics:
    """All that the lesson on heads knows about many sentences.

    Attributes:
        measured: The model's, in the order of the sentences.
        scores: Of all heads for all roles.
        entropy, twin_entropy: By layer.
    """

    measured: tuple[Measured, ...]
    scores: RoleScores
    entropy: LayerEntropy
    twin_entropy: LayerEntropy


def head_statistics_over(
    model: str, *groups: tuple[Sentence, ...], is_aside: bool = False
) -> HeadStatistics | None:
    """Measure all heads and those of the random twin; a progress bar stands there meanwhile.

    Groups are measured apart, so that a new sentence of the student's does not measure the bundled
    ones again. None where there are fewer than two sentences: then nothing can be left out of an
    average. `is_aside` is as in `score_roles`.
    """
    given = tuple(dict.fromkeys(group for group in groups if group))
    jobs = [_job(model, group) for group in given]
    for job in jobs:
        _drive(job)
    if sum(len(job.model) for job in jobs) < 2:
        return None
    return _statistics(model, given, is_aside, jobs)


@st.cache_resource(max_entries=4, show_spinner=False)  # the sums of 200 sentences: 90 MB at worst
def _job(model: str, sentences: tuple[Sentence, ...]) -> _Job:
    """What has been measured of some sentences so far; a few MB for sentences of usual length."""
    return _Job(2 * len(sentences), _steps(caches.model(model), sentences))


@st.cache_resource(max_entries=8, show_spinner=False)  # a few kB each, beside the jobs' own
def _statistics(
    model: str, groups: tuple[tuple[Sentence, ...], ...], is_aside: bool, _jobs: list[_Job]
) -> HeadStatistics:
    pairs = [(job.model[number], job.twin[number]) for job in _jobs for number in sorted(job.model)]
    measured, twin = (tuple(column) for column in zip(*pairs, strict=True))
    return HeadStatistics(
        measured,
        score_roles(measured, twin, is_aside=is_aside),
        entropy_by_layer(measured),
        entropy_by_layer(twin),
    )


def _steps(loaded: LoadedModel, sentences: tuple[Sentence, ...]) -> Iterator[Step]:
    for number, measured in measure_all(loaded, sentences):
        yield False, number, measured
    for number, measured in measure_all(random_twin(loaded), sentences):
        yield True, number, measured


def _drive(job: _Job) -> None:
    """Take the job to its end, or watch somebody else do so, behind a progress bar."""
    if job.is_finished:
        return
    place = st.empty()
    while not job.is_finished:
        with place.container():
            st.progress(min(job.done / job.total, 1.0), _say(job))
        if not job.lock.acquire(timeout=0.3):
            continue
        try:
            until = time.monotonic() + 0.3
            while not job.is_finished and time.monotonic() < until:
                job.step()
        except Exception:
            _job.clear()  # a broken generator cannot be driven on
            raise
        finally:
            job.lock.release()
    place.empty()


def _say(job: _Job) -> str:
    count = job.total // 2
    is_twin = len(job.model) >= count
    what = "the same heads with random weights" if is_twin else "all heads"
    done = len(job.twin) if is_twin else len(job.model)
    left = job.seconds * (job.total - job.done) / max(job.done, 1)
    rest = f", about {duration(left)} left" if job.done > 20 and left >= 1 else ""
    return f"Measuring {what}: sentence {done:,} of {count:,}{rest} …"
