"""Mixed precision: explained with a computed number, and shown while a run trains."""

from dataclasses import replace

import pytest
from fine_tuning_page import make_run, open_page, sound, text_of, widget

from bertlab.devices import supports_bf16
from bertlab.finetuning.execute import execute
from bertlab.runs.status import write_status

pytestmark = pytest.mark.usefixtures("engine_elsewhere")


def test_the_settings_explain_it_with_a_number_computed_here():
    said = text_of(open_page()).replace("*", "")
    assert "make 1.001000 in float32 and 1.000000 in bf16" in said
    assert "the next number that bf16 has is 1.0078125" in said
    assert "in float32: the weights, the optimizer's state" in said
    does = "is faster in bf16" if supports_bf16("cpu") else "is not faster in bf16"
    assert does in said


@pytest.mark.parametrize(
    ("chosen", "says"), [("bf16", "Here: mixed precision, bf16"), ("fp32", "Here: float32")]
)
def test_the_choice_is_told_in_words(chosen, says):
    app = open_page()
    sound(widget(app.selectbox, "Precision").set_value(chosen).run())
    assert says in text_of(app)


@pytest.mark.parametrize(("chosen", "says"), [("bf16", "matrix products in bf16"),
                                              ("fp32", "Computed on cpu, in float32")])  # fmt: skip
def test_a_run_that_trains_shows_its_precision(tiny_bert_name, chosen, says):
    run = make_run(tiny_bert_name, precision=chosen)
    execute(run)
    write_status(run.folder / "status.json", replace(run.status(), phase="training"))
    assert says in text_of(open_page(run=run.id))
