"""The command line, by its contract in the README and the design."""

import json
import math
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import openpyxl
import pytest
from huggingface_hub import constants
from tiny_models import save_tiny_bert, save_tiny_model
from transformers import pipeline

from bertlab import cli
from bertlab.cli.arguments import DEFAULT_MODEL
from bertlab.cli.output import to_json
from bertlab.finetuning.planning.steps import epochs_for
from bertlab.models import DEFAULT_MODEL as MODELS_DEFAULT
from bertlab.runs import list_runs, open_run, runs_root
from bertlab.runs.settings import Settings

SAMPLES = Path(__file__).parents[2] / "sample_data"
HANZI = "评论内容;情感标签"


PROGRAM = (sys.executable, "-c", "import sys; from bertlab.cli import main; sys.exit(main())")


def process(*argv: str, **options) -> subprocess.CompletedProcess:
    return subprocess.run([*PROGRAM, *argv], capture_output=True, timeout=120, **options)


def hear_interrupts() -> None:
    """A shell starts what it runs in the background deaf to Ctrl+C, and so are its children."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def start(*argv: str, **options) -> subprocess.Popen:
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    return subprocess.Popen([*PROGRAM, *argv], **pipes, preexec_fn=hear_interrupts, **options)


# --- arguments ---


def test_help_and_wrong_arguments_are_answered_at_once():
    """No torch, no transformers: importing them takes seconds."""
    code = (
        "import sys\nfrom bertlab.cli import main\n"
        "try: main(sys.argv[1:])\nexcept SystemExit as end: print(end.code)\n"
        "print({'torch', 'transformers', 'pandas', 'numpy'} & set(sys.modules))"
    )
    for argv in (["--help"], ["fill"], ["pretrain"], ["finetune", "--help"]):
        done = subprocess.run([sys.executable, "-c", code, *argv], capture_output=True, text=True)
        assert done.stdout.endswith("set()\n"), done


def test_a_command_that_does_not_exist(refused):
    assert "There is no command 'nonsense'" in refused("nonsense", "x")


@pytest.mark.parametrize(
    "argv",
    [
        [],
        ["tokenize"],
        ["fill", "a [MASK]", "--top-k", "0"],
        ["fill", "a [MASK]", "--top-k", "many"],
        ["fill", "a [MASK]", "--mod", "x"],
        ["runs", "explode"],
        ["finetune", "x.csv", "--epochs", "-1"],
        ["finetune", "x.csv", "--learning-rate", "fast"],
        ["finetune", "x.csv", "--patience", "0"],
    ],
)
def test_wrong_arguments(argv, refused):
    assert "--help" in refused(*argv)


def test_the_default_model_is_that_of_the_models():
    assert DEFAULT_MODEL == MODELS_DEFAULT


def test_what_begins_with_a_dash_goes_behind_two(refused):
    for text in ("-hello", "-ugh"):
        assert 'goes behind "--"' in refused("tokenize", text)
    assert 'goes behind "--"' in refused("runs", "show", "-aaaaaaaaaaaaaaaaaaaaa")
    assert cli.build_parser().parse_args(["tokenize", "--json", "--", "-hello"]).text == "-hello"


# --- tokenize ---


def test_tokenize_follows_its_contract(answer, tiny_bert_name):
    result = answer("tokenize", "Unhappy cat", "--model", tiny_bert_name)
    assert list(result) == [
        "text", "tokens", "token_ids", "token_type_ids", "words", "matches_tokenizer",
    ]  # fmt: skip
    assert result["text"] == "Unhappy cat"
    assert result["tokens"] == ["[CLS]", "un", "##happy", "cat", "[SEP]"]
    assert len(result["token_ids"]) == 5
    assert result["token_type_ids"] == [0] * 5
    assert result["matches_tokenizer"] is True
    unhappy, cat = result["words"]
    assert (unhappy["text"], unhappy["start"], unhappy["end"]) == ("Unhappy", 0, 7)
    tried = [(a["piece"], a["found"]) for a in unhappy["attempts"]]
    assert tried == [
        ("unhappy", False), ("unhapp", False), ("unhap", False), ("unha", False), ("unh", False),
        ("un", True), ("##happy", True),
    ]  # fmt: skip
    assert unhappy["pieces"] == ["un", "##happy"]
    assert cat == {
        "text": "cat", "start": 8, "end": 11, "pieces": ["cat"],
        "attempts": [{"piece": "cat", "found": True}],
    }  # fmt: skip


def test_tokenize_a_pair(answer, tiny_bert_name):
    result = answer("tokenize", "the cat", "--pair", "a dog", "--model", tiny_bert_name)
    assert result["tokens"] == ["[CLS]", "the", "cat", "[SEP]", "a", "dog", "[SEP]"]
    assert result["token_type_ids"] == [0, 0, 0, 0, 1, 1, 1]
    assert [word["text"] for word in result["pair_words"]] == ["a", "dog"]


def test_tokenize_does_not_escape_chinese(bertlab, tiny_bert_name):
    _, out, _ = bertlab("tokenize", "电影很好", "--model", tiny_bert_name, "--json")
    assert '"tokens": ["[CLS]", "电", "影", "很", "好", "[SEP]"]' in out


@pytest.mark.parametrize("family", ["roberta", "albert"])
def test_tokenize_without_wordpiece(family, answer, models_root):
    save_tiny_model(family, models_root / family)
    result = answer("tokenize", "the cat", "--model", family)
    assert result["matches_tokenizer"] is None
    assert [word["text"].strip() for word in result["words"]] == ["the", "cat"]
    assert not any(word["attempts"] for word in result["words"])
    pieces = [piece for word in result["words"] for piece in word["pieces"]]
    assert result["tokens"][1:-1] == pieces


def test_tokenize_an_empty_text_is_two_special_tokens(answer):
    result = answer("tokenize", "")
    assert (result["tokens"], result["words"]) == (["[CLS]", "[SEP]"], [])


def test_tokenize_ten_thousand_words(answer, tiny_bert_name):
    result = answer("tokenize", "cat " * 10_000, "--model", tiny_bert_name)
    assert len(result["tokens"]) == 10_002
    assert result["matches_tokenizer"] is True


def test_tokenize_emoji_warns_of_the_unknown(bertlab):
    status, out, err = bertlab("tokenize", "🙂🙃", "--json")
    assert status == 0
    assert "[UNK]" in json.loads(out)["tokens"]
    assert "100% of the tokens are [UNK]" in err
    assert "would fit" not in err  # no model of the course knows them


def test_chinese_is_offered_a_chinese_model(bertlab):
    _, _, err = bertlab("tokenize", "我喜欢这个电影", "--json")
    assert "bertlab-mini-zh would fit better" in err


def test_tokenize_for_people(bertlab, tiny_bert_name):
    status, out, err = bertlab("tokenize", "Unhappy", "--model", tiny_bert_name)
    assert (status, err) == (0, "")
    assert "'Unhappy' -> un ##happy    [-unhappy -unhapp -unhap -unha -unh +un +##happy]" in out
    assert "agree" in out


# --- one answer a line ---


def test_a_line_of_json_for_each_line_of_input(bertlab, tiny_bert_name):
    stdin = "\ufeffthe cat\r\n\n很好\nno line end".encode()
    argv = ("tokenize", "-", "--model", tiny_bert_name, "--json")
    status, out, _ = bertlab(*argv, stdin=stdin)
    assert status == 0
    texts = [json.loads(line)["text"] for line in out.splitlines()]
    assert texts == ["the cat", "", "很好", "no line end"]


def test_signs_that_some_take_for_line_ends_stay_inside_their_line(bertlab, tiny_bert_name):
    text = "a\u2028b\x85c\x0bd\u2029e"
    argv = ("tokenize", "-", "--model", tiny_bert_name, "--json")
    _, out, _ = bertlab(*argv, stdin=text.encode() + b"\n")
    (line,) = out.splitlines()
    assert json.loads(line)["text"] == text


def test_a_bad_line_does_not_lose_the_others(bertlab, tiny_bert_name):
    stdin = b"the [MASK]\n\nno blank\n\xff[MASK]\na [MASK] [MASK]\n"
    argv = ("fill", "-", "--model", tiny_bert_name)
    status, out, err = bertlab(*argv, "--json", stdin=stdin)
    assert status == 2
    answers = [json.loads(line) for line in out.splitlines()]
    assert [len(a["masks"]) if "masks" in a else a["error"][:17] for a in answers] == [
        1, "The text has no b", "The text has no b", "The text is not U", 2,
    ]  # fmt: skip
    assert [line.split(":")[1] for line in err.splitlines() if " Line " in line] == [
        " Line 2", " Line 3", " Line 4",
    ]  # fmt: skip
    status, out, _ = bertlab(*argv, stdin=stdin)
    assert status == 2
    assert "a [MASK] [MASK]" in out


def test_no_line_no_answer(bertlab, tiny_bert_name):
    assert bertlab("fill", "-", "--model", tiny_bert_name, "--json") == (0, "", "")


def test_numbers_that_json_does_not_know_become_null():
    assert to_json({"a": [float("nan"), float("inf")], "b": (1, "好")}) == (
        '{"a": [null, null], "b": [1, "好"]}'
    )


# --- fill ---


def test_fill_follows_its_contract(answer, mini):
    text = "The capital of [MASK] is [MASK]."
    result = answer("fill", text, "--top-k", "3")
    assert list(result) == ["text", "masks"]
    assert result["text"] == text
    tokens = answer("tokenize", text)["tokens"]
    assert [tokens[mask["position"]] for mask in result["masks"]] == ["[MASK]", "[MASK]"]
    for mask in result["masks"]:
        assert [list(p) for p in mask["predictions"]] == [["token", "token_id", "probability"]] * 3
        probabilities = [p["probability"] for p in mask["predictions"]]
        assert probabilities == sorted(probabilities, reverse=True)
        for p in mask["predictions"]:
            assert mini.tokenizer.convert_ids_to_tokens(p["token_id"]) == p["token"]


def test_fill_answers_five_by_default(answer):
    (mask,) = answer("fill", "She [MASK] a book.")["masks"]
    assert len(mask["predictions"]) == 5


def test_fill_with_more_answers_than_words(answer, tiny_bert, tiny_bert_name):
    (mask,) = answer("fill", "a [MASK]", "--top-k", "99999", "--model", tiny_bert_name)["masks"]
    assert len(mask["predictions"]) == tiny_bert.config.vocab_size


def test_fill_takes_mask_for_every_models_mask(answer, models_root):
    save_tiny_model("roberta", models_root / "tiny-roberta")
    result = answer("fill", "the [MASK] sat", "--model", "tiny-roberta")
    assert result["text"] == "the [MASK] sat"
    assert len(result["masks"]) == 1


@pytest.mark.parametrize("text", ["", "   ", "no blank here", "🙂"])
def test_fill_without_a_blank(text, refused):
    assert "Write [MASK]" in refused("fill", text)


def test_fill_ten_thousand_words(refused):
    assert "10,003 tokens" in refused("fill", "cat " * 10_000 + "[MASK]")


def test_fill_among_emoji(bertlab):
    status, out, err = bertlab("fill", "🙂 [MASK] 🙂", "--json")
    assert (status, len(json.loads(out)["masks"])) == (0, 1)
    assert "[UNK]" in err


@pytest.mark.parametrize("command", ["tokenize", "fill", "attention"])
def test_an_unknown_model(command, refused, monkeypatch):
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    message = refused(command, "a [MASK]", "--model", "no-such-model")
    assert "no-such-model" in message
    assert "On this machine: bertlab-mini-en" in message


def test_fill_with_a_model_that_cannot(refused):
    assert "no masked-LM head" in refused("fill", "a [MASK]", "--model", "all-MiniLM-L6-v2")


def test_a_text_that_is_not_utf8(refused):
    assert "byte FF" in refused("fill", "\udcff [MASK]")


# --- attention ---


def test_attention_follows_its_contract(answer, mini):
    result = answer("attention", "the cat sat", "--pair", "on the mat")
    assert list(result) == ["tokens", "layers", "heads", "statistics"]
    assert result["tokens"] == answer("tokenize", "the cat sat", "--pair", "on the mat")["tokens"]
    config = mini.config
    assert (result["layers"], result["heads"]) == (
        config.num_hidden_layers, config.num_attention_heads,
    )  # fmt: skip
    places = [(entry["layer"], entry["head"]) for entry in result["statistics"]]
    assert places == [(i, j) for i in range(result["layers"]) for j in range(result["heads"])]
    assert all(0 <= e["entropy"] <= math.log(len(result["tokens"])) for e in result["statistics"])


def test_attention_writes_a_page_that_asks_nothing_of_any_host(bertlab, tmp_path):
    file = tmp_path / "page.html"
    status, out, err = bertlab("attention", "the <b>cat</b>", "--html", str(file))
    assert status == 0
    assert "0.0" in out
    assert str(file) in err
    page = file.read_text(encoding="utf-8")
    assert "<html" in page
    assert "cdnjs" not in page
    assert "<b>cat" not in page


def test_attention_without_a_masked_lm_head(answer):
    result = answer("attention", "the cat sat", "--model", "all-MiniLM-L6-v2")
    assert (result["layers"], result["heads"]) == (6, 12)


def test_attention_refuses_an_empty_text(refused):
    assert "text is empty" in refused("attention", " ")


def test_attention_of_ten_thousand_words(refused, tmp_path):
    assert "10,002 tokens" in refused("attention", "cat " * 10_000)


def test_attention_too_long_for_a_page(refused, tmp_path):
    file = tmp_path / "page.html"
    assert "64 tokens" in refused("attention", "cat " * 100, "--html", str(file))
    assert not file.exists()


def test_attention_page_in_a_missing_folder(refused, tmp_path):
    file = tmp_path / "missing" / "page.html"
    assert "cannot be written" in refused("attention", "the cat", "--html", str(file))


# --- finetune, predict, runs ---


def write_gb18030(path: Path, source: str, rows: int | None = None) -> Path:
    """A sample as Chinese Excel saves it: GB18030, semicolons, Chinese headers, CRLF."""
    import pandas as pd

    frame = pd.read_csv(SAMPLES / source, dtype=str, keep_default_na=False).head(rows)
    frame.columns = HANZI.split(";")
    text = frame.to_csv(index=False, sep=";", lineterminator="\r\n")
    path.write_bytes(text.encode("gb18030"))
    return path


@pytest.fixture
def tune(answer, tmp_path, tiny_bert_name):
    """Fine-tune the tiny BERT on the Chinese reviews."""
    table = write_gb18030(tmp_path / "reviews.csv", "chinese_reviews.csv")
    return lambda: answer("finetune", str(table), "--model", tiny_bert_name, "--epochs", "1")


@pytest.fixture(scope="module")
def tuned_once(tmp_path_factory) -> dict:
    """What the first test that wanted a run was answered, and where a copy of its folder is."""
    return {"answer": None, "copy": tmp_path_factory.mktemp("tuned") / "run"}


@pytest.fixture
def tuned(tune, tuned_once):
    """A run that is finished: learned once, and each test has a copy of its own."""
    if tuned_once["answer"] is None:
        tuned_once["answer"] = tune()
        shutil.copytree(runs_root() / tuned_once["answer"]["run"], tuned_once["copy"])
    folder = runs_root() / tuned_once["answer"]["run"]
    shutil.copytree(tuned_once["copy"], folder, dirs_exist_ok=True)
    return {**tuned_once["answer"], "model_dir": str(folder / "model")}


SCORES = ["examples", "accuracy", "macro_f1", "loss"]


def test_finetune_follows_its_contract(tune):
    tuned = tune()
    assert list(tuned) == [
        "run", "model_dir", "train_examples", "steps", "seconds", "examples_per_second",
        "validation", "test",
    ]  # fmt: skip
    assert list(tuned["validation"]) == SCORES
    assert set(SCORES) <= set(tuned["test"])
    parts = (tuned["train_examples"], *(tuned[part]["examples"] for part in ("validation", "test")))
    run = open_run(tuned["run"])
    assert run.about["examples"] == dict(zip(("train", "validation", "test"), parts, strict=True))
    assert run.status().phase == "finished"
    assert tuned["steps"] == -(-tuned["train_examples"] // run.settings.batch_size)
    assert Path(tuned["model_dir"]) == run.model_folder


def test_a_pipeline_loads_the_result_as_is(tuned, answer):
    classify = pipeline("text-classification", tuned["model_dir"], device="cpu")
    (theirs,) = classify("这个电影很好")
    ours = answer("predict", tuned["run"], "这个电影很好")
    assert theirs["label"] == ours["label"]
    assert ours["label"] in ("正面", "负面")
    assert theirs["score"] == pytest.approx(ours["probabilities"][ours["label"]], abs=1e-5)


def test_predict_follows_its_contract(tuned, answer, bertlab):
    by_run = answer("predict", tuned["run"], "很好")
    assert list(by_run) == ["text", "label", "probabilities"]
    assert sum(by_run["probabilities"].values()) == pytest.approx(1, abs=1e-5)
    assert answer("predict", tuned["model_dir"], "很好") == by_run
    status, out, _ = bertlab(
        "predict", tuned["run"], "-", "--json", stdin="很好\n\n不好\n".encode()
    )
    lines = [json.loads(line) for line in out.splitlines()]
    assert status == 2
    assert lines[0] == by_run
    assert "error" in lines[1]
    assert lines[2]["text"] == "不好"
    status, out, _ = bertlab("predict", tuned["run"], "很好")
    assert status == 0
    assert out.startswith(by_run["label"])


def test_predict_a_long_text_says_that_it_is_cut(tuned, bertlab):
    status, out, err = bertlab("predict", tuned["run"], "很好" * 5_000, "--json")
    assert status == 0
    assert json.loads(out)["label"]
    assert "10,002 tokens; as in training, the model reads its first 64" in err


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("nothing", "no folder with a model, and no run"),
        ("x" * 22, "There is no run"),
        ("../../etc", "no run"),
        (str(SAMPLES), "no folder with a model"),
    ],
)
def test_predict_from_what_is_no_model(source, said, refused):
    assert said in refused("predict", source, "text")


def test_predict_from_a_model_without_a_classifier(tiny_bert_folder, refused):
    assert "no finished classifier" in refused("predict", str(tiny_bert_folder), "text")


def test_predict_refuses_an_empty_text(tuned, refused):
    assert "empty" in refused("predict", tuned["run"], "")


def test_runs_are_listed_shown_and_deleted(tuned, answer, bertlab, refused):
    (listed,) = answer("runs")["runs"]
    assert answer("runs", "list")["runs"] == [listed]
    assert (listed["run"], listed["phase"]) == (tuned["run"], "finished")
    shown = answer("runs", "show", tuned["run"])
    assert shown["result"]["test"] == tuned["test"]
    for argv in (("runs",), ("runs", "show", tuned["run"])):
        status, out, _ = bertlab(*argv)
        assert status == 0
        assert tuned["run"] in out
        assert "reviews.csv" in out
    assert "finished already" in refused("runs", "stop", tuned["run"])
    assert "finished" in refused("runs", "resume", tuned["run"])
    assert answer("runs", "delete", tuned["run"]) == {"run": tuned["run"], "deleted": True}
    assert list_runs() == []
    assert not Path(tuned["model_dir"]).exists()


def test_no_runs_yet(answer, bertlab):
    assert answer("runs") == {"runs": []}
    assert "bertlab finetune" in bertlab("runs")[1]


@pytest.mark.parametrize("action", ["show", "stop", "pause", "resume", "control", "delete"])
def test_runs_that_are_not_there(action, refused):
    assert "There is no run" in refused("runs", action, "A" * 22)
    assert "no run id" in refused("runs", action, "../../etc")
    assert "Which run" in refused("runs", action)


def movie_table(path: Path, rows: int = 120) -> Path:
    import pandas as pd

    frame = pd.read_csv(SAMPLES / "movie_reviews.csv", dtype=str).head(rows)
    frame.to_csv(path, index=False)
    return path


def test_finetune_with_parts_of_ones_own(answer, bertlab, tmp_path, tiny_bert_name):
    import pandas as pd

    frame = pd.read_csv(SAMPLES / "movie_reviews.csv", dtype=str)
    frame[:100].rename(columns={"text": "评论内容", "label": "情感标签"}).to_csv(
        tmp_path / "train.csv", index=False, sep=";", encoding="gb18030"
    )
    frame[100:120].to_csv(tmp_path / "validation.csv", index=False)  # other column names
    frame[120:150].to_csv(tmp_path / "test.csv", index=False)
    result = answer(
        "finetune", str(tmp_path / "train.csv"), "--model", tiny_bert_name, "--epochs", "1",
        "--text-column", "评论内容", "--label-column", "情感标签", "--strategy", "frozen",
        "--validation", str(tmp_path / "validation.csv"), "--test", str(tmp_path / "test.csv"),
        "--batch-size", "32", "--learning-rate", "0.001", "--max-length", "32", "--seed", "7",
        "--device", "cpu", "--name", "一次",
    )  # fmt: skip
    assert result["train_examples"] == 100
    assert (result["validation"]["examples"], result["test"]["examples"]) == (20, 30)
    settings = open_run(result["run"]).settings
    assert (settings.strategy, settings.batch_size, settings.seed) == ("frozen", 32, 7)
    assert (settings.learning_rate, settings.max_length, settings.name) == (0.001, 32, "一次")


def test_finetune_tells_languages_it_cannot_read_and_near_duplicates(
    bertlab, tmp_path, tiny_bert_name
):
    long = "we walked through the old harbour market, bought some fish and ate it at dusk"
    rows = [f"这家店的菜很好吃，下次还来{sign},{label}" for sign in "一二三四" for label in "ab"]
    table = tmp_path / "zh.csv"
    lines = ["text,label", *rows, f'"{long}",a', f'"{long.replace("fish", "figs")}",b', "ok ok,b"]
    table.write_text("\n".join(lines), encoding="utf-8")
    status, _, err = bertlab("finetune", str(table), "--model", tiny_bert_name, "--epochs", "1")
    assert status == 0
    assert "Two texts are nearly the same (lines 10 and 11)" in err
    assert "4 texts have more than one label (lines 2, 3, 4, 5, 6 and 3 more)" in err
    assert re.search(r"% of the tokens are \[UNK\] in the \d Chinese texts", err)
    assert "bertlab-mini-zh would fit better." in err


def test_finetune_from_random_weights_ends_with_a_model(answer, bertlab, tmp_path, tiny_bert_name):
    table = str(movie_table(tmp_path / "table.csv", rows=60))
    argv = ("--strategy", "random", "--epochs", "1", "--model", tiny_bert_name, "--json")
    status, out, err = bertlab("finetune", table, *argv)
    assert status == 0
    assert "never read a text before" in err
    run = open_run(json.loads(out)["run"])
    assert (run.settings.strategy, run.status().phase) == ("random", "finished")
    reply = answer("predict", run.id, "a good film")
    assert sum(reply["probabilities"].values()) == pytest.approx(1, abs=1e-3)


def test_finetune_reads_the_sheet_that_is_named(answer, refused, tmp_path, tiny_bert_name):
    book = openpyxl.Workbook()
    book.active.append(["Notes"])
    sheet = book.create_sheet("Reviews")
    for row in (("text", "label"), *((f"film {n}", "ab"[n % 2]) for n in range(40))):
        sheet.append(row)
    path = tmp_path / "reviews.xlsx"
    book.save(path)
    argv = ["--model", tiny_bert_name, "--epochs", "1"]
    assert answer("finetune", str(path), "--sheet", "Reviews", *argv)["train_examples"] == 32
    assert "“Sheet” has no table" in refused("finetune", str(path), "--sheet", "Sheet")


def test_finetune_takes_every_setting_of_a_strategy(answer, tmp_path, tiny_bert_name):
    table = movie_table(tmp_path / "table.csv", rows=60)
    argv = ["--model", tiny_bert_name, "--strategy", "top", "--trained-layers", "1", "--clip", "2"]
    argv += ["--layer-decay", "0.9", "--patience", "1", "--class-weights", "--warm-up", "0.2"]
    argv += ["--epochs", "3"]  # else so few rows get more
    run = open_run(answer("finetune", str(table), *argv, "--precision", "fp32")["run"])
    assert run.settings == Settings(
        model=tiny_bert_name, strategy="top", trained_layers=1, clip=2.0, layer_decay=0.9,
        patience=1, class_weights=True, warm_up=0.2, precision="fp32",
    )  # fmt: skip


def test_runs_replay_does_the_same_again(answer, refused, tuned):
    again = answer("runs", "replay", tuned["run"])
    assert again["run"] != tuned["run"]
    assert again["validation"] == tuned["validation"]
    assert again["test"] == tuned["test"]
    assert open_run(again["run"]).replay == tuned["run"]
    assert "There is no run" in refused("runs", "replay", "A" * 22)


def test_runs_control_prints_the_secret_link(answer, bertlab, tuned):
    from bertlab.runs.ownership import claim_control, may_change

    run = open_run(tuned["run"])
    told = answer("runs", "control", run.id)
    page, _, token = told["link"].partition("&control=")
    assert page == f"/fine_tuning?run={run.id}"
    claim_control(run, token, "a-browser")
    assert may_change(run, "a-browser")
    assert told["link"] in bertlab("runs", "control", run.id)[1]


def test_finetune_takes_an_encoding(answer, refused, tmp_path, tiny_bert_name):
    table = write_gb18030(tmp_path / "reviews.csv", "chinese_reviews.csv")
    argv = ["--encoding", "gb18030", "--model", tiny_bert_name, "--epochs", "1"]
    assert answer("finetune", str(table), *argv)["steps"] > 0
    assert "encoding 'klingon'" in refused("finetune", str(table), "--encoding", "klingon")


def test_finetune_tells_of_every_row_left_out(bertlab, tmp_path, tiny_bert_name):
    table = movie_table(tmp_path / "table.csv", rows=60)
    with table.open("a") as file:
        file.write(",positive\nno label,\none,cell,too many\n")
    status, out, err = bertlab("finetune", str(table), "--model", tiny_bert_name, "--epochs", "1")
    assert status == 0
    told = [line for line in err.splitlines() if "Left out" in line]
    assert sum(int(line.split(": ")[2].split(",")[0]) for line in told) == 3
    for line in ("62", "63", "64"):
        assert any(f"(line {line})" in entry for entry in told)
    assert "Test" in out
    assert "95 % interval" in out
    assert "Model: " in out
    assert "validation after step" in err


def test_finetune_of_few_rows_takes_steps_enough_and_says_why(bertlab, tmp_path, tiny_bert_name):
    table = movie_table(tmp_path / "table.csv", rows=60)
    argv = ("finetune", str(table), "--model", tiny_bert_name, "--batch-size", "4", "--json")
    status, out, err = bertlab(*argv)
    epochs = epochs_for(48, 4)  # 12 batches
    assert (status, json.loads(out)["steps"]) == (0, 12 * epochs)
    assert f"{epochs} epochs: 48 rows make 12 batches" in err
    _, out, err = bertlab(*argv, "--epochs", "2")
    assert json.loads(out)["steps"] == 24
    assert "rows make" not in err


def test_finetune_without_validation_and_test(answer, tmp_path, tiny_bert_name):
    table = movie_table(tmp_path / "table.csv", rows=40)
    argv = ("--validation", "0", "--test", "0", "--epochs", "1", "--model", tiny_bert_name)
    result = answer("finetune", str(table), *argv)
    assert (result["validation"], result["test"]) == (None, None)
    assert result["train_examples"] == 40


BAD_TABLES = {
    "empty.csv": b"",
    "header.csv": b"text,label\n",
    "one_column.csv": b"text\ngood\nbad\n",
    "one_class.csv": b"text,label\ngood,a\nbad,a\nworse,a\n",
    "image.csv": b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4,
    "zip.csv": b"PK\x03\x04" + bytes(range(256)) * 4,
    "labels.csv": b"text,label\n"
    + "".join(f"text {i} with words,label{i}\n" for i in range(3_000)).encode(),
}


@pytest.mark.parametrize("name", BAD_TABLES)
def test_finetune_refuses_a_bad_table(name, refused, tmp_path):
    (tmp_path / name).write_bytes(BAD_TABLES[name])
    refused("finetune", str(tmp_path / name))
    assert list_runs() == []


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["--text-column", "nope"], "nope"),
        (["--strategy", "magic"], "magic"),
        (["--model", "no-such-model"], "On this machine"),
        (["--device", "tpu"], "tpu"),
        (["--learning-rate", "-1"], "learning rate"),
        (["--epochs", "1000"], "epochs"),
        (["--validation", "0.9"], "from 0 to 0.5"),
        (["--test", "nan"], "from 0 to 0.5"),
        (["--test", "missing.csv"], "missing.csv cannot be read"),
        (["--seed", "-5"], "seed"),
    ],
)
def test_finetune_refuses_wrong_settings(argv, said, refused, tmp_path):
    table = movie_table(tmp_path / "table.csv", rows=40)
    assert said in refused("finetune", str(table), *argv)
    assert list_runs() == []


@pytest.mark.parametrize("path", ["missing.csv", "."])
def test_finetune_without_a_table(path, refused):
    assert "cannot be read" in refused("finetune", path)


def test_a_stopped_run_is_resumed(bertlab, answer, tmp_path, tiny_bert_name):
    table = movie_table(tmp_path / "table.csv", rows=60)
    argv = (str(table), "--model", tiny_bert_name, "--epochs", "2")
    assert bertlab("finetune", *argv)[0] == 0
    from bertlab.runs import create_run

    done = list_runs()[0]
    waiting = create_run(done.settings, done.split())
    assert answer("runs", "stop", waiting.id)["phase"] == "stopped"
    resumed = answer("runs", "resume", waiting.id)
    assert resumed["run"] == waiting.id
    assert open_run(waiting.id).status().phase == "finished"


def test_a_paused_run_is_listed_and_resumed(bertlab, answer, refused, tmp_path, tiny_bert_name):
    table = movie_table(tmp_path / "table.csv", rows=60)
    assert bertlab("finetune", str(table), "--model", tiny_bert_name, "--epochs", "2")[0] == 0
    from bertlab.runs import create_run

    done = list_runs()[0]
    assert "nothing to pause" in refused("runs", "pause", done.id)
    waiting = create_run(done.settings, done.split())
    assert answer("runs", "pause", waiting.id)["phase"] == "paused"
    assert f"bertlab runs resume {waiting.id}" in bertlab("runs", "pause", waiting.id)[1]
    assert "paused" in bertlab("runs", "list")[1]
    assert answer("runs", "show", waiting.id)["phase"] == "paused"
    assert answer("runs", "resume", waiting.id)["run"] == waiting.id
    assert open_run(waiting.id).status().phase == "finished"


@pytest.mark.exhaustive
def test_a_training_that_is_paused_from_elsewhere_ends_its_command(
    tmp_path, tiny_bert_name, bertlab
):
    table = movie_table(tmp_path / "table.csv", rows=120)
    argv = ("finetune", str(table), "--model", tiny_bert_name, "--epochs", "100")
    running = start(*argv, "--batch-size", "1")
    wait_for_step(running)
    [run] = list_runs()
    assert bertlab("runs", "pause", run.id)[0] == 0
    out, said = running.communicate(timeout=60)
    assert running.returncode == 130
    assert out == b""
    assert run.status().phase == "paused"
    assert not run.has_model
    assert f"bertlab runs resume {run.id}" in said.decode()
    assert b"Traceback" not in said


def wait_for_step(running):
    deadline = time.monotonic() + 60
    while not any(run.status().step for run in list_runs()):
        assert time.monotonic() < deadline
        assert running.poll() is None
        time.sleep(0.05)


def test_fifteen_hundred_rows_as_excel_saves_them(answer, tmp_path, tiny_bert_name):
    table = write_gb18030(tmp_path / "reviews.csv", "movie_reviews.csv", rows=1_500)
    assert table.read_bytes().startswith(HANZI.encode("gb18030"))
    argv = ("--text-column", "评论内容", "--label-column", "情感标签", "--max-length", "32")
    result = answer("finetune", str(table), *argv, "--model", tiny_bert_name, "--epochs", "1")
    total = result["train_examples"] + result["validation"]["examples"] + result["test"]["examples"]
    assert total == 1_500
    classify = pipeline("text-classification", result["model_dir"], device="cpu")
    assert classify("a good film")[0]["label"] in ("negative", "positive")


# --- models, doctor ---


def test_models_are_listed(answer, bertlab):
    listed = answer("models")["models"]
    assert listed == answer("models", "list")["models"]
    assert (listed[0]["name"], listed[0]["is_here"]) == ("bertlab-mini-en", True)
    assert "* bertlab-mini-en" in bertlab("models")[1]


def test_a_model_is_downloaded(answer, bertlab, local_hub, tmp_path):
    local_hub.repositories["some-org/tiny"] = save_tiny_bert(tmp_path / "tiny")
    assert answer("models", "download", "some-org/tiny")["is_here"] is True
    assert bertlab("models", "download", "some-org/tiny")[:1] == (0,)
    assert answer("fill", "a [MASK]", "--model", "some-org/tiny")["masks"]


def test_models_that_cannot_be_downloaded(refused, monkeypatch):
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    message = refused("models", "download", "bert-base-uncased")
    assert "cannot be reached" in message
    assert "On this machine: bertlab-mini-en" in message
    assert "Which model" in refused("models", "download")
    assert "takes no name" in refused("models", "list", "bert-base-uncased")


def test_doctor_finds_this_machine_well(answer, bertlab, sealed_environment):
    checks = {one["name"]: one for one in answer("doctor")["checks"]}
    assert {"Python", "torch", "device", "memory", "models", "runs", "engine", "hub cache"} <= set(
        checks
    )
    assert str(sealed_environment / "runs") in checks["runs"]["text"]
    assert "bertlab-mini-en" in checks["models"]["text"]
    assert bertlab("doctor")[1].count("\n") >= len(checks)
    assert not (sealed_environment / "runs").exists()  # a check leaves nothing behind


def test_doctor_finds_what_is_wrong(bertlab, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("BERTLAB_RUNS", str(tmp_path / "file" / "runs"))
    monkeypatch.setenv("BERTLAB_MODELS", str(tmp_path / "missing"))
    monkeypatch.setenv("BERTLAB_SCHEDULER", "tcp://127.0.0.1:9")
    begun = time.monotonic()
    status, out, _ = bertlab("doctor", "--json")
    assert time.monotonic() - begun < 2
    assert status == 1
    states = {one["name"]: one["state"] for one in json.loads(out)["checks"]}
    assert (states["runs"], states["engine"]) == ("problem", "problem")
    assert states["model folders"] == "warning"
    assert all(one["advice"] for one in json.loads(out)["checks"] if one["state"] != "ok")


# --- as real processes ---


def test_a_process_prints_utf8_whatever_the_locale(tiny_bert_name):
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "LC_ALL": "C"}
    done = process("tokenize", "很好", "--model", tiny_bert_name, "--json", env=environment)
    assert done.returncode == 0
    assert json.loads(done.stdout.decode())["text"] == "很好"
    assert "很".encode() in done.stdout
    assert done.stderr == b""


def test_a_process_that_refuses_prints_one_line():
    done = process("fill", "a [MASK]", "--model", "no-such-model")
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.count(b"\n") == 1


def test_a_closed_pipe_ends_quietly(tiny_bert_name):
    lines = start("tokenize", "-", "--model", tiny_bert_name, "--json")
    assert lines.stdin
    assert lines.stdout
    assert lines.stderr
    with lines:
        lines.stdin.write(b"the cat\n")
        lines.stdin.flush()
        assert json.loads(lines.stdout.readline())["text"] == "the cat"
        lines.stdout.close()
        try:
            lines.stdin.write(b"the cat\n" * 1_000)
            lines.stdin.close()
        except BrokenPipeError:
            pass
        assert lines.stderr.read() == b""
        assert lines.wait(timeout=60) == 141


def test_an_interrupt_is_one_line(tiny_bert_name):
    waiting = start("tokenize", "-", "--model", tiny_bert_name, "--json")
    with waiting:
        assert waiting.stdin
        assert waiting.stdout
        assert waiting.stderr
        waiting.stdin.write(b"the cat\n")
        waiting.stdin.flush()
        waiting.stdout.readline()
        waiting.send_signal(signal.SIGINT)
        assert waiting.wait(timeout=60) == 130
        assert waiting.stderr.read() == b"bertlab: Interrupted.\n"


def test_an_interrupted_training_stops_after_its_step_and_keeps_its_model(tmp_path, tiny_bert_name):
    table = movie_table(tmp_path / "table.csv", rows=400)
    argv = (str(table), "--model", tiny_bert_name, "--epochs", "100", "--json")
    training = start("finetune", *argv, text=True)
    with training:
        assert training.stdout
        assert training.stderr
        for line in training.stderr:
            if "step" in line:
                break
        training.send_signal(signal.SIGINT)
        out, err = training.communicate(timeout=60)
    assert training.returncode == 130
    assert "Traceback" not in err
    result = json.loads(out)
    run = open_run(result["run"])
    assert run.status().phase == "stopped"
    assert run.has_model
    assert f"bertlab runs resume {run.id}" in err


def test_a_tokenizer_is_fetched_alone(local_hub, tmp_path, answer, bertlab):
    local_hub.repositories["some-org/tiny"] = save_tiny_bert(tmp_path / "hub")
    code, out, _ = bertlab("models", "download", "some-org/tiny", "--tokenizer-only")
    assert code == 0
    assert "the tokenizer of some-org/tiny is here" in out
    assert "model.safetensors" not in local_hub.fetched
    tokens = answer("tokenize", "the cat", "--model", "some-org/tiny")["tokens"]
    assert tokens == ["[CLS]", "the", "cat", "[SEP]"]
