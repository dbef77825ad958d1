"""One attention cell: how a single weight comes about, with every number on the way."""

import streamlit as st

from bertlab.inspection.attention_cell import open_cell, sharing_head
from bertlab.observations.attention_cell import cell_notices
from bertlab.ui.app.lesson import close_lesson, open_lesson
from bertlab.ui.lessons.attention_cell import (
    cell_choice,
    draw_neuron_view,
    draw_steps,
    step_choice,
)
from bertlab.ui.lessons.examples.attention_cell import EXAMPLES, TRIALS
from bertlab.ui.state.guards import explained
from bertlab.ui.state.language import lesson_language
from bertlab.ui.widgets.glossary import prose
from bertlab.ui.widgets.head_selection import chosen_head, head_selectors
from bertlab.ui.widgets.token_selection import chosen_key
from bertlab.ui.widgets.traced_sentence import traced_sentence
from bertlab.views.bertviz.view import draw_bertviz

model = open_lesson(
    "One attention cell",
    "A picture of [[attention]] has a cell for each pair of tokens. Here one of them is opened. "
    "The [[query]] of one token meets the [[key]] of another: their [[dot product]], divided by "
    "the root of their width, is a [[score]]. [[Softmax|softmax]] makes shares of a row of scores, "
    "and each share takes so much of a [[value]]. That is all a [[head]] does with them.",
)
language = lesson_language(model)
traced = traced_sentence(model, EXAMPLES[language], page="attention_cell", is_opened=True)
trace = traced.trace

st.subheader("Choose a cell", anchor=False)
layer, head = chosen_head(trace, choose=sharing_head)
with st.container(horizontal=True):
    head_selectors(trace, layer, head)
with explained():
    key = chosen_key(trace, layer, head)
    cell = open_cell(trace, layer=layer, head=head, query=traced.token, key=key)
cell_choice(traced, cell)

st.subheader("Open it", anchor=False)
prose(
    "Every bar is one number: up is above 0, down is below. Point at one and the same dimension "
    "lights up everywhere. Where signs matter, purple and lilac are above 0 and orange is below. "
    "A click on a row below takes its token as the key."
)
view, steps = step_choice(cell.head_size)
if view == "steps":
    draw_steps(cell, traced.tokens, steps)
else:
    draw_neuron_view(traced, cell)

functions = (open_cell, draw_bertviz) if view == "neuron" else (open_cell,)
close_lesson(TRIALS[language], functions, notices=cell_notices(cell, traced.tokens))
