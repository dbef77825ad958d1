"""A student's own files: kept for the session, and read as the student says where a guess fails."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from bertlab.datasets import Table, is_workbook, read_table, sheet_names

FOUND = "found by itself"
ENCODINGS = (FOUND, "utf-8", "gb18030", "big5", "utf-16", "cp1252")
TYPES = ["csv", "tsv", "txt", "xlsx", "xlsm", "jsonl", "ndjson", "json"]
DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}
CHOICES = ("encoding", "delimiter", "sheet")


@dataclass(frozen=True)
class Upload:
    """A file as it came, kept for the session so that it survives a change of page."""

    name: str
    data: bytes


@dataclass(frozen=True)
class ReadingChoice:
    """How a file is to be read; None stands for "find it out"."""

    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None


# A student's own files belong to the session: the table, a validation and a test part, and of
# each the one before it. All go when the session ends.
@st.cache_resource(max_entries=6, scope="session", show_spinner="Reading the table …")
def read(data: bytes, filename: str, reading: ReadingChoice) -> Table:
    """Read a table; see `datasets.read_table`."""
    return read_table(data, filename=filename, **vars(reading))


@st.cache_data(max_entries=6, scope="session", show_spinner=False)
def _sheets(data: bytes) -> tuple[str, ...]:
    return sheet_names(data) if is_workbook(data) else ()


def choose_reading(upload: Upload, *, prefix: str = "finetune") -> ReadingChoice:
    """Draw how a file is read; stands above the reading, so that a wrong choice can be taken back.

    Args:
        upload: The file.
        prefix: Of the widgets' keys; `forget_reading` with the same one takes the choices back.
    """
    if is_workbook(upload.data):
        return ReadingChoice(sheet=_choose_sheet(_sheets(upload.data), prefix))
    left, right, _ = st.columns([2, 2, 3])
    encoding = left.selectbox(
        "Encoding", ENCODINGS, key=f"{prefix}_encoding", persist_state="session",
        help="Choose it yourself where the characters below look wrong.",
    )  # fmt: skip
    delimiter = right.selectbox(
        "Between the cells", (FOUND, *DELIMITERS), key=f"{prefix}_delimiter",
        persist_state="session",
        help="Choose it yourself where the columns below look wrong.",
    )  # fmt: skip
    return ReadingChoice(None if encoding == FOUND else encoding, DELIMITERS.get(delimiter or ""))


def forget_reading(prefix: str = "finetune") -> None:
    """Take back what was right for the last file."""
    for choice in CHOICES:
        st.session_state.pop(f"{prefix}_{choice}", None)


def _choose_sheet(names: Sequence[str], prefix: str) -> str | None:
    """None where there is nothing to choose: the first sheet with a table is taken."""
    if len(names) < 2:
        return None
    place, _ = st.columns([2, 5])
    chosen = place.selectbox(
        "Sheet", (FOUND, *names), key=f"{prefix}_sheet", persist_state="session",
        help="Left alone, it is the first sheet that holds a table.",
    )  # fmt: skip
    return None if chosen == FOUND else chosen


def form_of(table: Table) -> str:
    """How a file was read, as a clause: `read as gb18030 with a semicolon between the cells`."""
    if table.form == "workbook":
        return f"read from the sheet “{table.sheet}”"
    if table.form == "json":
        return f"read as JSON, {table.encoding}"
    sign = next(word for word, sign in DELIMITERS.items() if sign == table.delimiter)
    return f"read as {table.encoding} with a {sign} between the cells"
