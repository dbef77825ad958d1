"""The pre-training lesson: the game, the pairs, and what comes before a run."""

import json
import re

import pytest
from lesson_pages import ROOT, Lesson
from tiny_models import families, save_tiny_model

from bertlab.pretraining.heldout import HeldoutScores
from bertlab.pretraining.record import write_record
from bertlab.pretraining.result import PretrainingResult
from bertlab.pretraining.settings import PretrainingSettings, Source, WatchedBlank
from bertlab.pretraining.start import settings_of
from bertlab.runs import list_runs, open_run
from bertlab.runs.events import BlanksEvent, FilledBlank, TrainEvent

STORY = "\n".join(f"The {who} sees the {what}." for who in ("cat", "dog", "owl", "hen")
                  for what in ("boat", "kite", "house", "lake", "hill", "tea"))  # fmt: skip


def said(lesson: Lesson) -> str:
    """All that the page says in words, Markdown's signs left out."""
    kinds = ("subheader", "markdown", "error", "warning", "info", "text", "caption")
    words = "\n".join(one.value for kind in kinds for one in getattr(lesson.at, kind))
    return words.replace("\\", "").replace("**", "")


def widget(elements, label: str):
    return next(one for one in elements if one.label.startswith(label))


def game(lesson: Lesson) -> list[tuple[str, str, str]]:
    """What the rows show: (original, read, mark) for each piece."""
    body = next(part for part in lesson.html.split("\n") if part.startswith('<ol class="mg"'))
    return re.findall(r"<span>(.*?)</span><i>.</i><span>(.*?)</span><small>(.*?)</small>", body)


def table(lesson: Lesson):
    return lesson.at.dataframe[0].value


# The game


def test_the_page_opens_with_a_finished_game(open_lesson):
    lesson = open_lesson("pretraining").sound()
    assert lesson.at.query_params == {}
    rows = game(lesson)
    assert [row[0] for row in rows][:3] == ["[CLS]", "smoke", ","]
    assert {mark for *_, mark in rows} == {"", "■ [MASK]", "◆ random", "● kept"}
    chosen = [row for row in rows if row[2]]
    losses = table(lesson)["loss = −ln p"]
    assert len(losses) == len(chosen)
    mean = re.search(r"<b>([\d.]+)</b></p>", lesson.html)[1]
    assert float(mean) == pytest.approx(losses.mean(), abs=1e-3)
    assert f"The mean loss of this draw is {mean}" in lesson.html


def test_draw_again_steps_the_draw_and_the_address_opens_it_again(open_lesson):
    lesson = open_lesson("pretraining")
    before = game(lesson)
    lesson.click("Draw again").sound()
    (number,) = lesson.at.query_params.values()
    assert set(lesson.at.query_params) == {"game_draw"}
    after = game(lesson)
    assert after != before
    assert [row[0] for row in after] == [row[0] for row in before]
    assert game(open_lesson("pretraining", game_draw=number)) == after


def test_share_and_whole_words_change_what_is_chosen_and_stand_in_the_address(open_lesson):
    lesson = open_lesson("pretraining", game_share="50", text="unhappy elephants", pair="")
    assert len([row for row in game(lesson) if row[2]]) == round(0.5 * (len(game(lesson)) - 2))
    widget(lesson.at.toggle, "Whole words").set_value(True)
    lesson.run().sound()
    assert lesson.at.query_params["game_whole"] in ("1", ["1"])
    pieces = [row[0] for row in game(lesson)]
    marks = [bool(row[2]) for row in game(lesson)]
    assert all(marks[i] == marks[i - 1] for i, p in enumerate(pieces) if p.startswith("##"))


def test_nonsense_in_the_address_is_passed_over(open_lesson):
    query = {"game_share": "0", "game_draw": "1e9", "pair_draw": "0", "text_id": "../../x"}
    lesson = open_lesson("pretraining", part="x", bert_passes="0", **query).sound()
    assert game(lesson)
    assert set(lesson.at.query_params) <= {"bert_passes"}  # another part's


