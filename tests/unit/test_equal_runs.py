"""Equal runs: the same data, settings and seed have one fingerprint, and it is found quickly."""

import json
from dataclasses import replace

import pytest
from tiny_rows import ROWS

from bertlab.datasets import Split
from bertlab.pretraining.settings import PretrainingSettings, Source
from bertlab.pretraining.start import create_pretraining_run, fingerprint_of
from bertlab.runs import create_run, list_runs
from bertlab.runs import equal_runs as module
from bertlab.runs.equal_runs import find_finished
from bertlab.runs.fingerprints import fingerprint
from bertlab.runs.run import ESTIMATE
from bertlab.runs.settings import Settings
from bertlab.runs.status import write_status

SPLIT = Split(ROWS, ROWS, ROWS)
PRINT = fingerprint(Settings(), SPLIT)


def end(run, phase="finished", created=1.0):
    write_status(run.folder / "status.json", replace(run.status(), phase=phase, created=created))
    (run.folder / "result.json").write_text('{"test": null}')
    return run


def test_the_same_has_the_same_and_the_name_does_not_count():
    assert fingerprint(Settings(), Split(ROWS, ROWS, ROWS)) == PRINT
    assert fingerprint(Settings(name="Ann's run"), SPLIT) == PRINT
    assert len(PRINT) == 32


@pytest.mark.parametrize(
    "settings",
    [Settings(seed=1), Settings(epochs=4), Settings(learning_rate=1e-4), Settings(model="x"),
     Settings(pinned=("a sentence",)), Settings(strategy="frozen")],
)  # fmt: skip
def test_other_settings_have_another(settings):
    assert fingerprint(settings, SPLIT) != PRINT


def test_other_data_has_another():
    swapped = replace(ROWS, labels=(*ROWS.labels[1:], ROWS.labels[0]))
    changed = replace(ROWS, texts=(*ROWS.texts[:-1], ROWS.texts[-1] + "!"))
    paired = replace(ROWS, pairs=ROWS.texts)
    fewer = ROWS.subset(range(len(ROWS.texts) - 1))
    for rows in (swapped, changed, paired, fewer):
        for split in (Split(rows, ROWS, ROWS), Split(ROWS, rows, ROWS), Split(ROWS, ROWS, rows)):
            assert fingerprint(Settings(), split) != PRINT
    nothing = ROWS.subset(())
    one, other = Split(ROWS, nothing, ROWS), Split(ROWS, ROWS, nothing)
    assert fingerprint(Settings(), one) != fingerprint(Settings(), other)


def test_the_newest_finished_run_is_found_whoever_started_it():
    assert find_finished(PRINT) is None
    old = end(create_run(Settings(name="old"), SPLIT, owner="ann"), created=1.0)
    new = end(create_run(Settings(name="new"), SPLIT, owner="ben"), created=2.0)
    end(create_run(Settings(seed=1), SPLIT, owner="ann"), created=3.0)
    assert find_finished(PRINT) == new
    new.delete()
    assert find_finished(PRINT) == old


@pytest.mark.parametrize("phase", ["created", "queued", "training", "paused", "stopped", "failed"])
def test_a_run_without_its_whole_result_is_not_offered(phase):
    end(create_run(Settings(), SPLIT), phase)
    assert find_finished(PRINT) is None


def test_runs_of_old_and_broken_ones_are_passed_over():
    run = end(create_run(Settings(), SPLIT))
    about = json.loads((run.folder / "about.json").read_text())
    del about["fingerprint"]
    (run.folder / "about.json").write_text(json.dumps(about))
    broken = end(create_run(Settings(), SPLIT))
    (broken.folder / "about.json").write_text("{")
    assert find_finished(PRINT) is None
    assert find_finished("") is None
    lost = end(create_run(Settings(), SPLIT))
    (lost.folder / "result.json").unlink()
    assert find_finished(PRINT) is None


def test_a_measurement_is_no_result():
    end(create_run(Settings(), SPLIT, kind=ESTIMATE))
    assert find_finished(PRINT) is None


def test_of_hundreds_of_runs_one_small_file_each_is_read(monkeypatch):
    end(create_run(Settings(), SPLIT))
    for seed in range(1, 30):
        end(create_run(Settings(seed=seed), SPLIT))
    read = []

    def counted(path):
        read.append(path.name)
        return json.loads(path.read_text())

    monkeypatch.setattr(module, "read_json", counted)
    assert find_finished(PRINT) is not None
    assert read == ["about.json"] * len(list_runs()) == ["about.json"] * 30


# Pre-training


@pytest.fixture
def text(tmp_path):
    def write(name: str, content: str) -> str:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content, encoding="utf-8")
        return str(path)

    return write


def test_a_text_counts_and_not_where_it_lies(text):
    one, other = text("a.txt", "A cat.\nA dog.\n"), text("b/c.txt", "A cat.\nA dog.\n")
    plan = PretrainingSettings((Source(one),))
    wanted = fingerprint_of(plan)
    assert fingerprint_of(replace(plan, sources=(Source(other),), name="else")) == wanted
    run = end(create_pretraining_run(plan, owner="ann"))
    assert find_finished(wanted) == run
    changed = text("d.txt", "A cat.\nA hen.\n")
    for another in (
        replace(plan, seed=1),
        replace(plan, sources=(Source(changed),)),
        replace(plan, sources=(Source(one, passes=2),)),
        replace(plan, heldout=(other,)),
    ):
        assert fingerprint_of(another) != wanted


def test_a_large_text_is_not_hashed(text, monkeypatch):
    monkeypatch.setattr("bertlab.pretraining.start.COPIED_BYTES", 10)
    plan = PretrainingSettings((Source(text("a.txt", "A cat.\nA dog.\n")),))
    assert fingerprint_of(plan) == ""
    assert create_pretraining_run(plan).about["fingerprint"] == ""
    assert find_finished("") is None
