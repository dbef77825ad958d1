"""The examples of the lesson on attention."""

from bertlab.ui.app.lesson import Trial
from bertlab.ui.widgets.example import ELEPHANT, Example

REST = Trial(
    "Where do the weights go to rest?",
    "Hide the special tokens and read how much weight they held.",
    {"attention_hide": True},
)
ALL_AT_ONCE = Trial(
    "All heads at once",
    "bertviz's model view: a thumbnail for every head; click one.",
    {"view": "model"},
)
EXAMPLES = {
    "en": (
        ELEPHANT["en"],
        Example("Who was tired?", "The animal did not cross the street because it was too tired."),
        Example("A question and its answer", "Where is the cat?", "It sleeps on the sofa."),
        Example("The same word twice", "The man who sold the house bought the house back."),
        Example("中文", "我们明天去公园玩。"),
    ),
    "zh": (
        ELEPHANT["zh"],
        Example("谁累了？", "那只动物没有过马路，因为它太累了。"),
        Example("一问一答", "小猫在哪里？", "它在沙发上睡觉。"),
        Example("同一个词", "卖房子的人又把房子买了回来。"),
        Example("English", "We go to the park."),
    ),
}
TRIALS = {
    "en": (
        REST,
        Trial(
            "Does “it” find its noun?",
            "Look for a head whose row “it” is bright at “animal”. There may be none.",
            {
                "text": "The animal did not cross the street because it was too tired.",
                "pair": "",
            },
        ),
        ALL_AT_ONCE,
    ),
    "zh": (
        REST,
        Trial(
            "“它”是谁？",
            "Look for a head whose row 它 is bright at 动物. There may be none.",
            {"text": "那只动物没有过马路，因为它太累了。", "pair": ""},
        ),
        ALL_AT_ONCE,
    ),
}
