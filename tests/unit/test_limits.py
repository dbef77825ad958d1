"""What one run may ask of a machine that many share."""

import pytest
from tiny_rows import ROWS

from bertlab.datasets import Split
from bertlab.engine.queue import startable
from bertlab.errors import InputError
from bertlab.finetuning.execute import execute
from bertlab.runs import create_run, list_runs
from bertlab.runs.limits import Limits, limits
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
        ("hours = 1", "has hours; known are epochs"),
        ("epochs = 0", "limit 'epochs' is 0"),
        ("rows = 'many'", "limit 'rows' is 'many'"),
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
        ("length = 64", Settings(max_length=65), "65 tokens per text"),
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
    told = [event["text"] for event in run.history() if event["kind"] == "message"]
    assert any("ends after 0.0005 minutes" in text for text in told)


def test_how_many_runs_of_a_student_are_executed_at_once(written):
    from dataclasses import replace

    from bertlab.runs.status import write_status

    for phase in ("training", "queued"):
        run = create_run(Settings(), SPLIT, owner="ann")
        write_status(run.folder / "status.json", replace(run.status(), phase=phase))
    waiting = [run for run in list_runs() if run.status().phase == "queued"]
    assert startable(waiting) == []
    written("runs_at_once = 2")
    assert startable(waiting) == waiting


def test_only_what_was_set_is_described():
    assert Limits().describe() == ""
    assert Limits(rows=500, minutes=1).describe() == (
        "at most 500 rows; a run ends after 1 minute and keeps what it has learned"
    )
    assert Limits(runs_at_once=2).describe() == "2 runs of yours at a time"
