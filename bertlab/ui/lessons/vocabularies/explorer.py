"""The explorer of a vocabulary: search, one piece looked at closely, counts."""

from collections.abc import Sequence
from typing import cast

import streamlit as st

from bertlab.observations.vocabularies import explorer_notices
from bertlab.tokenization.encoding import EncodedInput
from bertlab.ui.figures.charts import csv_button, plot
from bertlab.ui.lessons.vocabularies import caches
from bertlab.ui.state import url_state
from bertlab.ui.state.guards import explained, plain
from bertlab.ui.state.theme import palette
from bertlab.ui.widgets.token_selection import TOKEN, chosen_place
from bertlab.views.vocabularies import explorer as draw
from bertlab.vocabularies.explorer import (
    KINDS,
    Filter,
    How,
    Kind,
    Piece,
    Vocabulary,
    count_scripts,
    find_pieces,
    longer_pieces,
    neighbours,
    twin_of,
)

HOWS = {"starts": "starts with", "ends": "ends with", "contains": "contains", "pattern": "pattern"}
ANY = "any"
MOST_ROWS = 1_000  # of the table on the page; the CSV file has all
MOST_LONGER = 24  # pieces offered as buttons
MARKS = {
    "wordpiece": "## marks a piece that continues a word.",
    "byte-level": "Ġ is a blank before the piece; other odd letters are single bytes.",
    "metaspace": "▁ is a blank before the piece; a piece without one continues a word.",
    "plain": "",
}


def token_of_sentence(encoded: EncodedInput) -> int:
    """The token in hand, as in every lesson on the inside: at first one that is not special."""
    ordinary = [i for i, is_special in enumerate(encoded.is_special) if not is_special]
    return chosen_place(TOKEN, encoded.tokens, (*ordinary, 0)[0])


def piece_in_hand(model: str, vocabulary: Vocabulary, encoded: EncodedInput, token: int) -> Piece:
    """The piece that was clicked last; until then, and after a new token, the token's own."""
    own = encoded.token_ids[token]
    everything = range(vocabulary.pieces[-1].id + 1)
    chosen = url_state.choice_state("voc_piece", everything, own, of=(model, own))
    return vocabulary.by_id.get(chosen if chosen is not None else own, vocabulary.by_id[own])


def search(vocabulary: Vocabulary) -> tuple[Piece, ...]:
    """Draw the filters; give the pieces that they let through."""
    url_state.state("voc_find", "", str)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input(
            "Find pieces",
            placeholder="un, ##ing, 好 …",
            width=220,
            max_chars=100,
            **url_state.bind("voc_find"),
        )
        tie = url_state.option_state("voc_how", list(HOWS), "starts")
        how = st.segmented_control(
            "Where", list(HOWS), format_func=HOWS.__getitem__, required=True, **tie
        )
        kind = _option("Kind", "voc_kind", [ANY, *KINDS])
        scripts = [name for name, _ in count_scripts(vocabulary.pieces)]
        script = _option("Script", "voc_script", [ANY, *scripts])
    url_state.publish("voc_find", text or "")
    longest = max(1, *(piece.length for piece in vocabulary.pieces))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        lengths = _range("Characters", "voc_length", longest)
        ids = _range("Id", "voc_id", vocabulary.pieces[-1].id)
    wanted = Filter(
        text or "",
        cast(How, how),
        None if kind == ANY else cast(Kind, kind),
        None if script == ANY else script,
        *lengths,
        *ids,
    )
    with explained():
        return find_pieces(vocabulary, wanted)


def _option(label: str, key: str, options: Sequence[str]) -> str:
    names = {option.replace(" ", "-"): option for option in options}  # in the address
    tie = url_state.option_state(key, list(names), ANY)
    return names[st.selectbox(label, list(names), format_func=names.__getitem__, width=170, **tie)]


def _range(label: str, key: str, top: int) -> tuple[int, int]:
    """Two numbers, from and to; both stand in the address, the whole range is left out."""
    url_state.follow_default(f"{key}_to", top)  # another vocabulary has another end
    low = url_state.number_state(f"{key}_from", 0, top, 0)
    high = url_state.number_state(f"{key}_to", 0, top, top)
    return (
        st.number_input(f"{label} from", 0, top, width=150, **low),
        st.number_input(f"{label} to", 0, top, width=150, **high),
    )


