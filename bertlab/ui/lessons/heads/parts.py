"""The parts of the lesson on heads: grid, bars, examples, entropy, rollout."""

import html
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from bertlab.inspection.attention import CLS_TOKENS, SEP_TOKENS
from bertlab.inspection.bundled_sentences import Sentence
from bertlab.inspection.heads.examples import strongest_inputs, strongest_pairs
from bertlab.inspection.heads.measures import LONGEST, Measured
from bertlab.inspection.heads.roles import FEWEST_ASKED
from bertlab.inspection.heads.rollout import rollout_of
from bertlab.inspection.heads.targets import ROLES, Role
from bertlab.observations.heads import (
    Rule,
    entropy_title,
    grid_title,
    head_detail,
    head_title,
    role_names,
    too_little,
)
from bertlab.ui.figures.charts import csv_button, figure_title, plot
from bertlab.ui.lessons.heads.role_grid import role_grid
from bertlab.ui.lessons.heads.statistics import SentenceStatistics
from bertlab.ui.state import caches, url_state
from bertlab.ui.state.guards import explained, plain
from bertlab.ui.state.theme import palette, theme
from bertlab.ui.widgets.traced_sentence import Traced
from bertlab.views.heads.entropy import describe_entropy, entropy_figure, entropy_table
from bertlab.views.heads.role_bars import bars_table, describe_bars, role_bars
from bertlab.views.heads.role_grid import describe_roles, role_cells, role_legend, roles_table
from bertlab.views.heads.rollout import (
    describe_rollout,
    rollout_heatmap,
    rollout_table,
    rollout_title,
)

SHOWN = 3  # sentences, and pairs of tokens in each
FLOWS = {"rollout": "Through all layers (rollout)", "layer": "Each layer alone"}


def threshold_slider() -> float:
    """Draw the slider of the rule's threshold; 0.2 is 20 points."""
    tie = url_state.number_state("heads_threshold", 5, 60, 20)
    points = st.slider(
        "A role must beat what knows no words by (points)", step=5, min_value=5, max_value=60,
        help="Points of a head's weight above its comparison (even weights close by, or position "
        "alone), and above the same head of a model with random weights.",
        width=340, **tie,
    )  # fmt: skip
    return points / 100


def aside_toggle() -> bool:
    """Draw the switch that leaves the weight at rest out of the count."""
    tie = url_state.flag_state("heads_aside", False)
    return bool(
        st.toggle(
            plain("Leave [CLS] and [SEP] aside"), **tie,
            help="Much weight rests on special tokens. What is left is then the whole: each share "
            "is one of the weight on ordinary tokens, for both comparisons as well.",
        )
    )  # fmt: skip


def grid_columns(heads: int) -> list[DeltaGenerator]:
    """Two places, for the grid and for the chosen head; many heads take more of the width."""
    return st.columns([5, 4] if heads <= 8 else [2, 1], gap="medium")


def names_for(tokens: tuple[str, ...]) -> dict[Role, str]:
    """What the roles are called with this model's special tokens."""
    cls = next((token for token in tokens if token in CLS_TOKENS), CLS_TOKENS[0])
    sep = next((token for token in tokens if token in SEP_TOKENS), SEP_TOKENS[0])
    return role_names(cls, sep)


def draw_grid(found: SentenceStatistics, chosen: tuple[int, int], rule: Rule) -> None:
    """All heads by role, with the count of each."""
    title = grid_title(found.scores, rule)
    figure_title(title, key="heads_grid")
    cells = role_cells(found.scores, rule, colours=palette())
    legend = role_legend(found.scores, rule, colours=palette())
    label = describe_roles(cells, title)
    role_grid(cells, legend, chosen=chosen, key="heads_grid", label=label)
    csv_button(lambda: roles_table(found.scores, rule), key="heads_roles")


def draw_bars(found: SentenceStatistics, chosen: tuple[int, int], rule: Rule) -> None:
    """The chosen head beside what it is compared with."""
    title = head_title(found.scores, *chosen, rule)
    figure = role_bars(found.scores, *chosen, rule, title=title, theme=theme())
    alt = describe_bars(found.scores, *chosen, rule)
    table = partial(bars_table, found.scores, *chosen, rule)
    plot(figure, key="heads_bars", alt=alt, table=table)
    detail = head_detail(found.scores, *chosen, rule)
    st.caption(plain(f"{detail} {too_little(found.scores, rule)}"))


