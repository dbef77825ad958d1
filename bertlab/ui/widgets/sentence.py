"""The one sentence that travels from lesson to lesson, with examples one click away."""

from collections.abc import Callable, Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from bertlab.models.recommendation import fitting_models
from bertlab.pretraining.data.stories import language_of
from bertlab.runs.text_store import LONGEST
from bertlab.tokenization.chinese import to_simplified, traditional_lost
from bertlab.tokenization.encoding import UNKNOWN_WARNING_SHARE, EncodedInput, unknown_share
from bertlab.ui.state import caches, url_state
from bertlab.ui.state.guards import explained, plain
from bertlab.ui.widgets.example import ELEPHANT, Example
from bertlab.ui.widgets.model_picker import choose_button


def sentence_input(
    examples: Sequence[Example],
    *,
    has_pair: bool = False,
    covered: Callable[[str], str | None] | None = None,
) -> tuple[str, str | None]:
    """Draw the sentence box above the figure it moves; return the sentence and the second one.

    An empty box ends the page with a word of what to do.

    Args:
        examples: One click away. The first one is shown where nobody has typed anything, and
            left out of the address.
        has_pair: Whether there is a box for a second sentence.
        covered: Gives what is shown in place of a sentence that holds a secret, or None where
            it holds none. A box with a secret cannot be edited.
    """
    default = examples[0]
    _open_with(default)
    url_state.text_state("text", default.text)
    first, second = st.columns(2) if has_pair else (st.container(), st.container())
    shown = _covered(covered, default.text)
    text = _text_input(first) if shown is None else _show_covered(first, shown)
    pair_default = default.pair if st.session_state["text"] == default.text else ""
    pair = _pair_input(second, pair_default) if has_pair else ""
    _example_buttons(examples, has_pair=has_pair, has_tips=shown is None)
    if problem := url_state.complaint("text"):
        st.warning(f"{plain(problem)} Another sentence is shown.", icon=":material/link_off:")
    _refuse_long(text, pair)
    url_state.publish_text("text", text, default.text)
    url_state.publish_text("pair", pair, pair_default)
    if not text.strip():
        st.info("Type a sentence above, or take one of the examples.", icon=":material/edit:")
        st.stop()
    return text, pair.strip() or None


def _text_input(place: DeltaGenerator) -> str:
    text = place.text_input(
        "Sentence", placeholder="Type a sentence and press Enter", **url_state.bind("text")
    )
    return text or ""


def _covered(covered: Callable[[str], str | None] | None, default: str) -> str | None:
    text = str(st.session_state["text"])
    if not covered or not text.strip() or len(text) > LONGEST:
        return None
    url_state.publish_text("text", text, default)  # before what belongs to it, such as its masks
    return covered(text)


def _show_covered(place: DeltaGenerator, shown: str) -> str:
    """Show the sentence without its secret; give the whole one."""
    place.text_input(
        "Sentence", shown, disabled=True,
        help="What is hidden is hidden here too. Reveal it to type another sentence.",
    )  # fmt: skip
    return str(st.session_state["text"])


def _open_with(first: Example) -> None:
    """Show a lesson's first example in place of another opening that nobody has touched.

    The sentence goes with the student from lesson to lesson, the opening one too. It gives way
    where the model in hand reads another language, and to an opening of two sentences.
    """
    state = st.session_state
    before: Example = state.get("_opening", ELEPHANT["en"])
    is_touched = state.get("text") not in (None, before.text)
    has_pair = state.get("pair") not in (None, "", before.pair)
    is_linked = any(url_state.in_url(key) for key in ("text", "text_id", "pair", "pair_id"))
    if is_touched or has_pair or is_linked:
        return
    if first.pair or language_of(before.text) != language_of(first.text):
        state["_opening"] = first
        state["text"], state["pair"] = first.text, first.pair


def _pair_input(place: DeltaGenerator, default: str) -> str:
    url_state.text_state("pair", default)
    pair = place.text_input(
        "Second sentence (optional)",
        placeholder="Makes a sentence pair: [CLS] A [SEP] B [SEP]",
        **url_state.bind("pair"),
    )
    return pair or ""


