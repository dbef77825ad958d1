"""Fine-tuning, second part: the settings, with defaults that fit the model."""

from dataclasses import replace
from typing import Any

import streamlit as st

from bertlab.datasets import REGRESSION, Examples
from bertlab.errors import InputError
from bertlab.finetuning.defaults import resolve
from bertlab.runs.limits import limits
from bertlab.runs.settings import (
    MAX_BATCH_SIZE,
    MAX_EPOCHS,
    MAX_LENGTH,
    MIN_LAYER_DECAY,
    PRECISIONS,
    Settings,
)
from bertlab.training.curves import rate_text
from bertlab.ui.lessons.fine_tuning.lr_finder import draw_rate_search
from bertlab.ui.lessons.fine_tuning.precision import explain_precision
from bertlab.ui.state import caches, url_state
from bertlab.ui.state.guards import explained
from bertlab.ui.training.epochs import explain_epochs, follow_rows
from bertlab.ui.training.lengths import choose_truncation, draw_lengths, warn_of_cutting
from bertlab.ui.training.limits import tell_limits
from bertlab.ui.training.provided_splits import OwnPart, OwnParts
from bertlab.ui.training.strategy import choose_strategy, draw_plan, explain_strategy

# what of the choices stands in the address
OPTIONS = (
    "data", "strategy", "layers", "rank", "epochs", "batch", "length", "rate", "seed", "validation",
    "test", "patience", "decay", "warmup", "clip", "precision", "weights", "truncation",
    "run_name",
    *(f"watch_{number}{ending}" for number in range(3) for ending in ("", "_id")),
)  # fmt: skip
CLIPS = ("0.1", "0.5", "1", "2", "5", "10")
PRECISION_TITLES = {"auto": "what is fastest", "bf16": "bf16", "fp32": "float32"}
SUITS = "auto"  # the learning rate that suits the model
RATES = ("1e-5", "2e-5", "3e-5", "5e-5", "1e-4", "2e-4", "3e-4", "5e-4", "1e-3", "2e-3", "5e-3")
PINNED_CHARACTERS = 300
FILMS = (
    "a warm and funny film that i would gladly see again",
    "two hours of my life that i will never get back",
    "not as bad as i had feared",
)
PINNED = {
    "movie_reviews.csv": FILMS,
    "subjectivity.csv": (
        "the plot is thin but the music is wonderful",
        "a young detective returns to his home town to find his sister",
        "you will laugh until it hurts",
    ),
    "chinese_reviews.csv": (
        "房间很干净，下次还会来",
        "等了一个小时，菜还是凉的",
        "不算难吃，但也不会再来",
    ),
    "messy.csv": (
        "it works well and i use it every day",
        "broken after a week",
        "not as bad as i had feared",
    ),
}


def choose_settings(model: str, data_name: str, examples: Examples, own: OwnParts) -> Settings:
    """Draw the settings; everything has a default that just works for this model.

    Args:
        model: What is to be fine-tuned.
        data_name: What the data is called; a sample comes with sentences to watch.
        examples: What it is to learn from; of pairs a single sentence says nothing.
        own: Parts that were brought: they take the place of a share.
    """
    strategy = choose_strategy()
    left, right = st.columns(2, gap="large")
    with left:
        chosen = explain_strategy(model, strategy)
    pinned = () if examples.pairs is not None else _pinned(data_name)
    with explained():
        settings = Settings(model=model, strategy=strategy, pinned=pinned, **chosen)
    with st.expander("More settings", icon=":material/settings:"), explained():
        settings = _advanced(_more(settings, examples, own), examples)
        settings = replace(settings, truncation=choose_truncation())
        draw_lengths(model, examples, settings.max_length, settings.truncation)
        draw_rate_search(settings, examples)
    with explained():
        resolved = resolve(settings, caches.config(model))
    with right:
        draw_plan(resolved.settings)
    explain_epochs(settings, examples, own)
    for reason in resolved.reasons:
        st.markdown(reason)
    tell_limits()
    warn_of_cutting(model, examples, resolved.settings.max_length, settings.truncation)
    return settings


def _more(settings: Settings, examples: Examples, own: OwnParts) -> Settings:
    """The numbers, each with its limits, and in the address where it is not the default."""
    one, two, three, four = st.columns(4)
    most = limits()
    usual = follow_rows(settings, examples, own)
    epochs = _number(one, "epochs", "Epochs", 1, min(MAX_EPOCHS, most.epochs), usual)
    batch = _number(two, "batch", "Batch size", 1, MAX_BATCH_SIZE, settings.batch_size)
    length = _number(
        three, "length", "Longest text (tokens)", 8, min(MAX_LENGTH, most.length),
        settings.max_length,
        help="What is longer is cut: the histogram below shows how many are.",
    )  # fmt: skip
    rate = _learning_rate(four, settings)
    one, two, three, four = st.columns(4)
    seed = _number(
        one, "seed", "Seed", 0, 2**31 - 1, settings.seed,
        help="Fixes the split, the first weights that are random, the order and the dropout.",
    )  # fmt: skip
    validation = _share(two, "validation", own.validation, help="Chooses the best epoch.")
    test = _share(three, "test", own.test, help="Never learned from, looked at once.")
    name = four.text_input(
        "Name of the run", max_chars=80, placeholder="the file's name",
        **url_state.line_state("run_name", ""),
    )  # fmt: skip
    return replace(
        settings, epochs=epochs, batch_size=batch, max_length=length, learning_rate=rate,
        seed=seed, validation=validation, test=test, name=(name or "").strip(),
    )  # fmt: skip


