"""What columns are called, in English and Chinese, and what each kind of name is for."""

import re
import unicodedata

# In order of preference: of `title` and `review`, `review` is the text.
TEXT_NAMES = (
    "text", "texts", "sentence", "sentences", "review", "reviews", "reviewtext", "reviewbody",
    "content", "comment", "comments", "body", "message", "tweet", "utterance", "document",
    "passage", "paragraph", "post", "feedback", "description", "question", "query", "input",
    "headline", "abstract", "summary", "phrase", "title", "texte", "commentaire", "avis",
    "评论内容", "评论", "評論內容", "評論", "内容", "內容", "文本", "正文", "句子", "文本内容",
    "评价内容", "评价", "評價", "评语", "留言", "点评", "微博正文", "微博内容", "弹幕", "文字",
    "语句", "新闻", "摘要", "标题", "標題", "問題", "问题", "描述",
)  # fmt: skip
LABEL_NAMES = (
    "label", "labels", "sentiment", "class", "category", "target", "polarity", "emotion",
    "labelname", "labeltext", "classlabel", "intent", "topic", "tag", "y", "gold", "annotation",
    "rating", "stars", "score", "output", "étiquette", "classe",
    "标签", "標籤", "情感标签", "情感標籤", "情感", "情感倾向", "情感傾向", "情感极性", "情感类别",
    "情绪", "情緒", "类别", "類別", "分类", "分類", "类型", "極性", "极性", "倾向", "意图", "主题",
    "星级", "评分", "評分", "打分",
)  # fmt: skip
PAIR_NAMES = (
    ("sentence1", "sentence2"), ("sentencea", "sentenceb"), ("sent1", "sent2"), ("s1", "s2"),
    ("text1", "text2"), ("texta", "textb"), ("question1", "question2"), ("q1", "q2"),
    ("premise", "hypothesis"), ("句子1", "句子2"), ("句子一", "句子二"), ("文本1", "文本2"),
    ("问题1", "问题2"), ("前提", "假设"), ("前提", "假說"), ("前提", "假設"),
)  # fmt: skip
_OTHER_NAMES = frozenset((
    "id", "ids", "idx", "index", "no", "nr", "num", "number", "rowid", "key", "uuid", "guid", "sn",
    "date", "time", "datetime", "timestamp", "day", "month", "year", "created", "createdat",
    "updatedat", "url", "link", "user", "userid", "username", "author", "name", "email", "split",
    "编号", "編號", "序号", "序號", "行号", "号码", "日期", "时间", "時間", "评论时间", "发布时间",
    "创建时间", "用户", "用户名", "用户id", "作者", "昵称", "姓名", "链接", "网址", "地址",
))  # fmt: skip
_OTHER_WORDS = frozenset(
    ("id", "ids", "idx", "index", "date", "time", "timestamp", "url", "uuid", "at")
)
_OTHER_ENDS = ("编号", "編號", "序号", "序號", "日期", "时间", "時間", "id", "链接")


def plain_name(name: str) -> str:
    """Reduce a column name to what it is recognised by: `"Review_Text "` gives `"reviewtext"`."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return re.sub(r"[\W_]+", "", folded)


def name_words(name: str) -> list[str]:
    """Split a column name into words: `"reviewText_clean"` gives review, text, clean."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", unicodedata.normalize("NFKC", name))
    return re.findall(r"[^\W_]+", spaced.casefold())


def is_other_name(name: str) -> bool:
    """Say whether a name is that of an id, a date, a person or an address: neither text nor label.

    True for `id`, `review_id`, `created_at`, `评论时间`.
    """
    if plain_name(name) in _OTHER_NAMES or not _OTHER_WORDS.isdisjoint(name_words(name)):
        return True
    plain = plain_name(name)
    return not plain.isascii() and plain.endswith(_OTHER_ENDS)


def is_known_name(name: str) -> bool:
    """Say whether this can only be a column's name, so that the first line is a header."""
    plain = plain_name(name)
    pairs = (one for pair in PAIR_NAMES for one in pair)
    return plain in TEXT_NAMES or plain in LABEL_NAMES or plain in _OTHER_NAMES or plain in pairs


def name_rank(name: str, known: tuple[str, ...]) -> int | None:
    """Rank a name among known ones, the best first; None if it is not like any of them.

    Against `("text", "review")`: `Text` gives 0, `review` 1, `clean_review` 3 (one word of several
    ranks after all exact names), `rating` None.
    """
    plain = plain_name(name)
    if plain in known:
        return known.index(plain)
    if is_other_name(name):
        return None
    inside = [known.index(word) for word in name_words(name) if word in known]
    inside += [at for at, word in enumerate(known) if not word.isascii() and word in plain]
    return len(known) + min(inside) if inside else None
