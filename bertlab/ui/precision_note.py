"""Fine-tuning, second part: mixed precision in a few words, with a number computed on the spot."""

import streamlit as st

from bertlab.devices import choose_device, supports_bf16, uses_bf16
from bertlab.engine import engine_status
from bertlab.finetuning.rounding import Rounding, round_step

FREE, STEP = 1.0, 1e-3
USES = {True: "mixed precision, bf16", False: "float32 throughout"}


def explain_precision(strategy: str, precision: str) -> None:
    """Say what is computed in which precision, and what this machine does.

    Args:
        strategy: Of the run: under "frozen" only the encoder's one reading is affected.
        precision: As in the settings.
    """
    with st.popover("What is mixed precision?", icon=":material/help:"):
        st.markdown(
            "**bf16 has 8 binary digits of precision, float32 has 24.** Both reach from 1e-38 to "
            "3e38, so nothing has to be rescaled.\n\n"
            "- in bf16: the products of matrices, which take most of the time\n"
            "- in float32: the weights, the optimizer's state, the sums of the update, the loss"
        )
        st.markdown(describe_rounding(round_step(FREE, STEP)))
        if engine_status().state == "remote":
            st.markdown("The machine that trains decides by its own hardware.")
            return
        st.markdown(describe_hardware(choose_device().type))
    uses = uses_bf16(precision, choose_device().type)
    note = " for the encoder's one reading; the head learns in float32" if uses else ""
    st.caption(f"Here: {USES[uses]}{note if strategy == 'frozen' else ''}.")


def describe_rounding(rounding: Rounding) -> str:
    """Say what became of a small step, in Markdown.

    Of 1.0 + 0.001: in float32 1.001000, in bf16 1.000000, lost.
    """
    kept = (
        "the step is lost: so small steps would teach nothing if the weights were kept in bf16"
        if rounding.is_lost
        else "a part of the step is kept"
    )
    return (
        f"**Computed just now:** a weight of {rounding.weight:g} and a step of {rounding.step:g} "
        f"make {rounding.in_float32:.6f} in float32 and **{rounding.in_bf16:.6f} in bf16**. After "
        f"{rounding.weight:g} the next number that bf16 has is {rounding.next_bf16:.8g}; {kept}."
    )


def describe_hardware(device: str) -> str:
    """Say what this machine does with bf16."""
    if supports_bf16(device):
        return f"**This machine** ({device}) is faster in bf16, so “what is fastest” takes it."
    return (
        f"**This machine** ({device}) is not faster in bf16: it has no hardware for it, or none "
        "that is quicker than that for float32. “What is fastest” therefore takes float32; bf16 "
        "can be chosen all the same, to see what it does to the curve."
    )
