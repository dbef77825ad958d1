"""Over which sentences a statistic is taken: the bundled ones, the student's own, or both."""

from dataclasses import dataclass

import streamlit as st

from bertlab.inspection.bundled_sentences import Sentence, bundled_sentences
from bertlab.runs.text_store import LONGEST
from bertlab.ui.state import url_state
from bertlab.ui.state.guards import plain

SOURCES = {"bundled": "Bundled", "own": "Your own", "both": "Both"}
MOST = 200  # own sentences; more would keep a class waiting
TITLES = {"en": "English", "zh": "Chinese"}


@dataclass(frozen=True)
class Chosen:
    """The groups of sentences in hand.

    Attributes:
        groups: Bundled and own, each measured by itself.
        caption: What they are, in words.
    """

    groups: tuple[tuple[Sentence, ...], ...]
    caption: str


def source_switch() -> str:
    """Draw the switch between the sources."""
    tie = url_state.option_state("heads_source", list(SOURCES), "bundled")
    return str(
        st.segmented_control(
            "Sentences", list(SOURCES), format_func=SOURCES.__getitem__, required=True, **tie
        )
    )


def chosen_sentences(source: str, language: str, default: str, travelling: Sentence) -> Chosen:
    """Give the sentences of a source; draws the box of one's own where they count.

    Args:
        source: From `source_switch`.
        language: Of the bundled sentences, "en" or "zh".
        default: What the box holds first, one sentence a line.
        travelling: The sentence that goes along from lesson to lesson; one of the student's own.
    """
    bundled = bundled_sentences(language) if source != "own" else ()
    own = _own_sentences(default, travelling) if source != "bundled" else ()
    own = tuple(one for one in own if one not in bundled)
    with_it = ", the one above among them" if travelling in own else ""
    parts = [
        f"{len(bundled)} bundled {TITLES[language]} sentences" if bundled else "",
        f"{len(own)} sentences of your own{with_it}" if own else "",
    ]
    groups = tuple(group for group in (bundled, own) if group)
    return Chosen(groups, " and ".join(part for part in parts if part))


def _own_sentences(default: str, travelling: Sentence) -> tuple[Sentence, ...]:
    url_state.follow_default("heads_own", default)  # another language's examples
    url_state.text_state("heads_own", default)
    text = st.text_area(
        "Your sentences, one a line",
        height=160,
        help=f"At most {MOST}. A tab stands before the second sentence of a pair.",
        **url_state.bind("heads_own"),
    )
    if problem := url_state.complaint("heads_own"):
        st.warning(f"{plain(problem)} The examples are shown.", icon=":material/link_off:")
    text = (text or "")[:LONGEST]
    url_state.publish_text("heads_own", text, default)
    lines = dict.fromkeys(line.strip() for line in text.splitlines() if line.strip())
    if len(lines) > MOST:
        st.warning(
            f"These are {len(lines):,} sentences; the first {MOST} are measured.",
            icon=":material/content_cut:",
        )
    parts = [line.partition("\t") for line in list(lines)[:MOST]]
    typed = [Sentence(first.strip(), second.strip() or None) for first, _, second in parts]
    return tuple(dict.fromkeys([travelling, *typed]))
