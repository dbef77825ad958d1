"""Fine-tuning, first part: a table is chosen and read, its columns are named."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import streamlit as st

from bertlab.datasets import (
    REGRESSION,
    Columns,
    Examples,
    Table,
    check_examples,
    guess_columns,
    guess_problem_type,
    is_workbook,
    read_table,
    sheet_names,
)
from bertlab.ui import links
from bertlab.ui.data_report import report
from bertlab.ui.guards import explained
from bertlab.ui.label_choice import choose_labels
from bertlab.ui.problem_choice import choose_problem
from bertlab.ui.samples import FOLDER, REVIEWS, sample_files

OWN = "own file"
GUESSED_FROM = 2_000  # rows
FOUND = "found by itself"
ENCODINGS = (FOUND, "utf-8", "gb18030", "big5", "utf-16", "cp1252")
TYPES = ["csv", "tsv", "txt", "xlsx", "xlsm", "jsonl", "ndjson", "json"]
DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}
SAMPLE_TITLES = {
    "movie_reviews": "Movie reviews",
    "subjectivity": "Subjective or objective",
    "chinese_reviews": "中文评论",
    "messy": "A messy file",
    OWN: "Your own file",
}


@dataclass(frozen=True)
class Upload:
    """A file as it came, kept for the session so that it survives a change of page."""

    name: str
    data: bytes


@dataclass(frozen=True)
class Reading:
    """How a file is to be read; None stands for "find it out"."""

    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None


# A student's own file belongs to the session, with the one before it; both go when it ends.
@st.cache_resource(max_entries=2, scope="session", show_spinner="Reading the table …")
def _read(data: bytes, filename: str, reading: Reading) -> Table:
    return read_table(data, filename=filename, **vars(reading))


@st.cache_data(max_entries=2, scope="session", show_spinner=False)
def _sheets(data: bytes) -> tuple[str, ...]:
    return sheet_names(data) if is_workbook(data) else ()


@st.cache_resource(max_entries=2, scope="session", show_spinner="Checking every row …")
def _check(
    data: bytes, filename: str, reading: Reading, columns: Columns, label_map: dict[str, str]
) -> Examples:
    return check_examples(_read(data, filename, reading), columns, label_map=label_map)


def choose_examples(language: str) -> tuple[Examples, str]:
    """Draw the choice of data and its checks; return the examples and what the data is called.

    Ends the page with the reason and a way on where a table cannot be used.

    Args:
        language: "en" or "zh": reviews in it are shown where nobody has chosen anything.
    """
    source = _choose_source(REVIEWS[language])
    upload = _uploaded() if source == OWN else _sample(source)
    reading = _choose_reading(upload) if source == OWN else Reading()
    with explained():
        table = _read(upload.data, upload.name, reading)
    _preview(table, upload.name)
    columns = _choose_columns(table, upload.name)
    with explained():
        examples = _check(upload.data, upload.name, reading, columns, {})
    if columns.problem_type != REGRESSION:
        examples = choose_labels(
            examples,
            lambda chosen: _check(upload.data, upload.name, reading, columns, dict(chosen)),
            key=str(hash((upload.name, len(upload.data), reading, columns))),
        )
    report(examples)
    return examples, upload.name


def _choose_source(default: str) -> str:
    names = [path.stem for path in sample_files()]
    names = [name for name in SAMPLE_TITLES if name in names]
    links.follow_default("data", default)
    links.state("data", default, _known_source)
    source = st.segmented_control(
        "Data", [*names, OWN], format_func=SAMPLE_TITLES.__getitem__, required=True,
        **links.bound("data"),
    )  # fmt: skip
    links.publish("data", source if source != OWN else default, default)
    return str(source)


def _known_source(name: str) -> str:
    if name not in SAMPLE_TITLES or name == OWN:  # an uploaded file never stands in an address
        raise ValueError(name)
    return name


def _sample(name: str) -> Upload:
    return Upload(f"{name}.csv", (FOLDER / f"{name}.csv").read_bytes())


def _uploaded() -> Upload:
    st.file_uploader(
        "A table with a text column and a label column: CSV, Excel or JSON lines, up to 20 MB",
        type=TYPES,
        help="In a CSV commas, semicolons, tabs or pipes; UTF-8, GB18030, Big5, UTF-16 or Latin-1. "
        "In Excel (.xlsx) any sheet. It stays on this machine.",
        key="finetune_file",
        on_change=_take_upload,
    )
    upload = st.session_state.get("finetune_upload")
    if upload is None:
        st.info(
            "Choose a file above, or take one of the samples. Its first row should name the "
            "columns; which of them holds the text and which the label is guessed, and you can "
            "correct it.",
            icon=":material/upload_file:",
        )
        st.stop()
    return upload


def _take_upload() -> None:
    """Keep a file that came, and forget one that was taken away; a change of page does neither."""
    file = st.session_state["finetune_file"]
    kept = None if file is None else Upload(file.name, file.getvalue())
    st.session_state["finetune_upload"] = kept
    for key in (
        "finetune_encoding",
        "finetune_delimiter",
        "finetune_sheet",
    ):  # what was right for the last file
        st.session_state.pop(key, None)


def _choose_reading(upload: Upload) -> Reading:
    """Stands above the reading, so that a wrong choice can be taken back."""
    if is_workbook(upload.data):
        return Reading(sheet=_choose_sheet(_sheets(upload.data)))
    left, right, _ = st.columns([2, 2, 3])
    encoding = left.selectbox(
        "Encoding", ENCODINGS, key="finetune_encoding",
        help="Choose it yourself where the characters below look wrong.",
    )  # fmt: skip
    delimiter = right.selectbox(
        "Between the cells", (FOUND, *DELIMITERS), key="finetune_delimiter",
        help="Choose it yourself where the columns below look wrong.",
    )  # fmt: skip
    return Reading(None if encoding == FOUND else encoding, DELIMITERS.get(delimiter))


def _choose_sheet(names: Sequence[str]) -> str | None:
    """None where there is nothing to choose: the first sheet with a table is taken."""
    if len(names) < 2:
        return None
    place, _ = st.columns([2, 5])
    chosen = place.selectbox(
        "Sheet", (FOUND, *names), key="finetune_sheet",
        help="Left alone, it is the first sheet that holds a table.",
    )  # fmt: skip
    return None if chosen == FOUND else chosen


def _preview(table: Table, name: str) -> None:
    rows, columns = len(table.frame), len(table.frame.columns)
    shown = "all of them" if rows <= 50 else "the first 50"
    st.text(
        f"{name}: {rows:,} rows, {columns} columns, {_form(table)}. Below: {shown}, with their "
        f"{'rows in the sheet' if table.sheet else 'lines in the file'}."
    )
    frame = table.frame.head(50).set_axis(list(table.row_numbers[:50]), axis="index")
    st.dataframe(frame, height=min(38 + 35 * len(frame), 213))


def _form(table: Table) -> str:
    """How the file was read, as a clause."""
    if table.form == "workbook":
        return f"read from the sheet “{table.sheet}”"
    if table.form == "json":
        return f"read as JSON, {table.encoding}"
    sign = next(word for word, sign in DELIMITERS.items() if sign == table.delimiter)
    return f"read as {table.encoding} with a {sign} between the cells"


def _choose_columns(table: Table, name: str) -> Columns:
    """Guessed, all overridable; a file of other columns starts from its own guess."""
    guess = guess_columns(table)
    names = list(table.frame.columns)
    text, label, pair, group = st.columns(4)
    parts = ("text", "label", "pair", "group")
    keys = [f"finetune_{part}_{hash((name, *names))}" for part in parts]
    columns = Columns(
        text=text.selectbox("Text column", names, names.index(guess.text), key=keys[0]),
        label=label.selectbox("Label column", names, names.index(guess.label), key=keys[1]),
        pair=pair.selectbox(
            "Second text (pairs only)",
            names,
            names.index(guess.pair) if guess.pair else None,
            key=keys[2],
            placeholder="none",
        ),
        group=group.selectbox(
            "Keep together", names, None, key=keys[3], placeholder="nothing",
            help="Rows with the same value here, such as those of one customer or document, stay "
            "on one side of the split: else the test would ask about what was learned by heart.",
        ),
    )  # fmt: skip
    cells = table.frame[columns.label].iloc[:GUESSED_FROM].tolist()
    guessed = replace(columns, problem_type=guess_problem_type(cells, columns.label))
    return choose_problem(table, guessed, key=f"{hash((name, *names))}_{columns.label}")
