"""The lesson on turning heads off, as a student goes through it."""

import json
import re
from html import unescape

import numpy as np
import pytest
from tiny_models import families

from bertlab.models import DEFAULT_MODEL
from bertlab.ui.lessons.ablation import work
from bertlab.ui.lessons.ablation.switches import format_heads, parse_heads
from bertlab.ui.lessons.examples.ablation import TRIALS
from bertlab.ui.state import caches
from bertlab.ui.widgets.traced_sentence import Traced

DEFAULT_OFF = (1, 3)  # the head that the opening sentence's word misses most


def component(lesson, name):
    """What the token strip ("chips") or the switches ("rows") were told to draw."""
    found = [json.loads(e.proto.json) for e in lesson.at.get("bidi_component") if e.proto.json]
    return next(data for data in found if name in data)


def off(lesson):
    rows = component(lesson, "rows")["rows"]
    return {(r["layer"], c["head"]) for r in rows for c in r["cells"] if c["off"]}


def skipped(lesson):
    return [row["layer"] for row in component(lesson, "rows")["rows"] if row["skipped"]]


def masked(lesson):
    chips = component(lesson, "chips")["chips"]
    return [i for i, chip in enumerate(chips) if "masked" in chip["classes"]]


def numbers(lesson):
    """The watched word's probability with all heads on, and with some off."""
    return re.findall(r"[\d.]+%", moved_title(lesson))


def moved_title(lesson):
    titles = [json.loads(s)["layout"].get("title", {}).get("text", "") for s in lesson.charts]
    return next(text for text in titles if "→" in text)


def captions(lesson):
    return "\n".join(element.value for element in lesson.at.caption)


def test_the_first_sight_is_a_finished_picture(open_lesson):
    lesson = open_lesson("ablation").sound()
    assert off(lesson) == {DEFAULT_OFF}
    before, after = numbers(lesson)
    assert float(before[:-1]) > float(after[:-1])
    assert "off" not in lesson.at.query_params
    assert "head 1.3 off costs “river” most" in unescape(lesson.html)
    assert len(lesson.charts) == 4  # answers, median, attributions, correlation
    assert "an error of 0." in captions(lesson)


def test_an_address_sets_the_switches(open_lesson):
    lesson = open_lesson("ablation", off="0.1,2.3", skip="1", ablation_kind="mean").sound()
    assert off(lesson) == {(0, 1), (2, 3)}
    assert skipped(lesson) == [1]
    assert lesson.at.query_params["off"] == "0.1,2.3"
    assert off(open_lesson("ablation", off="none").sound()) == set()


BAD = {"ablation_kind": "median", "ablation_count": "0", "ablation_sample": "7", "mask": "0"}


@pytest.mark.parametrize(
    ("query", "heads_off"),
    [
        ({"off": "<b>", "skip": "x", "watched": "-3", "head": "x"}, {DEFAULT_OFF}),
        ({"off": "9.9,0.1", "skip": "99", "watched": "99999999", "head": "77.1"}, {(0, 1)}),
    ],
    ids=["unreadable", "nowhere"],
)
def test_a_bad_address_is_passed_over(open_lesson, query, heads_off):
    lesson = open_lesson("ablation", **query, **BAD).sound()
    assert off(lesson) == heads_off
    assert skipped(lesson) == []
    assert set(lesson.at.query_params) <= {"off"}
    lesson = open_lesson("ablation", off="0.1", text="</script>").sound()
    assert off(lesson) == {(0, 1)}


def test_presets_undo_and_reset(open_lesson):
    lesson = open_lesson("ablation").sound()
    lesson.click("3 most helpful").sound()
    assert len(off(lesson)) == 3
    assert DEFAULT_OFF in off(lesson)
    helpful = off(lesson)
    lesson.click("3 least needed").sound()
    assert len(off(lesson)) == 3
    assert not off(lesson) & helpful
    lesson.click("Undo").sound()
    assert off(lesson) == helpful
    layer, head = 1, 3  # the head in hand at first
    lesson.click(f"Layer {layer}").sound()
    assert off(lesson) == {(layer, i) for i in range(4)}
    lesson.click(f"All but {layer}.{head}").sound()
    assert len(off(lesson)) == 15
    assert (layer, head) not in off(lesson)
    lesson.click(f"Only {layer}.{head}").sound()
    assert off(lesson) == {(layer, head)}
    lesson.click("All on").sound()
    assert off(lesson) == set()
    assert len(set(numbers(lesson))) == 1  # before is after
    assert "0.0% of the belief moved" in captions(lesson)


def test_how_many_is_asked(open_lesson):
    lesson = open_lesson("ablation").sound()
    lesson.at.number_input[0].set_value(7)
    lesson.run().sound().click("7 most helpful").sound()
    assert len(off(lesson)) == 7


def test_a_trial_turns_off_what_it_names(open_lesson):
    """That all of them run is shown by the tour of every page."""
    lesson = open_lesson("ablation").sound()
    (trial,) = (one for one in TRIALS["en"] if one.state.get("skip"))
    lesson.click(trial.label).sound()
    assert skipped(lesson) == [0]


