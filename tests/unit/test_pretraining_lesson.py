"""What the pre-training lesson draws and says of a run and of a draw, by hand."""

import base64
import re
from dataclasses import replace

import pytest

from bertlab.inspection.masking_game import Asked, Counts, draw_masks
from bertlab.observations.pretraining import game_notices, positions_notices, run_notices
from bertlab.pretraining.blanks import watched_blanks
from bertlab.pretraining.heldout import HeldoutScores
from bertlab.pretraining.result import PretrainingResult
from bertlab.pretraining.settings import WatchedBlank
from bertlab.pretraining.tensors import vocabulary_of
from bertlab.runs.events import BlanksEvent, FilledBlank, TrainEvent, ValidationEvent
from bertlab.tokenization.encoding import encode
from bertlab.views.pretraining import masking_game as game_views
from bertlab.views.pretraining import run as views
from bertlab.views.shared.palette import LIGHT
from bertlab.views.shared.times import duration

BLANKS = (WatchedBlank("The boat is [MASK].", ("blue",)), WatchedBlank("A <b> [MASK].", ()))
RESULT = PretrainingResult(vocabulary=1_000, steps=90)
SCORES = HeldoutScores(tokens=90, loss=3.14159, accuracy=0.4321, pairs=0, next_accuracy=None)


def look(step, right, rank, best="the"):
    predictions = ((best, 0.6), ("a", 0.3), ("x", 0.05))
    boat = FilledBlank("The boat is [MASK].", predictions, right, rank)
    other = FilledBlank("A <b> [MASK].", (("<i>", 0.5),), None, None)
    return BlanksEvent((boat, other), step=step)


def check(step, loss, next_accuracy=0.5):
    metrics = {"loss": loss, "accuracy": 0.25, "tokens": 9, "pairs": 8}
    return ValidationEvent({**metrics, "next_accuracy": next_accuracy}, step=step)


def train(step, loss):
    metrics = {"loss": loss, "accuracy": 0.1, "next": 0.69}
    return TrainEvent(metrics, tokens=10 * step, step=step, seconds=1.0, examples=2)


EVENTS = [check(0, 6.9), look(0, 0.001, 400), train(1, 7.0), look(1, 0.2, 3), train(2, 5.0),
          look(2, 0.6, 1, best="blue"), check(2, 5.5)]  # fmt: skip


def test_the_answers_are_gathered_blank_by_blank():
    boat, other = watched_blanks(EVENTS, BLANKS)
    assert boat.answers == ("blue",)
    assert other.answers == ()
    assert [(a.step, a.right, a.rank) for a in boat.history] == [
        (0, 0.001, 400), (1, 0.2, 3), (2, 0.6, 1),
    ]  # fmt: skip
    assert boat.last.predictions[0] == ("blue", 0.6)
    assert watched_blanks([check(0, 6.9)], BLANKS) == ()


def test_the_table_of_blanks_shows_the_newest_answers_and_the_way_there():
    text = views.blanks_html(watched_blanks(EVENTS, BLANKS), LIGHT, steps=10)
    assert "<mark>[MASK]</mark>" in text
    assert "✓ blue" in text
    assert "60.0%" in text
    assert "&lt;i&gt;" in text
    assert "A &lt;b&gt; <mark>" in text  # what a student typed stays text
    assert "0.1% at step 0, 60.0% at step 2" in text
    (picture,) = re.findall(r"base64,([^\"]+)", text)  # no curve where nothing is known right
    svg = base64.b64decode(picture).decode()
    points = [tuple(map(float, p.split(","))) for p in re.search('points="(.*?)"', svg)[1].split()]
    assert len(points) == 3
    assert points[0][1] > points[1][1] > points[2][1]  # upwards on the screen is less
    assert points[2][0] < views.WIDTH / 2  # step 2 of 10


def test_before_and_after_stand_side_by_side():
    row = views.before_after_table(watched_blanks(EVENTS, BLANKS)).iloc[0]
    assert row["best before"] == "the 60.0%"
    assert row["best after"] == "blue 60.0%"
    assert (row["rank before"], row["rank after"]) == (400, 1)
    assert (row["p(right) before, %"], row["p(right) after, %"]) == (0.1, 60.0)


