"""Fine-tuning, first part: a table is chosen, read, checked and shown before anything starts."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from bertlab.datasets import (
    Columns,
    Examples,
    Table,
    check_examples,
    count_left_out,
    guess_columns,
    read_table,
)
from bertlab.ui import links
from bertlab.ui.charts import plot
from bertlab.ui.guards import explained
from bertlab.ui.samples import FOLDER, sample_files
from bertlab.ui.theme import palette
from bertlab.views.results import class_bars, left_out_table, to_csv

OWN = "own file"
ENCODINGS = ("found by itself", "utf-8", "gb18030", "big5", "utf-16", "cp1252")
SAMPLE_TITLES = {
    "movie_reviews": "Movie reviews",
    "subjectivity": "Subjective or objective",
    "chinese_reviews": "中文评论",
    "messy": "A messy file",
    OWN: "Your own CSV",
}


@dataclass(frozen=True)
class Upload:
    """A file as it came, kept for the session so that it survives a change of page."""

    name: str
    data: bytes


@st.cache_resource(max_entries=4, show_spinner="Reading the table …")  # at most 20 MB of text each
def _read(data: bytes, filename: str, encoding: str | None) -> Table:
    return read_table(data, filename=filename, encoding=encoding)


@st.cache_resource(max_entries=4, show_spinner="Checking every row …")  # as above
def _check(
    data: bytes, filename: str, encoding: str | None, columns: Columns, merge_case: bool
) -> Examples:
    return check_examples(_read(data, filename, encoding), columns, merge_case=merge_case)


def choose_examples() -> tuple[Examples, str]:
    """Draw the choice of data and its checks; return the examples and what the data is called.

    Ends the page with the reason and a way on where a table cannot be used.
    """
    upload = _choose_source()
    encoding = st.session_state.get("finetune_encoding", ENCODINGS[0])
    chosen = None if encoding == ENCODINGS[0] else encoding
    with explained():
        table = _read(upload.data, upload.name, chosen)
    _preview(table)
    columns = _choose_columns(table, upload.name)
    with explained():
        examples = _check(upload.data, upload.name, chosen, columns, False)
        if differ_in_case(examples.label_names) and _wants_merging():
            examples = _check(upload.data, upload.name, chosen, columns, True)
    _report(examples)
    return examples, upload.name


def differ_in_case(labels: Sequence[str]) -> bool:
    """Whether some labels are equal but for their case: "Good" and "good"."""
    return len({label.casefold() for label in labels}) < len(labels)


def _wants_merging() -> bool:
    return st.toggle("Take labels that differ in case only as one", key="finetune_merge")


def _choose_source() -> Upload:
    names = [path.stem for path in sample_files()]
    names = [name for name in SAMPLE_TITLES if name in names]
    links.state("data", names[0], _known_source)
    source = st.segmented_control(
        "Data", [*names, OWN], format_func=SAMPLE_TITLES.__getitem__, required=True,
        **links.bound("data"),
    )  # fmt: skip
    links.publish("data", source if source != OWN else names[0], names[0])
    if source != OWN:
        return Upload(f"{source}.csv", (FOLDER / f"{source}.csv").read_bytes())
    return _uploaded()


def _uploaded() -> Upload:
    file = st.file_uploader(
        "A CSV with a text column and a label column (up to 20 MB)",
        type=["csv", "tsv", "txt"],
        help="Commas, semicolons, tabs or pipes; UTF-8, GB18030, Big5, UTF-16 or Latin-1.",
    )
    if file is not None:
        st.session_state["finetune_upload"] = Upload(file.name, file.getvalue())
    upload = st.session_state.get("finetune_upload")
    if upload is None:
        st.info(
            "Choose a file above, or take one of the samples. It stays on this machine.",
            icon=":material/upload_file:",
        )
        st.stop()
    return upload


def _known_source(name: str) -> str:
    if name not in SAMPLE_TITLES or name == OWN:  # an uploaded file never stands in an address
        raise ValueError(name)
    return name


def _preview(table: Table) -> None:
    delimiter = {"\t": "tab"}.get(table.delimiter, table.delimiter)
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    left.caption(
        f"{len(table.frame):,} rows, {len(table.frame.columns)} columns, read as {table.encoding} "
        f"with “{delimiter}” between the cells"
    )
    right.selectbox(
        "Encoding", ENCODINGS, key="finetune_encoding",
        help="Choose it yourself where the characters below look wrong.",
    )  # fmt: skip
    st.dataframe(table.frame.head(50), height=210)


def _choose_columns(table: Table, name: str) -> Columns:
    """Guessed, all overridable; another file starts from its own guess."""
    guess = guess_columns(table)
    names = list(table.frame.columns)
    text, label, pair = st.columns(3)
    keys = [f"finetune_{part}_{name}_{len(names)}" for part in ("text", "label", "pair")]
    return Columns(
        text=text.selectbox("Text column", names, names.index(guess.text), key=keys[0]),
        label=label.selectbox("Label column", names, names.index(guess.label), key=keys[1]),
        pair=pair.selectbox(
            "Second text (pairs only)",
            names,
            names.index(guess.pair) if guess.pair else None,
            key=keys[2],
            placeholder="none",
        ),
    )


def _report(examples: Examples) -> None:
    """What the checks found: the classes, the warnings, every row left out."""
    left, right = st.columns(2, gap="large")
    with left:
        st.caption(f"{len(examples):,} examples in {len(examples.label_names)} classes")
        counts = examples.counts()
        alt = "Examples per class: " + ", ".join(f"{k}: {v}" for k, v in counts.items())
        plot(class_bars(counts, palette()), key="finetune_classes", alt=alt)
    with right:
        missing = count_left_out(examples.left_out)
        if not missing and not examples.warnings:
            st.success("Every row is used; the checks found nothing odd.", icon=":material/check:")
        if missing:
            _left_out(examples, missing)
        if examples.warnings:
            lines = "\n".join(f"- {_short(warning)}" for warning in examples.warnings)
            st.warning(lines, icon=":material/warning:")


def _left_out(examples: Examples, missing: int) -> None:
    with st.expander(f"{missing:,} rows are left out, each with its reason"):
        table = left_out_table(examples.left_out)
        st.dataframe(table, hide_index=True, height=min(38 + 35 * len(table), 240))
        st.download_button(
            "Download this list", to_csv(table), "left_out.csv", "text/csv",
            icon=":material/download:", on_click="ignore",
        )  # fmt: skip


def _short(text: str, limit: int = 400) -> str:
    text = text if len(text) <= limit else text[: limit - 1] + "…"
    return "".join(f"\\{c}" if c in "\\`*_{}[]<>#|$~:" else c for c in text)
