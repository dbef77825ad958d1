"""What happens in a run, as a stream of small records: each is one line of its `events.jsonl`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field, replace
from typing import Any, ClassVar, TypeVar


@dataclass(frozen=True)
class Event(ABC):
    """One thing that happened, of whatever kind.

    MessageEvent("The encoder is frozen.", step=7, seconds=1.2, examples=112).as_dict()
      -> {"kind": "message", "step": 7, "seconds": 1.2, "examples": 112, "text": "The enc..."}

    Args:
        step: optimizer steps taken so far.
        seconds: since the training began, interruptions left out.
        examples: training examples seen so far, repeats counted.
    """

    kind: ClassVar[str]
    _: KW_ONLY
    step: int = 0
    seconds: float = 0.0
    examples: int = 0

    def as_dict(self) -> dict[str, object]:
        """Flatten the event for a line of JSON; `event_of` reads it again."""
        head = {"kind": self.kind, "step": self.step, "seconds": round(self.seconds, 3)}
        return {**head, "examples": self.examples, **self._values()}

    @abstractmethod
    def _values(self) -> dict[str, object]:
        """What belongs to this kind, ready for JSON."""


@dataclass(frozen=True)
class MeasuredEvent(Event):
    """Something was measured.

    Args:
        metrics: the loss in nats, and what else the task is told by, such as
            {"loss": 0.61, "accuracy": 0.75}; None for what could not be measured.
    """

    metrics: Mapping[str, float | None]

    @property
    def loss(self) -> float:
        """The mean loss, in nats; of numbers in squared deviations (see `NumberScores`)."""
        return self.metric("loss")

    def metric(self, name: str) -> float:
        """Look up a figure that was measured.

        TrainEvent({"loss": 0.61, "accuracy": 0.75}).metric("accuracy") -> 0.75

        Raises:
            KeyError: it was not.
        """
        value = self.metrics[name]
        if value is None:
            raise KeyError(name)
        return value

    def has(self, name: str) -> bool:
        """Whether a figure was measured."""
        return self.metrics.get(name) is not None


@dataclass(frozen=True)
class TrainEvent(MeasuredEvent):
    """A training step was taken; or, where a long run was shortened, several.

    TrainEvent({"loss": 0.61, "accuracy": 0.75}, learning_rate=3e-5, epoch=0, step=7)

    Args:
        metrics: of its batch, before the step: "loss", and "accuracy" or "mean_absolute_error"; in
            pre-training also "next" (the loss of the next sentence, in nats), "teacher" and
            "words" (distances from a teacher's vectors).
        learning_rate: that it took.
        epoch: it belongs to, from 0; None in pre-training.
        tokens: seen so far, this step's included; None in fine-tuning.
        of: how many steps it stands for; their mean loss, accuracy and error then stand in it.
    """

    kind: ClassVar[str] = "train"
    learning_rate: float | None = None
    epoch: int | None = None
    tokens: int | None = None
    of: int = 1

    def _values(self) -> dict[str, object]:
        place = _given(learning_rate=self.learning_rate, epoch=self.epoch, tokens=self.tokens)
        joined = {"of": self.of} if self.of > 1 else {}
        return {**self.metrics, **place, **joined}


@dataclass(frozen=True)
class ValidationEvent(MeasuredEvent):
    """The model answered texts that it does not learn from: validation, or held-out text.

    ValidationEvent({"accuracy": 0.8, "macro_f1": 0.7, "loss": 0.5, "quality": 0.8}, epoch=0)

    Args:
        metrics: of fine-tuning the scores of its task, and "quality", which validation chooses
            by; of pre-training those of `HeldoutScores`, "next_accuracy" None without pairs.
        epoch: in which it was asked, from 0; None where the training did not get on.
        epoch_end: whether that was the end of an epoch; None in pre-training.
        asked: validation examples. A line has these for its "examples", so that in an event that
            was read they are `examples`, and this is None.
    """

    kind: ClassVar[str] = "validation"
    epoch: int | None = None
    epoch_end: bool | None = None
    asked: int | None = None

    def _values(self) -> dict[str, object]:
        where = _given(epoch=self.epoch, epoch_end=self.epoch_end)
        return {**_given(examples=self.asked), **self.metrics, **where}


@dataclass(frozen=True)
class PinnedPrediction:
    """What the model said of one pinned sentence.

    Args:
        text: the sentence.
        probabilities: by label, 0 to 1; of a number its name and the number.
    """

    text: str
    probabilities: Mapping[str, float]


@dataclass(frozen=True)
class PinnedEvent(Event):
    """The model was asked about the pinned sentences.

    PinnedEvent((PinnedPrediction("a good film", {"neg": 0.2, "pos": 0.8}),), step=30)

    Args:
        predictions: one a sentence, in their order.
    """

    kind: ClassVar[str] = "pinned"
    predictions: tuple[PinnedPrediction, ...]

    def _values(self) -> dict[str, object]:
        rows = [
            {"text": one.text, "probabilities": dict(one.probabilities)} for one in self.predictions
        ]
        return {"predictions": rows}


@dataclass(frozen=True)
class PlanEvent(Event):
    """What the picture of the strategy needs: the model may be gone when it is looked at.

    Args:
        layers: of the encoder.
        learning_rate: the peak of the topmost part's.
    """

    kind: ClassVar[str] = "plan"
    layers: int
    learning_rate: float

    def _values(self) -> dict[str, object]:
        return {"layers": self.layers, "learning_rate": self.learning_rate}


@dataclass(frozen=True)
class NormsEvent(Event):
    """Gradients and weights were measured by part, from the embeddings up to the head.

    NormsEvent(gradients=(0.0, 0.1, 2.5), weights=(6.3, 7.5, 0.3), step=1): of one layer

    Args:
        gradients: Euclidean length of each part's gradient, before it is clipped; 0 where it does
            not learn. There are two more than the encoder has layers.
        weights: of each part's weights.
    """

    kind: ClassVar[str] = "layers"
    gradients: tuple[float, ...]
    weights: tuple[float, ...]

    def _values(self) -> dict[str, object]:
        return {"gradients": list(self.gradients), "weights": list(self.weights)}


@dataclass(frozen=True)
class FilledBlank:
    """What the model put into a watched blank.

    FilledBlank("The sun is [MASK].", (("hot", 0.41), ("red", 0.2)), right=0.41, rank=1)

    Args:
        sentence: with its [MASK].
        predictions: (token, probability 0 to 1), the likeliest ones, best first.
        right: the probability of all right answers together; None where none is known.
        rank: of the best of them, from 1 on; None likewise.
    """

    sentence: str
    predictions: tuple[tuple[str, float], ...]
    right: float | None
    rank: int | None


@dataclass(frozen=True)
class BlanksEvent(Event):
    """The model filled the watched blanks.

    Args:
        blanks: each of them, in their order.
    """

    kind: ClassVar[str] = "blanks"
    blanks: tuple[FilledBlank, ...]

    def _values(self) -> dict[str, object]:
        rows = [
            {
                "sentence": one.sentence,
                "predictions": [list(pair) for pair in one.predictions],
                "right": one.right,
                "rank": one.rank,
            }
            for one in self.blanks
        ]
        return {"blanks": rows}


@dataclass(frozen=True)
class MessageEvent(Event):
    """The run had something to say to whoever watches it.

    Args:
        text: a sentence or two.
    """

    kind: ClassVar[str] = "message"
    text: str

    def _values(self) -> dict[str, object]:
        return {"text": self.text}


@dataclass(frozen=True)
class ResumedEvent(Event):
    """An interrupted run went on from `step`: later steps that come before this are void.

    Args:
        text: says so.
    """

    kind: ClassVar[str] = "resumed"
    text: str

    def _values(self) -> dict[str, object]:
        return {"text": self.text}


@dataclass(frozen=True)
class PhaseEvent(Event):
    """The run entered a phase.

    PhaseEvent("training", device="cpu", precision="fp32")

    Args:
        phase: one of `bertlab.runs.PHASES`.
        text: how it ended, where it is over; "" where there is nothing to say of that.
        device: where it computes, such as "cuda:0".
        precision: "fp32" or "bf16".
        bad_input: of a run that failed, whether what the user gave is to blame.
    """

    kind: ClassVar[str] = "phase"
    phase: str
    text: str | None = None
    device: str | None = None
    precision: str | None = None
    bad_input: bool | None = None

    def _values(self) -> dict[str, object]:
        told = _given(text=self.text, device=self.device, precision=self.precision)
        return {"phase": self.phase, **told, **_given(bad_input=self.bad_input)}


@dataclass(frozen=True)
class OtherEvent(Event):
    """A line of another version's, or one that lacks what its kind cannot do without.

    Args:
        line: as it was read.
    """

    kind: ClassVar[str] = "other"
    line: Mapping[str, object] = field(default_factory=dict)

    def as_dict(self) -> dict[str, object]:
        """Give the line back."""
        return dict(self.line)

    def _values(self) -> dict[str, object]:
        return {}


SomeEvent = TypeVar("SomeEvent", bound=Event)


def of_kind(events: Iterable[Event], kind: type[SomeEvent]) -> list[SomeEvent]:
    """Keep the events of one kind.

    of_kind(run.history(), TrainEvent)[-1].loss -> 0.31
    """
    return [event for event in events if isinstance(event, kind)]


def newest(events: Sequence[Event], kind: type[SomeEvent]) -> SomeEvent | None:
    """Find the last event of a kind; None where there is none yet."""
    return next((event for event in reversed(events) if isinstance(event, kind)), None)


def event_of(line: Mapping[str, Any]) -> Event:
    """Read a line of JSON; `OtherEvent` where its kind is unknown or it lacks what that needs.

    event_of({"kind": "train", "step": 7, "loss": 0.61, "epoch": 0})
      -> TrainEvent({"loss": 0.61}, epoch=0, step=7)

    Keys that its kind does not know are passed over; of what was measured they are kept.
    """
    try:
        return _READERS[line["kind"]](line)
    except (AttributeError, KeyError, TypeError, ValueError):
        step = line.get("step")
        return OtherEvent(line, step=step if isinstance(step, int) else 0)


def _train(line: Mapping[str, Any]) -> TrainEvent:
    """Read what there may be 600,000 of in a run: everything in one go."""
    if "loss" not in line:
        raise KeyError("loss")
    metrics = dict(line)
    take = metrics.pop
    take("kind")
    return TrainEvent(
        metrics,
        step=take("step"),
        seconds=take("seconds", 0.0),
        examples=take("examples", 0),
        learning_rate=take("learning_rate", None),
        epoch=take("epoch", None),
        tokens=take("tokens", None),
        of=take("of", 1),
    )


def _validation(line: Mapping[str, Any]) -> ValidationEvent:
    if "loss" not in line:
        raise KeyError("loss")
    where = ("kind", "step", "seconds", "examples", "epoch", "epoch_end")
    metrics = {name: value for name, value in line.items() if name not in where}
    event = ValidationEvent(metrics, epoch=line.get("epoch"), epoch_end=line.get("epoch_end"))
    return _stamped(event, line)


def _pinned(line: Mapping[str, Any]) -> PinnedEvent:
    rows = [PinnedPrediction(one["text"], one["probabilities"]) for one in line["predictions"]]
    return _stamped(PinnedEvent(tuple(rows)), line)


def _plan(line: Mapping[str, Any]) -> PlanEvent:
    return _stamped(PlanEvent(line["layers"], line["learning_rate"]), line)


def _norms(line: Mapping[str, Any]) -> NormsEvent:
    return _stamped(NormsEvent(tuple(line["gradients"]), tuple(line["weights"])), line)


def _blanks(line: Mapping[str, Any]) -> BlanksEvent:
    return _stamped(BlanksEvent(tuple(_filled(row) for row in line["blanks"])), line)


def _filled(row: Mapping[str, Any]) -> FilledBlank:
    predictions = tuple((str(token), float(share)) for token, share in row["predictions"])
    return FilledBlank(row["sentence"], predictions, row.get("right"), row.get("rank"))


def _message(line: Mapping[str, Any]) -> MessageEvent:
    return _stamped(MessageEvent(line["text"]), line)


def _resumed(line: Mapping[str, Any]) -> ResumedEvent:
    return _stamped(ResumedEvent(line.get("text", "")), line)


def _phase(line: Mapping[str, Any]) -> PhaseEvent:
    event = PhaseEvent(
        line["phase"],
        text=line.get("text"),
        device=line.get("device"),
        precision=line.get("precision"),
        bad_input=line.get("bad_input"),
    )
    return _stamped(event, line)


_READERS: Mapping[str, Callable[[Mapping[str, Any]], Event]] = {
    TrainEvent.kind: _train,
    ValidationEvent.kind: _validation,
    PinnedEvent.kind: _pinned,
    PlanEvent.kind: _plan,
    NormsEvent.kind: _norms,
    BlanksEvent.kind: _blanks,
    MessageEvent.kind: _message,
    ResumedEvent.kind: _resumed,
    PhaseEvent.kind: _phase,
}


def _stamped(event: SomeEvent, line: Mapping[str, Any]) -> SomeEvent:
    """Add where the training stood."""
    seconds, examples = line.get("seconds", 0.0), line.get("examples", 0)
    return replace(event, step=line["step"], seconds=seconds, examples=examples)


def _given(**values: object) -> dict[str, object]:
    """Leave out what is not there."""
    return {name: value for name, value in values.items() if value is not None}
