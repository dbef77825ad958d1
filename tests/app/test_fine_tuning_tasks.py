"""Label sets and numbers on the page: chosen, started, and a finished run of each."""

import pytest
from fine_tuning_page import (
    can_start,
    html_of,
    make_run,
    metrics,
    open_page,
    sound,
    start,
    text_of,
    upload,
    widget,
)
from tiny_tasks import NUMBERS, SETS, label_sets, numbers

from bertlab.datasets import MULTI_LABEL, REGRESSION, SINGLE_LABEL
from bertlab.finetuning.execute import execute

pytestmark = pytest.mark.usefixtures("engine_elsewhere")
MARKS = "text,art,food\n" + "\n".join(
    f"{word} {n},{int(word == 'film')},{int(word == 'plate')}"
    for n in range(6)
    for word in ("film", "plate", "rest")
)


def problem(app):
    return widget(app.button_group, "Each text gets")


def test_numbers_are_guessed_and_started():
    app = upload(NUMBERS.encode())
    assert problem(app).value == REGRESSION
    assert "10 examples with a number" in text_of(app)
    assert "from 0.5 to 5, mean 2.75, median 2.75" in text_of(app)
    assert not [e for e in app.expander if "Classes and their numbers" in e.label]
    run = start(app)
    assert run.problem_type == REGRESSION
    assert run.about["label_names"] == ["stars"]


def test_label_sets_are_guessed_and_can_be_taken_as_one_label():
    app = upload(SETS.encode())
    assert problem(app).value == MULTI_LABEL
    assert "10 examples in 3 labels" in text_of(app)
    assert "1 row has no label at all" in text_of(app)
    sound(problem(app).set_value(SINGLE_LABEL).run())
    assert "in 5 classes" in text_of(app)  # art, art|praise, food, food|praise, praise
    sound(problem(app).set_value(MULTI_LABEL).run())
    run = start(app)
    assert run.problem_type == MULTI_LABEL
    assert run.about["label_names"] == ["art", "food", "praise"]


def test_columns_of_marks_become_labels():
    app = upload(MARKS.encode())
    assert problem(app).value == SINGLE_LABEL
    sound(problem(app).set_value(MULTI_LABEL).run())
    marks = widget(app.multiselect, "Columns of 0 and 1, each a label")
    assert marks.value == ["art", "food"]
    assert "18 examples in 2 labels" in text_of(app)
    assert can_start(app)


def test_a_finished_run_on_numbers_shows_its_error(tiny_bert_name):
    run = make_run(tiny_bert_name, rows=numbers())
    assert execute(run).phase == "finished"
    app = open_page(run=run.id)
    test = run.result()["test"]
    assert metrics(app)["Mean absolute error"] == f"{test['mean_absolute_error']:.3g}"
    assert metrics(app)["Always the median"] == "1.25"
    headings = [element.value for element in app.subheader]
    assert "Right against predicted" in headings
    assert "The rows, furthest off first" in headings
    assert "With and without pre-training" not in headings
    assert "%" not in metrics(app)["95 % interval"]
    said = text_of(app) + html_of(app)
    assert any(f"{words} the 1.25" in said for words in ("less than", "includes", "more than"))
    sound(widget(app.text_input, "A sentence for your model").set_value("the worst film").run())


def test_a_finished_run_on_label_sets_shows_each_label(tiny_bert_name):
    run = make_run(tiny_bert_name, rows=label_sets(), epochs=2)
    assert execute(run).phase == "finished"
    app = open_page(run=run.id)
    test = run.result()["test"]
    assert metrics(app)["All labels right"] == f"{test['accuracy']:.1%}"
    assert metrics(app)["Micro-F1"] == f"{test['micro_f1']:.3f}"
    assert "Label by label" in [element.value for element in app.subheader]
    assert "From 50 % on a label counts as given" in text_of(app)


def test_windows_are_counted_before_the_start():
    long = "a long text about a film that goes on and on " * 30
    rows = "text,label\n" + "\n".join(f"{long} {n},{'ab'[n % 2]}" for n in range(20))
    app = upload(rows.encode())
    assert "are cut" in text_of(app)
    sound(widget(app.button_group, "Of a text that is too long the model reads")
          .set_value("windows").run())  # fmt: skip
    assert "windows a text on average" in text_of(app)
    assert "of about" in text_of(app)
    assert "are cut" not in text_of(app)
