"""Train a BERT from nothing, before the run: a text, a few settings, Start."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from bertlab.pretraining.data.stories import (
    Stories,
    check_blank,
    count_tokens,
    decode_text,
    fitting_vocabulary,
    read_stories,
    write_stories,
)
from bertlab.pretraining.presets import (
    DEFAULT_SIZE,
    MASKED_SHARE,
    SEED,
    SIZES,
    Choices,
    fitting_passes,
    lesson_settings,
    most_passes,
    village_blanks,
)
from bertlab.pretraining.settings import PretrainingSettings, WatchedBlank
from bertlab.pretraining.start import create_pretraining_run, fingerprint_of
from bertlab.runs import Run
from bertlab.runs.equal_runs import find_finished
from bertlab.runs.limits import PRETRAINING, limits
from bertlab.ui.state import url_state
from bertlab.ui.state.guards import explained, plain
from bertlab.ui.state.language import lesson_language
from bertlab.ui.state.student import student_id
from bertlab.ui.training.equal_runs import start_or_offer
from bertlab.ui.training.limits import tell_limits
from bertlab.ui.training.start import open_in_page, queue_and_show
from bertlab.ui.widgets.village import village_stories

RUN = "pretraining_run"  # under this key the address and the session name the run
OWN = "own"
OWN_NAME = "own_text"  # of the stored file: an uploaded file's own name is never a path
TEXT_TITLES = {
    "village_en": "The village (English)",
    "village_zh": "村子 (Chinese)",
    OWN: "Your own text",
}
# what of the choices stands in the address
OPTIONS = (
    "bert_text", "bert_size", "bert_passes", "bert_masked", "bert_next", "bert_seed",
    "bert_paste", "bert_paste_id",
    *(f"bert_blank_{number}{ending}" for number in range(3) for ending in ("", "_id")),
)  # fmt: skip
LONGEST_PASTE = 100_000  # characters; longer texts come as a file
WATCHED = 3  # sentences of one's own to watch
BLANK_CHARACTERS = 150


@dataclass(frozen=True)
class Upload:
    """A file as it came, kept for the session so that it survives a change of page."""

    name: str
    data: bytes


def choose_stories(model: str) -> tuple[Stories, str]:
    """Draw the choice of a text; return it and what to call the run.

    Ends the page with the reason and a way on where a text cannot be used.
    """
    default = f"village_{lesson_language(model)}"
    url_state.follow_default("bert_text", default)
    st.segmented_control(
        "Text", list(TEXT_TITLES), format_func=TEXT_TITLES.__getitem__, required=True,
        **url_state.option_state("bert_text", list(TEXT_TITLES), default),
    )  # fmt: skip
    source = st.session_state["bert_text"]
    if source != OWN:
        return village_stories(source.removeprefix("village_")), source
    return _own_stories()


def _own_stories() -> tuple[Stories, str]:
    """A text that was uploaded, else what was pasted."""
    left, right = st.columns([3, 2])
    url_state.text_state("bert_paste", "")
    pasted = left.text_area(
        "Paste a text: a sentence or paragraph a line, a blank line between stories",
        height=180, max_chars=LONGEST_PASTE, **url_state.bind("bert_paste"),
    )  # fmt: skip
    right.file_uploader(
        "or choose a .txt file (UTF-8, up to 1 MB)", type=["txt"], key="bert_file",
        max_upload_size=1, on_change=_take_upload, help="It is used instead of the pasted text. "
        "It stays on this machine.",
    )  # fmt: skip
    if problem := url_state.complaint("bert_paste"):
        st.warning(plain(problem), icon=":material/link_off:")
    url_state.publish_text("bert_paste", pasted or "")
    upload: Upload | None = st.session_state.get("bert_upload")
    with explained():
        if upload is None and not (pasted or "").strip():
            st.info(
                "Paste a text above or choose a file. A few hundred short sentences about one "
                "small world teach most; any language with letters will do.",
                icon=":material/upload_file:",
            )
            st.stop()
        text = decode_text(upload.data) if upload else str(pasted)
        stories = _read(text)
    if upload:
        right.caption(f"In use: {plain(upload.name)}")
    return stories, Path(upload.name).stem[:60] if upload else "my text"


def _take_upload() -> None:
    """Keep a file that came, and forget one that was taken away."""
    file = st.session_state["bert_file"]
    st.session_state["bert_upload"] = None if file is None else Upload(file.name, file.getvalue())


# A student's own text belongs to the session, with the one before it; both go when it ends.
@st.cache_resource(max_entries=2, scope="session", show_spinner="Reading the text …")
def _read(text: str) -> Stories:
    return read_stories(text, name=OWN_NAME)


@st.cache_resource(max_entries=4, scope="session", show_spinner="Learning a vocabulary …")
def _vocabulary(stories: Stories) -> tuple[Any, int]:
    """The tokenizer that the run will learn, and how many tokens it makes of the stories."""
    tokenizer = fitting_vocabulary(stories)
    return tokenizer, count_tokens(stories.training, tokenizer)


def start(stories: Stories, name: str) -> None:
    """Say what was found in the text, draw the settings, and Start."""
    with explained():
        limits().check(PRETRAINING, rows=sum(map(len, stories.training)))
        tokenizer, tokens = _vocabulary(stories)
    _report(stories, len(tokenizer), tokens)
    choices = _choose(tokens, stories.name)
    blanks = _blanks(stories, tokenizer)
    sizes = SIZES[choices.size]
    heads = f"{sizes.heads} head" + ("s" if sizes.heads > 1 else "")
    with st.container(border=True, key="pretraining_start_bar"):
        left, right = st.columns([4, 1], vertical_alignment="center")
        left.markdown(
            f"**{sizes.layers} × {sizes.hidden_size}, {heads}, random weights** · "
            f"{choices.passes:,} passes over {tokens:,} pieces: "
            f"**{choices.passes * tokens:,} pieces of text to read**, with "
            f"{'random second sentences, ' if choices.has_next_sentence else ''}[CLS] and [SEP] "
            f"on top; {choices.masked_share:.0%} of the pieces to guess"
            f"{', and whether B follows A' if choices.has_next_sentence else ''}"
        )
        is_pressed = right.button(
            "Start", type="primary", icon=":material/play_arrow:", key="pretraining_start",
            width="stretch",
        )  # fmt: skip
        with explained():
            start_or_offer(
                is_pressed,
                of=(stories, choices, blanks),
                find=lambda: _find_equal(stories, tokenizer, choices, blanks),
                start=lambda: _start(stories, tokenizer, choices, name=name, blanks=blanks),
                show=lambda run: open_in_page(run.id, key=RUN),
                key=RUN,
            )


def _report(stories: Stories, vocabulary: int, tokens: int) -> None:
    """What the text came to, in a line; and a look into it."""
    sentences = sum(map(len, stories.training))
    kept = len(stories.heldout)
    aside = f"the last {kept} are held out: never learned from" if kept else "none is held out"
    what = "stretches of ten sentences" if stories.was_cut else "stories"
    st.markdown(
        f"{len(stories.training):,} {what} to learn from, {sentences:,} sentences, {tokens:,} "
        f"pieces out of a vocabulary of {vocabulary:,}; {aside}."
    )
    if stories.was_cut:
        st.caption(
            "The text has no blank lines, so it was cut every ten sentences: next sentence needs "
            "another story to draw from."
        )
    with st.expander("Look into the text", icon=":material/menu_book:"):
        for story in stories.all[:3]:
            st.text("\n".join(story)[:1_500])
            st.divider()


def _choose(tokens: int, text: str) -> Choices:
    """The few settings, in the address where they are not the default."""
    _forget_passes(text)
    left, right = st.columns([3, 2])
    left.segmented_control(
        "Size of the network", list(SIZES), format_func=_size_title, required=True,
        **url_state.option_state("bert_size", list(SIZES), DEFAULT_SIZE),
    )  # fmt: skip
    most = most_passes()
    right.number_input(
        "Passes over the text", 1, most, step=1, help="More passes take longer.",
        **url_state.number_state("bert_passes", 1, most, fitting_passes(tokens)),
    )  # fmt: skip
    tell_limits(PRETRAINING)
    with st.expander("More settings", icon=":material/settings:"):
        one, two, three = st.columns(3, vertical_alignment="bottom")
        one.slider(
            "Share of masked tokens (%)", 5, 50, step=5,
            **url_state.number_state("bert_masked", 5, 50, round(100 * MASKED_SHARE)),
        )  # fmt: skip
        two.toggle(
            "Next sentence too", help="Half of the inputs are pairs of which half are random.",
            **url_state.flag_state("bert_next", True),
        )  # fmt: skip
        three.number_input(
            "Seed", 0, 2**31 - 1, step=1,
            help="Fixes the first weights, the order and the masking.",
            **url_state.number_state("bert_seed", 0, 2**31 - 1, SEED),
        )  # fmt: skip
    state = st.session_state
    return Choices(
        size=state["bert_size"],
        passes=int(state["bert_passes"]),
        masked_share=int(state["bert_masked"]) / 100,
        has_next_sentence=bool(state["bert_next"]),
        seed=int(state["bert_seed"]),
    )


def _size_title(name: str) -> str:
    sizes = SIZES[name]
    return f"{name.capitalize()}: {sizes.layers} × {sizes.hidden_size}"


def _forget_passes(text: str) -> None:
    """Another text gets its own number of passes; one that the address names stays."""
    if st.session_state.get("_bert_passes_of", text) != text:
        st.session_state.pop("bert_passes", None)
    st.session_state["_bert_passes_of"] = text


def _blanks(stories: Stories, tokenizer: Any) -> tuple[WatchedBlank, ...]:
    """The village's own blanks, or up to three sentences that the student types."""
    if stories.name != OWN_NAME:
        blanks = village_blanks(stories.language)
        st.markdown(f"{len(blanks)} sentences with a blank are watched while the model learns.")
        return blanks
    st.markdown("Up to three sentences to watch, each with one `[MASK]` in it:")
    typed = [
        column.text_input(
            f"Sentence {number + 1}", max_chars=BLANK_CHARACTERS,
            placeholder="The cat drinks her [MASK].",
            **url_state.line_state(f"bert_blank_{number}", ""),
        )
        for number, column in enumerate(st.columns(WATCHED))
    ]  # fmt: skip
    with explained():
        blanks = tuple(WatchedBlank(text.strip(), ()) for text in typed if text and text.strip())
        for blank in blanks:
            check_blank(blank, tokenizer)
    return blanks


def _start(
    stories: Stories,
    tokenizer: Any,
    choices: Choices,
    *,
    name: str,
    blanks: tuple[WatchedBlank, ...],
) -> None:
    def store() -> Run:
        with _planned(stories, tokenizer, choices, blanks, name=name) as settings:
            return create_pretraining_run(settings, owner=student_id())

    queue_and_show(store, key=RUN)


def _find_equal(
    stories: Stories, tokenizer: Any, choices: Choices, blanks: tuple[WatchedBlank, ...]
) -> Run | None:
    with _planned(stories, tokenizer, choices, blanks) as settings:
        return find_finished(fingerprint_of(settings))


@contextmanager
def _planned(
    stories: Stories,
    tokenizer: Any,
    choices: Choices,
    blanks: tuple[WatchedBlank, ...],
    *,
    name: str = "",
) -> Iterator[PretrainingSettings]:
    """The settings that Start would store; their files are there while the block lasts."""
    with tempfile.TemporaryDirectory() as folder:  # a run keeps its own copy
        files = write_stories(stories, tokenizer, Path(folder))
        yield lesson_settings(
            files.training, choices, name=name, language=stories.language,
            vocabulary=files.vocabulary, heldout=files.heldout, blanks=blanks,
        )  # fmt: skip
