"""Many pairs, four of each place: how they are drawn, asked and counted."""

import numpy as np
import pytest
from tiny_models import save_bert_tokenizer, save_tiny_model

from bertlab.errors import InputError
from bertlab.inspection.next_sentence import (
    NextSentenceHead,
    follows_probability,
    read_next_sentence_head,
)
from bertlab.inspection.pair_experiment import (
    KINDS,
    KindedPair,
    KindResult,
    ask_pairs,
    draw_kinds,
    sort_by_kind,
    surest_mistake,
)
from bertlab.inspection.trace import run_trace
from bertlab.models import load_model
from bertlab.models.folders import model_folder
from bertlab.observations.next_sentence import change_notices, experiment_notices, has_learned
from bertlab.pretraining.data.stories import village
from bertlab.tokenization.encoding import encode

STORIES = [[f"{i}-{j}" for j in range(5)] for i in range(4)] + [["short"]]
ELSEWHERE = ["xxx", "a much longer text"]


def draw(**options):
    return draw_kinds(STORIES, ELSEWHERE, **{"count": 8, "sentences": 2, **options})


def test_each_place_gives_four_pairs_of_the_same_a():
    pairs = draw()
    assert len(pairs) == 32
    assert [pair.kind for pair in pairs] == list(KINDS) * 8
    for follows, swapped, story, topic in zip(*(pairs[i::4] for i in range(4)), strict=True):
        sides = [side.split() for side in (follows.first, follows.second)]
        numbers = [tuple(map(int, s.split("-"))) for side in sides for s in side]
        assert len({number[0] for number in numbers}) == 1, "one story"
        assert [n[1] for n in numbers] == list(range(numbers[0][1], numbers[0][1] + 4)), "in a row"
        assert (swapped.first, swapped.second) == (follows.second, follows.first)
        assert story.first == topic.first == follows.first
        assert story.second.split("-")[0] != follows.first.split("-")[0]
        assert topic.second == "xxx", "of about B's length"


def test_places_are_drawn_once_and_the_seed_decides():
    assert draw() == draw() != draw(seed=1)
    pairs = draw(count=99)
    assert len(pairs) == 4 * 4 * 2  # four stories, two places for 2 + 2 of 5 sentences
    assert len({pair.first for pair in pairs if pair.kind == "follows"}) == 8


def test_chinese_sentences_stand_without_a_blank():
    assert draw(joint="")[0].first.count("-") == 2
    assert " " not in draw(joint="")[0].first


def test_stories_that_are_too_short_are_refused():
    with pytest.raises(InputError, match="12 sentences"):
        draw(sentences=6)


def test_many_pairs_at_once_are_answered_as_one_alone():
    name = "bertlab-mini-en"
    loaded, head = load_model(name), read_next_sentence_head(model_folder(name))
    pairs = draw_kinds(village("en").all, ["A text about the film."], count=2, sentences=1)
    found = ask_pairs(loaded, head, pairs)
    for pair, answer in zip(pairs, found, strict=True):
        trace = run_trace(loaded, encode(loaded.tokenizer, pair.first, pair.second))
        assert answer == pytest.approx(follows_probability(head, trace), abs=1e-5)
    results = sort_by_kind(pairs, found)
    assert [result.kind for result in results] == list(KINDS)
    assert results[1].probabilities == (found[1], found[5])


def test_a_model_without_segments_is_asked_whatever_its_tokenizer_knows(models_root):
    save_bert_tokenizer(save_tiny_model("distilbert", models_root / "distilbert"))
    loaded = load_model("distilbert", device="cpu")
    eye, zeros = np.eye(32, dtype=np.float32), np.zeros(32, dtype=np.float32)
    head = NextSentenceHead((eye, zeros), (eye[:2], zeros[:2]))
    pairs = [KindedPair("follows", "a cat sat", "the mat"), KindedPair("topic", "a", "a")]
    for pair, answer in zip(pairs, ask_pairs(loaded, head, pairs), strict=True):
        trace = run_trace(loaded, encode(loaded.tokenizer, pair.first, pair.second))
        assert answer == pytest.approx(follows_probability(head, trace), abs=1e-5)


