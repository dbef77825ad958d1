"""The lesson on the path of a token: every block of every family, addresses, random weights."""

import json
import re

import pytest
from test_random_weights import claims, make_twin
from tiny_models import families

from bertlab.models import find_model
from bertlab.models.catalog import EMBEDDED
from bertlab.ui.lessons.examples.token_path import TRIALS

TEXT = "the cat sat on the mat."
MINILM = "all-MiniLM-L6-v2"


def components(lesson) -> list[dict]:
    return [json.loads(e.proto.json) for e in lesson.at.get("bidi_component") if e.proto.json]


def picture(lesson) -> dict:
    """What the picture was told to draw."""
    return next(c["picture"] for c in components(lesson) if "picture" in c)


def opened(lesson) -> list[str]:
    """The blocks that can be opened in the picture, from left to right."""
    return [node["opens"] for node in picture(lesson)["nodes"] if node["opens"]]


def chosen(lesson) -> list[str]:
    return [node["opens"] for node in picture(lesson)["nodes"] if node["is_chosen"]]


def blocks(lesson) -> list[str]:
    """All blocks of the walk, by name."""
    box = next(box for box in lesson.at.selectbox if box.label.startswith("Block "))
    return list(box.proto.options)


def said(lesson) -> str:
    return "\n".join(element.value for element in (*lesson.at.markdown, *lesson.at.caption))


def test_the_first_sight_is_a_whole_picture(open_lesson):
    lesson = open_lesson("token_path").sound()
    drawn = picture(lesson)
    assert len(drawn["rows"]) == 12
    assert chosen(lesson) == ["l0.attention"]
    assert {"l0.attention_norm", "l0.feed_forward", "l0.output"} < set(opened(lesson))
    assert {"l1.attention", "l2.attention", "l3.attention"} < set(opened(lesson))  # collapsed
    assert "head.probabilities" in opened(lesson)
    assert "Recombines" in lesson.messages
    assert "26 of 26 blocks recombine" in lesson.html


def test_the_walk_goes_through_every_block(open_lesson):
    lesson = open_lesson("token_path").click("From the start").sound()
    assert chosen(lesson) == ["piece"]
    for number in range(2, 27):
        lesson.click("Next").sound()
        assert any(box.label == f"Block {number} of 26" for box in lesson.at.selectbox)
        assert "**Recombines**" in lesson.messages
    assert lesson.at.query_params["block"] == "head.probabilities"
    assert next(b for b in lesson.at.button if b.label == "Next").disabled
    lesson.click("Previous").sound()
    assert chosen(lesson) == ["head.logits"]


def test_every_block_opens_all_groups(open_lesson):
    lesson = open_lesson("token_path", path_all="1", block="l2.output").sound()
    assert len(opened(lesson)) == 26
    assert chosen(lesson) == ["l2.output"]


@pytest.mark.parametrize("family", families("albert", "xlm-roberta"))
def test_every_block_of_every_family_recombines(open_lesson, tiny_families, family):
    lesson = open_lesson("token_path", model=family, text=TEXT, block="piece").sound()
    count = len(blocks(lesson))
    for number in range(count):
        assert "**Recombines**" in lesson.messages, number
        if number < count - 1:
            lesson.click("Next").sound()
    assert f"{count} of {count} blocks recombine" in lesson.html
    assert ("share their weights" in said(lesson)) == (family == "albert")


def test_distilbert_has_no_segments_and_says_so(open_lesson, tiny_families):
    lesson = open_lesson("token_path", model="distilbert", text=TEXT, block="sum").sound()
    assert "This model has no segment embeddings" in said(lesson)
    assert "segments" not in opened(lesson)


def test_the_narrow_embeddings_of_albert_are_projected(open_lesson, tiny_families):
    lesson = open_lesson("token_path", model="albert", text=TEXT, block="projection").sound()
    assert "Here 16 numbers become 32." in said(lesson)


def test_without_a_head_the_path_ends_at_the_last_hidden_state(open_lesson):
    if not find_model(MINILM).is_here:
        pytest.skip("needs the package of the extra [minilm]")
    lesson = open_lesson("token_path", model=MINILM, block="head.logits").sound()
    assert "ends at the last hidden state" in said(lesson)
    assert chosen(lesson) == ["l0.attention"]  # there is no such block
    assert not [name for name in opened(lesson) if name.startswith("head.")]


