"""Lesson: what the model would answer if it stopped after each layer."""

import streamlit as st

from bertlab.inspection.layers import counted_positions, depth_name, read_depths, read_grid
from bertlab.observations.layers import lens_notices
from bertlab.ui.app.lesson import close_lesson, open_lesson
from bertlab.ui.lessons.examples.layers import EXAMPLES, TRIALS
from bertlab.ui.lessons.layers import draw_answers, draw_grid, grid_of, watched_token
from bertlab.ui.state import caches
from bertlab.ui.state.guards import explained, plain
from bertlab.ui.state.language import lesson_language
from bertlab.ui.widgets.glossary import prose
from bertlab.ui.widgets.minimal_pair import (
    draw_embedding_difference,
    draw_prediction_difference,
    minimal_pair_part,
)
from bertlab.ui.widgets.model_picker import require_mlm_head
from bertlab.ui.widgets.traced_sentence import traced_sentence

model = open_lesson(
    "Layer by layer",
    "A token's [[hidden state]] changes from [[layer]] to layer. What would the model answer if "
    "it stopped half-way? The [[logit lens]] asks: it takes the head that turns the last layer's "
    "vectors into words and applies it to every layer before.",
)
require_mlm_head(model)
language = lesson_language(model)
seen = traced_sentence(model, EXAMPLES[language], page="layers")
trace, position = seen.trace, seen.token

st.subheader("One token, every layer", anchor=False)
watched = watched_token(seen)
with explained():
    answers = read_depths(seen.loaded, trace, position, watched=watched)
draw_answers(seen, answers)
is_masked = position in trace.masked
st.caption(
    plain(
        f"Rows run from the embedding, below, to {depth_name(trace.layers)}, where the model "
        f"really answers. Framed in green, where it is among the five: "
        f"“{answers[-1].watched.token}”. "
    )
    + (
        "The token is hidden from the model."
        if is_masked
        else "The model sees this token: mask it above for a real question."
    )
)
prose(
    "**An untrained readout, not the model's own opinion.** The head was trained on the last "
    "layer's vectors alone, and nothing is trained here (a [[probe]] would be, on each layer's "
    "vectors). On an earlier layer it reads a language that it was never taught: a poor answer "
    "there does not mean that the layer knows nothing, and the layers below never use these "
    "answers. Only the top row is what the model says."
)
if caches.config(model).model_type == "albert":
    prose("ALBERT's layers are one and the same layer, applied again and again.")

st.subheader("Every token, every layer", anchor=False)
prose(
    "The stronger the colour, the more probable the answer. Click a cell to choose its token here "
    "and in every other lesson."
)
with explained():
    grid = grid_of(seen)
counted = counted_positions(trace, grid.positions)
agreements = grid.agreements(counted)
draw_grid(seen, grid, agreements, len(counted))

minimal_pair_part(
    seen,
    page="layers",
    says="Write a nearly equal sentence: how far does the change spread on its way up, and what "
    "becomes of the answer?",
    draws=[draw_embedding_difference, draw_prediction_difference],
)

close_lesson(
    TRIALS[language],
    (read_depths, read_grid),
    notices=lens_notices(
        answers,
        position=position,
        is_hidden=is_masked and trace.encoded.token_ids[position] == watched,
        vocabulary=seen.loaded.config.vocab_size,
        agreements=agreements,
        counted=len(counted),
    ),
)
