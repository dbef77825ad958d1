"""Whole pre-training runs of a tiny BERT: they learn, stop, go on, and leave a usable folder."""

import json
import math
import os
import resource
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from tiny_models import save_tiny_bert
from transformers import AutoModelForMaskedLM, AutoTokenizer, BertForPreTraining

from bertlab.engine.executors import execute as execute_any
from bertlab.errors import InputError, RunError
from bertlab.models.facts import read_card
from bertlab.pretraining import session
from bertlab.pretraining.blanks import fill_blanks
from bertlab.pretraining.data.corpus import read_documents
from bertlab.pretraining.data.encoded import encode_documents
from bertlab.pretraining.data.vocabulary import learn_vocabulary
from bertlab.pretraining.execute import execute
from bertlab.pretraining.export import facts
from bertlab.pretraining.heldout import join_scores, score_text
from bertlab.pretraining.loop import pretrain
from bertlab.pretraining.record import RECORD, read_record
from bertlab.pretraining.result import PretrainingResult, read_result
from bertlab.pretraining.settings import (
    Architecture,
    PretrainingSettings,
    Source,
    Stage,
    WatchedBlank,
)
from bertlab.pretraining.setup import set_up
from bertlab.pretraining.start import create_pretraining_run, settings_of
from bertlab.pretraining.tensors import marks_of, vocabulary_of
from bertlab.runs import Journal, list_runs, open_run
from bertlab.runs.run import PRETRAINING

VILLAGE = Path(__file__).parents[2] / "sample_data" / "village_en.txt"
TINY = Architecture(layers=1, hidden_size=16, heads=2, max_positions=64)
MEGABYTE = 1_000_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A text of 120 stories, thirty others held out, and a vocabulary of 500 tokens."""
    folder = tmp_path_factory.mktemp("text")
    stories = VILLAGE.read_text(encoding="utf-8").split("\n\n")
    (folder / "read.txt").write_text("\n\n".join(stories[:120]), encoding="utf-8")
    (folder / "unread.txt").write_text("\n\n".join(stories[120:]), encoding="utf-8")
    texts = [" ".join(document) for document in read_documents(Source(str(folder / "read.txt")))]
    learn_vocabulary(lambda: texts, size=500).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def settings(folder) -> PretrainingSettings:
    return PretrainingSettings(
        (Source(str(folder / "read.txt")),),
        name="tiny",
        heldout=(str(folder / "unread.txt"),),
        vocabulary=str(folder / "tokenizer.json"),
        architecture=TINY,
        stages=(Stage(32, 0.8), Stage(64, 0.2)),
        batch_tokens=1_024,
        learning_rate=1e-2,
        seed=3,
        device="cpu",
    )


def made(settings: PretrainingSettings):
    """A run that came to its end."""
    run = create_pretraining_run(settings)
    assert execute(run).phase == "finished", run.status().message
    return run


@pytest.fixture(scope="module")
def finished(settings, tmp_path_factory):
    """A run that came to its end, for tests that read it; do not change it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BERTLAB_RUNS", str(tmp_path_factory.mktemp("runs")))
        return made(settings)


def of_kind(run, kind):
    return [event for event in run.history() if event.kind == kind]


def losses_of(run):
    return [event.loss for event in of_kind(run, "train")]


def weights_of(run):
    return BertForPreTraining.from_pretrained(run.model_folder).state_dict()


def assert_same_weights(one, other):
    first, second = weights_of(one), weights_of(other)
    assert first.keys() == second.keys()
    for name, weight in first.items():
        assert torch.equal(weight, second[name]), name


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


def stop_at(run, step):
    """Execute with a stop asked for when the step has been written."""

    def see(event):
        if event.kind == "train" and event.step == step:
            run.request_stop()

    with watching(see):
        return execute(run)


def go_on(run):
    run.queue()
    return execute(run)


def checkpoint_of(run) -> Path:
    return run.folder / "checkpoint.pt"


