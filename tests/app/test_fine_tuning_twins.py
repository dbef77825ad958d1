"""With and without pre-training on the page: the choice, the twin run, both figures."""

import pytest
from fine_tuning_page import make_run, metrics, open_page, sound, start, text_of, widget
from lesson_pages import ME

from bertlab.finetuning.compare import compare, create_twin
from bertlab.finetuning.execute import execute
from bertlab.runs import open_run

pytestmark = pytest.mark.usefixtures("engine_elsewhere")

TO_RANDOM, TO_PRETRAINED = "The same with random weights", "The same with pretrained weights"


def finished(model, **options):
    run = make_run(model, **options)
    assert execute(run).phase == "finished"
    return run


def labels(app):
    return {button.label for button in app.button}


def of_app(app):
    value = app.query_params["run"]
    return open_run(value if isinstance(value, str) else value[0])


# The choice


def test_random_weights_can_be_chosen_and_are_explained():
    app = open_page()
    assert "For comparison" not in text_of(app)
    sound(widget(app.button_group, "What learns").set_value("random").run())
    said = text_of(app)
    assert "from random first weights" in said
    assert "For comparison" in said
    assert "data, seed, epochs and learning rate" in said
    assert "they never read a text before" in said
    assert "random weights: 1,600 examples to learn from" in said.replace("*", "")
    assert app.query_params["strategy"] in ("random", ["random"])
    run = start(app)
    assert (run.settings.strategy, run.twin) == ("random", "")
    assert "random weights, 3 epochs" in text_of(app)


def test_random_weights_come_from_the_address():
    assert start(open_page(strategy="random", seed="5")).settings.strategy == "random"


# The twin


@pytest.mark.parametrize(
    ("strategy", "button", "other"),
    [("full", TO_RANDOM, "random"), ("random", TO_PRETRAINED, "full")],
)
def test_a_finished_run_starts_its_twin(strategy, button, other, tiny_bert_name):
    run = finished(tiny_bert_name, strategy=strategy)
    app = open_page(run=run.id)
    assert labels(app) & {TO_RANDOM, TO_PRETRAINED} == {button}
    sound(widget(app.button, button).click().run())
    twin = of_app(app)
    assert (twin.twin, twin.settings.strategy) == (run.id, other)
    assert twin.status().phase == "queued"
    assert twin.split() == run.split()
    assert set(app.query_params) == {"run"}
    sound(widget(app.button, "New run").click().run())
    assert any(element.key == f"own_{twin.id}" for element in app.button)


def test_the_twin_is_made_once_and_can_be_opened_while_it_waits(tiny_bert_name):
    run = finished(tiny_bert_name)
    twin = create_twin(run, owner=ME)
    twin.queue()
    app = open_page(run=run.id)
    assert TO_RANDOM not in labels(app)
    assert "waiting for its turn" in text_of(app)
    sound(widget(app.button, "Open the run with random weights").click().run())
    assert of_app(app) == twin


def test_both_figures_stand_on_both_pages(tiny_bert_name):
    run = finished(tiny_bert_name, epochs=2)
    twin = create_twin(run, owner=ME)
    execute(twin)
    found = compare(run, twin)
    assert found.differences == ()
    for each in (run, twin):
        app = open_page(run=each.id)
        shown = metrics(app)
        assert shown["Pretrained weights"] == f"{run.result()['test']['accuracy']:.1%}"
        assert shown["Random weights"] == f"{twin.result()['test']['accuracy']:.1%}"
        assert shown["Difference"] == f"{found.points:+.1f} points".replace("-", "−")
        said = text_of(app)
        for result in (run.result(), twin.result()):
            low, high = result["test"]["interval"]
            assert f"95 % interval {low:.1%} – {high:.1%}" in said
        assert "On these 32 test texts" in said
        assert "seed 3, 2 epochs, learning rate 5e-3. Only the first weights differ" in said
        assert f"{found.discordant[0]} were right from pretrained weights alone" in said
        assert "McNemar's exact test" in said
        assert not labels(app) & {TO_RANDOM, TO_PRETRAINED}


def test_without_its_twin_a_run_shows_its_own_figures(tiny_bert_name):
    run = finished(tiny_bert_name)
    twin = create_twin(run, owner=ME)
    execute(twin)
    run.delete()
    app = open_page(run=twin.id)
    assert "Accuracy" in metrics(app)
    assert "Pretrained weights" not in metrics(app)
    assert TO_PRETRAINED in labels(app)


def test_a_frozen_run_has_no_twin(tiny_bert_name):
    app = open_page(run=finished(tiny_bert_name, strategy="frozen").id)
    assert "Accuracy" in metrics(app)
    assert not labels(app) & {TO_RANDOM, TO_PRETRAINED}


def test_a_run_whose_model_is_gone_starts_no_twin(tiny_bert_name, monkeypatch):
    run = finished(tiny_bert_name)
    monkeypatch.setenv("BERTLAB_MODELS", "/nowhere")
    assert widget(open_page(run=run.id).button, TO_RANDOM).disabled


# The replay


def test_a_replay_is_started_and_compared_with_its_original(tiny_bert_name):
    run = finished(tiny_bert_name)
    app = open_page(run=run.id)
    sound(widget(app.button, "Replay with the same seed").click().run())
    again = of_app(app)
    assert (again.replay, again.twin, again.status().phase) == (run.id, "", "queued")
    execute(again)
    app = open_page(run=again.id)
    steps = again.status().steps
    assert f"At all {steps} steps that both took the training loss is the same" in text_of(app)
    sound(widget(app.button, "Open the run that it repeats").click().run())
    assert of_app(app).id == run.id
