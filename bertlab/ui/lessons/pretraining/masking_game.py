"""The pre-training lesson's first part: the masking game, and the next sentence."""

import streamlit as st

from bertlab.errors import InputError
from bertlab.inspection.masking_game import Asked, Draw, count_kinds, draw_masks, play
from bertlab.inspection.next_sentence import (
    NextSentenceHead,
    SentencePair,
    draw_pair,
    follows_probability,
    read_next_sentence_head,
)
from bertlab.models.folders import model_folder
from bertlab.pretraining.data.masking import MaskingVocabulary
from bertlab.pretraining.tensors import vocabulary_of
from bertlab.tokenization.encoding import EncodedInput
from bertlab.ui.figures import changes
from bertlab.ui.figures.charts import csv_button
from bertlab.ui.figures.tables import downloadable
from bertlab.ui.state import caches, url_state
from bertlab.ui.state.guards import explained
from bertlab.ui.state.language import lesson_language
from bertlab.ui.state.theme import palette
from bertlab.ui.widgets.glossary import prose
from bertlab.ui.widgets.model_picker import offer_models_with_head
from bertlab.ui.widgets.village import village_stories
from bertlab.views.pretraining import masking_game as views

LAST_DRAW = 9_999
FIRST_DRAW = 205  # all three kinds in the opening sentences; "Draw again" shows what is usual
FOLLOWS, RANDOM = "B follows A", "B is random"


@st.cache_resource(max_entries=8, show_spinner=False)  # at worst 250,000 truth values each
def _vocabulary(model: str) -> MaskingVocabulary:
    return vocabulary_of(caches.tokenizer(model))


@st.cache_resource(max_entries=8, show_spinner=False)  # two small matrices each
def _next_sentence_head(model: str) -> NextSentenceHead | None:
    return read_next_sentence_head(model_folder(model))


def choose_draw(model: str, encoded: EncodedInput) -> tuple[Draw, float, bool]:
    """Draw the controls and the two rows of pieces; return the draw, the share, whole words."""
    vocabulary = _vocabulary(model)
    share, is_whole = _controls(has_pieces=bool(vocabulary.continues.any()))
    seed = url_state.state("game_draw", FIRST_DRAW, url_state.between(1, LAST_DRAW))
    url_state.publish("game_draw", str(seed), str(FIRST_DRAW))
    with explained():
        draw = draw_masks(
            caches.tokenizer(model), encoded, vocabulary,
            seed=seed, share=share, whole_words=is_whole,
        )  # fmt: skip
    st.html(views.style(palette()))
    st.html(views.legend_html(draw))
    st.caption("Above: the text, piece by piece. Below: what the model reads instead.")
    with st.container(key="game_rows"):
        st.html(views.rows_html(draw))
    changes.note("game_rows", views.rows_html(draw))
    return draw, share, is_whole


def first_draw(model: str, encoded: EncodedInput) -> Draw | None:
    """The draw that the lesson opens with, on any text; None where nothing may be chosen."""
    try:
        return draw_masks(caches.tokenizer(model), encoded, _vocabulary(model), seed=FIRST_DRAW)
    except InputError:
        return None


def _controls(*, has_pieces: bool) -> tuple[float, bool]:
    left, middle, right = st.columns([3, 2, 2], vertical_alignment="bottom")
    share = left.slider(
        "Share of masked tokens (%)", 5, 50, step=5,
        help="BERT takes 15 %. Never less than one token.",
        **url_state.number_state("game_share", 5, 50, 15),
    )  # fmt: skip
    is_whole = middle.toggle(
        "Whole words", disabled=not has_pieces, **url_state.flag_state("game_whole", False),
        help="All pieces of a chosen word are chosen (BERT's later “whole word masking”). Each "
        "Chinese character counts as a word here."
        if has_pieces else "This model's pieces do not say where a word goes on.",
    )  # fmt: skip
    right.button(
        "Draw again", icon=":material/casino:", key="game_again", on_click=_step,
        args=("game_draw",), type="primary", width="stretch",
        help="The next draw; its number stands in the address.",
    )  # fmt: skip
    return int(share) / 100, bool(is_whole) and has_pieces


def _step(key: str) -> None:
    st.session_state[key] = st.session_state[key] % LAST_DRAW + 1


