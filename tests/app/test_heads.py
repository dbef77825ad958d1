"""The lesson on what heads do, under Streamlit's AppTest."""

import gc
import html
import json
import weakref
from concurrent.futures import ThreadPoolExecutor

import pytest
from lesson_pages import Lesson
from test_random_weights import claims, make_twin, shows_its_own_weights
from tiny_models import families

from bertlab.errors import ModelError
from bertlab.inspection.bundled_sentences import Sentence
from bertlab.inspection.heads.random_twin import random_twin
from bertlab.inspection.heads.targets import ROLES
from bertlab.models import DEFAULT_MODEL
from bertlab.ui.lessons.examples.heads import OWN, TRIALS
from bertlab.ui.lessons.heads import statistics
from bertlab.ui.state import caches

MANY = tuple(Sentence(f"the cat saw dog {number}") for number in range(40))  # three batches
LINES = "\n".join(f"the cat saw dog {number}, and the dog saw the cat" for number in range(6))


def grid(lesson: Lesson) -> dict:
    """What the grid of heads was told to draw."""
    given = [json.loads(element.proto.json) for element in lesson.at.get("bidi_component")]
    return next(data for data in given if "cells" in data)


def cell(lesson: Lesson, layer: int, head: int) -> dict:
    cells = grid(lesson)["cells"]
    return next(one for one in cells if (one["layer"], one["head"]) == (layer, head))


def captions(lesson: Lesson) -> str:
    return "\n".join(element.value for element in lesson.at.caption)


def type_own(lesson: Lesson, text: str) -> Lesson:
    lesson.at.text_area[0].set_value(text)
    return lesson.run()


def test_opens_on_a_finished_picture(open_lesson):
    lesson = open_lesson("heads").sound()
    drawn = grid(lesson)
    assert (drawn["layers"], drawn["heads"], len(drawn["cells"])) == (4, 4, 16)
    assert cell(lesson, 0, 0)["sign"] == "←"
    assert cell(lesson, 0, 2)["sign"] == "→"
    assert "Head 0.0 looks at the previous token: " in cell(lesson, 0, 0)["hover"]
    assert "over 200 bundled English sentences" in captions(lesson)
    assert len(lesson.charts) == 3  # bars, entropy, rollout
    assert sum(entry["count"] for entry in drawn["legend"]) == 16
    assert any("looks at" in text for text in claims(lesson))


def test_the_chinese_model_is_measured_over_chinese(open_lesson):
    lesson = open_lesson("heads", model="bertlab-mini-zh").sound()
    assert "over 200 bundled Chinese sentences" in captions(lesson)


def test_what_a_trial_sets_stands_in_the_address(open_lesson):
    lesson = open_lesson("heads")
    for trial in TRIALS["en"]:
        lesson.click(trial.label).sound()
        for key, value in trial.state.items():
            shown = {True: "1", False: "0"}.get(value, str(value))
            assert lesson.at.query_params[key] in (shown, [shown])
    assert "Mean attention of" in "".join(lesson.charts)


def test_a_head_in_the_address_is_the_head_of_every_part(open_lesson):
    lesson = open_lesson("heads", head="1.2").sound()
    assert grid(lesson)["chosen"] == [1, 2]
    assert "Head 1.2" in lesson.charts[0]
    assert any("Head 1.2" in heading.value for heading in lesson.at.subheader)


@pytest.mark.parametrize(
    "query",
    [
        {"head": "x", "heads_threshold": "seven", "heads_source": "nobody"},
        {"head": "99.99", "heads_threshold": "900", "token": "512",
         "heads_source": "own", "heads_own_id": "A" * 16},
    ],
)  # fmt: skip
def test_bad_addresses_are_passed_over(open_lesson, query):
    odd = {"heads_flow": "<b>", "heads_aside": "2", "heads_role": "sideways"}
    lesson = open_lesson("heads", **query, **odd).sound()
    assert len(grid(lesson)["cells"]) == 16
    assert set(lesson.at.query_params) <= {"heads_source"}  # "own" there is


def test_own_sentences_are_counted_with_the_one_above(open_lesson):
    lesson = open_lesson("heads", heads_source="own").sound()
    count = len(OWN["en"].splitlines()) + 1
    assert f"over {count} sentences of your own" in captions(lesson)
    type_own(lesson, LINES + "\n\n  \n" + LINES).sound()  # empty lines and repeats do not count
    assert "over 7 sentences of your own" in captions(lesson)
    lesson = open_lesson("heads", heads_source="both").sound()  # the elephant is a bundled one
    count = len(OWN["en"].splitlines())
    assert f"200 bundled English sentences and {count} sentences of your own:" in captions(lesson)


def test_too_few_sentences_say_so(open_lesson):
    lesson = open_lesson("heads", heads_source="own")
    type_own(lesson, "").sound()
    assert "Two sentences are the least" in lesson.messages
    type_own(lesson, "a cat\na dog").sound()
    assert "3 sentences are too few for a habit" in captions(lesson).replace("\\", "")
    assert {one["number"] for one in grid(lesson)["cells"]} == {""}
    assert "simple pattern" not in lesson.html


def test_two_hundred_lines_are_the_most(open_lesson):
    lesson = open_lesson("heads", heads_source="own")
    type_own(lesson, "\n".join(f"the cat {number}" for number in range(230))).sound()
    assert "These are 230 sentences; the first 200 are measured." in lesson.messages
    assert lesson.at.query_params["heads_own_id"]  # too long for an address


