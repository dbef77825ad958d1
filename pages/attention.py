"""Which tokens look at which, head by head."""

import streamlit as st

from bertlab.inspection.attention import describe, head_statistics, hide_special
from bertlab.inspection.masked_lm import predict_blanks
from bertlab.inspection.trace import run_trace
from bertlab.observations.attention import pattern_notices
from bertlab.ui.app.lesson import close_lesson, open_lesson
from bertlab.ui.lessons.attention import (
    draw_all_heads,
    draw_bertviz_view,
    draw_change,
    draw_grid,
    draw_one_head,
    places_for,
    places_for_heads,
    scale_input,
    shown_part,
)
from bertlab.ui.lessons.examples.attention import EXAMPLES, TRIALS
from bertlab.ui.lessons.masked_words import blank_columns
from bertlab.ui.state import url_state
from bertlab.ui.state.guards import explained
from bertlab.ui.state.language import lesson_language
from bertlab.ui.widgets.glossary import prose
from bertlab.ui.widgets.head_selection import chosen_head, head_selectors, head_table
from bertlab.ui.widgets.minimal_pair import minimal_pair_part
from bertlab.ui.widgets.traced_sentence import traced_sentence
from bertlab.views.shared.tables import heads_table

VIEWS = {"heatmap": "Heatmap", "head": "bertviz: head view", "model": "bertviz: model view"}

model = open_lesson(
    "Attention",
    "In every [[layer]] each token gathers something from the others. How much it takes from "
    "whom is its [[attention]]: one row of weights that sum to 1. Several [[heads|head]] do this "
    "side by side, each in its own way. Rows are the token that looks (the [[query]]), columns "
    "the token that is looked at (the [[key]]).",
)
language = lesson_language(model)
seen = traced_sentence(model, EXAMPLES[language], page="attention", is_choosing=False)
trace, loaded = seen.trace, seen.loaded

layer, head = chosen_head(trace)
statistics = head_statistics(trace)
table = heads_table(statistics)
with st.container(horizontal=True, vertical_alignment="bottom"):
    head_selectors(trace, layer, head)
    tie = url_state.option_state("view", list(VIEWS), "heatmap")
    view = st.segmented_control(
        "View", list(VIEWS), format_func=VIEWS.__getitem__, required=True, **tie
    )
    top = scale_input()
    hides_special = st.toggle(
        "Hide special tokens", **url_state.flag_state("attention_hide", False),
        help="Their weight is told below the picture; nothing is rescaled.",
    )  # fmt: skip
with explained():
    shown = shown_part(seen, hides_special=hides_special, top=top)
patterns = [describe(measured, seen.encoded.tokens) for measured in statistics]
found = patterns[layer * trace.heads + head]

picture, beside = places_for(view, len(shown.tokens))
with picture:
    if view == "heatmap":
        draw_one_head(seen, shown, (layer, head), title=found.text)
    else:
        draw_bertviz_view(view, seen, shown, (layer, head), title=found.text)
    if hides_special:
        st.caption(hide_special(trace.attention[layer, head], seen.encoded).note)
with beside:
    st.caption(found.detail)
    if loaded.has_mlm_head:
        with explained():
            blanks = predict_blanks(loaded, trace, top_k=5)
        blank_columns(blanks[:1], key="attention_blank", columns=1)
        if not blanks:
            st.caption("Click a token above to mask it and see the answers here.")
    else:
        st.caption(f"{model} has no masked-LM head, so it cannot say what a masked word was.")

st.subheader("All heads", anchor=False)
prose("Every head on this sentence: a row a [[layer]], a column a [[head]]. Click one to open it.")
left, right = places_for_heads(trace.heads)
with left:
    draw_all_heads(shown, (layer, head))
with right:
    draw_grid(statistics, (layer, head), table)
prose(
    "The same in numbers; choose a row to open its head. The shares overlap, as [[[CLS]]] may be "
    "the previous token, too, so a row's shares need not sum to 100&nbsp;%. [[Entropy|entropy]] is "
    "in nats."
)
head_table(statistics, table, (layer, head))

minimal_pair_part(
    seen,
    page="attention",
    says="Write a nearly equal sentence: which heads change, and where?",
    draws=[draw_change],
)

close_lesson(
    TRIALS[language],
    (run_trace, head_statistics),
    notices=pattern_notices(statistics, patterns),
)
