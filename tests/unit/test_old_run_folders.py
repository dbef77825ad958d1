"""Run folders on disk outlive the code that made them: they open, go on, and are done again.

The folders and how they were made: tests/data/runs/README.md. Their files are read here as plain
JSON, and the runs through the command line where it can tell; so little of this knows the code.
"""

import csv
import json
import math
import pickletools
import re
import shutil
import zipfile
from dataclasses import asdict
from pathlib import Path

import pytest

from bertlab.engine.queue import run_next
from bertlab.finetuning.compare import compare_curves
from bertlab.finetuning.export import zip_model
from bertlab.pretraining.settings import PretrainingSettings
from bertlab.runs import open_run
from bertlab.runs.events import OtherEvent
from bertlab.runs.feed import Feed

OLD = Path(__file__).parents[1] / "data" / "runs"
STORED = sorted(path.parent for path in OLD.glob("*/status.json"))
PAUSED = ["paused-finetuning", "paused-frozen-head", "paused-pretraining"]
FINISHED = ["finished-finetuning", "finished-pretraining"]
UNBROKEN = {  # the same settings and data, without a pause
    "paused-finetuning": "finished-finetuning",
    "paused-pretraining": "finished-pretraining",
}
# Losses of another processor differ by 1e-6. In bfloat16, which pre-training takes where that is
# fast, they differ by 4e-4; a step changes them by 0.01 to 0.3.
CLOSE = 2e-3
MADE = {  # at a run's end; whatever else is needed is found where an earlier version put it
    "finetuning": {"model", "result.json", "predictions.jsonl", "looked.json"},
    "pretraining": {"model", "result.json"},
}


@pytest.fixture
def root(sealed_environment, monkeypatch) -> Path:
    """Copies of all old folders, where runs lie; the model that they name is at hand."""
    monkeypatch.setenv("BERTLAB_MODELS", str(OLD / "models"))
    root = sealed_environment / "runs"
    for folder in STORED:
        shutil.copytree(folder, root / folder.name)
    return root


def read(path: Path) -> dict:
    return json.loads(path.read_text(encoding="utf-8"))


def lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def names_in(folder: Path) -> set[str]:
    """What lies in a run's folder, but for the leases: every executor leaves one."""
    return {path.name for path in folder.iterdir() if not path.name.startswith("lease-")}


def of_kind(events: list[dict], kind: str) -> list[dict]:
    return [event for event in events if event["kind"] == kind]


def steps(events: list[dict], kind: str) -> list[int]:
    return [event["step"] for event in of_kind(events, kind)]


def losses(events: list[dict], kind: str) -> list[float]:
    return [event["loss"] for event in of_kind(events, kind)]


# --- they open ---


def test_all_are_there():
    assert [folder.name for folder in STORED] == sorted(PAUSED + FINISHED)


def test_all_are_listed_as_they_were(answer, root):
    listed = answer("runs")["runs"]
    created = {folder.name: read(folder / "status.json")["created"] for folder in STORED}
    assert [run["run"] for run in listed] == sorted(created, key=created.get, reverse=True)
    for run in listed:
        folder = root / run["run"]
        about, settings = read(folder / "about.json"), read(folder / "settings.json")
        assert read(folder / "status.json").items() <= run.items()
        assert settings.items() <= run["settings"].items()
        assert run["kind"] == about["kind"]
        assert run["name"] == (settings["name"] or about["source_name"])
        assert run["examples"] == about.get("examples", {})
        assert not run["interrupted"]


@pytest.mark.parametrize("run_id", ["paused-pretraining", "finished-pretraining"])
def test_every_setting_of_pretraining_is_known(root, run_id):
    """An unknown one would be passed over, and its default taken."""
    text = (root / run_id / "settings.json").read_text(encoding="utf-8")
    known = json.loads(PretrainingSettings.from_json(text).to_json())
    assert json.loads(text).items() <= known.items()


