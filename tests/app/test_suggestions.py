"""A suggestion tells the page which figure it changed, so that it comes into sight."""

import json

import pytest


def shown(lesson) -> dict:
    return json.loads(lesson.component("show_change").json)


@pytest.mark.parametrize(
    ("name", "query", "label", "key"),
    [
        ("attention", {}, "Where do the weights go to rest?", "attention_map"),
        ("attention", {}, "All heads at once", "attention_model"),
        ("attention", {}, "Does “it” find its noun?", "attention_strip"),
        ("ablation", {}, "Zeros, or the mean?", "ablation_switches"),
        ("next_sentence", {}, "One sentence on a side", "next_kinds"),
        ("pretraining", {}, "Hide half of it", "game_rows"),
        ("pretraining", {}, "Train one now", ""),  # another part of the page: its beginning
        ("heads", {}, "Without following", "heads_rollout"),
    ],
)
def test_what_a_suggestion_changed_is_brought_into_sight(open_lesson, name, query, label, key):
    lesson = open_lesson(name, **query).sound()
    assert shown(lesson) == {"number": 0, "key": ""}
    assert shown(lesson.click(label).sound()) == {"number": 1, "key": key}
    assert shown(lesson.run()) == {"number": 1, "key": key}, "another run is no suggestion"
