"""The fine-tuning lesson as a script: every address, every file, every state of a run."""

import io
import json
import math
import os
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest
import streamlit as st
from PIL import Image
from streamlit.testing.v1 import AppTest

from bertlab.datasets import Examples, Split
from bertlab.finetuning.execute import execute
from bertlab.finetuning.settings import Settings
from bertlab.runs import Journal, create_run, list_runs, open_run, runs_root
from bertlab.runs.status import write_status

ROOT = Path(__file__).parents[2]
ROUTER = str(ROOT / "bertlab" / "ui" / "router.py")
PAGE = str(ROOT / "pages" / "fine_tuning.py")
PATIENCE = 60  # seconds; the first page of a test process loads torch
GOOD = ("a good film", "we loved it", "great cat", "she likes the movie")
BAD = ("a bad film", "we hated it", "awful cat", "not very good")


@pytest.fixture(autouse=True)
def clean_caches():
    """What sessions share must not travel from test to test."""
    st.cache_resource.clear()
    yield
    st.cache_resource.clear()


@pytest.fixture(autouse=True)
def engine_elsewhere(sealed_environment):
    """An engine that is for ever starting: its lock names this process, so none is launched."""
    root = runs_root()
    root.mkdir(parents=True)
    me = {"pid": os.getpid(), "started": psutil.Process().create_time()}
    (root / ".engine.lock").write_text(json.dumps(me))


def open_page(**query) -> AppTest:
    app = AppTest.from_file(ROUTER, default_timeout=PATIENCE)
    for key, value in query.items():
        app.query_params[key] = value
    return sound(app.switch_page(PAGE).run())


def sound(app: AppTest) -> AppTest:
    assert not app.exception, [error.message for error in app.exception]
    return app


def widget(elements, label):
    return next(element for element in elements if element.label == label)


def upload(data: bytes, name: str = "mine.csv") -> AppTest:
    app = open_page()
    sound(widget(app.button_group, "Data").set_value("own file").run())
    return sound(app.file_uploader[0].upload(name, data).run())


def text_of(app: AppTest) -> str:
    """All that the page says in words."""
    kinds = (app.markdown, app.error, app.warning, app.info, app.success, app.text, app.caption)
    return "\n".join(element.value for kind in kinds for element in kind).replace("\\", "")


def can_start(app: AppTest) -> bool:
    return any(button.label == "Start" for button in app.button)


def start(app: AppTest):
    sound(widget(app.button, "Start").click().run())
    run_id = app.query_params["run"]
    return open_run(run_id if isinstance(run_id, str) else run_id[0])


def table(rows=None, header="text,label"):
    rows = rows or [f"{text} {n},{label}" for n in range(5) for text, label in labelled()]
    return "\n".join([header, *rows, ""])


def labelled():
    return [*((text, "pos") for text in GOOD), *((text, "neg") for text in BAD)]


# Addresses


def test_the_page_opens_ready_to_start():
    app = open_page()
    assert can_start(app)
    assert "2,000 examples in 2 classes" in text_of(app)
    assert "1,600 examples to learn from, 200 for validation, 200 for the test" in text_of(app)
    assert "3 epochs of 100 batches: 300 steps" in text_of(app).replace("*", "")


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("movie_reviews", "2,000 examples in 2 classes"),
        ("subjectivity", "2,000 examples in 2 classes"),
        ("chinese_reviews", "of the tokens are [UNK]"),
        ("messy", "differ in case only"),
    ],
)
def test_every_sample_can_be_started(name, says):
    app = open_page(data=name)
    assert can_start(app)
    assert says in text_of(app)
    assert all(box.value for box in app.text_input if box.label.startswith("Sentence "))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("data", "nonsense"), ("data", "own file"), ("strategy", "x"), ("epochs", "0"),
        ("epochs", "1e9"), ("batch", "-1"), ("length", "x"), ("rate", "7"), ("rate", "nan"),
        ("seed", "99999999999"), ("test", "90"), ("validation", ""),
    ],
)  # fmt: skip
def test_nonsense_in_the_address_is_passed_over(key, value):
    app = open_page(**{key: value})
    assert can_start(app)
    assert "300 steps" in text_of(app)