def test_the_curves_have_the_held_out_stories():
    lines = {s["name"]: s["data"] for s in views.loss_curves(EVENTS, LIGHT, steps=10)["series"]}
    assert lines["held-out"] == [[0, 6.9], [2, 5.5]]
    assert lines["training"] == [[1, 7.0], [2, 5.0]]
    lines = {s["name"]: s["data"] for s in views.accuracy_curves(EVENTS, LIGHT, steps=10)["series"]}
    assert lines["held-out"] == [[0, 25.0], [2, 25.0]]
    assert lines["held-out, next sentence"] == [[0, 50.0], [2, 50.0]]
    alone = [check(0, 6.9, None), train(1, 7.0)]
    names = [s["name"] for s in views.accuracy_curves(alone, LIGHT, steps=10)["series"]]
    assert names == ["training, running mean", "held-out"]


def test_the_steps_can_be_taken_along():
    table = views.steps_table(EVENTS)
    assert table["kind"].tolist() == ["held-out", "training", "training", "held-out"]
    assert table["loss"].tolist() == [6.9, 7.0, 5.0, 5.5]


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(79.4, "79 s"), (599, "599 s"), (5_000, "83 min"), (7_200, "2.0 h"), (70_000, "19.4 h")],
)
def test_a_time_is_told_in_words(seconds, said):
    assert duration(seconds) == said


def test_held_out_texts_stand_in_rows():
    table = views.heldout_table({"a.txt": SCORES, "b.txt": replace(SCORES, next_accuracy=0.75)})
    assert table["text"].tolist() == ["a.txt", "b.txt"]
    assert table["loss"].tolist() == [3.142, 3.142]
    assert table["found first, %"].tolist() == [43.21, 43.21]
    assert table["pairs told apart, %"].isna().tolist() == [True, False]


def test_the_blanks_are_counted_before_and_after():
    said = " ".join(run_notices(RESULT, EVENTS, watched_blanks(EVENTS, BLANKS)))
    assert "Of the 1 blanks with a right answer, 0 had it first at step 0 and 1 at step 2" in said
    assert "it was for 0, then for 1" in said
    assert "less likely" not in said
    worse = [look(0, 0.01, 6), look(9, 0.001, 40)]
    said = " ".join(run_notices(RESULT, worse, watched_blanks(worse, BLANKS)))
    assert "For 1 of them the right answer is less likely than it was at first" in said


def test_a_sample_s_loss_and_the_whole_text_s_are_told_apart():
    checks = [ValidationEvent({"loss": 3.0}, step=step) for step in (0, 5)]
    heldout = replace(SCORES, loss=3.2216, tokens=75_105)
    said = run_notices(replace(RESULT, heldout=heldout), checks, ())
    assert (
        "Two held-out losses: 3.000 at the last look on the way, which asks about a sample of each "
        "held-out text, and 3.222 over all 75,105 blanks of them at the end." in said
    )
    same = run_notices(replace(RESULT, heldout=replace(heldout, loss=3.0004)), checks, ())
    assert not any("Two held-out" in one for one in same)


def test_the_first_loss_is_held_against_a_blind_guess():
    said = " ".join(run_notices(RESULT, EVENTS, ()))
    assert "was 6.900. A blind guess among 1,000 pieces has ln 1,000 = 6.908" in said
    assert "blind guess" not in " ".join(run_notices(RESULT, EVENTS[2:], ()))


@pytest.mark.parametrize(
    ("losses", "rose"),
    [((6.9, 5.0, 5.2), True), ((6.9, 5.0, 5.05), False), ((6.9, 5.0), False)],
)
def test_a_held_out_loss_that_rose_again_is_named(losses, rose):
    checks = [check(10 * i, loss) for i, loss in enumerate(losses)]
    said = " ".join(run_notices(RESULT, checks, ()))
    assert ("lowest at step 10 (5.000) and ended at 5.200" in said) == rose


@pytest.mark.parametrize(
    ("pairs", "share", "says"),
    [
        (8, 1.0, "within what a coin"),  # too few, whatever they say
        (100, 0.59, "within what a coin"),  # 50 % and 9.8 points
        (100, 0.61, "more than a coin"),
        (100, 0.39, "fewer than a coin"),
        (0, None, ""),
    ],
)
def test_next_sentence_is_held_against_a_coin(pairs, share, says):
    heldout = replace(SCORES, pairs=pairs, next_accuracy=share)
    said = " ".join(run_notices(replace(RESULT, heldout=heldout), [], ()))
    assert (says in said) if says else ("coin" not in said)


# The game


def asked(kind, probability, loss, rank, *, position=1, original="cat", seen="[MASK]"):
    return Asked(position, kind, original, seen, probability, loss, rank, "dog", 0.4)


