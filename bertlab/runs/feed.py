"""A run's events as a page keeps them: what is new is added, what is too much is joined."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

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
    accuracies, and with "of", the number of steps that it stands for.

    Args:
        run: whose events.
        events: what was read and kept.
        offset: where the next reading begins, in bytes.
        stride: how many steps one event of training stands for.
    """

    run: Run
    events: list[dict[str, Any]] = field(default_factory=list)
    offset: int = 0
    stride: int = 1

    def read(self) -> list[dict[str, Any]]:
        """Read what is new, and return all that is kept."""
        path = self.run.folder / "events.jsonl"
        for block, end in json_blocks(path, after=self.offset):
            self.offset = end
            self._take(block)
        return self.events

    def _take(self, new: Sequence[dict[str, Any]]) -> None:
        self.events.extend(new)
        if any(event.get("kind") == "resumed" for event in new):
            self.events = without_repeats(self.events)
        steps = [event["step"] for event in self.events if event.get("kind") == "train"]
        while len({(step - 1) // self.stride for step in steps}) > MOST_TRAIN_EVENTS:
            self.stride *= 2
        if self.stride > 1:
            self.events = join_steps(self.events, stride=self.stride)


def join_steps(events: Sequence[dict[str, Any]], *, stride: int) -> list[dict[str, Any]]:
    """Make one event of every `stride` training steps; all other events stay.

    Losses 1.0, 2.0, 6.0 of steps 1, 2, 3 with a stride of 2
    -> step 2 with loss 1.5 "of" 2 steps, step 3 with loss 6.0
    """
    joined: list[dict[str, Any]] = []
    places: dict[int, int] = {}  # number of the stretch of steps -> where its event stands
    for event in events:
        if event.get("kind") != "train":
            joined.append(event)
            continue
        place = places.setdefault((event["step"] - 1) // stride, len(joined))
        if place == len(joined):
            joined.append(event)
        else:
            joined[place] = _join(joined[place], event)
    return joined


def _join(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    counts = first.get("of", 1), second.get("of", 1)
    means = {
        name: (counts[0] * first[name] + counts[1] * second[name]) / sum(counts)
        for name in MEANS
        if name in first and name in second
    }
    return {**second, **means, "of": sum(counts)}