# --- the whole way ---


def test_a_run_learns_and_tells_it(settings):
    blank = WatchedBlank("The [MASK] is in the village.", ("bakery", "pipwell", "xyzzy"))
    longer = (replace(settings.sources[0], passes=4),)
    run = made(replace(settings, sources=longer, blanks=(blank,)))
    result, train = run.result(), of_kind(run, "train")
    assert [event.step for event in train] == list(range(1, result["steps"] + 1))
    assert train[0].loss == pytest.approx(math.log(500), abs=0.3)  # it knows nothing
    assert train[-1].loss < train[0].loss - 0.8
    assert all(event.metric("next") > 0 for event in train[:5])
    assert train[-1].examples == result["examples"]
    assert train[-1].tokens == result["tokens"]
    checks = of_kind(run, "validation")
    assert checks[0].step == 0
    assert checks[-1].step == result["steps"]
    assert checks[-1].loss < checks[0].loss
    assert checks[-1].metric("pairs") > 10
    watched = of_kind(run, "blanks")
    assert (
        31 <= len(watched) <= 62
    )  # at most 60 times, at least half as often; before, and at the end
    assert {event.blanks[0].sentence for event in watched} == {blank.sentence}
    assert run.status().progress == 1.0
    assert run.status().accuracy == result["heldout"]["accuracy"] > checks[0].metric("accuracy")
    assert not checkpoint_of(run).exists()
    phases = [event.phase for event in of_kind(run, "phase")]
    assert phases == ["starting", "training", "testing", "finished"]


def test_transformers_loads_both_heads_and_the_tokenizer(finished):
    run = finished
    model, loading = BertForPreTraining.from_pretrained(run.model_folder, output_loading_info=True)
    assert not loading["missing_keys"]
    assert not loading["unexpected_keys"]
    assert not loading["mismatched_keys"]
    assert {weight.dtype for weight in model.parameters()} == {torch.float16}
    filler, loading = AutoModelForMaskedLM.from_pretrained(
        run.model_folder, output_loading_info=True, dtype=torch.float32
    )
    assert not loading["missing_keys"]
    tokenizer = AutoTokenizer.from_pretrained(run.model_folder)
    assert len(tokenizer) == filler.config.vocab_size == 500
    inputs = tokenizer("The [MASK] is old.", return_tensors="pt")
    assert filler(**inputs).logits.shape == (1, inputs.input_ids.shape[1], 500)
    parameters = sum(weight.numel() for weight in model.parameters())
    assert run.result()["parameters"] == parameters
    size = (run.model_folder / "model.safetensors").stat().st_size
    assert 2 * parameters < size < 2 * parameters + 10_000


def test_the_figures_are_those_of_the_stored_model(finished, folder):
    run = finished
    tokenizer = AutoTokenizer.from_pretrained(run.model_folder)
    model = BertForPreTraining.from_pretrained(run.model_folder, dtype=torch.float32)
    text = encode_documents(read_documents(Source(str(folder / "unread.txt"))), tokenizer)
    scores = score_text(
        model,
        text,
        marks=marks_of(tokenizer),
        vocabulary=vocabulary_of(tokenizer),
        fewest=session.HELDOUT_INPUTS,
    )
    figures = run.result()["heldout_files"]["unread.txt"]
    assert (figures["tokens"], figures["pairs"]) == (scores.tokens, scores.pairs)
    assert figures["loss"] == pytest.approx(scores.loss, abs=0.02)
    assert figures["accuracy"] == pytest.approx(scores.accuracy, abs=0.02)
    assert scores.perplexity == pytest.approx(math.exp(scores.loss))


