"""Long texts in windows that overlap: nothing is lost, and the mean of the answers counts."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from bertlab.datasets import Examples, Split
from bertlab.finetuning.data import encode_texts, pooled
from bertlab.finetuning.execute import execute
from bertlab.finetuning.planning.estimate import Parts, Times, create_estimate, estimate_seconds
from bertlab.finetuning.predict import predict
from bertlab.models import load_finetuned, load_tokenizer
from bertlab.runs import create_run
from bertlab.runs.settings import Settings
from bertlab.tokenization.batch_encoding import encode_windows
from bertlab.tokenization.truncation import MOST_WINDOWS, window_places

FILLER = "the cat sat on the mat and it was a day "


def windows_of(model, text):
    """How many windows of 10 tokens and two special ones a text makes."""
    tokens = load_tokenizer(model)(text, add_special_tokens=False)["input_ids"]
    return len(window_places(len(tokens), 10))


@pytest.mark.parametrize(
    ("count", "room", "places"),
    [
        (3, 4, [(0, 3)]),
        (4, 4, [(0, 4)]),
        (5, 4, [(0, 4), (3, 5)]),
        (10, 4, [(0, 4), (3, 7), (6, 10)]),
        (11, 4, [(0, 4), (3, 7), (6, 10), (9, 11)]),
        (3, 1, [(0, 1), (1, 2), (2, 3)]),
    ],
)
def test_windows_overlap_by_a_quarter_and_reach_the_end(count, room, places):
    assert window_places(count, room) == places


def test_a_very_long_text_has_a_limit():
    assert len(window_places(10**12, 100)) == MOST_WINDOWS


def test_each_window_stands_between_the_special_tokens(tiny_bert_name):
    tokenizer = load_tokenizer(tiny_bert_name)
    text = "the cat sat on the mat and it was a day"
    ids = tokenizer(text, add_special_tokens=False)["input_ids"]
    columns, owners = encode_windows(tokenizer, [text, "the cat"], max_length=6)
    first, last = tokenizer.cls_token_id, tokenizer.sep_token_id
    expected = [[first, *ids[start:end], last] for start, end in window_places(len(ids), 4)]
    assert columns["input_ids"][:-1] == expected
    assert columns["input_ids"][-1] == [first, *ids[:2], last]
    assert owners == (*[0] * len(expected), 1)
    assert [len(row) for row in columns["token_type_ids"]] == [
        len(row) for row in columns["input_ids"]
    ]


def test_of_a_pair_the_longer_text_moves_on(tiny_bert_name):
    tokenizer = load_tokenizer(tiny_bert_name)
    long = "the cat sat on the mat"
    one, other = (tokenizer(t, add_special_tokens=False)["input_ids"] for t in ("was it", long))
    columns, owners = encode_windows(tokenizer, ["was it"], [long], max_length=9)
    first, last = tokenizer.cls_token_id, tokenizer.sep_token_id
    assert columns["input_ids"] == [
        [first, *one, last, *other[start:end], last] for start, end in window_places(len(other), 4)
    ]
    assert columns["token_type_ids"][0] == [0] * 4 + [1] * 5
    assert set(owners) == {0}


def test_the_mean_of_the_windows_answers_is_the_texts():
    labels, answers = pooled(
        [0, 0, 1], np.array([1, 1, 0]), np.array([[0.1, 0.9], [0.5, 0.5], [0.8, 0.2]], np.float32)
    )
    assert labels.tolist() == [1, 0]
    assert answers == pytest.approx(np.array([[0.3, 0.7], [0.8, 0.2]]))


@pytest.mark.parametrize("strategy", ["full", "frozen"])
def test_a_run_reads_all_of_a_text_and_answers_by_the_mean(strategy, tiny_bert_name):
    """The word that decides stands in the middle, where neither head nor tail reaches."""
    texts = tuple(f"{FILLER} {word} {FILLER}" for word in ("good", "bad"))
    rows = Examples(texts * 8, None, ("pos", "neg") * 8, ("neg", "pos"), tuple(range(2, 18)))
    settings = Settings(
        model=tiny_bert_name, epochs=20, batch_size=4, learning_rate=2e-3, device="cpu", seed=3,
        max_length=12, truncation="windows", strategy=strategy, pinned=(texts[0],),
    )  # fmt: skip
    run = create_run(settings, Split(rows, rows, rows))
    assert execute(run).phase == "finished"
    result = run.result()
    assert (result["train_examples"], result["test"]["examples"]) == (16, 16)
    assert len(run.predictions()) == 16
    windows = windows_of(tiny_bert_name, texts[0])
    assert result["steps"] == 20 * 16 * windows // 4
    messages = [event.text for event in run.history() if event.kind == "message"]
    assert any(f"make {16 * windows} windows" in text for text in messages)
    answers = predict(run, texts)
    if strategy == "full":  # most of the windows are the same in both texts
        assert answers[0]["pos"] - answers[1]["pos"] > 0.05
    pinned = [event for event in run.history() if event.kind == "pinned"]
    assert len(pinned[-1].predictions) == 1

    tokenizer, model = load_finetuned(run.model_folder, device="cpu")
    columns, _ = encode_windows(tokenizer, texts[:1], max_length=12)
    with torch.inference_mode():
        each = [
            model(torch.tensor([ids])).logits.softmax(-1)[0, 1].item()
            for ids in columns["input_ids"]
        ]
    assert answers[0]["pos"] == pytest.approx(sum(each) / len(each), abs=1e-5)


def test_the_estimate_counts_windows_instead_of_texts(tiny_bert_name):
    times = Times(load=1.0, step=0.1, read=0.01, rows=1.5)
    settings = Settings(epochs=2, batch_size=10)
    plain = replace(times, rows=1.0)
    assert estimate_seconds(times, settings, Parts(100, 10, 10)) == estimate_seconds(
        plain, settings, Parts(150, 15, 15)
    )
    rows = Examples((FILLER * 4, "good"), None, ("pos", "neg"), ("neg", "pos"), (2, 3))
    asked = Settings(model=tiny_bert_name, max_length=12, truncation="windows", device="cpu")
    run = create_estimate(asked, rows)
    from bertlab.engine.executors import execute as execute_any

    execute_any(run)
    assert run.result()["rows"] == (windows_of(tiny_bert_name, FILLER * 4) + 1) / 2


def test_windows_carry_the_label_of_their_text(tiny_bert_name):
    tokenizer = load_tokenizer(tiny_bert_name)
    data = encode_texts(
        tokenizer, [FILLER * 3, "good"], labels=[1, 0], max_length=12, kept="windows"
    )
    assert data.labels.tolist() == [1] * (len(data.owners) - 1) + [0]