def result(kind, *probabilities):
    pairs = tuple(KindedPair(kind, f"a{i}", f"b{i}") for i in range(len(probabilities)))
    return KindResult(kind, pairs, probabilities)


def test_passes_and_means_are_counted():
    found = result("follows", 0.5, 0.9, 0.1, 0.49)
    assert (found.passed, found.pass_share) == (2, 0.5)
    assert found.mean == pytest.approx(0.4975)


def test_the_surest_mistake_is_the_lowest_of_those_that_follow_and_the_highest_of_others():
    assert surest_mistake(result("follows", 0.5, 0.1, 0.9))[0].first == "a1"
    pair, probability = surest_mistake(result("story", 0.1, 0.8, 0.6))
    assert (pair.first, probability) == ("a1", 0.8)


# --- what may be said ----------------------------------------------------------------------------


def results(follows, swapped, story, topic, *, high=0.9, low=0.1, of=10):
    """Ten pairs of each kind, of which so many pass."""
    return tuple(
        result(kind, *[high] * passed, *[low] * (of - passed))
        for kind, passed in zip(KINDS, (follows, swapped, story, topic), strict=True)
    )


def test_a_head_that_tells_nothing_apart_is_not_spoken_of():
    for found in (results(10, 10, 10, 10), results(5, 6, 5, 4), results(2, 5, 5, 5)):
        assert not has_learned(found)
        (said,) = experiment_notices(found, "next sentence")
        assert said.startswith("Passed by the head: ")
        assert "Looked for and not found" in said


def test_answers_that_all_lie_near_a_half_say_nothing_however_many_pass():
    found = results(10, 10, 5, 0, high=0.505, low=0.495)
    assert not has_learned(found)
    assert "Looked for and not found" in experiment_notices(found, "next sentence")[0]


def test_each_sentence_rests_on_its_own_numbers():
    said = " ".join(experiment_notices(results(9, 9, 8, 3), "next sentence"))
    assert "9 of 10 pairs in a row pass, 3 of 10" in said
    assert "The order hardly counts: 9 of 10 swapped pairs pass" in said
    assert "The kind of text counts: a random B of the same village passes 8 of 10 times" in said
    said = " ".join(experiment_notices(results(9, 3, 8, 8), "sentence order"))
    assert said == "The order counts: 9 of 10 pairs in order pass, swapped only 3 of 10."
    said = " ".join(experiment_notices(results(18, 15, 6, 6, of=20), "next sentence"))
    assert "order" not in said
    assert "kind of text counts" not in said


def test_that_a_swap_was_never_wrong_is_said_of_berts_question_alone():
    assert "hardly" not in " ".join(experiment_notices(results(9, 9, 8, 3), "sentence order"))


def test_where_no_sentence_is_earned_the_counts_are_told():
    assert experiment_notices(results(20, 17, 15, 18, of=20), "next sentence") == (
        "Passed by the head: 20 of 20 pairs in a row, 17 of 20 swapped ones, 15 of 20 with a B of "
        "another story, 18 of 20 with a B on another topic.",
    )


def test_a_change_of_twenty_points_is_told():
    answers = (("As typed", 0.9), ("Swapped", 0.71), ("With a random B", 0.7), ("Other", 1.0))
    assert change_notices(answers) == ("With a random B: 70.0% instead of 90.0%, 20 points less.",)
    assert change_notices((("As typed", 0.1), ("Swapped", 0.6)))[0].endswith("50 points more.")


def test_changes_that_move_little_are_told_by_their_numbers():
    answers = (("As typed", 0.9), ("Swapped", 0.71), ("Other", 1.0))
    assert change_notices(answers) == (
        "None of the 2 changes moves the answer by 20 points. As typed: 90.0%; Swapped: 71.0%; "
        "Other: 100.0%.",
    )
