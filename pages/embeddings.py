"""Lesson: vectors as a space. One word in many sentences, two tokens, neighbours, positions."""

import streamlit as st

from bertlab.inspection.embeddings.occurrences import find_occurrences
from bertlab.inspection.embeddings.projection import project
from bertlab.inspection.embeddings.separation import measure_separation
from bertlab.inspection.embeddings.similarity import cosines_by_depth
from bertlab.observations.embeddings import (
    anisotropy_notice,
    neighbours_notice,
    origin_notices,
    positions_notice,
)
from bertlab.ui.app.lesson import close_lesson, open_lesson
from bertlab.ui.lessons.embeddings.senses import (
    choose_depth,
    choose_senses,
    draw_overview,
    draw_study,
    notices_of,
    study,
)
from bertlab.ui.lessons.embeddings.similarity import (
    baseline_of,
    choose_positions,
    draw_cosines,
    draw_neighbours,
    draw_positions,
    neighbours_of,
    second_token,
)
from bertlab.ui.lessons.examples.embeddings import EXAMPLES, TRIALS
from bertlab.ui.state import caches
from bertlab.ui.state.guards import explained
from bertlab.ui.state.language import lesson_language
from bertlab.ui.widgets.glossary import prose
from bertlab.ui.widgets.minimal_pair import draw_embedding_difference, minimal_pair_part
from bertlab.ui.widgets.traced_sentence import traced_sentence

model = open_lesson(
    "Embeddings",
    "A model turns every token into a vector. At first it is the piece's row of the word table, "
    "the same in every sentence, plus [[position]] and [[segment]], under a [[LayerNorm]]: the "
    "[[embedding]]. Then, layer by layer, it depends on the sentence. So one word of two senses "
    "may part into two groups. Does it? That is measured here, not only drawn.",
)
language = lesson_language(model)

st.subheader("One word in many sentences", anchor=False)
with explained():
    senses = choose_senses(language)
    found = study(model, senses)
depth = choose_depth(model, found)
draw_study(found, depth)
prose(
    "Each point is the word in one sentence; hover to read it. The map is a [[PCA]]: flat, so "
    "groups may seem to part, or to mix, that do not. The curve, a [[silhouette]], measures in "
    "all dimensions, and a [[permutation test]] says whether shuffled labels would do as "
    "well. At the embedding only the word's pieces and its [[position]] are known."
)
draw_overview(model, language)

st.subheader("Two tokens of one sentence", anchor=False)
prose(
    "[[Cosine similarity|cosine similarity]] compares two vectors' directions. In many models all "
    "vectors lean one way ([[anisotropy]]): a cosine says something only beside that of random "
    "pairs, the grey band."
)
seen = traced_sentence(model, EXAMPLES[language], page="embeddings")
second = second_token(seen)
with explained():
    baseline = baseline_of(model, language)
draw_cosines(seen, second, baseline, depth)

left, right = st.columns([5, 6], gap="large")
with left:
    st.subheader("Neighbours in the vocabulary", anchor=False)
    prose(
        "The input [[embedding]] of the chosen token: before any context, one vector for each "
        "piece. Which other pieces point the same way? The dashed line is where the best of as "
        "many random directions would end that lean as the table's do towards this piece."
    )
    with explained():
        neighbours = neighbours_of(model, seen.encoded.token_ids[seen.token])
    draw_neighbours(neighbours)
with right:
    st.subheader("Positions", anchor=False)
    prose(
        "Order reaches the model only through a vector for each [[position]], added at the "
        "input. How alike are they?"
    )
    positions = choose_positions(model)
    draw_positions(positions, caches.facts(model))

minimal_pair_part(
    seen,
    page="embeddings",
    says="Write a nearly equal sentence: which tokens' vectors does the changed word move, and "
    "from which layer on?",
    draws=[draw_embedding_difference],
)

close_lesson(
    TRIALS[language],
    (find_occurrences, project, measure_separation, cosines_by_depth),
    notices=[
        *notices_of(found),
        anisotropy_notice(baseline),
        neighbours_notice(neighbours),
        positions_notice(positions),
        *origin_notices(caches.pretraining_record(model)),
    ],
)
