"""A run's events as a page keeps them: what is new is added, what is too much is joined."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from bertlab.runs.events import Event, ResumedEvent, TrainEvent, event_of, of_kind
from bertlab.runs.files import json_blocks
from bertlab.runs.run import Run, without_repeats

# A run may have 600,000 steps, and every open page would hold and walk them all twice a second.
# A curve is drawn with 500 points, so this many are more than can be seen.
MOST_TRAIN_EVENTS = 2_000
MEANS = ("loss", "accuracy", "mean_absolute_error")


@dataclass
class Feed:
    """A run's events so far, at most `MOST_TRAIN_EVENTS` of them from training steps.

    feed = Feed(run); feed.read() -> all events; a second later feed.read() -> the new ones too

    As long as they are few the events are those of `Run.history`. Of more, 2 (4, 8, ...)
    neighbouring steps become one event: the newest one's, with the mean of their losses and
    accuracies, and with `of`, the number of steps that it stands for.

    Args:
        run: whose events.
        events: what was read and kept.
        offset: where the next reading begins, in bytes.
        stride: how many steps one event of training stands for.
    """

    run: Run
    events: list[Event] = field(default_factory=list)
    offset: int = 0
    stride: int = 1

    def read(self) -> list[Event]:
        """Read what is new, and return all that is kept."""
        path = self.run.folder / "events.jsonl"
        for block, end in json_blocks(path, after=self.offset):
            self.offset = end
            self._take([event_of(line) for line in block])
        return self.events

    def _take(self, new: Sequence[Event]) -> None:
        self.events.extend(new)
        if of_kind(new, ResumedEvent):
            self.events = without_repeats(self.events)
        steps = [event.step for event in of_kind(self.events, TrainEvent)]
        while len({(step - 1) // self.stride for step in steps}) > MOST_TRAIN_EVENTS:
            self.stride *= 2
        if self.stride > 1:
            self.events = join_steps(self.events, stride=self.stride)


def join_steps(events: Sequence[Event], *, stride: int) -> list[Event]:
    """Make one event of every `stride` training steps; all other events stay.

    Losses 1.0, 2.0, 6.0 of steps 1, 2, 3 with a stride of 2
    -> step 2 with loss 1.5 `of` 2 steps, step 3 with loss 6.0
    """
    joined: list[Event] = []
    places: dict[int, int] = {}  # number of the stretch of steps -> where its event stands
    stretches: dict[int, list[TrainEvent]] = {}  # place -> the events that are joined there
    for event in events:
        if not isinstance(event, TrainEvent):
            joined.append(event)
            continue
        place = places.setdefault((event.step - 1) // stride, len(joined))
        if place == len(joined):
            joined.append(event)
            stretches[place] = []
        stretches[place].append(event)
    for place, stretch in stretches.items():
        joined[place] = _join(stretch)
    return joined


def _join(stretch: Sequence[TrainEvent]) -> TrainEvent:
    """Put the newest of some neighbouring steps in the place of all, with their means."""
    metrics, steps = stretch[0].metrics, stretch[0].of
    for event in stretch[1:]:
        means = {
            name: (steps * old + event.of * new) / (steps + event.of)
            for name in MEANS
            if (old := metrics.get(name)) is not None
            and (new := event.metrics.get(name)) is not None
        }
        metrics, steps = {**event.metrics, **means}, steps + event.of
    return replace(stretch[-1], metrics=metrics, of=steps) if len(stretch) > 1 else stretch[0]
