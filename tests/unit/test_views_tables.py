"""The lessons' tables, held against numbers worked out by hand."""

from bertlab.attention import HeadStatistics
from bertlab.inputs import encode
from bertlab.views.tables import heads_table, input_table, words_table
from bertlab.wordpiece import trace_wordpiece, wordpiece_options


def test_one_row_a_word(tiny_bert):
    words = trace_wordpiece("Unhappy cat", wordpiece_options(tiny_bert.tokenizer)).words
    assert words_table(words).to_dict("records") == [
        {"word": "Unhappy", "start": 0, "end": 7, "normalized": "unhappy", "attempts": 7,
         "pieces": "un ##happy"},
        {"word": "cat", "start": 8, "end": 11, "normalized": "cat", "attempts": 1, "pieces": "cat"},
    ]  # fmt: skip


def test_no_words_give_an_empty_table_with_its_columns():
    assert list(words_table(()).columns)[0] == "word"
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
