"""A text that remembers, for each character, which character of the original it came from."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class AlignedText:
    """A text on its way through normalization.

    text: what it reads now
    origins: int (len(text),); origins[i] is the index in the original text of the character
        that text[i] came from. One original character may have become several, or none.
    """

    text: str
    origins: tuple[int, ...]

    def __getitem__(self, part: slice) -> "AlignedText":
        return AlignedText(self.text[part], self.origins[part])

    def span(self) -> tuple[int, int]:
        """Give the start and end of this text in the original; it must not be empty."""
        return self.origins[0], self.origins[-1] + 1


@dataclass(frozen=True)
class Change:
    """One original character, and what a step made of it.

    start, end: where it stands in the original text
    before, after: what it read before and after the step; an empty `after` is a removal
    """

    start: int
    end: int
    before: str
    after: str


def align(text: str) -> AlignedText:
    """Begin with a text as it is: each character comes from itself.

    >>> align("né")
    AlignedText(text='né', origins=(0, 1))
    """
    return AlignedText(text, tuple(range(len(text))))


def rewrite(aligned: AlignedText, replace: Callable[[str], str]) -> AlignedText:
    """Replace each character by a string (empty to drop it), and keep the origins.

    >>> rewrite(align("a-b"), lambda char: " + " if char == "-" else char)
    AlignedText(text='a + b', origins=(0, 1, 1, 1, 2))
    """
    new_parts = [replace(char) for char in aligned.text]
    origins = [
        origin
        for part, origin in zip(new_parts, aligned.origins, strict=True)
        for _ in part  # every character of the replacement has the same origin
    ]
    return AlignedText("".join(new_parts), tuple(origins))


def changes_between(before: AlignedText, after: AlignedText) -> tuple[Change, ...]:
    """List the original characters that read otherwise after a step than before it.

    >>> changes_between(align("aB"), AlignedText("ab", (0, 1)))
    (Change(start=1, end=2, before='B', after='b'),)
    """
    if before == after:
        return ()
    old, new = _by_origin(before), _by_origin(after)
    return tuple(
        Change(origin, origin + 1, text, new.get(origin, ""))
        for origin, text in old.items()
        if new.get(origin, "") != text
    )


def _by_origin(aligned: AlignedText) -> dict[int, str]:
    """Collect what each original character has become: origin -> characters."""
    collected: dict[int, str] = {}
    for char, origin in zip(aligned.text, aligned.origins, strict=True):
        collected[origin] = collected.get(origin, "") + char
    return collected
