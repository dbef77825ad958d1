"""The home page: what this is, the path through the lessons, the machine, how to join."""

import streamlit as st

from bertlab.doctor import check
from bertlab.inspection.attention import choose_head, notice
from bertlab.inspection.masked_lm import predict_blanks
from bertlab.inspection.trace import run_trace
from bertlab.observations.masked_words import masked_notices
from bertlab.observations.tokenization import tokenization_notices
from bertlab.ui.app.join_qr import reach
from bertlab.ui.app.lesson import close_lesson, open_lesson
from bertlab.ui.app.navigation import LESSONS, lesson_page
from bertlab.ui.app.share import copyable, qr_picture
from bertlab.ui.lessons.examples.home import EXAMPLES, TRIALS
from bertlab.ui.lessons.pretraining.masking_game import first_draw
from bertlab.ui.server.local_reader import is_here
from bertlab.ui.state import caches
from bertlab.ui.state.guards import explained, plain
from bertlab.ui.state.language import lesson_language
from bertlab.ui.state.theme import palette
from bertlab.ui.widgets import mask_selection
from bertlab.ui.widgets.glossary import prose
from bertlab.ui.widgets.samples import REVIEWS, first_rows
from bertlab.ui.widgets.sentence import sentence_input, tell_what_was_cut, warn_about_unknown
from bertlab.views import home

model = open_lesson(
    "BertLab",
    "Learn [[BERT]] by running it. Type a sentence and follow it through "
    "a real model on this machine: every number you see was computed a moment ago, here.",
)
language = lesson_language(model)
text, _ = sentence_input(EXAMPLES[language])
with explained():
    encoded = caches.encoded(model, text)
    loaded = caches.model(model)
    masked: tuple[int, ...] = ()
    if loaded.has_mlm_head:
        mask_token = str(loaded.tokenizer.mask_token)
        masked = mask_selection.masked_positions(encoded, mask_token, sentence=(model, text, None))
    trace = caches.trace(model, text, masked=masked)
    blanks = predict_blanks(loaded, trace) if loaded.has_mlm_head else ()
    layer, head = choose_head(trace)
warn_about_unknown(model, [text])
tell_what_was_cut(model, encoded)

game = home.game_html(first_draw(model, encoded))

STEPS = (  # the short way through, each with a picture of this very sentence
    ("tokenization", home.pieces_html(encoded.tokens, encoded.token_ids)),
    ("masked_words", home.answers_html(blanks, has_head=loaded.has_mlm_head)),
    ("attention", home.heat_html(trace.attention[layer, head], encoded.tokens)),
    ("pretraining", game),
    ("fine_tuning", home.table_html(first_rows(f"{REVIEWS[language]}.csv", 5))),
)
st.html(home.style(palette()))
with st.container(horizontal=True, key="home_path"):
    for number, (name, picture) in enumerate(STEPS, start=1):
        with st.container(border=True, key=f"home_step_{name}"):
            st.page_link(lesson_page(name), label=f"**{number} · {LESSONS[name].title}**")
            st.html(picture)
            st.caption(LESSONS[name].line)

st.subheader("Further in", anchor=False)
with st.container(horizontal=True, key="home_further"):
    for name in [name for name in LESSONS if name not in dict(STEPS)]:
        with st.container(key=f"home_lesson_{name}", gap=None):
            st.page_link(lesson_page(name))
            st.caption(LESSONS[name].line)

left, right = st.columns([3, 2], gap="large")
with left:
    st.subheader("This machine", anchor=False)
    st.html(home.checks_html(check(), is_here=is_here()))
with right:
    st.subheader("Join from another device", anchor=False)
    found = reach()
    if found.root:
        qr_picture(found.root, width=176)
        copyable(found.root, key="home_address")
        prose("Everybody on the same network opens this address. Nothing leaves the machine.")
    if found.advice:
        st.caption(plain(found.advice))

seen = notice(trace, layer, head)
close_lesson(
    TRIALS[language],
    (run_trace, predict_blanks),
    notices=[
        *tokenization_notices(encoded, None),
        *masked_notices(blanks, loaded.config.vocab_size),
        *([f"{seen.text}."] if seen.pattern else []),
    ],
)
