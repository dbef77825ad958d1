"""Does B follow A: the pairs, and the head's own answer."""

import pytest
import torch
import transformers
from tiny_models import PIECES, SIZES, save_tiny_model, wordpiece_tokenizer

from bertlab.inspection.next_sentence import (
    draw_other,
    draw_pair,
    follows_probability,
    read_next_sentence_head,
    why_no_head,
)
from bertlab.inspection.trace import run_trace
from bertlab.models import load_model
from bertlab.tokenization.encoding import encode

STORIES = [[f"story {i} sentence {j}" for j in range(4)] for i in range(5)] + [["alone"]]


def places(pair):
    """(story, sentence) of both sides; a story of one sentence counts as story 5."""
    return [tuple(map(int, s.split()[1::2])) if s != "alone" else (5, 0)
            for s in (pair.first, pair.second)]  # fmt: skip


def test_half_of_the_pairs_follow_and_the_others_come_from_another_story():
    pairs = [draw_pair(STORIES, seed=seed) for seed in range(400)]
    for pair in pairs:
        (story, at), (other, there) = places(pair)
        assert story != 5  # a story of one sentence has no successor
        if pair.is_next:
            assert (other, there) == (story, at + 1)
        else:
            assert other != story
    follow = sum(pair.is_next for pair in pairs)
    assert 150 < follow < 250  # 200 with a standard deviation of 10
    assert {places(pair)[1][0] for pair in pairs if not pair.is_next} == set(range(6))
    assert draw_pair(STORIES, seed=7) == draw_pair(STORIES, seed=7)


@pytest.fixture
def both_heads(models_root):
    """A random BertForPreTraining, weights in fp16 as our runs store them."""
    folder = models_root / "both"
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(5)
        config = transformers.BertConfig(vocab_size=len(PIECES), **SIZES)
        model = transformers.BertForPreTraining(config)
        for weight in model.parameters():
            weight.data.add_(torch.randn_like(weight) * 0.2)
    model.half().save_pretrained(folder)
    wordpiece_tokenizer(transformers.BertTokenizer).save_pretrained(folder)
    return folder


def test_the_heads_answer_is_that_of_transformers(both_heads):
    head = read_next_sentence_head(both_heads)
    loaded = load_model("both", device="cpu")
    answers = []
    for first, second in (("the cat sat", "it was happy"), ("we loved it", "a dog")):
        encoded = encode(loaded.tokenizer, first, second)
        answers.append(follows_probability(head, run_trace(loaded, encoded)))
        model = transformers.BertForNextSentencePrediction.from_pretrained(both_heads).float()
        with torch.inference_mode():
            logits = model.eval()(
                input_ids=torch.tensor([encoded.token_ids]),
                token_type_ids=torch.tensor([encoded.token_type_ids]),
            ).logits[0]
        assert answers[-1] == pytest.approx(logits.softmax(-1)[0].item(), abs=1e-4)
    assert abs(answers[0] - answers[1]) > 1e-3  # it looks at the pair


def test_a_model_without_the_head_or_without_the_training_has_none(both_heads, tiny_bert_folder):
    assert read_next_sentence_head(tiny_bert_folder) is None
    (both_heads / "README.md").write_text("---\nbertlab:\n  next_sentence: false\n---\n")
    assert read_next_sentence_head(both_heads) is None
    (both_heads / "README.md").write_text("---\nbertlab:\n  next_sentence: true\n---\n")
    assert read_next_sentence_head(both_heads) is not None


def test_damaged_weights_are_left_to_the_loading_of_the_model(both_heads):
    (both_heads / "model.safetensors").write_bytes(b"no weights")
    assert read_next_sentence_head(both_heads) is None


@pytest.fixture
def sentence_order(models_root):
    """A random ALBERT with its own head for pairs."""
    folder = save_tiny_model("albert", models_root / "order")
    config = transformers.AlbertConfig.from_pretrained(folder)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(6)
        model = transformers.AlbertForPreTraining(config)
        for weight in model.parameters():
            weight.data.add_(torch.randn_like(weight) * 0.2)
    model.save_pretrained(folder)
    return folder


def test_alberts_head_answers_about_the_order_as_transformers_does(sentence_order):
    head = read_next_sentence_head(sentence_order)
    assert head.question == "sentence order"
    loaded = load_model("order", device="cpu")
    encoded = encode(loaded.tokenizer, "the cat sat", "it was happy")
    model = transformers.AlbertForPreTraining.from_pretrained(sentence_order).eval()
    with torch.inference_mode():
        logits = model(
            input_ids=torch.tensor([encoded.token_ids]),
            token_type_ids=torch.tensor([encoded.token_type_ids]),
        ).sop_logits[0]
    found = follows_probability(head, run_trace(loaded, encoded))
    assert found == pytest.approx(logits.softmax(-1)[0].item(), abs=1e-4)


def test_berts_head_is_asked_what_follows(both_heads):
    assert read_next_sentence_head(both_heads).question == "next sentence"


@pytest.mark.parametrize("family", ["distilbert", "roberta", "xlm-roberta", "albert", "electra"])
def test_a_family_without_a_head_has_its_own_reason(models_root, family):
    assert read_next_sentence_head(save_tiny_model(family, models_root / family)) is None
    assert why_no_head(family) not in (why_no_head("bert"), "")
    assert not why_no_head(family).endswith(".")


def test_a_random_sentence_is_of_a_story_without_the_pair():
    besides = ["story 0 sentence 1", "story 1 sentence 0"]
    drawn = {draw_other(STORIES, besides=besides, seed=seed) for seed in range(200)}
    assert drawn == {s for story in STORIES[2:] for s in story}
    assert draw_other(STORIES, besides=besides, seed=3) == draw_other(
        STORIES, besides=besides, seed=3
    )
    assert draw_other([["only"]], besides=["only"], seed=0) == "only"
