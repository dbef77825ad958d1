"""The one model picker; its choice travels from lesson to lesson."""

from concurrent.futures import ThreadPoolExecutor, wait

import streamlit as st

from bertlab.inspection.masked_lm import why_no_blanks
from bertlab.models import DEFAULT_MODEL, ModelInfo, find_model, known_models
from bertlab.models.catalog import models_at_hand
from bertlab.models.download import download
from bertlab.runs.limits import limits
from bertlab.ui.state import caches, url_state
from bertlab.ui.state.guards import explained, plain


def draw() -> None:
    """Put the picker into the sidebar and its choice into the address."""
    models = {model.name: model for model in known_models()}
    chosen = url_state.state("model", DEFAULT_MODEL, _known)
    if chosen not in models:  # it was taken away while the session had it
        chosen = st.session_state["model"] = DEFAULT_MODEL
    with st.sidebar:
        st.selectbox(
            "Model",
            list(models),
            format_func=lambda name: _describe(models[name]),
            help="Embedded models work without the internet. Others say what they need.",
            **url_state.bind("model"),
        )
    url_state.publish("model", chosen_model(), DEFAULT_MODEL)


def chosen_model() -> str:
    """The name of the model that the student works with."""
    return st.session_state.get("model", DEFAULT_MODEL)


def require_model() -> str:
    """The chosen model's name; ends the page with a way to get it where it is not here."""
    if problem := url_state.complaint("model"):
        st.warning(plain(problem), icon=":material/link_off:")
    with explained():
        info = find_model(chosen_model())
    if not info.is_here:
        _offer(info)
        st.stop()
    return info.name


def _offer(info: ModelInfo) -> None:
    where = "cannot be used" if info.source == "folder" else "is not on this machine"
    text = f"**{plain(info.name)}** {where}. {plain(info.note)}."
    st.info(text, icon=":material/download:")
    left, right = st.columns(2)
    left.button(f"Use {DEFAULT_MODEL} instead", on_click=_choose, args=(DEFAULT_MODEL,))
    if info.source != "hub":
        return
    with explained():
        may_fetch = limits().downloads
    if not may_fetch:
        st.markdown("Fetching models is switched off here: ask whoever runs BertLab.")
    elif right.button("Download it now", key="picker_download"):
        _download(info)


def offer_tokenizer(info: ModelInfo) -> None:
    """A button that fetches a model's tokenizer, without its weights."""
    with explained():
        may_fetch = limits().downloads
    if may_fetch and st.button(
        f"Fetch {info.name}", key=f"fetch_{info.name}", icon=":material/download:"
    ):
        _download(info, tokenizer_only=True)


def _download(info: ModelInfo, *, tokenizer_only: bool = False) -> None:
    """Fetch in a thread and draw from this one: other threads may not draw on a page."""
    with explained():
        limits().check_download(info.name)  # whatever was drawn: here it is decided
    bar = st.progress(0.0, f"Asking for {info.name} …")
    progress = [0.0, 0.0]  # bytes so far, bytes in all

    def note(done: float, total: float) -> None:
        progress[:] = done, total

    with explained(), ThreadPoolExecutor(max_workers=1) as pool:
        task = pool.submit(download, info.name, tokenizer_only=tokenizer_only, on_progress=note)
        while not task.done():
            done, total = progress
            share = min(done / total, 1.0) if total else 0.0
            bar.progress(share, f"{info.name}: {done / 1e6:.0f} of {total / 1e6:.0f} MB")
            wait([task], timeout=0.3)
        task.result()
    st.rerun()


def choose_button(info: ModelInfo) -> None:
    """A button that changes to another model."""
    needs = "" if info.is_here else f" ({_needs(info)})"
    st.button(
        f"Use {info.name}{needs}", key=f"choose_{info.name}", on_click=_choose, args=(info.name,)
    )


def require_mlm_head(model: str) -> None:
    """End a page about filled blanks where the model has no head for it, with a way on."""
    if caches.facts(model).has_mlm_head:
        return
    with explained():
        reason = why_no_blanks(caches.model(model))
    st.info(reason, icon=":material/help:")
    offer_models_with_head()
    st.stop()


def offer_models_with_head() -> None:
    """Buttons for the models on this machine that fill blanks."""
    with st.container(horizontal=True):
        for info in known_models():
            if info.is_here and info.has_mlm_head:
                choose_button(info)


def _choose(name: str) -> None:
    st.session_state["model"] = name


def _known(name: str) -> str:
    """Accept what the catalogue offers; an address may hold anything."""
    if name not in {model.name for model in known_models()}:
        raise ValueError(
            f"The address asks for the model “{name[:80]}”, which is not among those offered here; "
            f"{chosen_model()} is shown instead. {models_at_hand()}"
        )
    return name


def _describe(model: ModelInfo) -> str:
    if model.is_here:
        return f"{model.name} · on this machine"
    return f"{model.name} · {_needs(model)}"


def _needs(model: ModelInfo) -> str:
    if model.source == "folder":
        return "cannot be used"
    if model.source == "package":
        return "needs an extra package"
    return f"needs {model.size_mb:.0f} MB" if model.size_mb else "needs its weights"
