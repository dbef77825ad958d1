"""The pictures and tables of a finished run."""

from dataclasses import replace

import numpy as np

from bertlab.datasets import LeftOut
from bertlab.runs import PredictedRow
from bertlab.views.fine_tuning.results import (
    LABEL_LENGTH,
    class_bars,
    classes_table,
    confusion_heatmap,
    confusion_table,
    describe_classes,
    describe_confusion,
    left_out_table,
    mistakes_table,
    short_label,
)
from bertlab.views.shared.palette import LIGHT
from bertlab.views.shared.tables import to_csv


def test_confusion_counts_are_written_and_rows_coloured_by_share():
    # 10 true "a": 9 found, 1 taken for "b"; 5 true "b": 3 taken for "a", 2 found
    figure = confusion_heatmap([[9, 1], [3, 2]], ["a", "b"], theme="light")
    heatmap = figure.data[0]
    written = [(text.y, text.x, text.text) for text in figure.layout.annotations]
    assert written == [(0, 0, "9"), (0, 1, "1"), (1, 0, "3"), (1, 1, "2")]
    # white on the dark end of the scale, black on the light one; Plotly's own choice is grey
    assert [text.font.color for text in figure.layout.annotations][:2] == ["#FFFFFF", "#000000"]
    assert np.asarray(heatmap.z).tolist() == [[90.0, 10.0], [60.0, 40.0]]
    assert heatmap.hovertext[1][0] == "true b, predicted a"
    assert list(figure.layout.xaxis.ticktext) == list(figure.layout.yaxis.ticktext) == ["a", "b"]
    assert figure.layout.yaxis.autorange == "reversed"  # the first label stands on top
    assert describe_confusion([[9, 1], [3, 2]], ["a", "b"]) == (
        "Confusion matrix. a: 9 of 10 right; b: 2 of 5 right."
    )


def test_the_numbers_of_the_matrix_and_of_the_bars_can_be_taken_along():
    assert confusion_table([[9, 1], [3, 2]], ["a", "b"]).to_dict("records") == [
        {"true": "a", "predicted": "a", "texts": 9},
        {"true": "a", "predicted": "b", "texts": 1},
        {"true": "b", "predicted": "a", "texts": 3},
        {"true": "b", "predicted": "b", "texts": 2},
    ]
    many = {f"class {n}": n for n in range(20)}  # more than are drawn
    table = classes_table(many)
    assert len(table) == 20
    assert table.iloc[0].tolist() == ["class 19", 19]


def test_a_class_without_test_rows_has_no_share():
    figure = confusion_heatmap([[4, 0], [0, 0]], ["a", "b"], theme="dark")
    assert np.asarray(figure.data[0].z).tolist() == [[100.0, 0.0], [0.0, 0.0]]


def test_labels_that_look_alike_when_cut_stay_two_rows():
    labels = ["x" * 90 + "1" + "y" * 90, "x" * 90 + "2" + "y" * 90]
    assert short_label(labels[0]) == short_label(labels[1])
    figure = confusion_heatmap([[1, 0], [0, 1]], labels, theme="light")
    assert list(figure.data[0].x) == [0, 1]
    assert list(class_bars(dict.fromkeys(labels, 3), LIGHT).data[0].y) == [0, 1]


def test_a_long_label_keeps_both_ends():
    assert short_label("a" * LABEL_LENGTH) == "a" * LABEL_LENGTH
    cut = short_label("/data/train/reviews/positive.txt")
    assert len(cut) == LABEL_LENGTH
    assert cut.startswith("/data/train")
    assert cut.endswith("sitive.txt")


def test_numbers_and_markup_are_labels_like_any_other():
    figure = class_bars({"1": 5, "<b>2</b>": 3}, LIGHT)
    assert list(figure.layout.yaxis.ticktext) == ["1", "&lt;b&gt;2&lt;/b&gt;"]
    assert list(figure.data[0].x) == [5, 3]
    assert list(figure.data[0].text) == ["5", "3"]


def test_many_classes_are_cut_to_the_largest_and_counted():
    counts = {f"c{n}": n for n in range(1, 15)}
    assert list(class_bars(counts, LIGHT).data[0].x) == list(range(14, 2, -1))
    words = describe_classes(counts)
    assert words.startswith("Examples per class: c14 14, c13 13")
    assert words.endswith("c3 3, and 2 more classes.")


def row(label, predicted, probability, number, pair=None):
    return PredictedRow(f"text {number}", pair, label, predicted, probability, number)


def test_mistakes_are_listed_the_surest_first():
    rows = [row("a", "b", 0.6, 2), row("a", "a", 0.99, 3), row("b", "a", 0.876, 4, pair="two")]
    table = mistakes_table(rows)
    assert table.to_dict("records") == [
        {"row": 4, "true": "b", "predicted": "a", "sure (%)": 87.6, "text": "text 4 / two"},
        {"row": 2, "true": "a", "predicted": "b", "sure (%)": 60.0, "text": "text 2"},
    ]
    assert mistakes_table(rows[1:2]).empty


def test_left_out_rows_keep_number_reason_and_count():
    table = left_out_table([LeftOut(7, "the text is empty", "x", 3)])
    assert table.to_dict("records") == [
        {"row": 7, "rows": 3, "reason": "the text is empty", "excerpt": "x"}
    ]


def test_half_a_character_pair_does_not_stop_the_page():
    table = mistakes_table([replace(row("a", "b", 0.6, 2), text="x\ud800")])
    assert list(table["text"]) == ["x?"]
    assert b"x?" in to_csv(table)
