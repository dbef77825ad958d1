"""Fine-tuning, first part: a table is chosen and read, its columns are named."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

import streamlit as st

from bertlab.app_folder import SAMPLES
from bertlab.datasets import (
    REGRESSION,
    Columns,
    Examples,
    Table,
    check_examples,
    guess_columns,
    problem_type_of,
    with_sign,
)
from bertlab.ui.lessons.fine_tuning.labels import choose_labels
from bertlab.ui.lessons.fine_tuning.problem_type import choose_problem
from bertlab.ui.state import url_state
from bertlab.ui.state.guards import explained
from bertlab.ui.training.data_report import report
from bertlab.ui.training.limits import within_rows
from bertlab.ui.training.provided_splits import OwnParts, choose_own_parts
from bertlab.ui.training.uploads import (
    TYPES,
    ReadingChoice,
    Upload,
    choose_reading,
    forget_reading,
    form_of,
    read,
)
from bertlab.ui.widgets.samples import REVIEWS, sample_files

OWN = "own"
SAMPLE_TITLES = {
    "movie_reviews": "Movie reviews",
    "subjectivity": "Subjective or objective",
    "chinese_reviews": "中文评论",
    "messy": "A messy file",
    OWN: "Your own file",
}


@st.cache_resource(max_entries=2, scope="session", show_spinner="Checking every row …")
def _check_own(
    data: bytes, filename: str, reading: ReadingChoice, columns: Columns, label_map: dict[str, str]
) -> Examples:
    return check_examples(read(data, filename, reading), columns, label_map=label_map)


@st.cache_resource(max_entries=16, show_spinner="Checking every row …")  # the same for everybody
def _check_bundled(
    data: bytes, filename: str, reading: ReadingChoice, columns: Columns, label_map: dict[str, str]
) -> Examples:
    return check_examples(read(data, filename, reading), columns, label_map=label_map)


def choose_examples(language: str) -> tuple[Examples, str, OwnParts]:
    """Draw the choice of data and its checks.

    Ends the page with the reason and a way on where a table cannot be used.

    Args:
        language: "en" or "zh": reviews in it are shown where nobody has chosen anything.

    Returns:
        The examples, what the data is called, and the parts of the student's own beside it.
    """
    source = _choose_source(REVIEWS[language])
    upload = _uploaded() if source == OWN else _sample(source)
    reading = choose_reading(upload) if source == OWN else ReadingChoice()
    with explained():
        table = read(upload.data, upload.name, reading)
    _preview(table, upload.name)
    columns = _choose_columns(table, upload.name)
    check = partial(
        _check_own if source == OWN else _check_bundled, upload.data, upload.name, reading, columns
    )
    with explained():
        examples = check({})
    renamed: Mapping[str, str] = {}
    if columns.problem_type != REGRESSION:
        examples, renamed = choose_labels(
            examples,
            lambda chosen: check(dict(chosen)),
            key=str(hash((upload.name, upload.data, reading, columns))),
        )
    report(examples)
    own = choose_own_parts(examples, columns, renamed, of=hash((upload.name, upload.data)))
    with explained():
        examples = within_rows(examples, brought=own.rows)
    return examples, upload.name, own


def _choose_source(default: str) -> str:
    names = [path.stem for path in sample_files()]
    names = [name for name in SAMPLE_TITLES if name in names]
    url_state.follow_default("data", default)
    url_state.state("data", default, _known_source)
    source = st.segmented_control(
        "Data", [*names, OWN], format_func=SAMPLE_TITLES.__getitem__, required=True,
        **url_state.bind("data"),
    )  # fmt: skip
    url_state.publish("data", source, default)
    return str(source)


def _known_source(name: str) -> str:
    if name not in SAMPLE_TITLES:
        raise ValueError(name)
    return name


def _sample(name: str) -> Upload:
    return Upload(f"{name}.csv", (SAMPLES / f"{name}.csv").read_bytes())


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
    forget_reading()


def _preview(table: Table, name: str) -> None:
    rows, columns = len(table.frame), len(table.frame.columns)
    shown = "all of them" if rows <= 50 else "the first 50"
    st.text(
        f"{name}: {rows:,} rows, {columns} columns, {form_of(table)}. Below: {shown}, with their "
        f"{'rows in the sheet' if table.sheet else 'lines in the file'}."
    )
    frame = table.frame.head(50).set_axis(list(table.row_numbers[:50]), axis="index")
    st.dataframe(frame, height=min(38 + 35 * len(frame), 213))


def _choose_columns(table: Table, name: str) -> Columns:
    """Guessed, all overridable; a file of other columns starts from its own guess."""
    guess = guess_columns(table)
    names = list(table.frame.columns)
    text, label, pair, group = st.columns(4)
    parts = ("text", "label", "pair", "group")
    keys = [f"finetune_{part}_{hash((name, *names))}" for part in parts]
    columns = Columns(
        text=text.selectbox(
            "Text column", names, names.index(guess.text), key=keys[0],
            persist_state="session",
        ),
        label=label.selectbox(
            "Label column", names, names.index(guess.label), key=keys[1],
            persist_state="session",
        ),
        pair=pair.selectbox(
            "Second text (pairs only)",
            names,
            names.index(guess.pair) if guess.pair else None,
            key=keys[2],
            persist_state="session",
            placeholder="none",
        ),
        group=group.selectbox(
            "Keep together", names, None, key=keys[3], placeholder="nothing",
            persist_state="session",
            help="Rows with the same value here, such as those of one customer or document, stay "
            "on one side of the split: else the test would ask about what was learned by heart.",
        ),
    )  # fmt: skip
    guessed = replace(columns, problem_type=problem_type_of(table.frame, columns.label))
    chosen = choose_problem(table, guessed, key=f"{hash((name, *names))}_{columns.label}")
    return with_sign(table, chosen)
