"""Two sentences, one word apart: which answers are listed, and how far the beliefs lie apart."""

import numpy as np
import pytest

from bertlab.errors import InputError, ModelError
from bertlab.inputs import encode
from bertlab.minimal_pairs import compare_answers, total_variation
from bertlab.trace import Trace


def trace_of(loaded, parts: dict[str, float] | None) -> Trace:
    encoded = encode(loaded.tokenizer, "the cat sat")
    rows = None
    if parts is not None:
        rows = np.full((1, loaded.config.vocab_size), -100.0, dtype=np.float32)
        for piece, share in parts.items():
            rows[0, loaded.tokenizer.convert_tokens_to_ids(piece)] = np.log(share)
    return Trace(encoded, encoded.token_ids, (2,), np.zeros(0), np.zeros(0), rows)


def test_every_answer_that_is_best_in_either_stands_once_best_first(tiny_bert):
    first = trace_of(tiny_bert, {"dog": 6, "cat": 3, "mat": 1})
    second = trace_of(tiny_bert, {"mat": 7, "dog": 2, "cat": 1})
    answers = compare_answers(tiny_bert, first, second, top_k=2)
    assert [answer.token for answer in answers] == ["mat", "dog", "cat"]
    assert [(a.first, a.second) for a in answers] == [
        pytest.approx((0.1, 0.7)),
        pytest.approx((0.6, 0.2)),
        pytest.approx((0.3, 0.1)),
    ]


def test_distance_is_half_the_sum_of_the_differences(tiny_bert):
    first = trace_of(tiny_bert, {"dog": 6, "cat": 3, "mat": 1})
    second = trace_of(tiny_bert, {"mat": 7, "dog": 2, "cat": 1})
    # (|0.6 - 0.2| + |0.3 - 0.1| + |0.1 - 0.7|) / 2
    assert total_variation(first, second) == pytest.approx(0.6)
    assert total_variation(first, first) == 0
    apart = trace_of(tiny_bert, {"the": 1})
    assert total_variation(first, apart) == pytest.approx(1)


def test_a_sentence_without_a_blank_is_named_as_the_reason(tiny_bert):
    first = trace_of(tiny_bert, {"dog": 1})
    with pytest.raises(InputError, match="no blank number 2.*Mask a word"):
        compare_answers(tiny_bert, first, first, blank=1)


def test_a_model_without_a_head_says_so(tiny_bert):
    first = trace_of(tiny_bert, None)
    with pytest.raises(ModelError, match="no masked-LM head"):
        compare_answers(tiny_bert, first, first)
