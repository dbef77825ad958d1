"""The bundled sentences as questions: each with its last word masked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bertlab.inspection.bundled_sentences import Sentence
from bertlab.inspection.masked_lm import last_word
from bertlab.tokenization.encoding import EncodedInput, encode, position_offset_of

if TYPE_CHECKING:
    from bertlab.models import LoadedModel


@dataclass(frozen=True)
class Question:
    """One sentence with a blank.

    Attributes:
        encoded: The input before masking.
        masked: All pieces of the word that is hidden.
        position: The first of them, which is asked about.
    """

    encoded: EncodedInput
    masked: tuple[int, ...]
    position: int

    @property
    def answer(self) -> int:
        """The id of the hidden token."""
        return self.encoded.token_ids[self.position]


def last_words(
    loaded: LoadedModel, sentences: Sequence[Sentence], *, needs_known: bool = True
) -> tuple[Question, ...]:
    """Ask each sentence for its last word.

    "The cat sat on the mat." asks for "mat" at position 6 of [CLS] the cat sat on the mat . [SEP].
    A sentence without a letter is left out.

    Args:
        loaded: The model.
        sentences: What to ask.
        needs_known: Leave those out, too, whose last word the model can only read as unknown.
    """
    questions = []
    for sentence in sentences:
        encoded = encode(
            loaded.tokenizer,
            sentence.text,
            sentence.pair,
            max_length=loaded.max_tokens,
            position_offset=position_offset_of(loaded.config),
        )
        masked = last_word(encoded)
        is_known = bool(masked) and encoded.token_ids[masked[0]] != loaded.tokenizer.unk_token_id
        if is_known or (masked and not needs_known):
            questions.append(Question(encoded, masked, masked[0]))
    return tuple(questions)
