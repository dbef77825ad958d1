"""The files in sample_data/ are what their README says: read here with csv and pandas alone."""

import csv
import html
import io
import re
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

FOLDER = Path(__file__).parents[2] / "sample_data"
ENGLISH = {
    "movie_reviews.csv": ("negative", "positive"),
    "subjectivity.csv": ("objective", "subjective"),
}
CHINESE = "chinese_reviews.csv"


def rows_of(name: str) -> list[list[str]]:
    """All rows, header first; strict, so that a stray quote is an error."""
    with open(FOLDER / name, encoding="utf-8", newline="") as file:
        return list(csv.reader(file, strict=True))


def texts_of(name: str) -> list[str]:
    return [text for text, _ in rows_of(name)[1:]]


def messy_rows() -> list[list[str]]:
    """Rows of messy.csv, header first, so that row n of the README is at index n."""
    text = (FOLDER / "messy.csv").read_bytes().decode("gb18030")
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=";"))


def key(text: str) -> str:
    """Letters and digits only: 'Good, good!' and 'good good' are the same text."""
    return re.sub(r"[\W_]+", "", text.lower())


def matches(pattern: str, texts: list[str]) -> list[str]:
    return [text for text in texts if re.search(pattern, text)]


@pytest.mark.parametrize("name", [*ENGLISH, CHINESE])
def test_plain_utf8_without_bom_or_carriage_returns(name):
    data = (FOLDER / name).read_bytes()
    assert not data.startswith(b"\xef\xbb\xbf")
    assert b"\r" not in data
    assert b"\0" not in data
    assert data.endswith(b"\n")


@pytest.mark.parametrize(("name", "labels"), ENGLISH.items())
def test_english_sets_have_two_thousand_balanced_rows(name, labels):
    table = pd.read_csv(FOLDER / name, keep_default_na=False)
    assert list(table.columns) == ["text", "label"]
    assert table["label"].value_counts().to_dict() == dict.fromkeys(labels, 1000)


@pytest.mark.parametrize("name", ENGLISH)
def test_english_labels_are_shuffled(name):
    labels = [label for _, label in rows_of(name)[1:]]
    for start in range(0, 2000, 200):
        assert 60 < Counter(labels[start : start + 200])[labels[0]] < 140


@pytest.mark.parametrize("name", [*ENGLISH, CHINESE])
def test_no_duplicates(name):
    keys = Counter(key(text) for text in texts_of(name))
    assert [text for text, count in keys.items() if count > 1] == []


@pytest.mark.parametrize("name", ENGLISH)
@pytest.mark.parametrize(
    "pattern",
    [
        r"\s[,.;:!?](?!\.)",  # "irony , it"; a leading "..." may follow a space
        r"[(\[]\s|\s[)\]]",  # "( x )"
        r"(^|\s)[\"'](\s|$)",  # a quote that touches no word
        r"\w n't\b|\w '(s|re|ve|ll|d|m)\b",  # "do n't", "it 's"
        r"\d [,.:] \d",  # "10 , 000"
        r"\. \.",  # ". . ."
        r"\S--|--\S",  # a dash without its spaces
        r"\s{2,}|^\s|\s$|[\t\n]",
    ],
)
def test_no_spaced_punctuation_is_left(name, pattern):
    assert matches(pattern, texts_of(name)) == []


@pytest.mark.parametrize("name", ENGLISH)
def test_double_quotes_are_paired_and_close_round_their_text(name):
    for text in texts_of(name):
        parts = text.split('"')
        assert len(parts) % 2 == 1, text
        assert all(inner == inner.strip() != "" for inner in parts[1::2]), text


@pytest.mark.parametrize("name", [*ENGLISH, CHINESE])
def test_no_entities_and_no_tags(name):
    texts = texts_of(name)
    assert [text for text in texts if html.unescape(text) != text] == []
    assert matches(r"&#|&\w+ ?;|[<>]", texts) == []


@pytest.mark.parametrize("name", ENGLISH)
def test_english_texts_are_lower_case_and_of_sensible_length(name):
    texts = texts_of(name)
    assert [text for text in texts if text != text.lower()] == []
    assert [text for text in texts if not 4 <= len(text.split()) <= 60] == []


def test_chinese_set_is_balanced():
    table = pd.read_csv(FOLDER / CHINESE, keep_default_na=False)
    assert list(table.columns) == ["评论内容", "情感标签"]
    counts = table["情感标签"].value_counts()
    assert set(counts.index) == {"正面", "负面"}
    assert 300 <= len(table) <= 400
    assert counts.max() - counts.min() <= 0.05 * len(table)


def test_chinese_reviews_have_many_lengths():
    lengths = [len(text) for text in texts_of(CHINESE)]
    assert min(lengths) >= 6
    assert sum(length <= 12 for length in lengths) >= 10
    assert sum(length >= 60 for length in lengths) >= 10
    assert len(set(lengths)) >= 35


