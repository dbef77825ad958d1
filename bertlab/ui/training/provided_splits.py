"""Fine-tuning, first part: validation and test files of the student's own."""

from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from bertlab.datasets import (
    Columns,
    Examples,
    Split,
    Table,
    check_examples,
    columns_of_part,
    count_left_out,
    with_known_labels,
)
from bertlab.ui.figures.tables import downloadable
from bertlab.ui.state.guards import explained, plain
from bertlab.ui.training.uploads import (
    TYPES,
    ReadingChoice,
    Upload,
    choose_reading,
    forget_reading,
    form_of,
    read,
)
from bertlab.views.fine_tuning.results import left_out_table

BOX = "finetune_parts"
TITLES = {"validation": "Validation file", "test": "Test file"}


@dataclass(frozen=True)
class OwnPart:
    """A part that the student brought.

    Args:
        name: Of its file.
        examples: Its rows, with labels that training knows.
    """

    name: str
    examples: Examples

    def __str__(self) -> str:
        """Say what takes the place of a share: `40 rows of held_out.csv`."""
        rows = "1 row" if len(self.examples) == 1 else f"{len(self.examples):,} rows"
        return f"{rows} of {self.name}"


@dataclass(frozen=True)
class OwnParts:
    """The parts that are not split off; None for one that is."""

    validation: OwnPart | None = None
    test: OwnPart | None = None

    @property
    def rows(self) -> int:
        """How many rows were brought."""
        return sum(map(len, self.examples().values()))

    def examples(self) -> dict[str, Examples]:
        """The brought parts alone, by name, as `datasets.with_own_parts` takes them."""
        parts = {"validation": self.validation, "test": self.test}
        return {name: part.examples for name, part in parts.items() if part is not None}


def choose_own_parts(
    examples: Examples, columns: Columns, label_map: Mapping[str, str], *, of: int
) -> OwnParts:
    """Draw where a validation or test file can be brought; closed until somebody wants it.

    Args:
        examples: What training and the other parts are split from.
        columns: Of their table.
        label_map: The new names of labels, which hold in the student's own files too.
        of: The table that the parts belong to: beside another one they are not used.
    """
    kept = {part: _kept(part, of) for part in TITLES}
    is_used = any(kept.values())
    box = st.expander(
        "Bring your own validation or test file", icon=":material/rule:", expanded=is_used,
        key=BOX, on_change="rerun",
    )  # fmt: skip
    if not (box.open or is_used):
        return OwnParts()
    with explained(), box:  # what is refused is told below the box, also where that is closed
        st.markdown(
            "A share of the table is kept for each, unless you bring a file with the same labels. "
            "A text that training has too is taken out of training, so that what is asked about "
            "was never learned from."
        )
        chosen = {
            part: _part(part, kept[part], examples.label_names, columns, dict(label_map), of)
            for part in TITLES
        }
    return OwnParts(**chosen)


def _kept(part: str, of: int) -> Upload | None:
    owner, upload = st.session_state.get(f"{BOX}_{part}", (None, None))
    return upload if owner == of else None


def _part(
    part: str,
    upload: Upload | None,
    names: tuple[str, ...],
    columns: Columns,
    label_map: dict[str, str],
    of: int,
) -> OwnPart | None:
    """One of the two: its place, and what was found in it."""
    key = f"{BOX}_{part}_file_{of}_{st.session_state.setdefault(f'{BOX}_turn', 0)}"
    st.file_uploader(
        f"{TITLES[part]}: CSV, Excel or JSON lines, up to 20 MB", type=TYPES, key=key,
        on_change=_take, args=(part, key, of),
    )  # fmt: skip
    if upload is None:
        return None
    prefix = f"{BOX}_{part}"
    reading = choose_reading(upload, prefix=prefix)
    table = read(upload.data, upload.name, reading)
    own = _choose_columns(table, columns, prefix, upload.name)
    found = _check(upload.data, upload.name, reading, own, label_map, names, part)
    _tell(upload.name, table, own, found)
    if st.button("Use a share of the table instead", icon=":material/undo:", key=f"{prefix}_drop"):
        _forget(part)
        st.rerun()
    return OwnPart(upload.name, found)


