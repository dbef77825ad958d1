"""The transfer gain: which rows are drawn, how runs are summed up, and a pair of real runs."""

import os
import threading
from pathlib import Path

import pytest

from bertlab.datasets import Examples, Split
from bertlab.errors import BertLabError, InputError, RunError, TableError
from bertlab.evaluation.environment import environment
from bertlab.evaluation.transfer import (
    LabelledSet,
    Transfer,
    draw,
    measure_transfer,
    read_sets,
)
from bertlab.finetuning.execute import execute
from bertlab.runs import create_run, list_runs
from bertlab.runs.settings import Settings


def rows_of(count: int, *, first: int = 0) -> Examples:
    """Every other one is about a good film, with a text of its own."""
    numbers = range(first, first + count)
    texts = tuple(f"a {('bad', 'good')[n % 2]} film {n}" for n in numbers)
    labels = tuple(("neg", "pos")[n % 2] for n in numbers)
    return Examples(texts, None, labels, ("neg", "pos"), tuple(range(2, count + 2)))


@pytest.fixture
def films() -> LabelledSet:
    return LabelledSet("films", rows_of(60), rows_of(20, first=100))


def write_set(folder: Path, name: str, *, heldout: bool = True) -> None:
    rows = ["text,label", *(f"a good film {n},pos\na bad film {n},neg" for n in range(12))]
    (folder / f"{name}_train.csv").write_text("\n".join(rows), encoding="utf-8")
    if heldout:
        text = "text,label\na good cat,pos\na bad cat,neg\n"
        (folder / f"{name}_heldout.csv").write_text(text, encoding="utf-8")


# --- sums ---


def test_the_gain_is_in_points_and_its_error_is_that_of_the_differences():
    """Differences of 6, 8 and 10 points: mean 8, deviation 2, error 2 / sqrt(3)."""
    transfer = Transfer(2_000, (0.76, 0.80, 0.84), (0.70, 0.72, 0.74))
    assert transfer.pretrained_mean == pytest.approx(0.80)
    assert transfer.random_mean == pytest.approx(0.72)
    assert transfer.gain == pytest.approx(8.0)
    assert transfer.standard_error == pytest.approx(1.1547, abs=1e-4)


def test_one_seed_says_nothing_of_the_error():
    assert Transfer(10, (0.7,), (0.8,)).standard_error is None
    assert Transfer(10, (0.7,), (0.8,)).gain == pytest.approx(-10.0)


# --- rows ---


def test_a_tenth_of_the_drawn_rows_chooses_and_the_heldout_rows_test(films):
    split = draw(films, rows=40, seed=1)
    assert tuple(map(len, (split.train, split.validation, split.test))) == (36, 4, 20)
    assert split.test.texts == films.heldout.texts
    drawn = {*split.train.texts, *split.validation.texts}
    assert len(drawn) == 40
    assert drawn <= set(films.train.texts)


def test_the_seed_decides_which_rows(films):
    def drawn(seed: int) -> set[str]:
        split = draw(films, rows=40, seed=seed)
        return {*split.train.texts, *split.validation.texts}

    assert drawn(1) == drawn(1) != drawn(2)


@pytest.mark.parametrize("rows", [None, 60, 1_000])
def test_all_rows_may_be_taken(rows, films):
    split = draw(films, rows=rows, seed=1)
    assert {*split.train.texts, *split.validation.texts} == set(films.train.texts)


def test_a_row_that_is_tested_is_not_learned_from(films):
    both = LabelledSet("films", films.train, films.train.subset([0, 1]))
    split = draw(both, rows=None, seed=1)
    assert not set(split.test.texts) & {*split.train.texts, *split.validation.texts}


def test_too_few_rows_are_refused(films):
    with pytest.raises(TableError, match="at least"):
        draw(films, rows=2, seed=1)


# --- files ---


def test_the_three_sets_are_taken_where_they_are_and_else_all(tmp_path):
    for name in ("another", "subjectivity", "mr_polarity"):
        write_set(tmp_path, name)
    assert [one.name for one in read_sets(tmp_path)] == ["mr_polarity", "subjectivity"]
    for name in ("subjectivity", "mr_polarity"):
        (tmp_path / f"{name}_train.csv").unlink()
    (films,) = read_sets(tmp_path)
    assert (films.name, len(films.train), len(films.heldout)) == ("another", 24, 2)


