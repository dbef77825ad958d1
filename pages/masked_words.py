"""Lesson 2: BERT guesses hidden words from both sides."""

import streamlit as st

from bertlab.errors import InputError
from bertlab.inspection.masked_lm import cover, given_away, predict_blanks, use_mask_token
from bertlab.inspection.masked_words import score_guess
from bertlab.inspection.minimal_pairs import compare_answers, cosine_distances
from bertlab.inspection.trace import run_trace
from bertlab.observations.masked_words import masked_notices
from bertlab.tokenization.encoding import EncodedInput
from bertlab.ui.app.lesson import close_lesson, open_lesson
from bertlab.ui.figures.token_strip import token_strip
from bertlab.ui.lessons.examples.masked_words import EXAMPLES, TRIALS
from bertlab.ui.lessons.masked_words import (
    SHOWN_BLANKS,
    before_and_after,
    blank_columns,
    change_notices,
    guess_inputs,
    is_revealed,
)
from bertlab.ui.state import caches, url_state
from bertlab.ui.state.guards import explained, plain
from bertlab.ui.state.language import lesson_language
from bertlab.ui.widgets import mask_selection
from bertlab.ui.widgets.glossary import prose
from bertlab.ui.widgets.minimal_pair import (
    compare_box,
    draw_attention_difference,
    draw_embedding_difference,
    draw_prediction_difference,
    tell_most_moved,
)
from bertlab.ui.widgets.model_picker import require_mlm_head
from bertlab.ui.widgets.sentence import sentence_input, tell_what_was_cut, warn_about_unknown
from bertlab.ui.widgets.traced_sentence import Traced

CODE = (predict_blanks, run_trace, compare_answers, cosine_distances)

model = open_lesson(
    "Masked words",
    "BERT learned language by a game: hide some words, guess them from what stands on both sides. "
    "Such a [[masked language model]] answers with a [[probability]] for every piece of its "
    "[[vocabulary]]. Click a word to hide it, click again to show it.",
)
require_mlm_head(model)
language = lesson_language(model)
loaded = caches.model(model)
mask_token = str(loaded.tokenizer.mask_token)
is_guessing = url_state.flag("masked_guess", False)


def masked_in(sentence: str) -> tuple[EncodedInput, tuple[int, ...]]:
    """The sentence's tokens, and which of them are masked."""
    with explained():
        tokens = caches.encoded(model, sentence)
    positions = mask_selection.masked_positions(
        tokens, mask_token, sentence=(model, sentence, None)
    )
    return tokens, positions


def without_secret(sentence: str) -> str | None:
    """What the box may show while the student guesses."""
    tokens, positions = masked_in(sentence)
    is_open = not (is_guessing and positions) or is_revealed((sentence, *positions))
    sentence = use_mask_token(sentence, loaded.tokenizer)  # as it was encoded
    return None if is_open else cover(sentence, tokens, positions, mask_token)


text, _ = sentence_input(EXAMPLES[language], covered=without_secret)
encoded, masked = masked_in(text)

with st.container(horizontal=True):
    st.toggle(
        "Mask whole words", **url_state.flag_state("masked_whole", True),
        help="A word of several pieces is hidden with all of them. In Chinese, where each "
        "character is a piece, a segmenter (jieba) finds the words, as in Cui et al. 2019.",
    )  # fmt: skip
    is_guessing = st.toggle(
        "Guess first, then reveal", **url_state.flag_state("masked_guess", False),
        help="Answers stay hidden until you have made your own guess.",
    )  # fmt: skip


def mask_clicked(position: int) -> None:
    """Ask the toggle itself: the page may not have run since it was switched."""
    is_whole_now = bool(st.session_state["masked_whole_widget"])
    mask_selection.toggle(encoded, position, is_whole_word=is_whole_now)


typed = [i for i, token in enumerate(encoded.tokens) if token == mask_token]
token_strip(
    encoded,
    key="masked_strip",
    masked={*masked, *typed},
    mask_token=mask_token,
    unknown_token=str(loaded.tokenizer.unk_token),
    is_secret=is_guessing,
    on_click=mask_clicked,
    label="Tokens; activate one to mask it",
)
warn_about_unknown(model, [text])
tell_what_was_cut(model, encoded)
with explained():
    trace = caches.trace(model, text, masked=masked)
    blanks = predict_blanks(loaded, trace, top_k=5)
if not blanks:
    st.info("Nothing is hidden: click a word, or type [MASK].", icon=":material/touch_app:")
    close_lesson(TRIALS[language], CODE)
    st.stop()
for position in given_away(encoded, masked):
    st.warning(
        f"Position {position}: only a piece of the word is hidden. The pieces that stay in sight "
        "may give it away: this is not the same question as hiding the whole word.",
        icon=":material/visibility:",
    )

guesses = {}
if is_guessing:
    words, has_revealed = guess_inputs(blanks, sentence=(text, *masked))
    for blank in blanks:
        if words.get(blank.position):
            try:
                guesses[blank.position] = score_guess(
                    loaded, trace, blank.position, words[blank.position]
                )
            except InputError as problem:
                st.caption(plain(str(problem)))
    if not has_revealed:
        close_lesson(TRIALS[language], CODE)
        st.stop()
st.subheader("What the model would put there", anchor=False)
blank_columns(blanks, key="masked_bars", guesses=guesses)

if len(blanks) > 1:
    st.subheader("Each blank is answered alone", anchor=False)
    prose(
        "The answers above know nothing of each other. Put the first answer into one blank, run "
        "the model again, and see what becomes of the others:"
    )
    fillable = range(min(len(blanks), SHOWN_BLANKS))
    url_state.choice_state("masked_fill", fillable, 0, of=(text, *(b.position for b in blanks)))
    filled = st.segmented_control(
        "Fill",
        fillable,
        required=True,
        format_func=lambda i: plain(f"{blanks[i].predictions[0].token} at {blanks[i].position}"),
        **url_state.bind("masked_fill"),
    )
    answer = blanks[filled].predictions[0]
    with explained():
        again = run_trace(
            loaded, encoded, masked=masked, filled={blanks[filled].position: answer.token_id}
        )
        after = predict_blanks(loaded, again, top_k=5)
    others = [blank for i, blank in enumerate(blanks) if i != filled]
    before_and_after(others, after, filled=answer.token)

st.subheader("Change one word", anchor=False)
prose("Write a nearly equal sentence. Its answers stand beside the first one's, on one scale.")
shown = tuple(mask_token if i in trace.masked else t for i, t in enumerate(encoded.tokens))
traced = Traced(model, loaded, text, None, encoded, trace, shown, trace.masked[0])
compared = compare_box(traced, page="masked", label="Second sentence", needs_blank=True)
notices = masked_notices(blanks, loaded.config.vocab_size)
if compared is not None:
    notices += change_notices(traced, compared)
    draw_prediction_difference(traced, compared, key="masked_compared")
    st.subheader("How the change gets there", anchor=False)
    prose(
        "From the [[embeddings|embedding]] on, each [[layer]] lets the tokens look at each other, "
        "and the change spreads from token to token. The answer is read at the blank."
    )
    tell_most_moved(traced, compared)
    draw_embedding_difference(traced, compared, watched=traced.token)
    draw_attention_difference(traced, compared)

close_lesson(TRIALS[language], CODE, notices=notices)
