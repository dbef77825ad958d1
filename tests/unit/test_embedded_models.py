"""The two models that ship: their sizes, their heads, and a card that tells what was measured."""

import pytest
from huggingface_hub import ModelCard
from safetensors import safe_open

from bertlab.models import find_model, load_tokenizer, read_facts
from bertlab.models.facts import card_facts
from bertlab.next_sentence import read_next_sentence_head
from bertlab.pretraining.export import facts
from bertlab.pretraining.recipes import find_recipe
from bertlab.pretraining.record import read_record
from bertlab.pretraining.settings import read_recipe

NAMES = ("bertlab-mini-en", "bertlab-mini-zh")
MOST_PARAMETERS, MOST_BYTES = 12_000_000, 24_000_000


@pytest.fixture(params=NAMES)
def name(request):
    return request.param


def folder_of(name):
    return find_model(name).folder


def test_it_is_small_and_stored_in_half_precision(name):
    weights = folder_of(name) / "model.safetensors"
    assert weights.stat().st_size <= MOST_BYTES
    assert read_facts(name).parameters <= MOST_PARAMETERS
    with safe_open(str(weights), framework="pt") as file:
        assert {file.get_slice(key).get_dtype() for key in file.keys()} == {"F16"}


def test_it_brings_both_heads(name):
    assert read_facts(name).has_mlm_head
    assert read_next_sentence_head(folder_of(name)) is not None


def test_it_was_trained_on_pairs_and_on_every_position(name):
    assert read_facts(name).trained_positions == 512
    assert read_facts(name).limits == ("not BERT-base",)


def test_the_card_repeats_what_the_record_of_its_run_says(name):
    record = read_record(folder_of(name))
    assert card_facts(name) == facts(record.settings, record.result)


def test_the_card_tells_the_accuracy_on_every_held_out_file(name):
    card = (folder_of(name) / "README.md").read_text(encoding="utf-8")
    files = read_record(folder_of(name)).result["heldout_files"]
    assert files
    for file, scores in files.items():
        assert f"| {file.removesuffix('.txt.xz')} | {scores['accuracy']:.3f} |" in card


def test_the_card_has_its_licence_and_language(name):
    header = ModelCard.load(str(folder_of(name) / "README.md")).data
    assert header.license == "cc-by-sa-4.0"
    assert header.language == name[-2:]


def test_only_the_english_one_had_a_teacher():
    assert [read_facts(name).teacher for name in NAMES] == ["all-MiniLM-L6-v2", ""]


def test_its_recipe_is_what_its_run_was_asked(name):
    asked = read_record(folder_of(name)).settings
    recipe = read_recipe(find_recipe(name))
    assert {asked.stages, asked.optimizer, asked.seed} == {
        recipe.stages, recipe.optimizer, recipe.seed
    }  # fmt: skip
    assert asked.architecture == recipe.architecture
    assert asked.learning_rate == recipe.learning_rate
    passes = [(source.file.rsplit("/")[-1], source.passes) for source in recipe.sources]
    assert [(source.file, source.passes) for source in asked.sources] == passes


def test_a_chinese_character_is_a_token_and_a_latin_word_is_cut():
    pieces = load_tokenizer("bertlab-mini-zh").tokenize("我用Python。")
    assert pieces[:2] == ["我", "用"]
    assert "".join(piece.removeprefix("##") for piece in pieces[2:-1]) == "python"