def test_the_card_says_what_the_model_read(finished):
    result, card = finished.result(), read_card(finished.model_folder)
    assert card == {
        "trained_on": f"{result['tokens'] / 1e3:.3g} thousand tokens",
        "trained_positions": result["longest_input"],
        "next_sentence": True,
    }
    assert 56 < result["longest_input"] <= 64
    assert 0.3 < result["pairs"] / result["examples"] < 0.7
    text = (finished.model_folder / "README.md").read_text(encoding="utf-8")
    for said in ("# tiny", "1 layers", "500 WordPiece", "read.txt, 1 passes", "unread.txt: masked"):
        assert said in text


def test_the_model_brings_the_record_of_its_run(settings, finished):
    run = finished
    record, result = read_record(run.model_folder), read_result(run)
    assert record.settings.architecture == settings.architecture
    assert [Path(one.file).name for one in settings.sources] == [
        one.file for one in record.settings.sources
    ]
    assert record.result == result
    losses = [event.loss for event in record.events if event.kind == "train"]
    assert losses == pytest.approx(losses_of(run), abs=1e-4)
    assert str(run.folder) not in (run.model_folder / RECORD).read_text(encoding="utf-8")


def test_a_run_that_saw_no_long_inputs_and_no_pairs_says_so(settings):
    alone = (replace(settings.sources[0], lines_stand_alone=True),)
    card = read_card(made(replace(settings, sources=alone)).model_folder)
    assert card["next_sentence"] is False  # half of the inputs were to be pairs
    assert card["trained_positions"] < 64
    stopped = create_pretraining_run(settings)
    assert stop_at(stopped, 4).phase == "stopped"
    assert read_card(stopped.model_folder)["trained_positions"] <= 32  # of two stages the first


@pytest.mark.parametrize(
    ("tokens", "said"),
    [
        (950, "950 tokens"),
        (25_310, "25.3 thousand tokens"),
        (58_049_000, "58 million tokens"),
        (999_900_000, "1 billion tokens"),
        (1_234_000_000, "1.23 billion tokens"),
    ],
)
def test_amounts_of_text_are_told_in_words(tokens, said):
    result = PretrainingResult(tokens=tokens, longest_input=9)
    assert facts(PretrainingSettings((Source("a.txt"),)), result)["trained_on"] == said


def test_a_teacher_stands_on_the_card():
    result = PretrainingResult(tokens=950, longest_input=9, pairs=1)
    alone = PretrainingSettings((Source("a.txt"),))
    assert (
        facts(replace(alone, teacher="all-MiniLM-L6-v2"), result)["teacher"] == "all-MiniLM-L6-v2"
    )
    assert "teacher" not in facts(alone, result)


def test_without_held_out_text_and_pairs_a_run_still_ends(settings):
    run = made(replace(settings, heldout=(), pair_share=0.0, whole_words=True))
    assert run.result()["heldout"] is None
    assert run.status().accuracy is None
    assert {event.metric("next") for event in of_kind(run, "train")} == {0.0}


def test_a_model_of_sixteen_positions_reads_held_out_text_of_its_own_length(settings):
    short = replace(TINY, max_positions=16)
    run = made(replace(settings, architecture=short, stages=(Stage(16, 1.0),)))
    assert run.result()["heldout"]["tokens"] > 0
    assert run.result()["longest_input"] <= 16


def test_held_out_files_of_one_name_are_all_measured(settings, folder, tmp_path):
    other = tmp_path / "unread.txt"
    other.write_bytes((folder / "read.txt").read_bytes()[:3_000])
    run = made(replace(settings, heldout=(*settings.heldout, str(other))))
    files = run.result()["heldout_files"]
    assert list(files) == ["unread.txt", "unread.txt (2)"]
    assert run.result()["heldout"]["tokens"] == sum(one["tokens"] for one in files.values())


def test_held_out_text_is_read_as_the_source_of_its_name(settings, folder, tmp_path):
    """A dictionary's lines stand alone, so its held-out part has no pairs either."""
    other = tmp_path / "read.txt"
    other.write_bytes((folder / "unread.txt").read_bytes())
    alone = replace(settings.sources[0], lines_stand_alone=True)
    run = made(replace(settings, sources=(alone,), heldout=(str(other),)))
    assert run.result()["heldout"]["pairs"] == 0
    assert run.result()["heldout"]["next_accuracy"] is None


