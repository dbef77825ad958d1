"""A run that is over: its figures on the test part, its mistakes, its model to try and to take."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from bertlab.datasets import MULTI_LABEL, REGRESSION
from bertlab.engine import actions
from bertlab.finetuning.export import zip_model
from bertlab.finetuning.predict import KEPT, classify, longest_text
from bertlab.finetuning.result import FineTuningResult, read_result
from bertlab.models import load_finetuned
from bertlab.observations.fine_tuning import result_notices
from bertlab.runs import Run, Status
from bertlab.tokenization.encoding import UNKNOWN_WARNING_SHARE, unknown_share
from bertlab.ui.app.lesson import notice
from bertlab.ui.figures.charts import plot
from bertlab.ui.runs.feed import events_of
from bertlab.ui.runs.ownership import is_mine
from bertlab.ui.runs.replay import draw_replay
from bertlab.ui.runs.run_view import draw_curves, draw_learning, draw_pinned
from bertlab.ui.runs.test_looks import shows_test
from bertlab.ui.runs.test_scores import draw_where_wrong, metrics_of_test, tell_intervals
from bertlab.ui.runs.twin import draw_twin
from bertlab.ui.state import url_state
from bertlab.ui.state.guards import explained, plain
from bertlab.ui.state.language import lesson_language
from bertlab.ui.state.student import student_id
from bertlab.ui.state.theme import theme
from bertlab.ui.widgets.example import ELEPHANT
from bertlab.views.fine_tuning.answers import say_answer
from bertlab.views.masked_words import answer_table, label_bars, number_line

LONGEST_TRIAL = 5_000  # characters; no model here reads more
TRIED = ("try", "try_id", "try_pair", "try_pair_id")  # in the address of a run


@st.cache_resource(max_entries=4, show_spinner="Loading your model …")  # as many as base models
def _finished(folder: str, written: float) -> tuple[Any, Any]:
    return load_finetuned(Path(folder))


def show(run: Run, status: Status) -> None:
    """Draw what the run came to."""
    how_it_ended(run, status)
    result = read_result(run)
    events = events_of(run)
    is_shown = result is not None and result.test is not None and shows_test(run, result)
    if result and is_shown:
        _figures(result)
        draw_twin(run)
    draw_curves(run, status, events)
    draw_pinned(run, events, status.steps, _ask_pinned(run) if run.has_model else None)
    if events:
        draw_learning(run, events)
    if result and is_shown:
        draw_where_wrong(run, result)
    if run.has_model:
        _try_it(run)
        offer_download(run)
    draw_replay(run, events)
    if result:
        told = result if is_shown else replace(result, test=None)
        notice([*result_notices(told, events), *result.reasons])


def how_it_ended(run: Run, status: Status) -> None:
    """Say why a run of any kind is over, where it did not finish, and offer to go on."""
    if status.phase == "failed":
        st.error(f"The run failed. {plain(status.message)}", icon=":material/error:")
    elif status.phase == "stopped":
        text = status.message or "The run was stopped."
        st.info(plain(text), icon=":material/stop_circle:")
    if status.phase != "finished" and is_mine(run):
        _resume_button(run)


def _resume_button(run: Run) -> None:
    has_checkpoint = (run.folder / "checkpoint.pt").exists()
    title = "Go on from the last checkpoint" if has_checkpoint else "Begin it again"
    if st.button(title, icon=":material/replay:", key="run_resume"):
        with explained():
            actions.resume(run, by=student_id())
        st.rerun()


def _figures(result: FineTuningResult) -> None:
    test = result.test
    assert test is not None
    st.subheader(f"On {test.examples:,} test examples, never learned from", anchor=False)
    with st.container(horizontal=True, gap="medium"):
        for name, value in metrics_of_test(test).items():
            st.metric(name, value, width="content")
    if said := tell_intervals(test):
        st.caption(said)
    facts = [
        f"{result.train_examples:,} training examples",
        f"{result.steps:,} steps",
        f"{result.training_seconds:.1f} s of training, validation included",
        f"{result.examples_per_second:,.0f} examples a second while it took steps",
        f"{result.device}, {result.precision}",
    ]
    if result.chosen_by:
        facts.insert(2, kept_weights(result))
    st.markdown(" · ".join(facts))


def kept_weights(result: FineTuningResult) -> str:
    """Say which weights validation chose, and by what.

    Chosen after step 8, epoch 1, by validation accuracy
    -> "kept: the weights after step 8 (end of epoch 2), the best epoch by validation accuracy"
    """
    goal, epoch = result.goal, result.chosen_epoch
    place = "" if epoch is None else f" (end of epoch {epoch + 1})"
    # Checks within an epoch draw the curve; the ends of epochs alone are chosen from.
    chosen = f"of the best {goal}" if epoch is None else f"the best epoch by {goal}"
    return f"kept: the weights after step {result.chosen_step:,}{place}, {chosen}"


def _try_it(run: Run) -> None:
    st.subheader("Try a sentence", anchor=False)
    default = ELEPHANT[lesson_language(run.settings.model)].text
    travelling = url_state.text_state("text", default)[:LONGEST_TRIAL]
    tie = url_state.line_state("try", default, first=travelling, of=run.id)
    text = st.text_input(
        "A sentence for your model", max_chars=LONGEST_TRIAL,
        placeholder="Type a sentence and press Enter", **tie,
    )  # fmt: skip
    pair = ""
    if _has_pairs(str(run.folder)):
        tie = url_state.line_state("try_pair", "", of=run.id)
        pair = st.text_input("The second text of the pair", max_chars=LONGEST_TRIAL, **tie)
    if not (text or "").strip():
        return
    with explained():
        answer = _ask(run, [str(text)], pairs=[str(pair)] if pair else None)[0]
    _doubts(run, str(text))
    if run.problem_type == REGRESSION:
        figure, alt = _draw_number(run, answer)
    else:
        figure, alt = label_bars(answer, theme())
    plot(figure, key="run_answer", alt=alt, table=lambda: answer_table(answer))
    if run.problem_type == MULTI_LABEL:
        said, _ = say_answer(answer, MULTI_LABEL)
        st.markdown(f"From 50 % on a label counts as given: **{plain(said)}**.")


def _draw_number(run: Run, answer: dict[str, float]) -> tuple[go.Figure, str]:
    name, number = next(iter(answer.items()))
    low, high = _scale_of(str(run.folder))
    return number_line(number, theme(), name=name, low=low, high=high)


@st.cache_resource(max_entries=64, show_spinner=False)  # two numbers each
def _scale_of(folder: str) -> tuple[float, float]:
    numbers = Run("", Path(folder)).examples("train").numbers()
    return min(numbers), max(numbers)


@st.cache_resource(max_entries=64, show_spinner=False)  # one truth value each
def _has_pairs(folder: str) -> bool:
    return Run("", Path(folder)).examples("validation").pairs is not None


def _doubts(run: Run, text: str) -> None:
    """Say where the model cannot read a text, or not all of it."""
    tokenizer, model = _finished(str(run.model_folder), _written(run))
    share = unknown_share(tokenizer, [text])
    if share > UNKNOWN_WARNING_SHARE:
        st.warning(
            f"{share:.0%} of the tokens are {plain(str(tokenizer.unk_token))}: the model cannot "
            "tell these words apart, so its answer means little.",
            icon=":material/warning:",
        )
    longest = longest_text(tokenizer, model)
    tokens = len(tokenizer(text, truncation=False, verbose=False)["input_ids"])
    if tokens > longest:
        kept = KEPT[run.settings.truncation].format(longest=longest)
        st.warning(
            f"The text has {tokens:,} tokens; as in training, the model reads {kept}.",
            icon=":material/content_cut:",
        )


def _ask_pinned(run: Run) -> list[tuple[str, str, str]]:
    """What the stored model says of the pinned sentences: the best epoch's, not the last step's."""
    with explained():
        answers = _ask(run, run.settings.pinned)
    return [
        (text, *say_answer(answer, run.problem_type))
        for text, answer in zip(run.settings.pinned, answers, strict=True)
    ]


def _ask(
    run: Run, texts: Sequence[str], *, pairs: Sequence[str] | None = None
) -> list[dict[str, float]]:
    tokenizer, model = _finished(str(run.model_folder), _written(run))
    return classify(tokenizer, model, texts, pairs=pairs)


def _written(run: Run) -> float:
    """When the model was stored: a run that went on has another one under the same name."""
    return (run.model_folder / "config.json").stat().st_mtime


def offer_download(run: Run) -> None:
    """Offer a run's model, of whatever kind, as a zip file."""
    st.download_button(
        "Download the model (zip, Hugging Face format)",
        lambda: zip_model(run).open("rb"),
        f"bertlab-{run.id[:8]}.zip",
        "application/zip",
        icon=":material/download:",
        on_click="ignore",
        key="run_download",
    )
