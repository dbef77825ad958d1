"""The run folder: ids, events, leases, phases."""

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time

import pytest

from bertlab.datasets import Examples, Split
from bertlab.errors import RunError
from bertlab.runs import (
    Journal,
    create_run,
    files,
    holder_of,
    list_runs,
    new_run_id,
    open_run,
    take_lease,
)
from bertlab.runs.events import MessageEvent, PhaseEvent, ResumedEvent, TrainEvent
from bertlab.runs.feed import MOST_TRAIN_EVENTS, Feed
from bertlab.runs.settings import Settings

ROWS = Examples(
    texts=("good", 'bad, "quoted"\nand broken', "=1+1"),
    pairs=None,
    labels=("1", "0", "1"),
    label_names=("0", "1"),
    rows=(2, 3, 5),
)


@pytest.fixture(autouse=True)
def root(tmp_path, monkeypatch):
    monkeypatch.setenv("BERTLAB_RUNS", str(tmp_path))
    return tmp_path


def make_run(**options):
    split = Split(ROWS, ROWS.subset([0]), ROWS.subset([1]))
    return create_run(Settings(), split, **options)


def test_a_run_is_found_again_with_its_settings_and_data():
    run = open_run(make_run(owner="ann", source_name="reviews.csv").id)
    assert run.settings == Settings()
    assert run.split().train == ROWS
    assert run.split().test.label_names == ("0", "1")  # though only "0" occurs
    assert (run.owner, run.name, run.status().phase) == ("ann", "reviews.csv", "created")


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "..",
        "../../etc",
        "a/b",
        "x" * 500,
        "ab\0cd" * 4,
        "C:\\windows\\system32",
        "é" * 20,
        "<b>",
        "%00",
        "nonsense",
    ],
)
def test_what_is_no_id_never_reaches_the_file_system(bad):
    with pytest.raises(RunError, match="no run id"):
        open_run(bad)


def test_an_unknown_id_is_said_to_be_unknown():
    with pytest.raises(RunError, match="no run"):
        open_run("A" * 22)


def test_ids_differ_and_the_newest_comes_first():
    runs = [make_run(), make_run(owner="ben"), make_run()]
    assert [run.id for run in list_runs()] == [run.id for run in reversed(runs)]
    assert [run.id for run in list_runs(owner="ben")] == [runs[1].id]


def test_no_id_looks_like_an_option_of_the_command_line():
    ids = [new_run_id() for _ in range(3_000)]  # one in 64 would, if it were left to chance
    assert not [run_id for run_id in ids if run_id.startswith("-")]
    assert len(set(ids)) == 3_000


def test_a_torn_last_line_waits_until_it_is_whole():
    run = make_run()
    path = run.folder / "events.jsonl"
    path.write_bytes(b'{"kind": "train", "step": 1, "loss": 0.5}\n{"kind": "tr')
    events, place = run.events()
    assert (events, place) == ([TrainEvent({"loss": 0.5}, step=1)], 42)
    with path.open("ab") as file:
        file.write(b'ain", "step": 2, "loss": 0.4}\n')
    assert run.events(after=place)[0] == [TrainEvent({"loss": 0.4}, step=2)]


def test_a_line_torn_by_a_crash_spoils_no_later_line():
    run = make_run()
    (run.folder / "events.jsonl").write_bytes(b'{"kind": "tr')
    with Journal(run) as journal:
        journal.event(MessageEvent("好\n"))
    assert [event.text for event in run.events()[0]] == ["好\n"]


def test_steps_taken_again_after_an_interruption_appear_once():
    run = make_run()
    with Journal(run) as journal:
        for step in (1, 2, 3):
            journal.event(TrainEvent({"loss": step}, step=step))
        journal.event(ResumedEvent("again", step=1))
        journal.event(TrainEvent({"loss": 2.5}, step=2))
    losses = [event.loss for event in run.history() if event.kind == "train"]
    assert losses == [1, 2.5]


