"""The examples of the lesson on a token's path."""

from bertlab.ui.app.lesson import Trial
from bertlab.ui.widgets.example import ELEPHANT, Example

START = Trial(
    "Walk from the start",
    "Begin at the piece, then press Next (or the arrow keys in the picture) block by block.",
    {"block": "piece"},
)
FRAME = Trial(
    "Follow the first token",
    "It stands for no word. Whom does it look at in layer 1?",
    {"token": 0, "block": "l1.attention"},
)
WHOLE = Trial(
    "The whole machine",
    "Every block of every layer at once: the straight line runs through all of them.",
    {"path_all": True, "block": "l1.output"},
)
EXAMPLES = {
    "en": (
        ELEPHANT["en"],
        Example("Who was tired?", "The animal did not cross the street because it was too tired."),
        Example("A question and its answer", "Where is the cat?", "It sleeps on the sofa."),
        Example("A short one", "We go home."),
        Example("中文", "我们明天去公园玩。"),
    ),
    "zh": (
        ELEPHANT["zh"],
        Example("谁累了？", "那只动物没有过马路，因为它太累了。"),
        Example("一问一答", "小猫在哪里？", "它在沙发上睡觉。"),
        Example("短句", "我们回家。"),
        Example("English", "We go to the park."),
    ),
}
TRIALS = {"en": (START, FRAME, WHOLE), "zh": (START, FRAME, WHOLE)}