def test_settings_stand_in_the_address_and_come_from_it():
    app = open_page(epochs="7", batch="32", rate="2e-5", seed="5", test="20", strategy="frozen")
    assert "7 epochs of 44 batches: 308 steps" in text_of(app).replace("*", "")
    sound(widget(app.number_input, "Epochs").set_value(4).run())
    assert app.query_params["epochs"] in ("4", ["4"])
    sound(widget(app.number_input, "Epochs").set_value(3).run())
    assert "epochs" not in app.query_params


@pytest.mark.parametrize("run", ["nonsense", "../../etc", "A" * 22, "<b>", "%00", "." * 20])
def test_an_unknown_run_gets_a_message_and_a_way_on(run):
    app = open_page(run=run)
    assert "run" in app.error[0].value
    sound(widget(app.button, "Start a new run").click().run())
    assert can_start(app)
    assert "run" not in app.query_params


def test_a_deleted_run_gets_a_message(tiny_bert_name):
    run = make_run(tiny_bert_name)
    app = open_page(run=run.id)
    run.delete()
    sound(app.run())
    assert "There is no run" in text_of(app)


# Files that must be refused


def png() -> bytes:
    file = io.BytesIO()
    Image.fromarray(np.zeros((9, 9), np.uint8)).save(file, "PNG")
    return file.getvalue()


def zipped() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("table.csv", table())
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b"text,label\n", "no rows"),
        (b"text\ngood\nbad\n", "column"),
        (b"text,label\na,x\nb,x\nc,x\n", "at least two classes"),
        (png(), "PNG image"),
        (zipped(), "zip archive"),
        (table([f"text {n},label {n}" for n in range(3000)]).encode(), "different labels"),
        (b"text,label\na,x\nb,y\n", "4"),  # two rows in all: three parts need four texts
    ],
    ids=["empty", "header", "column", "class", "PNG", "zip", "labels", "two rows"],
)
def test_a_file_that_cannot_be_used_is_refused_in_words(data, says):
    app = upload(data)
    assert not can_start(app)
    assert says in app.error[0].value.replace("\\", "")


def test_after_a_refused_file_a_good_one_works():
    app = upload(b"")
    sound(app.file_uploader[0].set_value(("good.csv", table().encode(), "text/csv")).run())
    assert can_start(app)


def test_a_file_that_is_taken_away_is_forgotten_but_not_by_a_change_of_page():
    app = upload(table().encode())
    sound(app.switch_page(str(ROOT / "pages" / "tokenization.py")).run())
    sound(app.switch_page(PAGE).run())
    assert "mine.csv" in text_of(app) and can_start(app)
    app = upload(table().encode())
    sound(app.file_uploader[0].set_value(None).run())
    assert not can_start(app)
    assert "Choose a file" in text_of(app)


# Files that must simply work, or be used with every row that is left out named


def rows_of(number=10):
    return [(f"这部电影很好 {n}", "正面") for n in range(number)] + [
        (f"这部电影很坏 {n}", "负面") for n in range(number)
    ]


def chinese(delimiter=","):
    lines = ["评论内容" + delimiter + "情感标签", *(f"{t}{delimiter}{v}" for t, v in rows_of())]
    return "\r\n".join(lines)


def labels(*names):
    return table([f"some text number {n},{names[n % len(names)]}" for n in range(40)]).encode()


