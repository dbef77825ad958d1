"""The lesson on pairs, and the second sentence that goes with the student."""

import json

import pytest
import torch
import transformers
from test_random_weights import claims, twin, twin_folder  # noqa: F401
from tiny_models import families, save_tiny_model

from bertlab.inspection.masked_lm import predict_blanks
from bertlab.inspection.trace import run_trace
from bertlab.models import find_model
from bertlab.tokenization.encoding import encode
from bertlab.ui.lessons import next_sentence
from bertlab.ui.lessons.examples.next_sentence import EXAMPLES, TRIALS
from bertlab.ui.state import caches
from bertlab.ui.widgets.minimal_pair_examples import MINIMAL_PAIRS

PAGE = "next_sentence"
LANGUAGES = ["bertlab-mini-en", pytest.param("bertlab-mini-zh", marks=pytest.mark.exhaustive)]


@pytest.fixture
def fewer_pairs(monkeypatch) -> None:
    """A dozen places in the stories in place of a hundred, where it is not about their number."""
    monkeypatch.setattr(next_sentence, "COUNT", 12)


def titles(lesson) -> list[str]:
    return [json.loads(spec)["layout"].get("title", {}).get("text", "") for spec in lesson.charts]


def first_picture(lesson) -> str:
    """All that the first picture holds, as text."""
    return str(json.loads(lesson.charts[0]))


def bars(lesson) -> list[float]:
    """The probabilities of the first picture, in per cent."""
    data = json.loads(lesson.charts[0])["data"][1]["x"]
    return data if isinstance(data, list) else list(data.values())


def test_the_lesson_opens_with_four_versions_of_a_pair_and_what_many_pairs_show(open_lesson):
    lesson = open_lesson(PAGE).sound()
    assert not lesson.at.error
    assert not lesson.at.warning
    assert len(lesson.charts) == 3
    assert titles(lesson)[0].startswith("As typed: “B follows A” 9")
    assert len(bars(lesson)) == 4
    assert "The order hardly counts" in lesson.html
    assert "points less" in lesson.html
    assert "of 100 pass" in lesson.charts[2]


@pytest.mark.parametrize("model", LANGUAGES)
def test_every_example_and_trial_is_sound(open_lesson, model, fewer_pairs):
    lesson = open_lesson(PAGE, model=model).sound()
    language = model[-2:]
    for example in EXAMPLES[language]:
        lesson.click(example.title).sound()
        assert lesson.at.session_state["pair"] == example.pair
        assert len(lesson.charts) == 3
    for trial in TRIALS[language]:
        lesson.click(trial.label).sound()
        assert len(lesson.charts) == 3
    assert lesson.at.session_state["pair_sentences"] == 1


def test_another_draw_changes_the_random_sentence_alone(open_lesson, fewer_pairs):
    lesson = open_lesson(PAGE).sound()
    before = bars(lesson)
    after = bars(lesson.click("Draw another").sound())
    assert [a == b for a, b in zip(before, after, strict=True)] == [True, True, False, True]
    assert lesson.at.query_params["next_random"] == "2"


def test_a_word_of_ones_own_takes_the_chosen_words_place(open_lesson, fewer_pairs):
    lesson = open_lesson(PAGE).sound()
    before = bars(lesson)
    lesson.type("<b>hat</b>", label="In place of “umbrella”").sound()
    assert bars(lesson)[3] != before[3]
    assert "&lt;b&gt;hat&lt;/b&gt;" in first_picture(lesson)
    lesson.at.session_state["token"] = 25  # another word: the replacement is dropped
    assert "hat" not in first_picture(lesson.run().sound())
    lesson.at.session_state["token"] = 1  # of sentence A: B's own choice comes back
    assert "“umbrella” becomes" in first_picture(lesson.run().sound())


def suggestions(lesson) -> list[str]:
    (pills,) = [g for g in lesson.at.get("button_group") if g.label.startswith("What the model")]
    return list(pills.options)


