"""The test score of a finished run: hidden until somebody asks for it, and the looks counted."""

import streamlit as st

from bertlab.engine import actions
from bertlab.finetuning.metrics import NumberScores
from bertlab.finetuning.result import FineTuningResult
from bertlab.runs import Run
from bertlab.runs.looks import is_revealed, looks_before
from bertlab.ui.runs.ownership import is_mine
from bertlab.ui.state.guards import explained
from bertlab.ui.state.student import student_id


def shows_test(run: Run, result: FineTuningResult) -> bool:
    """Tell whether the test figures may be drawn; where not, draw what validation says instead.

    Choices belong to validation: whoever compares ten settings by their test scores chooses by the
    test part, and the best of ten looks better than it is.
    """
    before = looks_before(run)
    if is_revealed(run):
        st.caption(_say_looks(before))
        return True
    _say_validation(result)
    if not is_mine(run):
        whose = "browser that started this run" if run.owner else "command line"
        st.caption(f"The {whose} can reveal its test score.")
        return False
    st.button(
        "Final: reveal the test score",
        icon=":material/visibility:",
        key="run_reveal",
        on_click=_reveal,
        args=(run,),
        help="Press it when you have chosen your settings by validation.",
    )
    if before:
        st.caption(
            f"You have looked at this very test part {_times(before)} before, in other runs: the "
            "more often one chooses by it, the less it is a test."
        )
    return False


def _reveal(run: Run) -> None:
    with explained():
        actions.reveal(run, by=student_id())


def _say_looks(before: int) -> str:
    if not before:
        return "The first look at this test part."
    return (
        f"Look number {before + 1} at this very test part, over all your runs that are still here. "
        "If settings were chosen by the looks before, the score is too good."
    )


def _say_validation(result: FineTuningResult) -> None:
    st.subheader("The test score is hidden", anchor=False)
    asked = (
        "Compare settings by the validation part, which chose the weights. The test part is for "
        "the final score, once you have chosen."
    )
    scores = result.validation
    if scores is None:
        st.markdown(asked)
        return
    figure = (
        f"mean absolute error {scores.mean_absolute_error:.3g}"
        if isinstance(scores, NumberScores)
        else f"{scores.accuracy:.1%} right"
    )
    st.markdown(f"**Validation: {figure}** on {scores.examples:,} texts. {asked}")


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"
