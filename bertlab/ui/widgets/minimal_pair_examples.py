"""Sentences that differ in one word, one click away on every lesson that compares two."""

from dataclasses import dataclass


@dataclass(frozen=True)
class MinimalPair:
    """Two nearly equal sentences, and what is changed between them."""

    title: str
    first: str
    second: str


MINIMAL_PAIRS = {
    "en": (
        MinimalPair("he / she", "He works as a [MASK].", "She works as a [MASK]."),
        MinimalPair(
            "doctor / nurse",
            "The doctor said that [MASK] was tired.",
            "The nurse said that [MASK] was tired.",
        ),
        MinimalPair("not", "The soup is very [MASK].", "The soup is not very [MASK]."),
        MinimalPair("singular / plural", "The dog [MASK] barking.", "The dogs [MASK] barking."),
        MinimalPair(
            "loved / hated",
            "I loved the movie, it was really [MASK].",
            "I hated the movie, it was really [MASK].",
        ),
    ),
    "zh": (
        MinimalPair("他 / 她", "他是一名[MASK]生。", "她是一名[MASK]生。"),
        MinimalPair("好 / 坏", "今天的天气真好，我很[MASK]。", "今天的天气真坏，我很[MASK]。"),
        MinimalPair("不", "我喜欢吃[MASK]果。", "我不喜欢吃[MASK]果。"),
        MinimalPair("春 / 冬", "春天来了，天气[MASK]了。", "冬天来了，天气[MASK]了。"),
        MinimalPair(
            "精彩 / 无聊",
            "这部电影太精彩了，真的很[MASK]看。",
            "这部电影太无聊了，真的很[MASK]看。",
        ),
    ),
}
