"""The examples of the lesson on one attention cell."""

from bertlab.ui.app.lesson import Trial
from bertlab.ui.widgets.example import ELEPHANT, Example
from bertlab.ui.widgets.token_selection import cell_state

IN_STEPS = {"cell_step": "6", "cell_view": "steps"}
STEP_BY_STEP = Trial(
    "From the start, step by step",
    "Only q and k at first. Take the steps above the picture one at a time.",
    {"cell_step": "1", "cell_view": "steps"},
)
BY_BERTVIZ = Trial(
    "All keys at once",
    "bertviz's neuron view: the query meets every key. Point at another token.",
    {"cell_view": "neuron"},
)
EXAMPLES = {
    "en": (
        ELEPHANT["en"],
        Example("Who was tired?", "The animal did not cross the street because it was too tired."),
        Example("The same word twice", "The man who sold the house bought the house back."),
        Example("A question and its answer", "Where is the cat?", "It sleeps on the sofa."),
        Example("中文", "我们明天去公园玩。"),
    ),
    "zh": (
        ELEPHANT["zh"],
        Example("谁累了？", "那只动物没有过马路，因为它太累了。"),
        Example("同一个词", "卖房子的人又把房子买了回来。"),
        Example("一问一答", "小猫在哪里？", "它在沙发上睡觉。"),
        Example("English", "We go to the park."),
    ),
}
TRIALS = {
    "en": (
        STEP_BY_STEP,
        Trial(
            "Does “it” find its noun?",
            "The cell of “it” and “animal” in one head. Try other heads: does any give it much?",
            {"text": EXAMPLES["en"][1].text, "pair": "", **cell_state(9, 2), **IN_STEPS},
        ),
        BY_BERTVIZ,
    ),
    "zh": (
        STEP_BY_STEP,
        Trial(
            "“它”是谁？",
            "The cell of 它 and 动. Try other heads: does any give it much?",
            {"text": EXAMPLES["zh"][1].text, "pair": "", **cell_state(13, 3), **IN_STEPS},
        ),
        BY_BERTVIZ,
    ),
}
