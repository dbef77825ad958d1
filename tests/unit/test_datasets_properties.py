"""What holds for any file: it is read or refused; what was written is read back."""

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bertlab.datasets import (
    Columns,
    Examples,
    Split,
    Table,
    check_examples,
    count_left_out,
    guess_columns,
    read_table,
    split_examples,
)
from bertlab.datasets.conflicts import conflicts
from bertlab.datasets.duplicates.exact import keys_of
from bertlab.datasets.duplicates.near import NEAR, nearly_same
from bertlab.errors import BertLabError, TableError

BITS = st.sampled_from(
    [
        b'"',
        b",",
        b";",
        b"\t",
        b"|",
        b"\n",
        b"\r",
        b"\x00",
        b"a,b",
        b'""',
        b"\xff\xfe",
        b"\xef\xbb\xbf",
        b"text,label\n",
        b"good,pos\n",
        b"bad,neg\n",
        b"\xb5\xe7",
        b"\xe9",
        b"sep=;\n",
        b" ",
    ]
)
ANY_BYTES = st.binary(max_size=200) | st.lists(BITS | st.binary(max_size=3)).map(b"".join)
WRITTEN = {  # what each encoding can write; 0 and line ends come in quotes, NUL never
    "utf-8": st.characters(codec="utf-8", exclude_characters="\0"),
    "utf-8-sig": st.characters(codec="utf-8", exclude_characters="\0"),
    "utf-16": st.characters(codec="utf-8", exclude_characters="\0"),
    "gb18030": st.characters(codec="gb18030", exclude_characters="\0"),
    "big5": st.characters(codec="big5", exclude_characters="\0"),
    "latin-1": st.characters(codec="latin-1", exclude_characters="\0"),
}
LONG = [
    "we walked through the old harbour market, bought some fish and ate it by the quay at dusk",
    "the second half of the story takes far too long, and nobody in it seems to care any more",
    "房间宽敞明亮，早餐种类丰富，前台小姐姐热情又耐心，离地铁口步行只要五分钟，下次还住",
    "物流慢得离谱，箱子压扁了一个角，客服只会复制粘贴，申请退货三天都没有人理我，差评",
]
SELF_EVIDENT = ("utf-8", "utf-8-sig", "utf-16")


@settings(max_examples=150, deadline=None)
@given(ANY_BYTES)
def test_any_bytes_are_a_table_or_refused(data):
    hold_table_or_refusal(data)


@pytest.mark.exhaustive
@settings(max_examples=600, deadline=None)
@given(ANY_BYTES)
def test_any_of_many_bytes_are_a_table_or_refused(data):
    hold_table_or_refusal(data)


def hold_table_or_refusal(data: bytes) -> None:
    table, refusal = None, ""
    try:
        table = read_table(data)
    except TableError as error:
        refusal = str(error)
    if table is None:
        assert refusal.startswith("table.csv: ")
        return
    check_table(table)
    try:
        found = check_examples(table, guess_columns(table))
        assert len(found) + count_left_out(found.left_out) == len(table.frame) + count_left_out(
            table.left_out
        )
        check_split(found, split_examples(found))
    except BertLabError:
        pass


def check_split(found: Examples, split: Split) -> None:
    """Every example is in one part; equal and nearly equal texts are in the same one."""
    parts = (split.train, split.validation, split.test)
    assert sorted(row for part in parts for row in part.rows) == sorted(found.rows)
    side = {row: number for number, part in enumerate(parts) for row in part.rows}
    keys: dict[tuple[str, str], set[int]] = {}
    for key, row in zip(keys_of(found), found.rows, strict=True):
        keys.setdefault(key, set()).add(side[row])
    assert all(len(sides) == 1 for sides in keys.values())
    for conflict in conflicts(found):
        assert len(set(conflict.labels)) > 1
        assert set(conflict.rows) <= set(found.rows)
    for pair in nearly_same(found).pairs:
        assert pair.one < pair.other
        assert NEAR <= pair.similarity <= 1
        assert side[found.rows[pair.one]] == side[found.rows[pair.other]] or "nearly" in str(
            split.warnings
        )


DRAWN = st.lists(
    st.tuples(
        st.integers(0, 3),
        st.text(st.characters(codec="utf-8"), max_size=6),
        st.sampled_from("ab"),
    ),
    min_size=4,
    max_size=30,
)


@settings(max_examples=40, deadline=None)
@given(DRAWN)
def test_long_texts_with_anything_in_them_are_split_with_their_likes(drawn):
    """Four long texts, English and Chinese, each with some characters put in."""
    hold_split_of(drawn)


@pytest.mark.exhaustive
@settings(max_examples=150, deadline=None)
@given(DRAWN)
def test_many_long_texts_with_anything_in_them_are_split_with_their_likes(drawn):
    hold_split_of(drawn)


def hold_split_of(drawn: list[tuple[int, str, str]]) -> None:
    rows = [(LONG[which][:25] + extra + LONG[which][25:], label) for which, extra, label in drawn]
    buffer = io.StringIO(newline="")
    csv.writer(buffer, quoting=csv.QUOTE_ALL).writerows([("text", "label"), *rows])
    try:
        found = check_examples(read_table(buffer.getvalue().encode()), Columns("text", "label"))
        check_split(found, split_examples(found))
    except BertLabError:
        pass


def check_table(table: Table) -> None:
    assert len(table.row_numbers) == len(table.frame) > 0
    assert list(table.row_numbers) == sorted(set(table.row_numbers))
    assert not set(table.row_numbers) & {entry.row for entry in table.left_out}
    assert len(set(table.frame.columns)) == len(table.frame.columns) >= 2
    for cell in table.frame.to_numpy().ravel().tolist():
        assert type(cell) is str
        cell.encode("utf-8")


@st.composite
def files(draw: st.DrawFn):
    encoding = draw(st.sampled_from(sorted(WRITTEN)))
    cell = st.text(WRITTEN[encoding] | st.sampled_from(',;|\t"\r\n ='), max_size=12)
    width = draw(st.integers(2, 4))
    rows = draw(st.lists(st.lists(cell, min_size=width, max_size=width), min_size=1, max_size=6))
    return (
        encoding,
        draw(st.sampled_from(",;\t|")),
        draw(st.sampled_from(["\n", "\r", "\r\n"])),
        rows,
    )


@settings(max_examples=80, deadline=None)
@given(files())
def test_what_was_written_is_read_back(file):
    hold_read_back(*file)


@pytest.mark.exhaustive
@settings(max_examples=400, deadline=None)
@given(files())
def test_whatever_was_written_is_read_back(file):
    hold_read_back(*file)


def hold_read_back(encoding: str, delimiter: str, end: str, rows: list[list[str]]) -> None:
    header = ["text", "label", "id", "date"][: len(rows[0])]
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerows([header, *rows])
    given_encoding = None if encoding in SELF_EVIDENT else encoding
    table = read_table(buffer.getvalue().encode(encoding), encoding=given_encoding)
    assert table.frame.to_numpy().tolist() == rows
    assert list(table.frame) == header
    assert table.delimiter == delimiter
    assert table.left_out == ()
