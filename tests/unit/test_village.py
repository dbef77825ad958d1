"""The village stories and their blanks are what sample_data/README.md says, read as plain text."""

import csv
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "sample_data"
LANGUAGES = ("en", "zh")
TOKENS = {"en": r"[a-z]+(?:'[a-z]+)?", "zh": r"[\u4e00-\u9fff]"}
THEMES = {
    "en": {"village": 5, "language": 3, "context": 2},
    "zh": {"村子": 4, "语言": 4, "上下文": 2},
}


@cache
def text_of(language: str) -> str:
    return (FOLDER / f"village_{language}.txt").read_bytes().decode("utf-8")


@cache
def stories_of(language: str) -> list[list[str]]:
    """Stories in order, each a list of lines: 'A.\\nB.\\n\\nC.\\n' -> [['A.', 'B.'], ['C.']]."""
    return [story.split("\n") for story in text_of(language).removesuffix("\n").split("\n\n")]


@cache
def counts_of(language: str) -> Counter[str]:
    """How often each word (English, lower case) or character (Chinese) occurs."""
    return Counter(re.findall(TOKENS[language], text_of(language).lower()))


def blanks_of(language: str) -> list[dict[str, str]]:
    path = FOLDER / f"village_blanks_{language}.tsv"
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def key(text: str) -> str:
    """Letters only, with single spaces: 'Good,  good!' -> 'good good'."""
    return re.sub(r"[^a-z\u4e00-\u9fff]+", " ", text.lower()).strip()


@pytest.mark.parametrize("language", LANGUAGES)
def test_plain_text_with_one_blank_line_between_stories(language):
    text = text_of(language)
    assert not text.startswith(("\ufeff", "\n"))
    assert "\r" not in text
    assert "\t" not in text
    assert "\0" not in text
    assert "\n\n\n" not in text
    assert text.endswith("\n")
    assert not text.endswith("\n\n")


@pytest.mark.parametrize("language", LANGUAGES)
def test_lines_are_short_whole_sentences(language):
    lines = [line for story in stories_of(language) for line in story]
    assert [line for line in lines if not 3 < len(line) <= 120 or line != line.strip()] == []
    assert [line for line in lines if line[-1] not in '.!?"。！？”，'] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_only_the_characters_that_the_language_needs(language):
    allowed = {"en": r"[A-Za-z ,.!?'\"\n]", "zh": r"[\u4e00-\u9fff，。、！？：“”\n]"}[language]
    assert re.sub(allowed, "", text_of(language)) == ""


@pytest.mark.parametrize(("language", "opening", "closing"), [("en", '"', '"'), ("zh", "“", "”")])
def test_quotation_marks_are_paired_within_a_line(language, opening, closing):
    for line in (line for story in stories_of(language) for line in story):
        assert (line.count(opening) + line.count(closing)) % 2 == 0, line
        assert line.count(opening) == line.count(closing), line


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_line_and_no_story_is_written_twice(language):
    lines = Counter(line for story in stories_of(language) for line in story)
    assert [line for line, count in lines.items() if count > 1] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_stories_are_of_sensible_length(language):
    lengths = {len(story) for story in stories_of(language)}
    assert min(lengths) >= 8
    assert max(lengths) <= 14


@pytest.mark.parametrize("language", LANGUAGES)
def test_readme_states_the_measured_counts(language):
    stories, counts = stories_of(language), counts_of(language)
    measured = (len(stories), sum(map(len, stories)), counts.total(), len(counts))
    row = rf"| `village_{language}.txt` | " + " | ".join(f"{number:,}" for number in measured)
    assert row + " |" in (FOLDER / "README.md").read_text(encoding="utf-8")


def test_small_vocabulary_much_repeated():
    assert counts_of("en").total() > 12_000
    assert len(counts_of("en")) < 1_100
    assert counts_of("zh").total() > 15_000
    assert len(counts_of("zh")) < 700


@pytest.mark.parametrize("language", LANGUAGES)
def test_ten_blanks_with_one_mask_each(language):
    blanks = blanks_of(language)
    assert [list(blank) for blank in blanks] == [["sentence", "answers", "theme"]] * 10
    assert [blank for blank in blanks if blank["sentence"].count("[MASK]") != 1] == []
    assert Counter(blank["theme"] for blank in blanks) == THEMES[language]


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_answer_is_one_token_and_occurs_at_least_fifteen_times(language):
    for blank in blanks_of(language):
        for answer in blank["answers"].split("|"):
            assert re.fullmatch(TOKENS[language], answer)
            assert counts_of(language)[answer] >= 15, answer


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_filled_blank_stands_in_the_stories(language):
    text = key(text_of(language))
    assert key(stories_of(language)[0][0]) in text  # the search itself can find a line
    for blank in blanks_of(language):
        for answer in blank["answers"].split("|"):
            filled = key(blank["sentence"].replace("[MASK]", answer))
            assert filled not in text, filled


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_words_of_the_blanks_occur_in_the_stories(language):
    for blank in blanks_of(language):
        frame = blank["sentence"].replace("[MASK]", " ").lower()
        unseen = [w for w in re.findall(TOKENS[language], frame) if w not in counts_of(language)]
        assert unseen == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_two_context_blanks_share_a_frame_but_no_answer(language):
    first, second = blanks_of(language)[-2:]
    shared_end = {"en": " was thirsty and drank her [MASK].", "zh": "是[MASK]色的。"}[language]
    assert first["sentence"].endswith(shared_end)
    assert second["sentence"].endswith(shared_end)
    assert first["sentence"] != second["sentence"]
    assert not set(first["answers"].split("|")) & set(second["answers"].split("|"))
