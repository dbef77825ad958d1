"""A run that is over: its figures on the test part, its mistakes, its model to try and to take."""

from pathlib import Path
from typing import Any

import streamlit as st

from bertlab.engine import resume
from bertlab.finetuning.export import zip_model
from bertlab.finetuning.prediction import classify
from bertlab.models import load_finetuned
from bertlab.notices.fine_tuning import result_notices
from bertlab.runs import Run, Status
from bertlab.ui.charts import plot
from bertlab.ui.guards import explained
from bertlab.ui.lesson import notice
from bertlab.ui.run_feed import events_of
from bertlab.ui.run_view import draw_curves
from bertlab.ui.theme import theme
from bertlab.views.predictions import label_bars
from bertlab.views.results import (
    confusion_heatmap,
    describe_confusion,
    mistakes_table,
    to_csv,
)


@st.cache_resource(max_entries=4, show_spinner="Loading your model …")  # as many as base models
def _finished(folder: str, written: float) -> tuple[Any, Any]:
    return load_finetuned(Path(folder))


def show(run: Run, status: Status) -> None:
    """Draw what the run came to."""
    if status.phase == "failed":
        st.error(f"The run failed. {status.message}", icon=":material/error:")
    elif status.phase == "stopped":
        st.info(status.message or "The run was stopped.", icon=":material/stop_circle:")
    if status.phase != "finished":
        _resume_button(run)
    result = run.result()
    events = events_of(run)
    if result and result.get("test"):
        _figures(result)
    draw_curves(status, events)
    if result and result.get("test"):
        _confusion(result)
        _mistakes(run)
    if run.has_model:
        _try_it(run)
        _download(run)
    if result:
        notice(result_notices(result, events))
        for reason in result["reasons"]:
            st.caption(reason)


def _resume_button(run: Run) -> None:
    if st.button("Go on from the last checkpoint", icon=":material/replay:", key="run_resume"):
        with explained():
            resume(run)
        st.rerun()


def _figures(result: dict[str, Any]) -> None:
    test = result["test"]
    low, high = test["interval"]
    st.subheader(f"On {test['examples']:,} test examples, never learned from", anchor=False)
    with st.container(horizontal=True):
        st.metric("Accuracy", f"{test['accuracy']:.1%}")
        st.metric("95 % interval", f"{low:.1%} – {high:.1%}")
        st.metric("Always the commonest label", f"{test['majority_share']:.1%}")
        st.metric("Macro-F1", f"{test['macro_f1']:.3f}")
    chosen = result.get("chosen_epoch")
    best = "" if chosen is None else f"the weights of epoch {chosen} did best on validation · "
    st.caption(
        f"{result['train_examples']:,} training examples · {result['steps']:,} steps · {best}"
        f"{result['training_seconds']:.1f} s of training · "
        f"{result['examples_per_second']:,.0f} examples a second · {result['device']}, "
        f"{result['precision']}"
    )


def _confusion(result: dict[str, Any]) -> None:
    st.subheader("Who was taken for whom", anchor=False)
    matrix, labels = result["test"]["confusion"], result["labels"]
    figure = confusion_heatmap(matrix, labels, theme=theme())
    plot(figure, key="run_confusion", alt=describe_confusion(matrix, labels))


def _mistakes(run: Run) -> None:
    table = mistakes_table(run.predictions())
    with st.expander(f"{len(table):,} misclassified rows, the surest first", expanded=False):
        if table.empty:
            st.write("There are none in this test part.")
            return
        st.dataframe(table, hide_index=True)
        st.download_button(
            "Download as CSV", to_csv(table), "misclassified.csv", "text/csv",
            icon=":material/download:", on_click="ignore",
        )  # fmt: skip


def _try_it(run: Run) -> None:
    st.subheader("Try a sentence", anchor=False)
    text = st.text_input(
        "A sentence for your model", key=f"run_try_{run.id}", max_chars=5_000,
        placeholder="Type a sentence and press Enter",
    )  # fmt: skip
    if not (text or "").strip():
        return
    with explained():
        written = (run.model_folder / "config.json").stat().st_mtime
        tokenizer, model = _finished(str(run.model_folder), written)
        answer = classify(tokenizer, model, [str(text)])[0]
    figure, alt = label_bars(answer, theme())
    plot(figure, key="run_answer", alt=alt)


def _download(run: Run) -> None:
    st.download_button(
        "Download the model (zip, Hugging Face format)",
        lambda: zip_model(run).open("rb"),
        f"bertlab-{run.id[:8]}.zip",
        "application/zip",
        icon=":material/download:",
        on_click="ignore",
        key="run_download",
    )