@pytest.mark.parametrize("torn", [b"", b'{"phase": "tr', b"\0" * 300, b'{"phase": 7}', b"\xff\xfe"])
def test_a_damaged_status_is_told_by_what_else_there_is(torn):
    run = make_run()
    path = run.folder / "status.json"
    path.write_bytes(torn)
    status = run.status()
    assert status.phase == "failed"
    assert "status.json" in status.message
    assert status.created > 0
    assert list_runs() == [run]  # it keeps its place in the list
    with Journal(run) as journal:  # somebody executes it, and will say in a moment
        path.write_bytes(torn)
        assert run.status().phase == "starting"
        journal.update(phase="training")
        assert run.status().phase == "training"
        journal.update(phase="finished")
    (run.folder / "result.json").write_text('{"steps": 7, "test": {"accuracy": 0.75}}')
    path.write_bytes(torn)
    assert (run.status().phase, run.status().accuracy) == ("finished", 0.75)
    (run.folder / "result.json").write_text('{"steps": 7, "test": null, "was_stopped": true}')
    assert (run.status().phase, run.status().step) == ("stopped", 7)


@pytest.mark.parametrize(
    "garbage", [b"\xff\xfe\0\0", b"\0" * 5000, b"[" * 100_000, b'{"kind": "tr']
)
def test_garbage_between_events_spoils_no_other_event(garbage):
    run = make_run()
    write_steps(run, 1, 2)
    with (run.folder / "events.jsonl").open("ab") as file:
        file.write(garbage + b"\n")
    write_steps(run, 3, 4)
    assert [event.step for event in run.history()] == [1, 2, 3, 4]
    assert [event.step for event in Feed(run).read()] == [1, 2, 3, 4]


def test_a_store_that_is_made_is_its_owners_alone(root, monkeypatch):
    """Whoever knows a run's id sees it, and the folder's list names them all."""
    monkeypatch.setenv("BERTLAB_RUNS", str(root / "new" / "runs"))
    assert make_run().folder.parent.stat().st_mode & 0o077 == 0


def write_steps(run, first, last, **values):
    lines = [
        {"kind": "train", "step": step, "examples": step, "loss": step / 10, "accuracy": 0.5}
        for step in range(first, last + 1)
    ]
    with (run.folder / "events.jsonl").open("a") as file:
        file.writelines(json.dumps({**line, **values}) + "\n" for line in lines)


def test_of_few_events_a_feed_keeps_every_one():
    run = make_run()
    feed = Feed(run)
    assert feed.read() == []
    write_steps(run, 1, 30)
    assert feed.read() == run.history()
    write_steps(run, 31, 40)
    assert feed.read() == run.history()


def test_of_many_steps_a_feed_keeps_means_and_forgets_none():
    run = make_run()
    feed = Feed(run)
    write_steps(run, 1, 3 * MOST_TRAIN_EVENTS)
    write_steps(run, 5, 5, kind="validation")
    feed.read()
    write_steps(run, 3 * MOST_TRAIN_EVENTS + 1, 3 * MOST_TRAIN_EVENTS + 2)
    steps = [event for event in feed.read() if event.kind == "train"]
    assert len(steps) == 3 * MOST_TRAIN_EVENTS // 4 + 1  # the next power of two above 3 is 4
    assert steps[0].loss == pytest.approx((0.1 + 0.2 + 0.3 + 0.4) / 4)
    assert (steps[0].step, steps[0].of) == (4, 4)
    assert steps[-1].step == 3 * MOST_TRAIN_EVENTS + 2
    assert sum(event.of for event in steps) == 3 * MOST_TRAIN_EVENTS + 2
    assert [event.step for event in feed.events if event.kind == "validation"] == [5]


def test_a_feed_that_was_read_bit_by_bit_equals_one_that_was_read_at_once():
    run = make_run()
    slow = Feed(run)
    for first in range(1, 2 * MOST_TRAIN_EVENTS, 500):
        write_steps(run, first, first + 499)
        slow.read()
    at_once = Feed(run).read()
    assert [event.step for event in slow.events] == [event.step for event in at_once]
    losses = [event.loss for event in slow.events]
    assert losses == pytest.approx([event.loss for event in at_once])


def test_steps_taken_again_replace_those_a_feed_has():
    run = make_run()
    feed = Feed(run)
    write_steps(run, 1, 9)
    feed.read()
    write_steps(run, 4, 4, kind="resumed")
    write_steps(run, 5, 6)
    assert [event.step for event in feed.read() if event.kind == "train"] == [
        1, 2, 3, 4, 5, 6
    ]  # fmt: skip


