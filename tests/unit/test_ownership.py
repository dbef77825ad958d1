"""A run belongs to the browser that started it: every action asks, and the secret link hands over.

The enumerations below are closed on purpose: a new method of `Run`, a new action or a page that
calls a run itself makes one of them fail.
"""

import ast
import inspect
import json
import stat
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from tiny_rows import ROWS

from bertlab.datasets import Split
from bertlab.engine import actions
from bertlab.errors import BertLabError, ControlError, RunError
from bertlab.pretraining.settings import PretrainingSettings, Source
from bertlab.pretraining.start import create_pretraining_run
from bertlab.runs import Run, create_run, ownership
from bertlab.runs.ownership import (
    CONTROLLERS,
    MOST_CONTROLLERS,
    TOKEN,
    claim_control,
    is_owner,
    make_control_token,
    may_change,
    take_back_control,
)
from bertlab.runs.settings import Settings
from bertlab.runs.status import write_status

ROOT = Path(__file__).parents[2]
ANN, BEN = "ann-------------------", "ben-------------------"

# What the methods and properties of a run do: those that change it stand in no page (see below).
READS = {
    "about", "events", "examples", "has_model", "history", "is_interrupted", "is_pause_requested",
    "is_stop_requested", "kind", "model_folder", "name", "owner", "predictions", "problem_type",
    "replay", "result", "settings", "split", "status", "twin", "was_begun",
}  # fmt: skip
CHANGES = {"delete", "forget_pause", "forget_requests", "queue", "request_pause", "request_stop"}
# Functions elsewhere that change a run, or make one out of somebody's data.
CHANGERS = {
    "bertlab.engine.submit", "bertlab.engine.resume", "bertlab.engine.submission",
    "bertlab.engine.executors", "bertlab.engine.reconcile", "bertlab.engine.run_next",
    "bertlab.finetuning.compare.create_replay", "bertlab.finetuning.compare.create_twin",
    "bertlab.runs.Journal", "bertlab.runs.take_lease", "bertlab.runs.lease", "bertlab.runs.files",
    "bertlab.runs.status.write_status", "bertlab.runs.ownership.make_control_token",
    "bertlab.runs.ownership.take_back_control", "bertlab.runs.looks.reveal",
}  # fmt: skip
BY_CONTROLLERS = {
    "submit", "resume", "stop", "pause", "delete", "reveal", "replay", "make_twin",
}  # fmt: skip
BY_THE_OWNER = {"hand_over", "take_back"}


@pytest.fixture
def finetuning(monkeypatch) -> Run:
    return create_run(Settings(), Split(ROWS, ROWS, ROWS), owner=ANN)


@pytest.fixture
def pretraining(tmp_path) -> Run:
    text = tmp_path / "text.txt"
    text.write_text("One sentence.\nAnother sentence.\n", encoding="utf-8")
    return create_pretraining_run(PretrainingSettings((Source(str(text)),)), owner=ANN)


@pytest.fixture(params=["finetuning", "pretraining"])
def run(request) -> Run:
    return request.getfixturevalue(request.param)


def contents(run: Run) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in run.folder.rglob("*") if path.is_file()}


# Every action asks


def test_all_actions_are_known_and_guarded():
    assert set(actions.ACTIONS) == BY_CONTROLLERS | BY_THE_OWNER
    own = [
        name
        for name, value in vars(actions).items()
        if inspect.isfunction(value) and value.__module__ == actions.__name__ and name[0] != "_"
    ]
    assert set(own) - {"guarded", "controllers_only", "owner_only", "demand_place"} <= set(
        actions.ACTIONS
    )
    assert "guard" not in own


@pytest.mark.parametrize("name", sorted(BY_CONTROLLERS | BY_THE_OWNER))
@pytest.mark.parametrize("visitor", [BEN, "", ANN[:-1], ANN + "x", "…" * 22])
def test_nobody_else_changes_a_run(run, name, visitor):
    before = contents(run)
    folders = set(run.folder.parent.iterdir())
    with pytest.raises(ControlError) as refusal:
        actions.ACTIONS[name](run, by=visitor)
    assert isinstance(refusal.value, RunError)
    assert isinstance(refusal.value, BertLabError)
    assert contents(run) == before
    assert set(run.folder.parent.iterdir()) == folders  # no run of it was made either


@pytest.mark.parametrize("name", sorted(BY_CONTROLLERS))
def test_the_owner_and_who_opened_the_secret_link_may(finetuning, name, monkeypatch):
    asked = []
    for target in ("submit", "resume"):
        monkeypatch.setattr(actions.submission, target, lambda run: asked.append(run))
    monkeypatch.setattr(actions.looks, "reveal", asked.append)
    for maker in ("create_replay", "create_twin"):
        monkeypatch.setattr(actions, maker, lambda run, owner: asked.append((run, owner)))
    for method in ("request_stop", "request_pause", "delete"):
        monkeypatch.setattr(Run, method, lambda self: asked.append(self))
    claim_control(finetuning, make_control_token(finetuning), BEN)
    for visitor in (ANN, BEN):
        actions.ACTIONS[name](finetuning, by=visitor)
    new = name in ("replay", "make_twin")  # the new run is that of who asked
    assert asked == ([(finetuning, ANN), (finetuning, BEN)] if new else [finetuning] * 2)


def test_stopping_pausing_and_deleting_do_so(run):
    actions.pause(run, by=ANN)
    assert run.status().phase == "paused"
    actions.stop(run, by=ANN)
    assert run.status().phase == "stopped"
    actions.delete(run, by=ANN)
    assert not run.folder.exists()


