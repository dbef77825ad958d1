"""What one run may ask of a machine that many share."""

import pytest
from tiny_rows import ROWS

from bertlab.datasets import Split
from bertlab.engine import actions
from bertlab.engine.queue import eligible
from bertlab.errors import InputError, RunError
from bertlab.finetuning.execute import execute
from bertlab.pretraining.data.corpus import split_sentences
from bertlab.pretraining.execute import execute as pretrain
from bertlab.pretraining.presets import (
    fitting_passes,
    lesson_settings,
    most_passes,
    village_file,
)
from bertlab.pretraining.settings import Architecture, PretrainingSettings, Source, Stage
from bertlab.pretraining.start import create_pretraining_run
from bertlab.runs import create_run, list_runs
from bertlab.runs.limits import PRETRAINING, Limits, limits
from bertlab.runs.settings import Settings

SPLIT = Split(ROWS, ROWS, ROWS)


@pytest.fixture
def written(tmp_path, monkeypatch):
    def write(text: str) -> None:
        path = tmp_path / "limits.toml"
        path.write_text(text, encoding="utf-8")
        monkeypatch.setenv("BERTLAB_LIMITS", str(path))

    return write


def test_without_a_file_the_defaults_hold(monkeypatch):
    monkeypatch.delenv("BERTLAB_LIMITS", raising=False)
    assert limits() == Limits()


def test_a_file_changes_what_it_names(written):
    written("minutes = 5\nepochs = 10\n")
    assert limits() == Limits(minutes=5, epochs=10)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("minutes = ", "cannot be read"),
        ("hours = 1", "has hours; known are downloads"),
        ("epochs = 0", "limit 'epochs' is 0"),
        ("rows = 'many'", "limit 'rows' is 'many'"),
        ("passes = 0", "limit 'passes' is 0"),
        ("runs_queued = 0", "limit 'runs_queued' is 0"),
        ("downloads = 1", "'downloads' is 1; write true or false"),
    ],
)
def test_a_wrong_file_is_told(written, text, says):
    written(text)
    with pytest.raises(InputError, match=says):
        limits()


@pytest.mark.parametrize(
    ("text", "settings", "says"),
    [
        ("rows = 47", Settings(), "asks for 48 rows; here at most 47"),
        ("length = 64", Settings(max_length=65), "65 tokens a text"),
        ("epochs = 2", Settings(epochs=3), "3 epochs"),
    ],
)
def test_a_run_that_asks_for_more_is_not_stored(written, text, settings, says):
    written(text)
    with pytest.raises(InputError, match=says):
        create_run(settings, SPLIT)
    assert list_runs() == []


def test_a_run_ends_when_its_time_is_over_and_keeps_its_model(written, tiny_bert_name):
    written("minutes = 0.0005")  # 30 milliseconds
    settings = Settings(model=tiny_bert_name, epochs=100, batch_size=1, device="cpu")
    run = create_run(settings, SPLIT)
    assert execute(run).phase == "finished"
    assert 0 < run.result()["steps"] < 1_600
    assert run.has_model
    told = [event.text for event in run.history() if event.kind == "message"]
    assert any("ends after 0.0005 minutes" in text for text in told)


def test_how_many_runs_of_a_student_are_executed_at_once(written):
    from dataclasses import replace

    from bertlab.runs.status import write_status

    for phase in ("training", "queued"):
        run = create_run(Settings(), SPLIT, owner="ann")
        write_status(run.folder / "status.json", replace(run.status(), phase=phase))
    waiting = [run for run in list_runs() if run.status().phase == "queued"]
    assert eligible(waiting) == []
    written("runs_at_once = 2")
    assert eligible(waiting) == waiting


def test_only_what_was_set_is_described():
    assert Limits().describe() == ""
    assert Limits(rows=500, minutes=1).describe() == (
        "at most 500 rows; a run ends after 1 minute and keeps what it has learned"
    )
    assert Limits(runs_at_once=2).describe() == "2 runs of yours at a time"
    assert Limits(runs_queued=3).describe() == "at most 3 of yours waiting"
    told = Limits(rows=50, passes=40, epochs=2).describe(PRETRAINING)
    assert told == "at most 50 sentences; at most 40 passes over the text"
    assert "passes" not in Limits(passes=40).describe()