def test_a_word_of_several_pieces_is_masked_as_a_whole(open_lesson, fewer_pairs, mini):
    """Its later pieces had stayed in sight, so that names of one letter were proposed."""
    first, pair = "The boy went to bed.", "He slept sleeplessly in the dark."
    pieces = encode(mini.tokenizer, first, pair).tokens
    at = pieces.index("in", pieces.index("slept")) - 1
    assert pieces[at].startswith("##")
    lesson = open_lesson(PAGE, text=first, pair=pair, token=str(at)).sound()
    assert "“sleeplessly” becomes" in first_picture(lesson)
    masked = encode(mini.tokenizer, first, "He slept [MASK] in the dark.")
    (blank,) = predict_blanks(mini, run_trace(mini, masked), top_k=40)
    best = [p.token for p in blank.predictions if p.token.isalpha()][: next_sentence.SUGGESTED]
    assert suggestions(lesson) == best


def test_a_mask_that_was_typed_is_not_taken_for_the_chosen_word(open_lesson, fewer_pairs, mini):
    first, pair = "The boy went to bed.", "He [MASK] slept in the dark."
    at = encode(mini.tokenizer, first, pair).tokens.index("dark")
    lesson = open_lesson(PAGE, text=first, pair=pair, token=str(at)).sound()
    masked = encode(mini.tokenizer, first, "He [MASK] slept in the [MASK].")
    _, blank = predict_blanks(mini, run_trace(mini, masked), top_k=40)
    best = [p.token for p in blank.predictions if p.token.isalpha() and p.token != "dark"]
    assert suggestions(lesson) == best[: next_sentence.SUGGESTED]


def test_a_rerun_runs_no_model(open_lesson, fewer_pairs, monkeypatch):
    lesson = open_lesson(PAGE).sound()

    def fail(*_, **__):
        raise AssertionError("the model was run again")

    monkeypatch.setattr(next_sentence, "run_trace", fail)
    monkeypatch.setattr(caches, "run_trace", fail)
    lesson.run().sound()


def test_an_odd_pair_can_be_looked_at(open_lesson, fewer_pairs):
    lesson = open_lesson(PAGE).sound()
    (label,) = (
        name for name in lesson.buttons if name.startswith("B of another kind of text, highest")
    )
    lesson.click(label).sound()
    shown = json.loads(lesson.charts[0])["layout"]["title"]["text"]
    assert shown.startswith("As typed: “B follows A”")
    assert lesson.at.session_state["pair"] not in (e.pair for e in EXAMPLES["en"])


@pytest.mark.parametrize(
    "query",
    [
        {"next_random": "-1", "pair_sentences": "9", "token": "x", "instead": "?" * 99,
         "text": "A [MASK].", "pair": "[SEP] [MASK]"},
        {"text": "<script> 只有一句话。", "pair": "</script><b>"},
        {"text": "word " * 60, "pair": "x " * 140},
    ],
)  # fmt: skip
def test_odd_addresses_and_texts_are_borne(open_lesson, query, fewer_pairs):
    lesson = open_lesson(PAGE, **query).sound()
    assert not lesson.at.error


def test_a_pair_of_five_hundred_tokens_is_cut_and_said_so(open_lesson, fewer_pairs):
    lesson = open_lesson(PAGE).sound()
    lesson.type("word " * 390, label="Sentence").type(
        "cat " * 450, label="Second sentence (optional)"
    ).sound()
    assert "too long" in lesson.messages
    assert len(lesson.charts) == 3


def test_without_a_second_sentence_the_statistics_stay(open_lesson, fewer_pairs):
    lesson = open_lesson(PAGE, text="One sentence.").sound()
    assert "Type a second sentence" in lesson.messages
    assert len(lesson.charts) == 1


@pytest.mark.parametrize("family", families("roberta", "distilbert"))
def test_a_model_without_the_head_says_why_and_offers_others(
    open_lesson, tiny_families, family, fewer_pairs
):
    lesson = open_lesson(PAGE, model=family).sound()
    assert "has no answer to show" in lesson.messages
    assert family != "roberta" or "Liu et al" in lesson.messages.replace("\\", "")
    assert not lesson.charts
    assert not lesson.at.error
    assert "Use bertlab-mini-en" in lesson.buttons
    lesson.click("Use bertlab-mini-en").sound()
    assert lesson.charts


