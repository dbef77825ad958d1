"""A text as stories: read, divided, given a vocabulary, stored for a run."""

import itertools

import pytest

from bertlab.errors import InputError
from bertlab.pretraining.data.corpus import read_documents
from bertlab.pretraining.data.stories import (
    check_blank,
    count_tokens,
    decode_text,
    fitting_vocabulary,
    language_of,
    read_stories,
    village,
    write_stories,
)
from bertlab.pretraining.data.vocabulary import load_vocabulary
from bertlab.pretraining.presets import (
    MOST_PASSES,
    SIZES,
    Choices,
    fitting_passes,
    lesson_settings,
    village_blanks,
)
from bertlab.pretraining.settings import Source, WatchedBlank


def text_of(stories, sentences):
    return "\n\n".join(
        "\n".join(f"The cat {i} sees dog {j}." for j in range(sentences)) for i in range(stories)
    )


@pytest.mark.parametrize(
    ("count", "heldout"), [(2, 0), (9, 0), (10, 1), (25, 2), (100, 10), (150, 10)]
)
def test_the_last_tenth_is_held_out_ten_stories_at_most(count, heldout):
    stories = read_stories(text_of(count, 12), name="x")
    assert len(stories.heldout) == heldout
    assert len(stories.training) == count - heldout
    assert stories.all[-1][0] == f"The cat {count - 1} sees dog 0."
    assert not stories.was_cut


def test_a_text_without_blank_lines_is_cut_every_ten_sentences():
    stories = read_stories(text_of(1, 25), name="x")
    assert stories.was_cut
    assert [len(story) for story in stories.all] == [10, 10, 5]


def test_paragraphs_become_sentences():
    stories = read_stories("It rains. We stay.\n\n" * 10, name="x")
    assert stories.all[0] == ("It rains.", "We stay.")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no text yet"),
        (" \n\n \n", "no text yet"),
        ("One sentence.", "has 1 sentence;"),
        ("It rains.\n" * 19, "has 19 sentences; a model needs at least 20"),
        ("词" * 400_000, "longer than 1 MB"),
    ],
)
def test_a_text_that_cannot_be_used_says_why(text, says):
    with pytest.raises(InputError, match=says):
        read_stories(text, name="x")


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"good line\nbad \xff line", r"not UTF-8 \(line 2\)"),
        ("猫在睡觉。".encode("gb18030"), "not UTF-8"),
        ("a cat".encode("utf-16"), "not UTF-8"),
        (b"text\0binary", "no plain text"),
        (b"a" * 1_000_001, "at most 1 MB"),
    ],
)
def test_a_file_that_is_no_utf8_text_says_so(data, says):
    with pytest.raises(InputError, match=says):
        decode_text(data)


def test_a_byte_order_mark_is_no_text():
    assert decode_text("\ufeff猫。".encode()) == "猫。"


@pytest.mark.parametrize(
    ("text", "language"),
    [("He left.", "en"), ("他走了。OK", "zh"), ("", "en"), ("Il pleut à verse.", "en")],
)
def test_the_language_is_that_of_most_letters(text, language):
    assert language_of(text) == language


@pytest.mark.parametrize(("language", "size"), [("en", 1_000), ("zh", 600)])
def test_the_villages_have_the_vocabulary_that_is_asked_for(language, size):
    stories = village(language)
    assert (len(stories.training), len(stories.heldout), stories.language) == (140, 10, language)
    tokenizer = fitting_vocabulary(stories)
    assert len(tokenizer) == size
    for blank in village_blanks(language):
        check_blank(blank, tokenizer)
        assert all(len(tokenizer.tokenize(word)) == 1 for word in blank.answers)


def test_a_poor_text_gets_a_smaller_vocabulary_and_a_bare_one_none():
    words = [f"{a}{b}{a}" for a in "abcdefghijklm" for b in "nopqrstuvwxyz"]
    sentences = "\n".join(f"{one} {two}." for one, two in itertools.pairwise(words))
    assert 100 <= len(fitting_vocabulary(read_stories(sentences, name="x"))) < 1_000
    with pytest.raises(InputError, match="too few signs"):
        fitting_vocabulary(read_stories("a b.\n" * 30, name="x"))


def test_what_is_written_is_what_a_run_reads(tmp_path):
    stories = read_stories(text_of(20, 12), name="own_text")
    tokenizer = fitting_vocabulary(read_stories(text_of(20, 12), name="own_text"))
    files = write_stories(stories, tokenizer, tmp_path)
    assert [tuple(s) for s in read_documents(Source(str(files.training)))] == [*stories.training]
    assert [tuple(s) for s in read_documents(Source(str(files.heldout)))] == [*stories.heldout]
    again = load_vocabulary(files.vocabulary)
    assert again.get_vocab() == tokenizer.get_vocab()
    assert count_tokens(stories.training, again) == count_tokens(stories.training, tokenizer)
    short = read_stories(text_of(3, 12), name="own_text")
    assert write_stories(short, tokenizer, tmp_path).heldout is None


def test_a_blank_that_the_model_could_not_read_whole_is_refused():
    tokenizer = fitting_vocabulary(village("en"))
    check_blank(WatchedBlank("A [MASK].", ()), tokenizer)
    with pytest.raises(InputError, match="this model reads 64"):
        check_blank(WatchedBlank("[MASK] " + "x y " * 40, ()), tokenizer)


def test_the_choices_stand_in_the_settings(tmp_path):
    choices = Choices(size="tiny", passes=7, masked_share=0.3, has_next_sentence=False, seed=5)
    settings = lesson_settings(
        tmp_path / "a.txt", choices, name="n", language="zh", vocabulary=tmp_path / "t.json"
    )
    assert settings.architecture == SIZES["tiny"]
    assert settings.sources[0].passes == 7
    assert (settings.masked_share, settings.pair_share, settings.seed) == (0.3, 0.0, 5)
    assert (settings.language, settings.heldout) == ("zh", ())


@pytest.mark.parametrize(
    ("tokens", "passes"),
    [(18_000, 120), (180_000, 12), (5_000_000, 1), (10, MOST_PASSES), (0, 400)],
)
def test_a_long_text_is_read_less_often(tokens, passes):
    assert fitting_passes(tokens) == passes
