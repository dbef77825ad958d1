"""The token strip: tokens as chips, the same on every page."""

from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import streamlit as st

from bertlab.inputs import EncodedInput
from bertlab.ui.theme import palette

_ASSETS = Path(__file__).parent / "components"
_component = st.components.v2.component(
    "bertlab_token_strip",
    html='<div class="strip" role="group"></div>',
    css=(_ASSETS / "token_strip.css").read_text(encoding="utf-8"),
    js=(_ASSETS / "token_strip.js").read_text(encoding="utf-8"),
)


@dataclass(frozen=True)
class Chip:
    """One token as the strip draws it; `note` stands small below the piece."""

    piece: str
    note: str
    hover: str
    classes: tuple[str, ...]
    clickable: bool
    pressed: bool


def token_strip(
    encoded: EncodedInput,
    *,
    key: str,
    masked: Collection[int] = (),
    chosen: Collection[int] = (),
    mask_token: str = "[MASK]",
    unknown_token: str = "[UNK]",
    is_secret: bool = False,
    on_click: Callable[[int], None] | None = None,
    label: str = "Tokens",
) -> None:
    """Draw the tokens of one input.

    Special tokens are grey and never clickable, sentence B has a purple foot, pieces of one word
    stand together, masked tokens are yellow. The arrow keys move, Enter and Space activate.

    Args:
        encoded: The input, before masking.
        key: The widget's key, prefixed by its page.
        masked: Positions drawn as the mask token.
        chosen: Positions drawn with a blue frame.
        mask_token: What a masked chip shows.
        unknown_token: Which piece stands for an unknown word.
        is_secret: Whether masked chips keep what they hide to themselves.
        on_click: Called with the position of a chip that was activated, before the page reruns.
        label: What the strip is called by a screen reader.
    """
    chips = [
        _chip(encoded, i, i in masked, i in chosen, mask_token, unknown_token)
        for i in range(len(encoded.tokens))
    ]
    if is_secret:
        chips = [_without_answer(chip) if chip.piece == mask_token else chip for chip in chips]

    def report() -> None:
        clicked = st.session_state[key]["clicked"]
        if on_click and clicked:
            on_click(int(clicked["position"]))

    _component(
        key=key,
        data={
            "chips": [asdict(chip) for chip in chips],
            "clickable": on_click is not None,
            "label": label,
            "colours": _colours(),
        },
        on_clicked_change=report,
    )


def _chip(
    encoded: EncodedInput,
    i: int,
    is_masked: bool,
    is_chosen: bool,
    mask_token: str,
    unknown_token: str,
) -> Chip:
    piece, token_id = encoded.tokens[i], encoded.token_ids[i]
    segment = "B" if encoded.sequence_ids[i] == 1 else "A"
    kind = "special token" if encoded.is_special[i] else f"sentence {segment}"
    flags = {
        "special": encoded.is_special[i] and not is_masked,
        "segment-b": segment == "B" and not encoded.is_special[i],
        "unknown": piece == unknown_token,
        "masked": is_masked,
        "chosen": is_chosen,
        "joins-previous": _same_word(encoded, i - 1, i),
        "joins-next": _same_word(encoded, i, i + 1),
    }
    return Chip(
        piece=mask_token if is_masked else piece,
        note=piece if is_masked else str(token_id),
        hover=f"{piece}, id {token_id}, position {i}, {kind}" + (", masked" if is_masked else ""),
        classes=tuple(name for name, is_on in flags.items() if is_on),
        clickable=not encoded.is_special[i],
        pressed=is_masked or is_chosen,
    )


def _without_answer(chip: Chip) -> Chip:
    return replace(chip, note="?", hover="a hidden token")


def _same_word(encoded: EncodedInput, left: int, right: int) -> bool:
    if left < 0 or right >= len(encoded.tokens):
        return False
    words = [(encoded.sequence_ids[i], encoded.word_ids[i]) for i in (left, right)]
    return words[0] == words[1] and words[0][1] is not None


def _colours() -> dict[str, str]:
    colours = palette()
    return {
        "chosen": colours.query,
        "segment": colours.query,
        "segment-b": colours.segment_b,
        "muted": colours.muted,
        "mask": colours.mask,
        "mask-fill": colours.mask_fill,
    }