# --- the same again ---


def test_the_same_seed_gives_the_same_run(settings, finished):
    first, again = finished, made(settings)
    other = made(replace(settings, seed=4))
    assert losses_of(first) == losses_of(again) != losses_of(other)
    assert_same_weights(first, again)
    assert first.result()["heldout"] == again.result()["heldout"]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"optimizer": "muon", "dropout": 0.1, "whole_words": True},
        {"teacher": "teacher", "optimizer": "muon", "word_weight": 1.0},
    ],
    ids=["plain", "muon-dropout", "teacher"],
)
def test_a_stopped_run_goes_on_as_an_unbroken_one(settings, finished, changes, models_root):
    save_tiny_bert(models_root / "teacher", max_position_embeddings=128)
    settings = replace(settings, **changes)
    unbroken = made(settings) if changes else finished
    broken = create_pretraining_run(settings)
    assert stop_at(broken, 6).phase == "stopped"
    assert broken.has_model
    assert checkpoint_of(broken).exists()
    assert broken.result()["was_stopped"] is True
    assert go_on(broken).phase == "finished"
    assert [event.step for event in of_kind(broken, "resumed")] == [6]
    assert losses_of(broken) == pytest.approx(losses_of(unbroken), abs=1e-6)
    assert_same_weights(broken, unbroken)
    assert of_kind(broken, "train")[0].has("teacher") is bool(settings.teacher)
    assert of_kind(broken, "train")[0].has("words") is bool(settings.word_weight)


def test_a_run_that_rested_is_the_one_that_never_did(settings, finished):
    unbroken, rested = finished, create_pretraining_run(settings)

    def see(event):
        if event.kind == "train" and event.step == 5:
            rested.request_pause()

    with watching(see):
        status = execute(rested)
    assert (status.phase, status.step) == ("paused", 5)
    assert "Paused at step 5" in status.message
    assert not rested.has_model
    assert rested.result() is None
    assert go_on(rested).phase == "finished"
    curves = [[event.loss for event in of_kind(run, "train")] for run in (unbroken, rested)]
    assert curves[0] == pytest.approx(curves[1], abs=1e-4)


def test_a_pause_is_heeded_while_the_text_is_read(settings):
    run = create_pretraining_run(replace(settings, vocabulary="", vocabulary_size=300))
    (run.folder / "pause").touch()
    assert execute(run).phase == "paused", run.status().message
    assert "before the first step" in run.status().message
    assert not (run.folder / "tokenizer").exists()


def test_a_stop_before_the_first_step_leaves_nothing(settings):
    run = create_pretraining_run(settings)

    def see(event):
        if event.kind == "phase" and event.phase == "training":
            run.request_stop()

    with watching(see):
        assert execute(run).phase == "stopped"
    assert "no model" in run.status().message
    assert not run.has_model
    assert not checkpoint_of(run).exists()
    assert go_on(run).phase == "finished"


def test_a_stop_is_heeded_while_the_text_is_read(settings):
    run = create_pretraining_run(replace(settings, vocabulary="", vocabulary_size=300))
    run.request_stop()
    assert execute(run).phase == "stopped", run.status().message
    assert "no model" in run.status().message
    assert not (run.folder / "tokenizer").exists()


def test_a_stop_while_going_on_keeps_what_there_is(settings):
    run = create_pretraining_run(settings)
    stop_at(run, 5)
    before = checkpoint_of(run).read_bytes()
    (run.folder / "corpus.npz").unlink()  # so that it reads the text again
    assert execute(run).phase == "stopped"  # the stop file is still there
    assert "go on from its checkpoint" in run.status().message
    assert checkpoint_of(run).read_bytes() == before
    assert go_on(run).phase == "finished"


# --- what goes wrong ---