WORKING = {
    "BOM": ("\ufeff" + table()).encode(),
    "GB18030": chinese().encode("gb18030"),
    "GB18030 with semicolons": chinese(";").encode("gb18030"),
    "Big5": chinese().replace("这", "此").replace("电", "戲").replace("评论", "文字")
    .replace("内容", "").replace("标签", "").encode("big5", "ignore"),
    "UTF-16": chinese().encode("utf-16"),
    "Latin-1": table([f"un café agréable {n},{'bon' if n % 2 else 'mauvais'}"
                      for n in range(20)]).encode("latin-1"),
    "semicolons": table().replace(",", ";").encode(),
    "tabs": table().replace(",", "\t").encode(),
    "pipes": table().replace(",", "|").encode(),
    "quoted newlines": table([f'"line one {n}\nline two",{"ab"[n % 2]}'
                              for n in range(20)]).encode(),
    "CR": table().replace("\n", "\r").encode(),
    "CRLF": table().replace("\n", "\r\n").encode(),
    "spaces around headers": table(header=" text ,  label ").encode(),
    "NA and null as text": table([f"{('NA', 'null', 'nan', 'None')[n % 4]} {n},{'xy'[n % 2]}"
                                  for n in range(20)]).encode(),
    "NA as a label": labels("NA", "null"),
    "numeric labels": labels("0", "1"),
    "float labels": labels("1.0", "2.5"),
    "boolean labels": labels("True", "False"),
    "path labels": labels("../../etc/passwd", "C:\\temp\\x"),
    "formula labels": labels("=1+1", "@SUM(A1)"),
    "Chinese labels": labels("正面", "负面"),
    "long labels": labels("a" * 150 + "1", "a" * 150 + "2"),
    "duplicates": table([*["same text,pos"] * 9, *(f"t {n},{'ab'[n % 2]}" for n in range(9))])
    .encode(),
    "1:10": table([*(f"text {n},common" for n in range(100)),
                   *(f"rare {n},rare" for n in range(10))]).encode(),
    "HTML": table([f"<b>bold</b><img src=x onerror=alert(1)> {n},{'ab'[n % 2]}"
                   for n in range(20)]).encode(),
    "script": labels("</script><script>alert(1)</script>", "$x$ **b** :red[z]"),
    "ragged rows": table([*(f"text {n},{'ab'[n % 2]}" for n in range(20)), "a,b,c,d", "alone"])
    .encode(),
    "NUL bytes": table([*(f"text {n},{'ab'[n % 2]}" for n in range(20)), "no\0,a"]).encode(),
    "no header": table().split("\n", 1)[1].encode(),
    "duplicate header": table([f"t {n},{'ab'[n % 2]},x" for n in range(20)], "text,label,label")
    .encode(),
    "unclosed quote": table([*(f"text {n},{'ab'[n % 2]}" for n in range(20)), '"never closed,a',
                             "last,b"]).encode(),
    "50,000 words": table([*(f"text {n},{'ab'[n % 2]}" for n in range(20)),
                           "word " * 50_000 + ",a"]).encode(),
    "a class with one row": table([*(f"text {n},{'ab'[n % 2]}" for n in range(20)), "c,single"])
    .encode(),
}  # fmt: skip
LEFT_OUT = {
    "duplicates": 8, "ragged rows": 2, "NUL bytes": 1, "50,000 words": 1,
}  # fmt: skip


@pytest.mark.parametrize("name", WORKING)
def test_a_file_of_the_kinds_people_have_can_be_started(name):
    app = upload(WORKING[name])
    assert can_start(app)
    if name in LEFT_OUT:
        rows = "1 row is" if LEFT_OUT[name] == 1 else f"{LEFT_OUT[name]} rows are"
        assert any(box.label.startswith(f"{rows} left out") for box in app.expander)


def test_what_the_file_says_is_never_markup():
    app = upload(labels("**bold** $x$", "<b>html</b>"))
    shown = [element.value for element in (*app.warning, *app.markdown) if "bold" in element.value]
    assert not any("**bold**" in value for value in shown)