def results(found: Sequence[Piece], vocabulary: Vocabulary) -> None:
    """The table of what was found; a click on a row takes the piece in hand."""
    shown = found[:MOST_ROWS]
    key = f"voc_table_{hash((len(found), shown[:1], shown[-1:]))}"

    def take() -> None:
        if rows := st.session_state[key]["selection"]["rows"]:
            st.session_state["voc_piece"] = shown[rows[0]].id

    st.markdown(
        f"**{len(found):,}** of {len(vocabulary.pieces):,} pieces. Click a row to look at it."
    )
    st.dataframe(
        draw.pieces_table(shown),
        key=key, hide_index=True, on_select=take, selection_mode="single-row", height=330,
    )  # fmt: skip
    if len(found) > len(shown):
        st.caption(f"The first {len(shown):,} are listed; the file has all.")
    csv_button(lambda: draw.pieces_table(found), key="voc_pieces")


def piece_card(vocabulary: Vocabulary, piece: Piece) -> None:
    """One piece: what it is, its neighbours, and what begins with it; a click goes there."""
    st.markdown(f"##### {plain(piece.spelled)}")
    facts = [f"id {piece.id:,}", piece.kind]
    if piece.length:
        facts += [
            piece.script,
            "1 character" if piece.length == 1 else f"{piece.length} characters",
        ]
    if piece.readable != piece.spelled:
        facts.append(f"reads as “{plain(piece.readable)}”")
    st.caption(" · ".join(facts))
    _pills("Neighbours in the alphabet", neighbours(vocabulary, piece), piece)
    longer = longer_pieces(vocabulary, piece)
    if longer:
        more = f" ({len(longer):,}, the first {MOST_LONGER})" if len(longer) > MOST_LONGER else ""
        _pills(f"Longer pieces that begin with it{more}", longer[:MOST_LONGER], piece)
    else:
        st.caption("No longer piece begins with it.")
    if twin := twin_of(vocabulary, piece):
        _pills("The same letters at another place in a word", (twin,), piece)


def _pills(label: str, pieces: Sequence[Piece], chosen: Piece) -> None:
    names = {piece.id: piece.spelled for piece in pieces}
    key = f"voc_pills_{label[:9]}_{chosen.id}"

    def take() -> None:
        if st.session_state[key] is not None:
            st.session_state["voc_piece"] = st.session_state[key]

    st.pills(
        label,
        list(names),
        default=chosen.id if chosen.id in names else None,
        format_func=lambda place: plain(names[place]),
        key=key,
        on_change=take,
    )


def counts(found: Sequence[Piece]) -> None:
    """Two pictures of what was found: by length and by script."""
    left, right = st.columns(2, gap="medium")
    with left:
        plot(
            draw.lengths_figure(found, palette()),
            key="voc_lengths",
            alt=draw.describe_lengths(found),
            table=lambda: draw.lengths_table(found),
        )
    with right:
        plot(
            draw.scripts_figure(found, palette()),
            key="voc_scripts",
            alt=draw.describe_scripts(found),
            table=lambda: draw.scripts_table(found),
        )


def explore(model: str, encoded: EncodedInput, token: int) -> list[str]:
    """Draw the whole part; give what there is to notice."""
    vocabulary = caches.vocabulary(model)
    found = search(vocabulary)
    piece = piece_in_hand(model, vocabulary, encoded, token)
    left, right = st.columns((1.15, 1), gap="medium")
    with left:
        if found:
            results(found, vocabulary)
        else:
            _nothing(vocabulary)
    with right, st.container(border=True):
        piece_card(vocabulary, piece)
    st.caption(plain(MARKS[vocabulary.spelling]))
    if found:
        counts(found)
    longer, twin = longer_pieces(vocabulary, piece), twin_of(vocabulary, piece)
    return explorer_notices(vocabulary, piece, len(longer), twin)


def _nothing(vocabulary: Vocabulary) -> None:
    text = st.session_state["voc_find"]
    lowered = find_pieces(vocabulary, Filter(text.lower()))
    hint = f" Case counts: “{plain(text.lower())}” finds {len(lowered):,}." if lowered else ""
    st.info(f"No piece answers to this search.{hint}", icon=":material/search_off:")