DRIVER = """
import sys
from bertlab.pretraining import session
from bertlab.cli import main
session.CHECKPOINT_SECONDS = 0.0
sys.exit(main(sys.argv[1:]))
"""


def wait_until(is_true, process, *, seconds=300.0):
    deadline = time.monotonic() + seconds
    while not is_true():
        assert process.poll() is None, process.stderr.read()
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.exhaustive
def test_a_killed_process_is_resumed_from_the_command_line(settings, folder, capsys):
    from bertlab import cli

    argv = [
        "pretrain", str(folder / "read.txt"), "--vocabulary", str(folder / "tokenizer.json"),
        "--layers", "1", "--hidden-size", "16", "--heads", "2", "--batch-tokens", "1024",
        "--max-length", "64", "--learning-rate", "1e-2", "--seed", "3", "--passes", "10",
        "--device", "cpu", "--json",
    ]  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "-c", DRIVER, *argv],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        start_new_session=True,
    )  # fmt: skip
    with process:
        wait_until(lambda: list_runs(), process)
        (run,) = list_runs()
        wait_until(lambda: checkpoint_of(run).exists() and run.status().step >= 30, process)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    assert run.is_interrupted()
    assert run.kind == PRETRAINING
    assert cli.main(["runs", "resume", run.id, "--json"]) == 0
    out = capsys.readouterr().out
    (line,) = out.splitlines()
    answer = json.loads(line)
    assert (answer["run"], run.status().phase) == (run.id, "finished")
    (resumed,) = of_kind(run, "resumed")
    assert 0 < resumed.step < answer["steps"]
    steps = [event.step for event in of_kind(run, "train")]
    assert steps == list(range(1, answer["steps"] + 1))
    unbroken = made(settings_of(run))
    assert losses_of(run) == pytest.approx(losses_of(unbroken), abs=1e-6)
    assert_same_weights(run, unbroken)


def test_a_checkpoint_of_another_configuration_is_refused_and_kept(settings):
    run = create_pretraining_run(settings)
    stop_at(run, 6)
    path, before = run.folder / "settings.json", checkpoint_of(run).read_bytes()
    right = path.read_text(encoding="utf-8")
    others = {"learning_rate": 5e-3, "seed": 4, "pair_share": 0.25, "optimizer": "muon"}
    for key, value in others.items():
        path.write_text(json.dumps({**json.loads(right), key: value}), encoding="utf-8")
        assert go_on(run).phase == "failed", key
        assert "belongs to another configuration" in run.status().message
        assert str(checkpoint_of(run)) in run.status().message
        assert checkpoint_of(run).read_bytes() == before
    path.write_text(right, encoding="utf-8")
    assert go_on(run).phase == "finished"
    assert [event.step for event in of_kind(run, "resumed")] == [6]


def test_a_new_name_or_other_blanks_are_the_same_configuration(settings):
    run = create_pretraining_run(settings)
    stop_at(run, 3)
    path = run.folder / "settings.json"
    stored = json.loads(path.read_text(encoding="utf-8"))
    blanks = [{"sentence": "A [MASK].", "answers": ["boat"]}]
    stored |= {"name": "other", "blanks": blanks, "heldout": []}
    path.write_text(json.dumps(stored), encoding="utf-8")
    assert go_on(run).phase == "finished"


def test_a_damaged_checkpoint_is_refused_and_kept(settings):
    run = create_pretraining_run(settings)
    stop_at(run, 6)
    for data in (checkpoint_of(run).read_bytes()[:5_000], b"", b"x"):
        checkpoint_of(run).write_bytes(data)
        assert go_on(run).phase == "failed", len(data)
        assert "is damaged. Delete it" in run.status().message
        assert checkpoint_of(run).read_bytes() == data
    checkpoint_of(run).unlink()
    assert go_on(run).phase == "finished"
    assert "begins anew with the same seed" in of_kind(run, "resumed")[-1].text


