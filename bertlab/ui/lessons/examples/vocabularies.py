"""The examples of the lesson on vocabularies."""

from bertlab.ui.app.lesson import Trial
from bertlab.ui.widgets.example import ELEPHANT, Example

EXAMPLES = {
    "en": (
        ELEPHANT["en"],
        Example("Capitals and accents", "The CEO of Nestlé met Zoë's café owner in São Paulo."),
        Example("Long words", "Internationalization is antidisestablishmentarianism's neighbour."),
        Example("Emoji and numbers", "I paid $1,234.50 for 3 pizzas 🍕🍕🍕 on 2024-05-17!"),
        Example("中文", "那头不开心的大象慢慢地走向河边。"),
    ),
    "zh": (
        ELEPHANT["zh"],
        Example("中英混排", "我用Python在GitHub上写了一个BERT模型，花了3个月。"),
        Example("繁體字", "這家飯店的服務很好，但是早餐一般。"),
        Example("生僻字", "魑魅魍魉，饕餮龘龘。"),
        Example("English", "The sleepless elephant walked slowly towards the river."),
    ),
}
TRIALS = {
    "en": (
        Trial(
            "How does “ing” stand in it?",
            "All pieces that end in -ing; which of them continue a word?",
            {"voc_part": "explore", "voc_find": "ing", "voc_how": "ends"},
        ),
        Trial(
            "Let the count win",
            "Byte-pair encoding's rule on the same text: which pair goes first now?",
            {"voc_part": "train", "voc_rule": "frequency", "voc_step": 1},
        ),
        Trial(
            "Chinese in English vocabularies",
            "Which of them lose the text, and which pay for it with bytes?",
            {"voc_part": "compare", "text": "那头不开心的大象慢慢地走向河边。"},
        ),
    ),
    "zh": (
        Trial(
            "有多少带“心”的词条？",
            "One piece a character: look how few pieces hold 心 and something else.",
            {"voc_part": "explore", "voc_find": "心", "voc_how": "contains"},
        ),
        Trial(
            "像 BERT 那样把汉字分开",
            "Each character is a word of its own: how many merges are left?",
            {"voc_part": "train", "voc_han": True},
        ),
        Trial(
            "汉字在字节里",
            "A byte-level vocabulary knows every character; look what it pays for rare ones.",
            {"voc_part": "compare", "text": "魑魅魍魉，饕餮龘龘。"},
        ),
    ),
}
