"""Text files as documents of sentences."""

import lzma
import random
from pathlib import Path

import pytest

from bertlab.errors import InputError
from bertlab.pretraining.data.corpus import read_documents, rename, split_sentences
from bertlab.pretraining.settings import Source


def write(path: Path, text: str, *, encoding: str = "utf-8") -> Source:
    data = text.encode(encoding)
    path.write_bytes(lzma.compress(data) if path.suffix == ".xz" else data)
    return Source(str(path))


def documents(path: Path, text: str, **options) -> list[list[str]]:
    return list(read_documents(write(path, text, **options)))


@pytest.mark.parametrize("name", ["story.txt", "story.txt.xz"])
def test_blank_lines_end_documents_and_lines_end_sentences(name, tmp_path):
    text = "It rains. We stay.\nTea is ready\n\n\n \t\nGood night.\n"
    expected = [["It rains.", "We stay.", "Tea is ready"], ["Good night."]]
    assert documents(tmp_path / name, text) == expected


def test_a_byte_order_mark_is_no_text(tmp_path):
    assert documents(tmp_path / "a.txt", "Rain.\n", encoding="utf-8-sig") == [["Rain."]]


def test_line_ends_of_windows(tmp_path):
    assert documents(tmp_path / "a.txt", "One.\r\n\r\nTwo.\r\n") == [["One."], ["Two."]]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("salt &amp; pepper", "salt & pepper"),
        ("2 &amp;lt; 3", "2 < 3"),  # escaped twice
        ("caf&#233; &amp;quot;x&amp;quot;", 'café "x"'),
        ("AT&T &nosuch; stays", "AT&T &nosuch; stays"),
    ],
)
def test_html_entities_become_characters(line, expected, tmp_path):
    assert documents(tmp_path / "a.txt", line) == [[expected]]


def test_lines_that_stand_alone_are_documents_of_one_sentence(tmp_path):
    path = tmp_path / "a.txt"
    write(path, "It rains. We stay.\nGood night.\n\nTea?\n")
    source = Source(str(path), lines_stand_alone=True)
    assert list(read_documents(source)) == [["It rains. We stay."], ["Good night."], ["Tea?"]]


@pytest.mark.parametrize(
    ("line", "sentences"),
    [
        ("It rains. We stay.", ["It rains.", "We stay."]),
        ("Who? Me! 3 of us.", ["Who?", "Me!", "3 of us."]),
        ("He left. “Why?” she said.", ["He left.", "“Why?” she said."]),
        ('"Go." He left. (She stayed.) Why?', ['"Go."', "He left.", "(She stayed.)", "Why?"]),
        ("He said “stop.” She did.", ["He said “stop.”", "She did."]),
        ("It cost 3.50 and e.g. more.", ["It cost 3.50 and e.g. more."]),
        ("下雨了。我们不走。", ["下雨了。", "我们不走。"]),
        ("真的吗？好！走吧。", ["真的吗？", "好！", "走吧。"]),
        ("他说：“好。”我们走了。", ["他说：“好。”我们走了。"]),  # not inside the quotation
        ("  ", []),
    ],
)
def test_paragraphs_are_cut_into_sentences(line, sentences):
    assert split_sentences(line) == sentences


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("汤姆在家，我找汤姆。", "小明在家，我找小明。"),
        ("Tom赶时间，所以Tom没来。", "Ben赶时间，所以Ben没来。"),
        ("Tomás saw Tom's cat.", "Tomás saw Ben's cat."),
    ],
)
def test_a_name_beside_hanzi_is_a_word_too(line, expected):
    names = {"汤姆": ("小明",), "Tom": ("Ben",)}
    found = [rename(line, names, random.Random(number)) for number in range(50)]
    assert set(found) == {line, expected}
    assert found.count(expected) > 40


def test_names_take_turns_and_stay_the_same_within_a_line():
    names = {"Tom": ("Ben", "Ali")}
    found = [rename("Tom says Tom left Tomtown.", names, random.Random(n)) for n in range(400)]
    expected = {f"{name} says {name} left Tomtown." for name in ("Ben", "Ali", "Tom")}
    assert set(found) == expected
    kept = sum(line.startswith("Tom ") for line in found)
    assert 4 <= kept <= 32  # one in 25 of 400 is 16, standard deviation 3.9


def test_renaming_is_fixed_by_the_seed(tmp_path):
    path = tmp_path / "a.txt"
    write(path, "Tom runs.\n" * 50)
    source = Source(str(path), rename={"Tom": ("Ben", "Ali", "Mei")})
    first, again = (list(read_documents(source, seed=1)) for _ in range(2))
    assert first == again != list(read_documents(source, seed=2))


@pytest.mark.parametrize("text", ["", "\n\n  \n", "\ufeff"])
@pytest.mark.parametrize("name", ["a.txt", "a.txt.xz"])
def test_a_file_without_text_is_refused(text, name, tmp_path):
    with pytest.raises(InputError, match="is empty"):
        documents(tmp_path / name, text)


@pytest.mark.parametrize("name", ["a.txt", "a.txt.xz"])
def test_a_missing_file_is_named(name, tmp_path):
    with pytest.raises(InputError, match=f"There is no file .*{name}"):
        list(read_documents(Source(str(tmp_path / name))))


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        list(read_documents(Source(str(tmp_path))))


@pytest.mark.parametrize("name", ["a.txt", "a.txt.xz"])
def test_text_that_is_not_utf8_is_refused_near_its_line(name, tmp_path):
    """Text is decoded 8,192 bytes at a time; here each line has as many."""
    path = tmp_path / name
    data = b"".join(b"x" * 8_191 + b"\n" for _ in range(4)) + "好".encode("gb18030") + b"\n"
    path.write_bytes(lzma.compress(data) if name.endswith("xz") else data)
    with pytest.raises(InputError, match=r"not UTF-8 \(near line 5\)"):
        list(read_documents(Source(str(path))))


@pytest.mark.parametrize("cut", [20, -8])
def test_a_damaged_archive_is_refused(cut, tmp_path):
    path = tmp_path / "a.txt.xz"
    write(path, "".join(f"Line {n}.\n" for n in range(5_000)))
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(InputError, match="cannot be read"):
        list(read_documents(Source(str(path))))


def test_what_is_no_archive_is_refused(tmp_path):
    path = tmp_path / "a.txt.xz"
    path.write_bytes(b"plain text")
    with pytest.raises(InputError, match="cannot be read"):
        list(read_documents(Source(str(path))))
