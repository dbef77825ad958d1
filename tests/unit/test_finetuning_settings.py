"""Settings: checked before anything is stored, completed by the model's size."""

import pytest
from transformers import AlbertConfig, BertConfig, RobertaConfig

from bertlab.errors import InputError
from bertlab.finetuning.defaults import applied_weights, resolve, stored_weights
from bertlab.runs.settings import Settings

MINI = BertConfig(
    vocab_size=8192,
    hidden_size=256,
    num_hidden_layers=4,
    num_attention_heads=4,
    intermediate_size=1024,
    max_position_embeddings=512,
)
MINILM = BertConfig(
    hidden_size=384, num_hidden_layers=6, num_attention_heads=12, intermediate_size=1536
)


def test_json_and_back():
    settings = Settings(epochs=2, pinned=("Ein „Zitat“\n", "好"), learning_rate=1e-4)
    assert Settings.from_json(settings.to_json()) == settings


def test_keys_of_a_later_version_are_ignored():
    assert Settings.from_json('{"epochs": 2, "lora": true}') == Settings(epochs=2)


def test_parameters_counted_by_hand():
    # (8192 + 512) x 256 + 4 x (4 x 256 x 256 + 2 x 256 x 1024)
    assert stored_weights(MINI) == 2_228_224 + 4 * (262_144 + 524_288) == 5_373_952
    assert applied_weights(MINI) == stored_weights(MINI)


def test_shared_layers_are_stored_once_and_said_to_be():
    # (30000 + 512) x 128 and one layer of 4 x 768 x 768 + 2 x 768 x 3072, applied 12 times
    albert = AlbertConfig(
        hidden_size=768, num_attention_heads=12, intermediate_size=3072, num_hidden_layers=12
    )
    words, layer = 3_905_536, 7_077_888
    assert stored_weights(albert) == words + layer == 10_983_424
    assert applied_weights(albert) == words + 12 * layer == 88_840_192
    resolved = resolve(Settings(), albert)
    assert resolved.settings.learning_rate == 2e-5
    assert "11 million weights, shared by its layers" in resolved.reasons[0]
    assert "as deep as one with 89 million" in resolved.reasons[0]


@pytest.mark.parametrize(
    ("config", "rate", "word"),
    [(MINI, 3e-4, "5 million"), (MINILM, 1e-4, "23 million"), (BertConfig(), 2e-5, "109 million")],
)
def test_learning_rate_follows_the_size_and_says_why(config, rate, word):
    resolved = resolve(Settings(), config)
    assert resolved.settings.learning_rate == rate
    assert any(word in reason for reason in resolved.reasons)


def test_what_the_user_chose_stays():
    resolved = resolve(Settings(learning_rate=7e-5), MINI)
    assert resolved.settings.learning_rate == 7e-5
    assert resolved.reasons == ()


@pytest.mark.parametrize(
    ("config", "rate", "word"),
    [(MINI, 3e-4, "compared"), (MINILM, 1e-4, "compared"), (BertConfig(), 1e-4, "want 2e-5")],
)
def test_random_weights_take_the_rate_of_their_size_but_never_a_protective_one(config, rate, word):
    resolved = resolve(Settings(strategy="random"), config)
    assert resolved.settings.learning_rate == rate
    assert resolved.reasons[0].startswith(f"Learning rate {rate:.0e}:".replace("e-0", "e-"))
    assert word in resolved.reasons[0]


def test_random_weights_are_said_to_have_read_nothing_whatever_else_was_chosen():
    for settings in (Settings(strategy="random"), Settings(strategy="random", learning_rate=1e-4)):
        assert "never read a text before" in resolve(settings, MINI).reasons[-1]
    for strategy in ("full", "frozen"):
        told = " ".join(resolve(Settings(strategy=strategy), MINI).reasons)
        assert "never read a text" not in told


def test_maximum_length_is_bounded_by_the_model():
    config = RobertaConfig(max_position_embeddings=66, pad_token_id=1)
    assert resolve(Settings(max_length=128), config).settings.max_length == 64


@pytest.mark.parametrize(
    "bad",
    [
        {"epochs": 0},
        {"epochs": 2.5},
        {"batch_size": 0},
        {"learning_rate": 0.0},
        {"learning_rate": float("nan")},
        {"strategy": "magic"},
        {"device": "/etc/passwd"},
        {"validation": 0.9},
        {"seed": -1},
        {"pinned": ("x" * 2000,)},
        {"pinned": ("x",) * 11},
    ],
)
def test_impossible_settings_are_refused_in_one_line(bad):
    with pytest.raises(InputError) as error:
        Settings(**bad)
    assert "\n" not in str(error.value)
