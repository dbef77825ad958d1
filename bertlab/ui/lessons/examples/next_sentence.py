"""The examples of the lesson on pairs of sentences."""

from bertlab.ui.app.lesson import Trial
from bertlab.ui.widgets.example import Example

EXAMPLES = {
    "en": (
        Example(
            "An umbrella",
            "She held her umbrella in one hand and her black bag in the other.",
            "In the middle of the bridge the wind took the umbrella away.",
        ),
        Example("A question and its answer", "Where is the cat?", "It sleeps on the sofa."),
        Example(
            "Cause and effect",
            "There was ice on the street, and it was hard to walk.",
            "Mr Finch walked slowly, step by step, and held the fence with one hand.",
        ),
        Example(
            "Two topics", "The soup is still too hot to eat.", "The parliament passed the new law."
        ),
        Example("中文", "赵医生拉着石头，田叔拉着赵医生。", "石头出来了，两个人都坐在了地上。"),
    ),
    "zh": (
        Example("石头", "赵医生拉着石头，田叔拉着赵医生。", "石头出来了，两个人都坐在了地上。"),
        Example("一问一答", "小猫在哪里？", "它在沙发上睡觉。"),
        Example("要下雨了", "湖上的天黑了，云很低。", "“要下大雨了。”老张说完，把船拉到岸上。"),
        Example("两个话题", "汤还太烫，不能喝。", "议会通过了新的法律。"),
        Example("English", "Where is the cat?", "It sleeps on the sofa."),
    ),
}
PAIRS = {"pair_sentences": 1}
TRIALS = {
    "en": (
        Trial(
            "One sentence on a side",
            "BERT learned from passages. Is one sentence enough for the head to tell?",
            PAIRS,
        ),
        Trial(
            "The same sentence twice",
            "No text repeats itself so. Does the pair pass?",
            {"text": "The cat sleeps on the sofa.", "pair": "The cat sleeps on the sofa."},
        ),
        Trial(
            "Effect before cause",
            "The order is wrong. Does the head mind? Compare with the swapped pair.",
            {"text": "Then the glass broke.", "pair": "Tim threw his ball at the window."},
        ),
    ),
    "zh": (
        Trial(
            "每边一句话",
            "BERT learned from passages. Is one sentence enough for the head to tell?",
            PAIRS,
        ),
        Trial(
            "同一句话两次",
            "No text repeats itself so. Does the pair pass?",
            {"text": "小猫在沙发上睡觉。", "pair": "小猫在沙发上睡觉。"},
        ),
        Trial(
            "先果后因",
            "The order is wrong. Does the head mind? Compare with the swapped pair.",
            {"text": "玻璃碎了。", "pair": "小虎把球扔向窗户。"},
        ),
    ),
}
