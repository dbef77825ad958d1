"""Every lesson page: a tour of it in each language, and addresses gone wrong."""

import html
import importlib
import json
import re

import pytest
from lesson_pages import LESSONS, ROOT

from bertlab.runs.text_store import save_text
from bertlab.ui.lessons.examples.next_sentence import EXAMPLES as PAIRS
from bertlab.ui.widgets.example import ELEPHANT
from bertlab.ui.widgets.village import opening_pair

ALL = (*LESSONS, "vocabularies", "pretraining")
MODELS = {"en": "bertlab-mini-en", "zh": "bertlab-mini-zh"}
CHECKED = ("tokenization", "token_path")  # they say what came of their checks
BUTTONS = {"layers": 8, "embeddings": 7}  # at least so many examples and trials, elsewhere five


@pytest.mark.parametrize("language", MODELS)
@pytest.mark.parametrize("name", ALL)
def test_a_tour_of_a_page(open_lesson, name, language):
    """It opens with a finished picture, and every trial and example can be clicked.

    One after the other in one session, as a curious student does. Whatever it opens with or
    suggests, "What to notice" says what came out, in numbers.
    """
    model = MODELS[language]
    lesson = open_lesson(name, model=model).sound()
    assert lesson.messages == "" or name in CHECKED
    assert model in lesson.html
    assert lesson.at.query_params == ({} if language == "en" else {"model": model})
    assert lesson.charts or name not in ("masked_words", "attention")
    if name != "vocabularies":
        own = {"pretraining": opening_pair(language)[0], "next_sentence": PAIRS[language][0].text}
        first = own.get(name, ELEPHANT[language].text)
        assert lesson.at.text_input(key="text_widget").value == first
    layout = lesson.layout  # what was computed in the first run, behind a bar, is now at hand
    assert lesson.run().layout == layout
    hold_notices(lesson, "at first")

    offered = [label for label in lesson.buttons if not label.startswith("Use ")]
    for trial in trials(name, language):
        lesson.click(trial.label).sound()
        # a form has no figure yet; another model's first view is tried by itself
        if trial.state.get("part") == "train" or "model" in trial.state:
            lesson = open_lesson(name, model=model)
        else:
            hold_notices(lesson, trial.label)
        assert name != "token_path" or "Recombines" in lesson.messages
    tried = [trial.label for trial in trials(name, language)]
    for label in offered:
        if label in lesson.buttons and label not in tried:
            lesson.click(label).sound()
            tried.append(label)
            assert name != "token_path" or "Recombines" in lesson.messages
    assert len(tried) >= BUTTONS.get(name, 5)


def trials(name, language):
    found = importlib.import_module(f"bertlab.ui.lessons.examples.{name}").TRIALS
    return found[language] if isinstance(found, dict) else found


def hold_notices(lesson, where):
    said = [html.unescape(one) for one in re.findall(r"<li>(.*?)</li>", lesson.html, re.DOTALL)]
    assert said, where
    assert not any("Nothing clear" in sentence for sentence in said), where
    assert any(re.search(r"\d", sentence) for sentence in said), (where, said)


@pytest.mark.parametrize(
    "query",
    [
        {"mask": "foo", "head": "x", "view": "nonsense", "word": "-3", "text": "x" * 400},
        {"mask": "0,999", "head": "99.99", "text_id": "../../x", "cut": "0", "pad": "1000000"},
    ],
    ids=["unreadable", "nowhere"],
)
@pytest.mark.parametrize("name", LESSONS[1:])
def test_an_address_gone_wrong_still_shows_the_lesson(open_lesson, name, query):
    """What each parser refuses is in tests/unit/test_links.py; here all of it comes at once."""
    lesson = open_lesson(name, **query).sound()
    if name == "next_sentence" and "text" in query:  # one sentence is no pair
        assert "second" in lesson.messages
        return
    assert len(lesson.pieces) > 2
    if name == "masked_words":
        assert lesson.masked, "an address without a word to hide gets the first choice"


@pytest.mark.parametrize(
    "model", ["nonsense", "../../etc", "/etc", "bert-base-uncased/../x", "gpt2"]
)
def test_a_model_that_is_not_offered_is_named_and_another_shown(open_lesson, model):
    lesson = open_lesson("tokenization", model=model).sound()
    (warning,) = [box.value for box in lesson.at.warning]
    assert model.replace("-", "\\-").replace(".", "\\.") in warning
    assert "On this machine" in warning
    assert "bertlab-mini-en" in lesson.html
    assert "model" not in lesson.at.query_params


def test_a_model_that_is_not_on_this_machine_is_offered_with_its_size(open_lesson):
    lesson = open_lesson("tokenization", model="bert-base-chinese").sound()
    assert "412 MB" in lesson.messages
    assert lesson.buttons == ["Share", "Use bertlab-mini-en instead", "Download it now"]
    lesson.click("Use bertlab-mini-en instead").sound()
    assert lesson.pieces[0] == "[CLS]"


def test_a_text_behind_an_unknown_id_is_said_to_be_gone(open_lesson):
    lesson = open_lesson("tokenization", text_id="aaaaaaaaaaaaaaaa").sound()
    assert "not stored on this machine" in lesson.messages
    assert "text_id" not in lesson.at.query_params


