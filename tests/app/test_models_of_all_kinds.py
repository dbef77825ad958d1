"""The lessons with every model that may be chosen."""

import pytest
from tiny_models import families, save_tiny_model

from bertlab.models import find_model

INSIDE = ("tokenization", "masked_words", "attention")
MINILM = "all-MiniLM-L6-v2"


@pytest.mark.parametrize("family", families("albert", "roberta", "electra"))
def test_every_family_runs_through_every_lesson(open_lesson, tiny_families, family):
    for name in ("home", *INSIDE):
        lesson = open_lesson(name, model=family, text="the cat sat on the mat.").sound()
        assert not lesson.at.error
        assert lesson.at.query_params["model"] == family
        if name != "home":
            assert len(lesson.pieces) > 5
    if family in ("roberta", "albert", "xlm-roberta"):
        lesson = open_lesson("tokenization", model=family, text="the cat")
        assert "does not cut by WordPiece" in lesson.messages


def test_positions_are_counted_as_the_model_counts_them(open_lesson, tiny_families):
    """RoBERTa's first position has the number 2."""
    lesson = open_lesson("tokenization", model="roberta", text="a", pad="5").sound()
    table = lesson.at.dataframe[-1].value
    assert table["token"].tolist() == ["<s>", "a", "</s>", "<pad>", "<pad>"]
    assert table["position"].tolist() == [2, 3, 4, 1, 1]


def test_a_typed_mask_means_a_blank_for_every_model(open_lesson, tiny_families):
    lesson = open_lesson("masked_words", model="roberta", text="a [MASK] b").sound()
    assert "<mask>" in lesson.pieces
    assert lesson.charts


@pytest.fixture
def minilm() -> str:
    if not find_model(MINILM).is_here:
        pytest.skip("needs the package of the extra [minilm]")
    return MINILM


@pytest.mark.parametrize("name", ["home", "tokenization", "attention"])
def test_a_model_without_a_head_serves_where_it_can(open_lesson, minilm, name):
    lesson = open_lesson(name, model=minilm).sound()
    assert not lesson.at.error
    assert not lesson.at.warning
    if name == "tokenization":
        assert "Checked just now" in lesson.messages
    if name == "attention":
        assert len(lesson.at.dataframe[0].value) == 72
        assert not lesson.strip["clickable"]


def test_the_masked_page_says_why_it_cannot_and_offers_a_way_on(open_lesson, minilm):
    lesson = open_lesson("masked_words", model=minilm).sound()
    assert "has no masked-LM head" in lesson.messages
    assert not lesson.at.error
    lesson.click("Use bertlab-mini-en").sound()
    assert lesson.charts
    assert lesson.masked


def test_a_head_of_a_larger_model_is_passed_over_by_a_smaller_one(open_lesson, minilm):
    large = open_lesson("attention", model=minilm, head="5.11").sound()
    assert large.at.query_params["head"] == "5.11"
    small = open_lesson("attention", head="5.11").sound()
    assert "head" not in small.at.query_params


def test_a_damaged_model_is_explained(open_lesson, models_root):
    folder = save_tiny_model("bert", models_root / "broken")
    (folder / "model.safetensors").write_bytes(b"not weights")
    lesson = open_lesson("attention", model="broken")
    lesson.sound()
    assert lesson.at.error
