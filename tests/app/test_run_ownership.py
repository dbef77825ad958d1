"""A run seen by two browsers: its own may do everything, the other one watches."""

import json
import time
from dataclasses import replace

import pytest
from fine_tuning_page import make_run, open_page, sound, start, text_of, upload, widget
from lesson_pages import ME
from test_pretraining_runs import make, show

from bertlab.engine import actions
from bertlab.finetuning.execute import execute
from bertlab.pretraining.execute import execute as pretrain
from bertlab.runs import create_run, list_runs, open_run
from bertlab.runs.ownership import make_control_token, may_change
from bertlab.runs.settings import Settings
from bertlab.runs.status import write_status

pytestmark = pytest.mark.usefixtures("engine_elsewhere")
__all__ = ["make"]  # a fixture

ANN = "ann-------------------"  # ME is the other browser
CHANGING = {
    "Stop", "Pause", "Go on", "Delete now", "Go on from the last checkpoint", "Begin it again",
    "Replay with the same seed", "The same with random weights", "Make the secret link",
    "Take the control back", "Submit again", "Final: reveal the test score",
}  # fmt: skip


def labels(app) -> set[str]:
    return {button.label for button in app.button}


def in_phase(run, phase, **more):
    write_status(run.folder / "status.json", replace(run.status(), phase=phase, **more))
    return run


@pytest.mark.parametrize("phase", ["queued", "paused", "stopped", "failed", "training"])
def test_another_browser_sees_no_button_that_changes_a_run(phase, tiny_bert_name):
    run = in_phase(make_run(tiny_bert_name, owner=ANN), phase)
    app = open_page(run=run.id)
    assert not labels(app) & CHANGING
    assert {"Start one like it", "New run"} <= labels(app)
    assert "You are watching: this run belongs to the browser that started it" in text_of(app)
    assert labels(open_page(run=in_phase(make_run(tiny_bert_name), phase).id)) & CHANGING


def test_another_browser_sees_and_tries_a_finished_run(tiny_bert_name):
    run = make_run(tiny_bert_name, owner=ANN)
    execute(run)
    app = open_page(run=run.id, text="we loved the cat")
    assert not labels(app) & CHANGING
    assert "Accuracy" in {element.label for element in app.metric}
    assert len(app.get("echarts_chart")) == 4
    assert widget(app.text_input, "A sentence for your model").value == "we loved the cat"
    assert "With and without pre-training" not in [title.value for title in app.subheader]


@pytest.mark.parametrize("phase", ["queued", "paused", "stopped", "finished"])
def test_another_browser_watches_a_run_of_pretraining(open_lesson, make, phase):
    mine, hers = make(), make(owner=ANN)
    for run in (mine, hers):
        pretrain(run) if phase == "finished" else in_phase(run, phase)
    lesson = show(open_lesson, hers)
    assert not set(lesson.buttons) & CHANGING
    assert "Start one like it" in lesson.buttons
    assert "You are watching" in lesson.messages
    assert set(show(open_lesson, mine).buttons) & CHANGING


def test_a_button_that_was_drawn_before_control_was_taken_back_does_nothing(tiny_bert_name):
    run = make_run(tiny_bert_name, owner=ANN)
    run.queue()
    app = open_page(run=run.id, control=make_control_token(run))
    assert "Stop" in labels(app)
    actions.take_back(run, by=ANN)
    sound(widget(app.button, "Stop").click().run())
    assert run.status().phase == "queued"
    assert not run.is_stop_requested()
    assert "Stop" not in labels(app)


def test_the_secret_link_hands_over_and_leaves_the_address(tiny_bert_name):
    run = make_run(tiny_bert_name, owner=ANN)
    run.queue()
    app = open_page(run=run.id, control=make_control_token(run))
    assert set(app.query_params) == {"run"}
    assert {"Stop", "Pause", "Delete now"} <= labels(app)
    assert "Make the secret link" not in labels(app)  # a controller does not hand it on
    sound(widget(app.button, "Stop").click().run())
    assert run.status().phase == "stopped"
    assert may_change(run, ME)  # also next time, without the token


