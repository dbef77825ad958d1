"""A model's answer to one text, in a few words."""

from collections.abc import Mapping

import numpy as np

from bertlab.datasets import REGRESSION, SINGLE_LABEL
from bertlab.finetuning.report import answer_of_row
from bertlab.views.fine_tuning.results import shown_answer


def say_number(number: float) -> str:
    """Write a predicted number: 2003.412 is "2003.41"."""
    return f"{number:.6g}"


def say_answer(answers: Mapping[str, float], problem_type: str = SINGLE_LABEL) -> tuple[str, str]:
    """Say what a model answers, and how sure it is of that (of a number: what it is).

    >>> say_answer({"neg": 0.1, "pos": 0.9})
    ('pos', '90.0%')
    >>> say_answer({"art": 0.8, "food": 0.75, "news": 0.1}, MULTI_LABEL)
    ('art, food', '54.0%')
    >>> say_answer({"stars": 3.8125}, REGRESSION)
    ('3.8125', 'stars')
    """
    names, values = list(answers), np.array(list(answers.values()))
    said, sure = answer_of_row(problem_type, names, values)
    if problem_type == REGRESSION:
        return say_number(values[0]), names[0]
    return shown_answer(said, problem_type), f"{sure:.1%}"
