"""The pre-training lesson with a run: waiting, over, stopped, failed, gone."""

import json
import re

import pytest
from fine_tuning_page import make_run as make_finetuning_run
from lesson_pages import ME
from test_pretraining import said

from bertlab.pretraining.data.stories import fitting_vocabulary, read_stories, write_stories
from bertlab.pretraining.execute import execute
from bertlab.pretraining.presets import Choices, lesson_settings
from bertlab.pretraining.settings import WatchedBlank
from bertlab.pretraining.start import create_pretraining_run

BLANKS = (
    WatchedBlank("The cat sees the [MASK].", ("boat",)),
    WatchedBlank("The [MASK] <b> sees it.", ()),
)


@pytest.fixture
def make(tmp_path, sealed_environment):
    """Make a run on 480 short sentences; it is not yet executed."""

    def new(*, owner=ME, **choices):
        sentences = [f"The {who} sees the {what}." for who in ("cat", "dog", "owl", "hen")
                     for what in ("boat", "kite", "house", "lake", "hill", "tea")]  # fmt: skip
        text = "\n\n".join("\n".join(sentences) for _ in range(20))
        stories = read_stories(text, name="own_text")
        files = write_stories(stories, fitting_vocabulary(stories), tmp_path)
        settings = lesson_settings(
            files.training, Choices(**{"size": "tiny", "passes": 1, **choices}), name="my <b>text",
            language="en", vocabulary=files.vocabulary, heldout=files.heldout, blanks=BLANKS,
        )  # fmt: skip
        return create_pretraining_run(settings, owner=owner)

    return new


def show(open_lesson, run):
    return open_lesson("pretraining", pretraining_run=run.id).sound()


def metrics(lesson) -> dict[str, str]:
    return {element.label: element.value for element in lesson.at.metric}


def test_a_finished_run_shows_its_figures_and_answers_a_sentence(open_lesson, make):
    run = make()
    assert execute(run).phase == "finished"
    lesson = show(open_lesson, run)
    result = run.result()
    found = metrics(lesson)
    assert found["Steps"] == f"{result['steps']:,}"
    assert found["Parameters"] == f"{result['parameters']:,}"
    assert found["Held-out loss"] == f"{result['heldout']['loss']:.3f}"
    assert "my <b>text" in said(lesson)
    assert "&lt;b&gt; sees it." in lesson.html
    assert "<b> sees" not in lesson.html
    assert "A blind guess among" in lesson.html
    table = lesson.at.dataframe[0].value
    assert table["right"].tolist() == ["boat", ""]
    labels = [button.proto.label for button in lesson.at.get("download_button")]
    assert any("Download the model" in label for label in labels)
    assert any("curves" in label for label in labels)

    (asked,) = [json.loads(spec) for spec in lesson.charts]
    assert asked["layout"]["title"]["text"].startswith("position")
    lesson.type("no blank", label="A sentence with [MASK] in it").sound()
    assert "Put [MASK] where" in lesson.messages.replace("\\", "")
    lesson.type("a [MASK] b [MASK]", label="A sentence with [MASK] in it").sound()
    assert len(lesson.charts) == 2


def test_a_run_without_next_sentence_shows_no_figure_of_it(open_lesson, make):
    run = make(has_next_sentence=False)
    execute(run)
    assert "without next sentence" in said(show(open_lesson, run))


def test_a_waiting_run_says_so_and_can_be_stopped(open_lesson, make, engine_elsewhere):
    run = make()
    run.queue()
    lesson = show(open_lesson, run)
    assert "Waiting" in " ".join(e.proto.text for e in lesson.at.get("progress"))
    lesson.click("Stop").sound()
    lesson = show(open_lesson, run)
    assert "Stopped before it began" in lesson.messages
    assert "Begin it again" in lesson.buttons


def test_a_run_in_its_first_seconds_shows_the_random_weights(open_lesson, make, engine_elsewhere):
    """As the folder looks before the first step: two measurements and no training event."""
    run = make()
    execute(run)
    lines = (run.folder / "events.jsonl").read_text().splitlines()
    early = [line for line in lines if json.loads(line)["step"] == 0]
    (run.folder / "events.jsonl").write_text("\n".join(early[:4]) + "\n")
    (run.folder / "result.json").unlink()
    status = json.loads((run.folder / "status.json").read_text())
    status |= {"phase": "training", "step": 0, "progress": 0.0}
    (run.folder / "status.json").write_text(json.dumps(status))
    lesson = show(open_lesson, run)
    assert metrics(lesson)["Training loss"] == "–"
    assert metrics(lesson)["Time left"] == "–"
    assert re.search(r"The blanks after 0 of \d+ steps", said(lesson))


def test_a_failed_run_gives_the_reason(open_lesson, make):
    run = make()
    next((run.folder / "corpus").rglob("own_text.txt")).write_bytes(b"\xff\xfe broken")
    assert execute(run).phase == "failed"
    lesson = show(open_lesson, run)
    assert "The run failed" in lesson.messages
    assert "UTF" in lesson.messages
    assert "New run" in lesson.buttons


def test_a_run_can_be_deleted(open_lesson, make):
    run = make()
    execute(run)
    lesson = show(open_lesson, run).click("Delete now").sound()
    assert not run.folder.exists()
    assert "Start" in lesson.buttons
    assert "pretraining_run" not in lesson.at.query_params
    lesson = show(open_lesson, run)
    assert "There is no run" in lesson.messages.replace("\\", "")
    lesson.click("Start a new run").sound()
    assert "Start" in lesson.buttons


@pytest.mark.parametrize("run", ["nonsense", "../../etc", "A" * 22, "<b>", "%00"])
def test_an_unknown_run_gets_a_message_and_a_way_on(open_lesson, run):
    lesson = open_lesson("pretraining", pretraining_run=run).sound()
    assert "run" in lesson.messages
    assert "Start a new run" in lesson.buttons


def test_a_run_of_fine_tuning_is_told_apart(open_lesson, tiny_bert_name):
    lesson = show(open_lesson, make_finetuning_run(tiny_bert_name))
    assert "one of fine-tuning" in lesson.messages.replace("\\", "")


def test_the_lesson_on_fine_tuning_tells_such_a_run_apart(open_lesson, make):
    lesson = open_lesson("fine_tuning", run=make().id).sound()
    assert "one of pre-training" in lesson.messages.replace("\\", "")


def test_the_game_can_be_played_while_a_run_trains(open_lesson, make, engine_elsewhere):
    run = make()
    run.queue()
    lesson = open_lesson("pretraining", pretraining_run=run.id, part="game").sound()
    assert "Draw again" in lesson.buttons
    assert lesson.at.query_params["pretraining_run"] in (run.id, [run.id])
