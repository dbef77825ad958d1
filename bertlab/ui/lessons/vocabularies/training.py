"""Train a WordPiece vocabulary on one's own text, and watch the merges again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import streamlit as st

from bertlab.observations.vocabularies import training_notices
from bertlab.tokenization.chinese import is_han
from bertlab.ui.figures.charts import plot
from bertlab.ui.figures.tables import csv_button
from bertlab.ui.lessons.vocabularies import caches
from bertlab.ui.state import url_state
from bertlab.ui.state.guards import explained, plain
from bertlab.ui.state.theme import palette
from bertlab.ui.widgets.glossary import prose
from bertlab.views.vocabularies import training as draw
from bertlab.vocabularies.replay import (
    UNKNOWN,
    State,
    candidates,
    cut_with,
    first_whole_word,
    grow,
    merge_tree,
    missing_characters,
    replay,
    words_to_watch,
)
from bertlab.vocabularies.training import Merge, Rule, VocabularyTraining
from bertlab.vocabularies.words import MOST_CHARACTERS

STEP, PLAYING, FROM_START = "voc_step", "_voc_playing", "_voc_from_start"
SECONDS = 0.9  # between two steps of the replay
STRIDES = ("1", "10", "50")
CHANGED = 6  # words that a step changed
WATCHED = 8  # words that are always shown
SENTENCE, SENTENCE_WORDS = 2_000, 60  # characters that are cut, words that are shown
RULES: tuple[Rule, ...] = ("likelihood", "score", "frequency")


def train_own(sentence: str, language: str) -> list[str]:
    """Draw the whole part; give what there is to notice.

    Args:
        sentence: The student's; it is cut with the pieces learned so far.
        language: Of the text that the part opens with.
    """
    text = _text_input(language)
    rule, splits_han = _settings(text)
    with explained():
        trained = {name: caches.training(text, name, splits_han=splits_han) for name in RULES}
    training = trained[rule]
    others = [trained[name] for name in RULES if name != rule]
    words = f"{sum(training.counts):,} words, {len(training.words):,} of them different"
    st.caption(
        f"{len(text):,} characters: {words}; {len(training.alphabet):,} pieces to begin with."
    )
    if training.merges:
        _replay(training, sentence, splits_han)
        _growth(training)
        _falling(training, others)
    else:
        st.info("No two pieces stand side by side twice: there is nothing to merge.")
    return training_notices(training, others, replay(training, 0))


def _text_input(language: str) -> str:
    default = caches.opening_text(language)
    url_state.follow_default("voc_corpus", default)
    url_state.text_state("voc_corpus", default)
    text = st.text_area(
        "The text to learn from",
        height=150,
        help=f"Paste any text, up to {MOST_CHARACTERS:,} characters. It stays on this machine.",
        **url_state.bind("voc_corpus"),
    )
    if problem := url_state.complaint("voc_corpus"):
        st.warning(f"{plain(problem)} Another text is shown.", icon=":material/link_off:")
    url_state.publish_text("voc_corpus", text or "", default)
    if not (text or "").strip():
        st.info("Type or paste a text to learn from.", icon=":material/edit:")
        st.stop()
    return str(text)


def _settings(text: str) -> tuple[Rule, bool]:
    """Which rule; and, where there are Chinese characters, whether they are kept apart."""
    tie = url_state.option_state("voc_rule", list(RULES), "score")
    rule = st.segmented_control(
        "Which pair is merged", list(RULES), format_func=lambda name: draw.RULES[name],
        required=True, **tie,
    )  # fmt: skip
    if not any(map(is_han, text)):
        return cast(Rule, rule), True
    splits_han = st.toggle(
        "Each Chinese character a word of its own, as in BERT",
        **url_state.flag_state("voc_han", False),
    )
    if not splits_han:
        prose(
            "BERT puts blanks around every Chinese character before it learns, so that no two ever "
            "stand in one word and nothing can be merged. Here they are left together: a “word” is "
            "a stretch between signs."
        )
    return cast(Rule, rule), splits_han


def _replay(training: VocabularyTraining, sentence: str, splits_han: bool) -> None:
    """The replay, a live region of its own: only it is drawn again at each step."""
    total = len(training.merges)
    default = first_whole_word(training)
    url_state.choice_state(STEP, range(total + 1), default, of=hash(training.words))
    is_playing = _is_playing()

    @st.fragment(run_every=SECONDS if is_playing else None)
    def tick() -> None:
        state = st.session_state
        if is_playing and not state.pop(FROM_START, False):  # the start is shown for a while too
            state[STEP] = min(total, state[STEP] + int(state.get("voc_stride", "1")))
            if state[STEP] >= total:
                state[PLAYING] = None
        if _is_playing() != is_playing:
            st.rerun()
        _controls(total)
        url_state.publish(STEP, str(state[STEP]), str(default))
        _step(training, state[STEP], sentence, splits_han)

    tick()


def _controls(total: int) -> None:
    state = st.session_state
    step, stride = state[STEP], int(state.get("voc_stride", "1"))
    is_playing = _is_playing()
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        for label, icon, target in (
            ("To the start", "first_page", 0),
            ("Back", "chevron_left", max(0, step - stride)),
            ("Pause" if is_playing else "Play", "pause" if is_playing else "play_arrow", None),
            ("Step", "chevron_right", min(total, step + stride)),
            ("To the end", "last_page", total),
        ):
            st.button(
                label,
                key=f"voc_{icon}",
                icon=f":material/{icon}:",
                on_click=_play if target is None else _go,
                args=(total,) if target is None else (target,),
                disabled=target == step,
            )
        tie = url_state.option_state("voc_stride", STRIDES, "1")
        st.segmented_control("Merges at a time", STRIDES, required=True, **tie)
    st.slider("Merges made", 0, total, **(url_state.bind(STEP) | {"on_change": _slide}))


def _play(total: int) -> None:
    state = st.session_state
    state[PLAYING] = None if _is_playing() else url_state.visit()
    if _is_playing() and state[STEP] >= total:
        state[STEP], state[FROM_START] = 0, True


def _is_playing() -> bool:
    """Whether the replay runs, started on this visit: nobody comes back into a running one."""
    return st.session_state.get(PLAYING) == url_state.visit()


def _go(step: int) -> None:
    st.session_state[STEP], st.session_state[PLAYING] = step, None


def _slide(key: str, widget: str) -> None:
    _go(st.session_state[widget])
    assert key == STEP


def _step(training: VocabularyTraining, step: int, sentence: str, splits_han: bool) -> None:
    """All there is to see after `step` merges."""
    before, now = replay(training, max(0, step - 1)), replay(training, step)
    merge = training.merges[step - 1] if step else None
    piece = merge.pair.piece if merge else ""
    _headline(training, merge, step)
    left, right = st.columns(2, gap="medium")
    with left:
        _rivals(training, before, piece)
    with right:
        if merge:
            st.markdown("**How it was put together**")
            st.html(draw.tree_html(merge_tree(training, piece)))
        _words(training, now, merge.words if merge else (), piece)
    _own_sentence(now, sentence[:SENTENCE], splits_han)


def _headline(training: VocabularyTraining, merge: Merge | None, step: int) -> None:
    """The pair that was merged, why, and the numbers after it."""
    line, alphabet = training.tokens_per_word(), len(training.alphabet)
    facts = (
        (f"{merge.vocabulary_size if merge else alphabet:,}", "pieces known"),
        (f"{line[step]:.2f}", "tokens a word"),
        (f"{len(merge.words) if merge else 0:,}", "different words changed"),
    )
    head = draw.start_html(training)
    if merge:
        head = draw.merge_html(merge, step, len(training.merges), rule=training.rule)
    st.html(draw.style(palette()) + head + draw.facts_html(facts, line, step, palette()))


def _own_sentence(now: State, sentence: str, splits_han: bool) -> None:
    """The student's sentence under the vocabulary so far, and why a word of it is lost."""
    with explained():
        trace = cut_with(now, sentence, splits_han=splits_han)
    st.markdown("**Your sentence with the pieces known so far**, longest match first")
    shown = [word.pieces for word in trace.words[:SENTENCE_WORDS]]
    st.html(draw.sentence_html(shown, unknown=UNKNOWN))
    if lost := missing_characters(now, trace):
        st.caption(
            "A word is lost whole where one of its characters cannot be spelled. The text to "
            f"learn from has no {plain(', '.join(lost[:12]))}."
        )


