"""A run on the page, in every state it can be in, and what is claimed of it."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from fine_tuning_page import (
    can_start,
    charts,
    examples,
    html_of,
    make_run,
    metrics,
    open_page,
    sound,
    text_of,
    text_of_progress,
    widget,
)

from bertlab.datasets import Split
from bertlab.finetuning.execute import execute
from bertlab.runs import Journal, create_run
from bertlab.runs.settings import Settings
from bertlab.runs.status import write_status

pytestmark = pytest.mark.usefixtures("engine_elsewhere")


def test_a_finished_run_shows_the_figures_of_its_folder(tiny_bert_name):
    run = make_run(tiny_bert_name)
    assert execute(run).phase == "finished"
    app = open_page(run=run.id)
    test = run.result()["test"]
    low, high = test["interval"]
    least, most = test["macro_f1_interval"]
    assert metrics(app) == {
        "Accuracy": f"{test['accuracy']:.1%}",
        "Accuracy’s 95 % interval": f"{low:.1%} – {high:.1%}",
        "Always the commonest label": "50.0%",
        "Macro-F1": f"{test['macro_f1']:.3f}",
        "Macro-F1’s 95 % interval": f"{least:.3f} – {most:.3f}",
    }
    assert "Accuracy's interval is Wilson's" in text_of(app)
    wrong = sum(row.label != row.predicted for row in run.predictions())
    assert f"{wrong} misclassified rows" in [element.value for element in app.subheader]
    assert f"{run.result()['steps']} steps" in text_of(app)


def test_the_test_score_is_hidden_until_it_is_asked_for(tiny_bert_name):
    """The test part was said to be looked at once, and every run showed it."""
    run = make_run(tiny_bert_name)
    execute(run)
    app = open_page(run=run.id, is_revealed=False)
    assert "Accuracy" not in metrics(app)
    assert "never saw" not in text_of(app) + html_of(app)
    assert not any("misclassified" in element.value for element in app.subheader)
    validation = run.result()["validation"]["accuracy"]
    assert f"Validation: {validation:.1%} right" in text_of(app).replace("*", "")
    sound(widget(app.button, "Final: reveal the test score").click().run())
    assert metrics(app)["Accuracy"] == f"{run.result()['test']['accuracy']:.1%}"
    assert "The first look at this test part" in text_of(app)
    again = make_run(tiny_bert_name, seed=4)  # other settings, the same test part
    execute(again)
    app = open_page(run=again.id, is_revealed=False)
    assert "looked at this very test part once before" in text_of(app)
    sound(widget(app.button, "Final: reveal the test score").click().run())
    assert "Look number 2 at this very test part" in text_of(app)
    assert "The first look" in text_of(open_page(run=run.id, is_revealed=False))


def test_the_list_of_runs_keeps_a_hidden_score_too(tiny_bert_name):
    run = make_run(tiny_bert_name)
    execute(run)
    score = f"{run.status().accuracy:.1%}"
    assert score not in own_button(open_page(is_revealed=False), run).label
    assert score in own_button(open_page(), run).label


def own_button(app, run):
    return next(button for button in app.button if button.key == f"own_{run.id}")


def test_who_did_not_start_a_run_cannot_reveal_its_score(tiny_bert_name):
    rows = examples()
    settings = Settings(model=tiny_bert_name, epochs=1, device="cpu")
    run = create_run(settings, Split(rows, rows, rows), owner="x" * 22)
    execute(run)
    app = open_page(run=run.id, is_revealed=False)
    assert "can reveal its test score" in text_of(app)
    assert "Final: reveal the test score" not in [button.label for button in app.button]


def test_a_finished_model_answers_a_sentence(tiny_bert_name):
    run = make_run(tiny_bert_name)
    execute(run)
    app = open_page(run=run.id, text="we loved the cat")  # the sentence that travels
    box = widget(app.text_input, "A sentence for your model")
    assert box.value == "we loved the cat"
    answered = len(app.get("plotly_chart"))
    sound(box.set_value("").run())
    assert len(app.get("plotly_chart")) == answered - 1
    sound(widget(app.text_input, "A sentence for your model").set_value("😀 😀 😀").run())
    assert "[UNK]" in text_of(app)
    long = widget(app.text_input, "A sentence for your model").set_value("the cat " * 200)
    sound(long.run())
    assert "reads its first" in text_of(app)
    link = {key: "".join(app.query_params[key]) for key in app.query_params}
    assert set(link) == {"run", "text", "try_id"}  # too long for an address
    copied = widget(open_page(**link).text_input, "A sentence for your model")
    assert copied.value == "the cat " * 200
    sound(widget(app.text_input, "A sentence for your model").set_value("   ").run())


def test_a_model_of_pairs_asks_for_both_texts(tiny_bert_name):
    rows = replace(examples(), pairs=tuple(reversed(examples().texts)))
    run = make_run(tiny_bert_name, rows=rows)
    execute(run)
    app = open_page(run=run.id)
    sound(widget(app.text_input, "The second text of the pair").set_value("a dog").run())
    sound(widget(app.text_input, "A sentence for your model").set_value("a cat").run())
    link = {key: "".join(app.query_params[key]) for key in app.query_params}
    assert link == {"run": run.id, "try": "a cat", "try_pair": "a dog"}
    assert widget(open_page(**link).text_input, "The second text of the pair").value == "a dog"


def test_a_stopped_run_keeps_its_model_and_can_go_on(tiny_bert_name):
    run = make_run(tiny_bert_name, epochs=50)
    stop_at(run, step=9)
    assert run.status().phase == "stopped"
    app = open_page(run=run.id)
    assert "the model is kept" in text_of(app)
    assert "Accuracy" in metrics(app)
    assert "was stopped after" in "".join(element.proto.body for element in app.get("html"))
    sound(widget(app.button, "Go on from the last checkpoint").click().run())
    assert run.status().phase == "queued"
    assert any(button.label == "Stop" for button in app.button)


def stop_at(run, *, step):
    """Execute in this process, with the stop asked for when a step has been written."""
    ask_at(run, step, run.request_stop)


def ask_at(run, step, ask):
    """Execute in this process; `ask()` is called when a step has been written."""
    write = Journal.event

    def watched(self, event, **options):
        write(self, event, **options)
        if event.kind == "train" and event.step == step:
            ask()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Journal, "event", watched)
        execute(run)


def test_a_run_that_was_stopped_before_it_began_says_so(tiny_bert_name):
    run = make_run(tiny_bert_name)
    run.request_stop()
    app = open_page(run=run.id)
    assert "Stopped before it began" in text_of(app)
    assert charts(app) == []


def test_a_failed_run_says_why(tiny_bert_name):
    run = make_run("no-such-model")
    assert execute(run).phase == "failed"
    app = open_page(run=run.id)
    assert "no-such-model" in text_of(app)
    assert charts(app) == []
    assert any(button.label == "Begin it again" for button in app.button)


def test_a_run_on_texts_that_its_model_cannot_read_warns(tiny_bert_name):
    texts = tuple("ℵ" * (n + 1) for n in range(32))
    run = make_run(tiny_bert_name, rows=replace(examples(), texts=texts))
    execute(run)
    assert "of the tokens are [UNK]" in text_of(open_page(run=run.id))


def test_an_interrupted_run_is_shown_with_what_it_reached(tiny_bert_name):
    run = make_run(tiny_bert_name)
    execute(run)
    status = replace(run.status(), phase="training", step=5, steps=16, progress=0.3)
    write_status(run.folder / "status.json", status)
    app = open_page(run=run.id)
    assert "Interrupted" in text_of_progress(app)
    assert metrics(app)["Validation accuracy"] != "–"
    assert len(app.get("echarts_chart")) == 4  # loss, accuracy, sentences, gradients


def test_a_queued_run_waits_and_can_be_stopped(tiny_bert_name):
    run = make_run(tiny_bert_name)
    run.queue()
    app = open_page(run=run.id)
    assert "Waiting" in text_of_progress(app)
    sound(widget(app.button, "Stop").click().run())
    assert run.status().phase == "stopped"


def test_a_paused_run_shows_its_curves_and_goes_on(tiny_bert_name):
    run = make_run(tiny_bert_name, epochs=50)
    ask_at(run, 9, run.request_pause)
    assert run.status().phase == "paused"
    app = open_page(run=run.id)
    assert "Paused · step 9 of 200" in text_of_progress(app)
    assert "Paused at step 9" in text_of(app)
    assert len(app.get("echarts_chart")) == 4
    labels = [button.label for button in app.button]
    assert {"Go on", "Stop", "Delete now"} <= set(labels)
    assert "Pause" not in labels
    sound(next(button for button in app.button if button.key == "run_resume").click().run())
    assert run.status().phase == "queued"
    assert not run.is_pause_requested()
    assert {"Pause", "Stop"} <= {button.label for button in app.button}


def test_a_paused_run_can_be_stopped_and_deleted_on_the_page(tiny_bert_name):
    run = make_run(tiny_bert_name, epochs=50)
    ask_at(run, 9, run.request_pause)
    app = open_page(run=run.id)
    sound(widget(app.button, "Stop").click().run())
    assert "A pause stores no model" in text_of(app)
    assert any(button.label == "Go on from the last checkpoint" for button in app.button)
    run = make_run(tiny_bert_name)
    run.request_pause()
    app = open_page(run=run.id)
    sound(widget(app.button, "Delete now").click().run())
    assert not run.folder.exists()


def test_a_queued_run_is_paused_by_its_button(tiny_bert_name):
    run = make_run(tiny_bert_name)
    run.queue()
    app = open_page(run=run.id)
    sound(widget(app.button, "Pause").click().run())
    assert run.status().phase == "paused"
    assert "it has left the queue" in text_of(app)
    assert any(button.label == "Go on" for button in app.button)


def test_a_run_is_deleted_with_all_its_data(tiny_bert_name):
    run = make_run(tiny_bert_name)
    execute(run)
    app = open_page(run=run.id)
    sound(widget(app.button, "Delete now").click().run())
    assert not run.folder.exists()
    assert can_start(app)


def test_a_run_in_progress_is_not_deleted(tiny_bert_name):
    run = make_run(tiny_bert_name)
    with Journal(run) as journal:
        journal.update(phase="training")
        app = open_page(run=run.id)
        sound(widget(app.button, "Delete now").click().run())
        assert "Stop it first" in text_of(app)
        assert run.folder.exists()


def test_a_run_whose_model_is_gone_still_shows_its_figures(tiny_bert_name, monkeypatch):
    run = make_run(tiny_bert_name)
    execute(run)
    monkeypatch.setenv("BERTLAB_MODELS", "/nowhere")
    app = open_page(run=run.id)
    assert "is not on this machine" in text_of(app)
    assert "Accuracy" in metrics(app)


def test_a_run_without_test_rows_is_shown(tiny_bert_name):
    rows = examples()
    settings = Settings(model=tiny_bert_name, epochs=1, device="cpu")
    run = create_run(settings, Split(rows, rows, rows.subset([])))
    execute(run)
    assert "Accuracy" not in metrics(open_page(run=run.id))


def test_a_resumed_runs_steps_are_drawn_once(tiny_bert_name):
    run = make_run(tiny_bert_name, epochs=50)
    stop_at(run, step=9)
    app = open_page(run=run.id)
    write_resumed(run, step=5)
    sound(app.run())
    feed = app.session_state["run_feed"].events
    assert [event.step for event in feed if event.kind == "train"] == [1, 2, 3, 4, 5, 6]
    assert feed == run.history()


def write_resumed(run, *, step):
    """The lines of an executor that went on from a checkpoint and took one step again."""
    _, end = run.events()
    old = next(e for e in run.events()[0] if e.kind == "train" and e.step == step + 1).as_dict()
    lines = [{**old, "kind": "resumed", "step": step, "text": "It goes on."}, old]
    with (run.folder / "events.jsonl").open("a") as file:
        file.write("".join(json.dumps(line) + "\n" for line in lines))
    assert len(run.events(after=end)[0]) == 2


def test_names_and_labels_of_a_run_are_shown_as_text(tiny_bert_name):
    evil = "<img src=x onerror=alert(1)>"
    swapped = {"neg": "**b**", "pos": evil}
    rows = examples(lambda n, name: swapped[name])
    rows = replace(rows, label_names=tuple(sorted(swapped.values())))
    run = make_run(tiny_bert_name, rows=rows, name="$x$ **b** [a](http://b)")
    execute(run)
    app = open_page(run=run.id)
    pages = [element.proto.body for element in app.get("html")]
    assert not any(evil in page for page in pages)
    assert app.subheader[0].value.count("\\") >= 8


# Claims

CLAIMS = ("it is right in", "more than the")


@pytest.mark.parametrize(
    "seed", [1, *(pytest.param(n, marks=pytest.mark.exhaustive) for n in (2, 3))]
)
def test_shuffled_labels_make_no_claim_of_learning(tiny_bert_name, seed):
    """The test part's labels have nothing to do with its texts: no sentence says otherwise."""
    random = np.random.default_rng(seed)
    coin = lambda n, name: ("neg", "pos")[n % 2]  # noqa: E731
    train, test = examples(), examples(coin)
    order = random.permutation(len(test))
    test = replace(test, labels=tuple(test.labels[i] for i in order))
    settings = Settings(model=tiny_bert_name, epochs=1, learning_rate=1e-4, device="cpu", seed=seed)
    run = create_run(settings, Split(train, train, test))
    execute(run)
    low, _ = run.result()["test"]["interval"]
    said = "".join(element.proto.body for element in open_page(run=run.id).get("html"))
    assert low <= 0.5  # true of these seeds; the sentence below follows from it
    assert "does not show that anything was learned" in said
    assert not any(claim in said for claim in CLAIMS)


def test_the_notice_is_the_one_the_interval_allows(tiny_bert_name):
    run = make_run(tiny_bert_name, epochs=12)
    execute(run)
    assert run.result()["test"]["interval"][0] > 0.5
    said = "".join(element.proto.body for element in open_page(run=run.id).get("html"))
    assert "more than the 50.0% of always answering" in said
    assert math.isclose(run.result()["test"]["majority_share"], 0.5)