def test_only_what_stands_out_is_claimed():
    bare = game_notices([asked(1, 0.02, 3.9, 1)], 1_000)  # twenty times chance is not beyond it
    assert bare == [
        "The mean loss of this draw is 3.900; a blind guess among 1,000 pieces would have "
        "ln 1,000 = 6.908."
    ]
    said = " ".join(game_notices([asked(1, 0.5, 0.7, 1), asked(3, 0.9, 0.1, 1)], 1_000))
    assert "Behind [MASK] at position 1 it finds “cat” with 50.0%" in said
    assert "At position 1 nothing was hidden" in said
    said = " ".join(game_notices([asked(2, 0.5, 0.7, 1, seen="xy")], 1_000))
    assert "not fooled by the random “xy”" in said
    assert "finds" not in " ".join(game_notices([asked(1, 0.3, 1.2, 2)], 1_000))


def test_the_costliest_piece_is_named_where_it_is_more_than_half_of_the_sum():
    rows = [asked(1, 0.4, 0.9, 2), asked(1, 0.01, 4.6, 50, position=7)]
    assert "More than half of the sum comes from position 7" in game_notices(rows, 1_000)[-1]
    even = [asked(1, 0.4, 0.9, 2), asked(1, 0.4, 0.9, 2)]
    assert len(game_notices(even, 1_000)) == 1


def test_the_sum_is_written_out_and_shortened_where_it_is_long():
    rows = [asked(1, 0.5, 0.5, 1), asked(1, 0.2, 1.5, 1)]
    assert "(0.500 + 1.500) / 2 = <b>1.000</b>" in game_views.sum_html(rows)
    many = game_views.sum_html([asked(1, 0.5, float(i), 1) for i in range(12)])
    assert many.count("+") == 8
    assert "…" in many
    assert "/ 12 = <b>5.500</b>" in many


def test_the_rows_mark_every_chosen_piece_by_word_and_shape(tiny_bert):
    encoded = encode(tiny_bert.tokenizer, "the cat sat on the mat.", "she likes it")
    draw = draw_masks(
        tiny_bert.tokenizer, encoded, vocabulary_of(tiny_bert.tokenizer), seed=2, share=0.5
    )
    text, legend = game_views.rows_html(draw), game_views.legend_html(draw)
    assert text.count("<li") == len(draw.tokens)
    for kind in (1, 2, 3):
        mark = f"{game_views.SHAPES[kind]} {game_views.NAMES[kind]}"
        assert text.count(f"<small>{mark}</small>") == draw.kinds.count(kind)
        assert f"{game_views.SHAPES[kind]} {draw.kinds.count(kind)} " in legend
    assert f"{10 - len(draw.chosen)} grey" in legend
    assert f"{len(draw.chosen)} pieces were chosen" in text  # what a screen reader says


def test_the_counts_stand_beside_the_rule():
    counts = Counts(draws=100, chosen=200, available=9, of_kind={1: 150, 2: 30, 3: 20})
    table = game_views.counts_table(counts)
    assert table["share (%)"].tolist() == [75.0, 15.0, 10.0]
    assert table["rule (%)"].tolist() == [80, 10, 10]
    assert "150 = 75.0 % (rule: 80 %)" in game_views.counts_html(counts, LIGHT)


@pytest.mark.parametrize(
    ("earlier", "worst", "rose"), [(20, 3.3, True), (20, 3.05, False), (0, 3.3, False)]
)
def test_a_held_out_loss_that_rose_where_the_second_part_began_is_named(earlier, worst, rose):
    losses = (6.9, 3.0, worst, 2.5)  # two looks in each part
    checks = [check(step, loss) for step, loss in zip((0, 20, 30, 40), losses, strict=True)]
    said = " ".join(run_notices(RESULT, checks, (), earlier_steps=earlier))
    before = "The first run ended at step 20 with a held-out loss of 3.000."
    after = "At the next look, step 30, it was 3.300, at the end 2.500"
    assert (before in said and after in said) == rose
    assert ("large steps" in said) == rose


@pytest.mark.parametrize(
    ("learned", "worst", "named"), [(64, 4.5, True), (64, 4.1, False), (0, 4.5, False)]
)
def test_a_first_run_s_trouble_with_long_inputs_is_named(learned, worst, named):
    losses = [*[6.0] * 20, *[4.0] * 18, worst, worst, *[2.0] * 10]  # the last ten are the second's
    steps = [train(step, loss) for step, loss in enumerate(losses, start=1)]
    said = " ".join(positions_notices(steps, learned_positions=learned, earlier_steps=40))
    assert ("rose from 4.000 to 4.500 towards the end of the first run" in said) == named
    assert ("no more than its first 64 positions" in said) == named
    alone = " ".join(positions_notices(steps[:40], learned_positions=learned))
    assert ("rose from 4.000 to 4.500 towards the end of the run" in alone) == named
    assert "second run" not in alone
