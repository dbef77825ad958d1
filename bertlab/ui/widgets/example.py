"""An example sentence, and the one with which most lessons open."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Example:
    """A sentence worth looking at, and why; `pair` makes it a sentence pair."""

    title: str
    text: str
    pair: str = ""


ELEPHANT = {
    "en": Example("An elephant", "The sleepless elephant walked slowly towards the river."),
    "zh": Example("大象", "那头不开心的大象慢慢地走向河边。"),
}
