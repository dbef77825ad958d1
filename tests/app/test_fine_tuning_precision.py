"""Mixed precision: explained with a computed number, and shown while a run trains."""

from dataclasses import replace

import pytest
from fine_tuning_page import make_run, open_page, sound, text_of, widget

from bertlab.devices import bf16_gain, supports_bf16
from bertlab.finetuning.execute import execute
from bertlab.runs.status import write_status

pytestmark = pytest.mark.usefixtures("engine_elsewhere")


def test_the_settings_explain_it_with_a_number_computed_here():
    app = open_page()
    said = text_of(app).replace("*", "")
    assert (
        "a typical weight of 0.0500488 and a step of 2e-05 make 0.050069 in float32 and 0.050049"
        in said
    )
    assert "the next number that bf16 has is 0.050293" in said
    assert "in float32: the weights, the optimizer's state" in said
    does = "is faster in bf16" if supports_bf16("cpu") else "is not faster in bf16"
    assert does in said
    gain = bf16_gain("cpu")  # measured once a process: the page says this very number
    times = f"{gain:.1f} times as fast" if gain >= 1 else f"{1 / gain:.1f} times as slow"
    assert f"Measured here: a product of matrices is {times} in bf16 as in float32" in said
    assert "twice as fast" not in said + "".join(box.help or "" for box in app.selectbox)


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
