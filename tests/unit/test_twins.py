"""Twin runs: what is the same, how they find each other, and figures worked out by hand."""

import json
from dataclasses import replace

import pytest

from bertlab.datasets import Examples, Split
from bertlab.errors import RunError
from bertlab.finetuning.compare import compare, create_twin, find_twin
from bertlab.finetuning.execute import execute
from bertlab.finetuning.metrics import wilson_interval
from bertlab.observations.fine_tuning import twin_notices
from bertlab.runs import create_run, open_run
from bertlab.runs.settings import Settings

TEXTS = ("a good film", "we loved it", "a bad film", "we hated it")
ROWS = Examples(TEXTS, None, ("pos", "pos", "neg", "neg"), ("neg", "pos"), (2, 3, 4, 5))
HELD = ROWS.subset([1, 2])


def make_run(strategy="full", *, twin="", **options):
    settings = Settings(strategy=strategy, **{"epochs": 2, "device": "cpu", **options})
    return create_run(settings, Split(ROWS, HELD, HELD), source_name="films.csv", twin=twin)


def write_result(run, *, right, of=200, steps=300, rate=3e-4):
    """The figures of a run that answered `right` of `of` test texts rightly."""
    settings = {**json.loads(run.settings.to_json()), "learning_rate": rate}
    interval = wilson_interval(right, of)
    test = {"examples": of, "accuracy": right / of, "macro_f1": right / of, "loss": 0.5}
    test |= {"interval": interval, "majority_share": 0.5, "confusion": [[1, 0], [0, 1]]}
    result = {"test": test, "steps": steps, "train_examples": 4, "precision": "fp32"}
    (run.folder / "result.json").write_text(json.dumps({**result, "settings": settings}))
    answers = [  # the first `right` texts are answered rightly
        {"text": "", "pair": None, "label": "a", "predicted": "a" if row < right else "b",
         "probability": 0.5, "row": row}
        for row in range(of)
    ]  # fmt: skip
    lines = "".join(json.dumps(answer) + "\n" for answer in answers)
    (run.folder / "predictions.jsonl").write_text(lines)
    return run


def twins(pretrained, random, **options):
    one = write_result(make_run(), right=pretrained)
    return one, write_result(make_run("random", twin=one.id), right=random, **options)


# Making them


def test_a_twin_differs_in_its_first_weights_alone():
    run = write_result(make_run(seed=7, batch_size=8, pinned=("hm",)), right=100, rate=2e-5)
    twin = create_twin(run, owner="me")
    one, other = run.settings, twin.settings
    assert (one.strategy, other.strategy) == ("full", "random")
    assert (one.learning_rate, other.learning_rate) == (None, 2e-5)  # as it was taken
    same = ("model", "epochs", "batch_size", "max_length", "seed", "validation", "test", "device")
    assert all(getattr(one, name) == getattr(other, name) for name in (*same, "pinned"))
    assert run.split() == twin.split()
    assert (twin.twin, run.twin, twin.owner) == (run.id, "", "me")
    assert (run.name, twin.name) == ("films.csv", "films.csv, random weights")


def test_the_twin_of_a_run_from_random_weights_is_pretrained():
    run = write_result(make_run("random", name="mine, random weights"), right=100)
    twin = create_twin(run)
    assert (twin.settings.strategy, twin.name) == ("full", "mine, pretrained weights")


def test_what_has_no_fair_twin_is_refused():
    with pytest.raises(RunError, match="not finished"):
        create_twin(make_run())
    with pytest.raises(RunError, match="frozen"):
        create_twin(write_result(make_run("frozen"), right=100))


def test_twins_learn_from_the_same_rows_and_end_with_figures(tiny_bert_name):
    run = make_run(model=tiny_bert_name, learning_rate=1e-3)
    assert execute(run).phase == "finished"
    twin = create_twin(run)
    assert execute(twin).phase == "finished"
    found = compare(run, twin)
    assert (found.examples, found.steps, found.differences) == (2, (2, 2), ())
    assert found.random.accuracy == twin.result()["test"]["accuracy"]
    assert "never read a text before" in " ".join(twin.result()["reasons"])


# Finding each other


def test_twins_find_each_other():
    one, other = twins(150, 140)
    make_run()  # a stranger
    assert find_twin(one) == other
    assert find_twin(other) == one