def test_a_full_disk_costs_one_checkpoint_and_not_the_run(settings, monkeypatch):
    """From step 10 to step 20 no file may grow beyond a megabyte; a checkpoint has more."""
    big = replace(TINY, hidden_size=128)
    run = create_pretraining_run(replace(settings, architecture=big))
    original = session.save_checkpoint

    def save_always(path, training, **options):
        original(path, training, **options)
        return 0.0  # no pause until the next one

    monkeypatch.setattr(session, "CHECKPOINT_SECONDS", 0.0)
    monkeypatch.setattr(session, "save_checkpoint", save_always)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    kept, failures = [], []

    def see(event):
        if event.kind == "train" and event.step == 10:
            kept.append(checkpoint_of(run).read_bytes())  # that of step 9
            resource.setrlimit(resource.RLIMIT_FSIZE, (MEGABYTE, limits[1]))
        if event.kind == "train" and event.step == 20:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        if event.kind == "message":
            failures.append(event.step)
            kept.append(checkpoint_of(run).read_bytes())
            assert not list(run.folder.glob("*.draft"))

    try:
        with watching(see):
            assert execute(run).phase == "finished", run.status().message
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert len(kept[0]) > MEGABYTE
    assert failures == list(range(10, 20))
    assert set(kept) == {kept[0]}  # byte for byte
    texts = {event.text for event in of_kind(run, "message")}
    assert all("No checkpoint could be written" in text for text in texts)


def at_step_0(run, settings):
    """A session that has learned nothing yet."""
    with Journal(run) as journal:
        setup = set_up(run, settings, journal, torch.device("cpu"))
        yield session.PretrainingSession(run, journal, setup)


@pytest.mark.parametrize("harm", ["torn", "not finite"])
def test_half_a_step_or_broken_weights_never_replace_a_good_checkpoint(settings, harm):
    run = create_pretraining_run(settings)
    beginning = at_step_0(run, settings)
    begun = next(beginning)
    begun.checkpoints.save()
    good = checkpoint_of(run).read_bytes()
    if harm == "torn":
        begun.interrupt()
    weight = next(begun.state.learner.parameters())
    weight.data[0, 0] = 1.0 if harm == "torn" else math.nan
    begun.checkpoints.save()
    assert checkpoint_of(run).read_bytes() == good
    beginning.close()


def test_an_interrupt_within_a_step_keeps_the_last_checkpoint(settings, monkeypatch):
    steps = []

    def interrupted(training, *arguments, **options):
        for step in pretrain(training, *arguments, **options):
            steps.append(training.step)
            yield step
            if training.step == 4:  # AdamW has moved this weight, the step is not over
                next(training.learner.parameters()).data[0, 0] = 9.0
                raise KeyboardInterrupt

    monkeypatch.setattr(session, "CHECKPOINT_SECONDS", 0.0)
    monkeypatch.setattr(session, "pretrain", interrupted)
    run = create_pretraining_run(settings)
    assert execute(run).phase == "stopped"
    assert steps == [1, 2, 3, 4]
    kept = torch.load(checkpoint_of(run), weights_only=True)
    first = next(iter(kept["learner"].values()))
    assert kept["place"][0] in (1, 2, 3, 4)
    assert first[0, 0] != 9.0


def test_a_file_that_vanished_ends_the_run_with_a_message(settings):
    run = create_pretraining_run(settings)
    next(run.folder.glob("corpus/0/*")).unlink()
    assert execute(run).phase == "failed"
    assert "There is no file" in run.status().message
    assert of_kind(run, "phase")[-1].bad_input is True
    assert "Traceback" in (run.folder / "error.log").read_text()


def test_a_loss_that_is_no_number_ends_the_run(settings, monkeypatch):
    run = create_pretraining_run(replace(settings, learning_rate=1.0, batch_tokens=64))

    def broken(*arguments, **options):
        for step in pretrain(*arguments, **options):
            yield replace(step, loss=math.nan)

    monkeypatch.setattr(session, "pretrain", broken)
    assert execute(run).phase == "failed"
    assert "ten times smaller" in run.status().message
    assert of_kind(run, "phase")[-1].bad_input is False


