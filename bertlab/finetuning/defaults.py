"""The defaults that depend on the model: its learning rate and the longest text it reads."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from bertlab.finetuning.strategies.layer_groups import refuse_shared_layers
from bertlab.runs.settings import Settings
from bertlab.tokenization.encoding import longest_input
from bertlab.training.curves import rate_text

PRETRAINING_RATE = 1e-4  # BERT-base's peak in pre-training (Devlin et al. 2019)
NEVER_READ = (
    "The weights are random: they never read a text before, so all that this model will know "
    "comes from the training rows."
)


@dataclass(frozen=True)
class Resolved:
    """Settings with nothing left open, and why each default is what it is.

    Args:
        settings: `learning_rate` is a number and `max_length` fits the model.
        reasons: one sentence for each value that was filled in or changed.
    """

    settings: Settings
    reasons: tuple[str, ...]


def resolve(settings: Settings, config: Any) -> Resolved:
    """Fill in what depends on the model.

    resolve(Settings(), config_of_the_mini).settings.learning_rate -> 0.0003

    Args:
        settings: as chosen by the user.
        config: the model's transformers configuration (no weights are needed).

    Returns:
        The settings to train with and the reasons to show beside them.

    Raises:
        InputError: the strategy needs layers of their own, and the model shares one.
    """
    _refuse_shared_layers(settings, config)
    reasons: list[str] = []
    if settings.learning_rate is None:
        rate, reason = default_learning_rate(config, settings.strategy)
        settings = replace(settings, learning_rate=rate)
        reasons.append(reason)
    longest = longest_input(config)
    if settings.max_length > longest:
        settings = replace(settings, max_length=longest)
        reasons.append(f"Texts are cut at {longest} tokens: the model has no more positions.")
    layers = int(config.num_hidden_layers)
    if settings.strategy == "top" and settings.trained_layers > layers:
        settings = replace(settings, trained_layers=layers)
        reasons.append(f"All {layers} layers learn: the model has no more. The embeddings stay.")
    if settings.strategy == "random":
        reasons.append(NEVER_READ)
    return Resolved(settings, tuple(reasons))


def _refuse_shared_layers(settings: Settings, config: Any) -> None:
    if settings.strategy in ("top", "gradual"):
        refuse_shared_layers(config, "Letting some layers learn")
    if settings.layer_decay < 1:
        refuse_shared_layers(config, "A learning rate that falls from layer to layer")


def default_learning_rate(config: Any, strategy: str) -> tuple[float, str]:
    """Choose a peak learning rate and say why.

    default_learning_rate(config_of_the_mini, "full") -> (0.0003, "Learning rate 3e-4: ...")

    Args:
        config: the model's transformers configuration.
        strategy: as in `Settings`.

    Returns:
        The rate, and one sentence for the page.
    """
    if strategy == "frozen":
        return 1e-3, (
            "Learning rate 1e-3: only what lies on top of the encoder learns (in BERT the pooler "
            "and a new linear layer). It cannot damage the encoder, so it may take larger steps "
            "than a whole model."
        )
    if strategy == "lora":
        return _rate_for_adapters(config)
    rate, reason = _rate_for_size(config)
    return _rate_for_random_weights(rate) if strategy == "random" else (rate, reason)


def _rate_for_adapters(config: Any) -> tuple[float, str]:
    """Choose a rate for LoRA: its matrices start from nothing, so they take larger steps."""
    rate = 3e-3 if applied_weights(config) <= 15_000_000 else 5e-4
    return rate, (
        f"Learning rate {rate_text(rate)}: LoRA's matrices start from nothing and the weights "
        "beside them stay, so they take larger steps than a whole model (Hu et al. 2021 took 5e-4 "
        "for models of BERT-base's size)."
    )


def _rate_for_random_weights(pretrained: float) -> tuple[float, str]:
    """Choose the same rate as for pretrained weights, unless that one is there to protect them."""
    if pretrained >= PRETRAINING_RATE:
        return pretrained, (
            f"Learning rate {rate_text(pretrained)}: the one that suits pretrained weights of this "
            "size, so that the two can be compared."
        )
    return PRETRAINING_RATE, (
        f"Learning rate {rate_text(PRETRAINING_RATE)}: random weights have nothing to forget, so "
        "they take the larger steps with which BERT-base itself was pre-trained. Pretrained "
        f"weights of this size want {rate_text(pretrained)}: to compare, give both runs the same."
    )


def _rate_for_size(config: Any) -> tuple[float, str]:
    weights, size = applied_weights(config), _size_in_words(config)
    if weights <= 15_000_000:
        return 3e-4, (
            f"Learning rate 3e-4: with {size} this is a small model. It needs larger steps than "
            "BERT-base: at the 2e-5 of the textbooks three epochs hardly move it."
        )
    if weights <= 45_000_000:
        return 1e-4, (
            f"Learning rate 1e-4: with {size} this model lies between the minis, which want about "
            "3e-4, and BERT-base, which wants about 2e-5."
        )
    return 2e-5, (
        f"Learning rate 2e-5: a model with {size} forgets what it knows when its steps are large, "
        "so models of BERT-base's size are fine-tuned with small ones."
    )


def stored_weights(config: Any) -> int:
    """Count the encoder's weights from its configuration, biases and norms left out.

    The mini: 8,192 x 256 word vectors + 512 x 256 positions + 4 layers x (4 x 256 x 256
    + 2 x 256 x 1,024) -> 5,373,952. A layer that is used again (ALBERT's) counts once.
    """
    return _count(config, layers=getattr(config, "num_hidden_groups", config.num_hidden_layers))


def applied_weights(config: Any) -> int:
    """Count the weights that a text passes: a layer counts each time it is applied.

    ALBERT-base has one layer of 7 million weights, applied 12 times: the steps that it can
    take depend on its depth, not on what is stored.
    """
    return _count(config, layers=config.num_hidden_layers)


def _count(config: Any, *, layers: int) -> int:
    hidden = config.hidden_size
    inner = getattr(config, "intermediate_size", None) or getattr(config, "hidden_dim", 4 * hidden)
    width = getattr(config, "embedding_size", None) or hidden
    rows = config.vocab_size + config.max_position_embeddings
    return int(rows * width + layers * (4 * hidden * hidden + 2 * hidden * inner))


def _size_in_words(config: Any) -> str:
    """Say how large a model is; of shared layers both numbers, for the rate follows the second."""
    stored, applied = stored_weights(config), applied_weights(config)
    words = f"{stored / 1e6:.0f} million weights"
    if applied == stored:
        return words
    return f"{words}, shared by its layers and so as deep as one with {applied / 1e6:.0f} million,"
