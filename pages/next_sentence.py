"""Lesson: do two sentences belong together? BERT's other question, and what it really asks."""

import streamlit as st

from bertlab.inspection.next_sentence import follows_probability
from bertlab.inspection.pair_experiment import draw_kinds
from bertlab.observations.next_sentence import experiment_notices, has_learned
from bertlab.ui.app.lesson import close_lesson, open_lesson
from bertlab.ui.lessons.examples.next_sentence import EXAMPLES, TRIALS
from bertlab.ui.lessons.next_sentence import (
    answer_notices,
    changes,
    draw_answers,
    explain_no_head,
    many_pairs,
    open_pair,
    pair_head,
)
from bertlab.ui.state import caches
from bertlab.ui.state.guards import explained
from bertlab.ui.state.language import lesson_language
from bertlab.ui.widgets.glossary import prose
from bertlab.ui.widgets.minimal_pair import compare_with, draw_embedding_difference

CODE = (follows_probability, draw_kinds)
ALBERT = (
    "ALBERT was asked another question instead, [[sentence order prediction]]: two passages in a "
    "row, and whether they were swapped. Its wrong pairs have the right topic, so the topic gives "
    "nothing away, and only the order is left to go by (Lan et al. 2020, section 3.1)."
)

model = open_lesson(
    "Next sentence",
    "BERT learned a second game beside hidden words: [[next sentence prediction]]. Half of its "
    "pairs were two passages in a row; in the other half B was taken at random from another text. "
    "From the last vector of [[[CLS]]] alone a small head says how probable it is that B follows. "
    "Change the pair and see what the answer really depends on.",
)
language = lesson_language(model)
with explained():
    head = pair_head(model)
if head is None:
    explain_no_head(model)
    prose(ALBERT)
    st.stop()
if head.question == "sentence order":
    prose(f"The model in hand learned the other question. {ALBERT}")
traced = open_pair(model, EXAMPLES[language])
notices: tuple[str, ...] = ()
numbers: tuple[str, ...] = ()
if traced is not None:
    answers, replaced = changes(traced)
    draw_answers(answers, head)
    notices, numbers = answer_notices(answers)
    st.subheader("How the other word reaches [CLS]", anchor=False)
    prose(
        "The head reads one vector: that of [[[CLS]]] after the last [[layer]]. The pair as typed "
        "against the pair with the other word: where has the change got to, layer by layer?"
    )
    with explained():
        other = caches.trace(model, traced.text, replaced)
    compared = compare_with(traced, other, names=("As typed", "Changed"))
    draw_embedding_difference(traced, compared, key="next_spread", watched=0)

st.subheader("What does the head go by?", anchor=False)
prose(
    "One pair is an anecdote. Here are many: two passages of a village story in a row, the same "
    "two swapped, the first with a passage of another story, and the first with a text about "
    "something else. A head that goes by the order would let the first kind pass alone."
)
results = many_pairs(model)
prose(
    "BERT's wrong pairs had a B from a random text, which was mostly about something else. A pair "
    "that was swapped was never among them: nothing in this game says that it is wrong."
)
if head.question == "next sentence":
    prose(ALBERT)

found = experiment_notices(results, head.question) if results else ()
close_lesson(
    TRIALS[language],
    CODE,
    notices=[*found, *(notices if results and has_learned(results) else numbers)],
)
