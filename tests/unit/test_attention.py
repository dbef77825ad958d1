import math
from dataclasses import replace

import numpy as np
import pytest

from bertlab.errors import InputError
from bertlab.inspection.attention import (
    choose_head,
    describe,
    even_share,
    head_statistics,
    hide_special,
    notice,
    sentence_b_start,
)
from bertlab.inspection.trace import Trace, run_trace
from bertlab.models import LoadedModel
from bertlab.tokenization.encoding import EncodedInput, encode

EVEN = np.full((4, 4), 0.25)
PREVIOUS = np.eye(4, k=-1) + np.diag([1.0, 0, 0, 0])  # the first token has none: it sees itself
NEXT = PREVIOUS[::-1, ::-1]
FIRST = np.eye(1, 4).repeat(4, axis=0)
LAST = FIRST[:, ::-1]


def encoded_of(tokens: str, sequence: str | None = None) -> EncodedInput:
    """ "[CLS] a [SEP]": tokens in brackets are added; `sequence` has a digit or - for each."""
    names = tuple(tokens.split())
    added = tuple(name in ("[CLS]", "[SEP]", "<s>", "</s>", "[PAD]") for name in names)
    special = tuple(name.startswith(("[", "<")) for name in names)
    marks = sequence or "".join("-" if flag else "0" for flag in added)
    none = (None,) * len(names)
    return EncodedInput(
        tokens=names,
        token_ids=tuple(range(len(names))),
        token_type_ids=(0,) * len(names),
        position_ids=tuple(range(len(names))),
        attention_mask=(1,) * len(names),
        offsets=((0, 0),) * len(names),
        word_ids=none,
        sequence_ids=tuple(None if mark == "-" else int(mark) for mark in marks),
        is_special=special,
        is_added=added,
        truncated=(),
        uses_token_types=True,
    )


def trace_of(*matrices: np.ndarray, tokens: str = "[CLS] a b [SEP]", layers: int = 1) -> Trace:
    stacked = np.stack(matrices).astype(np.float32)
    attention = stacked.reshape(layers, -1, *stacked.shape[1:])
    encoded = encoded_of(tokens)
    return Trace(encoded, encoded.token_ids, (), np.zeros((layers + 1, 4, 2)), attention, None)


def test_even_weights() -> None:
    (measured,) = head_statistics(trace_of(EVEN))
    assert measured.entropy == pytest.approx(math.log(4))
    # |i - j| over a 4 x 4 table: 6 pairs at 1, 4 at 2, 2 at 3 -> 20 / 16
    assert measured.mean_distance == pytest.approx(1.25)
    shares = [measured.share(name) for name in ("previous", "next", "itself", "cls", "sep")]
    assert shares == pytest.approx([0.25] * 5)


def test_previous_token_head() -> None:
    (measured,) = head_statistics(trace_of(PREVIOUS))
    assert measured.entropy == 0
    assert measured.previous_share == 1
    assert measured.mean_distance == pytest.approx(0.75)  # 0 for the first row, 1 for three
    assert measured.self_share == pytest.approx(0.25)  # the first row alone
    assert measured.next_share == 0
    assert measured.cls_share == pytest.approx(0.5)  # rows 0 and 1
    assert measured.sep_share == 0


def test_next_first_and_last_token_heads() -> None:
    following, first, last = head_statistics(trace_of(NEXT, FIRST, LAST))
    assert following.next_share == 1
    assert following.previous_share == 0
    assert first.cls_share == 1
    assert first.sep_share == 0
    assert last.sep_share == 1
    assert last.cls_share == 0


def test_entropy_of_a_row_with_two_choices_is_averaged_over_rows() -> None:
    matrix = np.eye(4)
    matrix[1] = [0.5, 0.5, 0, 0]
    (measured,) = head_statistics(trace_of(matrix))
    assert measured.entropy == pytest.approx(math.log(2) / 4)
    assert measured.mean_distance == pytest.approx(0.5 / 4)


def test_both_separators_of_a_pair_count() -> None:
    tokens = "[CLS] a [SEP] b [SEP]"
    (measured,) = head_statistics(trace_of(np.full((5, 5), 0.2), tokens=tokens))
    assert measured.sep_share == pytest.approx(0.4)
    assert even_share(tuple(tokens.split()), "sep") == pytest.approx(0.4)


def test_roberta_names_of_the_special_tokens() -> None:
    first, last = head_statistics(trace_of(FIRST, LAST, tokens="<s> a b </s>"))
    assert first.cls_share == 1
    assert last.sep_share == 1
    assert describe(first, ("<s>", "a", "b", "</s>")).text.startswith("Head 0.0 looks at <s>:")


def test_one_token_has_no_neighbours() -> None:
    (measured,) = head_statistics(trace_of(np.ones((1, 1)), tokens="a"))
    assert (measured.previous_share, measured.next_share, measured.self_share) == (0, 0, 1)


def test_statistics_come_layer_by_layer() -> None:
    measured = head_statistics(trace_of(EVEN, FIRST, LAST, PREVIOUS, layers=2))
    assert [(s.layer, s.head) for s in measured] == [(0, 0), (0, 1), (1, 0), (1, 1)]
    assert [s.previous_share for s in measured] == pytest.approx([0.25, 1 / 3, 0, 1])