def test_ones_own_sentence_is_played_with_instead_of_the_story(open_lesson):
    lesson = open_lesson("pretraining", text="the cat sat on the mat.").sound()
    assert len(game(lesson)) == 9
    assert ("[SEP]", "[SEP]", "") in game(lesson)
    lesson.type("a dog").sound()
    assert [row[0] for row in game(lesson)] == ["[CLS]", "a", "dog", "[SEP]"]
    lesson.type("").sound()
    assert "Type a sentence above" in lesson.messages
    lesson.type("[MASK]").sound()
    assert "nothing to choose from" in lesson.messages.replace("\\", "")


def test_the_sentence_of_another_lesson_comes_along(open_lesson):
    lesson = open_lesson("masked_words", text="the cat sat.")
    lesson.at.switch_page(str(ROOT / "pages" / "pretraining.py"))
    assert [row[0] for row in game(lesson.run().sound())][1:4] == ["the", "cat", "sat"]


def test_mark_up_in_a_sentence_stays_text(open_lesson):
    lesson = open_lesson("pretraining", text="<img src=x> **b** $1$", game_share="50").sound()
    assert "<img" not in lesson.html
    assert "x&gt;" in "".join(row[0] for row in game(lesson))


def test_a_long_text_is_played_with_whole(open_lesson):
    lesson = open_lesson("pretraining").type("a long way " * 300).sound()
    assert len(game(lesson)) == 512
    assert "too long" in lesson.messages


@pytest.mark.parametrize("family", families("bert", "xlm-roberta"))
def test_every_family_plays(open_lesson, tiny_families, family):
    lesson = open_lesson("pretraining", model=family, text="the cat sat on the mat.").sound()
    assert len(table(lesson)) >= 1
    has_pieces = family in ("bert", "distilbert", "electra")
    assert widget(lesson.at.toggle, "Whole words").disabled != has_pieces


def test_a_model_that_fills_no_blanks_still_draws(open_lesson):
    lesson = open_lesson("pretraining", model="all-MiniLM-L6-v2").sound()
    assert game(lesson)
    assert "fills no blanks" in lesson.messages
    assert "Use bertlab-mini-en" in lesson.buttons


# Next sentence


def test_the_label_is_told_after_the_guess_alone(open_lesson):
    lesson = open_lesson("pretraining", pair_draw="3")
    assert "Right:" not in said(lesson)
    assert "Not so:" not in said(lesson)
    lesson.click("B is random").sound()
    first = re.search(r"(Right|Not so): (B \w+ \w+)\.", said(lesson))
    assert (first[1] == "Right") == (first[2] == "B is random")
    assert f"right on {int(first[1] == 'Right')} of 1" in said(lesson)
    assert "B follows A" not in lesson.buttons
    lesson.click("Next pair").sound()
    assert lesson.at.query_params["pair_draw"] in ("4", ["4"])
    assert "Right:" not in said(lesson)
    assert "B follows A" in lesson.buttons


def test_a_model_that_was_trained_on_pairs_gives_its_view(open_lesson, models_root):
    import transformers

    folder = save_tiny_model("bert", models_root / "pairs")
    model = transformers.BertForPreTraining.from_pretrained(folder)
    model.save_pretrained(folder)
    lesson = open_lesson("pretraining", model="pairs").click("B follows A").sound()
    assert re.search(r"The model in hand: \d+\.\d% “B follows A”, \d+\.\d% “B is", said(lesson))


def test_a_model_that_was_not_trained_on_pairs_says_so(open_lesson, tiny_bert_name):
    lesson = open_lesson("pretraining", model=tiny_bert_name).click("B follows A").sound()
    assert "not trained on this question" in said(lesson)


# How the model learned

SCORES = HeldoutScores(tokens=90, loss=3.0, accuracy=0.25, pairs=40, next_accuracy=0.9)
RESULT = PretrainingResult(
    steps=2, tokens=20, training_seconds=7_300.0, parameters=9_999, vocabulary=500,
    tokens_per_second=5.0, heldout=SCORES, heldout_files={"unread.txt": SCORES},
    device="cpu", precision="bf16",
)  # fmt: skip


def look(step: int, right: float, rank: int) -> BlanksEvent:
    return BlanksEvent((FilledBlank("A [MASK].", (("cat", right),), right, rank),), step=step)