def test_another_column_can_be_chosen():
    header = "id,comment,label,size"
    rows = [f"{n},comment number {n},{'ab'[n % 2]},{n % 3}" for n in range(30)]
    app = upload(table(rows, header).encode())
    assert "30 examples in 2 classes" in text_of(app)
    sound(widget(app.selectbox, "Label column").set_value("size").run())
    assert "30 examples in 3 classes" in text_of(app)
    sound(widget(app.selectbox, "Label column").set_value("comment").run())
    assert not can_start(app)
    assert "chosen twice" in app.error[0].value
    sound(widget(app.selectbox, "Label column").set_value("id").run())
    assert not can_start(app)
    assert "different labels" in app.error[0].value
    assert "Choose “label”" in text_of(app)
    sound(widget(app.selectbox, "Label column").set_value("label").run())
    assert can_start(app)


def test_two_files_of_one_name_have_their_own_columns():
    app = upload(table(header="first,second").encode())
    assert widget(app.selectbox, "Text column").value == "first"
    file = ("mine.csv", table(header="erste,zweite").encode(), "text/csv")
    sound(app.file_uploader[0].set_value(file).run())
    assert widget(app.selectbox, "Text column").value == "erste"
    assert can_start(app)


def test_a_wrong_encoding_can_be_taken_back():
    app = upload(chinese().encode())
    sound(widget(app.selectbox, "Encoding").set_value("utf-16").run())
    assert not can_start(app)
    sound(widget(app.selectbox, "Encoding").set_value("utf-8").run())
    assert can_start(app)


def test_the_delimiter_can_be_named():
    rows = [f"a; b; {n},{'xy'[n % 2]}" for n in range(20)]
    app = upload(table(rows).encode())
    sound(widget(app.selectbox, "Between the cells").set_value("pipe").run())
    assert not can_start(app)
    sound(widget(app.selectbox, "Between the cells").set_value("comma").run())
    assert "20 examples in 2 classes" in text_of(app)


def test_many_labels_are_counted_and_the_largest_shown():
    app = upload(labels(*(f"label {n}" for n in range(20))))
    assert "40 examples in 20 classes" in text_of(app).replace("*", "")
    assert "the 12 largest are shown" in text_of(app)


def test_labels_that_differ_in_case_can_be_merged():
    app = upload(labels("good", "Good", "bad", "bad"))
    assert "in 3 classes" in text_of(app)
    sound(widget(app.toggle, "Take labels that differ in case only as one").set_value(True).run())
    assert "in 2 classes" in text_of(app)


def test_a_pair_column_makes_pairs():
    rows = [f"first {n},second {n},{'ab'[n % 2]}" for n in range(30)]
    app = upload(table(rows, "sentence1,sentence2,label").encode())
    assert widget(app.selectbox, "Second text (pairs only)").value == "sentence2"
    run = start(app)
    assert run.split().train.pairs is not None
    assert run.settings.pinned == ()


# Starting


def test_start_stores_the_run_as_it_was_set():
    app = open_page(data="chinese_reviews")
    sound(widget(app.number_input, "Epochs").set_value(2).run())
    sound(widget(app.number_input, "Batch size").set_value(64).run())
    sound(widget(app.number_input, "Seed").set_value(7).run())
    sound(widget(app.number_input, "Test share (%)").set_value(20).run())
    sound(widget(app.selectbox, "Learning rate").set_value("5e-4").run())
    sound(widget(app.text_input, "Name of the run").set_value("<b>我的</b>").run())
    sound(widget(app.text_input, "Sentence 2").set_value("很好").run())
    run = start(app)
    settings = run.settings
    assert (settings.epochs, settings.batch_size, settings.seed) == (2, 64, 7)
    assert (settings.test, settings.validation, settings.learning_rate) == (0.2, 0.1, 5e-4)
    assert settings.pinned[1] == "很好"
    assert run.name == "<b>我的</b>"
    split = run.split()
    assert [len(part) for part in (split.train, split.validation, split.test)] == [245, 35, 70]
    assert run.status().phase == "queued"
    assert "Waiting for the training engine" in text_of_progress(app)
    assert [other.id for other in list_runs(owner=run.owner)] == [run.id]
    sound(widget(app.button, "New run").click().run())
    assert any(button.key == f"own_{run.id}" for button in app.button)