def tell_what_counts(found: SentenceStatistics, caption: str) -> None:
    """Say over what the statistics were taken."""
    asked = sum(int(one.targets.ordinary.sum()) for one in found.measured)
    cut = sum(one.is_cut for one in found.measured)
    st.caption(
        f"Measured on this machine over {caption}: {asked:,} tokens were asked where they look; "
        "special tokens were not asked."
        + (f" {cut} longer than {LONGEST} tokens were cut there." if cut else "")
    )


def draw_examples(
    model: str, found: SentenceStatistics, chosen: tuple[int, int], rule: Rule
) -> None:
    """The sentences in which the chosen head looks most at what a role asks for."""
    layer, head = chosen
    roles = [
        role for role, asked in zip(ROLES, found.scores.asked, strict=True) if asked >= FEWEST_ASKED
    ]
    if not roles:
        return
    own = found.scores.roles(layer, head, threshold=rule.threshold)
    above = (found.scores.score - found.scores.hurdle)[:, layer, head]
    first = own[0] if own else max(roles, key=lambda role: above[ROLES.index(role)])
    role = st.pills(
        "Looks at",
        roles,
        required=True,
        format_func=lambda name: plain(rule.names[name]),
        **url_state.option_state("heads_role", roles, first, of=(layer, head, first)),
    )
    best = strongest_inputs(found.measured, role, layer, head, count=SHOWN)
    for number, (column, one) in enumerate(zip(st.columns(SHOWN), best, strict=False)):
        with column, st.container(border=True, height="stretch"):
            _draw_example(model, one, role, chosen, rule, number)


def _draw_example(
    model: str,
    one: Measured,
    role: Role,
    chosen: tuple[int, int],
    rule: Rule,
    number: int,
) -> None:
    layer, head = chosen
    text = one.sentence.text + (f" / {one.sentence.pair}" if one.sentence.pair else "")
    share = 100 * one.share(role, layer, head)
    with explained():
        found = _pairs(model, one.sentence, role, *chosen)
    pairs = "".join(
        f"<div><code>{html.escape(query)}</code> → <code>{html.escape(key)}</code> "
        f"{100 * weight:.1f} %</div>"
        for query, key, weight in found
    )
    st.html(
        f"<div>{html.escape(text)}</div>"
        f'<div style="margin: 0.5rem 0">{pairs}</div>'
        f"<small>On {html.escape(rule.names[role])} here: {share:.1f} %, of "
        f"{one.asked[ROLES.index(role)]} tokens asked.</small>"
    )
    st.button(
        "Take this sentence",
        key=f"heads_take_{number}",
        icon=":material/input:",
        type="tertiary",
        on_click=_take,
        args=(one.sentence.text, one.sentence.pair or ""),
    )


@st.cache_data(max_entries=512, show_spinner=False)  # a few words each
def _pairs(
    model: str, sentence: Sentence, role: Role, layer: int, head: int
) -> list[tuple[str, str, float]]:
    found = strongest_pairs(caches.model(model), sentence, role, layer, head, count=SHOWN)
    return [(pair.query, pair.key, pair.weight) for pair in found]


def _take(text: str, pair: str) -> None:
    st.session_state["text"], st.session_state["pair"] = text, pair


def draw_entropy(found: SentenceStatistics) -> None:
    """How spread out attention is, from layer to layer."""
    parts = (found.entropy, found.twin_entropy)
    figure = entropy_figure(*parts, title=entropy_title(*parts), theme=theme())
    plot(
        figure,
        key="heads_entropy",
        alt=describe_entropy(*parts),
        is_stretched=False,
        table=lambda: entropy_table(*parts),
    )


def draw_rollout(traced: Traced) -> None:
    """What reaches the chosen token from the input, layer by layer."""
    tie = url_state.option_state("heads_flow", list(FLOWS), "rollout")
    flow = st.segmented_control(
        "Attention", list(FLOWS), format_func=FLOWS.__getitem__, required=True, **tie
    )
    followed = rollout_of(traced.trace.attention, traced.token)  # (layers, input token)
    alone = traced.trace.attention[:, :, traced.token].mean(axis=1)  # (layers, key)
    is_followed = flow == "rollout"
    shares = followed if is_followed else alone
    title = rollout_title(shares, traced.tokens, traced.token, is_followed=is_followed)
    top = float(max(followed.max(), alone.max()))  # one scale for both
    figure = rollout_heatmap(shares, traced.tokens, title=title, top=top, theme=theme())
    plot(
        figure,
        key="heads_rollout",
        alt=describe_rollout(shares, traced.tokens, title),
        is_stretched=False,
        table=lambda: rollout_table(shares, traced.tokens),
    )
