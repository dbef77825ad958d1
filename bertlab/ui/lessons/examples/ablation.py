"""The examples of the lesson on ablation."""

from bertlab.ui.app.lesson import Trial
from bertlab.ui.widgets.example import ELEPHANT, Example

SKIP = Trial(
    "Leave the first layer out",
    "A skipped layer hands on what it was given. Does the answer survive it?",
    {"skip": frozenset({0}), "off": frozenset()},
)
MEAN = Trial(
    "Zeros, or the mean?",
    "Which heads lose their importance once they may say what they always say?",
    {"ablation_kind": "mean"},
)
EXAMPLES = {
    "en": (
        ELEPHANT["en"],
        Example("A hot drink", "He drank a cup of hot tea."),
        Example("Every day", "My brother goes to school every day."),
        Example("Two blanks", "He opened the [MASK] and walked into the [MASK]."),
        Example("中文", "北京是中国的首都。"),
    ),
    "zh": (
        ELEPHANT["zh"],
        Example("首都", "北京是中国的首都。"),
        Example("家人", "我的妈妈是一位老师。"),
        Example("两个空", "他打开大[MASK]，走进了房[MASK]。"),
        Example("English", "He drank a cup of hot tea."),
    ),
}
TRIALS = {
    "en": (
        SKIP,
        MEAN,
        Trial(
            "A word that needs one neighbour",
            "With which heads off does the model forget that one drinks from a cup?",
            {"text": "He drank a cup of hot tea.", "pair": "", "off": None, "skip": frozenset()},
        ),
    ),
    "zh": (
        SKIP,
        MEAN,
        Trial(
            "一个字只靠前一个字",
            "首 asks for 都. Which heads carry it over?",
            {"text": "北京是中国的首都。", "pair": "", "off": None, "skip": frozenset()},
        ),
    ),
}
