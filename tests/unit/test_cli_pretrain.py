"""`bertlab pretrain`, by its contract: JSON alone on standard output, bad input exits with 2."""

import json
from pathlib import Path

import pytest

from bertlab.devices import available_devices
from bertlab.pretraining.presets import FOLDER, find_recipe
from bertlab.pretraining.settings import MAX_POSITIONS, PretrainingSettings, read_recipe
from bertlab.runs import list_runs, open_run

SAMPLES = Path(__file__).parents[2] / "sample_data"
SMALL = (
    "--layers", "1", "--hidden-size", "16", "--heads", "2", "--batch-tokens", "2048",
    "--device", "cpu", "--seed", "1",
)  # fmt: skip
ENGLISH = (str(SAMPLES / "village_en.txt"), *SMALL, "--vocabulary-size", "400")


@pytest.fixture
def refused(refused):
    """Run the command where it must be refused and must keep nothing."""

    def call(*argv: str) -> str:
        err = refused("pretrain", *argv)
        assert list_runs() == []
        return err

    return call


@pytest.fixture
def trained(bertlab) -> dict:
    status, out, err = bertlab("pretrain", *ENGLISH, "--name", "villager", "--json")
    assert status == 0, err
    (line,) = out.splitlines()
    return json.loads(line)


def test_pretrain_follows_its_contract(trained):
    names = (
        "run", "model_dir", "steps", "examples", "tokens", "vocabulary", "parameters", "seconds",
        "tokens_per_second", "heldout", "heldout_files",
    )  # fmt: skip
    assert tuple(trained) == names
    assert trained["vocabulary"] == 400
    assert trained["heldout"] is None
    # words, positions, segments, norm; a layer; pooler; both heads (the words' matrix is shared)
    embeddings = (400 + 512 + 2) * 16 + 2 * 16
    layer = 4 * (16 * 16 + 16) + (16 * 64 + 64) + (64 * 16 + 16) + 2 * 2 * 16
    heads = (16 * 16 + 16) + (16 * 16 + 16) + 2 * 16 + 400 + (16 * 2 + 2)
    assert trained["parameters"] == embeddings + layer + heads
    run = open_run(trained["run"])
    assert (run.kind, run.name, run.status().phase) == ("pretraining", "villager", "finished")
    assert Path(trained["model_dir"]) == run.model_folder
    assert run.has_model


def test_the_model_fills_blanks_from_the_command_line(trained, bertlab, monkeypatch):
    folder = Path(trained["model_dir"])
    monkeypatch.setenv("BERTLAB_MODELS", str(folder.parent))
    status, out, err = bertlab("fill", "the [MASK] is old", "--model", folder.name, "--json")
    assert status == 0, err
    assert len(json.loads(out)["masks"][0]["predictions"]) == 5


def test_people_read_progress_and_figures(bertlab, tmp_path):
    unread = tmp_path / "unread.txt"
    unread.write_text("The boat is blue.\nThe hill is green.\n\nTea is warm.\n" * 5)
    status, out, err = bertlab("pretrain", *ENGLISH, "--heldout", str(unread))
    assert status == 0, err
    (run,) = list_runs()
    assert f"Run {run.id}:" in out
    assert str(run.model_folder) in out
    assert "unread.txt: masked tokens right" in out
    assert "together: " in out
    assert f"Run {run.id} in {run.folder}" in err
    assert "step" in err
    assert "Traceback" not in err
    assert "Warning" not in err


def test_chinese_text_and_a_chinese_name(bertlab):
    argv = (
        str(SAMPLES / "village_zh.txt"), *SMALL, "--vocabulary-size", "500", "--language", "zh",
        "--name", "柳溪", "--whole-words", "--pair-share", "0", "--json",
    )  # fmt: skip
    status, out, err = bertlab("pretrain", *argv)
    assert status == 0, err
    assert json.loads(out)["vocabulary"] == 500
    assert list_runs()[0].name == "柳溪"


