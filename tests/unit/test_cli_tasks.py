"""`bertlab finetune` and `predict` on label sets and numbers."""

import json

import pytest
from tiny_tasks import NUMBERS, SETS

MARKS = "text,art,food\n" + "\n".join(
    f"{word} {n},{int(word == 'film')},{int(word == 'plate')}"
    for n in range(6)
    for word in ("film", "plate", "rest")
)


@pytest.fixture
def trained(bertlab, tiny_bert_name, tmp_path):
    """Train on a table's text: returns the answer and what was told on standard error."""

    def call(text, *more):
        path = tmp_path / "rows.csv"
        path.write_text(text, encoding="utf-8")
        status, out, err = bertlab(
            "finetune", str(path), "--model", tiny_bert_name, "--epochs", "2", "--device", "cpu",
            "--validation", "0.2", "--test", "0.2", "--json", *more,
        )  # fmt: skip
        assert status == 0, err
        return json.loads(out), err

    return call


def test_numbers_are_found_trained_and_predicted(trained, answer, bertlab):
    result, told = trained(NUMBERS)
    assert "Each text gets a number (regression)." in told
    assert "mean absolute error" in told
    assert {"mean_absolute_error", "pearson", "spearman", "loss", "examples"} <= set(result["test"])
    said = answer("predict", result["run"], "a good film")
    assert set(said) == {"text", "label", "value"}
    assert said["label"] == "stars"
    _, out, _ = bertlab("predict", result["run"], "a good film")
    assert out.startswith("stars ")


def test_label_sets_are_found_trained_and_predicted(trained, answer, bertlab):
    result, told = trained(SETS)
    assert "any number of labels" in told
    assert {"accuracy", "micro_f1", "macro_f1", "loss"} <= set(result["validation"])
    said = answer("predict", result["run"], "good food")
    assert set(said["probabilities"]) == {"art", "food", "praise"}
    assert said["labels"] == [name for name, p in said["probabilities"].items() if p >= 0.5]
    status, out, _ = bertlab("predict", result["run"], "good food")
    assert status == 0
    assert "art " in out


def test_columns_of_marks_are_named(trained):
    result, told = trained(MARKS, "--label-columns", "art", "food")
    assert "any number of labels" in told
    assert "art 6, food 6" in told
    assert "micro_f1" in result["test"]


def test_what_is_predicted_can_be_said(trained):
    stars = "text,stars\n" + "\n".join(f"text {n},{n % 3}" for n in range(30))
    _, told = trained(stars)
    assert "one label" in told
    _, told = trained(stars, "--problem-type", "regression")
    assert "a number (regression)" in told


def test_an_unknown_problem_type_is_refused(refused, tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text(NUMBERS, encoding="utf-8")
    assert "no problem type" in refused("finetune", str(path), "--problem-type", "guess")


def test_windows_can_be_asked_for(trained):
    result, told = trained(NUMBERS.replace("good film", "good film " * 20),
                           "--truncation", "windows", "--max-length", "12")  # fmt: skip
    assert "windows" in told
    assert result["test"]["examples"] == 2
