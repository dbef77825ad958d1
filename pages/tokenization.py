"""Lesson 1: from a text to what BERT gets."""

import streamlit as st

from bertlab.observations.tokenization import tokenization_notices
from bertlab.tokenization.chinese import changed_characters
from bertlab.tokenization.encoding import encode
from bertlab.tokenization.wordpiece import (
    compare_with_tokenizer,
    match_word,
    trace_wordpiece,
    why_not_wordpiece,
    wordpiece_options,
)
from bertlab.ui.app.lesson import close_lesson, open_lesson
from bertlab.ui.figures.charts import csv_button
from bertlab.ui.figures.token_strip import token_strip
from bertlab.ui.lessons.examples.tokenization import EXAMPLES, TRIALS
from bertlab.ui.state import caches, url_state
from bertlab.ui.state.guards import explained, plain
from bertlab.ui.state.language import lesson_language
from bertlab.ui.state.theme import palette
from bertlab.ui.widgets.glossary import prose
from bertlab.ui.widgets.sentence import (
    sentence_input,
    simplified_from,
    tell_what_was_cut,
    warn_about_unknown,
)
from bertlab.views import tokenization as draw
from bertlab.views.shared.tables import attempts_table, input_table, words_table

FOLLOWED = 5_000  # characters; a word that cannot be spelled takes thousands of attempts

model = open_lesson(
    "Tokenization",
    "BERT never sees letters or words. It sees numbers, each the place of a [[piece]] in a fixed "
    "[[vocabulary]]. Follow your sentence there: [[normalization]], [[pre-tokenization]], then "
    "[[WordPiece]], which looks for the longest piece that fits, again and again.",
)
language = lesson_language(model)
text, pair = sentence_input(EXAMPLES[language], has_pair=True)
tokenizer = caches.tokenizer(model)
with explained():
    offset = caches.facts(model).position_offset
    most = caches.longest_input(model)
    encoded = encode(tokenizer, text, pair, max_length=most, position_offset=offset)
token_strip(
    encoded, key="tokenization_strip", unknown_token=str(tokenizer.unk_token), label="All tokens"
)
st.caption("Below each piece its id. Pieces of one word stand together; grey ones are added.")
warn_about_unknown(model, [text, pair or ""])
tell_what_was_cut(model, encoded)

options = wordpiece_options(tokenizer)
if options is None:
    st.info(
        f"{model} does not cut by WordPiece: {why_not_wordpiece(tokenizer)} The tokens above are "
        "what its own tokenizer returns; the step-by-step trace is WordPiece's. "
        "Choose a BERT model to see it.",
        icon=":material/info:",
    )
else:
    which = "a"
    if pair:
        which = st.segmented_control(
            "Follow", ["a", "b"], format_func=lambda name: f"Sentence {name.upper()}",
            required=True, **url_state.option_state("tokenization_which", ["a", "b"], "a"),
        )  # fmt: skip
    with explained():
        followed = text if which == "a" or not pair else pair
        trace = trace_wordpiece(followed[:FOLLOWED], options)
        comparison = compare_with_tokenizer(trace, tokenizer)
    if len(followed) > FOLLOWED:
        st.caption(
            f"The steps below follow the first {FOLLOWED:,} of {len(followed):,} characters."
        )
    st.html(draw.style(palette()))

    st.subheader("1 · Normalization", anchor=False)
    if before := simplified_from(followed):
        changed = "、".join(f"{old} → {new}" for old, new in changed_characters(before, followed))
        st.markdown(
            f"**Before BERT: traditional to simplified** by OpenCC, on your click: "
            f"{plain(changed)}. This is no part of BERT's own normalization; the steps below are."
        )
    st.html(draw.steps_html(trace.steps))

    st.subheader("2 · Pre-tokenization", anchor=False)
    prose("Cut at blanks and punctuation. The small numbers are places in your original text.")
    st.html(draw.words_html(trace.words))

    st.subheader("3 · WordPiece", anchor=False)
    prose("Look up the whole word. Not there? Take one letter off the end and try again.")
    hardest = max(range(len(trace.words)), key=lambda i: len(trace.words[i].attempts), default=0)
    listed = range(min(len(trace.words), 1000))
    number = url_state.choice_state("word", listed, min(hardest, 999), of=(model, trace.text))
    number = st.selectbox(
        "Word",
        listed,
        format_func=lambda i: f"{trace.words[i].text}  →  {' '.join(trace.words[i].pieces)}",
        placeholder="No words in this text",
        **url_state.bind("word"),
    )
    if number is not None:
        st.html(draw.ladder_html(trace.words[number]))
        csv_button(
            lambda: attempts_table(trace.words),
            key="tokenization_attempts",
            label="Every attempt (CSV)",
        )
    with st.expander("All words", icon=":material/table_rows:"):
        st.dataframe(words_table(trace.words), hide_index=True)
        csv_button(lambda: words_table(trace.words), key="tokenization_words")
    if comparison.agrees:
        st.success(
            f"Checked just now: all {len(comparison.ours)} pieces and their places equal those "
            f"of {model}'s own tokenizer.",
            icon=":material/verified:",
        )
    else:
        st.error(
            f"Our trace and {model}'s tokenizer differ from piece {comparison.first_difference} "
            "on. Trust the tokenizer, and please report the text.",
            icon=":material/bug_report:",
        )

st.subheader("4 · What BERT gets", anchor=False)
prose(
    f"Every input starts with [[{tokenizer.cls_token}|[CLS]]] and each sentence ends with "
    f"[[{tokenizer.sep_token}|[SEP]]]. To make inputs equally long, short ones get [[padding]] and "
    "long ones are cut."
)
length = len(encoded.tokens)
uncut = max(32, length)
left, right = st.columns(2)
url_state.choice_state("cut", range(4, uncut + 1), uncut, of=(model, text, pair))
url_state.choice_state("pad", range(65), 0)
longest = left.slider("Cut to at most (tokens)", 4, uncut, **url_state.bind("cut"))
padded = right.slider("Pad to (tokens)", 0, 64, **url_state.bind("pad"))
with explained():
    given = encode(
        tokenizer, text, pair, max_length=longest, pad_to=padded or None, position_offset=offset
    )
st.dataframe(
    input_table(given),
    hide_index=True,
    height=min(38 + 35 * len(given.tokens), 420),
)
csv_button(lambda: input_table(given), key="tokenization_input")
cut = length - min(length, longest)
if cut:
    st.caption(f"{cut} tokens were cut off: the model will never know of them.")

close_lesson(
    TRIALS[language],
    (match_word, trace_wordpiece),
    notices=tokenization_notices(encoded, trace if options else None),
)
