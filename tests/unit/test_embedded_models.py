"""The two models that ship: their sizes, their heads, and a card that tells what was measured."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from huggingface_hub import ModelCard
from safetensors import safe_open

from bertlab.inspection.next_sentence import read_next_sentence_head
from bertlab.models import find_model, load_model, load_tokenizer, read_facts
from bertlab.models.facts import card_facts
from bertlab.pretraining.data.stories import village
from bertlab.pretraining.export import facts
from bertlab.pretraining.presets import find_recipe
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
        names = file.keys()
        assert {file.get_slice(name).get_dtype() for name in names} == {"F16"}


def test_it_brings_both_heads(name):
    assert read_facts(name).has_mlm_head
    assert read_next_sentence_head(folder_of(name)) is not None


def test_it_was_trained_on_pairs_and_on_every_position(name):
    assert card_facts(name)["next_sentence"]
    assert read_facts(name).trained_positions == 512


def test_the_card_repeats_what_the_record_of_its_run_says(name):
    """The figures count both parts of a run that went on, so its first part is not named apart."""
    record = read_record(folder_of(name))
    told = {key: value for key, value in card_facts(name).items() if key != "learned_positions"}
    whole = replace(record.settings, init_checkpoint="", learned_positions=0)
    assert told == facts(whole, record.result)


def test_the_card_tells_the_accuracy_on_every_held_out_file(name):
    card = (folder_of(name) / "README.md").read_text(encoding="utf-8")
    files = read_record(folder_of(name)).result.heldout_files
    assert files
    for file, scores in files.items():
        assert f"| {file.removesuffix('.txt.xz')} | {scores.accuracy:.3f} |" in card


def test_the_card_has_its_licence_and_language(name):
    header = ModelCard.load(str(folder_of(name) / "README.md")).data
    assert header.license == "cc-by-sa-4.0"
    assert header.language == name[-2:]


def test_only_the_english_one_had_a_teacher():
    assert [read_facts(name).teacher for name in NAMES] == ["all-MiniLM-L6-v2", ""]


def test_its_recipe_is_what_its_run_was_asked(name):
    recipe = read_recipe(find_recipe(name))
    sources = tuple(replace(one, file=Path(one.file).name) for one in recipe.sources)
    heldout = tuple(Path(file).name for file in recipe.heldout)
    asked = read_record(folder_of(name)).settings
    vocabulary = "tokenizer.json" if recipe.init_checkpoint else ""  # that of the first part
    assert asked == replace(recipe, sources=sources, heldout=heldout, vocabulary=vocabulary)


def test_the_recipe_of_its_first_part_ships_too(name):
    asked = read_record(folder_of(name)).settings
    if not asked.init_checkpoint:
        return
    first = read_recipe(find_recipe(asked.init_checkpoint))
    assert (first.name, first.language) == (asked.init_checkpoint, asked.language)
    assert (first.architecture, first.init_checkpoint) == (asked.architecture, "")
    assert first.vocabulary_size == read_facts(name).vocabulary


SLOW = [pytest.param(length, marks=pytest.mark.exhaustive) for length in (256, 512)]


@pytest.mark.parametrize("length", [64, 128, *SLOW])
def test_as_far_as_its_card_says_it_guesses_at_the_end_of_an_input_too(name, length):
    """At positions that hardly learned it answers as if at random, and the strip says so."""
    learned = card_facts(name).get("learned_positions", 512)
    if length > learned:
        assert f"learned little beyond {learned} tokens" in read_facts(name).limits
        return
    model = load_model(name, device="cpu")
    stories = village(name[-2:]).all
    text = " ".join(sentence for story in stories for sentence in story)
    ids = model.tokenizer(text, add_special_tokens=False)["input_ids"]
    assert accuracy_at_the_end(model, ids, length) > 0.6 * accuracy_at_the_end(model, ids, 48)


def accuracy_at_the_end(model, ids, length):
    """How many of the masked tokens in the last 40 places are guessed, over 60 inputs."""
    hits = []
    for number in range(60):
        start = number * 40 + 512 - length  # the last 40 tokens are the same for every length
        row = torch.tensor([model.tokenizer.cls_token_id, *ids[start : start + length - 2]])
        asked = torch.arange(len(row) - 38, len(row), 6)
        answers = row[asked]
        row[asked] = model.tokenizer.mask_token_id
        row = torch.cat([row, torch.tensor([model.tokenizer.sep_token_id])])
        with torch.inference_mode():
            scores = model.model(input_ids=row[None]).logits[0]
        hits += (scores[asked].argmax(-1) == answers).tolist()
    return sum(hits) / len(hits)


def test_a_chinese_character_is_a_token_and_a_latin_word_is_cut():
    pieces = load_tokenizer("bertlab-mini-zh").tokenize("我用Python。")
    assert pieces[:2] == ["我", "用"]
    assert "".join(piece.removeprefix("##") for piece in pieces[2:-1]) == "python"
