"""Three parts: seeded, stratified, no text on two sides, rare classes survive."""

import pytest

from bertlab.datasets import Examples, Split, split_examples, with_own_parts
from bertlab.datasets.duplicates.exact import keys_of
from bertlab.errors import InputError, TableError


def examples(*labels: str, texts: list[str] | None = None) -> Examples:
    texts = texts or [f"text {at}" for at in range(len(labels))]
    rows = tuple(range(2, len(labels) + 2))
    return Examples(tuple(texts), None, labels, tuple(sorted(set(labels))), rows)


def parts(split: Split) -> list[Examples]:
    return [split.train, split.validation, split.test]


def test_the_shares_of_the_classes_are_kept():
    split = split_examples(examples(*["pos"] * 70, *["neg"] * 30))
    assert [part.counts() for part in parts(split)] == [
        {"neg": 24, "pos": 56},
        {"neg": 3, "pos": 7},
        {"neg": 3, "pos": 7},
    ]
    assert split.warnings == ()


def test_what_is_left_over_goes_to_the_class_that_lost_most():
    # 10 of 100: 6.6 and 3.4, so 7 and 3; then 10 of 90: 6.56 and 3.44
    split = split_examples(examples(*["pos"] * 66, *["neg"] * 34))
    assert [part.counts() for part in parts(split)[1:]] == [{"neg": 3, "pos": 7}] * 2


def test_two_large_parts_leave_a_row_of_each_class_to_learn_from():
    # validation takes 3 and 2; of the 2 and 3 that are left the test may have 1 and 2
    split = split_examples(examples(*"aaaaabbbbb"), validation=0.5, test=0.45)
    assert [sorted(part.counts().values()) for part in parts(split)] == [[1, 1], [2, 3], [1, 2]]


def test_each_row_is_in_one_part_and_the_seed_decides():
    whole = examples(*["a", "b", "c"] * 40)
    split = split_examples(whole, seed=1)
    assert sorted(row for part in parts(split) for row in part.rows) == list(whole.rows)
    assert split_examples(whole, seed=1) == split
    assert split_examples(whole, seed=2).test.rows != split.test.rows
    assert all(part.label_names == ("a", "b", "c") for part in parts(split))


def test_no_text_is_on_two_sides():
    texts = [
        f"{'T' if at % 2 else 't'}ext   {at // 2}"[: 5 + at % 3] + f"{at // 4}" for at in range(200)
    ]
    split = split_examples(examples(*["a", "b"] * 100, texts=texts), validation=0.3, test=0.3)
    keys = [set(keys_of(part)) for part in parts(split)]
    assert not keys[0] & keys[1]
    assert not keys[0] & keys[2]
    assert not keys[1] & keys[2]
    assert len(keys[1]) < len(split.validation)  # there were such groups to keep together


@pytest.mark.parametrize("rare", [1, 2])
def test_a_rare_class_goes_to_training_with_a_warning(rare):
    split = split_examples(examples(*["a"] * 40, *["b"] * 40, *["rare"] * rare))
    assert [part.counts()["rare"] for part in parts(split)] == [rare, 0, 0]
    assert len(split.warnings) == 1
    assert "“rare” is missing" in split.warnings[0]


def test_a_class_of_three_is_in_every_part_where_there_is_room():
    split = split_examples(examples(*["a"] * 97, *["b"] * 3))
    assert [part.counts() for part in parts(split)] == [
        {"a": 79, "b": 1},
        {"a": 9, "b": 1},
        {"a": 9, "b": 1},
    ]


@pytest.mark.parametrize("classes", [2, 3, 5])
def test_no_part_is_empty_from_ten_rows(classes):
    for count in range(10, 40):
        split = split_examples(examples(*[f"c{at % classes}" for at in range(count)]))
        assert [len(part) for part in parts(split)[1:]] == [max(1, round(count / 10))] * 2, count
        assert set(split.train.labels) == {f"c{at}" for at in range(classes)}


def test_two_rows_are_refused_and_four_are_enough():
    with pytest.raises(TableError, match="2 different texts; at least 4"):
        split_examples(examples("a", "b"))
    split = split_examples(examples("a", "a", "b", "b"))
    assert [len(part) for part in parts(split)] == [2, 1, 1]
    assert any("next to nothing" in warning for warning in split.warnings)
    assert len(split_examples(examples("a", "b"), validation=0, test=0).train) == 2


def test_shares_of_nothing():
    split = split_examples(examples(*["a", "b"] * 10), validation=0, test=0.2)
    assert [len(part) for part in parts(split)] == [16, 0, 4]
    assert split.warnings == ()


@pytest.mark.parametrize(
    ("validation", "test"), [(-0.1, 0.1), (0.1, 1.0), (0.5, 0.5), (float("nan"), 0.1)]
)
def test_impossible_shares_are_refused(validation, test):
    with pytest.raises(InputError, match="choose"):
        split_examples(examples(*["a", "b"] * 10), validation=validation, test=test)


def test_classes_of_one_text_each_cannot_be_tested():
    with pytest.raises(TableError, match="one text only"):
        split_examples(examples(*"abcdefghij"))


def test_pairs_are_kept_together_by_both_texts():
    whole = Examples(("q",) * 40, tuple(f"p{at}" for at in range(40)), ("a", "b") * 20, ("a", "b"),
                     tuple(range(40)))  # fmt: skip
    split = split_examples(whole)
    assert [len(part) for part in parts(split)] == [32, 4, 4]
    assert split.test.pairs is not None
    assert len(set(split.test.pairs)) == 4


# -- own parts -------------------------------------------------------------------------------


def whole_as_training(*labels: str, texts: list[str] | None = None) -> Split:
    return split_examples(examples(*labels, texts=texts), validation=0, test=0)


def test_an_own_test_file_takes_the_place_of_the_part():
    own = examples("b", "z", "a", texts=["n1", "n2", "n3"])
    split = with_own_parts(whole_as_training(*["a", "b"] * 5), test=own)
    assert split.test.texts == ("n1", "n3")
    assert split.test.label_names == split.train.label_names == ("a", "b")
    assert [(entry.row, entry.reason) for entry in split.test.left_out] == [
        (3, "training has no label “z”")
    ]
    assert len(split.train) == 10


def test_what_is_tested_is_not_trained_on():
    own_test = examples("a", texts=["TEXT  0"])
    own_validation = examples("a", "b", "a", texts=["text 0", "text 1", "new"])
    split = with_own_parts(
        whole_as_training(*["a", "b"] * 5), validation=own_validation, test=own_test
    )
    assert split.test.texts == ("TEXT  0",)
    assert split.validation.texts == ("text 1", "new")
    assert split.train.texts == tuple(f"text {at}" for at in range(2, 10))
    assert [entry.reason for entry in split.train.left_out] == [
        "the test part has this text too",
        "the validation part has this text too",
    ]


def test_the_same_file_twice_is_refused():
    with pytest.raises(TableError, match="same file chosen twice"):
        with_own_parts(whole_as_training(*["a", "b"] * 5), test=examples(*["a", "b"] * 5))


def test_a_test_file_with_other_labels_is_refused():
    with pytest.raises(TableError, match="none of the training labels"):
        with_own_parts(whole_as_training("a", "b"), test=examples("0", "1"))


def test_one_text_and_two_texts_do_not_mix():
    own = Examples(("x",), ("y",), ("a",), ("a",), (2,))
    with pytest.raises(TableError, match="two texts a row"):
        with_own_parts(whole_as_training("a", "b"), test=own)
