"""The examples of the lesson on tokenization."""

from bertlab.ui.app.lesson import Trial
from bertlab.ui.widgets.example import ELEPHANT, Example

EXAMPLES = {
    "en": (
        ELEPHANT["en"],
        Example(
            "Long words", "Her unforgettable performance was mischaracterised as unremarkable."
        ),
        Example("Accents, case, emoji", "Ça va? NAÏVE café-goers in Zürich said 👍🏽 WOW!!!"),
        Example("中文", "这家酒店的服务很好，但是早餐一般。"),
        Example("A sentence pair", "How old are you?", "What is your age?"),
    ),
    "zh": (
        ELEPHANT["zh"],
        Example("中英混排", "我用Python在GitHub上写了一个BERT模型，花了3个月。"),
        Example("繁體字", "這家飯店的服務很好，但是早餐一般。"),
        Example("生僻字", "魑魅魍魉，饕餮龘龘。"),
        Example("句子对", "你多大了？", "你今年几岁？"),
    ),
}
TRIALS = {
    "en": (
        Trial(
            "A word that nobody ever wrote",
            "Watch the pieces get shorter until something fits.",
            {"text": "The blorkification of flumptious snargles", "pair": ""},
        ),
        Trial(
            "One accent, one capital",
            "An uncased model sees no difference; look at the normalization.",
            {"text": "résumé Resume RESUME", "pair": ""},
        ),
        Trial(
            "A special token, typed",
            "The tokenizer cannot tell your [SEP] from its own.",
            {"text": "I typed [SEP] myself.", "pair": ""},
        ),
    ),
    "zh": (
        Trial(
            "谁也没写过的词",
            "A Chinese character is a word of its own; a Latin word is cut.",
            {"text": "我们一起去blorkification吧！", "pair": ""},
        ),
        Trial(
            "全角和半角",
            "Wide and narrow letters and digits: do they get the same pieces?",
            {"text": "ＢＥＲＴ和BERT，１２３和123。", "pair": ""},
        ),
        Trial(
            "自己写的 [SEP]",
            "The tokenizer cannot tell your [SEP] from its own.",
            {"text": "我自己写了[SEP]。", "pair": ""},
        ),
    ),
}
