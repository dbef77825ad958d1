"""Training a tiny random BERT for real: it learns, stops, resumes, and its folder is usable."""

import json
import time
import zipfile
from dataclasses import replace

import pytest
import torch
import transformers
from tiny_rows import LABELS, ROWS, TEXTS

from bertlab.datasets import Examples, Split
from bertlab.errors import RunError
from bertlab.finetuning.checkpoints import copy_weights, load_checkpoint, save_checkpoint
from bertlab.finetuning.data import encode_texts
from bertlab.finetuning.execute import execute
from bertlab.finetuning.export import zip_model
from bertlab.finetuning.loop import LoopOptions, train
from bertlab.finetuning.optimization import start_training
from bertlab.finetuning.predict import longest_text, predict
from bertlab.finetuning.setup import set_up
from bertlab.finetuning.strategies.frozen import encode_once, freeze_encoder
from bertlab.finetuning.strategies.layer_groups import depth_of
from bertlab.finetuning.tasks import SingleLabel
from bertlab.models import load_classifier, load_finetuned
from bertlab.runs import Journal, create_run
from bertlab.runs.settings import Settings
from bertlab.training.schedule import rate_share

CPU = torch.device("cpu")
OPTIONS = LoopOptions(epochs=4, batch_size=4, seed=5, device=CPU)


USUAL = Settings(
    model="tiny-bert", epochs=8, batch_size=4, learning_rate=5e-3, device="cpu", seed=3
)


@pytest.fixture
def settings(tiny_bert_name):
    return USUAL


