"""A run that goes on from a model that has learned already."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
import transformers
from tiny_models import save_tiny_bert, save_tiny_model

from bertlab.errors import InputError, ModelError
from bertlab.models.facts import read_card
from bertlab.pretraining.data.encoded import EncodedText
from bertlab.pretraining.execute import execute
from bertlab.pretraining.initial_weights import load_bert
from bertlab.pretraining.settings import PretrainingSettings, Source, Stage
from bertlab.pretraining.setup import fingerprint
from bertlab.pretraining.start import create_pretraining_run, settings_of

TEXT = "The cat sat on the mat.\nA dog ran.\nWe loved the film!\n\nThe film was bad.\nA cat ran.\n"


@pytest.fixture
def text(tmp_path) -> Path:
    path = tmp_path / "read.txt"
    path.write_text(TEXT * 20, encoding="utf-8")
    return path


def settings(text: Path, **more) -> PretrainingSettings:
    asked = {"stages": (Stage(32, 1.0),), "batch_tokens": 256, "device": "cpu", **more}
    return PretrainingSettings((Source(str(text)),), **asked)


def test_a_run_begins_with_the_weights_and_the_pieces_of_the_checkpoint(text, models_root):
    folder = save_tiny_bert(models_root / "base")
    asked = settings(text, init_checkpoint="base", learning_rate=1e-8)  # nothing is to be moved
    run = create_pretraining_run(asked)
    sizes = settings_of(run).architecture
    assert (sizes.layers, sizes.hidden_size, sizes.heads) == (2, 32, 2)
    assert execute(run).phase == "finished", run.status().message
    before = transformers.BertForMaskedLM.from_pretrained(folder).state_dict()
    after = transformers.BertForPreTraining.from_pretrained(run.model_folder).state_dict()
    for name in before:
        torch.testing.assert_close(after[name].float(), before[name], atol=1e-3, rtol=1e-3)
    own, given = (
        transformers.AutoTokenizer.from_pretrained(one) for one in (run.model_folder, folder)
    )
    assert own.get_vocab() == given.get_vocab()
    assert own.tokenize("The cat 很好") == given.tokenize("The cat 很好")


def test_the_card_says_what_the_run_went_on_from(text, models_root):
    folder = save_tiny_bert(models_root / "base")
    card = "---\nbertlab:\n  trained_on: 1 billion words\n  trained_positions: 60\n---\n"
    (folder / "README.md").write_text(card, encoding="utf-8")
    run = create_pretraining_run(settings(text, init_checkpoint="base", pair_share=0.0))
    assert execute(run).phase == "finished", run.status().message
    facts = read_card(run.model_folder)
    assert facts["trained_on"] == f"{run.result()['tokens']} tokens after base"
    assert facts["trained_positions"] == 60  # its own inputs were shorter
    assert "next_sentence" not in facts  # the card of base does not say
    told = (run.model_folder / "README.md").read_text(encoding="utf-8")
    assert "from nothing" not in told
    assert "went on from base" in told


def test_a_head_that_the_checkpoint_lacks_is_random_by_the_seed(text, models_root):
    save_tiny_bert(models_root / "base")  # no next-sentence head
    heads = [
        load_bert(settings(text, init_checkpoint="base", seed=seed)).cls.seq_relationship.weight
        for seed in (1, 1, 2)
    ]
    assert torch.equal(heads[0], heads[1])
    assert not torch.equal(heads[0], heads[2])


@pytest.mark.parametrize(
    ("family", "said"), [("roberta", "only a BERT can go on"), ("albert", "family albert")]
)
def test_another_family_cannot_go_on(text, models_root, family, said):
    save_tiny_model(family, models_root / "base")
    with pytest.raises(InputError, match=said):
        create_pretraining_run(settings(text, init_checkpoint="base"))


def test_a_checkpoint_that_does_not_fit_is_explained(text, models_root):
    folder = save_tiny_bert(models_root / "base")
    with pytest.raises(InputError, match="inputs of 512 tokens, but the model has"):
        create_pretraining_run(settings(text, init_checkpoint="base", stages=(Stage(512, 1.0),)))
    (folder / "tokenizer.json").unlink()
    with pytest.raises((InputError, ModelError), match=r"tokenizer\.json"):
        create_pretraining_run(settings(text, init_checkpoint="base"))
    with pytest.raises(ModelError, match="no-such"):
        create_pretraining_run(settings(text, init_checkpoint="no-such"))


def test_a_layer_that_the_teacher_lacks_is_explained(models_root):
    save_tiny_bert(models_root / "teacher")
    village = Path(__file__).parents[2] / "sample_data" / "village_en.txt"
    asked = settings(village, teacher="teacher", teacher_layer=3, vocabulary_size=100)
    run = create_pretraining_run(asked)
    assert execute(run).phase == "failed"
    assert "no layer 3: it has 0 (its embeddings) to 2" in run.status().message


def test_a_fingerprint_holds_what_was_asked_and_nothing_else(text):
    corpus = EncodedText(np.arange(4, dtype=np.uint16), np.array([0, 4]), np.array([0, 1]))
    asked = settings(text, seed=7)
    tag = fingerprint(asked, corpus, 9)
    moved = replace(asked.sources[0], file="/elsewhere/read.txt")
    for same in ({"name": "other"}, {"device": "cuda"}, {"sources": (moved,)}, {"teacher": ""}):
        assert fingerprint(replace(asked, **same), corpus, 9) == tag, same
    for other in ({"seed": 8}, {"sources": (replace(moved, passes=2),)}, {"teacher_layer": 1}):
        assert fingerprint(replace(asked, **other), corpus, 9) != tag, other
    assert fingerprint(asked, corpus, 10) != tag
