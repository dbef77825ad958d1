"""A lesson turns with the language of the model in hand, and what a student typed stays."""

from lesson_pages import ROOT

from bertlab.ui.widgets.example import ELEPHANT
from bertlab.ui.widgets.village import opening_pair

ZH = "bertlab-mini-zh"


def sentence(lesson):
    return lesson.at.text_input(key="text_widget").value


def choose(lesson, model):
    lesson.at.session_state["model"] = model
    return lesson.run().sound()


def test_another_language_turns_an_opening_that_nobody_touched(open_lesson):
    lesson = open_lesson("home").sound()
    assert sentence(choose(lesson, ZH)) == ELEPHANT["zh"].text
    assert sentence(choose(lesson, "bertlab-mini-en")) == ELEPHANT["en"].text
    assert lesson.at.query_params == {}


def test_what_a_student_typed_stays_whatever_the_model_reads(open_lesson):
    lesson = open_lesson("home").type("A cat sat on the mat.")
    assert sentence(choose(lesson, ZH)) == "A cat sat on the mat."


def test_a_linked_sentence_stays_whatever_the_model_reads(open_lesson):
    lesson = open_lesson("masked_words", model=ZH, text="We went to the [MASK].").sound()
    assert sentence(lesson) == "We went to the [MASK]."


def test_the_village_goes_along_and_turns_with_the_model(open_lesson):
    lesson = open_lesson("pretraining").sound()
    assert sentence(lesson) == opening_pair("en")[0]
    lesson.at.switch_page(str(ROOT / "pages" / "tokenization.py"))
    assert sentence(lesson.run().sound()) == opening_pair("en")[0], "it goes with the student"
    assert sentence(choose(lesson, ZH)) == ELEPHANT["zh"].text
    lesson.at.switch_page(str(ROOT / "pages" / "pretraining.py"))
    assert sentence(lesson.run().sound()) == opening_pair("zh")[0]


def test_reviews_to_fine_tune_on_are_in_the_model_s_language(open_lesson, engine_elsewhere):
    lesson = open_lesson("fine_tuning", model=ZH).sound()
    assert lesson.at.session_state["data"] == "chinese_reviews"
    assert "of the tokens are" not in lesson.messages
    assert lesson.at.query_params == {"model": ZH}
    assert choose(lesson, "bertlab-mini-en").at.session_state["data"] == "movie_reviews"


def test_data_that_a_student_chose_stay_whatever_the_model_reads(open_lesson, engine_elsewhere):
    lesson = open_lesson("fine_tuning", data="subjectivity").sound()
    assert choose(lesson, ZH).at.session_state["data"] == "subjectivity"


def test_the_village_to_train_on_is_in_the_model_s_language(open_lesson, engine_elsewhere):
    lesson = open_lesson("pretraining", part="train").sound()
    assert choose(lesson, ZH).at.session_state["bert_text"] == "village_zh"


def test_traditional_characters_are_converted_by_one_click(open_lesson):
    """這, 電 and 們 became [UNK]; the conversion is offered, done and shown."""
    lesson = open_lesson("tokenization", model="bertlab-mini-zh", text="我們喜歡看電視").sound()
    assert "[UNK]" in lesson.pieces
    assert "們 → 们" in lesson.messages
    lesson.click("Convert to simplified (OpenCC)").sound()
    assert lesson.at.session_state["text"] == "我们喜欢看电视"
    assert "[UNK]" not in lesson.pieces
    told = "".join(element.value for element in lesson.at.markdown)
    assert "traditional to simplified" in told
    assert "電 → 电" in told
    assert "Convert to simplified (OpenCC)" not in lesson.buttons


def test_a_click_on_a_chinese_character_hides_its_word(open_lesson):
    lesson = open_lesson("masked_words", model="bertlab-mini-zh", text="今天天气很好").sound()
    assert lesson.masked == [6]  # 好, a word of one character
    lesson = open_lesson("masked_words", model="bertlab-mini-zh", text="我们去公园。").sound()
    assert lesson.masked == [4, 5]
