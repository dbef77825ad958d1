"""The head of every lesson on the inside: the sentence, its tokens to choose from, its trace."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from bertlab.inspection.trace import Trace
from bertlab.tokenization.encoding import EncodedInput
from bertlab.ui.figures.token_strip import token_strip
from bertlab.ui.state import caches
from bertlab.ui.state.guards import explained, plain
from bertlab.ui.widgets import mask_selection
from bertlab.ui.widgets.example import Example
from bertlab.ui.widgets.sentence import sentence_input, tell_what_was_cut, warn_about_unknown
from bertlab.ui.widgets.token_selection import choose_token, chosen_token

if TYPE_CHECKING:
    from bertlab.models import LoadedModel


@dataclass(frozen=True)
class Traced:
    """A sentence, and what the model made of it.

    Attributes:
        model: The model's name, for the caches.
        loaded: The model itself.
        text, pair: What was typed; `pair` is None for a single sentence.
        encoded: The input before masking.
        trace: With blocks where they were asked for.
        tokens: Each position's name as it is drawn: the mask token where it is masked.
        token: The chosen position.
    """

    model: str
    loaded: LoadedModel
    text: str
    pair: str | None
    encoded: EncodedInput
    trace: Trace
    tokens: tuple[str, ...]
    token: int


def traced_sentence(
    model: str,
    examples: Sequence[Example],
    *,
    page: str,
    has_pair: bool = True,
    is_opened: bool = False,
    is_choosing: bool = True,
) -> Traced:
    """Draw sentence box and token strip, run the model; ends the page where that cannot be done.

    The word that the student has masked on another page stays masked; a click on a token chooses
    it for this and every other lesson.

    Args:
        model: Its name.
        examples: As in `sentence_input`.
        page: Prefixes the keys.
        has_pair: Whether there is a box for a second sentence.
        is_opened: Whether the trace holds what every block made.
        is_choosing: Whether the lesson is about one token; else a click masks and unmasks.
    """
    text, pair = sentence_input(examples, has_pair=has_pair)
    with explained():
        encoded = caches.encoded(model, text, pair)
        loaded = caches.model(model)
    mask_token = str(loaded.tokenizer.mask_token)
    masked: tuple[int, ...] = ()
    if loaded.has_mlm_head:
        masked = mask_selection.masked_positions(encoded, mask_token, sentence=(model, text, pair))
    run = caches.opened_trace if is_opened else caches.trace
    with explained():
        trace = run(model, text, pair, masked=masked)
    token = chosen_token(trace)

    def mask_word(position: int) -> None:
        mask_selection.toggle(encoded, position, is_whole_word=True)

    mask_on_click = mask_word if loaded.has_mlm_head else None
    token_strip(
        encoded,
        key=f"{page}_strip",
        masked=trace.masked,
        mask_token=mask_token,
        unknown_token=str(loaded.tokenizer.unk_token),
        chosen=token if is_choosing else None,
        on_click=choose_token if is_choosing else mask_on_click,
        label=f"Tokens; activate one to {'choose' if is_choosing else 'mask'} it",
    )
    if is_choosing and loaded.has_mlm_head and not encoded.is_special[token]:
        _mask_button(encoded, token, is_masked=token in trace.masked, mask=mask_word)
    warn_about_unknown(model, [text, pair or ""])
    tell_what_was_cut(model, encoded)
    shown = {position: mask_token for position in trace.masked}
    tokens = tuple(shown.get(i, token) for i, token in enumerate(encoded.tokens))
    return Traced(model, loaded, text, pair, encoded, trace, tokens, token)


def _mask_button(
    encoded: EncodedInput, token: int, *, is_masked: bool, mask: Callable[[int], None]
) -> None:
    word = plain(encoded.tokens[token])
    st.button(
        f"Show “{word}” again" if is_masked else f"Mask “{word}”",
        key="traced_mask",
        icon=":material/visibility:" if is_masked else ":material/visibility_off:",
        on_click=mask,
        args=(token,),
        type="tertiary",
    )
