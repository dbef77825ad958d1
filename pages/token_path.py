"""See inside: one token's way through the whole model, block by block, with its numbers."""

import streamlit as st

from bertlab.inspection.token_path.path import check_block, follow_token, path_answers
from bertlab.observations.token_path import path_notices, picture_notes
from bertlab.ui.app.lesson import close_lesson, open_lesson
from bertlab.ui.figures.charts import csv_button
from bertlab.ui.lessons.examples.token_path import EXAMPLES, TRIALS
from bertlab.ui.lessons.token_path.block import block_panel
from bertlab.ui.lessons.token_path.picture import path_picture
from bertlab.ui.lessons.token_path.walk import choose_block, chosen_block, walk_controls
from bertlab.ui.state.guards import explained
from bertlab.ui.state.language import lesson_language
from bertlab.ui.state.theme import palette
from bertlab.ui.widgets.minimal_pair import draw_embedding_difference, minimal_pair_part
from bertlab.ui.widgets.token_selection import choose_token
from bertlab.ui.widgets.traced_sentence import traced_sentence
from bertlab.views.token_path.picture import describe_path, draw_path
from bertlab.views.token_path.tables import path_table

model = open_lesson(
    "The path of a token",
    "One token on its way through the model: its [[piece]] becomes a vector, every [[layer]] "
    "changes that vector twice, by [[attention]] and by [[feed-forward]], and at the end a head "
    "may turn it into [[probabilities|probability]]. The straight line is the stream that carries "
    "it; each strip is the vector at that place. Open any block to see its real numbers.",
)
language = lesson_language(model)
seen = traced_sentence(model, EXAMPLES[language], page="token_path", is_opened=True)
with explained():
    path = follow_token(seen.loaded, seen.trace, seen.token)
    answers = path_answers(seen.loaded, path)
checks = tuple(map(check_block, path.blocks))

block = chosen_block(path, seen.trace)
opens_all = walk_controls(path, block)
picture = draw_path(
    path, seen.trace, answers, chosen=block.name, opens_all=opens_all, palette=palette()
)
path_picture(
    picture,
    key="path_picture",
    alt=describe_path(path, answers, picture.rows),
    on_block=choose_block,
    on_token=choose_token,
)
csv_button(lambda: path_table(path, checks), key="token_path")
st.caption("  \n".join(picture_notes(path, len(picture.rows))))
block_panel(seen, path, block, checks[path.names.index(block.name)], answers)

minimal_pair_part(
    seen,
    page="token_path",
    says="Write a nearly equal sentence: whose path does the changed word turn, and from which "
    "layer on?",
    draws=[draw_embedding_difference],
)

close_lesson(
    TRIALS[language],
    (follow_token, check_block, draw_path),
    notices=path_notices(path, checks, answers),
)