def test_a_folder_without_sets_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"no folder .*nothing"):
        read_sets(tmp_path / "nothing")
    with pytest.raises(InputError, match=r"no labelled set\. A set is two files, NAME_train\.csv"):
        read_sets(tmp_path)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("films_heldout.csv", None, "films_heldout.csv cannot be read: No such file"),
        ("films_heldout.csv", "", "films_heldout.csv.*empty"),
        ("films_train.csv", "text,label\n", "films_train.csv"),
        ("films_train.csv", "words,label\na,pos\nb,neg\n", "films_train.csv.*text"),
        ("films_train.csv", "text,label\na,pos\nb,pos\n", "films_train.csv.*label"),
    ],
)
def test_a_set_that_cannot_be_used_is_refused_by_file(name, text, message, tmp_path):
    write_set(tmp_path, "films")
    (tmp_path / name).unlink()
    if text is not None:
        (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(BertLabError, match=message):
        read_sets(tmp_path)


# --- runs ---


def test_both_begin_from_what_they_are_called_and_learn_alike(films, tiny_bert_name):
    told: list[str] = []
    options = {"rows": 20, "seeds": 2, "device": "cpu", "tell": told.append}
    transfer = measure_transfer(tiny_bert_name, films, **options)
    assert transfer.rows == 20
    assert len(transfer.pretrained) == len(transfer.random) == 2
    assert all(round(share * 20) == pytest.approx(share * 20) for share in transfer.pretrained)
    assert [line.partition(":")[0] for line in told] == [
        f"films, seed {seed}, {weights} weights"
        for seed in (42, 43)
        for weights in ("pretrained", "random")
    ]
    assert list_runs() == []  # neither here nor left behind
    assert transfer == measure_transfer(tiny_bert_name, films, **options)


def test_weights_that_know_the_answer_gain_and_random_ones_do_not(films, knowing_model):
    transfer = measure_transfer(knowing_model, films, rows=20, seeds=1, device="cpu")
    assert transfer.pretrained == (1.0,)
    assert transfer.random[0] < 1.0
    assert transfer.gain > 0


@pytest.fixture
def knowing_model(models_root, tiny_bert_name, monkeypatch) -> str:
    """A tiny BERT that has been fine-tuned on films before, saved as a model of its own."""
    rows = rows_of(60)
    settings = Settings(
        model=tiny_bert_name, epochs=20, learning_rate=5e-3, device="cpu", batch_size=8
    )
    run = create_run(settings, Split(rows, rows, rows))
    assert execute(run).phase == "finished"
    assert run.result()["test"]["accuracy"] == 1.0
    run.model_folder.rename(models_root / "knows-films")
    run.delete()
    monkeypatch.setenv("BERTLAB_MODELS", str(models_root))
    return "knows-films"


def test_a_run_that_fails_says_why(films):
    with pytest.raises(RunError, match=r"Fine-tuning no-such-model failed\. .*no-such-model"):
        measure_transfer("no-such-model", films, rows=20, seeds=1, device="cpu")


def test_a_run_that_is_stopped_ends_the_measuring(films, tiny_bert_name):
    """Ctrl-C stops a run and keeps its model: half of a comparison is none."""
    is_over = threading.Event()

    def stop_all() -> None:
        while not is_over.wait(0.005):
            for run in list_runs():
                run.request_stop()

    thread = threading.Thread(target=stop_all)
    thread.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            measure_transfer(tiny_bert_name, films, rows=None, seeds=20, device="cpu")
    finally:
        is_over.set()
        thread.join()
    assert list_runs() == []


@pytest.mark.parametrize("earlier", [None, "before"])
def test_a_variable_is_put_back_whatever_happens(earlier, monkeypatch):
    monkeypatch.delenv("BERTLAB_X", raising=False)
    if earlier:
        monkeypatch.setenv("BERTLAB_X", earlier)

    def fails_within():
        with environment("BERTLAB_X", "now"):
            assert os.environ["BERTLAB_X"] == "now"
            raise KeyError

    with pytest.raises(KeyError):
        fails_within()
    assert os.environ.get("BERTLAB_X") == earlier