def _rivals(training: VocabularyTraining, state: State, winner: str) -> None:
    """Who might have been merged: by the chosen rule, and by the others."""
    for rule in sorted(RULES, key=lambda name: name != training.rule):
        best = candidates(training, state, rule=rule)
        decides = "decides" if rule == training.rule else "would have chosen"
        pairs = "1 pair" if len(best) == 1 else f"{len(best):,} pairs"
        st.markdown(f"**The {draw.SHORT[rule]} {decides}** among {pairs}")
        st.html(draw.candidates_html(best, rule=rule, winner=winner))


def _words(training: VocabularyTraining, state: State, changed: Sequence[int], piece: str) -> None:
    by_count = sorted(changed, key=lambda word: -training.counts[word])
    longest = _longest(training)
    watched = [
        training.words.index(word)
        for word in words_to_watch(training, most=WATCHED, longest=longest)
    ]
    for title, places in (
        ("Words that this merge changed", by_count[:CHANGED]),
        ("Words to watch", [word for word in watched if word not in by_count[:CHANGED]]),
    ):
        if places:
            rows = [(f"{training.counts[word]:,}×", state.splits[word]) for word in places]
            st.markdown(f"**{title}**")
            st.html(draw.words_html(rows, new=piece))


def _longest(training: VocabularyTraining) -> int:
    """The longest word that is worth a row: stretches of Chinese have no words to show."""
    return 6 if any(map(is_han, "".join(training.alphabet))) else 14


def _growth(training: VocabularyTraining) -> None:
    listed = words_to_watch(training, most=40, longest=_longest(training))
    if not listed:  # one long stretch of Chinese is no word to follow
        return
    st.subheader("How one word grew", anchor=False)
    longest = max(listed, key=lambda word: len(grow(training, word)))
    tie = url_state.option_state("voc_word", listed, longest)
    word = st.selectbox("Word", listed, width=260, **tie)
    st.html(draw.growth_html(grow(training, word)))


def _falling(training: VocabularyTraining, others: Sequence[VocabularyTraining]) -> None:
    st.subheader("What the merges save", anchor=False)
    lines = [(one.rule, one.tokens_per_word()) for one in (training, *others)]
    plot(
        draw.falling_figure(lines, palette(), rule=training.rule, title=draw.falling_title(lines)),
        key="voc_falling",
        alt="Falling lines, one a rule, tokens a word of the text against merges. "
        + "; ".join(f"{draw.SHORT[line[0]]}: {draw.falling_title([line])}" for line in lines)
        + ".",
        table=lambda: draw.falling_table(lines),
    )
    csv_button(draw.merges_table(training), label="All merges (CSV)", file_name="voc_merges.csv")
