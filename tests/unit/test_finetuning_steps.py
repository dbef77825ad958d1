"""Few rows get more epochs, so that there are steps enough to learn from."""

from bertlab.finetuning.planning.steps import (
    ENOUGH_STEPS,
    epochs_for,
    steps_of,
    warn_of_few_steps,
    why_epochs,
)
from bertlab.runs.settings import Settings


def test_few_rows_get_the_epochs_that_make_enough_steps():
    # 48 rows are 3 batches of 16, 280 are 18, 1,600 are 100
    assert epochs_for(48, 16) == -(-ENOUGH_STEPS // 3)
    assert epochs_for(280, 16) == -(-ENOUGH_STEPS // 18)
    assert epochs_for(1_600, 16) == 3
    assert epochs_for(48, 4) < epochs_for(48, 16)  # smaller batches are more steps
    for rows in range(20, 2_000, 7):
        epochs = epochs_for(rows, 16)
        assert steps_of(rows, Settings(epochs=epochs)) >= ENOUGH_STEPS or epochs == 100


def test_no_more_epochs_are_chosen_than_are_allowed():
    assert epochs_for(1, 16) == 100
    assert epochs_for(48, 16, most=5) == 5
    assert epochs_for(1_600, 16, most=2) == 2


def test_the_reason_is_told_where_there_is_one():
    assert why_epochs(1_600, 16, 3) == ""
    told = why_epochs(48, 16, 67)
    assert told.startswith("67 epochs: 48 rows make 3 batches")
    assert "3 epochs would be only 9 optimizer steps" in told
    assert "make 1 batch," in why_epochs(10, 16, 100)


def test_a_run_too_short_to_learn_is_warned_of():
    assert "9 steps may hardly move" in warn_of_few_steps(48, Settings(epochs=3))
    assert warn_of_few_steps(48, Settings(epochs=33)).startswith("99 steps")
    assert warn_of_few_steps(48, Settings(epochs=34)) == ""  # 102 steps
    assert warn_of_few_steps(1, Settings(epochs=1)).startswith("1 step may")
