"""The lesson on vocabularies: its three parts, links into them, and what it says of any weights."""

import pytest
import test_random_weights as random_weights
from tiny_models import families

from bertlab.ui.lessons.examples.vocabularies import EXAMPLES, TRIALS

PAGE = "vocabularies"
PARTS = ("explore", "train", "compare")
ZH = "bertlab-mini-zh"


def click(lesson, key: str):
    lesson.at.button(key=key).click()
    return lesson.run().sound()


def text_of(lesson) -> str:
    return "\n".join(element.value for element in (*lesson.at.markdown, *lesson.at.caption))


def table(lesson):
    return lesson.at.dataframe[0].value


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("part", PARTS)
def test_a_tour_of_each_part(open_lesson, part, language):
    """It opens with a finished picture, and every example can be clicked."""
    lesson = open_lesson(PAGE, model=f"bertlab-mini-{language}", voc_part=part).sound()
    assert lesson.charts
    assert not lesson.at.error
    assert not lesson.at.warning
    assert "<li>" in lesson.html
    for example in EXAMPLES[language]:
        lesson.click(example.title).sound()


@pytest.mark.parametrize("language", ["en", pytest.param("zh", marks=pytest.mark.exhaustive)])
def test_every_trial_opens_its_part(open_lesson, language):
    lesson = open_lesson(PAGE, model=f"bertlab-mini-{language}")
    for trial in TRIALS[language]:
        lesson.click(trial.label).sound()
        assert lesson.at.query_params.get("voc_part", "explore") == trial.state["voc_part"]


# --- explore -------------------------------------------------------------------------------------


def test_the_filters_stand_in_the_address(open_lesson):
    lesson = open_lesson(
        PAGE, voc_find="ing", voc_how="ends", voc_kind="continuation", voc_length_to="5"
    ).sound()
    pieces = table(lesson)["piece"].tolist()
    assert "##ing" in pieces
    assert all(p.startswith("##") and p.endswith("ing") for p in pieces)
    assert max(table(lesson)["length"]) <= 5
    lesson.type("ness", label="Find pieces")
    assert "##ness" in table(lesson)["piece"].tolist()
    assert lesson.at.query_params["voc_find"] == "ness"


def test_a_pattern_and_a_bad_one(open_lesson):
    lesson = open_lesson(PAGE, voc_find="^##(ing|ed)s?$", voc_how="pattern").sound()
    assert {"##ing", "##ed"} <= set(table(lesson)["piece"])
    assert "cannot be searched for" in lesson.type("(", label="Find pieces").messages
    assert open_lesson(PAGE, voc_find="((a+)+)+$", voc_how="pattern").sound()


def test_nothing_found_says_that_case_counts(open_lesson):
    lesson = open_lesson(PAGE, voc_find="THE").sound()
    assert "Case counts" in lesson.messages
    assert "the" in lesson.messages


def test_a_token_of_the_sentence_and_a_piece_in_the_address(open_lesson):
    lesson = open_lesson(PAGE, token="3").sound()
    assert "##### \\#\\#less" in text_of(lesson)
    lesson = open_lesson(PAGE, voc_piece="692").sound()
    assert "##### the" in text_of(lesson)
    lesson.at.pills[0].select(lesson.at.pills[0].options[0])
    assert "##### the\n" not in text_of(lesson.run().sound()) + "\n"


@pytest.mark.parametrize(
    "query",
    [
        {"voc_part": "no", "voc_how": "x", "voc_kind": "x", "voc_script": "Klingon",
         "voc_piece": "999999", "voc_length_from": "x", "token": "77"},
        {"voc_piece": "-1", "voc_id_from": "5", "voc_id_to": "1", "voc_length_to": "9999",
         "voc_find": "\x00"},
        {"voc_find": "<script>"},
        {"voc_part": "train", "voc_step": "99999", "voc_rule": "x", "voc_word": "nobody",
         "voc_han": "7", "voc_corpus_id": "0" * 32},
        {"voc_part": "train", "voc_step": "x", "voc_corpus": " "},
        {"voc_part": "compare", "voc_with": "nothing", "voc_stories": "x"},
    ],
)  # fmt: skip
def test_a_bad_address_opens_the_page_all_the_same(open_lesson, query):
    open_lesson(PAGE, **query).sound()


# --- train ---------------------------------------------------------------------------------------


def test_steps_forth_and_back(open_lesson):
    lesson = open_lesson(PAGE, voc_part="train", voc_step="0").sound()
    assert "Before the first merge" in lesson.html
    click(lesson, "voc_chevron_right")
    assert "Merge 1 of" in lesson.html
    assert "##### " not in lesson.html
    assert lesson.at.query_params["voc_step"] == "1"
    click(lesson, "voc_last_page")
    assert lesson.at.button(key="voc_chevron_right").disabled
    click(lesson, "voc_chevron_left")
    click(lesson, "voc_first_page")
    assert "Before the first merge" in lesson.html


def test_play_and_pause(open_lesson):
    lesson = open_lesson(PAGE, voc_part="train", voc_step="5")
    click(lesson, "voc_play_arrow")
    assert lesson.at.session_state["voc_step"] >= 6
    click(lesson, "voc_pause")
    step = lesson.at.session_state["voc_step"]
    assert lesson.run().at.session_state["voc_step"] == step


