"""What an address may say, and what is refused."""

from types import SimpleNamespace

import pytest

from bertlab.ui.lessons.ablation.switches import parse_heads
from bertlab.ui.lessons.fine_tuning.data import _known_source
from bertlab.ui.lessons.fine_tuning.settings import _rate_name
from bertlab.ui.state import url_state
from bertlab.ui.state.url_state import (
    between,
    choice_state,
    complaint,
    flag,
    flag_state,
    number_state,
    option_state,
    parse_count,
    parse_positions,
    text_state,
)
from bertlab.ui.widgets import head_selection, token_selection


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


@pytest.mark.parametrize("value", ["4", "51", "0", "-7", "900", "1e9", "nan", "x", ""])
def test_a_number_outside_its_limits_is_refused(value):
    assert [between(5, 50)(text) for text in ("5", "15", "50")] == [5, 15, 50]
    with pytest.raises(ValueError):
        between(5, 50)(value)


@pytest.mark.parametrize("value", ["x", "", "1", "1.", ".1", "1.x", "-1.0", "0.-1", "1,2", "<b>"])
def test_a_head_has_a_layer_and_a_number(value):
    assert head_selection._parse("2.11") == (2, 11)
    with pytest.raises(ValueError):
        head_selection._parse(value)


@pytest.mark.parametrize("value", ["", "1", "1.", "a.b", "-1.2", "1.2;3.4", "<b>", ",", "²"])
def test_heads_to_turn_off_have_a_layer_and_a_number_each(value):
    assert parse_heads("9.9,0.1,") == {(9, 9), (0, 1)}
    assert parse_heads("none") == frozenset()
    with pytest.raises(ValueError):
        parse_heads(value)


@pytest.mark.parametrize("value", ["7", "-1", "0", "nan", "inf", "fast", ""])
def test_a_learning_rate_is_a_number_up_to_1(value):
    assert [_rate_name(rate) for rate in ("auto", "2e-5", "1")] == ["auto", "2e-5", "1"]
    with pytest.raises(ValueError):
        _rate_name(value)


@pytest.mark.parametrize("value", ["nonsense", "own file", "", "../messy"])
def test_data_are_a_sample_or_ones_own(value):
    assert [_known_source(name) for name in ("messy", "own")] == ["messy", "own"]
    with pytest.raises(ValueError):
        _known_source(value)


# --- what a page makes of it ---------------------------------------------------------------------


@pytest.fixture
def opened(monkeypatch):
    """Open a page with an address, and give the address as the page then shows it."""

    def arrive(**address: str) -> dict[str, str]:
        shown = dict(address)
        page = SimpleNamespace(session_state={"_arrived": dict(address)}, query_params=shown)
        monkeypatch.setattr(url_state, "st", page)
        return shown

    return arrive


@pytest.mark.parametrize(("value", "means"), [("1", True), ("true", True), ("0", False),
                                              ("false", False)])  # fmt: skip
def test_flags(opened, value, means):
    opened(whole=value)
    assert flag("whole", not means) is means


@pytest.mark.parametrize("value", ["2", "7", "maybe", "", "True", "-1"])
def test_what_is_no_flag_gives_the_default_and_leaves_the_address(opened, value):
    for default in (True, False):
        shown = opened(whole=value)
        flag_state("whole", default)
        assert url_state.st.session_state["whole_widget"] is default
        assert shown == {}


@pytest.mark.parametrize("value", ["nonsense", "<b>", "", "Steps", "x"])
def test_what_is_no_option_gives_the_default_and_leaves_the_address(opened, value):
    shown = opened(view=value)
    option_state("view", ["steps", "map"], "steps")
    assert url_state.st.session_state["view_widget"] == "steps"
    assert shown == {}
    assert complaint("view") == f'"{value}" is none of steps, map.'
    shown = opened(view="map")
    option_state("view", ["steps", "map"], "steps")
    assert (url_state.st.session_state["view_widget"], shown) == ("map", {"view": "map"})


@pytest.mark.parametrize("value", ["0", "51", "-1", "x", "seven", "1e9", ""])
def test_what_is_no_number_within_the_limits_gives_the_default(opened, value):
    shown = opened(share=value)
    number_state("share", 5, 50, 15)
    assert url_state.st.session_state["share_widget"] == 15
    assert shown == {}


@pytest.mark.parametrize("value", ["9", "99999999", "-3", "x", "1.5", ""])
def test_what_is_not_to_be_chosen_gives_the_default(opened, value):
    """A number that is none, and one that is no option here, take different ways."""
    shown = opened(depth=value)
    assert choice_state("depth", range(5), 2) == 2
    assert shown == {}
    shown = opened(depth="4")
    assert choice_state("depth", range(5), 2) == 4
    assert shown == {"depth": "4"}


@pytest.mark.parametrize("text_id", ["unknown", "../../x", "aaaaaaaaaaaaaaaa", "0" * 32, "\x00"])
def test_a_text_that_is_not_stored_gives_the_default_and_says_so(opened, text_id):
    opened(text_id=text_id)
    assert text_state("text", "An elephant.") == "An elephant."
    assert "not stored on this machine" in complaint("text")


@pytest.mark.parametrize("value", ["3", "99", "512", "-1", "x", ""])
def test_a_token_that_the_sentence_has_not_is_nobodys_choice(opened, monkeypatch, value):
    shown = opened(token=value)
    monkeypatch.setattr(token_selection, "st", url_state.st)
    assert token_selection.chosen_place("token", ("[CLS]", "cat", "[SEP]"), 1) == 1
    assert shown == {}
