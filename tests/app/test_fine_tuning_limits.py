"""The limits of whoever runs the app, on the page before Start."""

import pytest
from fine_tuning_page import can_start, open_page, sound, start, table, text_of, upload, widget

from bertlab.runs import list_runs

pytestmark = pytest.mark.usefixtures("engine_elsewhere")


@pytest.fixture
def limited(tmp_path, monkeypatch):
    def write(text: str) -> None:
        path = tmp_path / "limits.toml"
        path.write_text(text, encoding="utf-8")
        monkeypatch.setenv("BERTLAB_LIMITS", str(path))

    return write


def test_without_limits_nothing_is_said_of_them():
    app = open_page()
    assert "Set for this class" not in text_of(app)
    assert widget(app.number_input, "Epochs").max == 100
    assert widget(app.number_input, "Longest text (tokens)").max == 512


def test_the_inputs_end_where_the_limits_do_and_a_line_names_them(limited):
    limited("epochs = 2\nlength = 64\nminutes = 5\n")
    app = open_page()
    epochs = widget(app.number_input, "Epochs")
    length = widget(app.number_input, "Longest text (tokens)")
    assert (epochs.max, epochs.value) == (2, 2)  # three is the default elsewhere
    assert (length.max, length.value) == (64, 64)
    told = next(line.value for line in app.markdown if "Set for this class" in line.value)
    assert "at most 64 tokens a text; at most 2 epochs" in told
    assert "a run ends after 5 minutes and keeps what it has learned" in told
    assert "rows" not in told
    settings = start(app).settings
    assert (settings.epochs, settings.max_length) == (2, 64)


def test_a_link_that_asks_for_more_is_passed_over(limited):
    limited("epochs = 5\n")
    app = open_page(epochs="50", length="200")
    assert widget(app.number_input, "Epochs").value == 3
    assert widget(app.number_input, "Longest text (tokens)").value == 200
    assert can_start(app)


def test_limits_that_shrink_while_the_page_is_open_hold_at_once(limited):
    app = open_page(epochs="50")
    limited("epochs = 4\n")
    sound(app.run())
    assert widget(app.number_input, "Epochs").value == 3
    assert start(app).settings.epochs == 3


def test_of_a_larger_table_a_part_is_used_and_a_word_says_so_before_start(limited):
    limited("rows = 500\n")
    app = open_page(data="movie_reviews")
    [told] = [box.value for box in app.warning if "drawn at random" in box.value]
    assert "The table has 2,000 rows; here a run may take 500. 500 of them" in told
    assert "at most 500 rows" in text_of(app)
    run = start(app)
    split = run.split()
    parts = (split.train, split.validation, split.test)
    assert [len(part) for part in parts] == [400, 50, 50]
    assert all(min(part.counts().values()) > 0.3 * len(part) for part in parts)  # both classes


def test_a_table_within_the_limit_is_used_whole(limited):
    limited("rows = 40\n")
    app = upload(table([f"text {n},{'ab'[n % 2]}" for n in range(40)]).encode())
    assert "drawn at random" not in text_of(app)
    assert sum(start(app).about["examples"].values()) == 40


def test_files_of_ones_own_count_as_well(limited):
    limited("rows = 30\n")
    app = upload(table([f"text {n},{'ab'[n % 2]}" for n in range(40)]).encode())
    app.session_state["finetune_parts"] = True
    sound(app.run())
    title = "Test file: CSV, Excel or JSON lines, up to 20 MB"
    held = table([f"held {n},{'ab'[n % 2]}" for n in range(10)]).encode()
    app = sound(widget(app.file_uploader, title).upload("held.csv", held).run())
    assert "here a run may take 30. 20 of them" in text_of(app)
    split = start(app).split()
    assert len(split.train) + len(split.validation) == 20
    assert len(split.test) == 10


def test_files_that_leave_no_room_are_refused_in_words(limited):
    limited("rows = 12\n")
    app = upload(table([f"text {n},{'ab'[n % 2]}" for n in range(40)]).encode())
    app.session_state["finetune_parts"] = True
    sound(app.run())
    title = "Test file: CSV, Excel or JSON lines, up to 20 MB"
    held = table([f"held {n},{'ab'[n % 2]}" for n in range(10)]).encode()
    app = sound(widget(app.file_uploader, title).upload("held.csv", held).run())
    assert not can_start(app)
    assert "have 10 of them. Bring smaller ones" in text_of(app)


def test_limits_that_cannot_be_read_are_told(limited):
    limited("hours = 1\n")
    app = open_page()
    assert "has hours; known are downloads" in text_of(app)
    assert not can_start(app)


def test_a_student_with_enough_runs_waiting_starts_no_more(limited):
    limited("runs_queued = 1\n")
    run = start(open_page(data="chinese_reviews"))
    app = open_page(data="chinese_reviews", seed="7")
    assert "at most 1 of yours waiting" in text_of(app)
    sound(widget(app.button, "Start").click().run())
    assert "1 run of yours waits already" in text_of(app)
    sound(widget(app.button, "How long will it take?").click().run())
    assert "1 run of yours waits already" in text_of(app)
    assert list_runs() == [run]  # nothing more was stored


def test_the_limits_of_pretraining_are_told_and_held(limited, open_lesson):
    limited("passes = 9\nrows = 5000\nepochs = 1\n")
    lesson = open_lesson("pretraining", part="train").sound()
    told = next(line.value for line in lesson.at.markdown if "Set for this class" in line.value)
    assert told.endswith("at most 5,000 sentences; at most 9 passes over the text.")
    box = next(box for box in lesson.at.number_input if box.label == "Passes over the text")
    assert (box.max, box.value) == (9, 9)
    limited("rows = 10\n")
    lesson = open_lesson("pretraining", part="train").sound()
    assert "here at most 10 are allowed" in lesson.messages.replace("\\", "")
    assert "Start" not in lesson.buttons


def test_where_models_are_not_fetched_no_button_offers_it(limited, open_lesson):
    lesson = open_lesson("attention", model="bert-base-chinese").sound()
    assert "Download it now" in lesson.buttons
    limited("downloads = false\n")
    lesson.click("Download it now").sound()  # drawn before, pressed after
    assert "Fetching models is switched off here" in lesson.messages + said(lesson)
    lesson = open_lesson("attention", model="bert-base-chinese").sound()
    assert "Download it now" not in lesson.buttons
    assert "switched off" in said(lesson)
    lesson = open_lesson("vocabularies", voc_part="compare").sound()
    assert not any(label.startswith("Fetch ") for label in lesson.buttons)


def said(lesson) -> str:
    return "\n".join(element.value for element in lesson.at.markdown)