def test_own_text_and_both_rules(open_lesson):
    text = "low " * 5 + "lower " * 2 + "newest " * 6 + "widest " * 3
    lesson = open_lesson(PAGE, voc_part="train", voc_corpus=text, voc_step="1").sound()
    assert "##id" in lesson.html
    assert "0.3333" in lesson.html
    assert "never stands without" in lesson.html
    lesson = open_lesson(
        PAGE, voc_part="train", voc_corpus=text, voc_step="1", voc_rule="frequency"
    ).sound()
    assert '<i class="new">##es</i>' in lesson.html


def test_chinese_apart_has_nothing_to_merge(open_lesson):
    lesson = open_lesson(PAGE, model=ZH, voc_part="train", voc_han="1").sound()
    assert "there is nothing to merge" in lesson.messages
    assert "is a single character" in lesson.html
    together = open_lesson(PAGE, model=ZH, voc_part="train").sound()
    assert "BERT puts blanks around every Chinese character" in text_of(together)


def test_texts_that_teach_nothing(open_lesson):
    lesson = open_lesson(PAGE, voc_part="train")
    for text, said in (
        ("", "Type or paste"),
        ("cat dog", "nothing to merge"),
        ("x" * 50_001, "at most 50,000"),
    ):
        lesson.at.text_area[0].set_value(text)
        assert said in lesson.run().sound().messages
    lesson.at.text_area[0].set_value("<b>bold</b> <b>bolder</b> <img src=x onerror=1>")
    assert "<img src=x" not in lesson.run().sound().html


# --- side by side --------------------------------------------------------------------------------


def test_rows_are_chosen_and_stand_in_the_address(open_lesson):
    lesson = open_lesson(PAGE, voc_part="compare", voc_with="bertlab-mini-zh,small-bytes").sound()
    assert lesson.at.dataframe[0].value["vocabulary"].tolist() == [
        "bertlab-mini-zh",
        "small byte-level BPE",
    ]
    lesson.at.get("button_group")  # the pills are there
    assert lesson.at.query_params["voc_with"] == "bertlab-mini-zh,small-bytes"


def test_bytes_for_chinese_under_english_stories(open_lesson):
    lesson = open_lesson(
        PAGE, voc_part="compare", voc_stories="en", text="很好", voc_with="small-bytes"
    ).sound()
    assert lesson.html.count('class="bytes"') == 6
    assert lesson.at.dataframe[0].value["tokens"].tolist() == [6]


def test_markup_in_the_sentence_stays_text(open_lesson):
    for part in PARTS:
        lesson = open_lesson(PAGE, voc_part=part, text="<img src=x onerror=alert(1)> [a](b) $x$")
        assert "<img src=x" not in lesson.sound().html


def test_a_long_text_is_stepped_down(open_lesson):
    lesson = open_lesson(PAGE, voc_part="compare", text="word " * 50)
    lesson.type("The cat sat on the mat. " * 3000).sound()
    assert "The picture holds the first 60 words" in text_of(lesson)
    for part in ("explore", "train"):
        lesson.at.segmented_control(key="voc_part_widget").set_value(part)
        lesson.run().sound()


# --- models --------------------------------------------------------------------------------------


@pytest.mark.parametrize("family", families("bert", "roberta", "xlm-roberta"))
def test_every_family(open_lesson, tiny_families, family):
    for part in PARTS:
        lesson = open_lesson(PAGE, model=family, voc_part=part, text="the cat sat.").sound()
        assert not lesson.at.error
        assert lesson.charts


def test_random_weights_are_not_said_to_have_learned(open_lesson, tmp_path, monkeypatch):
    """All that this page says is counted from tokenizers, which random weights do not change."""
    twin = random_weights.make_twin(tmp_path / "twins", 0)
    monkeypatch.setenv("BERTLAB_MODELS", str(tmp_path / "twins"))
    for part in PARTS:
        lesson = open_lesson(PAGE, model=twin, voc_part=part).sound()
        assert random_weights.claims(lesson) == []
        for label in lesson.buttons:
            waiting = [button.label for button in lesson.at.button if not button.disabled]
            if label in waiting and not label.startswith(("Use ", "Fetch ")):
                lesson.click(label).sound()
                assert random_weights.claims(lesson) == [], label


def test_fetching_offline_says_what_to_do(open_lesson, monkeypatch):
    monkeypatch.setattr("bertlab.models.download.constants.ENDPOINT", "http://127.0.0.1:9")
    lesson = open_lesson(PAGE, voc_part="compare").click("Fetch roberta-base").sound()
    assert "cannot be reached" in lesson.messages


def test_play_at_the_end_begins_at_the_start(open_lesson):
    lesson = open_lesson(PAGE, voc_part="train", voc_corpus="low low lower").sound()
    click(lesson, "voc_last_page")
    click(lesson, "voc_play_arrow")
    assert "Before the first merge" in lesson.html
    assert "Merge 1 of" in lesson.run().sound().html


@pytest.mark.parametrize("text", ["low low lower", "我喜欢你我喜欢他我喜欢你们"])
def test_a_text_of_ones_own_opens_with_something_left_to_play(open_lesson, text):
    lesson = open_lesson(PAGE, voc_part="train", voc_corpus=text).sound()
    assert "Merge 1 of" in lesson.html
    said = "\n".join(m.value for m in lesson.at.markdown)
    assert "among 1 pairs" not in said


def test_one_pair_is_one_pair(open_lesson):
    lesson = open_lesson(PAGE, voc_part="train", voc_corpus="ab ab").sound()
    said = "\n".join(m.value for m in lesson.at.markdown)
    assert "among 1 pair" in said
    assert "among 1 pairs" not in said