def test_two_blanks_are_asked_for_one(open_lesson):
    lesson = open_lesson("ablation", text="He opened the [MASK] and walked into the [MASK].")
    lesson.sound()
    first, second = masked(lesson)
    (choice,) = [g for g in lesson.at.get("button_group") if g.label == "Blank"]
    assert f"Position {first}" in "".join(lesson.charts)
    choice.set_value(second)
    lesson.run().sound()
    assert f"Position {second}" in "".join(lesson.charts)


def test_another_word_can_be_watched(open_lesson):
    lesson = open_lesson("ablation").sound()
    before = numbers(lesson)
    box = next(box for box in lesson.at.selectbox if box.label == "Watched word")
    box.set_value(_second(box))
    lesson.run().sound()
    assert numbers(lesson) != before
    assert "watched" in lesson.at.query_params
    assert "“ground”" in moved_title(lesson)


def _second(box):
    """The token id of the second option: the best answer, after the hidden word."""
    from bertlab.models import load_tokenizer

    name = box.options[1]
    return load_tokenizer("bertlab-mini-en").convert_tokens_to_ids(name)


def test_nothing_masked_says_what_to_do(open_lesson):
    lesson = open_lesson("ablation", mask="none").sound()
    assert "Nothing is masked" in lesson.messages


def test_a_model_without_the_head_offers_one(open_lesson):
    lesson = open_lesson("ablation", model="all-MiniLM-L6-v2").sound()
    assert "no masked-LM head" in lesson.messages
    lesson.click("Use bertlab-mini-en").sound()
    assert off(lesson) == {DEFAULT_OFF}


@pytest.mark.parametrize("family", families("albert", "distilbert"))
def test_every_family(open_lesson, tiny_families, family):
    lesson = open_lesson(
        "ablation", model=family, text="the cat sat on the mat.", head="0.0"
    ).sound()
    lesson.click("Layer 0").sound()
    assert off(lesson) == {(0, 0), (0, 1)}
    lesson = open_lesson(
        "ablation", model=family, text="the cat sat on the mat.", ablation_kind="mean", skip="1"
    ).sound()
    assert skipped(lesson) == [1]


def test_a_long_text_steps_down(open_lesson):
    lesson = open_lesson("ablation", text="word " * 200).sound()
    assert "at most 128 tokens" in lesson.messages
    assert off(lesson)


def test_markup_stays_text(open_lesson):
    lesson = open_lesson("ablation", text="a <b>x</b> <script>alert(1)</script> b").sound()
    assert "<script>alert" not in lesson.html


def test_a_pair_is_taken(open_lesson):
    lesson = open_lesson("ablation", text="Where is the cat?", pair="It sleeps on the sofa.")
    lesson.sound()
    assert "segment-b" in json.dumps(component(lesson, "chips"))


def test_heads_in_an_address():
    heads = frozenset({(2, 3), (0, 1), (10, 11)})
    assert format_heads(heads) == "0.1,2.3,10.11"
    assert parse_heads(format_heads(heads)) == heads
    assert parse_heads(format_heads(frozenset())) == frozenset()


def test_long_work_is_offered_and_done_when_asked_for(open_lesson, monkeypatch, nothing_computed):
    monkeypatch.setattr("bertlab.ui.lessons.ablation.work.ASK_FIRST", 0)
    monkeypatch.setattr("bertlab.ui.lessons.ablation.work.NO_WAIT", 0)
    lesson = open_lesson("ablation").sound()
    assert off(lesson) == set()
    assert len(lesson.charts) == 1  # nothing is chosen by importance
    assert component(lesson, "rows")["scale"] is None

    def press(start):
        label = next(label for label in lesson.buttons if label.startswith(start))
        assert "about" in label
        lesson.click(label).sound()

    press("Turning each head off in turn")
    assert off(lesson) == {DEFAULT_OFF}
    press("Compute over")
    press("Masking tokens and following gradients")
    assert len(lesson.charts) == 4
    assert off(open_lesson("ablation").sound()) == {DEFAULT_OFF}  # kept for other sessions


def test_switches_and_median_share_their_scale(open_lesson):
    lesson = open_lesson("ablation").sound()
    (median,) = [json.loads(s) for s in lesson.charts if "Median over" in s]
    assert f"−{median['data'][0]['zmax']:.2f} nats" in component(lesson, "rows")["scale"]["low"]


def test_one_text_with_a_separator_and_a_pair_share_no_result():
    """Both have the same token ids; only the pair has a second segment."""

    def traced(text, pair):
        loaded, encoded = caches.model(DEFAULT_MODEL), caches.encoded(DEFAULT_MODEL, text, pair)
        trace = caches.trace(DEFAULT_MODEL, text, pair, masked=(2,))
        return Traced(DEFAULT_MODEL, loaded, text, pair, encoded, trace, encoded.tokens, 2)

    alone = traced("the cat sat. [SEP] it was good.", None)
    paired = traced("the cat sat.", "it was good.")
    assert alone.trace.token_ids == paired.trace.token_ids
    first, second = (work.sentence_importance(t, 2, 500, "zero") for t in (alone, paired))
    assert first is not second
    assert not np.array_equal(first.change, second.change)
    one, two = (work.explanations(t, 2, 500) for t in (alone, paired))
    assert not np.array_equal(one.values["occlusion"], two.values["occlusion"])
