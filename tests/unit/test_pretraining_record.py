"""How a model learned, beside its weights."""

import json

import pytest

from bertlab.pretraining.heldout import HeldoutScores
from bertlab.pretraining.record import RECORD, read_record, shorten, write_record
from bertlab.pretraining.result import PretrainingResult
from bertlab.pretraining.settings import PretrainingSettings, Source, WatchedBlank
from bertlab.runs.events import BlanksEvent, PhaseEvent, TrainEvent, ValidationEvent

SCORES = HeldoutScores(tokens=99, loss=3.0, accuracy=0.25, pairs=0, next_accuracy=None)
SETTINGS = PretrainingSettings(
    sources=(Source("/home/someone/corpus/read.txt", passes=3),),
    heldout=("/home/someone/corpus/unread.txt",),
    vocabulary="/home/someone/tokenizer.json",
    blanks=(WatchedBlank("A [MASK].", ("cat",)),),
)


def train(step: int, loss: float | None = None) -> TrainEvent:
    metrics = {"loss": float(step) if loss is None else loss, "accuracy": 0.5}
    seconds, tokens = float(step), 10 * step
    return TrainEvent(metrics, learning_rate=1e-3, tokens=tokens, step=step, seconds=seconds)


def look(step: int) -> BlanksEvent:
    return BlanksEvent((), step=step)


def test_few_steps_stay_as_they_are_but_for_what_is_not_drawn():
    events = [PhaseEvent("training"), train(1, loss=1.23456), train(2)]
    assert shorten(events) == [
        {"kind": "train", "step": 1, "seconds": 1.0, "loss": 1.2346, "accuracy": 0.5, "tokens": 10},
        {"kind": "train", "step": 2, "seconds": 2.0, "loss": 2.0, "accuracy": 0.5, "tokens": 20},
    ]


def test_a_thousand_steps_become_means_of_three():
    short = shorten([train(step) for step in range(1, 1001)])
    assert len(short) == 334  # 333 of three steps, and the last alone
    assert (short[0]["step"], short[0]["loss"]) == (3, 2.0)  # the mean of 1, 2 and 3
    assert (short[-1]["step"], short[-1]["loss"], short[-1]["tokens"]) == (1000, 1000.0, 10_000)


def test_looks_at_the_blanks_are_thinned_but_for_the_ends():
    looks = [look(step) for step in range(0, 1000, 10)]
    kept = [event["step"] for event in shorten(looks)]
    assert len(kept) == 40
    assert kept[0] == 0
    assert kept[-1] == 990
    assert kept == sorted(set(kept))


def test_a_record_comes_back_without_paths(tmp_path):
    result = PretrainingResult(tokens=20, heldout_files={"unread.txt": SCORES})
    metrics = {"loss": 3.0, "accuracy": 0.25, "next_accuracy": None, "tokens": 99, "pairs": 0}
    checked = ValidationEvent(metrics, step=2)
    write_record(tmp_path, SETTINGS, result, [train(1), checked, look(2)])
    record = read_record(tmp_path)
    assert "someone" not in (tmp_path / RECORD).read_text(encoding="utf-8")
    assert record.settings.sources == (Source("read.txt", passes=3),)
    assert record.settings.heldout == ("unread.txt",)
    assert record.settings.vocabulary == "tokenizer.json"
    assert record.settings.blanks == SETTINGS.blanks
    assert record.result == result
    assert [event.kind for event in record.events] == ["train", "validation", "blanks"]
    assert record.events[1].metrics == {"loss": 3.0, "accuracy": 0.25, "next_accuracy": None}


@pytest.mark.parametrize(
    "text",
    [
        "", "[]", "{", "7", '{"settings": {}, "result": {}, "events": []}',
        json.dumps({"settings": {"sources": [{"file": 3, "passes": "x"}]}, "result": {},
                    "events": []}),
    ],
)  # fmt: skip
def test_another_file_of_that_name_is_no_record(tmp_path, text):
    (tmp_path / RECORD).write_text(text, encoding="utf-8")
    assert read_record(tmp_path) is None


def test_a_model_without_a_record_has_none(tmp_path):
    assert read_record(tmp_path) is None
    assert read_record(tmp_path / "missing") is None


def test_a_run_that_went_on_has_both_histories(tmp_path):
    """4 steps and 40 tokens before, 2 steps and 20 tokens of its own."""
    first = PretrainingResult(steps=4, tokens=40, examples=8, pairs=3, training_seconds=4.0)
    own = PretrainingResult(steps=2, tokens=20, examples=5, pairs=2, training_seconds=2.0)
    write_record(tmp_path, SETTINGS, first, [train(step) for step in range(1, 5)])
    before = read_record(tmp_path)
    write_record(tmp_path, SETTINGS, own, [train(1), train(2), look(2)], before=before)
    record = read_record(tmp_path)
    assert record.earlier_steps == 4
    assert before.earlier_steps == 0
    assert [event.step for event in record.events] == [1, 2, 3, 4, 5, 6, 6]
    assert [event.tokens for event in record.events[:-1]] == [10, 20, 30, 40, 50, 60]
    assert record.events[5].seconds == 6.0
    assert record.result == PretrainingResult(
        steps=6, tokens=60, examples=13, pairs=5, training_seconds=6.0
    )
