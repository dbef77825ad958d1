"""Lesson 5: teach a pre-trained BERT labels of one's own."""

import streamlit as st

from bertlab.finetuning.evaluation import evaluate
from bertlab.finetuning.loop import train
from bertlab.finetuning.metrics import wilson_interval
from bertlab.finetuning.optimization import start_training
from bertlab.ui.app.lesson import code_that_ran, open_lesson, try_this
from bertlab.ui.lessons.examples.fine_tuning import TRIALS
from bertlab.ui.lessons.fine_tuning.data import choose_examples
from bertlab.ui.lessons.fine_tuning.languages import report_languages
from bertlab.ui.lessons.fine_tuning.settings import OPTIONS, choose_settings
from bertlab.ui.runs.ownership import take_control
from bertlab.ui.runs.result import TRIED, show
from bertlab.ui.runs.run_list import model_of, own_runs, run_heading, warn_about_run
from bertlab.ui.runs.run_view import follow
from bertlab.ui.state import url_state
from bertlab.ui.state.guards import explained
from bertlab.ui.state.language import lesson_language
from bertlab.ui.training.data_report import first_example
from bertlab.ui.training.start import start_bar
from bertlab.ui.widgets.glossary import prose

run_id = url_state.state("run", "", str)
url_state.publish("run", run_id)
model = open_lesson(
    "Fine-tuning",
    "[[Fine-tuning|fine-tuning]] puts a small new layer on a pre-trained BERT and trains on "
    "labelled texts: minutes instead of weeks. The rows are split in three: one part to learn "
    "from, one ([[validation]]) to choose the best [[epoch]], and one ([[test]]) for the "
    "final score: it stays hidden until you ask for it, and your looks at it are counted.",
    model=model_of(run_id),
)
take_control(run_id)
for key in OPTIONS if run_id else TRIED:  # a run has its own settings: its link is short
    url_state.publish(key, "")
if run_id:
    with explained():
        run = run_heading(run_id)
    warn_about_run(run)
    status = run.status()
    if status.is_final:
        show(run, status)
    else:
        follow(run)
else:
    st.subheader("1 · Data", anchor=False)
    examples, data_name, own = choose_examples(lesson_language(model))
    report_languages(model, examples)
    first_example(model, examples)
    st.subheader("2 · Settings", anchor=False)
    settings = choose_settings(model, data_name, examples, own)
    st.subheader("3 · Training", anchor=False)
    prose(
        "It runs outside the page: refresh, close the browser or open the link in a second tab, "
        "and nothing is lost. The data and the model stay on this machine until you delete the run."
    )
    start_bar(examples, settings, data_name, own)
    own_runs()
try_this(TRIALS[lesson_language(model)])
code_that_ran(start_training, train, evaluate, wilson_interval)
