"""Fine-tuning, second part: what learns, with its picture."""

from typing import Any

import streamlit as st

from bertlab.finetuning.strategies.first_token import can_read_first_token_alone
from bertlab.finetuning.strategies.layer_groups import has_own_layers
from bertlab.finetuning.strategies.strategies import stages_of
from bertlab.runs.settings import Settings
from bertlab.ui.state import caches, url_state
from bertlab.ui.state.theme import palette
from bertlab.views.fine_tuning.strategies import stack_html, style

TITLES = {
    "full": "Full fine-tuning",
    "top": "Top layers",
    "gradual": "Gradual unfreezing",
    "lora": "LoRA",
    "frozen": "Frozen encoder",
    "random": "Random weights",
}
NOTES = {
    "full": "Every weight learns: all layers, and the embeddings of the tokens that stand in the "
    "texts. Those of other tokens would get no gradient.",
    "top": "The last layers and the head learn; what lies below keeps its weights. The top quarter "
    "of BERT-base's layers already gives 90 % of the quality (Lee et al. 2019).",
    "gradual": "The head learns first, then layers join it from the top, epoch by epoch, so that a "
    "new head's first large errors do not shake what pre-training taught the layers below "
    "(Howard and Ruder 2018).",
    "lora": "The layers' own weights stay; beside each query and value matrix two thin ones learn, "
    "whose product is added to it (Hu et al. 2021), and the head learns as it is. For large "
    "models: far fewer weights, gradients and optimizer states have to be kept.",
    "frozen": "The encoder stays: its embeddings and layers keep their weights. What is on top "
    "learns, in BERT the pre-trained pooler and a new linear layer. Each text is encoded once, "
    "with dropout off in the encoder; after that an epoch takes moments.",
    "random": "As in full fine-tuning, from random first weights: the same architecture before any "
    "pre-training.",
}
FIRST_TOKEN_NOTE = (
    "In the last layer only the first token ([CLS] in BERT) is computed: the head reads no other, "
    "so the others only lend it their keys and values. The answers are the same, in less time."
)
COMPARISON_NOTE = (
    "For comparison: what did pre-training bring? It is a fair one when data, seed, epochs and "
    "learning rate are those of the run with pretrained weights. A finished run offers its twin "
    "at a click."
)


def choose_strategy() -> str:
    """Draw the choice of what learns; return its name."""
    strategy = st.segmented_control(
        "What learns",
        list(TITLES),
        format_func=TITLES.__getitem__,
        required=True,
        help="All but the last start from the pretrained weights; random weights start from "
        "nothing.",
        **url_state.option_state("strategy", list(TITLES), "full"),
    )
    return str(strategy)


def explain_strategy(model: str, strategy: str) -> dict[str, Any]:
    """Say what a strategy does; return the settings that belong to it alone."""
    st.markdown(NOTES[strategy])
    if strategy == "random":
        st.caption(COMPARISON_NOTE)
    if strategy == "lora":
        return _rank()
    return _layers(model) if strategy == "top" else {}


def _layers(model: str) -> dict[str, int]:
    most = int(caches.config(model).num_hidden_layers)
    default = max(1, most // 4)
    place, _ = st.columns([1, 2])
    count = place.number_input(
        "Layers that learn", 1, most, step=1,
        help=f"Counted from the top; this model has {most}.",
        **url_state.number_state("layers", 1, most, default),
    )  # fmt: skip
    return {"trained_layers": int(count)}


def _rank() -> dict[str, int]:
    place, _ = st.columns([1, 2])
    rank = place.number_input(
        "Rank", 1, 64, step=1,
        help="How thin the two matrices are: more can learn more, and forget more.",
        **url_state.number_state("rank", 1, 64, 8),
    )  # fmt: skip
    return {"lora_rank": int(rank)}


def draw_plan(settings: Settings) -> None:
    """Draw the stack of a run that is planned.

    Args:
        settings: with nothing left open.
    """
    config = caches.config(settings.model)
    if has_own_layers(config):  # of one layer, applied again and again, nothing can be told apart
        draw_stack(settings, int(config.num_hidden_layers), settings.learning_rate or 0.0)
    if can_read_first_token_alone(config):
        st.caption(FIRST_TOKEN_NOTE)


def draw_stack(
    settings: Settings, layers: int, learning_rate: float, *, now: int | None = None
) -> None:
    """Draw a model as a stack: what learns when, with its peak learning rate.

    Args:
        settings: the strategy, the epochs and the decay matter.
        layers: how many the model has.
        learning_rate: the peak.
        now: the epoch that is running, counted from 0.
    """
    st.caption("What learns, and the highest learning rate of each part")
    stages = stages_of(settings, layers=layers)
    st.html(style(palette()) + stack_html(stages, learning_rate=learning_rate, now=now))
