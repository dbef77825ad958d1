"""How the model in hand learned: its own long run, from the record beside its weights."""

from collections.abc import Callable
from typing import Any

import pandas as pd
import streamlit as st

from bertlab.models import known_models
from bertlab.models.facts import card_facts
from bertlab.observations.pretraining import positions_notices, run_notices
from bertlab.pretraining.blanks import watched_blanks
from bertlab.pretraining.distillation.sentences import teacher_loss
from bertlab.pretraining.distillation.words import word_loss
from bertlab.pretraining.loop import pretrain
from bertlab.pretraining.objectives import losses
from bertlab.pretraining.record import PretrainingRecord
from bertlab.pretraining.settings import PretrainingSettings
from bertlab.ui.app.lesson import notice
from bertlab.ui.lessons.pretraining.result import draw_figures
from bertlab.ui.lessons.pretraining.run_view import draw_blanks, draw_curves
from bertlab.ui.state import caches
from bertlab.ui.state.guards import explained, plain
from bertlab.ui.widgets.glossary import prose
from bertlab.ui.widgets.model_picker import choose_button
from bertlab.views.pretraining import run as views

DISTILLATION = (
    "**Not by the two games alone.** Beside them this model had a teacher: [[distillation]]. The "
    "teacher read the sentences first. While the model played its games, the mean of its last "
    "layer over a sentence, sent through one linear layer, was pulled towards the teacher's vector "
    "of that sentence; that loss is 1 − cosine. The linear layer is gone, what the weights took "
    "over is not: part of what this model knows of meaning comes from the teacher, not from "
    "guessing hidden pieces."
)
WORDS = (
    "Its own word vectors, the table in which each piece is looked up, were pulled towards the "
    "teacher's in the same way: a small text shows a rare word too seldom to learn what it means."
)


def show_record(model: str) -> tuple[Callable[..., Any], ...]:
    """Draw how a model learned, or say that it does not tell; return the code that taught it."""
    with explained():
        record = caches.pretraining_record(model)
    if record is None:
        _nothing_told(model)
        return ()
    st.subheader(f"How {plain(model)} learned", anchor=False)
    _narrate(record)
    draw_figures(record.result)
    steps, events = record.result.steps, record.events
    watched = watched_blanks(events, record.settings.blanks)
    draw_blanks(watched, steps)
    draw_curves(steps, events)
    _tables(record)
    said = run_notices(record.result, events, watched, earlier_steps=record.earlier_steps)
    learned = record.settings.learned_positions or card_facts(model).get("learned_positions", 0)
    more = positions_notices(events, learned_positions=learned, earlier_steps=record.earlier_steps)
    notice([*said, *more])
    return (pretrain, losses, *_of_teacher(record.settings))


def _of_teacher(settings: PretrainingSettings) -> tuple[Callable[..., Any], ...]:
    """The losses that a teacher adds."""
    if not settings.teacher:
        return ()
    return (teacher_loss, word_loss) if settings.word_weight else (teacher_loss,)


def _nothing_told(model: str) -> None:
    """An empty state with a way on."""
    st.info(
        f"{plain(model)} brings no record of how it learned. The models that BertLab trained "
        "bring theirs, step by step.",
        icon=":material/history:",
    )
    with st.container(horizontal=True):
        for info in known_models():
            if info.source == "embedded" and info.name != model:
                choose_button(info)


def _narrate(record: PretrainingRecord) -> None:
    """What was done, from the record's own figures."""
    settings, sizes = record.settings, record.settings.architecture
    prose(_origin(record))
    part = "In its last run " if settings.init_checkpoint else ""
    st.markdown(
        f"**{sizes.layers} × {sizes.hidden_size}, {sizes.heads} heads**. {part}"
        f"{settings.masked_share:.0%} of the pieces were chosen, with {_pairs(settings)}, "
        f"{plain(_lengths(settings))}, optimizer {settings.optimizer}, seed {settings.seed}."
    )
    if settings.teacher:
        _narrate_teacher(settings)


def _narrate_teacher(settings: PretrainingSettings) -> None:
    """What a teacher is, who it was, and what was taken over from it."""
    prose(DISTILLATION)
    if settings.word_weight:
        prose(WORDS)
    st.markdown(f"The teacher was **{plain(settings.teacher)}**, {_layer(settings)}.")


def _layer(settings: PretrainingSettings) -> str:
    """Which of the teacher's layers gave the vectors."""
    if settings.teacher_layer == -1:
        return "the mean of its last layer"
    return f"the mean of its layer {settings.teacher_layer}, counted from the embeddings, 0"


def _origin(record: PretrainingRecord) -> str:
    """Random weights, or another model's, and where that one's steps stand in the curves."""
    base, earlier = plain(record.settings.init_checkpoint), record.earlier_steps
    if not base:
        return (
            "Random weights at first, as in part 2 of this lesson, and the same code. Only the "
            "text is larger, and the time."
        )
    if not earlier:
        return f"It went on from the weights of **{base}**, with the code of part 2 of this lesson."
    return (
        f"It learned in two runs, with the code of part 2 of this lesson: the first {earlier:,} "
        f"steps made **{base}**, and the second run went on from its weights."
    )


def _pairs(settings: PretrainingSettings) -> str:
    if not settings.pair_share:
        return "no next sentence"
    return f"next sentence on up to {settings.pair_share:.0%} of the inputs"


def _lengths(settings: PretrainingSettings) -> str:
    """Say how long the inputs were: "inputs of up to 64 tokens (90%), then 512 tokens (10%)".

    Lengths that come again are added up: "... 64 tokens (80%), 512 tokens (20%), by turns".
    """
    shares: dict[int, float] = {}
    for stage in settings.stages:
        shares[stage.max_length] = shares.get(stage.max_length, 0.0) + stage.share
    told = [f"{length} tokens ({share:.0%})" for length, share in shares.items()]
    if len(shares) < len(settings.stages):
        return f"inputs of up to {', '.join(told)}, by turns"
    return f"inputs of up to {', then '.join(told)}"


def _tables(record: PretrainingRecord) -> None:
    """What it read, and how it does on text that it never read."""
    last = ", in the last run" if record.settings.init_checkpoint else ""
    with st.expander(f"What it read{last}", icon=":material/menu_book:"):
        st.dataframe(_sources(record.settings), hide_index=True)
    if record.result.heldout_files:
        with st.expander("How it does on text that it never read", icon=":material/fact_check:"):
            st.dataframe(views.heldout_table(record.result.heldout_files), hide_index=True)


def _sources(settings: PretrainingSettings) -> pd.DataFrame:
    rows = [
        {"text": one.file, "passes": one.passes, "read by the teacher": one.teach}
        for one in settings.sources
    ]
    table = pd.DataFrame(rows)
    return table if settings.teacher else table.drop(columns="read by the teacher")
