"""The token strip: tokens as chips, the same on every page."""

from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass, replace

import streamlit as st

from bertlab.tokenization.encoding import EncodedInput
from bertlab.ui.figures.component import SCROLLS, own_component
from bertlab.ui.state.theme import palette

_component = own_component(
    "token_strip", '<div class="strip frame" role="group"></div>', shared=("rove.js", *SCROLLS)
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
    mask_token: str = "[MASK]",
    unknown_token: str = "[UNK]",
    is_secret: bool = False,
    chosen: int | None = None,
    on_click: Callable[[int], None] | None = None,
    label: str = "Tokens",
) -> None:
    """Draw the tokens of one input.

    Special tokens are grey and cannot be masked, sentence B has a purple foot, pieces of one word
    stand together, masked tokens are yellow. The arrow keys move, Enter and Space activate.

    Args:
        encoded: The input, before masking.
        key: The widget's key, prefixed by its page.
        masked: Positions drawn as the mask token.
        mask_token: What a masked chip shows.
        unknown_token: Which piece stands for an unknown word.
        is_secret: Whether masked chips keep what they hide to themselves.
        chosen: The position to outline. A click then chooses, special tokens too.
        on_click: Called with the position of a chip that was activated, before the page reruns.
        label: What the strip is called by a screen reader.
    """
    chips = [
        _masked_chip(encoded, i, mask_token, is_secret)
        if i in masked
        else _chip(encoded, i, unknown_token)
        for i in range(len(encoded.tokens))
    ]
    if chosen is not None:
        chips = [_choosable(chip, i == chosen) for i, chip in enumerate(chips)]

    def report() -> None:
        clicked = st.session_state[key]["clicked"]
        if on_click and clicked:
            on_click(int(clicked["position"]))

    data = {"chips": [asdict(chip) for chip in chips], "label": label, "colours": _colours()}
    _component(key=key, data=data | {"clickable": on_click is not None}, on_clicked_change=report)


def _chip(encoded: EncodedInput, i: int, unknown_token: str) -> Chip:
    piece, token_id = encoded.tokens[i], encoded.token_ids[i]
    is_special, is_second = encoded.is_special[i], encoded.sequence_ids[i] == 1
    kind = "special token" if is_special else f"sentence {'B' if is_second else 'A'}"
    flags = {
        "special": is_special,
        "segment-b": is_second and not is_special,
        "unknown": piece == unknown_token,
        "joins-previous": _same_word(encoded, i - 1, i),
        "joins-next": _same_word(encoded, i, i + 1),
    }
    return Chip(
        piece=piece,
        note=str(token_id),
        hover=f"{piece}, id {token_id}, position {i}, {kind}",
        classes=tuple(name for name, is_on in flags.items() if is_on),
        clickable=not is_special,
        pressed=False,
    )


def _masked_chip(encoded: EncodedInput, i: int, mask_token: str, is_secret: bool) -> Chip:
    """As it stands in the sentence, with the mask over it."""
    bare = _chip(encoded, i, unknown_token="")
    return replace(
        bare,
        piece=mask_token,
        note="?" if is_secret else bare.piece,
        hover="a hidden token" if is_secret else f"{bare.hover}, masked",
        classes=(*(name for name in bare.classes if name != "special"), "masked"),
        pressed=True,
    )


def _choosable(chip: Chip, is_chosen: bool) -> Chip:
    classes = (*chip.classes, "chosen") if is_chosen else chip.classes
    return replace(chip, classes=classes, clickable=True, pressed=is_chosen)


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
