"""What an address may say, and what is refused."""

import pytest

from bertlab.ui.state.url_state import parse_count, parse_positions


@pytest.mark.parametrize(
    ("value", "positions"),
    [
        ("3", (3,)),
        ("5,3", (3, 5)),
        ("3,3", (3,)),
        ("3,", (3,)),
        ("8,1", (1, 8)),
        ("none", ()),
        ("0", (0,)),
    ],
)
def test_positions(value, positions):
    assert parse_positions(value) == positions


@pytest.mark.parametrize("value", ["foo", "-2", "1,-2", "", ",", "1.5", "²", "9" * 5000])
def test_what_names_no_positions_is_refused(value):
    with pytest.raises(ValueError):
        parse_positions(value)


def test_counts():
    assert parse_count("12") == 12
    for value in ("-1", "x", "", "1.5"):
        with pytest.raises(ValueError):
            parse_count(value)
