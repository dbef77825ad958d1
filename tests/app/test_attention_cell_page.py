"""The lesson on one attention cell: choices, steps, links, families, random weights."""

import json
import re

import pytest
from test_random_weights import claims, make_twin
from tiny_models import families

from bertlab.ui.lessons.examples.attention_cell import TRIALS

LOOKS = re.compile(r"Head \d+\.\d+: “.*?” looks at")


def components(lesson) -> dict[str, object]:
    """What each component was told, by its name."""
    found = {}
    for element in lesson.at.get("bidi_component"):
        raw = element.proto.bytes
        length = int.from_bytes(raw[:4], "little") if raw else 0
        text = raw[4 : 4 + length] if raw else element.proto.json
        found[element.proto.component_name.rpartition("bertlab_")[2]] = json.loads(text)
    return found


def svg(lesson) -> str:
    return components(lesson)["svg_figure"]["svg"]


def box(lesson, label):
    return next(box for box in lesson.at.selectbox if box.label == label)


def test_it_opens_with_a_finished_picture(open_lesson):
    lesson = open_lesson("attention_cell").sound()
    drawn = components(lesson)
    assert drawn["svg_figure"]["svg"].count('class="row"') == len(drawn["token_strip"]["chips"])
    assert "q · k = " in drawn["svg_figure"]["alt"]
    assert drawn["attention_map"]["query"] == box(lesson, "Query").value
    errors = re.findall(r"(\d)e-(\d+)", "\n".join(c.value for c in lesson.at.caption))
    assert len(errors) == 2
    assert all(int(power) >= 5 for _, power in errors)


def test_a_link_opens_the_cell_it_names(open_lesson):
    lesson = open_lesson("attention_cell", head="2.1", token="5", key="3", cell_step="2").sound()
    drawn = components(lesson)
    assert (drawn["attention_map"]["query"], drawn["attention_map"]["key"]) == (5, 3)
    assert "Head 2.1: " in svg(lesson)
    assert "products</tspan>" in svg(lesson)
    assert "sum</tspan>" not in svg(lesson)
    assert 'class="row"' not in svg(lesson)


@pytest.mark.parametrize(
    "query",
    [{"token": "99", "key": "-1", "head": "9.9"}, {"token": "x", "key": "99", "head": "x"}],
)
def test_a_bad_link_opens_the_default(open_lesson, query):
    lesson = open_lesson("attention_cell", **query, cell_step="7", cell_view="<b>").sound()
    assert svg(lesson) == svg(open_lesson("attention_cell"))
    assert lesson.at.query_params == {}


def test_layer_head_query_and_key_can_be_chosen(open_lesson):
    lesson = open_lesson("attention_cell").sound()
    box(lesson, "Layer").set_value(3)
    lesson.run()
    box(lesson, "Head").set_value(2)
    lesson.run()
    box(lesson, "Key").set_value(1)
    lesson.run().sound()
    assert "Head 3.2: " in svg(lesson)
    assert components(lesson)["attention_map"]["key"] == 1
    assert "3.2" in lesson.at.query_params["head"]
    assert "1" in lesson.at.query_params["key"]
    box(lesson, "Query").set_value(4)
    lesson.run().sound()
    assert components(lesson)["attention_map"]["query"] == 4
    chips = components(lesson)["token_strip"]["chips"]
    assert [i for i, chip in enumerate(chips) if "chosen" in chip["classes"]] == [4]


@pytest.mark.parametrize("language", ["en", pytest.param("zh", marks=pytest.mark.exhaustive)])
def test_every_trial_shows_what_it_names(open_lesson, language):
    model = f"bertlab-mini-{language}"
    lesson = open_lesson("attention_cell", model=model).sound()
    start, pronoun, by_bertviz = (trial.label for trial in TRIALS[language])
    lesson.click(start).sound()
    assert "products</tspan>" not in svg(lesson)
    lesson.click(pronoun).sound()
    named = {"en": ("it", "animal"), "zh": ("它", "动")}[language]
    drawn = components(lesson)["attention_map"]
    assert (drawn["names"][drawn["query"]], drawn["names"][drawn["key"]]) == named
    lesson.click(by_bertviz).sound()
    assert lesson.at.get("iframe")
    assert "svg_figure" not in components(lesson)
    lesson.click(pronoun).sound()  # and back, also a second time
    assert components(lesson)["attention_map"]["query"] == drawn["query"]


@pytest.mark.parametrize("family", families("distilbert", "xlm-roberta"))
def test_every_family_can_be_opened(open_lesson, tiny_families, family):
    lesson = open_lesson("attention_cell", model=family, text="the cat sat on the mat.").sound()
    assert "√16" in svg(lesson)  # hidden 32 in 2 heads
    lesson.click("All keys at once").sound()
    assert lesson.at.get("iframe")


def test_a_model_without_a_masked_lm_head_is_opened_too(open_lesson):
    lesson = open_lesson("attention_cell", model="all-MiniLM-L6-v2")
    if "svg_figure" not in components(lesson):
        pytest.skip("needs the package of the extra [minilm]")
    assert "√32" in svg(lesson.sound())  # hidden 384 in 12 heads
    assert not any(label.startswith("Mask “") for label in lesson.buttons)


def test_long_input_says_what_it_leaves_out(open_lesson):
    text = "The cat sat on the mat and looked at the dog. " * 12
    lesson = open_lesson("attention_cell").sound().type(text).sound()
    count = len(components(lesson)["attention_map"]["names"])
    assert count > 64
    assert f"{count - 20} weaker" in "\n".join(c.value for c in lesson.at.caption)
    lesson.click("All keys at once").sound()
    assert "freezes the browser" in lesson.messages


def test_markup_stays_text(open_lesson):
    lesson = open_lesson("attention_cell", text="</svg><script>window.hacked=1</script>").sound()
    assert "<script>" not in svg(lesson) + lesson.html.replace("<style>", "")


# --- random weights ------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.exhaustive)])
def test_random_weights_are_not_said_to_look_at_anything(open_lesson, models_root, seed):
    twin = make_twin(models_root, seed)
    lesson = open_lesson("attention_cell", model=twin).sound()
    for head in ("0.0", "1.1", "2.2", "3.3"):
        lesson = open_lesson("attention_cell", model=twin, head=head).sound()
        assert claims(lesson) == []
        assert f"Head {head}: " in svg(lesson)
        assert not LOOKS.search(svg(lesson))
    for label in (trial.label for trial in TRIALS["en"]):
        lesson.click(label).sound()
        assert claims(lesson) == []
        assert not LOOKS.search(lesson.html)


def test_the_test_can_fail(open_lesson):
    """The embedded model has learned something, and the title says so."""
    assert LOOKS.search(svg(open_lesson("attention_cell", head="1.3")))