def test_a_run_without_an_owner_is_the_command_lines():
    run = create_run(Settings(), Split(ROWS, ROWS, ROWS))
    assert run.owner == ""
    for visitor in ("", ANN):
        assert not is_owner(run, visitor)
        assert not may_change(run, visitor)
        with pytest.raises(ControlError, match="belongs to"):
            actions.stop(run, by=visitor)
    run.request_stop()  # as `bertlab runs stop` does
    assert run.status().phase == "stopped"


# Handing over


def test_the_secret_link_makes_a_controller_who_cannot_hand_it_on(run):
    token = actions.hand_over(run, by=ANN)
    assert len(token) == 43  # 32 random bytes
    assert actions.hand_over(run, by=ANN) == token  # there is one
    for wrong in ("", "x", token[:-1], token + "x", token.swapcase(), "é" * 43):
        with pytest.raises(ControlError, match="not valid"):
            claim_control(run, wrong, BEN)
    assert not may_change(run, BEN)
    claim_control(run, token, BEN)
    claim_control(run, token, BEN)
    assert may_change(run, BEN)
    assert not is_owner(run, BEN)
    assert (run.folder / CONTROLLERS).read_text().splitlines() == [BEN]  # once
    for name in BY_THE_OWNER:
        with pytest.raises(ControlError, match="Only the browser that started"):
            actions.ACTIONS[name](run, by=BEN)
    actions.stop(run, by=BEN)
    assert run.status().phase == "stopped"


def test_without_a_token_nothing_opens_a_run(run):
    assert not (run.folder / TOKEN).exists()
    for guess in ("", "\n", "None"):
        with pytest.raises(ControlError):
            claim_control(run, guess, BEN)
    make_control_token(run)
    with pytest.raises(ControlError):  # a browser without an id is nobody
        claim_control(run, make_control_token(run), "")
    assert not may_change(run, "")


def test_control_that_was_taken_back_is_gone_with_its_link(run):
    token = make_control_token(run)
    claim_control(run, token, BEN)
    actions.take_back(run, by=ANN)
    assert not may_change(run, BEN)
    assert may_change(run, ANN)
    with pytest.raises(ControlError):
        claim_control(run, token, BEN)
    assert make_control_token(run) != token


def test_a_token_opens_its_own_run_alone(finetuning, pretraining):
    token = make_control_token(finetuning)
    make_control_token(pretraining)
    with pytest.raises(ControlError):
        claim_control(pretraining, token, BEN)


def test_browsers_that_come_at_once_all_stay_and_there_is_an_end_of_them(finetuning):
    token = make_control_token(finetuning)
    names = [f"browser-{number:014}" for number in range(20)]
    threads = [
        threading.Thread(target=claim_control, args=(finetuning, token, name)) for name in names
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(may_change(finetuning, name) for name in names)
    (finetuning.folder / CONTROLLERS).write_text("someone\n" * MOST_CONTROLLERS)
    with pytest.raises(ControlError, match="100 browsers"):
        claim_control(finetuning, token, BEN)


def test_damaged_files_let_nobody_in(run):
    make_control_token(run)
    for garbage in (b"\xff\xfe\x00", b"", b"\n\n"):
        for name in (TOKEN, CONTROLLERS):
            (run.folder / name).write_bytes(garbage)
        assert not may_change(run, BEN)
        assert not may_change(run, "")
        with pytest.raises(ControlError):
            claim_control(run, "", BEN)


def test_a_disk_that_is_full_is_told(run, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(ownership, "replace_text", full)
    with pytest.raises(RunError, match="No space left on device. Free some space"):
        make_control_token(run)
    take_back_control(run)  # nothing is there: nothing goes wrong


@pytest.mark.skipif(not hasattr(stat, "S_IRWXO"), reason="no permission bits")
def test_others_on_the_machine_read_neither_owner_nor_token(run):
    make_control_token(run)
    assert stat.S_IMODE(run.folder.stat().st_mode) == 0o700


# The queue


def test_a_measurement_has_an_owner_and_waits_for_none_of_that_students_runs(finetuning):
    from bertlab.engine.queue import eligible, next_runs
    from bertlab.finetuning.planning.estimate import create_estimate

    write_status(finetuning.folder / "status.json", replace(finetuning.status(), phase="training"))
    probe = create_estimate(Settings(), ROWS, owner=ANN)
    assert probe.owner == ANN
    assert json.loads((probe.folder / "about.json").read_text())["owner"]
    probe.queue()
    assert eligible(next_runs()) == [probe]


# Nobody goes around


def test_every_method_of_a_run_reads_it_or_changes_it():
    public = {name for name in vars(Run) if not name.startswith("_")}
    assert public == READS | CHANGES
    assert not READS & CHANGES


@pytest.mark.parametrize(
    "path",
    sorted([*(ROOT / "bertlab" / "ui").rglob("*.py"), *(ROOT / "pages").glob("*.py")]),
    ids=lambda path: path.stem,
)
def test_no_page_changes_a_run_but_through_the_actions(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    called = {
        ast.unparse(node.func)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    assert not {
        call
        for call in called
        if call.rpartition(".")[2] in CHANGES and not call.startswith("actions.")
    }
    found = {
        f"{node.module}.{alias.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert not {name for name in found if name.startswith(tuple(CHANGERS))}
