"""The parts of the lesson on ablation: what is asked, the switches, the pictures beside them."""

from collections.abc import Sequence

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from bertlab.inspection.ablation.ablation import Ablation, Head, Kind
from bertlab.inspection.ablation.explanations import Explanations
from bertlab.inspection.ablation.importance import (
    HeadImportance,
    MedianImportance,
    least_needed,
    most_helpful,
)
from bertlab.inspection.ablation.prediction_shift import Moved, from_to
from bertlab.inspection.attention import notice
from bertlab.inspection.masked_lm import Blank
from bertlab.models.modules import find_parts
from bertlab.ui.figures.charts import csv_button, plot
from bertlab.ui.lessons.ablation import work
from bertlab.ui.lessons.ablation.switches import (
    Off,
    Preset,
    plain_cells,
    preset_buttons,
    switch_grid,
)
from bertlab.ui.lessons.attention import draw_one_head, shown_part
from bertlab.ui.state import url_state
from bertlab.ui.state.guards import explained, plain
from bertlab.ui.state.theme import theme
from bertlab.ui.widgets.token_selection import choose_token
from bertlab.ui.widgets.traced_sentence import Traced
from bertlab.views.ablation.explanations import (
    attribution_rows,
    attribution_table,
    correlation_grid,
    correlation_table,
    describe_attributions,
    describe_correlation,
)
from bertlab.views.ablation.importance import (
    HeadCell,
    describe_importance,
    importance_grid,
    importance_table,
    scale_top,
    switch_cells,
)
from bertlab.views.ablation.prediction_shift import describe_moved, moved_bars, moved_table
from bertlab.views.shared.diverging import signed

KINDS: dict[Kind, str] = {"zero": "nothing (zeros)", "mean": "its mean"}
WIDE = 8  # heads in a row; with more the switches take the page's width
FEW = 14  # tokens; with more a figure over them takes the page's width
SAMPLES = (10, 50, 200)
SAMPLE = "ablation_sample"


def asked_word(traced: Traced, blanks: Sequence[Blank]) -> tuple[Blank, int, str]:
    """Ask which blank and which word are watched; return the blank, the word's id and its name.

    At first it is the blank in hand, and there the hidden word, or else the best answer.
    """
    by_position = {blank.position: blank for blank in blanks}
    position = traced.token if traced.token in by_position else blanks[0].position
    if len(blanks) > 1:
        st.session_state["ablation_blank"] = position
        st.segmented_control(
            "Blank",
            list(by_position),
            format_func=lambda place: f"position {place}",
            key="ablation_blank",
            required=True,
            on_change=lambda: choose_token(st.session_state["ablation_blank"]),
        )
    blank = by_position[position]
    known = {p.token_id: p for p in ((blank.original,) if blank.original else ())}
    known |= {p.token_id: p for p in blank.predictions if p.token_id not in known}
    default = next(iter(known))
    of = traced.model, traced.trace.token_ids, position
    vocabulary = range(traced.loaded.config.vocab_size)
    word = url_state.choice_state("watched", vocabulary, default, of=of)
    word = default if word is None else word
    name = traced.loaded.tokenizer.convert_ids_to_tokens
    options = [*known, *({word} - set(known))]

    def describe(token_id: int) -> str:
        is_hidden = blank.original is not None and token_id == blank.original.token_id
        return f"{name(token_id)}{' (hidden here)' if is_hidden else ''}"

    st.session_state["watched"] = word
    st.selectbox(
        "Watched word", options, format_func=describe, width=220, **url_state.bind("watched")
    )
    return blank, word, str(name(word))


def asked_kind() -> Kind:
    """Ask what stands in the place of a head that is off."""
    tie = url_state.option_state("ablation_kind", list(KINDS), "zero")
    return st.segmented_control(
        "A head that is off gives",
        list(KINDS),
        format_func=KINDS.__getitem__,
        required=True,
        help="Zeros take away what a head says and also what it always says. Its mean over the "
        "bundled sentences, the same vector for every token, leaves the latter in place.",
        **tie,
    )


def side_by_side(
    is_narrow: bool, *, widths: tuple[int, int] = (1, 1)
) -> tuple[DeltaGenerator, DeltaGenerator]:
    """Two columns where both parts are narrow, else one below the other."""
    if is_narrow:
        left, right = st.columns(widths, gap="medium")
        return left, right
    return st.container(), st.container()