@pytest.mark.parametrize("run_id", PAUSED + FINISHED)
def test_its_figures_are_as_stored(answer, root, run_id):
    shown, result = answer("runs", "show", run_id), root / run_id / "result.json"
    is_finished = run_id in FINISHED
    assert shown["phase"] == ("finished" if is_finished else "paused")
    assert shown["result"] == (read(result) if is_finished else None)
    assert shown["model_dir"] == (str(root / run_id / "model") if is_finished else None)


@pytest.mark.parametrize("run_id", PAUSED + FINISHED)
def test_its_events_are_as_stored(root, run_id):
    stored, run = lines(root / run_id / "events.jsonl"), open_run(run_id)
    assert run.events()[0] == run.history() == Feed(run).read()
    assert [event.as_dict() for event in run.history()] == stored
    assert not any(isinstance(event, OtherEvent) for event in run.history())
    assert steps(stored, "train") == list(range(1, run.status().step + 1))
    told = {event["kind"] for event in stored}
    more = {"blanks"} if "pretraining" in run_id else {"plan", "layers"}
    assert told >= {"phase", "train", "validation"} | more


def test_kinds_of_events_that_not_every_run_has(root):
    stored = lines(root / "paused-finetuning" / "events.jsonl")
    assert steps(stored, "resumed") == [5]
    assert of_kind(stored, "pinned")[-1]["predictions"][1]["text"] == "这个电影不好"
    assert of_kind(lines(root / "paused-frozen-head" / "events.jsonl"), "message")


