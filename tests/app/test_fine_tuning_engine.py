"""The fine-tuning page while nothing executes its run: it says why, and what can be done."""

import json

from fine_tuning_page import make_run, open_page, sound, text_of, text_of_progress, widget

from bertlab.runs import runs_root


def test_an_engine_that_cannot_be_started_is_told_with_its_own_words(tiny_bert_name):
    run = make_run(tiny_bert_name)
    run.queue()
    (runs_root() / "engine.log").write_text("Traceback ...\nImportError: no dask today\n")
    mark = runs_root() / ".engine.launch-3"
    mark.write_text(json.dumps({"log": 0, "is_over": True}))
    app = open_page(run=run.id)
    assert "cannot be started" in text_of_progress(app)
    assert "3 times in a row" in text_of(app) and "no dask today" in text_of(app)
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


def test_without_a_cluster_nothing_is_submitted_by_hand(tiny_bert_name, engine_elsewhere):
    run = make_run(tiny_bert_name)
    run.queue()
    assert "Submit again" not in [button.label for button in open_page(run=run.id).button]