# --- the folder ---


def test_small_texts_are_copied_and_the_originals_may_go(settings, tmp_path):
    path = tmp_path / "故事 1.txt"
    path.write_bytes(VILLAGE.read_bytes())
    run = create_pretraining_run(replace(settings, sources=(Source(str(path)),)))
    path.unlink()
    (source,) = settings_of(run).sources
    assert Path(source.file).read_bytes() == VILLAGE.read_bytes()
    assert Path(source.file).is_relative_to(run.folder)
    assert run.about["source_name"] == "故事 1.txt"
    assert execute(run).phase == "finished"


def test_a_run_folder_may_move(settings, monkeypatch, tmp_path):
    run = create_pretraining_run(settings)
    stop_at(run, 6)
    run.folder.parent.rename(tmp_path / "elsewhere")
    monkeypatch.setenv("BERTLAB_RUNS", str(tmp_path / "elsewhere"))
    moved = open_run(run.id)
    assert go_on(moved).phase == "finished", moved.status().message


def test_settings_survive_the_folder(settings):
    source = replace(settings.sources[0], passes=2.5, rename={"Tom": ("Ben", "Ali")}, teach=False)
    blank = WatchedBlank("A [MASK].", ("boat",))
    asked = replace(settings, sources=(source,), blanks=(blank,), whole_words=True)
    stored = settings_of(create_pretraining_run(asked))
    same = replace(
        stored, sources=asked.sources, heldout=asked.heldout, vocabulary=asked.vocabulary
    )
    assert same == asked
    assert replace(stored.sources[0], file=source.file) == source


@pytest.mark.parametrize("text", ["", "[]", '{"sources": 3}', '{"sources": "abc"}', "{}"])
def test_damaged_settings_are_named(text, settings):
    run = create_pretraining_run(settings)
    (run.folder / "settings.json").write_text(text, encoding="utf-8")
    with pytest.raises(InputError):
        settings_of(run)
    assert execute(run).phase == "failed"
    assert "unexpected" not in run.status().message


def test_nothing_is_stored_where_a_file_cannot_be_read(settings, tmp_path):
    empty = tmp_path / "empty.txt"
    empty.write_text("\n")
    for changes in (
        {"heldout": (str(empty),)},
        {"sources": (*settings.sources, Source(str(empty)))},
        {"sources": (Source(str(tmp_path / "none.txt")),)},
        {"vocabulary": str(empty)},
    ):
        with pytest.raises(InputError):
            create_pretraining_run(replace(settings, **changes))
    assert list_runs() == []


def test_a_run_is_deleted_with_its_text(settings):
    run = made(settings)
    run.delete()
    assert not run.folder.exists()
    assert list_runs() == []


def test_a_run_that_is_being_executed_is_not_deleted(settings):
    run = create_pretraining_run(settings)
    refusals = []

    def see(event):
        if event.kind == "train" and event.step == 2:
            with pytest.raises(RunError, match="being executed") as refusal:
                run.delete()
            refusals.append(refusal)

    with watching(see):
        assert execute(run).phase == "finished"
    assert len(refusals) == 1


def test_the_engine_knows_both_kinds(settings, tiny_bert_name):
    from tiny_data import FOUR_ROWS

    from bertlab.datasets import Split
    from bertlab.runs import create_run
    from bertlab.runs.settings import Settings

    tuned = create_run(Settings(model=tiny_bert_name, epochs=1), Split(*[FOUR_ROWS] * 3))
    trained = create_pretraining_run(settings)
    assert execute_any(tuned).phase == execute_any(trained).phase == "finished"
    assert (tuned.kind, trained.kind) == ("finetuning", "pretraining")
    assert tuned.result()["test"]
    assert trained.result()["pairs"] > 0


# --- blanks and held-out text ---


