"""The examples of the lesson on embeddings."""

from bertlab.ui.app.lesson import Trial
from bertlab.ui.widgets.example import ELEPHANT, Example

FIRST_WORD = {"en": "apple", "zh": "东西"}
EXAMPLES = {
    "en": (
        ELEPHANT["en"],
        Example("A word twice", "He walked along the river bank to the bank."),
        Example("Opposites", "The hot tea and the cold milk are on the table."),
        Example("It", "The animal did not cross the street because it was too tired."),
    ),
    "zh": (
        ELEPHANT["zh"],
        Example("同一个词", "他在苹果公司吃苹果。"),
        Example("反义", "热茶和冷牛奶都在桌子上。"),
        Example("它", "那只动物没有过马路，因为它太累了。"),
    ),
}
TRIALS = {
    "en": (
        Trial(
            "Does every word part?",
            "All bundled words by layer. Which senses does this model not tell apart?",
            {"all_words": True},
        ),
        Trial(
            "A word that is hard",
            "A bird or a machine? Watch whether the curve leaves the grey band.",
            {"sense_of": "crane"},
        ),
        Trial(
            "The hidden word's companion",
            "The last word is hidden, and compared with the word that its vector is most like. "
            "Show it again: who is nearest then?",
            {"text": "The cat drank the milk and the dog drank the water.", "pair": ""},
        ),
    ),
    "zh": (
        Trial(
            "每个词都分得开吗？",
            "All bundled words by layer. Which senses does this model not tell apart?",
            {"all_words": True},
        ),
        Trial(
            "难分的词",
            "打人 or 打电话? Watch whether the curve leaves the grey band.",
            {"sense_of": "打"},
        ),
        Trial(
            "位置的错觉",
            "意思: how high is the curve at the embedding, where context has not come in yet?",
            {"sense_of": "意思"},
        ),
    ),
}
