"""Fine-tuning, second part: mixed precision in a few words, with a number computed on the spot."""

import streamlit as st

from bertlab.devices import bf16_gain, choose_device, supports_bf16, uses_bf16
from bertlab.engine import engine_status
from bertlab.finetuning.rounding import Rounding, round_step

# About what a weight of BERT is (in bf16's own digits), and what a step moves it by.
WEIGHT, STEP = 0.050048828125, 2e-5
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
        st.markdown(describe_rounding(round_step(WEIGHT, STEP)))
        device = choose_device().type
        if engine_status().state == "remote":
            st.markdown("The machine that trains decides by its own hardware.")
            return
        st.markdown(describe_hardware(device, bf16_gain(device)))
    uses = uses_bf16(precision, choose_device().type)
    note = " for the encoder's one reading; the head learns in float32" if uses else ""
    st.caption(f"Here: {USES[uses]}{note if strategy == 'frozen' else ''}.")


def describe_rounding(rounding: Rounding) -> str:
    """Say what became of a small step, in Markdown.

    Of 0.0500488 + 0.00002: in float32 0.050069, in bf16 0.050049, lost.
    """
    kept = (
        "the step is lost: so small steps would teach nothing if the weights were kept in bf16"
        if rounding.is_lost
        else "a part of the step is kept"
    )
    return (
        f"**Computed just now:** a typical weight of {rounding.weight:g} and a step of "
        f"{rounding.step:g} make {rounding.in_float32:.6f} in float32 and "
        f"**{rounding.in_bf16:.6f} in bf16**. After {rounding.weight:g} the next number that "
        f"bf16 has is {rounding.next_bf16:.6g}; {kept}."
    )


def describe_hardware(device: str, gain: float | None) -> str:
    """Say what this machine does with bf16.

    Args:
        device: "cpu", "cuda" or "mps".
        gain: From `bf16_gain`.
    """
    measured = "" if gain is None else f" Measured here: {describe_gain(gain)}"
    if supports_bf16(device):
        return (
            f"**This machine** ({device}) is faster in bf16, so “what is fastest” takes it."
            f"{measured}"
        )
    return (
        f"**This machine** ({device}) is not faster in bf16: it has no hardware for it, or none "
        "that is quicker than that for float32. “What is fastest” therefore takes float32; bf16 "
        f"can be chosen all the same, to see what it does to the curve.{measured}"
    )


def describe_gain(gain: float) -> str:
    """Say how a product of matrices fares: 1.8 is "... 1.8 times as fast in bf16 ..."."""
    times = f"{gain:.1f} times as fast" if gain >= 1 else f"{1 / gain:.1f} times as slow"
    return (
        f"a product of matrices is {times} in bf16 as in float32. A whole step gains less: a part "
        "of it stays in float32."
    )