# Pre-training


@pytest.fixture
def plan(tmp_path):
    """Make the settings of a run over 60 sentences."""
    path, left, lines = tmp_path / "text.txt", 60, []
    for line in village_file("en").read_text(encoding="utf-8").splitlines():
        if left and len(split_sentences(line)) < 2:
            lines.append(line)
            left -= bool(line)
    path.write_text("\n".join(lines), encoding="utf-8")

    def make(passes: float = 1.0, length: int = 64, **more) -> PretrainingSettings:
        small = Architecture(layers=1, hidden_size=16, heads=1, max_positions=64)
        return PretrainingSettings(
            (Source(str(path), passes),), stages=(Stage(length, 1.0),), architecture=small,
            vocabulary_size=100, device="cpu", **more,
        )  # fmt: skip

    return make


@pytest.mark.parametrize(
    ("text", "options", "says"),
    [
        ("rows = 59", {}, "asks for 60 sentences; here at most 59"),
        ("length = 32", {"length": 48}, "48 tokens an input; here at most 32"),
        ("passes = 5", {"passes": 6}, "6 passes over the text; here at most 5"),
    ],
)
def test_a_pretraining_that_asks_for_more_is_not_stored(written, plan, text, options, says):
    written(text)
    with pytest.raises(InputError, match=says):
        create_pretraining_run(plan(**options), owner="ann")
    assert list_runs() == []
    written("rows = 60\nlength = 48\npasses = 6\nepochs = 1\n")  # epochs are fine-tuning's
    create_pretraining_run(plan(6, 48), owner="ann")


def test_a_text_of_the_command_line_may_be_of_any_size(written, plan):
    written("rows = 5")
    create_pretraining_run(plan())


def test_the_lesson_stays_within_the_limits(written, tmp_path):
    from bertlab.pretraining.presets import Choices

    assert (most_passes(), fitting_passes(18_000)) == (400, 120)
    written("passes = 7\nlength = 20\n")
    assert (most_passes(), fitting_passes(18_000)) == (7, 7)
    text = tmp_path / "text.txt"
    settings = lesson_settings(text, Choices(passes=7), name="", language="en", vocabulary=text)
    assert settings.stages == (Stage(20, 1.0),)


def test_a_pretraining_ends_when_its_time_is_over_and_keeps_its_model(written, plan):
    written("minutes = 0.0005")  # 30 milliseconds
    run = create_pretraining_run(plan(1_000, batch_tokens=64), owner="ann")
    assert pretrain(run).phase == "finished"
    result = run.result()
    assert 0 < result["steps"] < run.status().steps
    assert not result["was_stopped"]
    assert run.has_model
    told = [event.text for event in run.history() if event.kind == "message"]
    assert any("ends after 0.0005 minutes" in text for text in told)


# The queue


def test_how_many_runs_a_student_may_have_waiting(written, plan, monkeypatch):
    monkeypatch.setattr(actions.submission, "ensure_engine", lambda: None)
    written("runs_queued = 2")
    runs = [create_run(Settings(), SPLIT, owner="ann") for _ in range(2)]
    runs.append(create_pretraining_run(plan(), owner="ann"))
    for run in runs[:2]:
        actions.submit(run, by="ann")
    for action in (actions.submit, actions.resume):
        with pytest.raises(RunError, match="2 runs of yours wait already"):
            action(runs[2], by="ann")
    assert runs[2].status().phase == "created"
    actions.submit(runs[0], by="ann")  # asks once more for one that waits
    others = create_run(Settings(), SPLIT, owner="ben")
    actions.submit(others, by="ben")
    actions.stop(runs[0], by="ann")
    actions.submit(runs[2], by="ann")
    assert runs[2].status().phase == "queued"
    assert len([run for run in list_runs(owner="ann") if run.status().phase == "queued"]) == 2


# Downloads


def test_fetching_models_can_be_switched_off(written):
    Limits().check_download("bert-base-uncased")
    written("downloads = false")
    with pytest.raises(InputError, match="Fetching models is switched off here, so bert-base-un"):
        limits().check_download("bert-base-uncased")