def test_a_model_shows_the_run_that_made_it(open_lesson, models_root):
    folder = save_tiny_model("bert", models_root / "made")
    asked = PretrainingSettings(
        (Source("read.txt", passes=3),),
        blanks=(WatchedBlank("A [MASK].", ("cat",)),),
        teacher="<b>Owl",
        teacher_layer=4,
        word_weight=1.0,
    )
    events = [look(0, 0.1, 7), TrainEvent({"loss": 3.5, "accuracy": 0.2}, step=2),
              look(2, 0.6, 1)]  # fmt: skip
    write_record(folder, asked, RESULT, events)
    lesson = open_lesson("pretraining", model="made", part="made").sound()
    text = said(lesson)
    for one in ("How made learned", "pulled towards the teacher's vector", "The teacher was <b>Owl",
                "the mean of its layer 4", "too seldom to learn what it means", "word_loss",
                "The blanks after 2 of 2 steps", "20% of the pieces were chosen"):  # fmt: skip
        assert one in text, one
    assert {one.label: one.value for one in lesson.at.metric}["Training time"] == "2.0 h"
    assert "0 had it first at step 0 and 1 at step 2" in lesson.html
    assert "Of 40 held-out pairs 90.0% were told apart rightly" in lesson.html
    read, heldout = (one.value for one in lesson.at.dataframe)
    assert read["text"].tolist() == ["read.txt"]
    assert read["read by the teacher"].tolist() == [True]
    assert heldout["pairs told apart, %"].tolist() == [90.0]


def test_without_a_teacher_none_is_spoken_of(open_lesson, models_root):
    folder = save_tiny_model("bert", models_root / "made")
    write_record(folder, PretrainingSettings((Source("read.txt"),)), RESULT, [])
    lesson = open_lesson("pretraining", model="made", part="made").sound()
    assert "teacher" not in said(lesson)
    assert "read by the teacher" not in table(lesson)


def test_a_model_without_a_record_says_so_and_offers_one_that_has_it(open_lesson, tiny_bert_name):
    lesson = open_lesson("pretraining", model=tiny_bert_name, part="made").sound()
    assert "brings no record of how it learned" in lesson.messages
    assert "Use bertlab-mini-en" in lesson.buttons


# Before a run


@pytest.fixture
def setup(open_lesson, engine_elsewhere):
    return lambda **query: open_lesson("pretraining", part="train", **query)


def start(lesson: Lesson):
    lesson.click("Start").sound()
    run_id = lesson.at.query_params["pretraining_run"]
    return open_run(run_id if isinstance(run_id, str) else run_id[0])


def own(setup, text: str = "") -> Lesson:
    lesson = setup(bert_text="own").sound()
    if text:
        widget(lesson.at.text_area, "Paste").set_value(text)
        lesson.run().sound()
    return lesson


def upload(setup, data: bytes, name: str = "mine.txt") -> Lesson:
    lesson = own(setup)
    lesson.at.file_uploader[0].upload(name, data)
    return lesson.run().sound()


@pytest.mark.parametrize("text", ["village_en", "village_zh"])
def test_the_villages_are_ready_to_start(setup, text):
    lesson = setup(bert_text=text).sound()
    assert "140 stories to learn from" in said(lesson)
    assert "last 10 are held out" in said(lesson)
    run = start(lesson)
    settings = settings_of(run)
    assert len(settings.blanks) == 10
    assert len(settings.heldout) == 1
    assert settings.language == text[-2:]
    assert run.name == text
    assert run.kind == "pretraining"
    assert run.status().phase == "queued"
    assert [other.id for other in list_runs(owner=run.owner)] == [run.id]
    assert "This page's address opens the run again" in said(lesson)
    lesson.click("New run").sound()
    assert f"own_{run.id}" in [button.key for button in lesson.at.button]