def test_a_wrong_secret_link_is_told_and_shows_the_run(tiny_bert_name):
    run = make_run(tiny_bert_name, owner=ANN)
    make_control_token(run)
    app = open_page(run=run.id, control="guessed")
    assert set(app.query_params) == {"run"}
    assert "This control link is not valid" in text_of(app)
    assert not labels(app) & CHANGING
    sound(open_page(control="guessed"))  # without a run
    sound(open_page(run="nonsense", control="guessed"))


def test_the_secret_link_of_pretraining(open_lesson, make):
    run = make(owner=ANN)
    lesson = open_lesson(
        "pretraining", pretraining_run=run.id, control=make_control_token(run)
    ).sound()
    assert "control" not in lesson.at.query_params
    lesson.click("Delete now").sound()
    assert not run.folder.exists()


def secret_links(app):
    """Addresses with a token that the page offers to copy."""
    told = [json.loads(e.proto.json) for e in app.get("bidi_component") if e.proto.json]
    found = [data["address"] for data in told if "address" in data]
    return [address for address in found if "control=" in address]


def test_the_owner_makes_the_secret_link_and_takes_it_back(tiny_bert_name):
    run = make_run(tiny_bert_name)
    app = open_page(run=run.id)
    assert secret_links(app) == []
    assert not (run.folder / "control").exists()
    sound(widget(app.button, "Make the secret link").click().run())
    token = make_control_token(run)
    (link,) = secret_links(app)
    assert link.endswith(f"?run={run.id}&control={token}")
    sound(widget(app.button, "Take the control back").click().run())
    assert secret_links(app) == []
    assert make_control_token(run) != token


def test_a_run_of_the_command_line_is_watched(tiny_bert_name):
    run = make_run(tiny_bert_name, owner=None)
    run.queue()
    app = open_page(run=run.id)
    assert not labels(app) & CHANGING
    assert "this run belongs to the command line" in text_of(app)


def test_a_browser_without_cookies_is_told_what_it_loses(tiny_bert_name):
    run = make_run(tiny_bert_name)
    assert "keeps no cookies" in text_of(open_page(run=run.id))  # as AppTest keeps none
    assert "keeps no cookies" not in text_of(open_page(run=make_run("x", owner=ANN).id))


def test_start_one_like_it_fills_the_settings_in(tiny_bert_name):
    from fine_tuning_page import examples

    from bertlab.datasets import Split

    settings = Settings(
        model=tiny_bert_name, strategy="top", trained_layers=1, epochs=7, batch_size=5,
        learning_rate=3e-4, max_length=33, seed=11, validation=0.2, test=0.15, patience=2,
        layer_decay=0.9, warm_up=0.2, clip=0.5, precision="fp32", class_weights=True,
        truncation="tail",
    )  # fmt: skip
    rows = examples()
    run = create_run(settings, Split(rows, rows, rows), owner=ANN, source_name="subjectivity.csv")
    app = open_page(run=run.id)
    sound(widget(app.button, "Start one like it").click().run())
    assert "run" not in app.query_params
    new = start(app)
    assert (new.owner, new.about["source_name"]) == (ME, "subjectivity.csv")
    pinned = new.settings.pinned
    assert new.settings == replace(settings, pinned=pinned)
    assert len(pinned) == 3
    assert open_run(run.id).about == run.about


def test_data_that_somebody_brought_stays_theirs(tiny_bert_name):
    run = make_run(tiny_bert_name, owner=ANN)  # of films.csv, which is no sample
    app = open_page(run=run.id)
    sound(widget(app.button, "Start one like it").click().run())
    assert start(app).about["source_name"] == "movie_reviews.csv"


def test_start_one_like_it_in_pretraining(open_lesson, make):
    run = make(owner=ANN, passes=7, has_next_sentence=False, masked_share=0.3, seed=9)
    lesson = show(open_lesson, run).click("Start one like it").sound()
    state = lesson.at.session_state
    found = [state[f"bert_{name}"] for name in ("size", "passes", "masked", "next", "seed")]
    assert found == ["tiny", 7, 30, False, 9]
    assert "pretraining_run" not in lesson.at.query_params


