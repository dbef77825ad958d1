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


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("foo", "invalid literal"),
        ("-2", "-2 names no tokens"),
        ("1,-2", "1,-2 names no tokens"),
        ("", "names no tokens"),
        (",", ", names no tokens"),
        ("1.5", "invalid literal"),
        ("²", "invalid literal"),
        ("9" * 5000, "Exceeds the limit"),
    ],
)
def test_what_names_no_positions_is_refused(value, said):
    with pytest.raises(ValueError, match=said):
        parse_positions(value)


def test_counts():
    assert parse_count("12") == 12
    with pytest.raises(ValueError, match="-1 is below 0"):
        parse_count("-1")
    for value in ("x", "", "1.5"):
        with pytest.raises(ValueError, match="invalid literal"):
            parse_count(value)
