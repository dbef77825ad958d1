"""The fine-tuning lesson before a run: every address, and what Start stores."""

import pytest
from fine_tuning_page import (
    can_start,
    html_of,
    make_run,
    open_page,
    sound,
    start,
    text_of,
    text_of_progress,
    widget,
)

from bertlab.runs import list_runs

pytestmark = pytest.mark.usefixtures("engine_elsewhere")


def test_the_page_opens_ready_to_start():
    app = open_page()
    assert can_start(app)
    assert "2,000 examples in 2 classes" in text_of(app)
    assert "1,600 examples to learn from, 200 for validation, 200 for the test" in text_of(app)
    assert "3 epochs of 100 batches: 300 steps" in text_of(app).replace("*", "")


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("movie_reviews", "2,000 examples in 2 classes"),
        ("subjectivity", "2,000 examples in 2 classes"),
        ("chinese_reviews", "of the tokens are [UNK]"),
        ("messy", "differ in case only"),
    ],
)
def test_every_sample_can_be_started(name, says):
    app = open_page(data=name)
    assert can_start(app)
    assert says in text_of(app)
    assert all(box.value for box in app.text_input if box.label.startswith("Sentence "))


def test_nonsense_in_the_address_is_passed_over():
    """What each parser refuses is in tests/unit/test_links.py; here all of it comes at once."""
    numbers = {"epochs": "1e9", "batch": "-1", "length": "x", "rate": "nan", "seed": "9" * 11}
    app = open_page(data="own file", strategy="x", test="90", validation="", **numbers)
    assert can_start(app)
    assert "300 steps" in text_of(app)
    assert app.query_params == {}


def test_settings_stand_in_the_address_and_come_from_it():
    app = open_page(epochs="7", batch="32", rate="2e-5", seed="5", test="20", strategy="frozen")
    assert "7 epochs of 44 batches: 308 steps" in text_of(app).replace("*", "")
    sound(widget(app.number_input, "Epochs").set_value(4).run())
    assert app.query_params["epochs"] in ("4", ["4"])
    sound(widget(app.number_input, "Epochs").set_value(5).run())
    assert "epochs" not in app.query_params  # of 44 batches five make 200 steps, the default


def test_a_strategy_shows_what_learns_when():
    app = open_page(strategy="gradual", epochs="3")
    assert "epoch 1: head learn; epoch 2: head, layer 3, layer 2 learn" in html_of(app)
    app = open_page(strategy="top")
    assert "epochs 1–3: head, layer 3 learn" in html_of(app)  # a quarter of four layers
    sound(widget(app.number_input, "Layers that learn").set_value(2).run())
    assert "head, layer 3, layer 2 learn" in html_of(app)
    assert app.query_params["layers"] in ("2", ["2"])


def test_every_setting_of_a_link_reaches_the_run(tiny_bert_name):
    chosen = {"strategy": "top", "layers": "2", "patience": "2", "decay": "95", "warmup": "20"}
    chosen |= {"clip": "0.5", "precision": "fp32", "weights": "1", "model": tiny_bert_name}
    settings = start(open_page(**chosen)).settings
    assert (settings.trained_layers, settings.patience, settings.layer_decay) == (2, 2, 0.95)
    assert (settings.warm_up, settings.clip, settings.precision) == (0.2, 0.5, "fp32")
    assert settings.class_weights is True


@pytest.mark.parametrize("run", ["../../etc", "A" * 22])
def test_an_unknown_run_gets_a_message_and_a_way_on(run):
    app = open_page(run=run)
    assert "run" in app.error[0].value
    sound(widget(app.button, "Start a new run").click().run())
    assert can_start(app)
    assert "run" not in app.query_params


def test_a_deleted_run_gets_a_message(tiny_bert_name):
    run = make_run(tiny_bert_name)
    app = open_page(run=run.id)
    run.delete()
    sound(app.run())
    assert "There is no run" in text_of(app)


# Starting


def test_start_stores_the_run_as_it_was_set():
    app = open_page(data="chinese_reviews")
    sound(widget(app.number_input, "Epochs").set_value(2).run())
    sound(widget(app.number_input, "Batch size").set_value(64).run())
    sound(widget(app.number_input, "Seed").set_value(7).run())
    sound(widget(app.number_input, "Test share (%)").set_value(20).run())
    sound(widget(app.selectbox, "Learning rate").set_value("5e-4").run())
    sound(widget(app.text_input, "Name of the run").set_value("<b>我的</b>").run())
    sound(widget(app.text_input, "Sentence 2").set_value("很好").run())
    run = start(app)
    settings = run.settings
    assert (settings.epochs, settings.batch_size, settings.seed) == (2, 64, 7)
    assert (settings.test, settings.validation, settings.learning_rate) == (0.2, 0.1, 5e-4)
    assert settings.pinned[1] == "很好"
    assert run.name == "<b>我的</b>"
    split = run.split()
    assert [len(part) for part in (split.train, split.validation, split.test)] == [245, 35, 70]
    assert run.status().phase == "queued"
    assert "Waiting for the training engine" in text_of_progress(app)
    assert [other.id for other in list_runs(owner=run.owner)] == [run.id]
    sound(widget(app.button, "New run").click().run())
    assert any(button.key == f"own_{run.id}" for button in app.button)


def test_a_runs_address_is_short_and_the_settings_come_back():
    app = open_page(data="subjectivity", epochs="7")
    run = start(app)
    assert set(app.query_params) == {"run"}
    sound(widget(app.button, "New run").click().run())
    assert "run" not in app.query_params
    assert {"data", "epochs"} <= set(app.query_params)
    assert run.settings.epochs == 7


def test_the_default_learning_rate_stays_open_so_that_its_reason_is_stored():
    assert start(open_page()).settings.learning_rate is None


def test_a_learning_rate_that_is_none_is_refused():
    for typed in ("fast", "7", "nan"):
        app = open_page()
        app.session_state["rate"] = typed  # AppTest cannot type into a list
        sound(app.run())
        assert not can_start(app), typed
        assert "earning rate" in app.error[0].value


def test_too_much_kept_for_checking_is_refused():
    app = open_page(test="50", validation="50")
    assert not can_start(app)
    assert app.error


def test_a_run_whose_scheduler_is_away_is_shown_all_the_same(monkeypatch):
    app = open_page()
    monkeypatch.setenv("BERTLAB_SCHEDULER", "tcp://127.0.0.1:1")
    monkeypatch.setattr("bertlab.engine.remote.CONNECT_SECONDS", 0.2)
    run = start(app)
    assert run.status().phase == "queued"
    assert "cannot be reached" in text_of(app)
