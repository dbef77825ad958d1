"""What heads do: roles over many sentences, entropy by layer, rollout."""

import streamlit as st

from bertlab.inspection.bundled_sentences import Sentence
from bertlab.inspection.heads.baseline import positional_baseline
from bertlab.inspection.heads.roles import RoleScores, score_roles
from bertlab.inspection.heads.rollout import rollout
from bertlab.observations.heads import Rule, role_notices
from bertlab.ui.app.lesson import close_lesson, open_lesson
from bertlab.ui.app.navigation import lesson_page
from bertlab.ui.lessons.examples.heads import EXAMPLES, OWN, TRIALS
from bertlab.ui.lessons.heads.parts import (
    aside_toggle,
    draw_bars,
    draw_entropy,
    draw_examples,
    draw_grid,
    draw_rollout,
    grid_columns,
    names_for,
    tell_what_counts,
    threshold_slider,
)
from bertlab.ui.lessons.heads.statistics import head_statistics_over
from bertlab.ui.state.guards import explained
from bertlab.ui.state.language import lesson_language
from bertlab.ui.widgets.glossary import prose
from bertlab.ui.widgets.head_selection import chosen_head, head_selectors
from bertlab.ui.widgets.own_sentences import chosen_sentences, source_switch
from bertlab.ui.widgets.traced_sentence import traced_sentence

CODE = (score_roles, RoleScores.roles, positional_baseline, rollout)

model = open_lesson(
    "What heads do",
    "One sentence shows what a [[head]] did once. A habit needs many: here every head is measured "
    "over 200 sentences, or over your own. A role is stated only where the head beats two that "
    "know nothing of words: even weights close by or position alone, and the same head with random "
    "weights.",
)
language = lesson_language(model)
traced = traced_sentence(model, EXAMPLES[language], page="heads")
layer, head = chosen_head(traced.trace)

st.subheader("Every head and its role", anchor=False)
with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
    source = source_switch()
    head_selectors(traced.trace, layer, head)
    rule = Rule(names_for(traced.encoded.tokens), threshold_slider())
    is_aside = aside_toggle()
sentences = chosen_sentences(source, language, OWN[language], Sentence(traced.text, traced.pair))
with explained():
    found = head_statistics_over(model, *sentences.groups, is_aside=is_aside)
if found is None:
    st.info("Two sentences are the least. Write another line above.", icon=":material/edit:")
    close_lesson(TRIALS[language], CODE)
    st.stop()
left, right = grid_columns(traced.trace.heads)
with left:
    draw_grid(found, (layer, head), rule)
with right:
    draw_bars(found, (layer, head), rule)
tell_what_counts(found, sentences.caption)
with st.expander("What the roles mean, and what they are compared with", icon=":material/rule:"):
    prose(
        "Each number is the mean weight that ordinary tokens give to a place, over all tokens "
        "that have such a place. **Previous**, **next**, **itself**: the neighbour or the token's "
        "own place. **Same word**: other places of the same [[piece]]. **Punctuation**: asked by "
        "words. **[[[SEP]]]** and **[[[CLS]]]**: weight that lies there is often at rest, wanted "
        "nowhere else (Clark et al. 2019), so such heads are drawn pale.\n\n"
        "**The comparison.** Same word, punctuation and [SEP] are compared with **position "
        "alone**, the head's own habits by place: each sentence is scored with what the head does "
        "on average in all *other* sentences, once by distance, once by position from the start; "
        "the better counts. Previous, next and itself *are* places, which this would explain away: "
        "they are compared with even weights on the places up to two away, [CLS] with even weights "
        "on all tokens. Such a role needs no word, and where the share is much the same at every "
        "token, the page says so: this head knows position alone.\n\n"
        "**Random weights**: the same architecture, drawn anew as before [[pre-training]], over "
        "the same sentences. A role tells where a head looks, not what the model makes of it: "
        "for that, turn the head off."
    )

st.subheader(f"Head {layer}.{head}, sentence by sentence", anchor=False)
draw_examples(model, found, (layer, head), rule)
with st.container(horizontal=True):
    here = f"{layer}.{head}"
    for name, label, query in (
        ("attention", f"Head {here} in your sentence", {"head": here}),
        ("attention_cell", "One weight, step by step", {"head": here}),
        ("ablation", "Turn it off", {"head": here, "off": here}),
    ):
        page = lesson_page(name)
        st.page_link(page, label=label, icon=":material/arrow_forward:", query_params=query)

st.subheader("How spread out attention is", anchor=False)
prose(
    "[[Entropy|entropy]] of each token's weights, as a share of ln n, the most that n tokens "
    "allow: 100&nbsp;% are even weights, 0&nbsp;% a single token. The band holds 80 % of all heads "
    "and sentences."
)
draw_entropy(found)

st.subheader("Where a token comes from", anchor=False)
prose(
    "After a few layers each place holds a mixture. [[Attention rollout|attention rollout]] "
    "follows it back to the input: average the heads, leave half of each token where it is, for "
    "the residual stream (half by convention: in the model itself the attention block may add "
    "less or more than it leaves), and multiply the layers (Abnar and Zuidema 2020). It knows "
    "nothing of "
    "[[values|value]] or of the [[feed-forward]] blocks. Click a token above to follow another."
)
draw_rollout(traced)

close_lesson(
    TRIALS[language],
    CODE,
    notices=role_notices(found.scores, rule),
)