def test_a_runs_address_is_short_and_the_settings_come_back():
    app = open_page(data="subjectivity", epochs="7")
    run = start(app)
    assert set(app.query_params) == {"run"}
    sound(widget(app.button, "New run").click().run())
    assert "run" not in app.query_params
    assert {"data", "epochs"} <= set(app.query_params)
    assert run.settings.epochs == 7


def test_the_default_learning_rate_stays_open_so_that_its_reason_is_stored():
    assert start(open_page()).settings.learning_rate is None


@pytest.mark.parametrize("typed", ["fast", "7", "nan"])
def test_a_learning_rate_that_is_none_is_refused(typed):
    app = open_page()
    app.session_state["rate"] = typed  # AppTest cannot type into a list
    sound(app.run())
    assert not can_start(app)
    assert "earning rate" in app.error[0].value


def test_too_much_kept_for_checking_is_refused():
    app = open_page(test="50", validation="50")
    assert not can_start(app)
    assert app.error


def test_a_run_whose_scheduler_is_away_is_shown_all_the_same(monkeypatch):
    app = open_page()
    monkeypatch.setenv("BERTLAB_SCHEDULER", "tcp://127.0.0.1:1")
    monkeypatch.setattr("bertlab.engine.submission.CONNECT_SECONDS", 0.2)
    run = start(app)
    assert run.status().phase == "queued"
    assert "cannot be reached" in text_of(app)


# Runs


def examples(label=lambda n, right: right) -> Examples:
    texts = [f"{text} {sign}" for sign in ".,!?" for text in (*GOOD, *BAD)]
    right = [name for _ in ".,!?" for name in (*["pos"] * 4, *["neg"] * 4)]
    names = tuple(label(n, name) for n, name in enumerate(right))
    return Examples(tuple(texts), None, names, ("neg", "pos"), tuple(range(2, 34)))


def make_run(model, *, rows=None, **options):
    rows = rows or examples()
    values = {"epochs": 4, "batch_size": 8, "learning_rate": 5e-3, "device": "cpu", "seed": 3}
    settings = Settings(model=model, pinned=("a good cat", "bad!"), **{**values, **options})
    return create_run(settings, Split(rows, rows, rows), source_name="films.csv")


def text_of_progress(app: AppTest) -> str:
    return " ".join(element.proto.text for element in app.get("progress"))


def metrics(app: AppTest) -> dict[str, str]:
    return {element.label: element.value for element in app.metric}


def charts(app: AppTest) -> list[str]:
    return [element.type for kind in ("echarts_chart", "plotly_chart") for element in app.get(kind)]


def test_a_finished_run_shows_the_figures_of_its_folder(tiny_bert_name):
    run = make_run(tiny_bert_name)
    assert execute(run).phase == "finished"
    app = open_page(run=run.id)
    test = run.result()["test"]
    low, high = test["interval"]
    assert metrics(app) == {
        "Accuracy": f"{test['accuracy']:.1%}",
        "95 % interval": f"{low:.1%} – {high:.1%}",
        "Always the commonest label": "50.0%",
        "Macro-F1": f"{test['macro_f1']:.3f}",
    }
    wrong = sum(row.label != row.predicted for row in run.predictions())
    assert f"{wrong} misclassified rows" in [element.value for element in app.subheader]
    assert f"{run.result()['steps']} steps" in text_of(app)


