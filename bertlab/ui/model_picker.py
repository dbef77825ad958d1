"""The one model picker; its choice travels from lesson to lesson."""

import streamlit as st

from bertlab.models import DEFAULT_MODEL, ModelInfo, find_model, known_models
from bertlab.models.catalog import models_at_hand
from bertlab.models.download import download
from bertlab.ui import links
from bertlab.ui.guards import explained, plain


def draw() -> None:
    """Put the picker into the sidebar and its choice into the address."""
    models = {model.name: model for model in known_models()}
    chosen = links.state("model", DEFAULT_MODEL, _known)
    models.setdefault(chosen, find_model(chosen))
    with st.sidebar:
        st.selectbox(
            "Model",
            list(models),
            format_func=lambda name: _describe(models[name]),
            help="Embedded models work without the internet. Others say what they need.",
            **links.bound("model"),
        )
    links.publish("model", chosen_model(), DEFAULT_MODEL)


def chosen_model() -> str:
    """The name of the model that the student works with."""
    return st.session_state.get("model", DEFAULT_MODEL)


def require_model() -> str:
    """The chosen model's name; ends the page with a way to get it where it is not here."""
    if problem := links.complaint("model"):
        st.warning(plain(problem), icon=":material/link_off:")
    with explained():
        info = find_model(chosen_model())
    if not info.is_here:
        _offer(info)
        st.stop()
    return info.name


def _offer(info: ModelInfo) -> None:
    st.info(f"**{info.name}** is not on this machine. {info.note}", icon=":material/download:")
    left, right = st.columns(2)
    left.button(f"Use {DEFAULT_MODEL} instead", on_click=_choose, args=(DEFAULT_MODEL,))
    if info.source == "hub" and right.button("Download it now", key="picker_download"):
        _download(info)


def _download(info: ModelInfo) -> None:
    bar = st.progress(0.0, f"Asking for {info.name} …")

    def show(done: float, total: float) -> None:
        share = min(done / total, 1.0) if total else 0.0
        bar.progress(share, f"{info.name}: {done / 1e6:.0f} of {total / 1e6:.0f} MB")

    with explained():
        download(info.name, on_progress=show)
    st.rerun()


def choose_button(info: ModelInfo) -> None:
    """A button that changes to another model."""
    needs = "" if info.is_here else f" (needs {info.size_mb:.0f} MB)"
    st.button(
        f"Use {info.name}{needs}", key=f"choose_{info.name}", on_click=_choose, args=(info.name,)
    )


def offer_models_with_head() -> None:
    """Buttons for the models on this machine that fill blanks."""
    with st.container(horizontal=True):
        for info in known_models():
            if info.is_here and info.has_mlm_head:
                choose_button(info)


def models_for(text: str, *, besides: str) -> list[ModelInfo]:
    """Models whose vocabulary has the text's script, those on this machine first."""
    wanted = ("zh", "multi") if has_chinese(text) else ("multi", "en")
    fitting = [m for m in known_models() if m.language in wanted and m.name != besides]
    return sorted(fitting, key=lambda m: (not m.is_here, wanted.index(m.language)))[:2]


def has_chinese(text: str) -> bool:
    """Whether there are Han characters: true for "very 好"."""
    return any("\u3400" <= c <= "\u9fff" for c in text)


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
    if model.source == "package":
        return f"{model.name} · needs an extra package"
    return f"{model.name} · needs {model.size_mb:.0f} MB"
