"""The languages of a table's texts, what the model cannot read of each, and the model that can."""

import streamlit as st

from bertlab.datasets import Examples
from bertlab.languages import Languages, advise, find_languages
from bertlab.languages.shares import CHARACTERS
from bertlab.ui.figures.tables import HEAD, ROW, TALLEST
from bertlab.ui.state import caches
from bertlab.ui.state.guards import explained, plain
from bertlab.ui.state.object_cache import kept_with
from bertlab.ui.widgets.model_picker import choose_button
from bertlab.views.fine_tuning.findings import languages_table

NAMED = 3  # languages in the title


def report_languages(model: str, examples: Examples) -> None:
    """Draw the languages with their share of [UNK]; where it is high, the models that fit."""
    with explained():
        languages = _languages(model, examples)
        advice = advise(model, languages, caches.tokenizer)
    for one in advice:
        st.warning(plain(one.message), icon=":material/translate:")
    models = {info.name: info for one in advice for info in one.models}
    if models:
        with st.container(horizontal=True):
            for info in models.values():
                choose_button(info)
    unknown_token = str(caches.tokenizer(model).unk_token or "[UNK]")
    with st.expander(_title(languages), icon=":material/translate:"):
        table = languages_table(languages.shares, unknown_token)
        st.dataframe(table, hide_index=True, height=min(HEAD + ROW * len(table), TALLEST))
        st.caption(_how(languages, model, unknown_token))


def _languages(model: str, examples: Examples) -> Languages:
    """Kept with the examples: the page runs anew at every click."""

    def find() -> Languages:
        texts = examples.texts
        if examples.pairs is not None:
            texts = tuple(map("\n".join, zip(texts, examples.pairs, strict=True)))
        return find_languages(caches.tokenizer(model), texts)

    return kept_with(examples, ("languages", model), find)


def _title(languages: Languages) -> str:
    shares = languages.shares
    named = " · ".join(f"{share.name} {share.texts:,}" for share in shares[:NAMED])
    more = f" · {len(shares) - NAMED} more" if len(shares) > NAMED else ""
    title = "Language" if len(shares) == 1 else "Languages"
    if languages.looked_at < languages.total:
        title += f" of {languages.looked_at:,} texts"
    return f"{title}: {plain(named)}{more}"


def _how(languages: Languages, model: str, unknown_token: str) -> str:
    some = (
        f"all {languages.total:,} texts"
        if languages.looked_at == languages.total
        else f"{languages.looked_at:,} of the {languages.total:,} texts, taken from all over"
    )
    return plain(
        f"Told by their letters from {some}, each up to its {CHARACTERS}th character. A text too "
        f"short to tell is judged by those around it. The share of {unknown_token} is that of "
        f"{model}'s tokens; a language of few texts may be a mistake."
    )