def _take(part: str, key: str, of: int) -> None:
    """Keep a file that came, and forget one that was taken away; a change of page does neither."""
    file = st.session_state[key]
    upload = None if file is None else Upload(file.name, file.getvalue())
    st.session_state[f"{BOX}_{part}"] = (of, upload)
    forget_reading(f"{BOX}_{part}")


def _forget(part: str) -> None:
    """Take a file away, out of its widget too: a new one takes that one's place."""
    del st.session_state[f"{BOX}_{part}"]
    st.session_state[f"{BOX}_turn"] += 1


def _choose_columns(table: Table, columns: Columns, prefix: str, name: str) -> Columns:
    """Nothing is asked where the file has the training table's columns."""
    guess = columns_of_part(table, columns)
    names = list(table.frame.columns)
    if guess.text == columns.text and guess.label == columns.label and guess.pair == columns.pair:
        return guess
    key = f"{prefix}_{hash((name, *names))}"
    text, label, pair = st.columns(3)
    chosen = text.selectbox(
        "Its text column", names, names.index(guess.text), key=f"{key}_text",
        persist_state="session",
    )  # fmt: skip
    wanted = label.selectbox(
        "Its label column", names, names.index(guess.label), key=f"{key}_label",
        persist_state="session",
    )  # fmt: skip
    second = None
    if columns.pair is not None:
        second = pair.selectbox(
            "Its second text", names, names.index(guess.pair) if guess.pair else None,
            key=f"{key}_pair", persist_state="session", placeholder="none",
        )  # fmt: skip
    return Columns(chosen, wanted, second, problem_type=columns.problem_type, sign=columns.sign)


# As many as `uploads.read` keeps: each part, and the one before it.
@st.cache_resource(max_entries=4, scope="session", show_spinner="Checking every row …")
def _check(
    data: bytes,
    filename: str,
    reading: ReadingChoice,
    columns: Columns,
    label_map: dict[str, str],
    names: tuple[str, ...],
    part: str,
) -> Examples:
    table = read(data, filename, reading)
    found = check_examples(table, columns, for_training=False, label_map=label_map)
    return with_known_labels(found, names, part)


def _tell(name: str, table: Table, columns: Columns, found: Examples) -> None:
    """How the file was read, what is used of it, and each row that is not."""
    pair = f", second text “{columns.pair}”" if columns.pair else ""
    st.text(
        f"{name}: {len(found):,} rows used, {form_of(table)}; text “{columns.text}”{pair}, label "
        f"{', '.join(f'“{label}”' for label in columns.marks or (columns.label,))}."
    )
    for warning in found.warnings:
        st.warning(plain(warning[:400]), icon=":material/warning:")
    missing = count_left_out(found.left_out)
    if missing:
        st.markdown(f"Left out of it, each with its reason: **{missing:,}**")
        table_of = left_out_table(found.left_out)
        downloadable(table_of, label=f"Download this list ({name})", file_name="left_out.csv")


def tell_doubled(split: Split, own: OwnParts) -> None:
    """Name the rows that another part has too, and that were therefore left out of theirs.

    Args:
        split: With the own parts in it.
        own: The parts as they were brought.
    """
    known = {entry for part in own.examples().values() for entry in part.left_out}
    for name in ("train", "validation"):
        doubled = [entry for entry in getattr(split, name).left_out if entry not in known]
        if not doubled:
            continue
        rows = "1 row is" if len(doubled) == 1 else f"{len(doubled):,} rows are"
        part = "training" if name == "train" else name
        title = f"{rows} left out of {part}: another part has the same text"
        with st.expander(title, icon=":material/playlist_remove:"):
            table = left_out_table(doubled)
            downloadable(table, label="Download this list", file_name=f"left_out_of_{part}.csv")
