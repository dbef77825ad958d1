"""Few rows get more epochs by default, the page says why, and warns of a run too short to learn."""

import pytest
from fine_tuning_page import open_page, sound, start, text_of, widget

from bertlab.finetuning.planning.steps import epochs_for

pytestmark = pytest.mark.usefixtures("engine_elsewhere")
CHINESE = 280  # of the 350 bundled reviews, to learn from


def test_the_epochs_follow_the_rows_until_somebody_chooses():
    app = open_page(data="chinese_reviews")
    usual = epochs_for(CHINESE, 16)
    assert usual > 3
    assert widget(app.number_input, "Epochs").value == usual
    assert f"{usual} epochs: 280 rows make 18 batches" in text_of(app)
    assert "may hardly move the model" not in text_of(app)
    assert "epochs" not in app.query_params
    sound(widget(app.number_input, "Batch size").set_value(8).run())
    assert widget(app.number_input, "Epochs").value == epochs_for(CHINESE, 8) < usual
    sound(widget(app.number_input, "Epochs").set_value(4).run())
    sound(widget(app.number_input, "Batch size").set_value(16).run())
    assert widget(app.number_input, "Epochs").value == 4  # what is chosen stays
    assert start(app).settings.epochs == 4


def test_too_few_steps_are_warned_of_and_more_are_a_click_away():
    app = open_page(data="chinese_reviews", epochs="3")
    assert "54 steps may hardly move the model" in text_of(app)
    usual = epochs_for(CHINESE, 16)
    sound(widget(app.button, f"Take {usual} epochs").click().run())
    assert "may hardly move the model" not in text_of(app)
    assert widget(app.number_input, "Epochs").value == usual
    assert start(app).settings.epochs == usual
