"""What stands in a vocabulary, how one is learned, and what several make of one text."""

import streamlit as st

from bertlab.ui.app.lesson import close_lesson, open_lesson
from bertlab.ui.figures.token_strip import token_strip
from bertlab.ui.lessons.examples.vocabularies import EXAMPLES, TRIALS
from bertlab.ui.lessons.vocabularies.comparison import compare
from bertlab.ui.lessons.vocabularies.explorer import explore, token_of_sentence
from bertlab.ui.lessons.vocabularies.training import train_own
from bertlab.ui.state import caches, url_state
from bertlab.ui.state.guards import explained
from bertlab.ui.state.language import lesson_language
from bertlab.ui.widgets.glossary import prose
from bertlab.ui.widgets.sentence import sentence_input, tell_what_was_cut, warn_about_unknown
from bertlab.ui.widgets.token_selection import choose_token
from bertlab.vocabularies.comparison import cut_text, find_words
from bertlab.vocabularies.explorer import find_pieces, read_vocabulary
from bertlab.vocabularies.training import order, train_wordpiece

PARTS = {
    "explore": "1 · Explore a vocabulary",
    "train": "2 · Train your own",
    "compare": "3 · Side by side",
}

model = open_lesson(
    "Vocabularies",
    "A model can only read what its [[vocabulary]] can spell. Leaf through one, learn one from a "
    "text of yours, merge by merge, and see what several make of the same sentence.",
)
language = lesson_language(model)
text, _ = sentence_input(EXAMPLES[language])
with explained():
    encoded = caches.encoded(model, text)
token = token_of_sentence(encoded)

tie = url_state.option_state("voc_part", list(PARTS), "explore")
part = st.segmented_control(
    "Part", list(PARTS), format_func=PARTS.__getitem__, required=True,
    label_visibility="collapsed", **tie,
)  # fmt: skip

if part == "explore":
    prose("Click a token of your sentence to find it in the vocabulary, or search.")
    token_strip(
        encoded,
        key="vocabularies_strip",
        unknown_token=str(caches.tokenizer(model).unk_token),
        chosen=token,
        on_click=choose_token,
        label="Tokens; activate one to find it in the vocabulary",
    )
    warn_about_unknown(model, [text])
    tell_what_was_cut(model, encoded)
    notices = explore(model, encoded, token)
    code = (read_vocabulary, find_pieces)
elif part == "train":
    prose(
        "Begin with single characters. Then merge two neighbouring [[pieces|piece]] again and "
        "again. Which two? Google never published the trainer of BERT's vocabulary. The published "
        "criterion of [[WordPiece]] is **likelihood**: the merge that makes the text most probable "
        "(Schuster and Nakajima 2012; here with each piece drawn by its share). The **score**, "
        "count(ab) / (count(a) × count(b)), is the Hugging Face course's reconstruction: the two "
        "that come together more often than their own counts would make them. The `tokenizers` "
        "library merges the pair with the highest **count**, which is byte-pair encoding, and "
        "calls the result WordPiece as well; so were the minis' vocabularies learned. All three "
        "are here."
    )
    notices = train_own(text, language)
    code = (train_wordpiece, order)
else:
    prose(
        "The same text, cut by [[WordPiece]] with and without capitals, by [[byte-level BPE]] and "
        "by [[unigram]]: each row is a vocabulary, each column a word of yours."
    )
    notices = compare(model, text)
    code = (cut_text, find_words)

close_lesson(TRIALS[language], code, notices=notices)