def show_loss(model: str, draw: Draw) -> tuple[Asked, ...]:
    """What the loss counts in this draw; a model that fills no blanks has none."""
    st.subheader("What the loss counts", anchor=False)
    if not caches.facts(model).has_mlm_head:
        st.info(
            "This model fills no blanks, so there is no answer to hold against the text. The "
            "draw above is the same for all models with its pieces.",
            icon=":material/help:",
        )
        offer_models_with_head()
        return ()
    with explained():
        asked = play(caches.model(model), draw)
    prose(
        "For each chosen piece: how likely did the model find what really stood there? The "
        "[[loss]] of a piece is −ln of that probability: 0 for 100 %, 0.69 for 50 %, 4.61 for 1 %."
    )
    downloadable(views.asked_table(asked), label="Save this table (CSV)", file_name="game.csv")
    st.html(views.sum_html(asked))
    prose(
        "Grey pieces are not counted at all. **Random and kept pieces are counted too.** In use "
        "no text contains [[[MASK]]]: if only [MASK] were ever asked about, the model could be "
        "careless with all words that it sees. As any word may be a wrong one and any may be "
        "asked about, it must keep an honest opinion on each (Devlin et al. 2019, section 3.1 and "
        "appendices A.1 and C.2)."
    )
    return asked


def show_counts(model: str, encoded: EncodedInput, *, share: float, is_whole: bool) -> None:
    """How often each kind occurs over a thousand draws of this text."""
    st.subheader("A thousand draws of this text", anchor=False)
    counts = count_kinds(encoded, _vocabulary(model), seed=0, share=share, whole_words=is_whole)
    each = counts.chosen / counts.draws
    prose(
        f"{counts.draws:,} draws chose {counts.chosen:,} pieces, {each:.1f} of {counts.available} "
        "each time. Their kinds, drawn just now; the line is the rule of 80, 10 and 10 %:"
    )
    st.html(views.counts_html(counts, palette()))
    csv_button(views.counts_table(counts), label="Save these counts (CSV)", file_name="kinds.csv")


def next_sentence(model: str) -> None:
    """Guess whether the second sentence follows, then see the label and the model's view."""
    st.subheader("Does B follow A?", anchor=False)
    prose(
        "BERT's second game: half of its pairs are two sentences in a row, in the other half B "
        "comes from another text. The vector of [[[CLS]]] has to tell which. Here is a pair "
        "drawn by that rule from the village stories; what do you say?"
    )
    seed = url_state.state("pair_draw", 1, url_state.between(1, LAST_DRAW))
    url_state.publish("pair_draw", str(seed), "1")
    language = lesson_language(model)
    pair = draw_pair(village_stories(language).all, seed=seed)
    st.html(views.style(palette()) + views.pair_html(pair.first, pair.second))
    place = (language, seed)
    guess = st.session_state.get("_pair_guesses", {}).get(place)
    with st.container(horizontal=True):
        for title in (FOLLOWS, RANDOM) if guess is None else ():
            st.button(title, key=f"pair_{title}", on_click=_guess, args=(place, title, pair))
        st.button(
            "Next pair", icon=":material/skip_next:", key="pair_next", on_click=_step,
            args=("pair_draw",),
        )  # fmt: skip
    if guess is not None:
        _reveal(model, pair, guess)


def _guess(place: tuple[str, int], title: str, pair: SentencePair) -> None:
    st.session_state.setdefault("_pair_guesses", {})[place] = title
    right, asked = st.session_state.get("_pair_score", (0, 0))
    st.session_state["_pair_score"] = (right + ((title == FOLLOWS) == pair.is_next), asked + 1)


def _reveal(model: str, pair: SentencePair, guess: str) -> None:
    label = FOLLOWS if pair.is_next else RANDOM
    right, asked = st.session_state.get("_pair_score", (0, 0))
    word = "Right" if guess == label else "Not so"
    st.markdown(f"**{word}: {label}.** You were right on {right} of {asked}.")
    head = _next_sentence_head(model)
    if head is None:
        st.markdown(
            "The model in hand was not trained on this question, so it has no answer to show. "
            "The BERT that you train in part 2 can be."
        )
        return
    with explained():
        trace = caches.trace(model, pair.first, pair.second)
    follows = follows_probability(head, trace)
    st.markdown(
        f"The model in hand: **{follows:.1%}** “{FOLLOWS}”, {1 - follows:.1%} “{RANDOM}”. It "
        f"has learned from pairs of several sentences a side; one sentence says less."
    )
