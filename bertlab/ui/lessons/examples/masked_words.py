"""The examples of the lesson on masked words."""

from bertlab.ui.app.lesson import Trial
from bertlab.ui.widgets.example import ELEPHANT, Example

EXAMPLES = {
    "en": (
        ELEPHANT["en"],
        Example("Two blanks", "He opened the [MASK] and walked into the [MASK]."),
        Example("Feelings", "I hated the movie, it was really [MASK]."),
        Example("Grammar", "The dogs in the garden [MASK] barking."),
        Example("中文", "我们明天去公[MASK]玩。"),
    ),
    "zh": (
        ELEPHANT["zh"],
        Example("两个空", "他打开大[MASK]，走进了房[MASK]。"),
        Example("好恶", "这部电影太无聊了，真的很[MASK]看。"),
        Example("家人", "我的妈[MASK]是一位老师。"),
        Example("首都", "北京是中国的首[MASK]。"),
    ),
}
TRIALS = {
    "en": (
        Trial(
            "Turn the feeling round",
            "Do the answers follow “loved” and “hated”? A small model may not notice.",
            {
                "text": "I loved the movie, it was really [MASK].",
                "other": "I hated the movie, it was really [MASK].",
            },
        ),
        Trial(
            "He and she",
            "Does the model repeat what its texts said about men and women?",
            {"text": "He works as a [MASK].", "other": "She works as a [MASK]."},
        ),
        Trial(
            "Hide almost everything",
            "With so little to go by, how sure are the answers?",
            {"text": "[MASK] [MASK] [MASK] the [MASK] [MASK].", "other": ""},
        ),
    ),
    "zh": (
        Trial(
            "喜欢和讨厌",
            "Do the answers follow 精彩 and 无聊? A small model may not notice.",
            {
                "text": "这部电影太精彩了，真的很[MASK]看。",
                "other": "这部电影太无聊了，真的很[MASK]看。",
            },
        ),
        Trial(
            "他和她",
            "Does the model repeat what its texts said about men and women?",
            {"text": "他是一名[MASK]生。", "other": "她是一名[MASK]生。"},
        ),
        Trial(
            "几乎全部遮住",
            "With so little to go by, how sure are the answers?",
            {"text": "[MASK][MASK][MASK]的[MASK][MASK]。", "other": ""},
        ),
    ),
}