def test_a_model_without_any_head_is_explained(open_lesson):
    if not find_model("all-MiniLM-L6-v2").is_here:
        pytest.skip("needs the package of the extra [minilm]")
    lesson = open_lesson(PAGE, model="all-MiniLM-L6-v2").sound()
    assert "has no answer to show" in lesson.messages


def test_alberts_question_is_asked_of_its_own_head(open_lesson, models_root, fewer_pairs):
    folder = save_tiny_model("albert", models_root / "order")
    config = transformers.AlbertConfig.from_pretrained(folder)
    transformers.AlbertForPreTraining(config).save_pretrained(folder)
    lesson = open_lesson(PAGE, model="order", text="the cat sat", pair="it was a good dog").sound()
    assert "A and B are in order" in titles(lesson)[0]
    assert any("learned the other question" in text.value for text in lesson.at.markdown)


# --- the second sentence of every lesson ---------------------------------------------------------


def test_the_second_sentence_travels_and_old_links_still_work(open_lesson):
    old = open_lesson("masked_words", text="He is a [MASK].", masked_other="She is a [MASK].")
    assert old.sound().at.session_state["other"] == "She is a [MASK]."
    assert old.at.query_params["other"] == "She is a [MASK]."
    assert "masked_other" not in old.at.query_params
    assert len(old.charts) == 5  # bars, compared bars, spread, grid, heatmap


@pytest.mark.parametrize("model", LANGUAGES)
def test_every_minimal_pair_is_one_click(open_lesson, model):
    lesson = open_lesson("masked_words", model=model).sound()
    for pair in MINIMAL_PAIRS[model[-2:]]:
        lesson.click(pair.title).sound()
        assert not lesson.at.error
        assert len(lesson.charts) == 5, pair.title
        assert any("of the belief moved" in caption.value for caption in lesson.at.caption)


def test_copy_swap_and_clear(open_lesson):
    lesson = open_lesson("masked_words", text="He is a [MASK].").sound()
    lesson.click("Copy the first one here").sound()
    assert "are the same" in lesson.messages
    assert len(lesson.charts) == 1
    lesson.type("She is a [MASK].", label="Second sentence").click("Swap the two").sound()
    state = lesson.at.session_state
    assert (state["text"], state["other"]) == ("She is a [MASK].", "He is a [MASK].")
    lesson.click("Clear").sound()
    assert state["other"] == ""
    assert len(lesson.charts) == 1


def test_sentences_of_different_length_are_compared_where_they_agree(open_lesson):
    lesson = open_lesson(
        "masked_words", text="The soup is good.", mask="4", other="The soup is not at all good."
    ).sound()
    assert len(lesson.charts) == 5
    assert "no place yet" not in lesson.messages


# --- random weights ------------------------------------------------------------------------------


def test_random_weights_are_not_said_to_know_what_follows(open_lesson, twin):  # noqa: F811
    lesson = open_lesson(PAGE, model=twin).sound()
    assert "has no answer to show" in lesson.messages  # its checkpoint has no head at all
    assert claims(lesson) == []


@pytest.fixture(params=[0, pytest.param(1, marks=pytest.mark.exhaustive)])
def headed_twin(request, models_root) -> str:
    """The embedded model's shape with random weights, heads and all."""
    import shutil

    from bertlab.models.catalog import DEFAULT_MODEL, EMBEDDED

    folder = models_root / "headed-twin"
    shutil.copytree(EMBEDDED / DEFAULT_MODEL, folder)
    config = transformers.BertConfig.from_pretrained(folder)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(request.param)
        transformers.BertForPreTraining(config).float().save_pretrained(folder)
    return folder.name


def test_a_random_head_is_not_said_to_have_learned(open_lesson, headed_twin):
    lesson = open_lesson(PAGE, model=headed_twin).sound()
    assert len(lesson.charts) == 3
    assert claims(lesson) == []
    for label in ("Two topics", "Draw another", "One sentence on a side"):
        assert claims(lesson.click(label).sound()) == [], label


def test_minimal_pairs_claim_nothing_of_random_weights(open_lesson, twin):  # noqa: F811
    lesson = open_lesson("masked_words", model=twin).sound()
    for pair in MINIMAL_PAIRS["en"]:
        assert claims(lesson.click(pair.title).sound()) == [], pair.title
