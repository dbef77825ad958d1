"""Statistics over many sentences: computed once for everybody, with a bar while it takes."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import streamlit as st

from bertlab.inspection.batched_attention import plan_batches
from bertlab.inspection.bundled_sentences import Sentence
from bertlab.inspection.heads.entropy import LayerEntropy, entropy_by_layer
from bertlab.inspection.heads.measures import Measured, encode_sentence, measure_all
from bertlab.inspection.heads.random_twin import random_twin
from bertlab.inspection.heads.roles import RoleScores, score_roles
from bertlab.ui.state import caches
from bertlab.views.shared.times import duration

if TYPE_CHECKING:
    from bertlab.models import LoadedModel


@dataclass
class _Job:
    """One measuring of some sentences, which whoever looks at the page drives on.

    A page that is left in the middle, or a batch that fails, leaves what is in `batches` to the
    next visitor. `lock` is held by the one who drives; the others watch `done`.

    Attributes:
        name: The model's; the job holds no model itself, so that it keeps none in memory.
        sentences: All of them.
        batches: The numbers of sentences that the model is still to measure together, and after
            them (True) its random twin.
        model, twin: What was measured, by the sentence's number.
        seconds: Spent on the steps so far.
    """

    name: str
    sentences: tuple[Sentence, ...]
    batches: list[tuple[bool, list[int]]]
    model: dict[int, Measured] = field(default_factory=dict)
    twin: dict[int, Measured] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)
    seconds: float = 0.0

    @property
    def total(self) -> int:
        return 2 * len(self.sentences)

    @property
    def done(self) -> int:
        return len(self.model) + len(self.twin)

    @property
    def is_finished(self) -> bool:
        return not self.batches

    def step(self) -> None:
        """Measure one more batch; where that fails, the batch stays."""
        started = time.monotonic()
        is_twin, numbers = self.batches[0]
        loaded = _twin(self.name) if is_twin else caches.model(self.name)
        found = dict(measure_all(loaded, [self.sentences[number] for number in numbers]))
        (self.twin if is_twin else self.model).update(
            {numbers[place]: measured for place, measured in found.items()}
        )
        del self.batches[0]
        if self.is_finished:
            _twin.clear(self.name)
        self.seconds += time.monotonic() - started


@dataclass(frozen=True)
class SentenceStatistics:
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
) -> SentenceStatistics | None:
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


# 200 inputs of 128 tokens are 400 times 350 kB = 141 MB in a 12 x 12 model; usual ones are a tenth.
@st.cache_resource(max_entries=4, show_spinner=False)
def _job(model: str, sentences: tuple[Sentence, ...]) -> _Job:
    """What has been measured of some sentences so far."""
    loaded = caches.model(model)
    batches = plan_batches([len(encode_sentence(loaded, one).tokens) for one in sentences])
    return _Job(model, sentences, [(is_twin, one) for is_twin in (False, True) for one in batches])


# As large as the model; two, so that jobs for two models in turn do not draw it for every batch.
@st.cache_resource(max_entries=2, show_spinner=False)
def _twin(model: str) -> LoadedModel:
    """The random twin, there while a job needs it."""
    return random_twin(caches.model(model))


# A few kB each, and the half of a job that is the model's: 70 MB at worst where the job is gone.
@st.cache_resource(max_entries=8, show_spinner=False)
def _statistics(
    model: str, groups: tuple[tuple[Sentence, ...], ...], is_aside: bool, _jobs: list[_Job]
) -> SentenceStatistics:
    pairs = [(job.model[number], job.twin[number]) for job in _jobs for number in sorted(job.model)]
    measured, twin = (tuple(column) for column in zip(*pairs, strict=True))
    return SentenceStatistics(
        measured,
        score_roles(measured, twin, is_aside=is_aside),
        entropy_by_layer(measured),
        entropy_by_layer(twin),
    )


def _drive(job: _Job) -> None:
    """Take the job to its end, or watch somebody else do so, behind a progress bar."""
    place = st.empty()  # in every run, so that what stands below keeps its place
    try:
        while not job.is_finished:
            place.progress(min(job.done / job.total, 1.0), _say(job))
            if job.lock.acquire(timeout=0.3):
                try:
                    _step_for_a_while(job)
                finally:
                    job.lock.release()
    finally:
        place.empty()


def _step_for_a_while(job: _Job) -> None:
    until = time.monotonic() + 0.3
    while not job.is_finished and time.monotonic() < until:
        job.step()


def _say(job: _Job) -> str:
    count = job.total // 2
    is_twin = len(job.model) >= count
    what = "the same heads with random weights" if is_twin else "all heads"
    done = len(job.twin) if is_twin else len(job.model)
    left = job.seconds * (job.total - job.done) / max(job.done, 1)
    rest = f", about {duration(left)} left" if job.done > 20 and left >= 1 else ""
    return f"Measuring {what}: sentence {done:,} of {count:,}{rest} …"
