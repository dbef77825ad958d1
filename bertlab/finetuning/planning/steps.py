"""How many steps a run takes, and how many epochs of few rows make enough of them.

Three epochs, the textbooks' number, suit thousands of rows. Of 48 rows they make 9 steps, after
which the mini answers no better than a coin. What counts is the number of steps: Mosbach et al. and
Zhang et al. (both 2021) found for BERT that longer training is what small data needs.

Measured with the minis by tests/benchmarks/bench_small_data.py: accuracy on rows not learned from,
the mean of six seeds, of two for 600 and 2,000 rows. Three times the learning rate adds nothing
certain, so the rate follows the model's size alone:

    rows                     3 epochs     200 steps    200 steps, rate x 3
     60 film lines           .502 (9)     .570         .568
    150 pros and cons        .763 (24)    .808         .815
    350 Chinese reviews      .605 (54)    .614         .629
    600 Chinese questions    .810 (90)    .835         .823
  2,000 film reviews         .728 (300)   the same     .718
"""

import math

from bertlab.runs.settings import MAX_EPOCHS, Settings

FEW_STEPS = 100  # 54, three epochs of 280 Chinese reviews, left the mini behind TF-IDF
ENOUGH_STEPS = 200  # tests/benchmarks/bench_small_data.py compares lengths of run


def steps_of(rows: int, settings: Settings) -> int:
    """Count the optimizer steps of a run: 48 rows in batches of 16, 3 epochs -> 9."""
    return settings.epochs * batches_of(rows, settings.batch_size)


def batches_of(rows: float, batch_size: int) -> int:
    """Count the batches of an epoch, the last one perhaps smaller: 50 rows in 16s -> 4."""
    return max(1, math.ceil(rows / batch_size))


def epochs_for(rows: float, batch_size: int, *, most: int = MAX_EPOCHS) -> int:
    """Choose the epochs that make enough steps: `Settings.epochs`, or more where rows are few.

    48 rows in batches of 16 -> 67 epochs, 201 steps; 1,600 rows -> 3 epochs, 300 steps

    Args:
        rows: in the training part.
        batch_size: rows per step.
        most: epochs that are allowed.
    """
    needed = math.ceil(ENOUGH_STEPS / batches_of(rows, batch_size))
    return min(most, max(Settings.epochs, needed))


def why_epochs(rows: int, batch_size: int, epochs: int) -> str:
    """Say why few rows get more epochs than usual; "" where they do not."""
    if epochs <= Settings.epochs:
        return ""
    batches = batches_of(rows, batch_size)
    return (
        f"{epochs} epochs: {rows:,} rows make {_count(batches, 'batch', 'batches')}, so "
        f"{Settings.epochs} epochs would be only {Settings.epochs * batches} optimizer steps and "
        f"{epochs} make {epochs * batches}. On four sets of 60 to 600 rows "
        "the minis got 1 to 7 more of 100 answers right with some 200 steps than with 3 epochs; "
        "Mosbach et al. and Zhang et al. (both 2021) found the same of BERT."
    )


def warn_of_few_steps(rows: int, settings: Settings) -> str:
    """Say that a run is too short to learn; "" where it is not."""
    steps = steps_of(rows, settings)
    if steps >= FEW_STEPS:
        return ""
    return (
        f"{_count(steps, 'step', 'steps')} may hardly move the model: after so few its answer is "
        "often the commonest label, whatever the text, unless the task is easy. "
        f"Some {ENOUGH_STEPS} are safer."
    )


def _count(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"
