"""A model's answer to one text, in a few words."""

from collections.abc import Mapping

import numpy as np

from bertlab.datasets import MULTI_LABEL, REGRESSION, SINGLE_LABEL
from bertlab.finetuning.figures import answer_of_row
from bertlab.views.results import JOINT, SHOWN_JOINT

NONE = "none of the labels"


def say_answer(answers: Mapping[str, float], problem_type: str = SINGLE_LABEL) -> tuple[str, str]:
    """Say what a model answers, and how sure it is of that (of a number: what it is).

    >>> say_answer({"neg": 0.1, "pos": 0.9})
    ('pos', '90.0%')
    >>> say_answer({"art": 0.8, "food": 0.75, "news": 0.1}, MULTI_LABEL)
    ('art, food', '54.0%')
    >>> say_answer({"stars": 3.8125}, REGRESSION)
    ('3.812', 'stars')
    """
    names, values = list(answers), np.array(list(answers.values()))
    said, sure = answer_of_row(problem_type, names, values)
    if problem_type == REGRESSION:
        return said, names[0]
    if problem_type == MULTI_LABEL:
        said = said.replace(JOINT, SHOWN_JOINT) or NONE
    return said, f"{sure:.1%}"
