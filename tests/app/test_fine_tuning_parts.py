"""Validation and test files of the student's own, on the page as on the command line."""

import pytest
from fine_tuning_page import (
    PAGE,
    ROOT,
    can_start,
    open_page,
    sound,
    start,
    table,
    text_of,
    upload,
    widget,
)

pytestmark = pytest.mark.usefixtures("engine_elsewhere")

BOX = "finetune_parts"


def rows(first, number, *, names=("pos", "neg")):
    return [f"some text number {n},{names[n % 2]}" for n in range(first, first + number)]


def opened(app):
    """Open the box; AppTest cannot click on an expander, so its state is set."""
    app.session_state[BOX] = True
    return sound(app.run())


def bring(app, part, data, name):
    title = f"{part.capitalize()} file: CSV, Excel or JSON lines, up to 20 MB"
    if not any(one.label == title for one in app.file_uploader):
        app = opened(app)
    return sound(widget(app.file_uploader, title).upload(name, data).run())


def with_train():
    return upload(table(rows(0, 40)).encode(), "train.csv")


def plan_of(app):
    return next(one.value for one in app.markdown if "examples to learn from" in one.value)


def values_of(app, label):
    return [box.value for box in app.text_input if box.label == label]


def test_nothing_is_asked_of_who_brings_nothing():
    app = open_page()
    assert len(app.file_uploader) == 0
    assert "1,600 examples to learn from, 200 for validation, 200 for the test" in plan_of(app)


def test_both_parts_are_brought_and_stored_with_the_run():
    app = bring(with_train(), "test", table(rows(100, 12)).encode(), "held out.csv")
    assert "36 examples to learn from, 4 for validation, 12 for the test" in plan_of(app)
    assert values_of(app, "Test") == ["12 rows of held out.csv"]
    assert any(box.label == "Validation share (%)" for box in app.number_input)
    app = bring(app, "validation", table(rows(200, 9)).encode(), "check.csv")
    assert "40 examples to learn from, 9 for validation, 12 for the test" in plan_of(app)
    assert not any("share (%)" in box.label for box in app.number_input)
    run = start(app)
    split = run.split()
    assert [len(part) for part in (split.train, split.validation, split.test)] == [40, 9, 12]
    assert split.test.texts[0] == "some text number 100"
    assert split.validation.texts[0] == "some text number 200"
    assert (run.settings.validation, run.settings.test) == (0.0, 0.0)


def test_a_part_survives_a_change_of_page_and_can_be_taken_away():
    app = bring(with_train(), "test", table(rows(100, 12)).encode(), "held.csv")
    sound(app.switch_page(str(ROOT / "pages" / "tokenization.py")).run())
    sound(app.switch_page(PAGE).run())
    assert "12 for the test" in plan_of(app)
    sound(widget(app.button, "Use a share of the table instead").click().run())
    assert "4 for the test" in plan_of(app)
    assert any(box.label == "Test share (%)" for box in app.number_input)
    sound(app.switch_page(str(ROOT / "pages" / "tokenization.py")).run())
    sound(app.switch_page(PAGE).run())
    assert "4 for the test" in plan_of(app)


def test_a_part_belongs_to_its_table():
    app = bring(with_train(), "test", table(rows(100, 12)).encode(), "held.csv")
    sound(widget(app.button_group, "Data").set_value("movie_reviews").run())
    assert "1,600 examples to learn from, 200 for validation, 200 for the test" in plan_of(app)
    sound(widget(app.button_group, "Data").set_value("own").run())
    assert "12 for the test" in plan_of(app)


def test_texts_that_training_has_too_are_taken_out_of_training_and_named():
    app = bring(with_train(), "test", table(rows(36, 10)).encode(), "held.csv")
    assert "10 for the test" in plan_of(app)
    titles = [box.label for box in app.expander]
    told = [title for title in titles if "another part has the same text" in title]
    assert told
    assert sum(int(title.split()[0]) for title in told) == 4
    split = start(app).split()
    train = {*split.train.texts, *split.validation.texts}
    assert not train & set(split.test.texts)
    assert len(split.train) + len(split.validation) == 36


def test_the_reader_is_the_same_and_the_columns_can_be_chosen():
    lines = ["编号;评论内容;情感标签", *(f"{n};另一条评论 {n};{'pn'[n % 2]}" for n in range(20))]
    data = "\r\n".join(lines).replace(";p", ";pos").replace(";n", ";neg").encode("gb18030")
    app = bring(with_train(), "test", data, "另一个.csv")
    assert "20 rows used, read as gb18030 with a semicolon" in text_of(app)
    assert widget(app.selectbox, "Its text column").value == "评论内容"
    app = sound(widget(app.selectbox, "Its label column").set_value("编号").run())
    assert not can_start(app)
    assert "has none of the training labels" in text_of(app)
    app = sound(widget(app.selectbox, "Its label column").set_value("情感标签").run())
    assert can_start(app)
    assert start(app).split().test.texts[0] == "另一条评论 0"


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "PNG image"),
        (table(rows(0, 8, names=("A", "B"))).encode(), "has none of the training labels"),
        (table(rows(0, 40)).encode(), "Was the same file chosen twice"),
    ],
    ids=["empty", "PNG", "labels", "the same file"],
)
def test_a_part_that_cannot_be_used_is_refused_in_words_and_the_next_one_works(data, says):
    app = bring(with_train(), "validation", data, "bad.csv")
    assert not can_start(app)
    assert says in text_of(app)
    app = bring(app, "validation", table(rows(100, 8)).encode(), "good.csv")
    assert can_start(app)
    assert "8 for validation" in plan_of(app)


def test_rows_with_labels_that_training_lacks_are_left_out_and_named():
    data = table([*rows(100, 8), "an odd one,maybe"]).encode()
    app = bring(with_train(), "test", data, "held.csv")
    assert values_of(app, "Test") == ["8 rows of held.csv"]
    assert "Left out of it, each with its reason: **1**" in text_of(app)
    frames = [frame.value for frame in app.dataframe if "reason" in frame.value.columns]
    assert "training has no label" in frames[0]["reason"][0]


def test_labels_that_were_made_one_are_one_in_the_parts_too():
    data = table([*rows(0, 20), *(f"one more {n},POS" for n in range(5))]).encode()
    app = upload(data, "train.csv")
    sound(widget(app.toggle, "Take labels that differ in case only as one").set_value(True).run())
    held = table([*rows(100, 4), "shouted,POS"]).encode()
    app = bring(app, "test", held, "held.csv")
    assert "5 for the test" in plan_of(app)
    assert set(start(app).split().test.labels) == {"pos", "neg"}


def test_a_sample_can_have_a_test_file_too():
    data = table([f"a film like no other {n},{('negative', 'positive')[n % 2]}" for n in range(6)])
    app = bring(open_page(data="movie_reviews"), "test", data.encode(), "held.csv")
    assert "1,800 examples to learn from, 200 for validation, 6 for the test" in plan_of(app)
