"""Long texts under random ids: they come back whole, and an id is never a path."""

import os

import pytest

from bertlab.runs import text_store
from bertlab.runs.text_store import load_text, save_text


@pytest.mark.parametrize("text", ["a", "", "a" * 400, "两个\r\n字\x00", "</script>👍🏽"])
def test_what_is_stored_comes_back(text):
    assert load_text(save_text(text)) == text


def test_each_text_has_an_id_of_its_own_that_nobody_guesses():
    ids = {save_text("same") for _ in range(20)}
    assert len(ids) == 20
    assert all(len(text_id) == 16 for text_id in ids)  # 12 random bytes


@pytest.mark.parametrize(
    "text_id",
    ["", "a", "../../x", "../texts/aaaaaaaaa", "/etc/passwd", "aaaaaaaaaaaaaaa.", "a" * 17,
     "aaaaaaaa\x00aaaaaaa", "a" * 16 + "\n", "aaaaaaaaaaaaaaaa"],
)  # fmt: skip
def test_an_id_that_nobody_gave_leads_nowhere(text_id, sealed_environment):
    (sealed_environment / "x.txt").write_text("secret")
    save_text("something")
    assert load_text(text_id) is None


def test_half_a_surrogate_pair_does_not_come_back_to_break_a_page():
    assert load_text(save_text("a\ud800b")) == "a?b"


def test_a_text_is_cut_at_the_limit(monkeypatch):
    monkeypatch.setattr(text_store, "LONGEST", 5)
    assert load_text(save_text("1234567")) == "12345"


def test_only_the_newest_are_kept(monkeypatch):
    monkeypatch.setattr(text_store, "KEPT", 2)
    ids = []
    for number in range(3):
        ids.append(save_text(str(number)))
        file = text_store._folder() / f"{ids[-1]}.txt"
        if file.exists():
            os.utime(file, (number, number))
    save_text("newest")
    assert [load_text(text_id) for text_id in ids] == [None, None, "2"]


def test_a_text_that_is_looked_at_outlives_a_newer_one(monkeypatch):
    monkeypatch.setattr(text_store, "KEPT", 2)
    used, unused = save_text("used"), save_text("unused")
    for number, text_id in enumerate((used, unused)):
        os.utime(text_store._folder() / f"{text_id}.txt", (number, number))
    assert load_text(used) == "used"  # now it is the newest
    save_text("one more")
    assert [load_text(text_id) for text_id in (used, unused)] == ["used", None]


def test_texts_are_for_the_servers_user_alone():
    save_text("a")
    assert text_store._folder().stat().st_mode & 0o077 == 0
