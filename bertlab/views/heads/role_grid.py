"""The grid of heads by role: what each cell shows, in sign, colour and words."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from bertlab.inspection.heads.roles import RoleScores
from bertlab.inspection.heads.targets import RESTS, ROLES, Role
from bertlab.observations.heads import Rule, count_roles, head_title, is_too_few
from bertlab.views.shared.palette import Palette

# Told apart without colour, too.
SIGNS: dict[Role, str] = {
    "previous": "←",
    "next": "→",
    "itself": "◎",
    "same": "=",
    "delimiter": ";",
    "sep": "S",
    "cls": "C",
}
NO_SIGN = "·"


@dataclass(frozen=True)
class RoleCell:
    """One head in the grid.

    Attributes:
        layer, head: Counted from 0.
        sign: Of the first role; `NO_SIGN` where there is none.
        also: The signs of its other roles.
        number: The first role's share, such as "99 %"; "" where there is none.
        colour: Of sign and frame.
        is_strong: Whether the cell is filled: a role among words. Rests are pale.
        hover: The whole in words.
    """

    layer: int
    head: int
    sign: str
    also: str
    number: str
    colour: str
    is_strong: bool
    hover: str


@dataclass(frozen=True)
class LegendEntry:
    """A sign of the grid, its colour, what it stands for and how many heads have it first."""

    sign: str
    colour: str
    name: str
    count: int


def role_colour(role: Role | None, colours: Palette) -> str:
    """The colour of a role; grey where there is none."""
    if role is None:
        return colours.muted
    return {
        "previous": colours.query,
        "next": colours.key,
        "itself": colours.text,
        "same": colours.value,
        "delimiter": colours.segment_b,
        "sep": colours.mask,
        "cls": colours.mask,
    }[role]


def role_cells(scores: RoleScores, rule: Rule, *, colours: Palette) -> list[RoleCell]:
    """Describe every head's cell, layer by layer."""
    return [
        _cell(scores, layer, head, rule, colours)
        for layer in range(scores.layers)
        for head in range(scores.heads)
    ]


def _cell(scores: RoleScores, layer: int, head: int, rule: Rule, colours: Palette) -> RoleCell:
    found = scores.roles(layer, head, threshold=rule.threshold)
    first = found[0] if found else None
    share = scores.score[ROLES.index(first), layer, head] if first else 0.0
    others = ", ".join(rule.names[role] for role in found[1:])
    title = head_title(scores, layer, head, rule)
    return RoleCell(
        layer=layer,
        head=head,
        sign=SIGNS[first] if first else NO_SIGN,
        also="".join(SIGNS[role] for role in found[1:]),
        number=f"{100 * share:.0f} %" if first else "",
        colour=role_colour(first, colours),
        is_strong=first is not None and first not in RESTS,
        hover=title + (f"; also {others}" if others else ""),
    )


def role_legend(scores: RoleScores, rule: Rule, *, colours: Palette) -> list[LegendEntry]:
    """The signs that occur, and "no simple pattern" or that none was looked for, with counts."""
    counts = count_roles(scores, rule)
    none = "too few sentences" if is_too_few(scores) else "no simple pattern"
    roles: list[Role | None] = [role for role in ROLES if counts[role]]
    return [
        LegendEntry(
            SIGNS[role] if role else NO_SIGN,
            role_colour(role, colours),
            rule.names[role] if role else none,
            counts[role],
        )
        for role in [*roles, None]
    ]


def describe_roles(cells: Sequence[RoleCell], title: str) -> str:
    """The grid in words: its title, and every head that has a role."""
    clear = [cell.hover for cell in cells if cell.sign != NO_SIGN]
    return f"{title}. {'; '.join(clear) if clear else 'Nothing more is to be seen'}."


def roles_table(scores: RoleScores, rule: Rule) -> pd.DataFrame:
    """All numbers: a row for each head and role, shares in per cent."""
    rows = []
    for layer in range(scores.layers):
        for head in range(scores.heads):
            found = scores.roles(layer, head, threshold=rule.threshold)
            for number, role in enumerate(ROLES):
                parts = (scores.score, scores.baseline, scores.twin)
                shares = [round(100 * float(part[number, layer, head]), 2) for part in parts]
                rows.append((layer, head, rule.names[role], *shares, role in found))
    columns = ["layer", "head", "looks at", "weight %", "comparison %", "random weights %"]
    return pd.DataFrame(rows, columns=[*columns, "is a role"])