@pytest.fixture(scope="module")
def finished(tiny_bert_folder, tmp_path_factory):
    """A run that came to its end, for tests that read it; do not change it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BERTLAB_MODELS", str(tiny_bert_folder.parent))
        patch.setenv("BERTLAB_RUNS", str(tmp_path_factory.mktemp("runs")))
        run = make_run(USUAL)
        assert execute(run).phase == "finished"
        return run


@pytest.fixture
def classifier(tiny_bert_name):
    return load_classifier(tiny_bert_name, labels=["neg", "pos"], seed=1, device="cpu")


def make_run(settings, *, test=ROWS):
    return create_run(settings, Split(ROWS, ROWS, test))


def of_kind(run, kind):
    return [event for event in run.history() if event.kind == kind]


def encoded(tokenizer):
    return encode_texts(tokenizer, TEXTS, labels=[int(label == "pos") for label in LABELS])


def losses(model, data, *, training=None, steps=16, rate=1e-3):
    training = training or start_training(model, learning_rate=rate, steps=steps)
    return [step.loss for step in train(training, data, SingleLabel(), OPTIONS)]


def test_the_rate_rises_for_a_tenth_and_then_falls_to_nothing():
    shares = [rate_share(step, 100) for step in (0, 9, 10, 55, 100)]
    assert shares == pytest.approx([0.1, 1.0, 1.0, 0.5, 0.0])


def test_a_run_overfits_sixteen_rows_and_reports_it(settings):
    run = make_run(replace(settings, epochs=12, pinned=("a good cat",)))
    assert execute(run).phase == "finished"
    result = run.result()
    assert result["test"]["accuracy"] == 1.0
    assert result["test"]["confusion"] == [[8, 0], [0, 8]]
    assert result["test"]["majority_share"] == 0.5
    assert result["test"]["interval"] == pytest.approx([0.806, 1.0], abs=1e-3)  # 16 / (16 + z2)
    assert (result["steps"], result["train_examples"]) == (48, 16)
    train_events = of_kind(run, "train")
    assert [event.step for event in train_events] == list(range(1, 49))
    assert train_events[-1].loss < 0.3 < 0.5 < train_events[0].loss
    assert train_events[-1].examples == 192
    assert 10 <= len(of_kind(run, "validation")) <= 20
    pinned = [event.predictions[0] for event in of_kind(run, "pinned")]
    first, last = (answer.probabilities["pos"] for answer in (pinned[0], pinned[-1]))
    assert first < 0.75 < last
    assert (run.status().progress, run.status().accuracy) == (1.0, 1.0)
    assert not (run.folder / "checkpoint.pt").exists()


def test_the_test_part_is_told_row_by_row(finished):
    run = finished
    predictions = run.predictions()
    assert [row.text for row in predictions] == list(TEXTS)
    assert [row.row for row in predictions] == list(range(2, 18))
    right = sum(row.label == row.predicted for row in predictions) / len(predictions)
    assert right == run.result()["test"]["accuracy"]
    answers = predict(run, [row.text for row in predictions])
    for row, answer in zip(predictions, answers, strict=True):
        assert answer[row.predicted] == pytest.approx(row.probability, abs=1e-5)


def test_transformers_loads_the_model_as_it_is(finished):
    run = finished
    assert (run.model_folder / "model.safetensors").is_file()
    pipe = transformers.pipeline("text-classification", str(run.model_folder))
    answer = pipe("we loved it")[0]
    ours = predict(run, ["we loved it"])[0]
    assert answer["label"] == max(ours, key=ours.get) == "pos"
    assert answer["score"] == pytest.approx(ours["pos"], abs=1e-5)
    config = json.loads((run.model_folder / "config.json").read_text())
    assert config["id2label"] == {"0": "neg", "1": "pos"}
    assert config["label2id"] == {"neg": 0, "pos": 1}


@pytest.mark.parametrize("family", ["bert", "roberta", "distilbert"])
def test_a_classifier_of_others_reads_as_far_as_its_positions_go(family, models_root):
    """Its tokenizer names no limit (or 512), its model has 64 positions."""
    from tiny_models import save_tiny_model

    save_tiny_model(family, models_root / "tiny")
    tokenizer, model = load_classifier("tiny", labels=["neg", "pos"], device="cpu")
    tokenizer.model_max_length = 512
    for part in (tokenizer, model):
        part.save_pretrained(models_root / "foreign")
    (answer,) = predict(models_root / "foreign", ["the cat sat " * 200])
    assert set(answer) == {"neg", "pos"}
    assert longest_text(tokenizer, model) == 64
    tokenizer.model_max_length = 9  # as stored with a model that was trained on so much
    assert longest_text(tokenizer, model) == 9


def test_the_zip_holds_the_model_folder(settings):
    run = make_run(settings)
    with pytest.raises(RunError, match="no model"):
        zip_model(run)
    execute(run)
    with zipfile.ZipFile(zip_model(run)) as archive:
        assert archive.testzip() is None
        names = set(archive.namelist())
    assert {"model/config.json", "model/model.safetensors", "model/tokenizer.json"} <= names


def test_the_same_seed_gives_the_same_losses(settings, finished):
    again, another = make_run(settings), make_run(replace(settings, seed=4))
    execute(again)
    execute(another)
    runs = (finished, again, another)
    first, second, other = ([event.loss for event in of_kind(run, "train")] for run in runs)
    assert first == second != other


def test_frozen_training_changes_the_head_alone(classifier):
    tokenizer, model = classifier
    head = freeze_encoder(model)
    before = {name: weight.clone() for name, weight in model.state_dict().items()}
    losses(head, encode_once(model, encoded(tokenizer), device=CPU), rate=1e-2)
    changed = {n for n, weight in model.state_dict().items() if not torch.equal(weight, before[n])}
    assert {name.split(".")[0] for name in changed - {n for n in changed if "pooler" in n}} == {
        "classifier"
    }
    assert {n for n in changed if "pooler" in n} == {
        "bert.pooler.dense.weight",
        "bert.pooler.dense.bias",
    }


def test_kept_vectors_train_the_head_as_reading_anew_would(tiny_bert_name):
    by_path = []
    for is_cached in (True, False):
        tokenizer, model = load_classifier(tiny_bert_name, labels=["neg", "pos"], device="cpu")
        for module in model.modules():  # the uncached loop would draw dropout in the encoder
            if isinstance(module, torch.nn.Dropout):
                module.p = 0.0
        model.config.attention_probs_dropout_prob = 0.0
        for layer in model.bert.encoder.layer:
            layer.attention.self.dropout_prob = 0.0
        head = freeze_encoder(model)
        data = encoded(tokenizer)
        if is_cached:
            vectors = encode_once(model, data, device=CPU)
            assert vectors.vectors.shape == (16, 32)
            data, head = replace_lengths(vectors, data.lengths), head
        by_path.append(losses(head if is_cached else model, data))
    assert by_path[0] == pytest.approx(by_path[1], abs=1e-5)


def replace_lengths(features, lengths):
    """Give features the texts' lengths, so that both loops draw the same batches."""

    class WithLengths(type(features)):
        @property
        def lengths(self):
            return lengths

    return WithLengths(features.vectors, features.labels)


@pytest.mark.parametrize("family", ["distilbert", "roberta", "albert", "electra"])
def test_every_family_has_a_head_that_equals_the_whole_model(family, models_root):
    from tiny_models import save_tiny_model

    save_tiny_model(family, models_root / f"tiny-{family}")
    tokenizer, model = load_classifier(f"tiny-{family}", labels=["neg", "pos"], device="cpu")
    data = encoded(tokenizer)
    whole = data.batch(range(16), CPU)
    head = freeze_encoder(model).eval()
    vectors = encode_once(model, data, device=CPU).vectors
    with torch.no_grad():
        expected = model.eval()(**whole.inputs).logits
        assert torch.allclose(head(vectors).logits, expected, atol=1e-5)


