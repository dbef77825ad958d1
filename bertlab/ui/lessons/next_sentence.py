"""The parts of the lesson on pairs: the pair, what becomes of it, and a hundred pairs more."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from bertlab.errors import ModelError
from bertlab.inspection.masked_lm import Prediction, predict_blanks, whole_words
from bertlab.inspection.next_sentence import (
    NextSentenceHead,
    draw_other,
    follows_probability,
    read_next_sentence_head,
    why_no_head,
)
from bertlab.inspection.pair_experiment import (
    KindedPair,
    KindResult,
    ask_pairs,
    draw_kinds,
    sort_by_kind,
    surest_mistake,
)
from bertlab.inspection.trace import run_trace
from bertlab.models import known_models
from bertlab.models.folders import model_folder
from bertlab.observations.next_sentence import answer_numbers, change_notices
from bertlab.tokenization.encoding import EncodedInput
from bertlab.ui.figures.charts import plot
from bertlab.ui.figures.token_strip import token_strip
from bertlab.ui.state import caches, url_state
from bertlab.ui.state.guards import explained, plain
from bertlab.ui.state.language import lesson_language
from bertlab.ui.state.theme import theme
from bertlab.ui.widgets.example import Example
from bertlab.ui.widgets.model_picker import choose_button
from bertlab.ui.widgets.samples import REVIEWS, first_rows
from bertlab.ui.widgets.sentence import sentence_input, tell_what_was_cut, warn_about_unknown
from bertlab.ui.widgets.token_selection import TOKEN, choose_token, chosen_token
from bertlab.ui.widgets.traced_sentence import Traced
from bertlab.ui.widgets.village import village_stories
from bertlab.views import next_sentence as views
from bertlab.views.next_sentence import PairAnswer

LAST_DRAW = 9_999
COUNT = 100  # places in the stories, of which four pairs each are made
SIDES = (1, 2, 3)  # sentences on each side
QUICK = 30e6  # weights: a larger model is asked about many pairs at a click only
SUGGESTED = 5  # words that the model itself would put in
NO_SUGGESTION = {"en": "elephant", "zh": "象"}  # of a model that fills no blanks
PORTION = 16  # pairs in one forward pass, after which the bar moves
OTHER_TEXTS = 300  # reviews, of which those of another kind are drawn


@st.cache_resource(max_entries=8, show_spinner=False)  # two small matrices each
def pair_head(model: str) -> NextSentenceHead | None:
    """The model's head for pairs, read once."""
    return read_next_sentence_head(model_folder(model))


def explain_no_head(model: str) -> None:
    """Say why a model cannot answer about pairs, and offer those on this machine that can."""
    with explained():
        reason = why_no_head(str(caches.config(model).model_type))
    st.info(
        f"**{plain(model)} has no answer to show.** {reason[:1].upper()}{reason[1:]}.",
        icon=":material/help:",
    )
    with st.container(horizontal=True):
        for info in known_models():
            if info.is_here and info.name != model and _has_head(info.name):
                choose_button(info)


def _has_head(model: str) -> bool:
    try:
        return pair_head(model) is not None
    except ModelError:  # its files changed under way
        return False


def open_pair(model: str, examples: Sequence[Example]) -> Traced | None:
    """Draw both boxes and the strip, nothing masked; None where the second sentence is missing.

    The chosen token is of B: the one that was clicked, else of a word that A has too.
    """
    text, pair = sentence_input(examples, has_pair=True)
    if pair is None:
        st.info(
            "Type a second sentence, or take one of the examples: the question is about two.",
            icon=":material/edit:",
        )
        return None
    with explained():
        encoded = caches.encoded(model, text, pair)
        loaded = caches.model(model)
        trace = caches.trace(model, text, pair)
    token = _word_of_b(encoded, chosen_token(trace), text, pair)
    if token is None:
        st.info("The second sentence holds no word. Type another one.", icon=":material/edit:")
        return None
    token_strip(
        encoded,
        key="next_strip",
        mask_token=str(loaded.tokenizer.mask_token),
        unknown_token=str(loaded.tokenizer.unk_token),
        chosen=token,
        on_click=choose_token,
        label="Tokens; activate one of sentence B to replace its word",
    )
    warn_about_unknown(model, [text, pair])
    tell_what_was_cut(model, encoded)
    return Traced(model, loaded, text, pair, encoded, trace, encoded.tokens, token)


def _word_of_b(encoded: EncodedInput, token: int, text: str, pair: str) -> int | None:
    """The chosen token where it is of B, else one of a word that may tie B to A; None without one.

    That is the longest word that stands in A too, else the longest; the last of equals.
    """
    of_b = [
        i
        for i, sequence in enumerate(encoded.sequence_ids)
        if sequence == 1 and not encoded.is_special[i]
    ]
    if token in of_b:
        return token

    def weight(position: int) -> tuple[bool, bool, int, int]:
        word = pair[slice(*_span(encoded, position, pair))]
        return word.isalpha(), word in text, len(word), position

    return max(of_b, key=weight, default=None)