def presets_row(importance: HeadImportance | None, shape: tuple[int, int], chosen: Head) -> None:
    """Buttons that set many switches at once."""
    layers, heads = shape
    every = frozenset(np.ndindex(layers, heads))
    name, layer = f"{chosen[0]}.{chosen[1]}", chosen[0]
    row = frozenset((layer, head) for head in range(heads))
    alone = Preset(f"Only {name}", "This head off, all others on", frozenset({chosen}))
    silent = Preset(f"Layer {layer}", "All heads of this layer off", row)
    but = Preset(f"All but {name}", "This head on, all others off", every - {chosen})
    if importance is None:
        preset_buttons([alone, silent, but])
        return
    most = max(1, len(every) - 1)
    tie = url_state.number_state("ablation_count", 1, most, min(3, most))
    count = int(st.number_input("How many", 1, most, step=1, width=120, **tie))
    helpful = Preset(
        f"{count} most helpful",
        "Those whose loss, each alone, costs the watched word most",
        most_helpful(importance.change, count),
    )
    idle = Preset(
        f"{count} least needed",
        "Those whose loss, each alone, changes the watched word least",
        least_needed(importance.change, count),
    )
    preset_buttons([helpful, idle, alone, silent, but])


def draw_switches(
    traced: Traced,
    importance: HeadImportance | None,
    off: Off,
    *,
    chosen: Head,
    word: str,
    top: float | None,
) -> None:
    """The grid of switches; its colours say what each head's loss alone does."""
    cells = plain_cells((traced.trace.layers, traced.trace.heads))
    if importance is not None and top is not None:
        cells = switch_cells(importance.change, top, theme())

    def hover(cell: HeadCell) -> str:
        state = "off" if (cell.layer, cell.head) in off[0] else "on"
        said = f"Head {cell.layer}.{cell.head}, {state}"
        if importance is None:
            return said
        before, at = importance.probability, (cell.layer, cell.head)
        after = before * float(np.exp(importance.change[at]))
        return (
            f"{said}. Off alone it takes “{word}” from {before:.1%} to {after:.1%} (ln p "
            f"{signed(importance.change[at], 3)}); {importance.moved[at]:.1%} of all belief moves"
        )

    if find_parts(traced.loaded.model).shares_layers:
        st.caption(
            "The layers of this model share their weights. A switch turns its head off in its own "
            "layer alone: in one round of the same computation."
        )
    is_coloured = importance is not None
    title = f"What each head’s loss alone does to ln p of “{word}”" if is_coloured else "Heads"
    switch_grid(
        cells, off, key="ablation_switches", title=title, chosen=chosen, hover=hover,
        top=top if is_coloured else None,
    )  # fmt: skip
    if importance is not None:
        csv_button(
            lambda: importance_table(change=importance.change, moved=importance.moved),
            key="ablation_switches_numbers",
        )


def draw_moved(moved: Moved, blank: Blank, ablation: Ablation) -> None:
    """The answers with all heads on and with some off, on one scale, and their differences."""
    watched, off = moved.watched, _what_is_off(ablation)
    before, after = from_to(watched.first, watched.second)
    title = f"Position {blank.position}: “{watched.token}” {before} → {after}"
    figure = moved_bars(moved, title=title, names=("All heads on", off), theme=theme())
    plot(figure, key="ablation_moved", alt=describe_moved(moved), table=lambda: moved_table(moved))
    st.caption(
        f"{moved.distance:.1%} of the belief moved to other answers (total variation distance); "
        f"ln p of “{plain(watched.token)}” changed by {signed(moved.change, 3)} nats. Both columns "
        "of probabilities share one scale; changes are in percentage points."
    )


def _what_is_off(ablation: Ablation) -> str:
    parts = []
    if ablation.heads:
        count = len(ablation.heads)
        parts.append("1 head off" if count == 1 else f"{count} heads off")
    if ablation.skipped:
        parts.append(f"layer {', '.join(map(str, sorted(ablation.skipped)))} skipped")
    return ", ".join(parts) or "Nothing off"


def draw_head(traced: Traced, chosen: Head) -> None:
    """The heatmap of the head in hand, as it is with all heads on."""
    shown = shown_part(traced, hides_special=False, top=1.0)
    draw_one_head(traced, shown, chosen, title=notice(traced.trace, *chosen).text)
    st.caption("Its weights with all heads on. Press a switch to take that head in hand.")