def test_a_long_text_travels_by_its_id(open_lesson):
    text = "a long way " * 30  # 330 bytes
    lesson = open_lesson("tokenization").type(text).sound()
    assert set(lesson.at.query_params) == {"text_id"}
    again = open_lesson("tokenization", text_id=lesson.at.query_params["text_id"]).sound()
    assert again.pieces == lesson.pieces
    assert len(again.pieces) == 92
    assert again.at.query_params == lesson.at.query_params


def test_half_a_surrogate_pair_that_was_stored_breaks_nothing(open_lesson):
    lesson = open_lesson("tokenization", text_id=save_text("a\ud800b" * 150)).sound()
    assert "?" in lesson.pieces


def test_the_address_says_what_is_shown(open_lesson):
    query = {"text": "the cat sat on the mat.", "mask": "2,3"}
    lesson = open_lesson("masked_words", **query).sound()
    assert lesson.masked == [2, 3]
    assert lesson.at.query_params == query
    lesson.run().sound()
    assert lesson.at.query_params == query


def test_cut_pad_and_word_stand_in_the_address(open_lesson):
    query = {"cut": "8", "pad": "12", "word": "3"}
    lesson = open_lesson("tokenization", **query).sound()
    table = lesson.at.dataframe[-1].value
    assert table["token"].tolist()[7:] == ["[SEP]"] + ["[PAD]"] * 4
    whole = len(open_lesson("tokenization").at.dataframe[-1].value)  # with [CLS] and [SEP]
    assert f"{whole - 8} tokens were cut off" in "".join(c.value for c in lesson.at.caption)
    assert lesson.at.selectbox(key="word_widget").value == 3
    assert lesson.at.query_params == query
    lesson.type("cat dog").sound()  # another sentence: another cut, another word
    assert lesson.at.query_params == {"text": "cat dog", "pad": "12"}


def test_the_last_mask_can_be_taken_away_and_set_again_on_the_attention_page(open_lesson):
    """The strip was dead there once nothing was masked."""
    lesson = open_lesson("attention", mask="none").sound()
    assert lesson.masked == []
    assert lesson.strip["clickable"]


def test_sentence_and_model_travel(open_lesson):
    lesson = open_lesson("home").type("A cat sat on the mat.").sound()
    for name in ("tokenization", "masked_words", "attention"):
        lesson.at.switch_page(str(ROOT / "pages" / f"{name}.py"))
        lesson.run().sound()
        assert lesson.at.text_input(key="text_widget").value == "A cat sat on the mat."
        assert "mat" in lesson.strip["chips"][-3]["hover"]
        assert lesson.at.query_params["text"] == "A cat sat on the mat."


def test_a_link_into_a_session_means_its_own_sentence(open_lesson):
    """Back and forward in the browser bring an address into a session that has another text."""
    lesson = open_lesson("masked_words", text="the cat sat").sound()
    lesson.at.switch_page(str(ROOT / "pages" / "home.py"))
    lesson.run()
    lesson.at.query_params["text"] = "one two three four five"
    lesson.at.query_params["mask"] = "1"
    lesson.at.switch_page(str(ROOT / "pages" / "masked_words.py"))
    lesson.run().sound()
    assert lesson.masked == [1]


def test_the_table_follows_a_head_that_was_chosen_elsewhere(open_lesson):
    """Streamlit sets a table's selection only when it is first drawn."""
    lesson = open_lesson("attention", head="2.1").sound()
    (before,) = lesson.at.dataframe
    lesson.at.selectbox(key="attention_layer").set_value(0)
    lesson.run().sound()
    (after,) = lesson.at.dataframe
    assert lesson.at.query_params["head"] == "0.1"
    assert json.loads(before.proto.selection_default)["selection"]["rows"] == [9]  # 2 * 4 + 1
    assert json.loads(after.proto.selection_default)["selection"]["rows"] == [1]
    assert before.proto.id != after.proto.id, "drawn anew"
    lesson.run().sound()
    assert lesson.at.dataframe[0].proto.id == after.proto.id, "and then left where it is"


def test_home_warns_of_unknown_tokens(open_lesson):
    page = open_lesson("home", text="我们明天去公园玩。").sound()
    assert "of the tokens are" in page.messages
    assert "bert-base-chinese" in str(page.buttons)


def test_home_tells_nothing_hidden_from_a_missing_head(open_lesson):
    page = open_lesson("home", text="12 345 !!!").sound()
    assert "No word is hidden" in page.html
    assert "no masked-LM head" not in page.html


def test_a_lesson_with_nothing_hidden_still_offers_trials_and_code(open_lesson):
    page = open_lesson("masked_words", text="12 345 !!!").sound()
    assert "Nothing is hidden" in page.messages
    assert "Turn the feeling round" in page.buttons


def test_a_very_long_text_is_followed_in_part_and_says_so(open_lesson):
    page = open_lesson("tokenization")
    page.type("elephants " * 2_000).sound()
    assert any("the first 5,000 of 20,000" in caption.value for caption in page.at.caption)
