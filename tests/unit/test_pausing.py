"""A pause: the run leaves a checkpoint and its worker, and goes on as if nothing had happened."""

import gc
import resource
import threading
import weakref
from contextlib import contextmanager
from dataclasses import replace

import pytest
from tiny_rows import ROWS

from bertlab.datasets import Split
from bertlab.engine.queue import next_runs, reconcile, run_next
from bertlab.errors import RunError
from bertlab.finetuning.execute import execute
from bertlab.runs import Journal, create_run, holder_of, list_runs, take_lease
from bertlab.runs.settings import Settings
from bertlab.runs.status import write_status


@pytest.fixture
def settings(tiny_bert_name):
    return Settings(
        model=tiny_bert_name, epochs=8, batch_size=4, learning_rate=5e-3, device="cpu", seed=3,
        precision="fp32", pinned=("a good cat",),
    )  # fmt: skip


def make_run(settings):
    return create_run(settings, Split(ROWS, ROWS, ROWS))


@contextmanager
def watching(see):
    """Call `see(event)` behind every event that is written."""
    original = Journal.event

    def event(self, event, **options):
        original(self, event, **options)
        see(event)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Journal, "event", event)
        yield


def pause_at(run, *steps):
    """Execute with a pause asked for when one of these steps has been written."""

    def see(event):
        if event.kind == "train" and event.step in steps:
            run.request_pause()

    with watching(see):
        return execute(run)


def go_on(run):
    run.queue()
    return execute(run)


def told(run, kind, *names):
    return [
        (event.step, *(event.as_dict()[name] for name in names))
        for event in run.history()
        if event.kind == kind
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"strategy": "frozen"},
        {"patience": 2},
        pytest.param({"strategy": "gradual"}, marks=pytest.mark.exhaustive),
        pytest.param({"strategy": "lora"}, marks=pytest.mark.exhaustive),
    ],
    ids=["full", "frozen", "patience", "gradual", "lora"],
)
def test_a_run_that_rested_has_the_curves_of_an_unbroken_one(settings, changes):
    """Rested within an epoch, at its end, and one step after it was let go on."""
    settings = replace(settings, **changes)
    unbroken, rested = make_run(settings), make_run(settings)
    assert execute(unbroken).phase == "finished"
    assert pause_at(rested, 6).phase == "paused"
    rested.queue()
    assert pause_at(rested, 7).phase == "paused"
    rested.queue()
    assert pause_at(rested, 8).phase == "paused"  # 4 steps an epoch
    assert go_on(rested).phase == "finished"
    for kind, names in (("train", ["loss"]), ("validation", ["loss", "accuracy"])):
        first, second = told(unbroken, kind, *names), told(rested, kind, *names)
        assert len(first) == len(second) > 0
        for one, other in zip(first, second, strict=True):
            assert one == pytest.approx(other, abs=1e-4)
    assert rested.result()["chosen_step"] == unbroken.result()["chosen_step"]
    assert rested.result()["test"]["loss"] == pytest.approx(
        unbroken.result()["test"]["loss"], abs=1e-4
    )


def test_validation_within_an_epoch_is_made_before_the_run_rests(settings):
    """16 steps an epoch and one epoch: validation is asked at each step of it."""
    settings = replace(settings, batch_size=1, epochs=1)
    unbroken, rested = make_run(settings), make_run(settings)
    execute(unbroken)
    for step in (3, 4, 9):
        assert pause_at(rested, step).phase == "paused"
        rested.queue()
    assert execute(rested).phase == "finished"
    assert told(unbroken, "validation") == told(rested, "validation")


def test_a_paused_run_measures_nothing_and_gives_its_lease_back(settings):
    run = make_run(settings)
    status = pause_at(run, 6)
    assert (status.phase, status.step, status.holder) == ("paused", 6, "")
    assert "Paused at step 6" in status.message
    assert run.result() is None
    assert not run.has_model
    assert run.predictions() == []
    assert (run.folder / "checkpoint.pt").exists()
    assert not holder_of(run.folder)
    assert not status.is_final
    assert not status.is_active


def test_a_paused_run_gives_its_memory_back(settings, monkeypatch):
    from bertlab.finetuning import execute as module

    kept = []
    set_up = module.set_up

    def watched(*parts):
        setup = set_up(*parts)
        kept.append(weakref.ref(setup.model))
        return setup

    monkeypatch.setattr(module, "set_up", watched)
    pause_at(make_run(settings), 6)
    gc.collect()
    assert kept[0]() is None


def test_the_queue_leaves_a_paused_run_alone_and_takes_the_next_one(settings):
    run, other = make_run(settings), make_run(replace(settings, epochs=1))
    pause_at(run, 3)
    other.queue()
    assert [one.id for one in next_runs()] == [other.id]
    assert run_next() == other.id
    assert run_next() is None
    assert reconcile() == []
    assert run.status().phase == "paused"