def test_markup_stays_text(open_lesson):
    lesson = open_lesson("heads", heads_source="own")
    evil = "<img src=x onerror=alert(1)> saw <script>alert(1)</script> the cat, the cat"
    type_own(lesson, LINES + f"\n{evil}").sound()
    for element in lesson.at.get("html"):
        assert "<img" not in element.proto.body
        assert "<script>alert" not in element.proto.body


def test_a_long_text_is_no_obstacle(open_lesson):
    lesson = open_lesson("heads", heads_source="own", text="the cat saw the dog. " * 150).sound()
    assert "longer than 128 tokens were cut there" in captions(lesson)


def test_an_example_can_be_taken_along(open_lesson):
    lesson = open_lesson("heads", head="0.0")
    before = lesson.at.session_state["text"]
    lesson.click("Take this sentence").sound()
    assert lesson.at.session_state["text"] != before


def test_special_tokens_can_be_left_aside(open_lesson):
    lesson = open_lesson("heads")
    assert {entry["sign"] for entry in grid(lesson)["legend"]} >= {"C"}
    lesson.at.toggle[0].set_value(True)
    lesson.run().sound()
    assert "C" not in {entry["sign"] for entry in grid(lesson)["legend"]}
    assert "of its weight on words" in cell(lesson, 0, 0)["hover"]


@pytest.mark.parametrize("family", families("roberta", "electra"))
def test_every_family(open_lesson, tiny_families, family):
    lesson = open_lesson("heads", model=family, text="the cat sat on the mat.").sound()
    assert len(grid(lesson)["cells"]) == 4
    names = {"roberta": "<s>", "xlm-roberta": "<s>"}
    first = json.loads(lesson.charts[-1])["layout"]["xaxis2"]["ticktext"][0]
    assert html.unescape(first) == names.get(family, "[CLS]")


def test_a_model_without_a_head_for_masked_words(open_lesson):
    lesson = open_lesson("heads", model="all-MiniLM-L6-v2")
    if not lesson.at.get("bidi_component"):
        pytest.skip("needs the package of the extra [minilm]")
    assert len(grid(lesson.sound())["cells"]) == 72


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.exhaustive)])
def test_random_weights_are_not_said_to_have_learned(
    open_lesson, tmp_path_factory, monkeypatch, seed
):
    root = tmp_path_factory.mktemp("twins")
    twin = make_twin(root, seed)
    monkeypatch.setenv("BERTLAB_MODELS", str(root))
    lesson = open_lesson("heads", model=twin).sound()
    assert shows_its_own_weights(root, twin)
    labels = ["", *(trial.label for trial in TRIALS["en"])]
    for label in labels:
        if label:
            lesson.click(label).sound()
        assert claims(lesson) == [], label
        assert {one["sign"] for one in grid(lesson)["cells"]} == {"·"}, label
    assert "None of the 16 heads shows a simple pattern" in grid(lesson)["label"]


def test_a_page_that_is_left_leaves_the_rest_to_the_next():
    """The first visitor goes away in the middle; what was measured is not measured again."""
    job = statistics._job(DEFAULT_MODEL, MANY)
    job.step()
    half = dict(job.model)
    assert 0 < len(half) < len(MANY)
    found = statistics.head_statistics_over(DEFAULT_MODEL, MANY)
    assert job.is_finished
    assert job.done == job.total == 2 * len(MANY)
    assert all(job.model[number] is measured for number, measured in half.items())
    assert [job.model[number].sentence for number in range(len(MANY))] == list(MANY)
    assert found is not None
    assert found.scores.score.shape == (len(ROLES), 4, 4)


def test_a_batch_that_fails_is_everybodys_error_and_nobodys_loss(monkeypatch, nothing_computed):
    """Watchers of a broken job met a KeyError, and all jobs of all classes were thrown away."""
    other = statistics._job(DEFAULT_MODEL, MANY[:2])
    job = statistics._job(DEFAULT_MODEL, MANY)
    job.step()
    half, measure_all = dict(job.model), statistics.measure_all

    def fail(*_):
        raise ModelError("out of memory")

    monkeypatch.setattr(statistics, "measure_all", fail)
    with ThreadPoolExecutor(3) as pool:
        asked = [
            pool.submit(statistics.head_statistics_over, DEFAULT_MODEL, MANY) for _ in range(3)
        ]
        errors = [one.exception(20) for one in asked]
    assert [type(error) for error in errors] == [ModelError] * 3
    assert statistics._job(DEFAULT_MODEL, MANY[:2]) is other
    monkeypatch.setattr(statistics, "measure_all", measure_all)
    assert statistics.head_statistics_over(DEFAULT_MODEL, MANY) is not None
    assert all(job.model[number] is measured for number, measured in half.items())


def test_a_job_holds_no_model_and_its_twin_goes_when_it_is_done(monkeypatch, nothing_computed):
    twins = []

    def draw(loaded):
        twin = random_twin(loaded)
        twins.append(weakref.ref(twin.model))
        return twin

    monkeypatch.setattr(statistics, "random_twin", draw)
    job = statistics._job(DEFAULT_MODEL, MANY)
    job.step()
    model = weakref.ref(caches.model(DEFAULT_MODEL).model)
    caches.model.clear()
    gc.collect()
    assert model() is None  # a job that was left in the middle does not keep it
    statistics.head_statistics_over(DEFAULT_MODEL, MANY)
    gc.collect()
    assert [twin() for twin in twins] == [None]  # drawn once, gone
