"""Turn heads off: which of them does an answer need, and is attention an explanation of it?"""

import streamlit as st

from bertlab.inspection.ablation.ablation import Ablation, replaced_heads
from bertlab.inspection.ablation.attribution import integrated_gradients
from bertlab.inspection.ablation.importance import head_importance, most_helpful
from bertlab.inspection.ablation.prediction_shift import moved_answers
from bertlab.inspection.attention import choose_head
from bertlab.inspection.masked_lm import predict_blanks
from bertlab.observations import ablation as say
from bertlab.ui.app.lesson import close_lesson, open_lesson
from bertlab.ui.lessons.ablation import parts, work
from bertlab.ui.lessons.ablation.switches import switched_off
from bertlab.ui.lessons.examples.ablation import EXAMPLES, TRIALS
from bertlab.ui.state.guards import explained
from bertlab.ui.state.language import lesson_language
from bertlab.ui.widgets.glossary import prose
from bertlab.ui.widgets.head_selection import chosen_head
from bertlab.ui.widgets.model_picker import require_mlm_head
from bertlab.ui.widgets.traced_sentence import traced_sentence
from bertlab.views.ablation.explanations import NAMES

CODE = (replaced_heads, head_importance, integrated_gradients)

model = open_lesson(
    "Turn heads off",
    "A picture of [[attention]] shows where a [[head]] looks, not whether the answer needs it. "
    "[[Ablation|ablation]] asks directly: take the head out, keep all else, and read the masked "
    "word again. Click a token to mask it; press a switch to turn a head off.",
)
require_mlm_head(model)
language = lesson_language(model)
traced = traced_sentence(model, EXAMPLES[language], page="ablation", is_choosing=False)
trace, loaded = traced.trace, traced.loaded
with explained():
    blanks = predict_blanks(loaded, trace, top_k=5)
if not blanks:
    st.info("Nothing is masked: click a token, or type [MASK].", icon=":material/touch_app:")
    close_lesson(TRIALS[language], CODE)
    st.stop()

with st.container(horizontal=True, vertical_alignment="bottom"):
    blank, word_id, word = parts.asked_word(traced, blanks)
    kind = parts.asked_kind()
shape = trace.layers, trace.heads
with explained():
    importance = work.sentence_importance(traced, blank.position, word_id, kind)
first = frozenset() if importance is None else most_helpful(importance.change, 1)
off = switched_off(shape, first)
head = chosen_head(trace, choose=lambda found: next(iter(first), choose_head(found)))
ablation = Ablation(*off, kind)
with explained():
    after = work.ablated(traced, ablation)
    moved = moved_answers(loaded, trace, after, position=blank.position, word=word_id)

st.subheader("All heads, as switches", anchor=False)
with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
    parts.presets_row(importance, shape, head)
median = parts.median_in_hand(model, kind)
top = parts.shared_top(importance, median)
left, right = parts.side_by_side(trace.heads <= parts.WIDE)
with left:
    parts.draw_switches(traced, importance, off, chosen=head, word=word, top=top)
    prose(
        "Colour and number: what becomes of ln p of the watched word when that head **alone** is "
        "off; below 0 it had helped. With all heads of a layer off, its attention adds only a "
        "constant, and its [[feed-forward]] part goes on. A layer that is **skipped** does "
        "nothing: it hands on what it was given. No weight is changed: a hook puts something "
        "else in the place of what a head made."
    )
with right:
    parts.draw_moved(moved, blank, ablation)

left, right = parts.side_by_side(
    len(traced.tokens) <= parts.FEW and trace.heads <= parts.WIDE, widths=(7, 5)
)
with left:
    st.subheader("The head in hand", anchor=False)
    parts.draw_head(traced, head)
with right:
    st.subheader("Over many sentences", anchor=False)
    parts.draw_median(median, model, kind, top=top, chosen=head)

st.subheader("Is attention explanation?", anchor=False)
prose(
    "Four ways to say which tokens an answer rests on. **Token ablation** masks each token in "
    "turn. **[[Gradients|gradient]] × input** follows the slope where the sentence stands. "
    "**[[Integrated gradients|integrated gradients]]** follow it all the way from a sentence of "
    "masks, in which [CLS] and [SEP] are masked too. **[[Attention rollout|attention rollout]]** "
    "multiplies attention through the layers and never looks at the answer. All are of the model "
    "with every head on."
)
with explained():
    found = work.explanations(traced, blank.position, word_id)
if found is not None:
    left, right = parts.side_by_side(len(traced.tokens) <= parts.FEW, widths=(3, 2))
    with left:
        parts.draw_explanations(found, traced, blank, word)
    with right:
        parts.draw_correlation(found)
    prose(
        "**No**, said Jain and Wallace (2019, *Attention is not Explanation*) of classifiers with "
        "one attention layer on an LSTM: weights often had little [[rank correlation]] with "
        "gradients and with leaving words out, and other weights gave nearly the same answer.\n\n"
        "**That proves less than it seems**, answered Wiegreffe and Pinter (2019, *Attention is "
        "not not Explanation*): weights set by hand for one text are no model that was trained to "
        "have them; it depends on what is to be explained; and where trained weights beat fixed "
        "ones, they carry something.\n\nNeither side studied a BERT with many layers and heads, "
        "and each row here rests on a choice: a mask as the absent word, a straight way, a half "
        "for the residual. Where they disagree, none may be read as *the* reason. Turning a head "
        "off is an experiment; the others are readings."
    )

notices = [] if importance is None else say.head_notices(importance, word)
if importance is not None and not ablation.skipped:
    notices += say.together_notice(importance, ablation.heads, moved.change, word)
notices += [] if median is None else say.median_notices(median)
notices += [] if found is None else say.explanation_notices(found, traced.tokens, NAMES)
close_lesson(TRIALS[language], CODE, notices=notices)
