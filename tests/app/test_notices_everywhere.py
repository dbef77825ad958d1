"""Whatever a lesson opens with or suggests, "What to notice" says what came out, in numbers."""

import html
import importlib
import re

import pytest

# lesson: whether its notices belong to a part of the page that is not always open
LESSONS = (
    *("home", "tokenization", "vocabularies", "masked_words", "next_sentence", "token_path"),
    *("attention", "attention_cell", "heads", "ablation", "layers", "embeddings", "pretraining"),
)
MODELS = {"en": "bertlab-mini-en", "zh": "bertlab-mini-zh"}


def noticed(lesson) -> list[str]:
    """The sentences under "What to notice", as a student reads them."""
    return [html.unescape(text) for text in re.findall(r"<li>(.*?)</li>", lesson.html, re.DOTALL)]


def trials(name: str, language: str):
    found = importlib.import_module(f"bertlab.ui.lessons.examples.{name}").TRIALS
    return found[language] if isinstance(found, dict) else found


def hold(lesson, where: str) -> None:
    said = noticed(lesson)
    assert said, where
    assert not any("Nothing clear" in sentence for sentence in said), where
    assert any(re.search(r"\d", sentence) for sentence in said), (where, said)


@pytest.mark.parametrize("language", MODELS)
@pytest.mark.parametrize("name", LESSONS)
def test_every_view_and_every_trial_says_what_came_out_in_numbers(open_lesson, name, language):
    lesson = open_lesson(name, model=MODELS[language]).sound()
    hold(lesson, "at first")
    for trial in trials(name, language):
        if trial.state.get("part") == "train" or "model" in trial.state:
            continue  # a form without a figure yet; another model's first view is tried by itself
        hold(lesson.click(trial.label).sound(), trial.label)
