"""The bundled words of two senses, and how a student's own are read."""

from collections import Counter

import pytest

from bertlab.app_folder import SAMPLES
from bertlab.errors import InputError
from bertlab.inspection.embeddings.occurrences import find_word
from bertlab.inspection.embeddings.senses import (
    MOST_LINES,
    MOST_SENSES,
    bundled_senses,
    read_own_senses,
    write_lines,
)
from bertlab.runs.text_store import LONGEST


@pytest.mark.parametrize("language", ["en", "zh"])
def test_each_bundled_word_has_two_senses_of_eight_sentences(language):
    sets = bundled_senses(language)
    assert len(sets) == 8
    for bundled in sets:
        assert sorted(Counter(bundled.senses).values()) == [8, 8]
        assert len(set(bundled.sentences)) == 16
        assert all(find_word(text, bundled.word) for text in bundled.sentences)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_files_are_plain(language):
    data = (SAMPLES / f"senses_{language}.tsv").read_bytes()
    assert data.startswith(b"word\tsense\tsentence\n")
    assert data.endswith(b"\n")
    assert b"\r" not in data
    assert {line.count("\t") for line in data.decode().splitlines()} == {2}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_sentence_is_so_long_that_its_word_could_be_cut_away(language):
    for bundled in bundled_senses(language):
        assert max(map(len, bundled.sentences)) < 80


def test_own_sentences_are_read_with_or_without_a_sense():
    own = read_own_senses(
        " bat ", "animal\tA bat flew.\n\n club | The bat broke. \nA bat.\n| a bat"
    )
    assert own.word == "bat"
    assert own.senses == ("animal", "club", "", "")
    assert own.sentences == ("A bat flew.", "The bat broke.", "A bat.", "a bat")


def test_what_is_written_is_read_again():
    bundled = bundled_senses("en")[0]
    assert read_own_senses(bundled.word, write_lines(bundled)) == bundled


def test_none_and_too_many_are_told():
    with pytest.raises(InputError, match="no sentences yet"):
        read_own_senses("bat", " \n ")
    with pytest.raises(InputError, match="201 sentences; at most 200"):
        read_own_senses("bat", "a bat\n" * (MOST_LINES + 1))
    with pytest.raises(InputError, match="characters; at most"):
        read_own_senses("bat", "a bat " * LONGEST)


def test_more_senses_than_shuffles_have_room_for_are_refused():
    lines = [f"s{n} | a bat" for n in range(MOST_SENSES + 1)]
    assert len(set(read_own_senses("bat", "\n".join([*lines[:-1], "a bat"])).senses)) == 9
    with pytest.raises(InputError, match=r"9 senses; at most 8.*“s8” is one too many"):
        read_own_senses("bat", "\n".join(lines))
