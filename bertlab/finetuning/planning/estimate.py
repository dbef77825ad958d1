"""How long a run will take: a few steps of this model on these texts, measured on this machine."""

from __future__ import annotations

import hashlib
import json
import math
import statistics
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from bertlab.datasets import Examples, Split
from bertlab.devices import choose_device
from bertlab.finetuning.data import ordered_batches
from bertlab.finetuning.evaluation import evaluate
from bertlab.finetuning.loop import LoopOptions, train
from bertlab.finetuning.optimization import start_training
from bertlab.finetuning.session import steps_per_check
from bertlab.finetuning.setup import FineTuningSetup, encode_examples, set_up
from bertlab.runs import Journal, Run, Status, create_run
from bertlab.runs.files import replace_text
from bertlab.runs.run import ESTIMATE
from bertlab.runs.settings import Settings
from bertlab.training.lifecycle import Ending, Stopped, execute_run

# The answer is to come within 5 seconds, of which loading the model and asking take one to three:
# steps are taken until their time is up, so that a busy machine does not take longer.
STEP_SECONDS = 1.5
MOST_STEPS, FEWEST_STEPS = 30, 3  # the first one is thrown away
BATCHES = 24  # texts in the sample, in batches: as few long ones among them as in the table
# What comes with every run beside steps and reading, measured with a small model on two cores:
# storing the model and tidying up; and, at each look at validation, measuring norms and noting it.
AROUND, NOTING = 0.45, 0.01  # seconds
READ_BEFORE = 8  # texts that are read once before the clock runs
READ = 2  # batches that are read without learning, one of short texts and one of longer ones
LEAST_SPREAD = 0.1  # a machine with little to do varies by so much from minute to minute
BUSY = 1.3  # steps that take so many times what they would alone are slowed by other work


@dataclass(frozen=True)
class Times:
    """What was measured.

    Args:
        load: seconds until the model was there and the sample encoded.
        step: seconds of one optimizer step, the mean of several.
        read: seconds in which one row is read without learning from it.
        rows: that a text makes, on average; above 1 where long texts are read in windows.
        spread: how far off `step` may be, as a share of it: twice its standard error, or
            `LEAST_SPREAD`.
        alone: seconds of a step in which it computed and did not wait for other programs.
        steps: how many were measured.
    """

    load: float
    step: float
    read: float
    rows: float = 1.0
    spread: float = LEAST_SPREAD
    alone: float = 0.0
    steps: int = 0

    @property
    def is_slowed(self) -> bool:
        """Whether other work on the machine made the steps noticeably longer."""
        return self.slowness > BUSY

    @property
    def slowness(self) -> float:
        """How many times longer a step took than it computed; 1 where nobody measured that."""
        return max(1.0, self.step / self.alone) if self.alone else 1.0


@dataclass(frozen=True)
class Parts:
    """How many examples each part of a split has."""

    train: int
    validation: int
    test: int

    def times(self, rows: float) -> Parts:
        """Count the rows that the texts make: of 10, 2, 2 texts and 1.5 rows each 15, 3, 3."""
        return Parts(*(round(count * rows) for count in (self.train, self.validation, self.test)))


def create_estimate(settings: Settings, examples: Examples, *, owner: str | None = None) -> Run:
    """Make the run that measures: a sample of the texts, no pinned sentences, one epoch.

    Args:
        settings: of the run that is planned.
        examples: what it will learn from.
        owner: a random id of who asks.
    """
    # Under gradual unfreezing the last epoch's steps are measured, the slowest ones.
    strategy = "full" if settings.strategy == "gradual" else settings.strategy
    asked = replace(settings, strategy=strategy)
    # A frozen encoder reads the sample once before its steps, which take next to no time.
    batches = BATCHES if strategy != "frozen" else BATCHES // 4
    sample = examples.sample(batches * settings.batch_size)
    return create_probe(ESTIMATE, asked, sample, owner=owner)


def create_probe(
    kind: str, settings: Settings, sample: Examples, *, owner: str | None = None
) -> Run:
    """Make a run that measures something on a few texts and makes no model.

    Args:
        kind: one of PROBES.
        settings: of the run that is planned.
        sample: what it reads.
        owner: a random id of who asks.
    """
    asked = replace(settings, pinned=(), epochs=1, patience=0, name="")
    nothing = sample.subset(())
    return create_run(asked, Split(sample, nothing, nothing), owner=owner, kind=kind)


def execute_estimate(run: Run) -> Status:
    """Measure in this process; `result.json` then holds `Times`.

    Raises:
        RunError: somebody else executes the run.
    """
    return execute_run(run, lambda journal: _measure(run, journal))


def estimate_key(settings: Settings, examples: Examples) -> str:
    """Name a measurement: what it depends on, epochs, seed and learning rate left out."""
    names = ("model", "strategy", "trained_layers", "batch_size", "max_length", "truncation")
    asked = [getattr(settings, name) for name in (*names, "precision", "device")]
    texts = examples.sample(64).texts
    told = json.dumps([asked, len(examples), texts])
    return hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()[:16]


def estimate_seconds(times: Times, settings: Settings, parts: Parts) -> float:
    """Add up what a run will take.

    100 texts in batches of 10, 2 epochs at 0.1 s a step, 1 s to load, 10 for validation read 20
    times at 0.01 s, 10 + 10 read at the end -> 1 + 2 + 2 + 0.2 = 5.2 s, and beside them
    0.45 + 20 x 0.01 = 0.65 s; more where other work slows the machine.

    Args:
        times: measured.
        settings: of the planned run.
        parts: of its split.
    """
    parts = parts.times(times.rows)
    steps = math.ceil(parts.train / settings.batch_size) * settings.epochs
    at_the_end = (parts.validation + parts.test) * times.read
    checks = _checks(settings, parts)
    if settings.strategy == "frozen":  # every text is read once; looking at vectors costs nothing
        reading = (parts.train + parts.validation) * times.read
    else:
        reading = checks * parts.validation * times.read
    beside = (AROUND + checks * NOTING) * times.slowness
    return times.load + steps * times.step + reading + at_the_end + beside


