"""One block of a token's path, opened: words, numbers, the formula with them, the check."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from bertlab.inspection.masked_lm import Prediction, use_mask_token
from bertlab.inspection.token_path.mixing import Attend
from bertlab.inspection.token_path.operations import Softmax
from bertlab.inspection.token_path.path import BlockCheck, PathBlock, TokenPath
from bertlab.inspection.trace import Trace
from bertlab.observations.token_path import block_words, place_name
from bertlab.ui.app.navigation import lesson_page
from bertlab.ui.figures.charts import csv_button
from bertlab.ui.figures.value_strips import Reading, Strip, value_strips
from bertlab.ui.state import url_state
from bertlab.ui.state.guards import plain
from bertlab.ui.state.theme import palette
from bertlab.ui.widgets.glossary import prose
from bertlab.ui.widgets.head_selection import choose_head_of, chosen_head
from bertlab.ui.widgets.token_selection import choose_token
from bertlab.ui.widgets.traced_sentence import Traced
from bertlab.views.shared.strips import columns_for, common_top, share_top
from bertlab.views.token_path.tables import block_table
from bertlab.views.token_path.worked_formulas import (
    answers_html,
    first_values_html,
    lines_html,
    source_html,
    style,
)

if TYPE_CHECKING:
    from bertlab.models import LoadedModel

NUMBER = "number"
NAMES = {"weights": "weights: a row for each head"}
WIDEST = 64  # columns of a strip
# Where a block is opened further: its kind, the lessons, what is to be seen there.
FURTHER = {
    "piece": (("tokenization", "How the text was cut"),),
    "words": (("embeddings", "The table of word embeddings"),),
    "positions": (("embeddings", "The position vectors"),),
    "attention": (
        ("attention_cell", "One weight of this attention, step by step"),
        ("heads", "What each head does over many sentences"),
        ("ablation", "What becomes of the answer without a head"),
    ),
    "output": (("layers", "What the head would say after this layer"),),
    "logits": (("layers", "The same head after every layer"),),
    "probabilities": (
        ("masked_words", "The answers for every hidden word"),
        ("layers", "How the answer forms, layer by layer"),
    ),
}


def block_panel(
    seen: Traced,
    path: TokenPath,
    block: PathBlock,
    check: BlockCheck,
    answers: Sequence[Prediction],
) -> None:
    """Open one block: what it does, its numbers, the formula with them, the check."""
    with st.container(border=True, key="path_block"):
        st.subheader(place_name(block), anchor=False)
        prose(block_words(path, block))
        if block.kind == "attention":
            block = _with_head(seen.trace, block)
        number = _chosen_number(block)
        if block.kind == "piece":
            st.html(style(palette()) + source_html(*_source(seen)))
        else:
            _numbers(path, block, number)
        left, right = st.columns([3, 2], gap="medium", vertical_alignment="bottom")
        with left:
            st.markdown("**The formula**")
            st.latex(block.operation.formula)
        if block.kind != "piece":
            with right:
                _number_box(seen.loaded, block, number)
        st.html(style(palette()) + lines_html(block.operation.worked(number)))
        if isinstance(block.operation, Softmax):
            st.html(style(palette()) + answers_html(answers, block.operation.given.values))
        _tell_check(check)
        _further(block)


def _chosen_number(block: PathBlock) -> int:
    """The place of the vector in hand: at first 0; of the vocabulary the best answer."""
    if block.kind == "piece":
        return 0
    width = len(block.values)
    default = int(block.values.argmax()) if block.axes[-1] == "vocabulary" else 0
    return url_state.choice_state(NUMBER, range(width), default, of=(width,)) or 0


def _source(seen: Traced) -> tuple[str, int, int]:
    """The text that the token came from, and the stretch of it."""
    encoded, token = seen.encoded, seen.token
    text = (seen.pair or "") if encoded.sequence_ids[token] == 1 else seen.text
    start, end = (0, 0) if encoded.is_added[token] else encoded.offsets[token]
    return use_mask_token(text, seen.loaded.tokenizer), start, end


def _with_head(trace: Trace, block: PathBlock) -> PathBlock:
    """The block with the head in hand, which can be chosen here, too."""
    (_, head), layer = chosen_head(trace), block.layer
    assert layer is not None
    assert isinstance(block.operation, Attend)

    def take() -> None:
        choose_head_of(layer, st.session_state["path_head"])

    st.session_state["path_head"] = head
    st.segmented_control("Head", range(trace.heads), key="path_head", required=True, on_change=take)
    return replace(block, operation=replace(block.operation, head=head))


def _numbers(path: TokenPath, block: PathBlock, number: int) -> None:
    """Shape, first values and strips."""
    shape = " × ".join(f"{count:,} {axis}" for count, axis in _counted(block))
    token = plain(path.tokens[path.position])
    st.markdown(
        f"**Shape** {shape}, {block.values.dtype}. The row of “{token}” (token {path.position}):"
    )
    st.html(style(palette()) + first_values_html(block.values, number))
    strips = _strips(block, number)

    def take(strip: int, place: int) -> None:
        chosen = strips[strip]
        if chosen.reads == "weight" and block.layer is not None:
            choose_head_of(block.layer, place // chosen.columns)
            choose_token(path.position, place % chosen.columns)
        elif chosen.values.size == len(block.values):
            st.session_state[NUMBER] = place

    label = f"{place_name(block)}: the numbers of “{path.tokens[path.position]}”"
    value_strips(strips, key="path_strips", label=label, tokens=path.tokens, on_choose=take)
    csv_button(lambda: block_table(block), key=f"token_path_{block.name.replace('.', '_')}")


def _counted(block: PathBlock) -> list[tuple[int, str]]:
    names = {"token": "tokens", "hidden": "numbers", "embedding": "numbers", "vocabulary": "pieces"}
    return [(n, names[axis]) for n, axis in zip(block.shape, block.axes, strict=True)]


def _strips(block: PathBlock, number: int) -> list[Strip]:
    """What goes in, what is made on the way, and last what comes out, on one scale."""
    operation, width = block.operation, len(block.values)
    named = [(part.name, part.values) for part in operation.inputs]
    named += [(step.name, step.shown) for step in operation.steps()]
    reads = [_reading(block, name) for name, _ in named]
    plain_ones = [v for (_, v), read in zip(named, reads, strict=True) if read == "number"]
    top = common_top(plain_ones) if plain_ones else 1.0
    strips = []
    for place, ((name, values), read) in enumerate(zip(named, reads, strict=True)):
        own_top = top if read == "number" else float(np.abs(values).max())
        if read == "weight":
            own_top = share_top(values)
        is_result = place == len(named) - 1
        strips.append(
            Strip(
                name=block.title if is_result else NAMES.get(name, name),
                note=_range(values, read, own_top),
                values=values,
                columns=_columns(values),
                top=own_top,
                reads=read,
                chosen=number if values.size == width and (is_result or read != "weight") else None,
                is_result=is_result,
            )
        )
    return strips


def _reading(block: PathBlock, name: str) -> Reading:
    if name in ("weights", "probabilities"):
        return "weight" if name == "weights" else "probability"
    is_logits = name == "logits" or (block.kind == "logits" and name == "result")
    return "logit" if is_logits else "number"


def _columns(values: np.ndarray) -> int:
    """Heads below each other; a long vector wrapped."""
    if values.ndim == 2:
        return values.shape[1]
    return min(WIDEST, len(values)) if len(values) <= 4096 else columns_for(len(values))


def _range(values: np.ndarray, read: Reading, top: float) -> str:
    low, high = float(values.min()), float(values.max())
    if read in ("weight", "probability"):
        count = " × ".join(f"{n:,}" for n in values.shape)
        ends = f", colours end at {top:.0%}" if read == "weight" and top < 1 else ""
        return f"{count}: {100 * low:.1f} … {100 * high:.1f} %{ends}"
    return f"{values.size:,}: {low:.2f} … {high:.2f}".replace("-", "−")


def _number_box(loaded: LoadedModel, block: PathBlock, number: int) -> None:
    """Which number the formula is worked out for."""
    label = "Number to work out"
    if block.axes[-1] == "vocabulary":
        piece = loaded.tokenizer.convert_ids_to_tokens(number)
        label = f"Piece to work out: {plain(str(piece))}"
    st.number_input(label, 0, len(block.values) - 1, step=1, **url_state.bind(NUMBER))


def _tell_check(check: BlockCheck) -> None:
    """Say whether the numbers shown recombine to what the model computed."""
    what = " · ".join(check.steps)
    numbers = (
        f"largest difference {check.deviation:.1e}, rounding in float32 allows {check.allowed:.1e}"
        if check.deviation
        else "number for number what the model was given"
    )
    if check.is_met:
        st.success(f"**Recombines** ({what}): {numbers}.", icon=":material/check_circle:")
    else:
        st.error(f"**Does not recombine** ({what}): {numbers}.", icon=":material/error:")


def _further(block: PathBlock) -> None:
    """The lessons that open this block further."""
    further = FURTHER.get(block.kind, ())
    if further:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown("**Open it further**", width="content")
            for name, words in further:
                st.page_link(lesson_page(name), help=words, width="content")
