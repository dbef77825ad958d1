"""Fine-tuning, second part: the learning-rate finder."""

import streamlit as st

from bertlab.datasets import Examples
from bertlab.finetuning.planning.lr_finder import create_rate_search, rate_search_key
from bertlab.runs.settings import Settings
from bertlab.ui.figures.charts import plot
from bertlab.ui.state.guards import explained
from bertlab.ui.state.student import student_id
from bertlab.ui.state.theme import palette
from bertlab.ui.training import probes
from bertlab.views.fine_tuning.lr_finder import describe_rates, rate_curve, rates_table


def draw_rate_search(settings: Settings, examples: Examples) -> None:
    """Offer to search a learning rate; show what was found for this model on these texts."""
    key = rate_search_key(settings, examples)
    found = probes.answer(key)
    if found is not None:
        points = [(float(rate), float(loss)) for rate, loss in found["points"]]
        words = describe_rates(points, found["suggestion"])
        figure = rate_curve(points, palette(), suggestion=found["suggestion"])
        plot(figure, key="finetune_rates", alt=words, table=lambda: rates_table(points))
        st.markdown(words)
    elif probes.is_asked(key):
        probes.wait(key, "Trying learning rates from 1e-6 up …")
    elif st.button(
        "Find a learning rate", icon=":material/search:", key="finetune_find_rate",
        help="One short training in which the rate rises from step to step until the loss breaks "
        "away (Smith 2017). The model is thrown away.",
    ):  # fmt: skip
        with explained():
            probes.ask(key, lambda: create_rate_search(settings, examples, owner=student_id()))
        st.rerun()