def _refuse_long(*texts: str) -> None:
    """End the page at a text of which even the words could not be listed in good time."""
    longest = max(len(text) for text in texts)
    if longest > LONGEST:
        st.error(
            f"This text has {longest:,} characters; the lessons take at most {LONGEST:,}, and a "
            "model reads only the first few hundred words. Shorten it.",
            icon=":material/content_cut:",
        )
        st.stop()


def _example_buttons(examples: Sequence[Example], *, has_pair: bool, has_tips: bool) -> None:
    with st.container(horizontal=True, gap="small"):
        for number, example in enumerate(examples):
            whole = f"{example.text} / {example.pair}" if example.pair else example.text
            st.button(
                example.title,
                key=f"example_{number}",
                help=whole if has_tips else None,
                on_click=_take,
                args=(example, has_pair),
                icon=":material/check:" if _is_shown(example, has_pair) else None,
            )


def _is_shown(example: Example, has_pair: bool) -> bool:
    state = st.session_state
    is_same_pair = not has_pair or example.pair == state.get("pair", "")
    return example.text == state.get("text") and is_same_pair


def _take(example: Example, has_pair: bool) -> None:
    st.session_state["text"] = example.text
    if has_pair:
        st.session_state["pair"] = example.pair


def warn_about_unknown(model: str, texts: Sequence[str]) -> None:
    """Warn where more than a tenth of the texts becomes [UNK], and offer the model that fits."""
    words = caches.tokenizer(model)
    _offer_simplified(model, texts)
    with explained():
        share = unknown_share(words, list(texts))
    if share <= UNKNOWN_WARNING_SHARE:
        return
    st.warning(
        f"**{share:.0%} of the tokens are {plain(str(words.unk_token))}**: {model} does not know "
        "this script or these signs, so it cannot tell the words apart. What it says below means "
        "little.",
        icon=":material/warning:",
    )
    with st.container(horizontal=True):
        for info in fitting_models(texts, besides=model):
            if not info.is_here or _knows(info.name, texts):
                choose_button(info)


def _offer_simplified(model: str, texts: Sequence[str]) -> None:
    """Offer one click to simplified characters where the vocabulary lacks the traditional ones."""
    lost = traditional_lost(caches.vocabulary(model), "".join(texts))
    if not lost:
        return
    shown = "、".join(f"{before} → {after}" for before, after in lost[:8])
    st.info(
        f"Traditional characters that {model} does not know: {plain(shown)}"
        f"{' …' if len(lost) > 8 else ''}. Its vocabulary has the simplified ones.",
        icon=":material/translate:",
    )
    st.button(
        "Convert to simplified (OpenCC)", key="simplify", icon=":material/swap_horiz:",
        on_click=_simplify,
        help="BERT's own tokenizer never does this: the sentence itself is rewritten.",
    )  # fmt: skip


def _simplify() -> None:
    """Rewrite both sentences, and keep what they were for the lesson on tokenization."""
    state = st.session_state
    for key in ("text", "pair"):
        if before := state.get(key):
            state[key] = to_simplified(before)
            state.setdefault("_simplified", {})[state[key]] = before


def simplified_from(text: str) -> str:
    """What a sentence was before it was converted on a click; "" where it was not."""
    before = st.session_state.get("_simplified", {}).get(text, "")
    return "" if before == text else str(before)


def _knows(model: str, texts: Sequence[str]) -> bool:
    """Whether a model on this machine would do better; nobody is sent from [UNK] to [UNK]."""
    return unknown_share(caches.tokenizer(model), list(texts)) <= UNKNOWN_WARNING_SHARE


def tell_what_was_cut(model: str, encoded: EncodedInput) -> None:
    """Say how much of a long text the model never sees."""
    for cut in encoded.truncated:
        which = "second sentence" if cut.sequence else "text"
        st.warning(
            f"The {which} is too long: the last {len(cut.tokens):,} tokens, from character "
            f"{cut.start:,} on, are cut off. {model} is given at most {len(encoded.tokens)} tokens "
            "at once here.",
            icon=":material/content_cut:",
        )
