"""The Help page shows every page of bertlab/docs."""

from pathlib import Path

from bertlab.ui.lessons.help import FOLDER, TOPICS, help_text


def test_each_topic_opens(open_lesson):
    for topic in TOPICS:
        lesson = open_lesson("help", topic=topic).sound()
        assert lesson.at.title[0].value == "Help"
        assert lesson.at.markdown[-1].value == help_text(topic)
        assert "](" not in help_text(topic).replace("](http", ""), topic


def test_an_unknown_topic_gives_the_first(open_lesson):
    lesson = open_lesson("help", topic="nonsense").sound()
    assert lesson.at.markdown[-1].value == help_text("lessons")


def test_no_page_is_left_out():
    assert {path.stem for path in Path(FOLDER).glob("*.md")} == set(TOPICS)