def median_in_hand(model: str, kind: Kind) -> MedianImportance | None:
    """The median that is shown: one that somebody has computed, or that takes no second."""
    counts = _sample_sizes(model)
    if not counts:
        return None
    count = url_state.choice_state(SAMPLE, counts, counts[0]) or counts[0]
    if work.is_quick(model, count):
        return work.compute_median(model, kind, count)
    return work.kept_median(model, kind, count)


def _sample_sizes(model: str) -> list[int]:
    there = len(work.questions(model))
    return sorted({min(count, there) for count in SAMPLES} - {0})


def draw_median(
    found: MedianImportance | None, model: str, kind: Kind, *, top: float | None, chosen: Head
) -> None:
    """Every head over many sentences: an offer to compute it, and the grid."""
    counts = _sample_sizes(model)
    if not counts:
        st.caption("No bundled sentence ends in a word that this model knows.")
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        count = st.selectbox("Bundled sentences", counts, width=150, **url_state.bind(SAMPLE))
        is_asked = found is None and st.button(
            f"Compute over {count} sentences ({work.about(model, count)})",
            key="ablation_median",
            icon=":material/play_arrow:",
        )
    if is_asked:
        with explained():
            work.compute_median(model, kind, count)
        st.rerun()  # the switches share the scale
    if found is not None and top is not None:
        draw_median_grid(found, top=top, chosen=chosen)
    st.caption(
        "One sentence tells little of a head. Here each bundled sentence is asked for its last "
        "word, with every head off in turn."
        + (" The switches above have the same scale." if found and top else "")
    )


def draw_median_grid(found: MedianImportance, *, top: float, chosen: Head) -> None:
    """The median of each head's changes, on the scale of the switches."""
    low, high = (np.quantile(found.changes, q, axis=0) for q in (0.25, 0.75))
    hover = np.array(
        [
            f"middle half {signed(low[at])} to {signed(high[at])}; the word lost in "
            f"{found.share_below[at]:.0%} of the sentences"
            for at in np.ndindex(low.shape)
        ]
    ).reshape(low.shape)
    figure = importance_grid(
        found.median,
        title=f"Median over {found.sentences} sentences",
        top=top,
        theme=theme(),
        hover=hover,
        chosen=chosen,
    )
    plot(
        figure,
        key="ablation_median_grid",
        alt=describe_importance(found.median, "each sentence's last word"),
        is_stretched=False,
        table=lambda: importance_table(
            median=found.median, lower_quarter=low, upper_quarter=high, lost_in=found.share_below
        ),
    )


def shared_top(importance: HeadImportance | None, median: MedianImportance | None) -> float | None:
    """The end of the scale that switches and median share; None without either."""
    grids = [found.change for found in (importance,) if found]
    grids += [found.median for found in (median,) if found]
    return scale_top(*grids) if grids else None


def draw_explanations(found: Explanations, traced: Traced, blank: Blank, word: str) -> None:
    """Four rows of bars, then how alike their orders are."""
    figure = attribution_rows(
        found,
        traced.tokens,
        position=blank.position,
        title=f"What “{word}” at position {blank.position} rests on, by four methods",
        theme=theme(),
    )
    plot(
        figure,
        key="ablation_attributions",
        alt=describe_attributions(found, traced.tokens),
        is_stretched=False,
        table=lambda: attribution_table(found, traced.tokens),
    )
    integrated = found.integrated
    is_done = "" if integrated.is_complete else " More than 1 %: read that row with care."
    st.caption(
        "Purple and lilac speak for the word, orange against it; the rollout has no sign. "
        f"Integrated gradients add up to {integrated.values.sum():.3f} of {integrated.whole:.3f} "
        f"nats, an error of {integrated.error:.2%}, with {integrated.points} points.{is_done}"
    )


def draw_correlation(found: Explanations) -> None:
    """The four by four grid; of too few tokens there is no order to compare."""
    if not np.isfinite(found.correlation[~np.eye(len(found.correlation), dtype=bool)]).any():
        return
    figure = correlation_grid(found, title="Do the methods rank the tokens alike?", theme=theme())
    plot(
        figure,
        key="ablation_correlation",
        alt=describe_correlation(found),
        is_stretched=False,
        table=lambda: correlation_table(found),
    )
    st.caption(
        f"Spearman's rank correlation of the sizes, without signs, over the {len(found.ranked)} "
        "tokens that are not masked: 1 is the same order, 0 none in common, −1 the opposite."
    )
