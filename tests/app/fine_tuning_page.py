"""The fine-tuning page under AppTest: opened, filled, read; and runs for it to show."""

from pathlib import Path

from lesson_pages import ME
from streamlit.testing.v1 import AppTest

from bertlab.datasets import Examples, Split
from bertlab.runs import create_run, list_runs, open_run
from bertlab.runs.looks import reveal
from bertlab.runs.settings import Settings

ROOT = Path(__file__).parents[2]
ROUTER = str(ROOT / "bertlab" / "ui" / "app" / "router.py")
PAGE = str(ROOT / "pages" / "fine_tuning.py")
PATIENCE = 60  # seconds; the first page of a test process loads torch
GOOD = ("a good film", "we loved it", "great cat", "she likes the movie")
BAD = ("a bad film", "we hated it", "awful cat", "not very good")


def open_page(*, is_revealed: bool = True, **query) -> AppTest:
    """Open it; the test scores of finished runs have been asked for, unless told otherwise."""
    for run in list_runs() if is_revealed else ():
        if run.result():
            reveal(run)
    app = AppTest.from_file(ROUTER, default_timeout=PATIENCE)
    app.session_state["owner"] = ME
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
    sound(widget(app.button_group, "Data").set_value("own").run())
    return sound(app.file_uploader[0].upload(name, data).run())


def text_of(app: AppTest) -> str:
    """All that the page says in words."""
    kinds = (app.markdown, app.error, app.warning, app.info, app.success, app.text, app.caption)
    return "\n".join(element.value for kind in kinds for element in kind).replace("\\", "")


def html_of(app: AppTest) -> str:
    """All HTML of the page."""
    return "\n".join(element.proto.body for element in app.get("html"))


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


def examples(label=lambda n, right: right) -> Examples:
    texts = [f"{text} {sign}" for sign in ".,!?" for text in (*GOOD, *BAD)]
    right = [name for _ in ".,!?" for name in (*["pos"] * 4, *["neg"] * 4)]
    names = tuple(label(n, name) for n, name in enumerate(right))
    return Examples(tuple(texts), None, names, ("neg", "pos"), tuple(range(2, 34)))


def make_run(model, *, rows=None, owner=ME, **options):
    rows = rows or examples()
    values = {"epochs": 4, "batch_size": 8, "learning_rate": 5e-3, "device": "cpu", "seed": 3}
    settings = Settings(model=model, pinned=("a good cat", "bad!"), **{**values, **options})
    return create_run(settings, Split(rows, rows, rows), owner=owner, source_name="films.csv")


def text_of_progress(app: AppTest) -> str:
    return " ".join(element.proto.text for element in app.get("progress"))


def metrics(app: AppTest) -> dict[str, str]:
    return {element.label: element.value for element in app.metric}


def charts(app: AppTest) -> list[str]:
    return [element.type for kind in ("echarts_chart", "plotly_chart") for element in app.get(kind)]
