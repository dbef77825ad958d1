"""A text of one's own, or one that ships, as stories: looked at, divided, and stored for a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bertlab.errors import InputError
from bertlab.pretraining.data.corpus import split_sentences
from bertlab.pretraining.data.encoded import encode_documents
from bertlab.pretraining.data.vocabulary import learn_vocabulary
from bertlab.pretraining.presets import POSITIONS, VOCABULARY, village_file
from bertlab.pretraining.settings import WatchedBlank
from bertlab.tokenization.chinese import is_han

MOST_BYTES = 1_000_000
FEWEST_SENTENCES = 20  # with less there is nothing to find out
HELDOUT = 10  # stories at the end that are never trained on ...
HELDOUT_SHARE = 0.1  # ... but at most this share of a shorter text
STRETCH = 10  # sentences of a story that is cut out of a text without blank lines
# Vocabularies to try, the largest first.
SMALLER = (1_000, 800, 600, 450, 350, 250, 175, 100, 60, 30)

Story = tuple[str, ...]


@dataclass(frozen=True)
class Stories:
    """A text divided for a run.

    Args:
        name: what it is called.
        language: "zh" where most letters are Chinese, else "en".
        training: stories, each a tuple of sentences.
        heldout: the last stories, never trained on; may be empty.
        was_cut: whether a text without blank lines was cut into stretches of ten sentences.
    """

    name: str
    language: str
    training: tuple[Story, ...]
    heldout: tuple[Story, ...]
    was_cut: bool = False

    @property
    def all(self) -> tuple[Story, ...]:
        """Both parts, in their order."""
        return self.training + self.heldout


def decode_text(data: bytes) -> str:
    """Read an uploaded text file.

    Raises:
        InputError: it is too large, empty or not UTF-8.
    """
    if len(data) > MOST_BYTES:
        raise InputError(
            f"The file has {len(data) / 1e6:.1f} MB; at most {MOST_BYTES / 1e6:.0f} MB are taken. "
            "Keep a part of it."
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise InputError(
            f"The file is not UTF-8 (line {line:,}). Save it as UTF-8 plain text and choose it "
            "again."
        ) from error
    if "\0" in text:
        raise InputError("The file is no plain text: it holds zero bytes. Save it as UTF-8 text.")
    return text


def read_stories(text: str, *, name: str) -> Stories:
    r"""Divide a text into stories and keep the last ones aside.

    A blank line ends a story. A text without blank lines is cut every ten sentences, so that
    there is another story to draw a random second sentence from.

    Args:
        text: a sentence or a paragraph a line.
        name: what it is called.

    Raises:
        InputError: it is empty, too large or too short.
    """
    if len(text.encode("utf-8", "replace")) > MOST_BYTES:
        raise InputError(f"The text is longer than {MOST_BYTES / 1e6:.0f} MB. Keep a part of it.")
    stories = _divide(text)
    sentences = [sentence for story in stories for sentence in story]
    _check_length(len(sentences))
    was_cut = len(stories) == 1
    if was_cut:
        starts = range(0, len(sentences), STRETCH)
        stories = [tuple(sentences[at : at + STRETCH]) for at in starts]
    kept = min(HELDOUT, int(len(stories) * HELDOUT_SHARE))
    split = len(stories) - kept
    return Stories(
        name=name,
        language=language_of(text),
        training=tuple(stories[:split]),
        heldout=tuple(stories[split:]),
        was_cut=was_cut,
    )


def village(language: str) -> Stories:
    """The stories that ship: `len(village("en").all)` is 150, ten of them held out."""
    path = village_file(language)
    return read_stories(path.read_text(encoding="utf-8"), name=path.stem)


def language_of(text: str) -> str:
    """Tell a Chinese text from any other: `language_of("他走了。OK")` is "zh"."""
    letters = [character for character in text if character.isalpha()]
    return "zh" if 2 * sum(map(is_han, letters)) > len(letters) else "en"


def fitting_vocabulary(stories: Stories) -> Any:
    """Learn a vocabulary for a run on these stories; a smaller one where they give less.

    Returns:
        A tokenizer.

    Raises:
        InputError: not even 30 pieces occur twice.
    """
    texts = [" ".join(story) for story in stories.training]
    wanted = VOCABULARY[stories.language]
    for size in (wanted, *(smaller for smaller in SMALLER if smaller < wanted)):
        try:
            return learn_vocabulary(lambda: texts, size=size, language=stories.language)
        except InputError:
            continue
    raise InputError(
        f"The text gives no vocabulary of {SMALLER[-1]} pieces: too few signs occur twice. Add "
        "text."
    )


def count_tokens(stories: Sequence[Story], tokenizer: Any) -> int:
    """Count the pieces of some stories, special tokens left out."""
    return len(encode_documents(stories, tokenizer).ids)


def check_blank(blank: WatchedBlank, tokenizer: Any) -> None:
    """Refuse a sentence that the model to be could not read whole.

    Raises:
        InputError: it has more tokens than the model has positions.
    """
    tokens = len(tokenizer(blank.sentence)["input_ids"])
    if tokens > POSITIONS:
        raise InputError(
            f"“{blank.sentence[:40]}…” has {tokens} tokens; this model reads {POSITIONS}. "
            "Shorten it."
        )


@dataclass(frozen=True)
class StoryFiles:
    """Where a run finds its text.

    Args:
        training: the stories to learn from.
        heldout: those that are never trained on; None where there are none.
        vocabulary: a tokenizer.json.
    """

    training: Path
    heldout: Path | None
    vocabulary: Path


def write_stories(stories: Stories, tokenizer: Any, folder: Path) -> StoryFiles:
    """Store a text as a run reads it: a sentence a line, a blank line between stories."""
    vocabulary = folder / "tokenizer.json"
    tokenizer.backend_tokenizer.save(str(vocabulary))
    return StoryFiles(
        training=_write(stories.training, folder / f"{stories.name}.txt"),
        heldout=_write(stories.heldout, folder / f"{stories.name}_heldout.txt")
        if stories.heldout
        else None,
        vocabulary=vocabulary,
    )


def _write(stories: Sequence[Story], path: Path) -> Path:
    blocks = ("\n".join(story) for story in stories)
    path.write_text("\n\n".join(blocks) + "\n", encoding="utf-8", errors="replace")
    return path


def _divide(text: str) -> list[Story]:
    stories: list[Story] = []
    story: list[str] = []
    for line in [*text.splitlines(), ""]:
        if line.strip():
            story += split_sentences(line.strip())
        elif story:
            stories.append(tuple(story))
            story = []
    return stories


def _check_length(sentences: int) -> None:
    if not sentences:
        raise InputError("There is no text yet. Paste one, or choose a .txt file.")
    if sentences < FEWEST_SENTENCES:
        found = "1 sentence" if sentences == 1 else f"{sentences} sentences"
        raise InputError(
            f"This text has {found}; a model needs at least {FEWEST_SENTENCES} to find anything "
            "out, and some hundred to find out much. Add text."
        )