# What never was part of a run: a browser's own files and labels


def test_uploads_and_label_edits_are_the_browsers_own(tiny_bert_name):
    hers = make_run(tiny_bert_name, owner=ANN)
    execute(hers)
    app = open_page(run=hers.id)
    before = {path: path.read_bytes() for path in hers.folder.rglob("*") if path.is_file()}
    assert not app.file_uploader
    assert not app.get("data_editor")  # on her run's page there is none
    data = "text,label\n" + "".join(f"text {n},{'ab'[n % 2]}\n" for n in range(40))
    app = upload(data.encode())
    app.session_state["kept_edits"] = {"somewhere": {"a": "b"}}
    mine = start(app)
    assert mine.owner == ME
    assert mine.about["source_name"] == "mine.csv"
    assert before == {path: path.read_bytes() for path in before}
    assert set(before) == {path for path in hers.folder.rglob("*") if path.is_file()}
    fresh = open_page(data="own file")  # another session finds nothing of it
    assert "finetune_upload" not in fresh.session_state


# Thirty equal runs


def finished_by(owner, app):
    """What Start would store on this page, done already by somebody."""
    run = start(app)
    about = json.loads((run.folder / "about.json").read_text())
    (run.folder / "about.json").write_text(json.dumps({**about, "owner": owner}))
    (run.folder / "result.json").write_text(json.dumps({"test": None, "reasons": []}))
    return in_phase(run, "finished", accuracy=0.74, heartbeat=time.time() - 4_000)


def offers(app) -> list[str]:
    return [box.value.replace("\\", "") for box in app.info if "this result" in box.value]


@pytest.mark.parametrize(("owner", "who"), [(ANN, "The class has"), (ME, "You have")])
def test_a_result_that_is_there_is_offered_before_the_same_is_computed(owner, who):
    query = {"data": "chinese_reviews", "epochs": "2"}
    run = finished_by(owner, open_page(**query))
    app = open_page(**query)
    assert not offers(app)
    sound(widget(app.button, "Start").click().run())
    [offer] = offers(app)
    assert offer.startswith(f"{who} this result: **chinese_reviews.csv**")
    assert offer.endswith("finished 67 min ago.")  # and no test score
    assert len(list_runs()) == 1
    sound(widget(app.button, "See it").click().run())
    assert app.query_params["run"] in (run.id, [run.id])


def test_it_is_run_all_the_same_where_one_wants_to():
    finished_by(ANN, open_page(data="chinese_reviews"))
    app = open_page(data="chinese_reviews")
    sound(widget(app.button, "Start").click().run())
    sound(widget(app.button, "Run it all the same").click().run())
    assert [run.owner for run in list_runs() if run.status().phase == "queued"] == [ME]


def test_other_settings_take_the_offer_away():
    finished_by(ANN, open_page(data="chinese_reviews"))
    app = open_page(data="chinese_reviews")
    sound(widget(app.button, "Start").click().run())
    assert offers(app)
    sound(widget(app.number_input, "Seed").set_value(7).run())
    assert not offers(app)
    assert start(app).settings.seed == 7


def test_an_equal_pretraining_is_offered_too(open_lesson):
    query = {"part": "train", "bert_size": "tiny", "bert_passes": "1"}
    lesson = open_lesson("pretraining", **query).click("Start").sound()
    (run,) = list_runs()
    about = json.loads((run.folder / "about.json").read_text())
    (run.folder / "about.json").write_text(json.dumps({**about, "owner": ANN}))
    pretrain(run)
    lesson = open_lesson("pretraining", **query).click("Start").sound()
    assert "The class has this result: **village_en**" in lesson.messages.replace("\\", "")
    assert len(list_runs()) == 1
    lesson.click("See it").sound()
    assert lesson.at.query_params["pretraining_run"] in (run.id, [run.id])
