"""LoRA: the weights stay, and small matrices beside them learn (Hu et al. 2021)."""

from __future__ import annotations

from typing import Any

from torch import nn

ALPHA_PER_RANK = 2  # what the adapters add is scaled by alpha / rank
DROPOUT = 0.1
_QUERY_AND_VALUE = {"distilbert": ["q_lin", "v_lin"]}  # elsewhere they are called as in BERT
_HEADS = ("classifier", "pre_classifier", "pooler")  # new or small: they learn as they are


def add_adapters(model: Any, *, rank: int) -> nn.Module:
    """Put adapters beside every query and value matrix; only they and the head learn.

    A matrix W (out, in) becomes W + (alpha / rank) B A, with A (rank, in) drawn at random and
    B (out, rank) zero at first, so that the model starts as it was (section 4.1).

    Args:
        model: for sequence classification; it is changed in place.
        rank: of B A; 8 at a width of 768 adds 1.6 % of a matrix's weights.

    Returns:
        What is to be trained; it shares its weights with `model`.
    """
    from peft import LoraConfig, TaskType, get_peft_model  # a second, for those who ask for it

    targets = _QUERY_AND_VALUE.get(model.config.model_type, ["query", "value"])
    present = {name.split(".")[-1] for name, _ in model.named_modules()}
    config = LoraConfig(
        task_type=TaskType.SEQ_CLS,
        r=rank,
        lora_alpha=ALPHA_PER_RANK * rank,
        lora_dropout=DROPOUT,
        target_modules=targets,
        modules_to_save=[name for name in _HEADS if name in present],
    )
    adapted: nn.Module = get_peft_model(model, config)
    return adapted


def merge_adapters(adapted: Any) -> None:
    """Add what the adapters learned to the weights: the model is a plain one again."""
    adapted.merge_and_unload()


def learned_share(model: nn.Module) -> tuple[int, int]:
    """Count the weights that learn, and all of them."""
    weights = list(model.parameters())
    learned = sum(weight.numel() for weight in weights if weight.requires_grad)
    return learned, sum(weight.numel() for weight in weights)
