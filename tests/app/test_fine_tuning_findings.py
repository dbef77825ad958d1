"""The fine-tuning lesson on a table with findings: languages, conflicts, near-duplicates, classes.

The answers are one click away, each where its warning stands.
"""

import pytest
from fine_tuning_page import can_start, open_page, sound, text_of, upload, widget

pytestmark = pytest.mark.usefixtures("engine_elsewhere")

LONG = "we walked through the old harbour market, bought some fish and ate it by the quay at dusk"
ENGLISH = [f"the music of film {n} is wonderful" for n in range(40)]  # too short to be alike
CHINESE = ["房间很干净，下次还会来", "等了一个小时，菜还是凉的", "客服态度恶劣，再也不来了"]
ROWS = [
    *((text, "good") for text in ENGLISH),
    *((text, "bad") for text in CHINESE),
    (LONG, "good"),
    (LONG.replace("fish", "figs"), "good"),
    (ENGLISH[3] + "!", "bad"),
    (ENGLISH[1], "good"),
    ("", "good"),
]


def table(rows=ROWS) -> bytes:
    return "\n".join(["text,label", *(f'"{text}",{label}' for text, label in rows)]).encode()


def says(app, words):
    return text_of(app).count(words)


def findings(app):
    return next(box for box in app.expander if "left out" in box.label)


def shown(app, tab):
    """The table in a tab, as rows of a dictionary."""
    place = widget(findings(app).tabs, tab)
    return place.dataframe[0].value.to_dict("records")


def test_what_was_found_stands_in_one_place():
    """2 to 41 are English, 42 to 44 Chinese, 45 and 46 alike, 47 is 5 but for its label."""
    app = upload(table())
    assert findings(app).label == (
        "2 rows are left out · 1 text with conflicting labels · 1 pair nearly the same"
    )
    assert [tab.label for tab in findings(app).tabs] == [
        "Left out", "Conflicting labels", "Nearly the same",
    ]  # fmt: skip
    assert [row["row"] for row in shown(app, "Left out")] == [48, 49]
    assert [(row["row"], row["label"]) for row in shown(app, "Conflicting labels")] == [
        (5, "good"), (47, "bad"),
    ]  # fmt: skip
    (pair,) = shown(app, "Nearly the same")
    assert (pair["row"], pair["other row"], pair["differs in"]) == (45, 46, "sh → gs")
    downloads = [button.proto.label for button in app.get("download_button")]
    assert downloads.count("Download this list") == 3
    assert says(app, "nearly the same (lines 45 and 46)") == 1
    assert can_start(app)


def test_a_language_that_the_model_cannot_read_is_told_once_and_answered():
    app = upload(table())
    assert says(app, "of the tokens are [UNK]") == 1
    assert says(app, "in the 3 Chinese texts") == 1
    assert any(box.label.startswith("Languages: English 43 · Chinese 3") for box in app.expander)
    assert any(
        button.label == "Use bert-base-multilingual-cased (needs 714 MB)" for button in app.button
    )
    sound(widget(app.button, "Use bertlab-mini-zh").click().run())
    assert app.session_state["model"] == "bertlab-mini-zh"
    assert says(app, "[UNK]") == says(app, "The share of [UNK]") == 1  # the note below the table


def test_english_under_the_chinese_model_is_sent_back():
    app = open_page(model="bertlab-mini-zh", data="movie_reviews")
    assert says(app, "Most of these texts are English; bertlab-mini-zh learned Chinese") == 1
    sound(widget(app.button, "Use bertlab-mini-en").click().run())
    assert says(app, "Most of these texts") == 0


def test_unequal_classes_are_answered_by_one_click_that_can_be_taken_back():
    app = upload(table())
    assert says(app, "makes the classes count alike") == 1
    assert not widget(app.toggle, "Class weights").value
    sound(widget(app.button, "Count the classes alike").click().run())
    assert widget(app.toggle, "Class weights").value
    assert app.query_params["weights"] == "1"
    sound(widget(app.button, "The classes count alike").click().run())
    assert not widget(app.toggle, "Class weights").value
    assert "weights" not in app.query_params


def test_a_link_with_class_weights_opens_with_them():
    rows = [(text, "good" if n % 8 else "bad") for n, text in enumerate(ENGLISH)]
    app = open_page(weights="1")
    sound(widget(app.button_group, "Data").set_value("own").run())
    sound(app.file_uploader[0].upload("mine.csv", table(rows)).run())
    assert any(button.label == "The classes count alike" for button in app.button)


def test_where_nothing_is_odd_there_is_nothing_to_click():
    app = open_page()
    assert says(app, "Every row is used; the checks found nothing odd") == 1
    assert not any(
        word in label
        for label in [*(box.label for box in app.expander), *(b.label for b in app.button)]
        for word in ("left out", "conflicting", "nearly", "alike", "Use bert")
    )
    assert any(box.label.startswith("Languages: English 1,991 · Portug") for box in app.expander)
