"""The rows that the checks found something about: left out, torn between labels, nearly alike."""

from dataclasses import dataclass

import pandas as pd
import streamlit as st

from bertlab.datasets import Examples, count_left_out
from bertlab.datasets.conflicts import Conflict, conflicts
from bertlab.datasets.duplicates.near import Near, nearly_same
from bertlab.ui.figures.charts import csv_button
from bertlab.ui.figures.tables import HEAD, ROW, TALLEST
from bertlab.views.fine_tuning.findings import conflicts_table, near_table
from bertlab.views.fine_tuning.results import left_out_table

LEFT_OUT, CONFLICTS, NEAR = "Left out", "Conflicting labels", "Nearly the same"
EXPLAINED = {
    LEFT_OUT: "",
    CONFLICTS: "All of these rows are learned from. Decide for one answer, or take the text out.",
    NEAR: "At least 80 % of all pieces of 4 characters (2 in Chinese, Japanese and Korean) are in "
    "both texts. Case and punctuation do not count; texts of fewer than 40 characters (20) are too "
    "short to judge. Such texts stay on one side of the split: else the test would ask about what "
    "was learned by heart. Larger groups are shown by the pairs that link them.",
}
FILES = {
    LEFT_OUT: "left_out.csv", CONFLICTS: "conflicting_labels.csv", NEAR: "nearly_the_same.csv",
}  # fmt: skip
SHOWN = 1_000  # rows of a table that are sent to the browser; the download has all


@dataclass(frozen=True)
class Findings:
    """What stands in the tabs, worked out once for a table."""

    conflicts: tuple[Conflict, ...]
    near: Near
    tables: dict[str, pd.DataFrame]


def find_rows(examples: Examples) -> Findings:
    """Look for conflicts and near-duplicates; kept while the examples are the same ones."""
    kept = st.session_state.get("finetune_findings")
    if kept is None or kept[0] is not examples:
        with st.spinner("Comparing the texts …", show_time=True):
            kept = (examples, _find(examples))
        st.session_state["finetune_findings"] = kept
    return kept[1]


def _find(examples: Examples) -> Findings:
    torn, near = conflicts(examples), nearly_same(examples)
    tables = {
        LEFT_OUT: left_out_table(examples.left_out),
        CONFLICTS: conflicts_table(torn),
        NEAR: near_table(examples, near.pairs),
    }
    return Findings(torn, near, {name: table for name, table in tables.items() if len(table)})


def report_rows(examples: Examples, findings: Findings) -> None:
    """Draw one expander with a tab for each kind of finding; nothing where there is none."""
    tables = findings.tables
    if not tables:
        return
    missing = count_left_out(examples.left_out)
    title = _title(missing, len(findings.conflicts), len(findings.near.pairs))
    with st.expander(title, icon=":material/playlist_remove:"):
        for place, (name, table) in zip(st.tabs(list(tables)), tables.items(), strict=True):
            with place:
                _draw(name, table)


def _draw(name: str, table: pd.DataFrame) -> None:
    more = f" The first {SHOWN:,} of {len(table):,} rows are shown." if len(table) > SHOWN else ""
    if about := EXPLAINED[name] + more:
        st.caption(about)
    some = table.head(SHOWN)
    st.dataframe(some, hide_index=True, height=min(HEAD + ROW * len(some), TALLEST))
    csv_button(table, label="Download this list", file_name=FILES[name])


def _title(left_out: int, torn: int, near: int) -> str:
    parts = []
    if left_out:
        parts.append("1 row is left out" if left_out == 1 else f"{left_out:,} rows are left out")
    if torn:
        parts.append(f"{torn:,} {'text' if torn == 1 else 'texts'} with conflicting labels")
    if near:
        parts.append(f"{near:,} {'pair' if near == 1 else 'pairs'} nearly the same")
    return " · ".join(parts)