def test_a_deleted_twin_is_gone_for_both():
    one, other = twins(150, 140)
    one.delete()
    assert find_twin(other) is None
    again = create_twin(other)
    assert (find_twin(other), find_twin(again)) == (again, other)
    other.delete()
    assert find_twin(again) is None


def test_a_run_of_an_earlier_version_has_no_twin():
    run = make_run()
    about = run.about
    del about["twin"]
    (run.folder / "about.json").write_text(json.dumps(about))
    assert (open_run(run.id).twin, find_twin(run)) == ("", None)


# Comparing


def test_the_same_texts_are_compared_text_by_text():
    """150 and 140 of 200: the intervals overlap, yet ten texts part them and none the other way.

    McNemar: 10 of 10 by a coin, 2 / 2^10 = 0.00195. Overlapping intervals are no verdict here.
    """
    found = compare(*twins(150, 140))
    assert found.discordant == (10, 0)
    assert found.p_value == pytest.approx(2 / 2**10)
    said = " ".join(twin_notices(found))
    assert "10 were right from pretrained weights alone, 0 from random weights alone" in said
    assert "McNemar's exact test: p = 0.002, so for these two sets of weights" in said
    assert "Another seed gives other weights" in said
    assert "overlap" not in said


def test_eight_against_one_by_hand():
    """(C(9, 0) + C(9, 1)) x 2 / 2^9 = 20 / 512."""
    found = replace(compare(*twins(150, 140)), discordant=(8, 1))
    assert found.p_value == pytest.approx(20 / 512)
    uneven = replace(found, discordant=(5, 3))  # (1 + 8 + 28 + 56) x 2 / 256 = 0.727
    assert uneven.p_value == pytest.approx(186 / 256)
    assert "do not tell the two apart" in " ".join(twin_notices(uneven))
    assert replace(found, discordant=(0, 0)).p_value == 1.0


def test_without_the_answers_nothing_is_tested():
    one, other = twins(150, 140)
    (other.folder / "predictions.jsonl").unlink()
    found = compare(one, other)
    assert (found.discordant, found.p_value) == (None, None)
    assert "no paired test can be made" in " ".join(twin_notices(found))


def test_intervals_that_overlap():
    """Wilson of 150 of 200: centre (0.75 + 3.8415/400) / 1.019207 = 0.74529, half 0.05963."""
    one, other = twins(150, 140)
    for found in (compare(one, other), compare(other, one)):  # whichever page is open
        assert found.points == pytest.approx(5.0)
        assert (found.pretrained.right, found.random.right) == (150, 140)
        assert found.pretrained.low == pytest.approx(0.6857, abs=1e-4)
        assert found.random.high == pytest.approx(0.7593, abs=1e-4)
        said = " ".join(twin_notices(found))
        assert (
            "On these 200 test texts the model from pretrained weights is right on 10 more" in said
        )
        assert "5.0 points" in said
        assert "also" not in said


def test_intervals_apart():
    """160 of 200 -> 0.739 to 0.850; 110 of 200 -> 0.481 to 0.618."""
    found = compare(*twins(160, 110))
    assert found.points == pytest.approx(25.0)
    said = " ".join(twin_notices(found))
    assert "is right on 50 more" in said
    assert "hardly chance" in said


def test_random_weights_may_do_better_and_it_is_said():
    found = compare(*twins(110, 160))
    assert found.points == pytest.approx(-25.0)
    said = " ".join(twin_notices(found))
    assert "from random weights is right on 50 more than the one from pretrained" in said


def test_equally_good():
    found = compare(*twins(120, 120))
    assert found.points == 0
    assert "is right as often as" in " ".join(twin_notices(found))


def test_what_else_differs_is_said():
    one, other = twins(150, 140, steps=120, rate=1e-3)
    found = compare(one, other)
    assert found.differences == ("learning rate", "steps")
    said = " ".join(twin_notices(found))
    assert "learning rate, steps" in said
    assert "300 steps, the other one 120" in said


def test_nothing_is_compared_before_both_have_figures_on_the_same_texts():
    one = write_result(make_run(), right=150)
    other = make_run("random", twin=one.id)
    assert compare(one, other) is None
    assert compare(one, write_result(other, right=10, of=20)) is None
    assert compare(one, write_result(other, right=140)) is not None
