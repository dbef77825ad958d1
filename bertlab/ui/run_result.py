"""A run that is over: its figures on the test part, its mistakes, its model to try and to take."""

from collections.abc import Sequence
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
from bertlab.ui.run_view import draw_curves, draw_pinned
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
    draw_pinned(events, status.steps, _ask_pinned(run) if run.has_model else None)
    if result and result.get("test"):
        left, right = st.columns([2, 3], gap="large")
        with left:
            _confusion(result)
        with right:
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
    facts = [
        f"{result['train_examples']:,} training examples",
        f"{result['steps']:,} steps",
        f"{result['training_seconds']:.1f} s of training",
        f"{result['examples_per_second']:,.0f} examples a second",
        f"{result['device']}, {result['precision']}",
    ]
    if (epoch := result["chosen_epoch"]) is not None:
        facts.insert(2, f"kept: the weights after epoch {epoch + 1}, best on validation")
    st.caption(" · ".join(facts))


def _confusion(result: dict[str, Any]) -> None:
    st.subheader("Who was taken for whom", anchor=False)
    matrix, labels = result["test"]["confusion"], result["labels"]
    figure = confusion_heatmap(matrix, labels, theme=theme())
    plot(figure, key="run_confusion", alt=describe_confusion(matrix, labels))


def _mistakes(run: Run) -> None:
    table = mistakes_table(run.predictions())
    st.subheader(f"{len(table):,} misclassified rows", anchor=False)
    if table.empty:
        st.write("There are none in this test part.")
        return
    st.dataframe(table, hide_index=True, height=min(38 + 35 * len(table), 260))
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
        answer = _ask(run, [str(text)])[0]
    figure, alt = label_bars(answer, theme())
    plot(figure, key="run_answer", alt=alt)


def _ask_pinned(run: Run) -> list[tuple[str, str, float]]:
    """What the stored model says of the pinned sentences: the best epoch's, not the last step's."""
    with explained():
        answers = _ask(run, run.settings.pinned)
    best = [max(answer, key=answer.__getitem__) for answer in answers]
    return [
        (text, label, answer[label])
        for text, label, answer in zip(run.settings.pinned, best, answers, strict=True)
    ]


def _ask(run: Run, texts: Sequence[str]) -> list[dict[str, float]]:
    written = (run.model_folder / "config.json").stat().st_mtime
    tokenizer, model = _finished(str(run.model_folder), written)
    return classify(tokenizer, model, texts)


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