def test_settings_stand_in_the_address_and_in_the_run(setup):
    query = {"bert_size": "tiny", "bert_passes": "3", "bert_masked": "30", "bert_next": "0",
             "bert_seed": "7"}  # fmt: skip
    lesson = setup(**query).sound()
    assert lesson.at.query_params == {"part": "train", **query}
    assert "1 × 64, 1 head, random weights" in said(lesson)
    settings = settings_of(start(lesson))
    assert settings.sources[0].passes == 3
    assert (settings.masked_share, settings.pair_share, settings.seed) == (0.3, 0.0, 7)
    assert set(lesson.at.query_params) == {"part", "pretraining_run"}
    lesson.click("New run").sound()
    assert lesson.at.query_params == {"part": "train", **query}


def test_without_a_text_the_page_says_what_to_do(setup):
    lesson = own(setup)
    assert "Paste a text above or choose a file" in lesson.messages
    assert "Start" not in lesson.buttons


def test_a_text_that_is_too_short_says_so(setup):
    lesson = own(setup)
    for text, says in (
        ("One sentence.", "has 1 sentence"),
        ("a b.\n" * 30, "too few signs occur twice"),
        ("\n\n \n", "Paste a text above"),
    ):
        widget(lesson.at.text_area, "Paste").set_value(text)
        assert says in lesson.run().sound().messages.replace("\\", "")
        assert "Start" not in lesson.buttons, says


UNUSABLE = [
    (b"", "There is no text yet"),
    ("猫在睡觉。\n".encode("gb18030") * 30, "not UTF-8"),
    (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "not UTF-8"),
    (b"a\0b", "no plain text"),
    (b"a b c.\n" * 200_000, "at most 1 MB"),
]


def test_a_file_that_cannot_be_used_says_so(setup):
    lesson = own(setup)
    for data, says in UNUSABLE:
        lesson.at.file_uploader[0].set_value(("mine.txt", data, "text/plain"))
        assert says in lesson.run().sound().messages.replace("\\", "")
        assert "Start" not in lesson.buttons, says


def test_ones_own_text_becomes_a_run(setup):
    lesson = own(setup, STORY)
    assert "cut every ten sentences" in said(lesson)
    widget(lesson.at.text_input, "Sentence 1").set_value("The cat sees the [MASK].")
    lesson.run().sound()
    run = start(lesson)
    settings = settings_of(run)
    assert [(blank.sentence, blank.answers) for blank in settings.blanks] == [
        ("The cat sees the [MASK].", ())
    ]
    assert run.name == "my text"
    stored = (run.folder / "corpus").rglob("own_text.txt")
    assert next(stored).read_text().split("\n")[0] == "The cat sees the boat."
    assert not any("STORY" in value or "cat" in value for value in lesson.at.query_params.values())


def test_an_uploaded_file_is_used_and_its_name_is_no_path(setup):
    lesson = upload(setup, STORY.encode(), name="../../etc/my <b>cat.txt")
    run = start(lesson)
    assert {path.name for path in (run.folder / "corpus").rglob("*.*")} == {
        "own_text.txt", "tokenizer.json",
    }  # fmt: skip
    assert run.name == "my <b>cat"
    assert "my <b>cat" in said(lesson)


def test_a_blank_that_is_none_is_refused(setup):
    lesson = own(setup, STORY)
    for sentence, says in (
        ("no blank here", "needs exactly one [MASK]"),
        ("[MASK] and [MASK]", "needs exactly one [MASK]"),
        ("[MASK]" + " q" * 70, "this model reads 64"),
    ):
        widget(lesson.at.text_input, "Sentence 2").set_value(sentence)
        assert says in lesson.run().sound().messages.replace("\\", "")
        assert "Start" not in lesson.buttons, sentence


def test_another_text_gets_its_own_number_of_passes(setup):
    lesson = own(setup, STORY)
    assert widget(lesson.at.number_input, "Passes").value == 400  # so short a text
    widget(lesson.at.button_group, "Text").set_value("village_en")
    lesson.run().sound()
    assert widget(lesson.at.number_input, "Passes").value == 120


def test_the_home_page_lists_the_lesson(open_lesson):
    lesson = open_lesson("home").sound()
    links = [json.loads(json.dumps(str(link.proto))) for link in lesson.at.get("page_link")]
    assert any("4 · Pre-training" in link for link in links)
    assert any("5 · Fine-tuning" in link for link in links)
