"""`bertlab evaluate`, by its contract: what is measured, what is left out, what is refused."""

import json
from pathlib import Path

import pytest
from tiny_models import save_tiny_bert, save_tiny_model

from bertlab.cli import evaluate
from bertlab.datasets import Examples, Split
from bertlab.finetuning.execute import execute
from bertlab.runs import create_run
from bertlab.runs.settings import Settings

CLOZES = "sentence\tanswers\ttheme\nthe [MASK] sat.\tcat|dog\tanimals\na [MASK].\tzebra\tanimals\n"
PAIRS = (
    "first\tfirst_word\tsecond\tsecond_word\ttheme\n"
    "we loved the [MASK].\tcat\twe hated the [MASK].\tdog\tsentiment\n"
)
STORY = "the cat sat on the mat.\nit was happy.\n\na dog was not in.\nhe hates it.\n"
SCORES = ["tokens", "loss", "accuracy", "pairs", "next_accuracy"]


@pytest.fixture
def bertlab(bertlab):
    """Run the command in this process: `status, out, err = bertlab("tiny-bert")`."""
    return lambda *argv: bertlab("evaluate", *map(str, argv))


@pytest.fixture
def files(tmp_path) -> Path:
    """A folder with clozes, pairs, held-out text and a labelled set."""
    (tmp_path / "cloze.tsv").write_text(CLOZES)
    (tmp_path / "pairs.tsv").write_text(PAIRS)
    (tmp_path / "text").mkdir()
    (tmp_path / "text" / "en_story.txt").write_text(STORY)
    (tmp_path / "text" / "zh_story.txt").write_text("电影很好。\n我不喜欢。\n")
    (tmp_path / "sets").mkdir()
    rows = [f"a good film {n},pos\na bad film {n},neg" for n in range(12)]
    text = "\n".join(["text,label", *rows])
    (tmp_path / "sets" / "films_train.csv").write_text(text)
    (tmp_path / "sets" / "films_heldout.csv").write_text("text,label\na good cat,pos\nbad,neg\n")
    return tmp_path


# --- the answer ---


def test_everything_follows_its_contract(answer, files, tiny_bert_name):
    result = answer(
        tiny_bert_name, "--cloze", files / "cloze.tsv", "--pairs", files / "pairs.tsv",
        "--heldout", files / "text", "--transfer", files / "sets", "--transfer-rows", "all",
        "--seeds", "2", "--device", "cpu",
    )  # fmt: skip
    assert list(result) == ["model", "heldout", "cloze", "pairs", "transfer"]
    assert result["model"] == tiny_bert_name
    assert list(result["heldout"]) == ["together", "mean_accuracy", "files"]
    assert list(result["heldout"]["files"]) == ["en_story.txt", "zh_story.txt"]
    assert list(result["heldout"]["together"]) == SCORES
    assert result["heldout"]["together"]["next_accuracy"] is None
    assert list(result["cloze"]) == ["count", "top1", "top5"]
    assert (result["cloze"]["count"], result["pairs"]["count"]) == (2, 1)
    assert result["cloze"]["top5"] <= 0.5  # no vocabulary of ours has zebras
    assert list(result["pairs"]) == ["count", "share"]
    films = result["transfer"]["films"]
    assert list(films) == [
        "rows", "pretrained", "random", "pretrained_mean", "random_mean", "gain", "standard_error",
    ]  # fmt: skip
    assert films["rows"] == 24
    assert films["pretrained_mean"] == pytest.approx(sum(films["pretrained"]) / 2)
    difference = films["pretrained_mean"] - films["random_mean"]
    assert films["gain"] == pytest.approx(100 * difference)


def test_inputs_are_as_long_as_asked(answer, files, tiny_bert_name):
    (files / "long.txt").write_text("the cat sat on the mat.\n" * 40)
    short, longer = (
        answer(tiny_bert_name, "--heldout", files / "long.txt", *more)["heldout"]["together"]
        for more in (["--max-length", "16"], [])
    )
    assert short["loss"] != longer["loss"]  # other inputs, other blanks


def test_what_nobody_asked_for_is_null(answer, files, tiny_bert_name):
    result = answer(tiny_bert_name, "--cloze", files / "cloze.tsv")
    assert [result[part] for part in ("heldout", "pairs", "transfer")] == [None, None, None]
    assert result["cloze"]["count"] == 2


def test_only_what_is_named_is_measured(answer, files, tiny_bert_name):
    named = ("--cloze", files / "cloze.tsv", "--pairs", files / "pairs.tsv", "--heldout", "nowhere")
    result = answer(tiny_bert_name, *named, "--only", "pairs, cloze")
    assert result["cloze"]
    assert result["pairs"]
    assert result["heldout"] is None
    result = answer(tiny_bert_name, *named, "--only", "pairs")
    assert result["cloze"] is None


def test_the_questions_of_a_checkout_are_those_of_the_models_language(answer, models_root):
    folder = save_tiny_bert(models_root / "chinese")
    (folder / "README.md").write_text("---\nlanguage: zh\n---\n")
    counts = [
        len((evaluate.QUESTIONS / name).read_text(encoding="utf-8").splitlines()) - 1
        for name in ("cloze_zh.tsv", "sensitive_pairs_zh.tsv")
    ]
    result = answer("chinese")
    assert [result["cloze"]["count"], result["pairs"]["count"]] == counts


