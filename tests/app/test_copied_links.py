"""A copied link, opened in another browser, shows what the one who copied it sees."""

import pytest
from lesson_pages import Lesson, open_page

from bertlab.runs.text_store import load_text

TWO_MASKS = {"text": "The [MASK] sat on the [MASK]."}
LONG = "The cat drinks milk. " * 20  # 420 bytes


def copied(lesson: Lesson, name: str) -> Lesson:
    """The same address in another session."""
    query = {key: str(lesson.at.query_params[key]) for key in lesson.at.query_params}
    query = {key: value.removeprefix("['").removesuffix("']") for key, value in query.items()}
    return open_page(name, **query).sound()


def box(lesson: Lesson, label: str) -> object:
    """The widget with this label, of whatever kind."""
    kinds = ("segmented_control", "button_group", "text_input", "text_area", "number_input")
    kinds += ("selectbox", "toggle", "pills")
    found = [one for kind in kinds for one in getattr(lesson.at, kind, []) if label in one.label]
    return found[0]


CASES = [
    ("masked_words", TWO_MASKS, "Fill", 1),
    ("masked_words", {}, "Guess first, then reveal", True),
    ("layers", {"watch": "sleepless"}, "2 pieces", 1),
    ("ablation", {}, "How many", 5),
    ("ablation", {}, "Bundled sentences", 50),
    ("attention", {}, "Colour the grid by", "entropy"),
    ("attention", {}, "Hide special tokens", True),
    ("tokenization", {"text": "One.", "pair": "Two."}, "Follow", "b"),
    ("vocabularies", {}, "Kind", "single-character"),
    ("pretraining", {"part": "train", "bert_text": "own"}, "Paste a text: a sentence or paragraph "
     "a line, a blank line between stories", LONG),
    ("fine_tuning", {}, "Name of the run", "my run"),
    ("fine_tuning", {}, "Sentence 2", "a film to watch"),
    ("fine_tuning", {}, "Sentence 1", ""),
]  # fmt: skip


@pytest.mark.parametrize(("name", "query", "label", "value"), CASES)
def test_a_choice_goes_along(name, query, label, value):
    lesson = open_page(name, **query)
    before = box(lesson, label).value
    assert before != value
    box(lesson, label).set_value(value)
    lesson.run().sound()
    other = copied(lesson, name)
    assert box(other, label).value == value
    assert all(len(str(text)) < 300 for text in lesson.at.query_params.values())
    box(other, label).set_value(before)
    left = other.run().sound().at.query_params
    assert set(left) == set(query), "the default leaves no trace"


def test_what_a_head_looks_at_goes_along():
    lesson = open_page("heads", head="1.2").sound()
    roles = box(lesson, "Looks at")
    other = next(role for role in ("previous", "next", "itself") if role != roles.value)
    roles.set_value(other)
    lesson.run().sound()
    assert box(copied(lesson, "heads"), "Looks at").value == other
    box(lesson, "Head").set_value(3)
    lesson.run().sound()
    assert "heads_role" not in lesson.at.query_params, "it was chosen for another head"


@pytest.mark.parametrize(
    ("name", "query", "key"),
    [
        ("vocabularies", {"voc_part": "train"}, "voc_corpus"),
        ("heads", {"heads_source": "own"}, "heads_own"),
        ("embeddings", {"sense_of": "own"}, "own_lines"),
    ],
)
def test_an_untouched_text_leaves_no_trace(name, query, key, sealed_environment):
    lesson = open_page(name, **query).sound()
    assert key not in lesson.at.query_params
    assert f"{key}_id" not in lesson.at.query_params
    assert not list(sealed_environment.glob("runs/texts/*"))


def test_a_long_text_is_stored_under_a_random_id():
    query = {"part": "train", "bert_text": "own"}
    lesson = open_page("pretraining", **query)
    lesson.at.text_area[0].set_value(LONG)
    stored = lesson.run().sound().at.query_params["bert_paste_id"]
    assert load_text(stored if isinstance(stored, str) else stored[0]) == LONG


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("attention", {"attention_statistic": "share on [SEP]"}),
        ("tokenization", {"text": "A", "pair": "B", "tokenization_which": "Sentence B"}),
        ("masked_words", {"masked_fill": "9", "masked_guess": "maybe", **TWO_MASKS}),
        ("heads", {"heads_role": "sideways"}),
        ("ablation", {"ablation_count": "0", "ablation_sample": "7"}),
    ],
)
def test_an_old_or_odd_value_gives_the_default(name, query):
    lesson = open_page(name, **query).sound()
    assert set(lesson.at.query_params) == set(query) & {"text", "pair"}


def test_words_of_old_links_are_still_read():
    lesson = open_page("masked_words", masked_guess="true", masked_whole="false").sound()
    assert box(lesson, "Guess first, then reveal").value is True
    assert box(lesson, "Mask whole words").value is False
