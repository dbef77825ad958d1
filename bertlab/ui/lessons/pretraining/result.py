"""A pre-training run that is over: what it came to, before and after, its model to try and take."""

from pathlib import Path

import streamlit as st

from bertlab.errors import InputError
from bertlab.inspection.masked_lm import predict_blanks
from bertlab.inspection.trace import run_trace
from bertlab.models import LoadedModel
from bertlab.observations.pretraining import run_notices
from bertlab.pretraining.blanks import Watched, watched_blanks
from bertlab.pretraining.predict import load_pretrained
from bertlab.pretraining.result import PretrainingResult, read_result
from bertlab.pretraining.start import settings_of
from bertlab.runs import Run, Status
from bertlab.tokenization.encoding import encode
from bertlab.ui.app.lesson import notice
from bertlab.ui.figures.charts import csv_button
from bertlab.ui.figures.tables import downloadable
from bertlab.ui.lessons.masked_words import blank_columns
from bertlab.ui.lessons.pretraining.run_view import draw_blanks, draw_curves, draw_metrics
from bertlab.ui.runs.feed import events_of
from bertlab.ui.runs.result import how_it_ended, offer_download
from bertlab.ui.state import url_state
from bertlab.ui.state.guards import explained
from bertlab.views.pretraining import run as views
from bertlab.views.shared.times import duration

LONGEST_TRIAL = 300  # characters; these models read 64 tokens


# As many as a class compares; a medium one takes 15 MB.
@st.cache_resource(max_entries=4, show_spinner="Loading your model …")
def _finished(folder: str, written: float, name: str) -> LoadedModel:
    return load_pretrained(Path(folder), name=name)


def show(run: Run, status: Status) -> None:
    """Draw what the run came to."""
    how_it_ended(run, status)
    events, result = events_of(run), read_result(run)
    watched = watched_blanks(events, settings_of(run).blanks)
    if result:
        draw_figures(result)
    draw_blanks(watched, status.steps)
    if run.has_model:
        _try_it(run, watched)
    draw_curves(status.steps, events)
    if watched and len(watched[0].history) > 1:
        _before_and_after(watched)
    with st.container(horizontal=True):
        if run.has_model:
            offer_download(run)
        if events:
            table = views.steps_table(events)
            csv_button(table, label="Save the curves (CSV)", file_name="steps.csv")
    if result:
        notice(run_notices(result, events, watched))


def draw_figures(result: PretrainingResult) -> None:
    """What a run came to, in numbers."""
    heldout = result.heldout
    pairs = heldout.next_accuracy if heldout else None
    draw_metrics(
        {
            "Held-out loss": f"{heldout.loss:.3f}" if heldout else "–",
            "Held-out accuracy": f"{heldout.accuracy:.1%}" if heldout else "–",
            "Next sentence": "–" if pairs is None else f"{pairs:.1%}",
            "Steps": f"{result.steps:,}",
            "Tokens read": f"{result.tokens:,}",
            "Training time": duration(result.training_seconds),
            "Parameters": f"{result.parameters:,}",
        }
    )
    facts = [
        f"a vocabulary of {result.vocabulary:,} pieces",
        f"{result.tokens_per_second:,.0f} pieces a second",
        f"{result.device}, {result.precision}",
    ]
    if read := result.read:  # runs of earlier versions did not tell
        beside = f", {read.random:,} in random second sentences" if read.random else ""
        facts.insert(
            0,
            f"read {read.text:,} pieces of text{beside} and {read.marks:,} [CLS] and [SEP]",
        )
    if heldout:
        asked = f"{heldout.tokens:,} masked pieces and {heldout.pairs:,} pairs"
        facts.insert(0, f"asked about all of the held-out text: {asked}")
    st.markdown(" · ".join(facts))


def _before_and_after(watched: tuple[Watched, ...]) -> None:
    first, last = watched[0].first.step, watched[0].last.step
    weights = "random weights" if first == 0 else f"step {first:,}"
    st.subheader(f"Before ({weights}) and after ({last:,} steps)", anchor=False)
    table = views.before_after_table(watched)
    downloadable(table, label="Save this table (CSV)", file_name="before_after.csv")


def _try_it(run: Run, watched: tuple[Watched, ...]) -> None:
    """Let the run's own model fill a sentence."""
    st.subheader("Ask your own BERT", anchor=False)
    example = watched[0].sentence if watched else ""
    text = st.text_input(
        "A sentence with [MASK] in it", max_chars=LONGEST_TRIAL,
        placeholder="Type a sentence with [MASK] and press Enter",
        **url_state.line_state("try", example, of=run.id),
    )  # fmt: skip
    if not (text or "").strip():
        return
    with explained():
        written = (run.model_folder / "config.json").stat().st_mtime
        loaded = _finished(str(run.model_folder), written, run.name)
        if "[MASK]" not in str(text):
            raise InputError("Put [MASK] where the model is to find a word.")
        encoded = encode(loaded.tokenizer, str(text), max_length=loaded.max_tokens)
        blanks = predict_blanks(loaded, run_trace(loaded, encoded), top_k=5)
    for cut in encoded.truncated:
        st.warning(
            f"The model reads {loaded.max_tokens} tokens; the last {len(cut.tokens)} are cut off.",
            icon=":material/content_cut:",
        )
    if blanks:
        blank_columns(blanks, key="pretraining_try_bars")