def test_chinese_reviews_are_in_chinese():
    share = [len(re.findall(r"[\u4e00-\u9fff]", text)) / len(text) for text in texts_of(CHINESE)]
    assert min(share) > 0.4
    assert sum(share) / len(share) > 0.8


def test_chinese_reviews_share_no_long_phrases():
    texts = texts_of(CHINESE)
    phrases = Counter(p for t in texts for p in {t[i : i + 8] for i in range(len(t) - 7)})
    assert [phrase for phrase, count in phrases.items() if count > 3] == []


def test_chinese_reviews_begin_and_end_in_many_ways():
    texts = texts_of(CHINESE)
    starts = Counter(text[:4] for text in texts)
    ends = Counter(key(text)[-4:] for text in texts)
    assert max(starts.values()) <= 2
    assert len(starts) >= 0.95 * len(texts)
    assert max(ends.values()) <= 3
    assert len(ends) >= 0.95 * len(texts)


def test_messy_is_gb18030_and_no_other_common_encoding():
    data = (FOLDER / "messy.csv").read_bytes()
    for encoding in ("utf-8", "gbk", "big5"):
        with pytest.raises(UnicodeDecodeError):
            data.decode(encoding)
    assert data.decode("gb18030").encode("gb18030") == data
    assert data.count(b"\n") - data.count(b"\r\n") == 2  # both inside the text of row 6


def test_messy_header_and_row_numbers():
    header, *rows = messy_rows()
    assert header == [" 编号 ", "  review text ", " sentiment "]
    assert len(rows) == 65
    numbers = [int(row[0]) if row else None for row in rows]
    assert numbers == [None if n == 39 else n for n in range(1, 66)]


def test_messy_has_each_structural_defect_where_the_readme_says():
    rows = messy_rows()
    assert {n: len(row) for n, row in enumerate(rows) if len(row) != 3} == {37: 5, 38: 2, 39: 0}
    assert rows[6][1].count("\n") == 2
    assert '12" pan' in rows[10][1]
    assert [row[1].strip() for row in rows[11:13]] == ["", ""]
    assert rows[13][2] == ""
    assert rows[16][1:] == rows[1][1:]
    assert rows[17][1] == rows[18][1]
    assert rows[17][2] != rows[18][2]
    assert [rows[21][2], rows[22][2], rows[23][2]] == ["Positive", "  positive ", "NEGATIVE"]
    assert [row[0] for row in rows if row[2:] == ["neutral"]] == ["24"]


def test_messy_has_each_textual_defect_where_the_readme_says():
    texts = [row[1] if len(row) > 1 else "" for row in messy_rows()]
    assert texts[19:21] == ["NA", "null"]
    assert "<b>" in texts[25]
    assert "&amp;" in texts[25]
    assert "</script><script>" in texts[26]
    assert texts[27].startswith("=HYPERLINK(")
    assert texts[28].startswith("+")
    assert len(texts[29].split()) == 639
    assert "ＧＲＥＡＴ" in texts[30]
    assert "\u3000" in texts[30]
    assert "\N{EMOJI MODIFIER FITZPATRICK TYPE-4}" in texts[31]
    assert set(texts[32]) == {"\N{BROKEN HEART}"}
    assert all(re.search(r"[\u4e00-\u9fff]", text) for text in texts[33:37])
    assert "\u00a0" in texts[40]
    assert "\u200b" in texts[40]


def test_messy_keeps_enough_good_rows_to_fine_tune_on():
    good = [row[1:] for row in messy_rows()[41:] + messy_rows()[1:11]]
    assert len({text for text, _ in good}) == len(good) >= 30
    counts = Counter(label for _, label in good)
    assert set(counts) == {"positive", "negative"}
    assert min(counts.values()) >= 15


def test_messy_line_numbers_in_the_readme():
    """A row of the README's table such as '| 29 | 32 |' must point at that line of the file."""
    lines = (FOLDER / "messy.csv").read_bytes().decode("gb18030").split("\n")
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    pairs = re.findall(r"^\| (\d+) \| (\d+)(?:-\d+)? \|", readme, flags=re.MULTILINE)
    assert len(pairs) >= 20
    for row, line in pairs:
        assert row == "39" or lines[int(line) - 1].startswith(f"{row};")
    assert lines[42 - 1].strip() == ""


def test_readme_states_the_row_counts():
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    for name in [*ENGLISH, CHINESE]:
        assert re.search(rf"^\| `{name}` .*\| {len(texts_of(name)):,} \|", readme, re.MULTILINE)
    assert re.search(r"^\| `messy.csv` .*\| 65 \|", readme, re.MULTILINE)
    shared = len(set(texts_of("movie_reviews.csv")) & set(texts_of("subjectivity.csv")))
    assert f"and {shared} texts stand in both files" in readme