def test_blanks_are_filled_with_probabilities(tiny_bert, settings):
    blanks = [
        WatchedBlank("the [MASK] sat", ("Cat", "cat", "dog", "unknowable")),
        WatchedBlank("a [MASK]", ("xyz!",)),
    ]
    model = BertForPreTraining(tiny_bert.config)
    first, second = fill_blanks(model, tiny_bert.tokenizer, blanks, torch.device("cpu"))
    inputs = tiny_bert.tokenizer("the [MASK] sat", return_tensors="pt")
    with torch.no_grad():
        shares = model.eval()(**inputs).prediction_logits[0, 2].softmax(-1)
    ids = tiny_bert.tokenizer.convert_tokens_to_ids(["cat", "dog"])
    assert first.right == pytest.approx(shares[ids].sum().item(), abs=1e-4)
    assert first.rank == 1 + int((shares > shares[ids].max()).sum())
    best = shares.topk(5)
    assert [p for _, p in first.predictions] == pytest.approx(best.values.tolist(), abs=1e-4)
    assert (second.right, second.rank) == (None, None)
    assert len(second.predictions) == 5


@pytest.mark.parametrize("sentence", ["no blank", "[MASK] and [MASK]"])
def test_a_blank_has_one_gap(sentence):
    with pytest.raises(InputError, match=r"exactly one \[MASK\]"):
        WatchedBlank(sentence, ("a",))


def test_a_blank_longer_than_the_model_is_named(tiny_bert):
    blank = WatchedBlank("the cat " * 40 + "[MASK]", ("cat",))  # 83 tokens of 64
    model = BertForPreTraining(tiny_bert.config)
    with pytest.raises(InputError, match="64 positions"):
        fill_blanks(model, tiny_bert.tokenizer, [blank], torch.device("cpu"))


def test_held_out_scores_are_the_same_twice_and_join_by_their_weight(tiny_bert):
    tokenizer, model = tiny_bert.tokenizer, BertForPreTraining(tiny_bert.config)
    documents = [["the cat sat on the mat.", "a good film", "we loved it"]] * 20
    text = encode_documents(documents, tokenizer)
    asked = {"marks": marks_of(tokenizer), "vocabulary": vocabulary_of(tokenizer)}
    model.train()
    first, again = (score_text(model, text, **asked) for _ in range(2))
    assert first == again
    assert model.training
    few = score_text(model, text, **asked, most=5)
    assert 0 < few.tokens < first.tokens
    joined = join_scores([first, few])
    total = first.tokens + few.tokens
    expected = (first.loss * first.tokens + few.loss * few.tokens) / total
    assert (joined.tokens, joined.loss) == (total, pytest.approx(expected))
    assert join_scores([]).next_accuracy is None


def test_a_small_held_out_text_is_read_until_chance_has_little_to_say(tiny_bert):
    lines = [["the cat", "a dog", "the film"], ["a cat", "the dog", "a film"]]
    text = encode_documents(lines, tiny_bert.tokenizer)
    model = BertForPreTraining(tiny_bert.config)
    marks, vocabulary = marks_of(tiny_bert.tokenizer), vocabulary_of(tiny_bert.tokenizer)
    once = score_text(model, text, marks=marks, vocabulary=vocabulary)
    often = score_text(model, text, marks=marks, vocabulary=vocabulary, fewest=200)
    assert once.tokens < 20  # an input or two of each of two stories, a blank or two in each
    assert often.tokens >= 200
    assert 50 <= often.pairs <= often.tokens
    assert score_text(model, text, marks=marks, vocabulary=vocabulary, fewest=200) == often
    sample = score_text(model, text, marks=marks, vocabulary=vocabulary, most=200, fewest=200)
    assert sample == often, "on the way and at the end the same is asked of a small text"
    empty = encode_documents([], tiny_bert.tokenizer)
    assert score_text(model, empty, marks=marks, vocabulary=vocabulary, fewest=200).tokens == 0