def test_runs_of_both_kinds_are_listed_and_shown(trained, bertlab, tiny_bert_name):
    from tiny_data import FOUR_ROWS

    from bertlab.datasets import Split
    from bertlab.runs import create_run
    from bertlab.runs.settings import Settings

    tuned = create_run(Settings(model=tiny_bert_name, name="judge"), Split(*[FOUR_ROWS] * 3))
    status, out, _ = bertlab("runs", "list", "--json")
    listed = {one["name"]: one for one in json.loads(out)["runs"]}
    assert status == 0
    assert {name: one["kind"] for name, one in listed.items()} == {
        "villager": "pretraining",
        "judge": "finetuning",
    }
    assert listed["judge"]["settings"]["epochs"] == 3
    told = listed["villager"]["settings"]
    assert "epochs" not in told
    assert "model" not in told  # those of another kind
    assert told["vocabulary_size"] == 400
    assert told["architecture"]["hidden_size"] == 16
    _, out, _ = bertlab("runs", "show", trained["run"], "--json")
    shown = json.loads(out)
    assert shown["settings"] == told
    assert shown["result"]["steps"] == trained["steps"]
    for run_id, said in ((trained["run"], "source: corpus/0/village_en.txt, 1 passes"),
                         (tuned.id, "epochs: 3")):  # fmt: skip
        status, out, _ = bertlab("runs", "show", run_id)
        assert status == 0
        assert said in out
    _, out, _ = bertlab("runs")
    lines = out.splitlines()
    assert len(lines) == 2
    assert ["(pre-training)" in line for line in lines] == ["villager" in line for line in lines]
    assert bertlab("runs", "delete", trained["run"])[0] == 0
    assert [run.id for run in list_runs()] == [tuned.id]


def test_a_pretrained_model_is_no_classifier(trained, bertlab):
    status, out, err = bertlab("predict", trained["run"], "a text", "--json")
    assert (status, out) == (2, "")
    assert err.count("\n") == 1


