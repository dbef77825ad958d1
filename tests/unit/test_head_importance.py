"""The batched grid is what one pass for each head alone gives."""

import numpy as np
import pytest
from tiny_models import save_tiny_model

from bertlab.errors import InputError, ModelError
from bertlab.inspection.ablation import variants
from bertlab.inspection.ablation.ablation import Ablation, run_ablated
from bertlab.inspection.ablation.cloze import last_words
from bertlab.inspection.ablation.head_means import head_means
from bertlab.inspection.ablation.importance import (
    head_importance,
    least_needed,
    median_importance,
    most_helpful,
)
from bertlab.inspection.bundled_sentences import Sentence
from bertlab.inspection.masked_lm import softmax
from bertlab.inspection.trace import run_trace
from bertlab.models import load_model
from bertlab.models.catalog import ALLOWED_FAMILIES
from bertlab.tokenization.encoding import encode, position_offset_of

SENTENCES = [Sentence("the cat sat on the mat."), Sentence("we loved it", "she hated a film")]


@pytest.fixture(params=ALLOWED_FAMILIES)
def loaded(request, models_root):
    save_tiny_model(request.param, models_root / request.param)
    return load_model(request.param)


@pytest.mark.parametrize("kind", ["zero", "mean"])
def test_one_batch_says_what_one_pass_a_head_says(loaded, kind):
    questions = last_words(loaded, SENTENCES)
    means = head_means(loaded, questions) if kind == "mean" else None
    for question in questions:
        encoded, masked = question.encoded, question.masked
        index, word = masked.index(question.position), question.answer
        whole = softmax(run_trace(loaded, encoded, masked=masked).logits[index])
        found = head_importance(
            loaded, encoded, masked=masked, position=question.position, word=word,
            kind=kind, means=means,
        )  # fmt: skip
        assert found.probability == pytest.approx(whole[word], rel=1e-4)
        for layer, head in np.ndindex(2, 2):
            ablation = Ablation(frozenset({(layer, head)}), kind=kind)
            trace = run_ablated(loaded, encoded, ablation, masked=masked, means=means)
            answer = softmax(trace.logits[index])
            change = np.log(answer[word] / whole[word])
            assert found.change[layer, head] == pytest.approx(change, abs=2e-4)
            moved = np.abs(answer - whole).sum() / 2
            assert found.moved[layer, head] == pytest.approx(moved, abs=2e-4)


def test_small_batches_say_the_same(tiny_bert, monkeypatch):
    (question,) = last_words(tiny_bert, SENTENCES[:1])
    asked = {"masked": question.masked, "position": question.position, "word": question.answer}
    whole = head_importance(tiny_bert, question.encoded, **asked)
    monkeypatch.setattr(variants, "TOKENS_PER_PASS", 2 * len(question.encoded.tokens))
    told = []
    parts = head_importance(
        tiny_bert, question.encoded, **asked, progress=lambda *done: told.append(done)
    )
    np.testing.assert_allclose(parts.change, whole.change, atol=1e-5)
    assert told == [(2, 5), (4, 5), (5, 5)]


def test_rows_of_a_pass():
    assert [variants.rows_per_pass(tokens) for tokens in (12, 512, 5000)] == [42, 1, 1]


def test_the_median_is_each_heads_own(tiny_bert):
    sentences = [*SENTENCES, Sentence("i likes a good film and a bad cat")]
    questions = last_words(tiny_bert, sentences)
    told = []
    found = median_importance(tiny_bert, questions, progress=lambda *done: told.append(done))
    alone = [
        head_importance(
            tiny_bert, one.encoded, masked=one.masked, position=one.position, word=one.answer
        ).change
        for one in questions
    ]
    np.testing.assert_allclose(found.median, np.median(alone, axis=0), atol=1e-6)
    assert found.sentences == 3
    assert told == [(1, 3), (2, 3), (3, 3)]
    below = sum(change[1, 1] < 0 for change in alone) / 3
    assert found.share_below[1, 1] == pytest.approx(below)


def test_the_last_word_is_asked_for_with_all_its_pieces(tiny_bert):
    sentences = ("the cat sat on the mat.", "she was unhappy.", "! ?", "the 猫")
    questions = last_words(tiny_bert, [Sentence(text) for text in sentences])
    masked = [[q.encoded.tokens[i] for i in q.masked] for q in questions]
    assert masked == [["mat"], ["un", "##happy"]]  # no letter in one, an unknown one in another
    assert [q.position for q in questions] == [6, 3]
    assert questions[0].answer == tiny_bert.tokenizer.convert_tokens_to_ids("mat")


def test_choices_by_hand():
    change = np.array([[-2.0, 1.0], [0.0, -1.0]])
    assert most_helpful(change, 2) == {(0, 0), (1, 1)}
    assert most_helpful(change, 4) == {(0, 0), (1, 1)}  # the others had not helped
    assert least_needed(change, 1) == {(1, 0)}
    assert least_needed(change, 3) == {(1, 0), (0, 1), (1, 1)}


def test_nothing_to_ask_is_refused(tiny_bert):
    with pytest.raises(InputError, match="no sentence"):
        median_importance(tiny_bert, [])
    with pytest.raises(InputError, match="no sentence"):
        head_means(tiny_bert, [])


def test_a_model_without_the_head_says_so():
    loaded = load_model("all-MiniLM-L6-v2")
    encoded = encode(loaded.tokenizer, "hello", position_offset=position_offset_of(loaded.config))
    with pytest.raises(ModelError, match="no masked-LM head"):
        head_importance(loaded, encoded, masked=[1], position=1, word=5)
