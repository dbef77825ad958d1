"""Lesson 4: how a BERT comes to know anything, as a game and as a live run."""

import streamlit as st

from bertlab.inspection.masking_game import play
from bertlab.observations.pretraining import game_notices
from bertlab.pretraining.data.masking import mask_tokens
from bertlab.pretraining.loop import pretrain
from bertlab.runs.run import PRETRAINING
from bertlab.ui.app.lesson import code_that_ran, notice, open_lesson, try_this
from bertlab.ui.lessons.examples.pretraining import EXAMPLES, TRIALS
from bertlab.ui.lessons.pretraining.masking_game import (
    choose_draw,
    next_sentence,
    show_counts,
    show_loss,
)
from bertlab.ui.lessons.pretraining.record import show_record
from bertlab.ui.lessons.pretraining.result import show
from bertlab.ui.lessons.pretraining.run_view import PHASES, draw_progress, run_heading
from bertlab.ui.lessons.pretraining.start import OPTIONS, RUN, choose_stories, start
from bertlab.ui.runs.ownership import take_control
from bertlab.ui.runs.result import TRIED
from bertlab.ui.runs.run_list import own_runs
from bertlab.ui.runs.run_view import follow
from bertlab.ui.state import caches, url_state
from bertlab.ui.state.guards import explained
from bertlab.ui.state.language import lesson_language
from bertlab.ui.widgets.glossary import prose
from bertlab.ui.widgets.sentence import sentence_input, tell_what_was_cut, warn_about_unknown

PARTS = {
    "game": "1 · The masking game",
    "train": "2 · Train a BERT from nothing",
    "made": "3 · How this model learned",
}

if url_state.in_url(RUN) and not url_state.in_url("part"):
    st.session_state["part"] = "train"  # a run's address shows the run
run_id = url_state.state(RUN, "", str)
url_state.publish(RUN, run_id)
take_control(run_id)
tie = url_state.option_state("part", list(PARTS), "game")
part = st.session_state["part"]
model = open_lesson(
    "Pre-training",
    "Before a BERT can be fine-tuned it has to learn language, from plain text alone: "
    "[[pre-training]]. Nobody labels anything. Some tokens are hidden and the model guesses "
    "them; in each step the mean [[loss]] of a [[batch]]'s guesses moves every weight a little.",
    has_strip=part != "train",
)
st.segmented_control(
    "Part", list(PARTS), format_func=PARTS.__getitem__, required=True, label_visibility="collapsed",
    **tie,
)  # fmt: skip

for key in OPTIONS if run_id else TRIED:  # a run has its own settings: its link is short
    url_state.publish(key, "")
code = (mask_tokens, play) if part == "game" else (pretrain, mask_tokens)
if part == "game":
    text, pair = sentence_input(EXAMPLES[lesson_language(model)], has_pair=True)
    with explained():
        encoded = caches.encoded(model, text, pair)
    warn_about_unknown(model, [text, *([pair] if pair else [])])
    tell_what_was_cut(model, encoded)
    st.subheader("What is hidden, and how", anchor=False)
    draw, share, is_whole = choose_draw(model, encoded)
    asked = show_loss(model, draw)
    show_counts(model, encoded, share=share, is_whole=is_whole)
    next_sentence(model)
    notice(game_notices(asked, caches.facts(model).vocabulary) if asked else [])
elif part == "made":
    code = show_record(model)
elif run_id:
    with explained():
        run = run_heading(run_id)
    status = run.status()
    if status.is_final:
        show(run, status)
    else:
        follow(run, draw_progress)
else:
    prose(
        "A network with random weights, a small text, and the two games. It runs outside the "
        "page: refresh, close the browser or open the link in a second tab, and nothing is lost. "
        "The text and the model stay on this machine until you delete the run."
    )
    stories, name = choose_stories(model)
    start(stories, name)
    own_runs(key=RUN, kind=PRETRAINING, phases=PHASES)
try_this(TRIALS)
if code:
    code_that_ran(*code)
