"""The parts of the masked-words lesson: columns of answers, guesses."""

from collections.abc import Mapping, Sequence
from functools import partial

import plotly.graph_objects as go
import streamlit as st

from bertlab.inspection.masked_lm import Blank, Prediction
from bertlab.inspection.minimal_pairs import compare_answers
from bertlab.observations.masked_words import changed_word_notices
from bertlab.ui.figures.charts import plot
from bertlab.ui.state import caches
from bertlab.ui.state.guards import explained, plain
from bertlab.ui.state.theme import palette
from bertlab.ui.widgets.minimal_pair import Compared
from bertlab.ui.widgets.traced_sentence import Traced
from bertlab.views.masked_words import answers_table, describe_bars, prediction_bars

SHOWN_BLANKS = 6  # two rows of three; more bars than that nobody reads


def blank_columns(
    blanks: Sequence[Blank],
    *,
    key: str,
    guesses: Mapping[int, Prediction] | None = None,
    columns: int = 3,
) -> None:
    """Draw the answers for each blank, at most `columns` side by side."""
    shown = blanks[:SHOWN_BLANKS]
    places = st.columns(min(columns, max(2, len(shown))))
    for i, blank in enumerate(shown):
        with places[i % len(places)]:
            guess = (guesses or {}).get(blank.position)
            figure = prediction_bars(blank, palette(), title=_title(blank), guess=guess)
            _plot_answers(figure, blank, key=f"{key}_{i}")
            _fate(blank, guess)
    if len(blanks) > SHOWN_BLANKS:
        st.caption(f"The first {SHOWN_BLANKS} of {len(blanks)} blanks are drawn.")


def before_and_after(before: Sequence[Blank], after: Sequence[Blank], *, filled: str) -> None:
    """Draw the same blanks side by side, alone and with another one filled, on one scale."""
    names = ("Both hidden" if len(before) == 1 else "All hidden", f"“{filled}” filled in")
    for i, pair in enumerate(list(zip(before, after, strict=True))[:SHOWN_BLANKS]):
        top = max(blank.predictions[0].probability for blank in pair)
        for place, blank, name, key in zip(st.columns(2), pair, names, "ab", strict=True):
            with place:
                figure = prediction_bars(blank, palette(), title=_title(blank, name), top=top)
                _plot_answers(figure, blank, key=f"masked_filled_{i}{key}")


def _plot_answers(figure: go.Figure, blank: Blank, *, key: str) -> None:
    plot(figure, key=key, alt=describe_bars(blank), table=partial(answers_table, blank))


def _title(blank: Blank, prefix: str = "") -> str:
    best = blank.predictions[0]
    start = f"{prefix} · " if prefix else ""
    return f"{start}position {blank.position}: {best.token} {best.probability:.1%}"


def _fate(blank: Blank, guess: Prediction | None) -> None:
    if blank.original:
        word = blank.original
        st.caption(
            f"Hidden here: :green[{plain(word.token)}], rank {word.rank:,}, {word.probability:.2%}"
        )
    if guess:
        st.caption(
            f"Your guess: :orange[{plain(guess.token)}], rank {guess.rank:,}, "
            f"{guess.probability:.2%}"
        )


def guess_inputs(
    blanks: Sequence[Blank], *, sentence: tuple[object, ...]
) -> tuple[dict[int, str], bool]:
    """Ask for a guess for each blank; return the guesses and whether to reveal the answers.

    A new sentence or another mask hides the answers again.
    """
    words = {}
    columns = st.columns(min(3, max(2, len(blanks))))
    for i, blank in enumerate(blanks[:SHOWN_BLANKS]):
        with columns[i % len(columns)]:
            words[blank.position] = st.text_input(
                f"Your guess for position {blank.position}",
                key=f"guess_{blank.position}_{hash(sentence)}",
                max_chars=60,
            )
    if not is_revealed(sentence):
        st.button(
            "Reveal", type="primary", icon=":material/visibility:",
            on_click=lambda: st.session_state.update(_revealed=sentence),
        )  # fmt: skip
    return words, is_revealed(sentence)


def is_revealed(sentence: tuple[object, ...]) -> bool:
    """Whether the answers to this sentence with these masks have been asked for."""
    return bool(st.session_state.get("_revealed") == sentence)


def change_notices(traced: Traced, compared: Compared) -> tuple[str, ...]:
    """What the second sentence does to the answers for the first blank."""
    with explained():
        answers = compare_answers(traced.loaded, traced.trace, compared.trace)
    return changed_word_notices(answers, _changed_words(traced, compared))


def _changed_words(traced: Traced, compared: Compared) -> tuple[str, str] | None:
    """What was changed, before and after: ("loved", "hated"); None where words came or went."""
    alignment, partner = compared.alignment, dict(compared.alignment.pairs)
    if alignment.missing or alignment.added:
        return None
    tokenizer = caches.tokenizer(traced.model)

    def read(token_ids: Sequence[int]) -> str:
        pieces = [str(piece) for piece in tokenizer.convert_ids_to_tokens(list(token_ids))]
        is_hanzi = all(len(piece) == 1 and not piece.isascii() for piece in pieces)
        return "".join(pieces) if is_hanzi else tokenizer.convert_tokens_to_string(pieces).strip()

    before = read([traced.trace.token_ids[i] for i in alignment.changed])
    after = read([compared.trace.token_ids[partner[i]] for i in alignment.changed])
    return before, after