def test_masked_or_not_the_answer_is_called_what_it_is(open_lesson):
    lesson = open_lesson("token_path", block="head.probabilities").sound()
    assert "it is what the masked-LM task asks about" in said(lesson)
    lesson.click("Show “river” again").sound()
    assert "this is no guess at a hidden word" in said(lesson)
    assert "The chosen token is not masked" in said(lesson)


@pytest.mark.parametrize(
    "query",
    [
        {"block": "l99.attention", "number": "100000", "token": "77", "path_all": "7"},
        {"block": "<b>x</b>", "number": "-1", "token": "x"},
        {"block": "head.logits", "number": "x", "token": "77"},
        {"block": "l1.attention", "head": "9.9"},
    ],
)
def test_a_bad_address_shows_the_first_choice(open_lesson, query):
    lesson = open_lesson("token_path", **query).sound()
    assert "Recombines" in lesson.messages
    kept = {"head.logits", "l1.attention"}  # such blocks there are
    for name in set(query) - {"head"}:
        assert query[name] in kept or name not in lesson.at.query_params


def test_the_number_in_the_address_is_worked_out(open_lesson):
    lesson = open_lesson("token_path", block="l1.output", number="17").sound()
    assert "number 17<" in lesson.html
    lesson.click("Previous").sound()
    assert "number 17<" in lesson.html  # of the same width: it stays
    lesson = open_lesson("token_path", block="head.logits").sound()
    box = next(b for b in lesson.at.number_input if b.label.startswith("Piece to work out"))
    answers = [label["text"] for label in picture(lesson)["labels"]]
    assert box.label.removeprefix("Piece to work out: ") in answers


def test_a_head_is_chosen_here_for_every_lesson(open_lesson):
    lesson = open_lesson("token_path", block="l2.attention", head="0.3").sound()
    assert "Head 3" in lesson.html
    next(box for box in lesson.at.button_group if box.label == "Head").set_value(1).run()
    assert lesson.at.query_params["head"] == "2.1"
    assert "Head 1" in lesson.sound().html


@pytest.mark.parametrize("language", ["en", pytest.param("zh", marks=pytest.mark.exhaustive)])
def test_every_trial_opens_the_block_that_it_names(open_lesson, language):
    for trial in TRIALS[language]:
        lesson = open_lesson("token_path", model=f"bertlab-mini-{language}").click(trial.label)
        assert "Recombines" in lesson.sound().messages
        if "block" in trial.state:
            assert chosen(lesson) == [trial.state["block"]]


def test_long_text_steps_down_and_says_so(open_lesson):
    lesson = open_lesson("token_path", text="word " * 600).sound()
    assert len(picture(lesson)["rows"]) == 18
    assert "18 of 512 tokens are drawn" in said(lesson)
    assert "Head 0" in lesson.html
    next(box for box in lesson.at.button_group if box.label == "Head").set_value(2).run()
    assert lesson.at.query_params["head"] == "0.2"
    assert "Head 2" in lesson.sound().html


def test_markup_stays_text(open_lesson):
    lesson = open_lesson("token_path", text="<b>bold</b> <script>", token="1", block="piece")
    lesson.sound()
    assert "<script>" not in lesson.html
    assert "<b>bold" not in lesson.html
    assert "<mark>&lt;</mark>" in lesson.html


def test_the_numbers_of_a_block_are_said_to_be_of_the_shown_token(open_lesson):
    lesson = open_lesson("token_path", token="5").sound()
    assert "The row of “walked” \\(token 5\\)" in said(lesson) or "token 5" in said(lesson)
    assert re.search(r"12 tokens × 256 numbers", said(lesson))


@pytest.fixture
def twin(tmp_path, monkeypatch) -> str:
    monkeypatch.setenv("BERTLAB_MODELS", str(tmp_path))
    assert (EMBEDDED / "bertlab-mini-en").exists()
    return make_twin(tmp_path, 0)


@pytest.mark.parametrize("block", ["l0.attention", "l3.feed_forward", "head.probabilities"])
def test_random_weights_have_learned_nothing(open_lesson, twin, block):
    lesson = open_lesson("token_path", model=twin, block=block).sound()
    assert "26 of 26 blocks recombine" in lesson.html
    assert claims(lesson) == []


def test_a_sure_answer_is_said(open_lesson):
    lesson = open_lesson("token_path", text="Once upon a [MASK], there was a little girl.").sound()
    assert any("The path ends in “time”" in claim for claim in claims(lesson))