def test_a_pause_before_the_first_step_begins_anew_when_it_goes_on(settings):
    run = make_run(settings)

    def see(event):
        if event.kind == "phase" and event.phase == "training":
            run.request_pause()

    with watching(see):
        status = execute(run)
    assert (status.phase, status.step) == ("paused", 0)
    assert "before the first step" in status.message
    assert not (run.folder / "checkpoint.pt").exists()
    assert go_on(run).phase == "finished"


def test_a_pause_while_the_frozen_encoder_reads_is_heeded(settings):
    run = make_run(replace(settings, strategy="frozen"))

    def see(event):
        if event.kind == "message":
            run.request_pause()

    with watching(see):
        assert execute(run).phase == "paused"
    assert told(run, "train") == []
    assert go_on(run).phase == "finished"


def test_a_waiting_run_leaves_the_queue_and_comes_back(settings):
    run = make_run(settings)
    run.queue()
    run.request_pause()
    assert run.status().phase == "paused"
    assert "left the queue" in run.status().message
    assert next_runs() == []
    assert run_next() is None
    assert go_on(run).phase == "finished"


def test_a_pause_in_the_very_last_step_comes_too_late(settings):
    assert pause_at(make_run(settings), 32).phase == "finished"


def test_a_stop_goes_before_a_pause(settings):
    run = make_run(settings)

    def see(event):
        if event.kind == "train" and event.step == 6:
            run.request_pause()
            run.request_stop()

    with watching(see):
        assert execute(run).phase == "stopped"
    assert run.has_model
    assert go_on(run).phase == "finished"


def test_a_paused_run_can_be_stopped_and_says_that_there_is_no_model(settings):
    run = make_run(settings)
    pause_at(run, 6)
    run.request_stop()
    status = run.status()
    assert status.phase == "stopped"
    assert status.is_final
    assert "at step 6" in status.message
    assert "stores no model" in status.message
    assert not run.has_model
    assert go_on(run).phase == "finished"


def test_a_model_of_an_earlier_stop_is_named_when_a_later_pause_is_stopped(settings):
    run = make_run(settings)

    def see(event):
        if event.kind == "train" and event.step == 4:
            run.request_stop()

    with watching(see):
        execute(run)
    run.queue()
    pause_at(run, 9)
    run.request_stop()
    assert "those of an earlier stop" in run.status().message
    assert run.has_model


def test_a_paused_run_can_be_deleted(settings):
    run = make_run(settings)
    pause_at(run, 6)
    run.delete()
    assert list_runs() == []


def test_what_is_over_cannot_be_paused(settings):
    run = make_run(replace(settings, epochs=1))
    execute(run)
    with pytest.raises(RunError, match="finished already; there is nothing to pause"):
        run.request_pause()


def test_a_run_whose_executor_was_killed_rests_at_once(settings):
    run = make_run(settings)
    pause_at(run, 6)
    (run.folder / "pause").unlink()
    write_status(run.folder / "status.json", replace(run.status(), phase="training"))
    assert run.is_interrupted()
    run.request_pause()
    assert "at step 6 or before" in run.status().message
    assert reconcile() == []
    assert next_runs() == []
    assert go_on(run).phase == "finished"


def test_an_executor_that_was_killed_while_it_left_rests_when_it_is_back(settings):
    """The request is still there: what goes on from the last checkpoint heeds it at once."""
    run = make_run(settings)
    pause_at(run, 6)
    write_status(run.folder / "status.json", replace(run.status(), phase="training"))
    assert reconcile() == [run]
    assert run_next() == run.id
    assert run.status().phase == "paused"
    assert [step for step, *_ in told(run, "train")] == [1, 2, 3, 4, 5, 6]


def test_a_disk_too_full_for_the_checkpoint_lets_the_run_go_on_and_says_so(settings):
    """A file may have 16 KB: the events fit, a checkpoint does not."""
    run = make_run(replace(settings, epochs=3))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)

    def see(event):
        if event.kind == "train" and event.step == 2:
            run.request_pause()
            resource.setrlimit(resource.RLIMIT_FSIZE, (16_384, before[1]))
        if event.kind == "train" and event.step == 4:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)

    try:
        with watching(see):
            status = execute(run)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    messages = [event.text for event in run.history() if event.kind == "message"]
    assert any("It was not paused" in text for text in messages)
    assert any("No checkpoint could be written" in text for text in messages)
    assert status.phase == "finished"
    assert not run.is_pause_requested()


def test_who_goes_on_at_once_waits_for_the_executor_to_let_go(settings):
    """The page says "paused" a moment before the lease is given back."""
    run = make_run(settings)
    run.request_pause()
    lease = take_lease(run.folder)
    letting_go = threading.Timer(0.3, lease.release)
    letting_go.start()
    run.queue()
    letting_go.join()
    assert run.status().phase == "queued"
