"""The home page's examples."""

from bertlab.ui.app.lesson import Trial
from bertlab.ui.widgets.example import ELEPHANT, Example

EXAMPLES = {
    "en": (
        ELEPHANT["en"],
        Example("A capital", "Paris is the capital and largest city of France."),
        Example("A riddle", "The animal did not cross the street because it was too tired."),
        Example("中文", "我们明天去公园玩。"),
    ),
    "zh": (
        ELEPHANT["zh"],
        Example("首都", "北京是中国的首都，也是一座古老的城市。"),
        Example("谜语", "那只动物没有过马路，因为它太累了。"),
        Example("English", "We go to the park."),
    ),
}
TRIALS = {
    "en": (
        Trial(
            "Where do the boats go?",
            "Open Masked words: is the hidden word among its answers?",
            {"text": "The fishermen rowed their boats back to the river."},
        ),
        Trial(
            "A word that nobody ever wrote",
            "Open Tokenization: watch it being cut until something fits.",
            {"text": "The blorkification of flumptious snargles"},
        ),
        Trial(
            "Another BERT",
            "all-MiniLM-L6-v2 has bert-base-uncased's own vocabulary and 6 layers of 12 heads.",
            {"model": "all-MiniLM-L6-v2"},
        ),
    ),
    "zh": (
        Trial(
            "小船去了哪里？",
            "Open Masked words: is the hidden character among its answers?",
            {"text": "渔民们划着小船回到了河边。"},
        ),
        Trial(
            "中文里的 English",
            "Open Tokenization: characters stay whole, Latin words are cut.",
            {"text": "我用Python在GitHub上写了一个BERT模型。"},
        ),
        Trial(
            "English",
            "The same lessons with a BERT that read English.",
            {"model": "bertlab-mini-en"},
        ),
    ),
}
