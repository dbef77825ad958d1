"""Fine-tuning, first part: the classes with their numbers; renamed, merged or taken out."""

from collections.abc import Callable, Mapping, Sequence

import pandas as pd
import streamlit as st

from bertlab.datasets import Examples, LabelRow, case_map, label_map, label_rows
from bertlab.datasets.limits import MAX_LABEL_CHARACTERS
from bertlab.ui.figures.tables import HEAD, ROW, TALLEST
from bertlab.ui.lessons.fine_tuning import labels as kept_edits
from bertlab.ui.state.guards import explained, plain
from bertlab.views.fine_tuning.results import short_label

MOST = 20  # tables whose changes are kept: a session's last ones


def start(key: str, widget: str) -> dict[str, str]:
    """The changes that a table is drawn with: `{"Pos": "pos"}` after `keep("a", {"Pos": "pos"})`.

    They are those of the moment in which the editor came to the page, until it leaves it.

    Args:
        key: Of the table.
        widget: The editor's key.
    """
    starts = st.session_state.setdefault("kept_edits_starts", {})
    if widget not in st.session_state or widget not in starts:
        starts.clear()  # one editor is on the page
        starts[widget] = dict(_all().get(key, {}))
    return dict(starts[widget])


def keep(key: str, changes: Mapping[str, str]) -> None:
    """Remember all changes of a table: from the label in the file to its new name."""
    kept = _all()
    kept.pop(key, None)
    if changes:
        kept[key] = dict(changes)
    while len(kept) > MOST:
        del kept[next(iter(kept))]


def forget(key: str) -> None:
    """Forget a table's changes."""
    _all().pop(key, None)


def _all() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = st.session_state.setdefault("kept_edits", {})
    return found


NUMBERED = 12  # classes whose numbers are written out
EXAMPLE = 80  # characters of the example beside a label
COLUMNS = {
    "label": st.column_config.TextColumn("In the file", disabled=True),
    "count": st.column_config.NumberColumn("Rows", disabled=True, format="localized"),
    "becomes": st.column_config.TextColumn("Becomes", max_chars=MAX_LABEL_CHARACTERS),
    "kept": st.column_config.CheckboxColumn("Learn it"),
    "example": st.column_config.TextColumn("First text", disabled=True, width="large"),
}


def choose_labels(
    examples: Examples, check: Callable[[Mapping[str, str]], Examples], *, key: str
) -> tuple[Examples, dict[str, str]]:
    """Draw the classes as a table to edit.

    What was changed is kept for the session, also where another page is looked at meanwhile.

    Args:
        examples: With the labels as they stand in the file.
        check: Makes the examples anew under a label map.
        key: Of the file and its columns: another file starts without changes.

    Returns:
        The examples under their new labels, and the map that made them.
    """
    same = case_map(examples.counts()) if _wants_one_case(examples.label_names) else {}
    with st.expander(
        "Classes and their numbers: rename, merge or take out labels", icon=":material/label:"
    ):
        chosen = _edit(label_rows(examples), same, key)
        if chosen:
            with explained():
                examples = check(chosen)
        st.markdown(_numbers(label_rows(examples)))
        if chosen and st.button("Undo all changes", icon=":material/undo:", key="finetune_unlabel"):
            _undo(key)
    return examples, chosen


def differ_in_case(labels: Sequence[str]) -> bool:
    """Whether some labels are equal but for their case: "Good" and "good"."""
    return len({label.casefold() for label in labels}) < len(labels)


def _wants_one_case(labels: Sequence[str]) -> bool:
    return differ_in_case(labels) and st.toggle(
        "Take labels that differ in case only as one", key="finetune_merge",
        persist_state="session",
    )  # fmt: skip


def _edit(rows: Sequence[LabelRow], same: Mapping[str, str], key: str) -> dict[str, str]:
    st.markdown(
        "Change a name under **Becomes**; two labels of the same name are one. Untick **Learn it** "
        "to take a label out: rows that have no other are left out."
    )
    turn = st.session_state.setdefault("finetune_label_turn", 0)
    widget = f"finetune_labels_{key}_{turn}_{bool(same)}"
    start = kept_edits.start(key, widget)
    before = {row.label: same.get(row.label, row.label) for row in rows}
    edited = _draw(rows, before | start, widget)
    names = [str(name or "") for name in edited["becomes"]]
    chosen = label_map(list(edited["label"]), names, list(edited["kept"].astype(bool)))
    now = {label: chosen.get(label, label) for label in before}
    kept_edits.keep(key, {label: new for label, new in now.items() if new != before[label]})
    return chosen


def _draw(rows: Sequence[LabelRow], becomes: Mapping[str, str], widget: str) -> pd.DataFrame:
    """The table to edit; a label that becomes "" is taken out."""
    table = pd.DataFrame(
        {
            "label": [row.label for row in rows],
            "count": [row.count for row in rows],
            "becomes": [becomes[row.label] or row.label for row in rows],
            "kept": [bool(becomes[row.label]) for row in rows],
            "example": [row.example[:EXAMPLE] for row in rows],
        }
    )
    return st.data_editor(
        table, column_config=COLUMNS, hide_index=True, num_rows="fixed",
        height=min(HEAD + ROW * len(table), TALLEST), key=widget,
    )  # fmt: skip


def _undo(key: str) -> None:
    """Draw the table anew: an editor keeps its changes for as long as its key stays."""
    kept_edits.forget(key)
    st.session_state["finetune_label_turn"] += 1
    st.session_state.pop("finetune_merge", None)
    st.rerun()


def _numbers(rows: Sequence[LabelRow]) -> str:
    """The classes with the numbers that the model learns to give, as a line of Markdown."""
    named = [f"**{row.id}** = {plain(short_label(row.label))}" for row in rows[:NUMBERED]]
    more = f" · and {len(rows) - NUMBERED:,} more" if len(rows) > NUMBERED else ""
    return f"The model learns numbers: {' · '.join(named)}{more}"
