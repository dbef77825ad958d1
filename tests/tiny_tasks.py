"""Small tables of several labels per text and of numbers."""

from bertlab.datasets import (
    MULTI_LABEL,
    REGRESSION,
    Columns,
    Examples,
    check_examples,
    read_table,
)

SETS = "text,tags\n" + "\n".join(
    f"{text},{tags}"
    for text, tags in [
        ("good film", "art|praise"), ("bad film", "art"), ("good food", "food|praise"),
        ("bad food", "food"), ("good", "praise"), ("nothing here", ""), ("fine film", "art|praise"),
        ("fine food", "food|praise"), ("cold food", "food"), ("long film", "art"),
    ]
)  # fmt: skip
NUMBERS = "text,stars\n" + "\n".join(
    f"{text},{stars}"
    for text, stars in [
        ("good film", 4.5), ("bad film", 1.5), ("good food", 4), ("bad food", 1), ("fine", 3.5),
        ("cold food", 2), ("long film", 2.5), ("the best", 5), ("the worst", 0.5), ("so so", 3),
    ]
)  # fmt: skip


def label_sets() -> Examples:
    """Ten texts with any of art, food and praise; one has none."""
    return _examples(SETS, Columns("text", "tags", problem_type=MULTI_LABEL))


def numbers() -> Examples:
    """Ten texts with 0.5 to 5 stars."""
    return _examples(NUMBERS, Columns("text", "stars", problem_type=REGRESSION))


def _examples(text: str, columns: Columns) -> Examples:
    return check_examples(read_table(text.encode(), filename="tiny.csv"), columns)