def _span(encoded: EncodedInput, token: int, text: str) -> tuple[int, int]:
    """Where a token's whole word stands in its text, in characters."""
    pieces = whole_words(encoded, [token])
    begin, end = encoded.offsets[pieces[0]][0], encoded.offsets[pieces[-1]][1]
    blanks = len(text[begin:end]) - len(text[begin:end].lstrip())  # ALBERT's pieces begin with one
    return begin + blanks, end


def changes(traced: Traced) -> tuple[list[PairAnswer], str]:
    """Draw the controls of all changes; return the answers and the pair's B with another word."""
    text, pair = traced.text, str(traced.pair)
    left, right = st.columns([2, 3], gap="medium")
    with left:
        other = _random_sentence(traced)
    with right:
        word, instead = _replacement(traced)
    begin, end = _span(traced.encoded, traced.token, pair)
    replaced = pair[:begin] + instead + pair[end:]
    wanted = [
        ("As typed", "follows", pair, text, pair),
        ("Swapped: B, then A", "swapped", text, pair, text),
        ("With a random B", "story", other, text, other),
        (f"“{word}” becomes “{instead}”", "word", replaced, text, replaced),
    ]
    answers = []
    for name, kind, detail, first, second in wanted:
        with explained():
            probability = _probability(traced.model, first, second)
        answers.append(PairAnswer(name, kind, f"B: {detail}", first, second, probability))
    return answers, replaced


@st.cache_resource(max_entries=512, show_spinner=False)  # a number each; traces are large
def _probability(model: str, first: str, second: str) -> float:
    head = pair_head(model)
    assert head is not None
    trace = run_trace(caches.model(model), caches.encoded(model, first, second))
    return follows_probability(head, trace)


def draw_answers(answers: Sequence[PairAnswer], head: NextSentenceHead) -> None:
    """All versions of the pair in one picture."""
    figure = views.answer_bars(answers, theme(), question=head.question)
    alt = views.describe_answers(answers, question=head.question)
    plot(figure, key="next_answers", alt=alt, table=lambda: views.answers_table(answers))