def test_a_finished_model_answers_a_sentence(tiny_bert_name):
    run = make_run(tiny_bert_name)
    execute(run)
    app = open_page(run=run.id)
    before = len(app.get("plotly_chart"))
    box = widget(app.text_input, "A sentence for your model")
    sound(box.set_value("we loved the cat").run())
    assert len(app.get("plotly_chart")) == before + 1
    sound(widget(app.text_input, "A sentence for your model").set_value("😀 😀 😀").run())
    assert "[UNK]" in text_of(app)
    long = widget(app.text_input, "A sentence for your model").set_value("the cat " * 200)
    sound(long.run())
    assert "reads the first" in text_of(app)
    sound(widget(app.text_input, "A sentence for your model").set_value("   ").run())


def test_a_model_of_pairs_asks_for_both_texts(tiny_bert_name):
    rows = replace(examples(), pairs=tuple(reversed(examples().texts)))
    run = make_run(tiny_bert_name, rows=rows)
    execute(run)
    app = open_page(run=run.id)
    sound(widget(app.text_input, "The second text of the pair").set_value("a dog").run())
    sound(widget(app.text_input, "A sentence for your model").set_value("a cat").run())


def test_a_stopped_run_keeps_its_model_and_can_go_on(tiny_bert_name):
    run = make_run(tiny_bert_name, epochs=50)
    stop_at(run, step=9)
    assert run.status().phase == "stopped"
    app = open_page(run=run.id)
    assert "the model is kept" in text_of(app)
    assert "Accuracy" in metrics(app)
    assert "was stopped after" in "".join(element.proto.body for element in app.get("html"))
    sound(widget(app.button, "Go on from the last checkpoint").click().run())
    assert run.status().phase == "queued"
    assert any(button.label == "Stop" for button in app.button)


def stop_at(run, *, step):
    """Execute in this process, with the stop asked for when a step has been written."""
    write = Journal.event

    def watched(self, event, **options):
        write(self, event, **options)
        if event.kind == "train" and event.step == step:
            run.request_stop()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Journal, "event", watched)
        execute(run)


def test_a_run_that_was_stopped_before_it_began_says_so(tiny_bert_name):
    run = make_run(tiny_bert_name)
    run.request_stop()
    app = open_page(run=run.id)
    assert "Stopped before it began" in text_of(app)
    assert charts(app) == []


def test_a_failed_run_says_why(tiny_bert_name):
    run = make_run("no-such-model")
    assert execute(run).phase == "failed"
    app = open_page(run=run.id)
    assert "no-such-model" in text_of(app)
    assert charts(app) == []
    assert any(button.label == "Begin it again" for button in app.button)


def test_a_run_on_texts_that_its_model_cannot_read_warns(tiny_bert_name):
    texts = tuple("ℵ" * (n + 1) for n in range(32))
    run = make_run(tiny_bert_name, rows=replace(examples(), texts=texts))
    execute(run)
    assert "of the tokens are [UNK]" in text_of(open_page(run=run.id))


def test_an_interrupted_run_is_shown_with_what_it_reached(tiny_bert_name):
    run = make_run(tiny_bert_name)
    execute(run)
    status = replace(run.status(), phase="training", step=5, steps=16, progress=0.3)
    write_status(run.folder / "status.json", status)
    app = open_page(run=run.id)
    assert "Interrupted" in text_of_progress(app)
    assert metrics(app)["Validation accuracy"] != "–"
    assert len(app.get("echarts_chart")) == 3


def test_a_queued_run_waits_and_can_be_stopped(tiny_bert_name):
    run = make_run(tiny_bert_name)
    run.queue()
    app = open_page(run=run.id)
    assert "Waiting" in text_of_progress(app)
    sound(widget(app.button, "Stop").click().run())
    assert run.status().phase == "stopped"


def test_a_run_is_deleted_with_all_its_data(tiny_bert_name):
    run = make_run(tiny_bert_name)
    execute(run)
    app = open_page(run=run.id)
    sound(widget(app.button, "Delete now").click().run())
    assert not run.folder.exists()
    assert can_start(app)