def test_an_installed_package_has_no_questions_and_says_what_to_name(
    bertlab, files, tiny_bert_name, monkeypatch
):
    monkeypatch.setattr(evaluate, "QUESTIONS", files / "nothing")
    status, out, err = bertlab("bertlab-mini-en", "--cloze", files / "cloze.tsv", "--json")
    assert status == 0
    assert json.loads(out)["pairs"] is None
    assert "pairs is left out" in err
    assert "--pairs" in err
    assert "cloze is left" not in err


def test_a_model_that_fills_no_blanks_is_measured_in_what_it_can(bertlab, files):
    argv = ("--transfer", files / "sets", "--transfer-rows", "10", "--seeds", "1")
    status, out, err = bertlab("all-MiniLM-L6-v2", *argv, "--device", "cpu", "--json")
    assert status == 0, err
    result = json.loads(out)
    assert (result["cloze"], result["pairs"]) == (None, None)
    assert result["transfer"]["films"]["standard_error"] is None
    assert "cloze is left out: all-MiniLM-L6-v2 has no masked-LM head" in err


def test_a_folder_and_a_runs_id_are_models_too(answer, files, tmp_path, tiny_bert_name):
    folder = save_tiny_bert(tmp_path / "elsewhere" / "model")
    asked = ("--cloze", files / "cloze.tsv")
    by_name, by_folder = answer(tiny_bert_name, *asked), answer(folder, *asked)
    assert by_folder == by_name | {"model": str(folder.resolve())}
    rows = Examples(("good", "bad"), None, ("pos", "neg"), ("neg", "pos"), (2, 3))
    settings = Settings(model=tiny_bert_name, epochs=1, device="cpu")
    run = create_run(settings, Split(rows, rows, rows))
    argv = ("--transfer", files / "sets", "--seeds", "1", "--device", "cpu")
    assert execute(run).phase == "finished"
    result = answer(run.id, *argv)
    assert result["model"] == str(run.model_folder.resolve())
    assert result["transfer"]["films"]["rows"] == 24


# --- for people ---


def test_for_people(bertlab, files, tiny_bert_name):
    status, out, err = bertlab(
        tiny_bert_name, "--cloze", files / "cloze.tsv", "--heldout", files / "text",
        "--transfer", files / "sets", "--seeds", "2", "--device", "cpu",
    )  # fmt: skip
    assert status == 0
    assert "en_story.txt" in out
    assert "together" in out
    assert "Mean of the files" in out
    assert "of 2 sentences" in out
    assert "Sensitive pairs" not in out
    assert "films" in out
    assert "±" in out
    assert " against " in out
    assert "zebra" not in out
    assert "has no trained next-sentence head" in err
    assert "films has 24 rows; all of them are taken" in err
    assert "seed 43, random weights" in err


def test_the_misses_are_shown_on_request(bertlab, files, tiny_bert_name):
    argv = ("--cloze", files / "cloze.tsv", "--pairs", files / "pairs.tsv", "--verbose")
    _, out, _ = bertlab(tiny_bert_name, *argv)
    assert "a [MASK].  zebra: not in the vocabulary; it says " in out
    assert "Pairs missed (" in out


# --- what is refused ---


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["--only", "everything"], '"everything" is none of heldout, cloze, pairs, transfer'),
        (["--only", ""], '"" is none of'),
        (["--transfer-rows", "some"], '"some" is no whole number'),
        (["--max-length", "513"], '"513" is not from 16 to 512'),
        (["--max-length", "long"], '"long" is no whole number'),
        (["--seeds", "0"], '"0" is no whole number'),
        (["--device", "abacus"], "no device"),
        (["--only", "heldout"], "name it with --heldout"),
        (["--only", "cloze,transfer", "--cloze", "cloze.tsv"], "name it with --transfer"),
        (["--only", "cloze"], "name a file with --cloze"),
        ([], "nothing to measure"),
        (["--heldout", "nowhere"], "no file or folder nowhere"),
        (["--heldout", "sets"], "holds no .txt"),
        (["--heldout", "empty.txt"], "empty.txt is empty"),
        (["--heldout", "gbk.txt"], "gbk.txt is not UTF-8"),
        (["--cloze", "nowhere"], "nowhere is not there"),
        (["--cloze", "empty.txt"], "the header must be"),
        (["--cloze", "gbk.txt"], "not UTF-8"),
        (["--pairs", "cloze.tsv"], "the header must be"),
        (["--transfer", "nowhere"], "no folder nowhere"),
        (["--transfer", "text"], "no labelled set"),
        (["--transfer", "sets", "--transfer-rows", "2"], "at least"),
    ],
)
def test_bad_input_gets_one_line(argv, message, refused, files, tiny_bert_name, monkeypatch):
    monkeypatch.chdir(files)
    Path("empty.txt").touch()
    Path("gbk.txt").write_bytes("很好。".encode("gbk"))
    assert message in refused(tiny_bert_name, *argv)


@pytest.mark.parametrize("model", ["no/such/model", "nonsense", "text", "x" * 5_000])
def test_what_is_no_model(model, refused, files, monkeypatch):
    monkeypatch.chdir(files)
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", "http://127.0.0.1:9")
    assert model[:20] in refused(model)


def test_a_part_that_is_named_and_cannot_be_measured(refused, files, models_root):
    save_tiny_model("distilbert", models_root / "distil")
    text = files / "text"
    assert "models of the BERT family" in refused("distil", "--heldout", text)
    named = ("all-MiniLM-L6-v2", "--cloze", files / "cloze.tsv", "--only", "cloze")
    assert "masked-LM" in refused(*named)