def answer_notices(answers: Sequence[PairAnswer]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Which change of the pair moves the answer far; and the bare numbers, true of any head."""
    named = [(answer.name, answer.probability) for answer in answers]
    return change_notices(named), (answer_numbers(named),)


def _random_sentence(traced: Traced) -> str:
    seed = url_state.state("next_random", 1, url_state.between(1, LAST_DRAW))
    url_state.publish("next_random", str(seed), "1")
    stories = village_stories(lesson_language(traced.model)).all
    besides = [traced.text, str(traced.pair)]
    drawn = draw_other(stories, besides=besides, seed=seed)
    st.markdown(f"**A random B**, from a story of the village: “{plain(drawn)}”")
    st.button(
        "Draw another", icon=":material/casino:", key="next_draw", on_click=_step, args=(seed,)
    )
    return drawn


def _step(seed: int) -> None:
    st.session_state["next_random"] = seed % LAST_DRAW + 1


def _replacement(traced: Traced) -> tuple[str, str]:
    """Ask what stands in the chosen word's place; return the word and what takes its place."""
    pair = str(traced.pair)
    word = pair[slice(*_span(traced.encoded, traced.token, pair))]
    place = (traced.model, traced.text, traced.pair, traced.token)
    offered = _suggestions(traced, word)
    state = st.session_state
    if state.setdefault("_instead_of", place) != place and not url_state.in_url("instead"):
        state["instead"] = ""
    state["_instead_of"] = place
    chosen = url_state.state("instead", "", str)[:60]
    url_state.publish("instead", chosen)
    instead = chosen.strip() or offered[0]
    st.markdown(f"**Another word**: click a word of B above; “{plain(word)}” is chosen.")
    st.text_input(
        f"In place of “{plain(word)}”",
        max_chars=60,
        placeholder=instead,
        **url_state.bind("instead"),
    )
    state["next_suggested"] = instead if instead in offered else None
    st.pills(
        "What the model itself would put there", offered, key="next_suggested",
        format_func=plain, on_change=_take_suggestion,
    )  # fmt: skip
    return word, instead


def _take_suggestion() -> None:
    st.session_state["instead"] = st.session_state["next_suggested"] or ""


def _suggestions(traced: Traced, word: str) -> list[str]:
    """The model's own answers for one mask in the word's place that are other words, best first."""
    fallback = [NO_SUGGESTION[lesson_language(traced.model)]]
    if not traced.loaded.has_mlm_head:
        return fallback
    tokens = [prediction.token for prediction in _guesses(traced)]
    read = traced.loaded.tokenizer.convert_tokens_to_string
    words = [read([token]).strip() for token in tokens if not token.startswith("##")]
    fitting = [w for w in words if w.isalpha() and w.lower() != word.lower()]
    return list(dict.fromkeys(fitting))[:SUGGESTED] or fallback


def _guesses(traced: Traced) -> tuple[Prediction, ...]:
    """What the model puts for one mask where the whole word stood, however many its pieces."""
    pair = str(traced.pair)
    begin, end = _span(traced.encoded, traced.token, pair)
    masked = pair[:begin] + str(traced.loaded.tokenizer.mask_token) + pair[end:]
    with explained():
        trace = caches.trace(traced.model, traced.text, masked)
    for blank in predict_blanks(traced.loaded, trace, top_k=8 * SUGGESTED):
        start, stop = trace.encoded.offsets[blank.position]
        if trace.encoded.sequence_ids[blank.position] == 1 and start <= begin < stop:
            return blank.predictions
    return ()  # the mask was cut away


def many_pairs(model: str) -> tuple[KindResult, ...] | None:
    """Ask about a hundred pairs of each kind and draw the answers; None where nobody asked yet."""
    sides = url_state.state("pair_sentences", SIDES[-1], url_state.between(SIDES[0], SIDES[-1]))
    url_state.publish("pair_sentences", str(sides), str(SIDES[-1]))
    st.segmented_control(
        "Sentences on each side", SIDES, required=True, **url_state.bind("pair_sentences")
    )
    key = (model, sides)
    is_quick = caches.facts(model).parameters <= QUICK
    asked = st.session_state.setdefault("_pairs_asked", set())
    if not is_quick and key not in asked:
        st.button(
            f"Ask about {4 * COUNT} pairs", type="primary", icon=":material/play_arrow:",
            on_click=asked.add, args=(key,),
            help="This model is large: it may take a minute or two.",
        )  # fmt: skip
        return None
    with explained():
        results = _ask_all(model, sides)
    figure = views.kind_histograms(results, theme())
    alt = views.describe_kinds(results)
    plot(figure, key="next_kinds", alt=alt, table=lambda: views.kinds_table(results))
    st.caption(
        f"{len(results[0].pairs)} places in the village stories, four pairs of each, drawn once "
        f"and computed here; a pair passes from {views.PASSES:.0%} on. “Of another kind” are "
        f"texts of {REVIEWS[lesson_language(model)]}.csv of about B's length."
    )
    _mistakes(results)
    return results


def _ask_all(model: str, sides: int) -> tuple[KindResult, ...]:
    """Ask in portions, each of which is kept: who clicks meanwhile loses nothing."""
    pairs = _drawn(lesson_language(model), sides, COUNT)
    is_new = (model, sides) != st.session_state.get("_pairs_known")
    place = st.empty()  # in every run, so that what stands below keeps its place
    bar = place.progress(0.0, "Asking about the first pairs …") if is_new else None
    answers: list[float] = []
    for start in range(0, len(pairs), PORTION):
        answers += _asked(model, pairs[start : start + PORTION])
        if bar is not None:
            done = f"Asked about {len(answers)} of {len(pairs)} pairs …"
            bar.progress(len(answers) / len(pairs), done)
    place.empty()
    st.session_state["_pairs_known"] = (model, sides)
    return sort_by_kind(pairs, answers)


@st.cache_resource(max_entries=6, show_spinner=False)  # 400 short texts each: 2 languages, 3 sizes
def _drawn(language: str, sides: int, count: int) -> tuple[KindedPair, ...]:
    reviews = first_rows(f"{REVIEWS[language]}.csv", OTHER_TEXTS)
    return draw_kinds(
        village_stories(language).all,
        [row[0] for row in reviews],
        count=count,
        sentences=sides,
        joint="" if language == "zh" else " ",
    )


@st.cache_resource(max_entries=300, show_spinner=False)  # 16 numbers each; 25 make one picture
def _asked(model: str, pairs: tuple[KindedPair, ...]) -> tuple[float, ...]:
    head = pair_head(model)
    assert head is not None
    return ask_pairs(caches.model(model), head, pairs)


def _mistakes(results: Sequence[KindResult]) -> None:
    """Buttons that put the pairs at the wrong end into the boxes above."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown("**Look at the odd ones:**")
        for result in results:
            pair, probability = surest_mistake(result)
            name = views.KIND_NAMES[result.kind]
            end = "lowest" if result.kind == "follows" else "highest"
            st.button(
                f"{name}, {end}: {probability:.1%}",
                key=f"next_mistake_{result.kind}",
                help=plain(f"{pair.first} / {pair.second}"),
                on_click=_look_at,
                args=(pair.first, pair.second),
            )


def _look_at(first: str, second: str) -> None:
    st.session_state.update(text=first, pair=second)
    st.session_state.pop(TOKEN, None)