@pytest.mark.parametrize(
    "run_id", ["paused-finetuning", "paused-frozen-head", "finished-finetuning"]
)
def test_its_data_is_as_stored(root, run_id):
    split = open_run(run_id).split()
    for part in ("train", "validation", "test"):
        with (root / run_id / f"{part}.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        examples = getattr(split, part)
        assert examples.label_names == ("bad", "好")
        assert list(examples.texts) == [row["text"] for row in rows]
        assert list(examples.labels) == [row["label"] for row in rows]
        assert list(examples.rows) == [int(row["row"]) for row in rows]
        assert list(examples.pairs or ()) == [row["pair"] for row in rows if "pair" in row]
        assert list(examples.groups or ()) == [row["group"] for row in rows if "group" in row]
    assert 'good , "very\ngood"' in split.train.texts


def test_who_has_the_secret_link_keeps_it(answer, root):
    token = (root / "paused-frozen-head" / "control").read_text(encoding="utf-8")
    assert token in answer("runs", "control", "paused-frozen-head")["link"]
    assert open_run("paused-frozen-head").owner == "b" * 22


# --- they go on ---


@pytest.mark.parametrize("run_id", PAUSED)
def test_a_paused_run_goes_on_to_its_end(answer, root, run_id):
    folder = root / run_id
    before, rested = lines(folder / "events.jsonl"), read(folder / "status.json")
    there = names_in(folder)
    answer("runs", "resume", run_id)
    assert there - names_in(folder) == {"pause", "checkpoint.pt"}
    assert names_in(folder) - there == MADE[read(folder / "about.json")["kind"]]
    after = lines(folder / "events.jsonl")
    assert after[: len(before)] == before
    new = after[len(before) :]
    assert steps(new, "resumed") == [rested["step"]]
    assert steps(after, "train") == list(range(1, rested["steps"] + 1))  # each once, in order
    assert [event.as_dict() for event in open_run(run_id).history()] == after
    assert_finished(answer("runs", "show", run_id))
    if run_id in UNBROKEN:
        unbroken = lines(root / UNBROKEN[run_id] / "events.jsonl")
        for kind in ("train", "validation"):
            assert steps(after, kind) == steps(unbroken, kind)
            assert losses(after, kind) == pytest.approx(losses(unbroken, kind), abs=CLOSE)


@pytest.mark.parametrize("run_id", ["paused-frozen-head", "paused-pretraining"])
def test_a_run_whose_worker_was_killed_is_taken_up_by_the_engine(answer, root, run_id):
    """As if it had died at the last checkpoint, one step before it could tell."""
    folder = root / run_id
    (folder / "pause").unlink()
    status = read(folder / "status.json")
    (folder / "status.json").write_text(json.dumps(status | {"phase": "training"}))
    assert answer("runs", "show", run_id)["interrupted"]
    assert run_next() == run_id
    assert steps(lines(folder / "events.jsonl"), "train") == list(range(1, status["steps"] + 1))
    assert_finished(answer("runs", "show", run_id))


def assert_finished(shown: dict) -> None:
    assert (shown["phase"], shown["message"], shown["progress"]) == ("finished", "", 1.0)
    assert shown["step"] == shown["steps"] == shown["result"]["steps"]
    part = "heldout" if shown["kind"] == "pretraining" else "test"
    figures = shown["result"][part]
    assert math.isfinite(figures["loss"])
    assert 0 <= figures["accuracy"] <= 1
    assert shown["accuracy"] == figures["accuracy"]
    folder = Path(shown["folder"])
    assert (folder / "model" / "config.json").is_file()
    assert not (folder / "checkpoint.pt").exists()


# --- they are done again ---


def test_a_replay_takes_the_way_that_is_stored(answer, root):
    run_id = "paused-finetuning"
    again = answer("runs", "replay", run_id)["run"]
    assert read(root / again / "about.json")["replay"] == run_id
    settings = read(root / run_id / "settings.json")
    settings["name"] = "评论.csv, replayed"
    assert settings.items() <= read(root / again / "settings.json").items()
    for name, length in ((run_id, 14), (UNBROKEN[run_id], 30)):
        found = compare_curves(open_run(name).history(), open_run(again).history())
        assert found.steps == length
        assert found.largest < CLOSE


# --- what they made is of use ---


def test_a_finished_classifier_answers_as_it_did(bertlab, root):
    run_id = "finished-finetuning"
    stored = lines(root / run_id / "predictions.jsonl")
    assert [asdict(one) for one in open_run(run_id).predictions()] == stored
    texts = "\n".join(row["text"] for row in stored)
    status, out, _ = bertlab("predict", run_id, "-", "--json", stdin=texts.encode())
    answers = [json.loads(line) for line in out.splitlines()]
    assert status == 0
    assert [(one["text"], one["label"]) for one in answers] == [
        (row["text"], row["predicted"]) for row in stored
    ]
    assert [one["probabilities"][one["label"]] for one in answers] == pytest.approx(
        [row["probability"] for row in stored], abs=1e-4
    )


def test_a_finished_bert_is_evaluated(answer, root):
    run_id = "finished-pretraining"
    text = root / run_id / "corpus" / "1" / "unread.txt"
    told = answer("evaluate", run_id, "--only", "heldout", "--heldout", str(text))
    assert math.isfinite(told["heldout"]["together"]["loss"])


@pytest.mark.parametrize("run_id", FINISHED)
def test_a_finished_model_is_packed_for_download(root, run_id):
    with zipfile.ZipFile(zip_model(open_run(run_id))) as archive:
        names = archive.namelist()
    assert names == sorted(f"model/{path.name}" for path in (root / run_id / "model").iterdir())
    assert {"model/config.json", "model/model.safetensors", "model/tokenizer.json"} <= set(names)


# --- and they know nothing of the code ---


@pytest.mark.parametrize("folder", STORED, ids=lambda folder: folder.name)
def test_no_file_names_a_module_of_ours(folder):
    for path in (one for one in folder.rglob("*") if one.is_file()):
        assert not re.search(rb"bertlab\.[a-z_]", path.read_bytes()), path


@pytest.mark.parametrize("run_id", PAUSED)
def test_a_checkpoint_holds_objects_of_torch_alone(run_id):
    with zipfile.ZipFile(OLD / run_id / "checkpoint.pt") as archive:
        pickled = archive.read("archive/data.pkl")
    named = {word for code, word, _ in pickletools.genops(pickled) if code.name == "GLOBAL"}
    assert named
    assert {name.split()[0].partition(".")[0] for name in named} <= {"torch", "collections"}
