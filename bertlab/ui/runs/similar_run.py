"""Start one like it: a run's settings, filled in for a run of one's own."""

from typing import Any

import streamlit as st

from bertlab.pretraining.presets import SIZES
from bertlab.pretraining.settings import PretrainingSettings
from bertlab.runs.settings import Settings
from bertlab.training.curves import rate_text
from bertlab.ui.state import url_state
from bertlab.ui.training.start import open_in_page


def like_finetuning(settings: Settings, data_name: str) -> dict[str, str]:
    """Write settings as the fine-tuning page's address has them.

    Settings(epochs=5), "messy.csv" -> {"epochs": "5", "data": "messy", "rate": "auto", ...}

    Args:
        settings: of the run.
        data_name: what its data is called; a table of somebody's own is not passed on.
    """
    rate = settings.learning_rate
    values: dict[str, Any] = {
        "model": settings.model,
        "data": data_name.removesuffix(".csv"),
        "strategy": settings.strategy,
        "layers": settings.trained_layers,
        "rank": settings.lora_rank,
        "epochs": settings.epochs,
        "batch": settings.batch_size,
        "length": settings.max_length,
        "rate": "auto" if rate is None else _rate_name(rate),
        "seed": settings.seed,
        "validation": round(100 * settings.validation),  # 0 for a file of one's own: passed over
        "test": round(100 * settings.test),
        "patience": settings.patience,
        "decay": round(100 * settings.layer_decay),
        "warmup": round(100 * settings.warm_up),
        "clip": f"{settings.clip:g}",
        "precision": settings.precision,
        "weights": int(settings.class_weights),
        "truncation": settings.truncation,
    }
    return {key: str(value) for key, value in values.items()}


def _rate_name(rate: float) -> str:
    """As the page's list writes it, 3e-4, where that is exact."""
    return rate_text(rate) if float(rate_text(rate)) == rate else f"{rate:g}"


def like_pretraining(settings: PretrainingSettings) -> dict[str, str]:
    """Write settings as the pre-training page's address has them; a text of one's own is left out.

    Args:
        settings: of the run.
    """
    sizes = [name for name, size in SIZES.items() if size == settings.architecture]
    values: dict[str, Any] = {
        "bert_text": settings.name,
        **({"bert_size": sizes[0]} if sizes else {}),
        "bert_passes": round(settings.sources[0].passes),
        "bert_masked": round(100 * settings.masked_share),
        "bert_next": int(settings.pair_share > 0),
        "bert_seed": settings.seed,
    }
    return {key: str(value) for key, value in values.items()}


def start_one_like(values: dict[str, str], *, key: str = "run") -> None:
    """Draw the button that fills the settings in; what the page does not offer is passed over.

    Args:
        values: As in the page's address.
        key: Under which the page's address and this session name a run.
    """
    if st.button(
        "Start one like it", icon=":material/content_copy:", key=f"{key}_like", width="stretch",
        help="Opens the settings of this run, filled in. Data that somebody brought stays theirs: "
        "bring your own, or take a sample.",
    ):  # fmt: skip
        url_state.bring(values)
        open_in_page(None, key=key)