def test_statistics_agree_with_a_real_pass(mini: LoadedModel) -> None:
    trace = run_trace(mini, encode(mini.tokenizer, "The quick brown fox."))
    measured = head_statistics(trace)
    assert len(measured) == trace.layers * trace.heads
    for entry in measured:
        matrix = trace.attention[entry.layer, entry.head].astype(float)
        rows = range(len(matrix))
        entropy = -sum(w * math.log(w) for row in matrix for w in row if w > 0) / len(matrix)
        distance = sum(matrix[i][j] * abs(i - j) for i in rows for j in rows) / len(matrix)
        assert entry.entropy == pytest.approx(entropy)
        assert entry.mean_distance == pytest.approx(distance)


def test_notice_names_a_clear_pattern() -> None:
    found = notice(trace_of(EVEN, 0.75 * PREVIOUS + 0.25 * EVEN), 0, 1)
    # 0.75 + 0.25 / 4 = 0.8125
    assert found.text == "Head 0.1 looks at the previous token: 81 % of its weight"
    assert (found.pattern, found.even_share) == ("previous", 0.25)
    assert "81.2 %" in found.detail
    assert "25.0 %" in found.detail


def test_notice_says_nothing_of_even_weights() -> None:
    found = notice(trace_of(EVEN), 0, 0)
    assert found.text == "Head 0.0: no simple pattern in this sentence"
    assert found.pattern is None


def test_half_of_the_weight_is_the_threshold() -> None:
    (measured,) = head_statistics(trace_of(PREVIOUS, tokens="a b c d"))
    tokens = ("a", "b", "c", "d", "e")  # even weights: 20 %
    assert describe(replace(measured, previous_share=0.5), tokens).pattern == "previous"
    assert describe(replace(measured, previous_share=0.499), tokens).pattern is None


def test_a_share_that_even_weights_would_reach_is_no_pattern() -> None:
    tokens = ("[CLS]", "[SEP]", "[SEP]")  # even weights give 2/3 to [SEP]
    matrix = np.full((3, 3), 1 / 3)
    assert notice(trace_of(matrix, tokens=" ".join(tokens)), 0, 0).pattern is None


def test_random_weights_show_no_pattern(tiny_bert: LoadedModel) -> None:
    trace = run_trace(tiny_bert, encode(tiny_bert.tokenizer, "the cat sat on the mat."))
    for layer in range(trace.layers):
        for head in range(trace.heads):
            assert notice(trace, layer, head).pattern is None


def test_the_default_head_is_the_strongest_neighbour_head() -> None:
    assert choose_head(trace_of(EVEN, FIRST, PREVIOUS, NEXT, layers=2)) == (1, 0)  # first of equals
    assert choose_head(trace_of(EVEN, NEXT, 0.5 * PREVIOUS + 0.5 * EVEN, EVEN, layers=2)) == (0, 1)
    oblong = trace_of(EVEN, EVEN, EVEN, NEXT, EVEN, EVEN, layers=2)  # 2 layers of 3 heads
    assert choose_head(oblong) == (1, 0)


def test_hiding_special_tokens_rescales_nothing() -> None:
    matrix = np.array([[0.4, 0.3, 0.2, 0.1], [0.7, 0.1, 0.15, 0.05], [0.1, 0.2, 0.3, 0.4], EVEN[0]])
    left = hide_special(matrix, encoded_of("[CLS] a b [SEP]"))
    assert left.positions == (1, 2)
    assert left.attention.tolist() == [[0.1, 0.15], [0.2, 0.3]]
    assert left.hidden_mass.tolist() == pytest.approx([0.75, 0.5])
    assert "62.5 %" in left.note


def test_hiding_keeps_leading_axes_and_masks() -> None:
    attention = np.random.default_rng(0).dirichlet(np.ones(4), size=(2, 3, 4)).astype(np.float32)
    left = hide_special(attention, encoded_of("[CLS] a [MASK] [SEP]", "-00-"))
    assert left.positions == (1, 2)
    assert left.attention.shape == (2, 3, 2, 2)
    assert left.hidden_mass.shape == (2, 3, 2)
    np.testing.assert_allclose(left.attention.sum(-1) + left.hidden_mass, 1, atol=1e-6)


def test_hiding_everything_is_refused() -> None:
    with pytest.raises(InputError, match="nothing but special tokens"):
        hide_special(np.full((2, 2), 0.5), encoded_of("[CLS] [SEP]"))


def test_where_sentence_b_begins(mini: LoadedModel) -> None:
    pair = encode(mini.tokenizer, "A cat.", "It sat.")
    start = sentence_b_start(pair)
    assert start is not None
    assert pair.tokens[start] == "it"
    assert pair.tokens[start - 1] == "[SEP]"
    kept = hide_special(np.full((len(pair.tokens),) * 2, 0.1), pair).positions
    assert [pair.tokens[i] for i in kept][sentence_b_start(pair, kept) or 0] == "it"
    assert sentence_b_start(encode(mini.tokenizer, "A cat.")) is None
