"""Lesson 3: which tokens look at which, head by head."""

import streamlit as st

from bertlab.attention import (
    describe,
    head_statistics,
    hide_special,
    sentence_b_start,
)
from bertlab.masked_lm import predict_blanks
from bertlab.trace import run_trace
from bertlab.ui import caches, links, masking
from bertlab.ui.attention_parts import draw_bertviz_view, draw_grid, draw_heatmap, places_for
from bertlab.ui.examples.attention import EXAMPLES, TRIALS
from bertlab.ui.glossary import prose
from bertlab.ui.guards import explained
from bertlab.ui.heads import chosen_head, head_selectors, head_table
from bertlab.ui.language import lesson_language
from bertlab.ui.lesson import close_lesson, open_lesson
from bertlab.ui.masked_parts import blank_columns
from bertlab.ui.sentence import sentence_input, tell_what_was_cut, warn_about_unknown
from bertlab.ui.token_strip import token_strip
from bertlab.views.tables import heads_table

VIEWS = {"heatmap": "Heatmap", "head": "bertviz: head view", "model": "bertviz: model view"}

model = open_lesson(
    "Attention",
    "In every [[layer]] each token gathers something from the others. How much it takes from "
    "whom is its [[attention]]: one row of weights that sum to 1. Several [[heads|head]] do this "
    "side by side, each in its own way. Rows are the token that looks (the [[query]]), columns "
    "the token that is looked at (the [[key]]).",
)
language = lesson_language(model)
text, pair = sentence_input(EXAMPLES[language], has_pair=True)
with explained():
    encoded = caches.encoded(model, text, pair)
    loaded = caches.model(model)
mask_token = str(loaded.tokenizer.mask_token)
masked = ()
if loaded.has_mlm_head:
    masked = masking.masked_positions(encoded, mask_token, sentence=(model, text))
with explained():
    trace = caches.trace(model, text, pair, masked=masked)


def mask_word(position: int) -> None:
    masking.toggle(encoded, position, is_whole_word=True)


token_strip(
    encoded,
    key="attention_strip",
    masked=trace.masked,
    mask_token=mask_token,
    unknown_token=str(loaded.tokenizer.unk_token),
    on_click=mask_word if loaded.has_mlm_head else None,
    label="Tokens; activate one to mask it",
)
warn_about_unknown(model, [text, pair or ""])
tell_what_was_cut(model, encoded)

layer, head = chosen_head(trace)
statistics = head_statistics(trace)
with st.container(horizontal=True, vertical_alignment="bottom"):
    head_selectors(trace, layer, head)
    tie = links.option_state("view", list(VIEWS), "heatmap")
    view = st.segmented_control(
        "View", list(VIEWS), format_func=VIEWS.__getitem__, required=True, **tie
    )
    hides_special = st.toggle(
        "Hide special tokens", key="attention_hide", bind="query-params",
        help="Their weight is told below the picture; nothing is rescaled.",
    )  # fmt: skip

weights, positions, note = trace.attention, tuple(range(len(encoded.tokens))), ""
if hides_special:
    with explained():
        without = hide_special(trace.attention, encoded)
    weights, positions = without.attention, without.positions
    note = hide_special(trace.attention[layer, head], encoded).note
shown = {i: mask_token for i in trace.masked}
tokens = [shown.get(i, encoded.tokens[i]) for i in positions]
patterns = [describe(measured, encoded.tokens) for measured in statistics]
seen = patterns[layer * trace.heads + head]

picture, beside = places_for(view, len(tokens))
with picture:
    if view == "heatmap":
        draw_heatmap(weights[layer, head], tokens, positions, title=seen.text)
    else:
        start_of_b = sentence_b_start(encoded, positions)
        draw_bertviz_view(
            view, weights, tokens, positions, (layer, head), start_of_b, title=seen.text
        )
    st.caption(note)
with beside:
    st.caption(seen.detail)
    if loaded.has_mlm_head:
        with explained():
            blanks = predict_blanks(loaded, trace, top_k=5)
        blank_columns(blanks[:1], key="attention_blank", columns=1)
        if not blanks:
            st.caption("Click a token above to mask it and see the answers here.")
    else:
        st.caption(f"{model} has no masked-LM head, so it cannot say what a masked word was.")

st.subheader("All heads", anchor=False)
left, right = st.columns(2, gap="medium")
with left:
    draw_grid(statistics, (layer, head))
with right:
    prose("Choose a row to look at that head above. [[Entropy|entropy]] is in nats.")
    head_table(statistics, heads_table(statistics), (layer, head))

clear = [found for found in patterns if found.pattern]
close_lesson(
    TRIALS[language],
    (run_trace, head_statistics),
    notices=[
        f"{len(clear)} of {len(statistics)} heads show one of five simple patterns in this "
        "sentence; the others do not."
        if clear
        else "No head shows one of the five simple patterns in this sentence.",
        *(found.text + "." for found in sorted(clear, key=lambda f: -f.share)[:3]),
    ],
)
