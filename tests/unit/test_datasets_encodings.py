"""Which encoding a file has: small files are the hard case."""

import pytest

from bertlab.datasets import read_table
from bertlab.errors import TableError

SIMPLIFIED = [
    "房间很干净，服务态度也好,正面",
    "早餐太差了，不会再来,负面",
    "屏幕清晰，电池耐用,正面",
    "剧情拖沓，看到一半睡着,负面",
    "快递慢，包装破损,负面",
    "味道不错，分量足,正面",
    "客服一直不回消息,负面",
    "演员演技在线，值得一看,正面",
    "充电器发烫，吓人,负面",
    "孩子爱看这本书,正面",
]
TRADITIONAL = [
    "房間很乾淨，服務態度也好,正面",
    "早餐太差了，不會再來,負面",
    "螢幕清晰，電池耐用,正面",
    "劇情拖沓，看到一半睡著,負面",
    "快遞慢，包裝破損,負面",
    "味道不錯，份量足,正面",
    "客服一直不回訊息,負面",
    "演員演技好，值得一看,正面",
    "充電器發燙，嚇人,負面",
    "孩子愛看這本書,正面",
]
FRENCH = [
    "Le service était très décevant,négatif",
    "J'ai adoré ce film du début à la fin,positif",
    "Pas terrible et plutôt cher,négatif",
    "Livraison soignée et rapide,positif",
    "À éviter,négatif",
    "Ça marche à merveille,positif",
    "Écran fissuré dès la réception,négatif",
    "Un goût délicieux,positif",
    "Trop salé hélas,négatif",
    "Des héros attachants,positif",
]
CASES = [
    (SIMPLIFIED, "评论内容,情感标签", "gb18030"),
    (SIMPLIFIED, "text,label", "gbk"),
    (TRADITIONAL, "評論內容,情感標籤", "big5"),
    (TRADITIONAL, "text,label", "big5"),
    (TRADITIONAL, "text,label", "gb18030"),
    (FRENCH, "texte,étiquette", "latin-1"),
    (FRENCH, "text,label", "cp1252"),
]
UNICODE = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]


def rows_of(data: bytes) -> list[str]:
    return [",".join(row) for row in read_table(data).frame.to_numpy().tolist()]


@pytest.mark.parametrize("size", [2, 3, 4, 5, 7, 10])
@pytest.mark.parametrize(("rows", "header", "encoding"), CASES)
def test_a_small_file_comes_out_right(rows, header, encoding, size):
    for first in range(0, len(rows) - size + 1):  # every window, not one lucky choice
        part = rows[first : first + size]
        assert rows_of("\n".join([header, *part]).encode(encoding)) == part


@pytest.mark.parametrize("encoding", UNICODE)
@pytest.mark.parametrize("rows", [SIMPLIFIED, TRADITIONAL, FRENCH, ["good film,pos", "bad,neg"]])
def test_unicode_with_and_without_a_mark(rows, encoding):
    assert rows_of("\r\n".join(["text,label", *rows]).encode(encoding)) == rows


@pytest.mark.parametrize(
    ("rows", "encoding"),
    [
        (["I don’t like it,neg", "nice,pos"], "cp1252"),
        (["a good film,正面", "a bad one,负面"], "gb18030"),
        (["iPhone好用,pos", "bad,neg"], "gbk"),
        (["Größe passt überhaupt nicht,schlecht", "schöne Farbe,gut"], "latin-1"),
        (["¡Qué película! El niño feliz,sí", "muy mal año,no"], "latin-1"),
        (["𠮷野家很好吃,正面", "不好,负面"], "gb18030"),  # four bytes in GB18030
    ],
)
def test_a_few_foreign_letters_in_much_ascii(rows, encoding):
    assert rows_of("\n".join(["text,label", *rows]).encode(encoding)) == rows


def test_a_letter_within_words_is_no_ideograph():
    """Each two bytes "ön" and "är" are one of GB18030's characters, here between two letters.

    Read so, the letters before and after take from its plausibility what they give to Latin-1's.
    """
    rows = ["schöne Farbe,gut", "das wäre besser,schlecht"]
    data = "\n".join(["text,label", *rows]).encode("latin-1")
    assert [len(part.decode("gb18030")) for part in (b"sch\xf6ne", b"w\xe4re")] == [5, 3]
    assert rows_of(data) == rows
    assert read_table(data).encoding == "latin-1"


def test_the_encoding_is_reported():
    table = read_table("\n".join(["评论,标签", *SIMPLIFIED]).encode("gbk"))
    assert (table.encoding, table.warnings) == ("gb18030", ())
    assert read_table("a,b\nx,é\n".encode("utf-8-sig")).encoding == "utf-8-sig"


def test_the_encoding_can_be_given():
    data = "текст,метка\nхорошо,да\n".encode("koi8-r")
    assert rows_of_given(data, "koi8-r") == [["хорошо", "да"]]
    with pytest.raises(TableError, match=r"no-such.*utf-8"):
        read_table(data, encoding="no-such")


def rows_of_given(data: bytes, encoding: str) -> list[list[str]]:
    return read_table(data, encoding=encoding).frame.to_numpy().tolist()


def test_an_encoding_that_is_not_certain_is_said():
    data = "本文,ラベル\nとても良い映画でした,肯定\nひどい内容だった,否定\n".encode("shift_jis")
    table = read_table(data)
    assert table.frame.iloc[0, 0] == "とても良い映画でした"
    assert any("not certain" in warning for warning in table.warnings)


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_row_with_broken_bytes_is_left_out_and_the_rest_read(encoding):
    lines = [line.encode(encoding) for line in ["text,label", *SIMPLIFIED]]
    lines[3] = b"\xff\xff" + lines[3]
    table = read_table(b"\n".join(lines))
    assert len(table.frame) == 9
    assert [(entry.row, entry.count) for entry in table.left_out] == [(4, 1)]
    assert "bytes" in table.left_out[0].reason
    table.left_out[0].excerpt.encode("utf-8")  # fit to be shown