def test_a_run_in_progress_is_not_deleted(tiny_bert_name):
    run = make_run(tiny_bert_name)
    with Journal(run) as journal:
        journal.update(phase="training")
        app = open_page(run=run.id)
        sound(widget(app.button, "Delete now").click().run())
        assert "Stop it first" in text_of(app)
        assert run.folder.exists()


def test_a_run_whose_model_is_gone_still_shows_its_figures(tiny_bert_name, monkeypatch):
    run = make_run(tiny_bert_name)
    execute(run)
    monkeypatch.setenv("BERTLAB_MODELS", "/nowhere")
    app = open_page(run=run.id)
    assert "is not on this machine" in text_of(app)
    assert "Accuracy" in metrics(app)


def test_a_run_without_test_rows_is_shown(tiny_bert_name):
    rows = examples()
    settings = Settings(model=tiny_bert_name, epochs=1, device="cpu")
    run = create_run(settings, Split(rows, rows, rows.subset([])))
    execute(run)
    assert "Accuracy" not in metrics(open_page(run=run.id))


def test_a_resumed_runs_steps_are_drawn_once(tiny_bert_name):
    run = make_run(tiny_bert_name, epochs=50)
    stop_at(run, step=9)
    app = open_page(run=run.id)
    write_resumed(run, step=5)
    sound(app.run())
    feed = app.session_state["run_feed"]["events"]
    assert [event["step"] for event in feed if event["kind"] == "train"] == [1, 2, 3, 4, 5, 6]
    assert feed == run.history()


def write_resumed(run, *, step):
    """The lines of an executor that went on from a checkpoint and took one step again."""
    _, end = run.events()
    old = next(e for e in run.events()[0] if e["kind"] == "train" and e["step"] == step + 1)
    lines = [{**old, "kind": "resumed", "step": step, "text": "It goes on."}, old]
    with (run.folder / "events.jsonl").open("a") as file:
        file.write("".join(json.dumps(line) + "\n" for line in lines))
    assert len(run.events(after=end)[0]) == 2


def test_names_and_labels_of_a_run_are_shown_as_text(tiny_bert_name):
    evil = "<img src=x onerror=alert(1)>"
    swapped = {"neg": "**b**", "pos": evil}
    rows = examples(lambda n, name: swapped[name])
    rows = replace(rows, label_names=tuple(sorted(swapped.values())))
    run = make_run(tiny_bert_name, rows=rows, name="$x$ **b** [a](http://b)")
    execute(run)
    app = open_page(run=run.id)
    pages = [element.proto.body for element in app.get("html")]
    assert not any(evil in page for page in pages)
    assert app.subheader[0].value.count("\\") >= 8


# Claims

CLAIMS = ("it is right in", "more than the")


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_shuffled_labels_make_no_claim_of_learning(tiny_bert_name, seed):
    """The test part's labels have nothing to do with its texts: no sentence says otherwise."""
    random = np.random.default_rng(seed)
    coin = lambda n, name: ("neg", "pos")[n % 2]  # noqa: E731
    train, test = examples(), examples(coin)
    order = random.permutation(len(test))
    test = replace(test, labels=tuple(test.labels[i] for i in order))
    settings = Settings(model=tiny_bert_name, epochs=1, learning_rate=1e-4, device="cpu", seed=seed)
    run = create_run(settings, Split(train, train, test))
    execute(run)
    low, _ = run.result()["test"]["interval"]
    said = "".join(element.proto.body for element in open_page(run=run.id).get("html"))
    assert low <= 0.5  # true of these seeds; the sentence below follows from it
    assert "does not show that anything was learned" in said
    assert not any(claim in said for claim in CLAIMS)


def test_the_notice_is_the_one_the_interval_allows(tiny_bert_name):
    run = make_run(tiny_bert_name, epochs=12)
    execute(run)
    assert run.result()["test"]["interval"][0] > 0.5
    said = "".join(element.proto.body for element in open_page(run=run.id).get("html"))
    assert "more than the 50.0% of always answering" in said
    assert math.isclose(run.result()["test"]["majority_share"], 0.5)
