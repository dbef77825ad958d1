"""The examples of the lesson on what heads do."""

from bertlab.ui.app.lesson import Trial
from bertlab.ui.widgets.example import ELEPHANT, Example

EXAMPLES = {
    "en": (
        ELEPHANT["en"],
        Example("The same word twice", "The man who sold the house bought the house back."),
        Example("Many commas", "The coffee is cold, the bread is hard, and the waiter has gone."),
        Example("A question and its answer", "Where is the cat?", "It sleeps on the sofa."),
    ),
    "zh": (
        ELEPHANT["zh"],
        Example("同一个词", "卖房子的人又把房子买了回来。"),
        Example("许多逗号", "咖啡凉了，面包硬了，服务员也不见了。"),
        Example("一问一答", "小猫在哪里？", "它在沙发上睡觉。"),
    ),
}
# What the box of one's own sentences holds first: a word twice in each, commas inside.
OWN = {
    "en": "\n".join(
        (
            "The cat saw the dog, and the dog saw the cat.",
            "A rose is a rose, and a thorn is a thorn.",
            "She sang the song, and then she sang the song again.",
            "If the bell rings, open the door; if the bell is silent, wait.",
            "The bird built a nest, left the nest and built another nest.",
            "Red paint, blue paint and green paint stood on the floor.",
        )
    ),
    "zh": "\n".join(
        (
            "猫看见了狗，狗也看见了猫。",
            "山上有座庙，庙里有个老和尚。",
            "她唱了这首歌，又唱了一遍这首歌。",
            "铃响就开门，铃不响就等着。",
            "小鸟筑了巢，离开了巢，又筑了一个巢。",
            "红颜料、蓝颜料和绿颜料都放在地上。",
        )
    ),
}
TRIALS = {
    language: (
        Trial(
            "Ask for little",
            "Lower the threshold to 5 points. Which heads gain a role, and would you believe it?",
            {"heads_threshold": 5},
        ),
        Trial(
            "What do resting heads do?",
            "Leave the special tokens aside: what a head does with the weight that is left.",
            {"heads_aside": True},
        ),
        Trial(
            "Your own sentences",
            "A few lines say less than 200. Write some that make the next word easy to tell.",
            {"heads_source": "own"},
        ),
        Trial(
            "Without following",
            "What a token takes in each layer alone, beside what has reached it through all.",
            {"heads_flow": "layer"},
        ),
    )
    for language in ("en", "zh")
}