# --- bad input ---


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        ((), "Name text files"),
        (("no-such.txt",), "There is no file no-such.txt"),
        ((ENGLISH[0], "--recipe", "bertlab-mini-en"), "recipe names its files"),
        (("--recipe", "bertlab-mini-en", "--passes", "2"), "recipe names its files"),
        (("--recipe", "no-such-recipe"), "There is no recipe 'no-such-recipe'"),
        (("--recipe", "bertlab-mini-en"), "--corpus"),
        (("--recipe", "bertlab-mini-en", "--corpus", "no-such-folder"), "There is no file"),
        ((ENGLISH[0], "--corpus", "."), "--recipe"),
        ((*ENGLISH, "--device", "abacus"), "'abacus' is unknown"),
        ((*ENGLISH, "--device", "mps"), "mps"),
        ((*ENGLISH, "--optimizer", "sgd"), "adamw, muon"),
        ((*ENGLISH, "--teacher", "no-such-model"), "no-such-model"),
        ((*ENGLISH, "--teacher-layer", "30"), "teacher layer is 30"),
        ((*ENGLISH, "--init-checkpoint", "bertlab-mini-en"), "Leave out your own"),
        ((ENGLISH[0], "--init-checkpoint", "no-such-model"), "no-such-model"),
        ((ENGLISH[0], "--init-checkpoint", "all-MiniLM-L6-v2", "--max-length", "1024"), "1024"),
        ((*ENGLISH, "--vocabulary", "no-such.json"), "is no tokenizer"),
        ((*ENGLISH, "--heldout", "no-such.txt"), "There is no file no-such.txt"),
        ((*ENGLISH, "--vocabulary-size", "20"), "vocabulary size is 20"),
        ((*ENGLISH, "--vocabulary-size", "70000"), "65536"),
        ((*ENGLISH, "--max-length", "513"), "maximum length is 513"),
        ((*ENGLISH, "--max-length", "8"), "maximum length is 8"),
        ((*ENGLISH, "--heads", "3"), "3 heads cannot share 16"),
        ((*ENGLISH, "--layers", "25"), "number of layers is 25"),
        ((*ENGLISH, "--masked-share", "0.9"), "masked share is 0.9"),
        ((*ENGLISH, "--masked-share", "nan"), "masked share is nan"),
        ((*ENGLISH, "--pair-share", "-1"), "share of pairs"),
        ((*ENGLISH, "--learning-rate", "0"), "learning rate is 0"),
        ((*ENGLISH, "--passes", "0"), "0 passes"),
        ((*ENGLISH, "--passes", "-1"), "number of passes"),
        ((*ENGLISH, "--seed", "-1"), "seed is -1"),
        ((*ENGLISH, "--layers", "many"), "no whole number"),
        ((*ENGLISH, "--learning-rate", "fast"), "--help"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_refused(argv, said, refused):
    if "mps" in argv and "mps" in available_devices():
        pytest.skip("this machine has one")
    assert said in refused(*argv)


@pytest.mark.parametrize(
    ("data", "said"),
    [(b"", "is empty"), (b"\n \n", "is empty"), ("好".encode("gb18030"), "not UTF-8")],
)
@pytest.mark.parametrize("option", [(), ("--heldout",)])
def test_text_that_cannot_be_read_is_refused(data, said, option, refused, tmp_path):
    path = tmp_path / "bad.txt"
    path.write_bytes(data)
    assert said in refused(ENGLISH[0], *option, str(path), *SMALL)


def test_a_vocabulary_larger_than_the_text_gives(bertlab):
    """Known only after the text has been read: the run says so, and 2 says who is to blame."""
    status, out, err = bertlab("pretrain", ENGLISH[0], *SMALL, "--vocabulary-size", "9000")
    assert (status, out) == (2, "")
    (run,) = list_runs()
    assert run.status().phase == "failed"
    last = err.splitlines()[-1]
    assert "9,000 tokens was asked for" in last
    assert "Ask for at most" in last
    assert "Traceback" not in err


# --- recipes ---


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.toml")), ids=lambda path: path.stem)
def test_the_recipes_that_ship_can_be_read(path, tmp_path):
    assert find_recipe(path.stem) == path
    settings = read_recipe(path, corpus=tmp_path)
    assert settings.name == path.stem
    if "layers" not in settings.frozen or settings.frozen_share < 1:  # else positions learn nothing
        assert max(stage.max_length for stage in settings.stages) == MAX_POSITIONS
    assert settings.pair_share > 0
    assert settings.heldout
    assert settings.blanks
    files = [Path(source.file) for source in settings.sources]
    assert all(file.is_relative_to(tmp_path) for file in files)
    assert not {file.name for file in files} & {"heldout"}
    assert all("heldout" in file for file in settings.heldout)
    assert not any("heldout" in str(file) for file in files)
    assert PretrainingSettings.from_json(settings.to_json()) == settings


def test_both_embedded_models_have_a_recipe_and_so_has_what_they_go_on_from():
    shipped = {path.stem: read_recipe(path) for path in FOLDER.glob("*.toml")}
    assert {"bertlab-mini-en", "bertlab-mini-zh"} <= set(shipped)
    begun = {settings.init_checkpoint for settings in shipped.values()} - {""}
    others = {"all-MiniLM-L6-v2", "bertlab-small-zh-0"}  # see tests/benchmarks/import_e5.py
    assert begun <= {*shipped, *others}


def write_recipe(folder: Path, text: str) -> str:
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_recipe_of_ones_own_lies_beside_its_text(bertlab, tmp_path):
    (tmp_path / "text").mkdir()
    (tmp_path / "text" / "a.txt").write_bytes(Path(ENGLISH[0]).read_bytes())
    recipe = write_recipe(
        tmp_path,
        'name = "mine"\nvocabulary_size = 300\nbatch_tokens = 2048\ndevice = "cpu"\n'
        "stages = [{ max_length = 32, share = 1 }]\n"
        "[architecture]\nlayers = 1\nhidden_size = 8\nheads = 1\nmax_positions = 32\n"
        '[[sources]]\nfile = "text/a.txt"\npasses = 1.5\n',
    )
    status, out, err = bertlab("pretrain", "--recipe", recipe, "--hidden-size", "16", "--json")
    assert status == 0, err
    settings = open_run(json.loads(out)["run"]).result()["settings"]
    assert settings["architecture"] == {
        "layers": 1, "hidden_size": 16, "heads": 1, "max_positions": 32,
    }  # fmt: skip
    assert settings["sources"][0]["passes"] == 1.5


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name = ", "cannot be read"),
        ('nmae = "x"', "unknown keys: nmae"),
        ('name = "x"', "no text to learn from"),
        ('sources = "a.txt"', "sources must be a list"),
        ('heldout = "a.txt"\n[[sources]]\nfile = "a.txt"', "heldout must be a list"),
        ('[[sources]]\nfile = "a.txt"\nrename = { Tom = "Ben" }', "Tom must be a list"),
        ('[[sources]]\nfile = "a.txt"\npasses = "many"', "number of passes"),
        ('[[sources]]\npath = "a.txt"', "path"),
        ('stages = []\n[[sources]]\nfile = "a.txt"', "add up to 0"),
        ('stages = [{max_length = 64, share = 0.5}]\n[[sources]]\nfile = "a.txt"', "add up to 0.5"),
        ('[[sources]]\nfile = "a.txt"\n[architecture]\nmax_positions = 32', "32 positions"),
        ('blanks = [{sentence = "none", answers = ["a"]}]\n[[sources]]\nfile = "a.txt"', "[MASK]"),
    ],
)
def test_a_recipe_that_cannot_be_used(text, said, refused, tmp_path):
    assert said in refused("--recipe", write_recipe(tmp_path, text))
