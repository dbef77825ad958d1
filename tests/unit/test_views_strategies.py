"""The stack of a strategy: what learns when, in words and in cells."""

from bertlab.finetuning.strategies.strategies import stages_of
from bertlab.runs.settings import Settings
from bertlab.views.fine_tuning.strategies import describe_stages, part_name, stack_html


def test_stages_join_equal_epochs():
    assert [(s.first, s.last) for s in stages_of(Settings(epochs=5), layers=2)] == [(0, 4)]
    gradual = stages_of(Settings(strategy="gradual", epochs=3), layers=4)
    assert [(s.first, s.last) for s in gradual] == [(0, 0), (1, 1), (2, 2)]
    slow = stages_of(Settings(strategy="gradual", epochs=5), layers=1)
    assert [(s.first, s.last) for s in slow] == [(0, 2), (3, 4)]  # round(0.5) is 0, round(0.75) 1


def test_the_picture_says_what_learns():
    stages = stages_of(Settings(strategy="top", trained_layers=1), layers=2)
    assert describe_stages(stages) == "epochs 1–3: head, layer 1 learn."
    html = stack_html(stages, learning_rate=3e-4)
    assert html.count('class="fs-on"') == 2
    assert html.count("still") == 2
    assert html.index("head</span>") < html.index("layer 1</span>") < html.index("embeddings<")
    assert ">3e-4<" in html


def test_the_rates_of_a_decay_are_written_out_and_the_epoch_of_now_is_framed():
    html = stack_html(stages_of(Settings(layer_decay=0.5), layers=2), learning_rate=4e-4)
    for rate in ("4e-4", "2e-4", "1e-4", "5e-5"):
        assert f">{rate}<" in html
    stages = stages_of(Settings(strategy="gradual", epochs=3), layers=4)
    framed = stack_html(stages, learning_rate=1e-4, now=1)
    assert framed.count("fs-now") == 1
    assert '<b class="fs-now">epoch 2</b>' in framed


def test_parts_have_names():
    assert [part_name(depth, 2) for depth in range(4)] == [
        "embeddings",
        "layer 0",
        "layer 1",
        "head",
    ]
