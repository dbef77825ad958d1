"""Fine-tuning: how many epochs, more by default where rows are few, and what too few steps mean."""

import streamlit as st

from bertlab.datasets import Examples
from bertlab.finetuning.planning.steps import epochs_for, warn_of_few_steps, why_epochs
from bertlab.runs.limits import limits
from bertlab.runs.settings import MAX_BATCH_SIZE, Settings
from bertlab.ui.state import url_state
from bertlab.ui.training.provided_splits import OwnParts


def follow_rows(settings: Settings, examples: Examples, own: OwnParts) -> int:
    """Let a number of epochs that nobody chose follow the rows; return that default.

    Args:
        settings: What they are where nobody chooses.
        examples: What is split.
        own: Parts that were brought, whose share is not split off.
    """
    batch = url_state.state("batch", settings.batch_size, url_state.between(1, MAX_BATCH_SIZE))
    epochs = epochs_for(_to_learn(examples, own), batch, most=limits().epochs)
    url_state.follow_default("epochs", epochs)
    return epochs


def explain_epochs(settings: Settings, examples: Examples, own: OwnParts) -> None:
    """Say why there are more epochs than usual, where nobody chose another number."""
    rows = _to_learn(examples, own)
    usual = epochs_for(rows, settings.batch_size, most=limits().epochs)
    why = why_epochs(rows, settings.batch_size, settings.epochs)
    if why and settings.epochs == usual:
        st.markdown(why)


def offer_more_epochs(rows: int, settings: Settings) -> None:
    """Warn of a run too short to learn, with a button that makes it long enough.

    Args:
        rows: In the training part; of windows, where long texts are read in windows.
        settings: Of the run that is planned.
    """
    told = warn_of_few_steps(rows, settings)
    if not told:
        return
    more = epochs_for(rows, settings.batch_size, most=limits().epochs)
    left, right = st.columns([4, 1], vertical_alignment="center")
    left.warning(told, icon=":material/hourglass_bottom:")
    if more > settings.epochs:
        right.button(
            f"Take {more} epochs", key="finetune_more_epochs", width="stretch",
            on_click=_take, args=(more,),
        )  # fmt: skip


def _take(epochs: int) -> None:
    st.session_state["epochs"] = epochs


def _to_learn(examples: Examples, own: OwnParts) -> int:
    """The rows of the training part, before texts that another part repeats are left out."""
    parts = {"validation": (own.validation, Settings.validation), "test": (own.test, Settings.test)}
    shares = [
        url_state.state(key, round(100 * share), url_state.between(5, 50))
        for key, (part, share) in parts.items()
        if part is None
    ]
    return round(len(examples) * (1 - sum(shares) / 100))