def test_a_frozen_run_goes_through_and_says_what_it_did(settings):
    run = make_run(replace(settings, strategy="frozen", learning_rate=None, epochs=3))
    assert execute(run).phase == "finished"
    told = " ".join(event.text for event in of_kind(run, "message"))
    assert "encoder is frozen" in told
    assert "dropout off" in told
    assert "1e-3" in told


def test_stop_ends_at_the_next_step_and_keeps_a_usable_model(settings, monkeypatch):
    run = make_run(settings)
    original = Journal.event

    def stop_at_step_six(self, event, **options):
        original(self, event, **options)
        if event.kind == "train" and event.step == 6:
            run.request_stop()

    monkeypatch.setattr(Journal, "event", stop_at_step_six)
    assert execute(run).phase == "stopped"
    assert of_kind(run, "train")[-1].step == 6
    assert run.result()["was_stopped"] is True
    assert run.result()["test"]["examples"] == 16
    assert sum(predict(run, ["a good film"])[0].values()) == pytest.approx(1.0)
    monkeypatch.undo()


def stop_at(run, step):
    """Execute with a stop asked for when the step has been written."""
    original = Journal.event

    def watched(self, event, **options):
        original(self, event, **options)
        if event.kind == "train" and event.step == step:
            run.request_stop()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Journal, "event", watched)
        return execute(run)


