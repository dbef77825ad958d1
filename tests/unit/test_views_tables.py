"""The lessons' tables, held against numbers worked out by hand."""

import csv
import io

import numpy as np
import pandas as pd
import pytest
import streamlit as st

from bertlab.inspection.attention import HeadStatistics
from bertlab.tokenization.encoding import encode
from bertlab.tokenization.wordpiece import trace_wordpiece, wordpiece_options
from bertlab.ui.figures.charts import csv_button
from bertlab.views.shared.tables import (
    attempts_table,
    heads_table,
    input_table,
    to_csv,
    weights_table,
    words_table,
)


def test_one_row_a_word(tiny_bert):
    words = trace_wordpiece("Unhappy cat", wordpiece_options(tiny_bert.tokenizer)).words
    assert words_table(words).to_dict("records") == [
        {"word": "Unhappy", "start": 0, "end": 7, "normalized": "unhappy", "attempts": 7,
         "pieces": "un ##happy"},
        {"word": "cat", "start": 8, "end": 11, "normalized": "cat", "attempts": 1, "pieces": "cat"},
    ]  # fmt: skip


def test_one_row_a_look_into_the_vocabulary(tiny_bert):
    words = trace_wordpiece("Unhappy cat", wordpiece_options(tiny_bert.tokenizer)).words
    table = attempts_table(words)
    assert table["found"].sum() == 3
    assert len(table) == 8  # seven for the first word
    assert table[table["found"]]["piece"].tolist() == ["un", "##happy", "cat"]
    assert table.iloc[0].tolist() == ["Unhappy", 0, "unhappy", False]


def test_no_words_give_an_empty_table_with_its_columns():
    assert words_table(()).columns[0] == "word"
    assert len(words_table(())) == 0


def test_one_row_a_token_padding_included(tiny_bert):
    table = input_table(encode(tiny_bert.tokenizer, "cat", "dog", pad_to=6))
    assert table["token"].tolist() == ["[CLS]", "cat", "[SEP]", "dog", "[SEP]", "[PAD]"]
    assert table["token_type_ids"].tolist() == [0, 0, 0, 1, 1, 0]
    assert table["attention_mask"].tolist() == [1, 1, 1, 1, 1, 0]
    assert table["position"].tolist() == [0, 1, 2, 3, 4, 5]


def test_shares_in_per_cent_and_the_rest_in_its_unit():
    statistics = [HeadStatistics(1, 3, 0.693, 2.5, 0.1, 0.2, 0.81234, 0.04, 0.05)]
    (row,) = heads_table(statistics).to_dict("records")
    assert row == {
        "head": "1.3",
        "previous token (%)": 81.23,
        "next token (%)": 4.0,
        "token itself (%)": 5.0,
        "[CLS] (%)": 10.0,
        "[SEP] (%)": 20.0,
        "entropy (nats)": 0.69,
        "mean distance (tokens)": 2.5,
    }


def cells(data: bytes) -> list[list[str]]:
    assert data.startswith(b"\xef\xbb\xbf"), "Excel takes it for UTF-8"
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def test_a_download_holds_no_formula_and_opens_in_excel_as_utf8():
    texts = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "很好", 'say "hi", you', "plain"]
    header, *rows = cells(to_csv(pd.DataFrame({"text": texts, "n": range(8)})))
    assert header == ["text", "n"]
    assert [text for text, _ in rows] == [
        "'=1+1", "'+1", "'-1", "'@SUM(A1)", "'\tx", "很好", 'say "hi", you', "plain",
    ]  # fmt: skip
    assert [n for _, n in rows] == [str(n) for n in range(8)]


def test_tokens_that_name_columns_are_disarmed_and_numbers_stay():
    table = weights_table(np.array([[-0.5, 1.5]] * 2), ["=1+1", "a"], [0, 1])
    assert cells(to_csv(table)) == [
        ["query", "'=1+1 (0)", "a (1)"],
        ["'=1+1 (0)", "-0.5", "1.5"],
        ["a (1)", "-0.5", "1.5"],
    ]


TOKENS = pd.DataFrame({"token": ["=1+1", "x\ud800"]}, dtype=object)


@pytest.mark.parametrize(
    ("table", "names"),
    [(lambda: TOKENS, {"key": "page_figure"}), (TOKENS, {"file_name": "page_figure.csv"})],
)
def test_every_csv_button_disarms_tokens_and_outlives_half_a_character_pair(
    table, names, monkeypatch
):
    pressed = []
    monkeypatch.setattr(st, "download_button", lambda *args, **rest: pressed.append((args, rest)))
    csv_button(table, **names)
    (((_, write), options),) = pressed
    assert cells(write()) == [["token"], ["'=1+1"], ["x?"]]
    assert options["file_name"] == "page_figure.csv"


def test_single_precision_is_written_short():
    table = pd.DataFrame({"weight": np.array([0.1], dtype=np.float32)})
    assert cells(to_csv(table)) == [["weight"], ["0.1"]]


def test_a_table_without_rows_keeps_its_columns():
    assert cells(to_csv(pd.DataFrame([], columns=["token", "share"]))) == [["token", "share"]]
