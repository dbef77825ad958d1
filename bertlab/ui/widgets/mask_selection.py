"""Which tokens the student has masked: clicked, or a first choice that shows something."""

import streamlit as st

from bertlab.inspection.masked_lm import last_word, whole_words
from bertlab.tokenization.encoding import EncodedInput
from bertlab.ui.state import url_state


def masked_positions(
    encoded: EncodedInput, mask_token: str, *, sentence: tuple[str | None, ...]
) -> tuple[int, ...]:
    """The positions to mask, from the address on arrival, from clicks after that.

    A new sentence starts with its last word masked, unless it has typed masks already. Masks in
    sentence A stay where B alone is another one.

    Args:
        encoded: The input before masking.
        mask_token: The model's mask token, to find typed ones.
        sentence: What the positions belong to, B last; another one drops them.
    """
    is_typed = mask_token in encoded.tokens
    first_choice = () if is_typed else last_word(encoded)
    is_linked = url_state.in_url("mask")  # then the address means its own sentence
    positions = url_state.state("mask", None, url_state.parse_positions)
    if positions is None or not (is_linked or _still_hold(positions, encoded, sentence)):
        positions = first_choice
    possible = {p for p in range(len(encoded.tokens)) if not encoded.is_special[p]}
    if positions and not possible & set(positions):  # an address of another sentence
        positions = first_choice
    positions = tuple(p for p in positions if p in possible)
    st.session_state["mask"] = positions
    st.session_state["_mask_of"] = sentence
    shown = ",".join(map(str, positions))
    url_state.publish("mask", shown or "none", ",".join(map(str, first_choice)) or "none")
    return positions


def _still_hold(
    positions: tuple[int, ...], encoded: EncodedInput, sentence: tuple[str | None, ...]
) -> bool:
    """Whether masks of the sentence before mean the same tokens in this one."""
    before = st.session_state.get("_mask_of")
    if before == sentence:
        return True
    is_same_a = before is not None and before[:-1] == sentence[:-1]
    inside_a = {i for i, text in enumerate(encoded.sequence_ids) if text == 0}
    return is_same_a and set(positions) <= inside_a


def toggle(encoded: EncodedInput, position: int, *, is_whole_word: bool) -> None:
    """Mask a token, or take its mask away; its whole word goes with it by default."""
    touched = set(whole_words(encoded, [position]) if is_whole_word else [position])
    masked = set(st.session_state.get("mask") or ())
    masked = masked - touched if position in masked else masked | touched
    st.session_state["mask"] = tuple(sorted(masked))
