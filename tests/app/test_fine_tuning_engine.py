"""The fine-tuning page while nothing executes its run: it says why, and what can be done."""

import json
from dataclasses import replace

from fine_tuning_page import make_run, open_page, sound, text_of, text_of_progress, widget

from bertlab.engine.executors import execute
from bertlab.runs import list_runs, runs_root
from bertlab.runs.run import ESTIMATE
from bertlab.runs.status import write_status


def test_an_engine_that_cannot_be_started_is_told_with_its_own_words(tiny_bert_name, monkeypatch):
    run = make_run(tiny_bert_name)
    run.queue()
    (runs_root() / "engine.log").write_text("Traceback ...\nImportError: no dask today\n")
    mark = runs_root() / ".engine.launch-3"
    mark.write_text(json.dumps({"log": 0, "is_over": True}))
    app = open_page(run=run.id)
    assert "cannot be started" in text_of_progress(app)
    assert "The server's log says why" in text_of(app)  # to a browser on another machine
    assert "no dask today" not in text_of(app)
    assert str(runs_root()) not in text_of(app)
    monkeypatch.setattr("bertlab.ui.runs.run_view.is_here", lambda: True)
    app = open_page(run=run.id)
    assert "3 times in a row" in text_of(app)
    assert "no dask today" in text_of(app)
    assert [path.name for path in runs_root().glob(".engine.launch*")] == [mark.name]


def test_a_run_that_a_cluster_missed_is_submitted_again(tiny_bert_name, monkeypatch):
    monkeypatch.setenv("BERTLAB_SCHEDULER", "tcp://127.0.0.1:9")  # nobody listens
    run = make_run(tiny_bert_name)
    run.queue()
    app = open_page(run=run.id)
    sound(widget(app.button, "Submit again").click().run())
    assert "cannot be reached" in text_of(app)
    assert run.status().phase == "queued"
    assert any(button.label == "Submit again" for button in app.button)
    assert not list(runs_root().glob(".engine*"))


def test_a_cluster_that_is_not_to_be_trusted_is_named_and_not_asked(tiny_bert_name, monkeypatch):
    monkeypatch.setenv("BERTLAB_SCHEDULER", "tcp://gpu-server.invalid:8786")
    run = make_run(tiny_bert_name)
    run.queue()
    app = open_page(run=run.id)
    assert "nothing is encrypted" in text_of(app)
    assert "BERTLAB_TRUST_NETWORK=1" in text_of(app)
    assert "the cluster is not asked" in text_of_progress(app)
    sound(widget(app.button, "Submit again").click().run())
    assert "stays in the queue" in text_of(app)
    assert run.status().phase == "queued"


def test_without_a_cluster_nothing_is_submitted_by_hand(tiny_bert_name, engine_elsewhere):
    run = make_run(tiny_bert_name)
    run.queue()
    assert "Submit again" not in [button.label for button in open_page(run=run.id).button]


def test_the_time_of_a_run_is_measured_before_it_starts(tiny_bert_name, engine_elsewhere):
    app = open_page(model=tiny_bert_name, data="chinese_reviews")
    sound(widget(app.button, "How long will it take?").click().run())
    assert "Measuring a few steps" in text_of(app)
    [estimate] = list_runs()
    assert (estimate.kind, estimate.status().phase) == (ESTIMATE, "queued")
    execute(estimate)
    sound(app.run())
    assert "steps measured here" in text_of(app)
    assert list_runs() == []  # it was fetched
    sound(widget(app.number_input, "Epochs").set_value(100).run())
    assert "50 epochs instead of 100" in text_of(app)
    another = open_page(model=tiny_bert_name, data="chinese_reviews")  # of another student
    assert "steps measured here" in text_of(another)


def test_a_measurement_that_fails_says_why(tiny_bert_name, engine_elsewhere):
    app = open_page(model=tiny_bert_name, data="messy")
    sound(widget(app.button, "How long will it take?").click().run())
    [estimate] = list_runs()
    status = replace(estimate.status(), phase="failed", message="The memory was not enough.")
    write_status(estimate.folder / "status.json", status)
    sound(app.run())
    assert "Nothing could be measured: The memory was not enough." in text_of(app)
    assert any(button.label == "How long will it take?" for button in app.button)


def test_a_learning_rate_is_searched_for(tiny_bert_name, engine_elsewhere):
    app = open_page(model=tiny_bert_name, data="chinese_reviews")
    sound(widget(app.button, "Find a learning rate").click().run())
    assert "Trying learning rates" in text_of(app)
    [search] = list_runs()
    execute(search)
    sound(app.run())
    assert "The smoothed loss fell" in text_of(app) or "hardly fell" in text_of(app)
    assert list_runs() == []