def test_the_kept_weights_are_named_by_their_step(finished):
    result = finished.result()  # of 8 epochs of 4 steps
    ends = [event for event in of_kind(finished, "validation") if event.epoch_end]
    best = max(ends, key=lambda event: (event.metric("accuracy"), event.step))
    assert (result["chosen_step"], result["chosen_epoch"]) == (best.step, best.step // 4 - 1)
    assert "validation" in result["chosen_by"]


@pytest.mark.parametrize(("step", "epoch"), [(6, None), (8, 1)])
def test_after_a_stop_the_kept_weights_are_still_named_rightly(settings, step, epoch):
    """Too small a rate to change an answer: of equals the last step's weights are kept."""
    run = make_run(replace(settings, learning_rate=1e-8))
    assert stop_at(run, step).phase == "stopped"
    result = run.result()
    assert (result["chosen_step"], result["chosen_epoch"]) == (step, epoch)
    last = of_kind(run, "validation")[-1]
    assert (last.step, last.epoch_end) == (step, epoch is not None)


def test_kept_weights_learn_nothing_more():
    model = torch.nn.Linear(2, 1, bias=False)
    kept = copy_weights(model)
    before = kept["weight"].clone()
    with torch.no_grad():
        model.weight += 1.0  # as an optimizer does, in place
    assert torch.equal(kept["weight"], before)


def test_a_stop_in_the_first_epoch_keeps_the_last_steps_weights_unchosen(settings):
    run = make_run(settings)
    stop_at(run, 2)
    result = run.result()
    assert (result["chosen_step"], result["chosen_epoch"], result["chosen_by"]) == (2, None, "")


def test_a_stop_at_the_end_of_an_epoch_leaves_that_epoch_a_candidate(settings):
    run = make_run(replace(settings, learning_rate=1e-8))
    stop_at(run, 4)
    with Journal(run) as journal:
        setup = set_up(run, journal, CPU)
    training = start_training(setup.trained, learning_rate=1e-8, steps=32)
    found, best, _ = load_checkpoint(run.folder / "checkpoint.pt", training, tag=run.id)
    assert (found, best.step) == (True, 4)


def test_a_stop_in_the_very_last_step_changes_nothing(settings):
    run = make_run(replace(settings, learning_rate=1e-8))
    assert stop_at(run, 32).phase == "finished"
    assert of_kind(run, "validation")[-1].step == 32
    assert run.result()["chosen_step"] == 32


def test_each_step_tells_the_share_of_its_batch_that_was_right(finished):
    shares = [event.metric("accuracy") for event in of_kind(finished, "train")]
    assert set(shares) <= {0.0, 0.25, 0.5, 0.75, 1.0}  # of four examples
    assert sum(shares[-8:]) > sum(shares[:8])


def test_the_rate_counts_the_steps_alone(settings, monkeypatch):
    from bertlab.finetuning import session

    ask = session.pinned_event

    def slowly(*parts):
        time.sleep(0.05)
        return ask(*parts)

    monkeypatch.setattr(session, "pinned_event", slowly)
    run = make_run(replace(settings, epochs=4))  # 16 steps, as many pauses and one before
    execute(run)
    result = run.result()
    assert result["training_seconds"] - result["step_seconds"] > 16 * 0.05
    rate = 64 / result["step_seconds"]
    assert result["examples_per_second"] == pytest.approx(rate, rel=0.01)


def test_whether_a_run_was_begun_is_told_by_its_first_step(settings):
    run = make_run(settings)
    assert not run.was_begun()
    stop_at(run, 2)
    assert run.was_begun()


def test_a_stopped_run_goes_on_with_the_curve_of_an_unbroken_one(settings, finished, monkeypatch):
    unbroken, broken = finished, make_run(settings)
    original = Journal.event

    def stop_once(self, event, **options):
        original(self, event, **options)
        if event.kind == "train" and event.step == 6:
            broken.request_stop()

    with monkeypatch.context() as patch:
        patch.setattr(Journal, "event", stop_once)
        execute(broken)
    broken.queue()
    assert execute(broken).phase == "finished"
    curves = [[event.loss for event in of_kind(run, "train")] for run in (unbroken, broken)]
    assert len(curves[1]) == 32
    assert curves[0] == pytest.approx(curves[1], abs=1e-4)


def test_a_checkpoint_restores_model_optimizer_schedule_and_dropout(classifier, tmp_path):
    tokenizer, model = classifier
    data = encoded(tokenizer)
    torch.manual_seed(0)
    training = start_training(model, learning_rate=1e-3, steps=16)
    steps = train(training, data, SingleLabel(), OPTIONS)
    for _ in range(6):
        next(steps)
    save_checkpoint(tmp_path / "c.pt", training, None, tag="run")
    rest = [step.loss for step in steps]
    torch.manual_seed(99)
    again = start_training(model, learning_rate=1e-3, steps=16)
    assert load_checkpoint(tmp_path / "c.pt", again, tag="other run") == (False, None, [])
    assert load_checkpoint(tmp_path / "c.pt", again, tag="run") == (True, None, [])
    assert losses(model, data, training=again) == pytest.approx(rest, abs=1e-6)


def test_a_damaged_checkpoint_means_beginning_anew(settings):
    run = make_run(settings)
    (run.folder / "checkpoint.pt").write_bytes(b"half a checkpo")
    assert execute(run).phase == "finished"


def test_what_goes_wrong_ends_as_failed_with_a_message(settings):
    run = make_run(replace(settings, model="no-such-model"))
    assert execute(run).phase == "failed"
    assert "no-such-model" in run.status().message
    assert of_kind(run, "phase")[-1].phase == "failed"
    assert "Traceback" in (run.folder / "error.log").read_text()


def test_a_learning_rate_that_breaks_the_model_is_named(settings, monkeypatch):
    from bertlab.finetuning import tasks

    monkeypatch.setattr(
        tasks.nn.functional,
        "cross_entropy",
        lambda logits, labels, **kind: logits.sum() * float("nan"),
    )
    run = make_run(settings)
    assert execute(run).phase == "failed"
    assert "ten times smaller" in run.status().message


def test_a_run_without_validation_or_test_rows_still_ends(settings):
    nothing = ROWS.subset([])
    run = create_run(settings, Split(ROWS, nothing, nothing))
    assert execute(run).phase == "finished"
    assert run.result()["validation"] is None
    assert run.result()["test"] is None
    assert run.has_model


def test_pairs_are_trained_and_predicted(settings):
    rows = replace(ROWS, pairs=tuple(reversed(TEXTS)))
    run = create_run(settings, Split(rows, rows, rows))
    assert execute(run).phase == "finished"
    assert run.predictions()[0].pair == TEXTS[-1]
    assert len(predict(run, ["a cat"], pairs=["a dog"])) == 1


def test_odd_texts_and_labels_go_through(settings):
    odd = Examples(
        texts=("😀", "\ud800 half", "</script>", "word " * 3000, "=1+1", "好"),
        pairs=None,
        labels=("../../x", "=1+1", "好", "../../x", "=1+1", "好"),
        label_names=("../../x", "=1+1", "好"),
        rows=(2, 3, 4, 5, 6, 7),
    )
    run = create_run(replace(settings, max_length=512), Split(odd, odd, odd))
    assert execute(run).phase == "finished"
    assert set(predict(run, ["\ud800"])[0]) == {"../../x", "=1+1", "好"}


def resume(run):
    run.queue()
    assert execute(run).phase == "finished"


def losses_of(run):
    return [event.loss for event in of_kind(run, "train")]


def moved_depths(run):
    """Tell which depths have left their first weights."""
    _, before = load_classifier(
        run.settings.model, labels=["neg", "pos"], seed=run.settings.seed, device="cpu"
    )
    _, after = load_finetuned(run.model_folder, device="cpu")
    old, layers = dict(before.named_parameters()), before.config.num_hidden_layers
    return {
        depth_of(name, layers)
        for name, weight in after.named_parameters()
        if not torch.equal(weight, old[name])
    }


@pytest.mark.parametrize(
    ("changes", "depths"),
    [
        ({"strategy": "full"}, {0, 1, 2, 3}),
        ({"strategy": "top", "trained_layers": 1}, {2, 3}),  # of 2 layers the last, and the head
        ({"strategy": "gradual", "epochs": 3}, {0, 1, 2, 3}),
        ({"strategy": "lora"}, {1, 2, 3}),
        ({"strategy": "frozen"}, {3}),
        ({"layer_decay": 0.5}, {0, 1, 2, 3}),
    ],
)
def test_each_strategy_moves_the_weights_that_it_names(settings, changes, depths):
    run = make_run(replace(settings, **{"epochs": 2, **changes}))
    execute(run)
    assert moved_depths(run) == depths


@pytest.mark.parametrize(("strategy", "depths"), [("gradual", {0, 1, 2, 3}), ("lora", {1, 2, 3})])
def test_a_strategy_goes_on_after_a_stop_as_if_nothing_had_happened(settings, strategy, depths):
    settings = replace(settings, strategy=strategy, epochs=3)
    unbroken, broken = make_run(settings), make_run(settings)
    execute(unbroken)
    assert stop_at(broken, 6).phase == "stopped"  # in the second of three epochs of four steps
    resume(broken)
    assert losses_of(broken) == pytest.approx(losses_of(unbroken), abs=1e-6)
    assert moved_depths(broken) == depths


def test_early_stopping_ends_a_run_that_no_longer_gains_and_says_so(settings):
    run = make_run(replace(settings, learning_rate=1e-8, patience=2))
    assert execute(run).phase == "finished"
    result = run.result()
    assert (result["steps"], result["ended_early"], result["was_stopped"]) == (12, True, False)
    told = [event.text for event in of_kind(run, "message")]
    assert any("Early stopping after 3 of 8 epochs" in text for text in told)


def test_early_stopping_counts_the_epochs_before_a_stop(settings):
    run = make_run(replace(settings, learning_rate=1e-8, patience=2))
    assert stop_at(run, 4).phase == "stopped"  # at the end of the first epoch
    resume(run)
    assert run.result()["steps"] == 12


def test_class_weights_clipping_and_precision_change_the_curve_where_they_should(settings):
    rare = Examples(TEXTS[:10], None, LABELS[:10], ("neg", "pos"), tuple(range(2, 12)))
    curves = []
    for changes in ({}, {"class_weights": True}, {"clip": 0.01}, {"precision": "bf16"}):
        asked = replace(settings, **{"epochs": 2, "precision": "fp32", **changes})
        run = create_run(asked, Split(rare, ROWS, ROWS))
        execute(run)
        curves.append(losses_of(run))
    plain, weighted, clipped, bf16 = curves
    assert weighted[0] != plain[0]  # the loss itself
    assert clipped[0] == plain[0]
    assert clipped[2] != plain[2]
    assert bf16[0] == pytest.approx(plain[0], abs=0.05)
    assert bf16[0] != plain[0]


def test_what_a_model_reads_of_a_long_text_is_the_same_when_it_is_asked(settings):
    """The word that decides stands at the end: cut at its head alone it cannot be learned."""
    filler = "the cat sat on the mat and it was a day " * 3
    texts = tuple(f"{filler} {word}" for word in ("good", "bad") * 8)
    rows = Examples(texts[:2] * 8, None, ("pos", "neg") * 8, ("neg", "pos"), tuple(range(2, 18)))
    found = {}
    for truncation in ("head", "tail", "head+tail"):
        asked = replace(settings, max_length=12, truncation=truncation)
        run = create_run(asked, Split(rows, rows, rows))
        execute(run)
        found[truncation] = run.result()["test"]["accuracy"]
        answers = predict(run, texts[:2])
        differs = answers[0]["pos"] - answers[1]["pos"]
        assert (abs(differs) > 0.2) == (truncation != "head")
    assert found == {"head": 0.5, "tail": 1.0, "head+tail": 1.0}