def _advanced(settings: Settings, examples: Examples) -> Settings:
    """How the steps are taken: for those who want to see what such a choice does."""
    one, two, three, four = st.columns(4)
    patience = _number(
        one, "patience", "Early stopping (epochs)", 0, MAX_EPOCHS, settings.patience,
        help="Ends after so many epochs in which validation found nothing better; 0: never.",
    )  # fmt: skip
    decay = _number(
        two, "decay", "Rate from layer to layer (%)", round(100 * MIN_LAYER_DECAY), 100, 100,
        help="Layer-wise decay (Sun et al. 2019): each layer takes this share of the learning "
        "rate of the one above it; 95 is usual, 100 is none.",
    )  # fmt: skip
    warm_up = _number(
        three, "warmup", "Warm-up (%)", 0, 50, round(100 * settings.warm_up),
        help="Share of the steps in which the learning rate rises to its peak.",
    )  # fmt: skip
    clip = four.selectbox(
        "Longest gradient", CLIPS,
        help="Gradient clipping: a longer gradient is shortened to this length, so that one odd "
        "batch cannot throw the weights about.",
        **url_state.option_state("clip", CLIPS, "1"),
    )  # fmt: skip
    are_numbers = examples.problem_type == REGRESSION  # which have no classes
    one, two, three = st.columns([1, 1, 2], vertical_alignment="bottom")
    precision = one.selectbox(
        "Precision", list(PRECISIONS), format_func=PRECISION_TITLES.__getitem__,
        help="bf16 keeps 8 binary digits of a number instead of 24. Where the hardware computes in "
        "it that is faster: how much on this machine is measured under “What is mixed precision?”.",
        **url_state.option_state("precision", list(PRECISIONS), "auto"),
    )  # fmt: skip
    weights = two.toggle(
        "Class weights", help="A mistake costs more the rarer its class is, so that a rare class "
        "is not simply given up.", disabled=are_numbers, **url_state.flag_state("weights", False),
    )  # fmt: skip
    with three:
        explain_precision(settings.strategy, str(precision))
    return replace(
        settings, patience=patience, layer_decay=decay / 100, warm_up=warm_up / 100,
        clip=float(clip), precision=str(precision),
        class_weights=bool(weights) and not are_numbers,
    )  # fmt: skip


def _number(
    place: Any, key: str, title: str, low: int, high: int, default: int, *, help: str = ""
) -> int:
    """A whole number; what is asked for by default is no more than is allowed."""
    low, default = min(low, high), min(default, high)
    told = f"From {low:,} to {high:,}. {help}"
    state = url_state.number_state(key, low, high, default)
    return int(place.number_input(title, low, high, step=1, help=told, **state))


def _share(place: Any, key: str, own: OwnPart | None, *, help: str) -> float:
    """The share that is split off, 0 to 1; 0 where the student brought the part."""
    if own is not None:
        place.text_input(key.capitalize(), str(own), disabled=True, help=help)
        return 0.0
    return _number(place, key, f"{key.capitalize()} share (%)", 5, 50, 10, help=help) / 100


def _learning_rate(place: Any, settings: Settings) -> float | None:
    """None for the one that suits the model; any other can be typed."""
    suits = resolve(settings, caches.config(settings.model)).settings.learning_rate
    url_state.publish("rate", url_state.state("rate", SUITS, _rate_name), SUITS)
    chosen = place.selectbox(
        "Learning rate",
        [SUITS, *RATES],
        format_func=lambda name: f"{rate_text(suits)} · suits it" if name == SUITS else name,
        accept_new_options=True,
        help="The highest, after the warm-up. Take one from the list, or type your own.",
        **url_state.bind("rate"),
    )
    if chosen is None or chosen == SUITS:
        return None
    try:
        return float(chosen)
    except ValueError as error:
        raise InputError(
            f"The learning rate {chosen!r} is no number. Type one such as 3e-4 or 0.0003."
        ) from error


def _rate_name(value: str) -> str:
    if value != SUITS and not 1e-8 <= float(value) <= 1:
        raise ValueError(f"{value} is no learning rate.")
    return value


def _pinned(data_name: str) -> tuple[str, ...]:
    st.markdown("Three sentences of yours to watch: they are predicted anew as the model learns.")
    defaults = PINNED.get(data_name, ("", "", ""))
    texts = [
        column.text_input(
            f"Sentence {number + 1}",
            max_chars=PINNED_CHARACTERS,
            placeholder="Optional: a sentence to watch",
            **url_state.line_state(f"watch_{number}", default, of=data_name),
        )
        for number, (column, default) in enumerate(zip(st.columns(3), defaults, strict=True))
    ]
    return tuple(text.strip() for text in texts if text and text.strip())
