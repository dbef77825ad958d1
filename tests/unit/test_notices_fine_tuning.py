"""What is said of a run follows from its figures, and is not said when they do not bear it."""

from bertlab.finetuning.metrics import wilson_interval
from bertlab.finetuning.result import ClassTest, FineTuningResult
from bertlab.observations.fine_tuning import result_notices
from bertlab.runs.events import TrainEvent, ValidationEvent


def figures(right, examples, majority=0.5, macro_f1=None, confusion=((1, 0), (0, 1))):
    accuracy = right / examples
    return ClassTest(
        examples=examples,
        accuracy=accuracy,
        macro_f1=accuracy if macro_f1 is None else macro_f1,
        loss=0.5,
        interval=wilson_interval(right, examples),
        majority_share=majority,
        confusion=[list(row) for row in confusion],
    )


def said(test=None, events=(), **result):
    values = {"test": test, "labels": ["neg", "pos"], "steps": 9, **result}
    return " ".join(result_notices(FineTuningResult(**values), events))


def losses(train, validation, accuracies=None):
    """One training and one validation loss a step."""
    events, shares = [], accuracies or [0.5] * len(train)
    rows = zip(train, validation, shares, strict=True)
    for step, (loss, held, accuracy) in enumerate(rows, start=1):
        events.append(TrainEvent({"loss": loss}, step=step))
        events.append(ValidationEvent({"loss": held, "accuracy": accuracy}, step=step))
    return events


def test_better_than_the_majority_only_above_the_interval():
    # Wilson: 160 of 200 -> 0.739 to 0.850; 110 of 200 -> 0.481 to 0.618
    assert "more than the 50.0%" in said(figures(160, 200))
    assert "does not show that anything was learned" in said(figures(110, 200))
    assert "more than" not in said(figures(110, 200))
    assert "does not show" in said(figures(160, 200, majority=0.8))


def test_worse_than_the_majority_is_not_called_equal_to_it():
    text = said(figures(40, 200))  # 0.150 to 0.261
    assert "less often than always answering the commonest label (50.0%)" in text
    assert "includes" not in text


def test_few_test_examples_are_pointed_out():
    assert "With 50 test examples" in said(figures(40, 50))  # 0.670 to 0.888
    assert "from 67% to 89%" in said(figures(40, 50))
    assert "test examples the true accuracy" not in said(figures(160, 200))


def test_the_class_that_fares_worst_is_named_with_its_counts():
    # 90 of 90 "neg" and 2 of 10 "pos" found
    uneven = figures(92, 100, majority=0.9, macro_f1=0.64, confusion=((90, 0), (8, 2)))
    assert "of the 10 test examples of “pos” 2 were found" in said(uneven)
    assert "Macro-F1" not in said(figures(160, 200, macro_f1=0.75))


def test_a_class_without_test_rows_is_not_blamed():
    uneven = figures(8, 10, macro_f1=0.5, confusion=((8, 2), (0, 0)))
    assert "“neg” 8 were found" in said(uneven)


def test_overfitting_needs_a_rising_validation_and_a_falling_training_loss():
    rising, falling = [0.7, 0.5, 0.6, 0.9], [0.7, 0.5, 0.3, 0.1]
    text = said(events=losses(falling, rising))
    assert "lowest at step 2 (0.500) and ended at 0.900" in text
    assert "from 0.600 until then to 0.200 after it" in text  # (0.7 + 0.5) / 2, (0.3 + 0.1) / 2
    assert said(events=losses(rising, rising)) == ""  # mean 0.6 until step 2, then 0.75
    assert said(events=losses(falling, falling)) == ""
    assert said(events=losses([0.7, 0.1], [0.5, 0.9])) == ""  # two points make no trend


def test_a_rising_loss_is_not_called_worse_answers():
    """The loss rises while accuracy does too: surer of its mistakes, and more often right."""
    rising, falling = [0.7, 0.5, 0.6, 0.9], [0.7, 0.5, 0.3, 0.1]
    text = said(events=losses(falling, rising, (0.6, 0.70, 0.72, 0.743)))
    assert "Accuracy went from 70.0% to 74.3% meanwhile: more answers are right" in text
    assert "overfitting looks like" not in text
    text = said(events=losses(falling, rising, (0.6, 0.70, 0.72, 0.66)))
    assert "from 70.0% to 66.0% meanwhile: that is what overfitting looks like" in text


def test_a_stopped_run_says_after_how_many_steps():
    assert said(was_stopped=True, steps=1234) == (
        "The run was stopped after 1,234 steps, before its end."
    )
    assert said() == ""


def test_the_kept_step_and_that_of_the_lowest_loss_are_both_named():
    checks = [
        ValidationEvent({"loss": loss, "accuracy": right, "quality": right}, step=step)
        for step, loss, right in ((100, 0.5, 0.71), (200, 0.6, 0.7), (300, 0.7, 0.75))
    ]
    kept = {"chosen_step": 300, "chosen_by": "validation accuracy; of equals the later one"}
    kept["chosen_epoch"] = 2
    assert (
        "The weights that are kept, of step 300, are chosen by another measure than the loss: by "
        "the best validation accuracy at the end of an epoch, 0.750. At step 100, where the "
        "validation loss was lowest, it was 0.710." in said(events=checks, **kept)
    )
    stopped = kept | {"chosen_epoch": None}  # within an epoch
    assert "by the best validation accuracy, 0.750." in said(events=checks, **stopped)
    assert "another measure" not in said(events=checks, **kept | {"chosen_step": 100})
    assert "another measure" not in said(events=checks, chosen_step=300, chosen_by="")
