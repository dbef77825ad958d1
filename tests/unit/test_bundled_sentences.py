"""The bundled sentences are what sample_data/README.md says, counted here from the files alone."""

import re
from collections import Counter
from pathlib import Path

import pytest

from bertlab.inspection.bundled_sentences import Sentence, bundled_sentences

FOLDER = Path(__file__).parents[2] / "sample_data"
LANGUAGES = ("en", "zh")
SMALL_WORDS = set(
    "the a an and of to in on it is was he she i we they his her that who at for by had but not so "
    "with if as my be more than has you me all then one does did do".split()
)
SMALL_CHARACTERS = set(
    "的了又一个是不在有他她它我们就着也和里上下到把你什么很可都还没才两给要人看说去来地得好大小这那被让因为再"
    "向过"
)


def lines(language: str) -> list[str]:
    return (FOLDER / f"sentences_{language}.txt").read_text(encoding="utf-8").splitlines()


def says_a_word_twice(line: str, language: str) -> bool:
    if language == "en":
        counts = Counter(word for word in re.findall(r"\w+", line.lower()))
        return any(count > 1 for word, count in counts.items() if word not in SMALL_WORDS)
    text = line.replace("\t", "")
    twos = Counter(text[i : i + 2] for i in range(len(text) - 1))
    ones = Counter(text)
    chinese = {part for part in (*twos, *ones) if re.fullmatch(r"[\u4e00-\u9fff]+", part)}
    counts = {part: n for part, n in (twos + ones).items() if part in chinese}
    return any(n > 1 for part, n in counts.items() if part not in SMALL_CHARACTERS)


def longest(language: str) -> int:
    if language == "en":
        return max(len(line.split()) for line in lines("en"))
    return max(len(line.replace("\t", "")) for line in lines("zh"))


def mark(language: str) -> str:
    return {"en": "?", "zh": "？"}[language]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_readme_states_the_counts(language):
    own = lines(language)
    counts = (
        len(own),
        sum("\t" in line for line in own),
        sum(says_a_word_twice(line, language) for line in own),
        sum(mark(language) in line for line in own),
        longest(language),
    )
    assert counts[0] == 200
    assert counts[1] >= 40
    assert counts[2] >= 60
    assert counts[3] >= 20
    row = r" \| ".join(str(count) for count in counts)
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert re.search(rf"^\| `sentences_{language}.txt` \| {row} ", readme, re.MULTILINE), counts


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_comes_twice_and_all_are_clean(language):
    own = lines(language)
    assert len(set(own)) == len(own)
    for line in own:
        assert line == line.strip()
        assert line.count("\t") <= 1
        assert "  " not in line
        assert line[-1] in '.?!"。？！”'
    data = (FOLDER / f"sentences_{language}.txt").read_bytes()
    assert b"\r" not in data
    assert not data.startswith(b"\xef\xbb\xbf")


def test_english_sentences_have_three_to_forty_words():
    counts = [len(line.split()) for line in lines("en")]
    assert min(counts) >= 3
    assert max(counts) == 40


def test_chinese_sentences_are_in_chinese():
    for line in lines("zh"):
        assert len(re.findall(r"[\u4e00-\u9fff]", line)) / len(line) > 0.6
        assert not re.search(r"[A-Za-z,.?!]", line)


def test_a_tab_parts_a_pair():
    assert Sentence("Where is the cat?", "It sleeps on the sofa.") in bundled_sentences("en")
    assert Sentence("我们明天去公园玩。") in bundled_sentences("zh")
    assert len(bundled_sentences("zh")) == 200
