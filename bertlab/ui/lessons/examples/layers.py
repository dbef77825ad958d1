"""The examples of the lesson on the layers."""

from bertlab.ui.app.lesson import Trial
from bertlab.ui.widgets.example import ELEPHANT, Example

EXAMPLES = {
    "en": (
        ELEPHANT["en"],
        Example("A capital", "Paris is the capital of [MASK]."),
        Example("A number", "The dogs in the garden [MASK] barking."),
        Example("A fixed phrase", "Once upon a [MASK], there was a little girl."),
        Example("中文", "我们明天去公[MASK]玩。"),
    ),
    "zh": (
        ELEPHANT["zh"],
        Example("首都", "北京是中国的首[MASK]。"),
        Example("家人", "我的妈[MASK]是一位老师。"),
        Example("好恶", "这部电影太无聊了，真的很[MASK]看。"),
        Example("English", "We go to the park."),
    ),
}
TRIALS = {
    "en": (
        Trial(
            "Singular or plural?",
            "Watch “are”, then “is”. At which layer do they part?",
            {"text": "The dogs in the garden [MASK] barking.", "pair": "", "watch": "are"},
        ),
        Trial(
            "A word that is in sight",
            "Show the hidden word: how fast does the head find what it can see?",
            {"mask": ()},
        ),
        Trial(
            "Follow a rival",
            "Watch “lake” in place of the hidden word. Does it fall as the other one climbs?",
            {"watch": "lake"},
        ),
    ),
    "zh": (
        Trial(
            "妈妈还是妈的？",
            "Watch 妈, then 的. At which layer do they part?",
            {"text": "我的妈[MASK]是一位老师。", "pair": "", "watch": "妈"},
        ),
        Trial(
            "看得见的字",
            "Show the hidden character: how fast does the head find what it can see?",
            {"mask": ()},
        ),
        Trial(
            "看看对手",
            "Watch 湖 in place of the hidden character. Does it fall as the other one climbs?",
            {"watch": "湖"},
        ),
    ),
}
