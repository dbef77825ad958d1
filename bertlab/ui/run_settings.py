"""Fine-tuning, second part: the settings, with defaults that fit the model, and Start."""

import secrets
from dataclasses import replace

import streamlit as st

from bertlab.datasets import Examples, split_examples
from bertlab.engine import submit
from bertlab.finetuning.settings import Resolved, Settings, resolve
from bertlab.runs import create_run
from bertlab.ui import caches, links
from bertlab.ui.guards import explained

STRATEGY_TITLES = {"full": "Full fine-tuning", "frozen": "Frozen encoder"}
STRATEGY_NOTES = {
    "full": "Every weight learns, the embeddings and all layers included.",
    "frozen": "BERT's own weights stay. Each text is encoded once, with dropout off in the "
    "encoder; after that only the new head learns, and an epoch takes moments.",
}
PINNED = {
    "movie_reviews.csv": (
        "a warm and funny film that i would gladly see again",
        "two hours of my life that i will never get back",
        "not as bad as i had feared",
    ),
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
}


def choose_settings(model: str, data_name: str) -> Settings:
    """Draw the settings; everything has a default that just works for this model."""
    tie = links.option_state("strategy", list(STRATEGY_TITLES), "full")
    strategy = st.segmented_control(
        "What learns",
        list(STRATEGY_TITLES),
        format_func=STRATEGY_TITLES.__getitem__,
        required=True,
        **tie,
    )
    st.caption(STRATEGY_NOTES[strategy])
    settings = Settings(model=model, strategy=strategy, pinned=_pinned(data_name))
    with st.expander("More settings", icon=":material/settings:"):
        settings = _more(settings, _resolved(model, strategy))
    for reason in _resolved(model, strategy).reasons:
        st.caption(reason)
    return settings


@st.cache_resource(max_entries=64, show_spinner=False)  # a few hundred bytes each
def _resolved(model: str, strategy: str) -> Resolved:
    return resolve(Settings(model=model, strategy=strategy), caches.config(model))


def _more(settings: Settings, default: Resolved) -> Settings:
    rate = default.settings.learning_rate
    columns = st.columns(3)
    return replace(
        settings,
        epochs=columns[0].number_input(
            "Epochs", 1, 100, settings.epochs, key="finetune_epochs", bind="query-params"
        ),
        batch_size=columns[1].number_input(
            "Batch size", 1, 256, settings.batch_size, key="finetune_batch", bind="query-params"
        ),
        max_length=columns[2].number_input(
            "Longest text (tokens)", 8, 512, default.settings.max_length, key="finetune_length",
            bind="query-params",
        ),
        learning_rate=columns[0].number_input(
            "Learning rate", 1e-7, 1.0, rate, format="%.1e", key=f"finetune_rate_{rate}",
        ),
        seed=columns[1].number_input("Seed", 0, 2**31 - 1, 42, key="finetune_seed"),
        test=columns[2].slider(
            "Test share (%)", 5, 50, 10, 5, key="finetune_test",
            help="Never learned from, looked at once. Validation gets 10 %.",
        ) / 100,
    )  # fmt: skip


def _pinned(data_name: str) -> tuple[str, ...]:
    st.caption("Three sentences of yours, predicted anew while the model learns:")
    defaults = PINNED.get(data_name, ("", "", ""))
    texts = [
        column.text_input(
            f"Sentence {number + 1}",
            default,
            key=f"finetune_pinned_{number}_{data_name}",
            max_chars=300,
            placeholder="A sentence to watch",
        )
        for number, (column, default) in enumerate(zip(st.columns(3), defaults, strict=True))
    ]
    return tuple(text.strip() for text in texts if text and text.strip())


def start_button(examples: Examples, settings: Settings, data_name: str) -> None:
    """Start: the run is stored and queued; its random id goes into the address."""
    if not st.button("Start", type="primary", icon=":material/play_arrow:", key="finetune_start"):
        return
    with explained(), st.spinner("Storing the data and queueing the run …"):
        split = split_examples(
            examples, validation=settings.validation, test=settings.test, seed=settings.seed
        )
        owner = st.session_state.setdefault("owner", secrets.token_urlsafe(16))
        run = create_run(settings, split, owner=owner, source_name=data_name)
        submit(run)
    st.session_state.setdefault("own_runs", []).insert(0, run.id)
    st.session_state["run_notes"] = {run.id: split.warnings}
    open_in_page(run.id)


def open_in_page(run_id: str | None) -> None:
    """Show a run, or the settings again."""
    st.session_state["run"] = run_id or ""
    st.rerun()
