"""With and without pre-training: a finished run beside its twin from other first weights."""

import streamlit as st

from bertlab.datasets import REGRESSION
from bertlab.engine import actions
from bertlab.finetuning.compare import TWIN_STRATEGY, Figures, TwinComparison, compare, find_twin
from bertlab.observations.fine_tuning import twin_notices
from bertlab.runs import Run
from bertlab.runs.looks import is_revealed
from bertlab.training.curves import rate_text
from bertlab.ui.app.lesson import model_is_here
from bertlab.ui.runs.ownership import is_mine
from bertlab.ui.runs.run_view import PHASE_TEXTS
from bertlab.ui.state.student import student_id
from bertlab.ui.training.start import open_in_page, queue_and_show

WEIGHTS = {"full": "pretrained weights", "random": "random weights"}


def draw_twin(run: Run) -> None:
    """Offer its owner the run with the other first weights; of both, show the figures."""
    settings = run.settings
    if settings.strategy not in TWIN_STRATEGY or run.problem_type == REGRESSION:
        return  # numbers have no count of right answers to be compared
    other = WEIGHTS[TWIN_STRATEGY[settings.strategy]]
    twin = find_twin(run)
    if twin is None and not is_mine(run):
        return
    st.subheader("With and without pre-training", anchor=False)
    if twin is None:
        _offer(run, other)
        return
    comparison = compare(run, twin)
    if comparison and not is_revealed(twin):
        st.markdown(
            f"The test score of the run with {other} is still hidden: open it to reveal it."
        )
    elif comparison:
        _side_by_side(comparison)
        if not comparison.differences:
            _what_is_the_same(run)
    else:
        phase = PHASE_TEXTS[twin.status().phase].lower()
        st.markdown(
            f"The same with {other}: {phase}. When it has its test figures, both stand here side "
            "by side."
        )
    if st.button(
        f"Open the run with {other}", icon=":material/compare_arrows:", key="run_open_twin"
    ):
        open_in_page(twin.id)


def _offer(run: Run, other: str) -> None:
    st.markdown(
        "What did pre-training bring on these rows? A second run answers it: the same split, "
        f"seed, epochs and learning rate, with {other}. The two test figures then stand here "
        "side by side."
    )
    is_here = model_is_here(run.settings.model)
    if st.button(
        f"The same with {other}",
        icon=":material/compare_arrows:",
        key="run_twin",
        disabled=not is_here,
        help=None if is_here else "The model is not on this machine.",
    ):
        queue_and_show(lambda: actions.make_twin(run, by=student_id()))


def _side_by_side(comparison: TwinComparison) -> None:
    with st.container(horizontal=True, gap="medium"):
        _metric("Pretrained weights", comparison.pretrained)
        _metric("Random weights", comparison.random)
        st.metric("Difference", _signed(comparison.points), width="content")
    for sentence in twin_notices(comparison):
        st.markdown(sentence)


def _signed(points: float) -> str:
    return f"{points:+.1f} points".replace("-", "−")  # a minus sign as wide as the plus


def _what_is_the_same(run: Run) -> None:
    settings = (run.result() or {})["settings"]
    epochs = "1 epoch" if settings["epochs"] == 1 else f"{settings['epochs']} epochs"
    st.caption(
        f"Both learned from the same rows: seed {settings['seed']}, {epochs}, learning rate "
        f"{rate_text(settings['learning_rate'])}. Only the first weights differ."
    )


def _metric(title: str, figures: Figures) -> None:
    with st.container(width="content", gap=None):
        st.metric(title, f"{figures.accuracy:.1%}", width="content")
        st.caption(f"95 % interval {figures.low:.1%} – {figures.high:.1%}")