def estimate_range(times: Times, settings: Settings, parts: Parts) -> tuple[float, float]:
    """Say between what times a run will end, by how much the steps differed.

    Steps of 0.1 s with a spread of 0.2 -> added up with 0.08 s and with 0.12 s; where they would
    take 0.04 s on a machine that does nothing else, the lesser time is added up with that.

    Args:
        times: measured.
        settings: of the planned run.
        parts: of its split.
    """
    least = max(0.0, 1 - times.spread)
    if times.is_slowed:
        least = min(least, times.alone / times.step)
    low, high = (
        replace(times, load=times.load * min(1.0, share), step=times.step * share,
                read=times.read * share)
        for share in (least, 1 + times.spread)
    )  # fmt: skip
    return estimate_seconds(low, settings, parts), estimate_seconds(high, settings, parts)


def ways_to_halve(times: Times, settings: Settings, parts: Parts) -> list[tuple[str, float]]:
    """Name changes that would at least halve the time, each with the seconds it would then take.

    Only what can be judged by the measurement: fewer epochs, and a frozen encoder, of which the
    reading is counted and the head's own steps, milliseconds each, are not.
    """
    now = estimate_seconds(times, settings, parts)
    ways: list[tuple[str, float]] = []
    if fewer := settings.epochs // 2:
        text = f"{fewer} epoch{'s' * (fewer > 1)} instead of {settings.epochs}"
        shorter = replace(settings, epochs=fewer)
        ways.append((text, estimate_seconds(times, shorter, parts)))
    if settings.strategy != "frozen":
        frozen = replace(settings, strategy="frozen")
        reading = replace(times, step=0.0)
        ways.append(("a frozen encoder", estimate_seconds(reading, frozen, parts)))
    return [(text, seconds) for text, seconds in ways if seconds <= 0.55 * now]


def read_times(result: Mapping[str, Any]) -> Times:
    """Read what `execute_estimate` stored."""
    return Times(**result)


def _checks(settings: Settings, parts: Parts) -> int:
    """Count how often validation is looked at, as the loop does."""
    per_epoch = math.ceil(parts.train / settings.batch_size)
    every = steps_per_check(per_epoch, settings.epochs)
    return settings.epochs * math.ceil(per_epoch / every)


def _measure(run: Run, journal: Journal) -> Ending:
    journal.update(phase="starting", message="Measuring a few steps.")
    began = time.perf_counter()
    setup = set_up(run, journal, choose_device(run.settings.device))
    load = time.perf_counter() - began
    times = _steps_taken(setup)
    if run.is_stop_requested():
        raise Stopped
    count = len(setup.train.lengths)
    read = _read_time(setup, run)
    if run.settings.strategy == "frozen":  # the sample has been read, which is not loading
        load = max(0.0, load - count * read)
    rows = count / run.about["examples"]["train"]
    times = replace(times, load=load, read=read, rows=rows)
    replace_text(run.folder / "result.json", json.dumps(asdict(times)))
    return Ending(was_stopped=False, step=times.steps, accuracy=None)


def _steps_taken(setup: FineTuningSetup) -> Times:
    """Take steps for real until the time is up; the first one, which loads code, does not count."""
    taken = list(_step_times(setup))
    seconds, computed = zip(*(taken[1:] or taken), strict=True)
    step = statistics.fmean(seconds)
    error = statistics.stdev(seconds) / math.sqrt(len(seconds)) if len(seconds) > 1 else step
    return Times(
        load=0.0, step=step, read=0.0, spread=max(LEAST_SPREAD, 2 * error / step),
        alone=statistics.fmean(computed), steps=len(seconds),
    )  # fmt: skip


def _step_times(setup: FineTuningSetup) -> Iterator[tuple[float, float]]:
    """Yield the seconds of each step, and those that its thread had a processor for."""
    state = start_training(setup.trained, learning_rate=1e-9, steps=MOST_STEPS)
    options = LoopOptions(
        epochs=MOST_STEPS,
        batch_size=setup.settings.batch_size,
        seed=0,
        device=setup.device,
        use_bf16=setup.encoder_uses_bf16,
    )
    steps = train(state, setup.train, setup.task, options)
    start = time.perf_counter()
    for taken in range(MOST_STEPS):
        began, computed = time.perf_counter(), time.thread_time()
        if taken >= FEWEST_STEPS and began - start > STEP_SECONDS:
            return
        if next(steps, None) is None:
            return
        yield time.perf_counter() - began, time.thread_time() - computed


def _read_time(setup: FineTuningSetup, run: Run) -> float:
    """Let the whole model read some of the sample, without learning; the first texts load code."""
    tokenizer, task = setup.tokenizer, setup.task
    texts = run.examples("train")
    batches = list(ordered_batches([len(text) for text in texts.texts]))
    chosen = {(2 * which + 1) * len(batches) // (2 * READ) for which in range(READ)}
    taken = [index for number in chosen for index in batches[number]]
    for some in (taken[:READ_BEFORE], taken):
        data = encode_examples(tokenizer, task, texts.subset(some), setup.settings)
        began = time.perf_counter()
        evaluate(setup.model, data, device=setup.device, use_bf16=setup.use_bf16, task=task)
    return (time.perf_counter() - began) / len(data.lengths)
