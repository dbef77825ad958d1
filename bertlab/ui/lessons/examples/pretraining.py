"""The examples of the lesson on pre-training: it opens with two sentences of a village story."""

from bertlab.ui.app.lesson import Trial
from bertlab.ui.lessons.pretraining.start import RUN
from bertlab.ui.widgets.example import ELEPHANT, Example
from bertlab.ui.widgets.village import opening_pair


def _pair(title: str, language: str) -> Example:
    return Example(title, *opening_pair(language))


EXAMPLES = {
    "en": (
        _pair("Two sentences of a story", "en"),
        ELEPHANT["en"],
        Example("Feelings", "I loved the movie.", "It was really wonderful."),
        _pair("村子", "zh"),
    ),
    "zh": (
        _pair("故事里的两句话", "zh"),
        ELEPHANT["zh"],
        Example("好恶", "我很喜欢这部电影。", "真的太精彩了。"),
        _pair("English", "en"),
    ),
}
GAME = {RUN: "", "part": "game"}
TRAIN = {RUN: "", "part": "train"}
TRIALS = (
    Trial(
        "Hide half of it",
        "BERT hides 15 %. With half of the pieces gone, what becomes of the loss?",
        GAME | {"game_share": 50},
    ),
    Trial(
        "Hide whole words",
        "Pieces of one word give each other away. Does the loss rise when all of them go?",
        GAME | {"game_whole": True, "game_share": 30},
    ),
    Trial(
        "Train one now",
        "Random weights, 150 stories of a village: when does it find the colour of the boat?",
        TRAIN | {"bert_text": "village_en"},
    ),
    Trial(
        "从零开始训练",
        "The same in Chinese: one piece a character, from nothing.",
        TRAIN | {"bert_text": "village_zh"},
    ),
)