def test_lines_longer_than_a_block_are_read_whole(monkeypatch):
    monkeypatch.setattr(files, "BLOCK", 10)
    run = make_run()
    write_steps(run, 1, 5)
    path = run.folder / "events.jsonl"
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"torn')
    records, end = run.events()
    assert [record.step for record in records] == [1, 2, 3, 4, 5]
    assert end == len(whole)


def test_a_file_that_a_reader_holds_open_is_replaced_a_moment_later(root, monkeypatch):
    """As on Windows, where replacing such a file is refused."""
    replace, refusals = os.replace, [PermissionError(), PermissionError()]

    def sometimes(source, target):
        if refusals:
            raise refusals.pop()
        replace(source, target)

    monkeypatch.setattr(os, "replace", sometimes)
    files.replace_text(root / "a", "new")
    assert (root / "a").read_text() == "new"

    def never(source, target):
        raise PermissionError

    monkeypatch.setattr(os, "replace", never)
    monkeypatch.setattr(files, "PATIENCE", (0.001,))
    with pytest.raises(PermissionError):
        files.replace_text(root / "a", "newer")
    assert [path.name for path in root.iterdir()] == ["a"]


def _take(folder, barrier, results):
    barrier.wait()
    results.put(take_lease(folder) is not None)
    barrier.wait()  # stay alive until the other one has tried


@pytest.mark.exhaustive
def test_of_two_processes_one_gets_the_lease():
    run = make_run()
    context = multiprocessing.get_context("spawn")
    barrier, results = context.Barrier(2), context.Queue()
    processes = [
        context.Process(target=_take, args=(run.folder, barrier, results)) for _ in range(2)
    ]
    for process in processes:
        process.start()
    outcomes = sorted(results.get(timeout=60) for _ in range(2))
    for process in processes:
        process.join(60)
    results.close()
    results.join_thread()
    assert outcomes == [False, True]


def test_a_dead_holder_loses_the_lease_a_living_one_keeps_it():
    run = make_run()
    code = (
        "import sys, time; from pathlib import Path; from bertlab.runs import take_lease;"
        "take_lease(Path(sys.argv[1])); print('held', flush=True); time.sleep(60)"
    )
    command = [sys.executable, "-c", code, str(run.folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as holder:
        assert holder.stdout.readline().strip() == b"held"
        assert take_lease(run.folder) is None
        os.kill(holder.pid, signal.SIGKILL)
        holder.wait()
    assert holder_of(run.folder) == ""
    assert take_lease(run.folder).number == 2


def test_a_holder_elsewhere_is_dead_after_a_minute_without_a_sign_of_life():
    run = make_run()
    path = run.folder / "lease-1"
    path.write_text(json.dumps({"host": "elsewhere", "pid": 1, "started": 0}))
    assert take_lease(run.folder) is None
    long_ago = time.time() - 61
    os.utime(path, (long_ago, long_ago))
    assert take_lease(run.folder).number == 2


def test_who_lost_the_lease_writes_no_more():
    run = make_run()

    def write_after_a_takeover():
        with Journal(run) as journal:
            (run.folder / "lease-2").write_text("{}")
            journal.event(PhaseEvent("starting"))

    with pytest.raises(RunError, match="taken over"):
        write_after_a_takeover()
    assert run.events()[0] == []


def test_a_run_in_execution_is_neither_queued_nor_deleted():
    run = make_run()
    with Journal(run):
        for act in (run.queue, run.delete):
            with pytest.raises(RunError, match="Stop it first"):
                act()
    run.delete()
    assert list_runs() == []


def test_stopping_a_waiting_run_ends_it_at_once():
    run = make_run()
    run.queue()
    run.request_stop()
    assert run.status().phase == "stopped"


def test_train_events_are_gathered_but_none_is_lost():
    run = make_run()
    with Journal(run) as journal:
        for step in range(1000):
            journal.event(TrainEvent({"loss": 0.5}, step=step))
    assert [event.step for event in run.events()[0]] == list(range(1000))


def test_a_step_is_on_disk_at_once_also_where_a_long_one_follows():
    """Two steps within a moment: the second one's line is not held until the third."""
    run = make_run()
    with Journal(run) as journal:
        for step in (1, 2):
            journal.event(TrainEvent({"loss": 0.5}, step=step, seconds=0.1, examples=4))
        time.sleep(0.7)  # less than from heartbeat to heartbeat
        assert [event.step for event in run.events()[0]] == [1, 2]
