"""A page of the app under Streamlit's AppTest, in a student's words."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).parents[2]
ROUTER = ROOT / "bertlab" / "ui" / "app" / "router.py"
INSIDE = ("token_path", "attention", "attention_cell", "heads", "ablation", "layers", "embeddings")
LESSONS = ("home", "tokenization", "masked_words", "next_sentence", *INSIDE)
ME = "the-browser-of-a-test"  # who opens pages here, and whose the runs are
SECONDS = 60  # the first run loads torch and a model


@dataclass
class Lesson:
    """A page of the app as a student sees it, in words."""

    at: AppTest

    def run(self) -> "Lesson":
        self.at.run()
        return self

    def click(self, label: str) -> "Lesson":
        next(button for button in self.at.button if button.label == label).click()
        return self.run()

    def type(self, text: str, *, label: str = "Sentence") -> "Lesson":
        next(box for box in self.at.text_input if box.label == label).set_value(text)
        return self.run()

    @property
    def buttons(self) -> list[str]:
        return [button.label for button in self.at.button]

    @property
    def enabled(self) -> list[str]:
        """The buttons that can be pressed."""
        return [button.label for button in self.at.button if not button.disabled]

    @property
    def html(self) -> str:
        """All that `st.html` was given."""
        return "\n".join(element.proto.body for element in self.at.get("html"))

    @property
    def charts(self) -> list[str]:
        """Plotly's figures as JSON."""
        return [element.proto.spec for element in self.at.get("plotly_chart")]

    @property
    def strip(self) -> dict[str, Any]:
        """What the token strip was told to draw."""
        return json.loads(self.component("token_strip").json)

    def component(self, name: str) -> Any:
        """What one of our own components was told to draw."""
        (proto,) = (
            element.proto
            for element in self.at.get("bidi_component")
            if element.proto.component_name == f"bertlab_{name}"
        )
        return proto

    @property
    def pieces(self) -> list[str]:
        return [chip["piece"] for chip in self.strip["chips"]]

    @property
    def masked(self) -> list[int]:
        return [i for i, chip in enumerate(self.strip["chips"]) if "masked" in chip["classes"]]

    @property
    def layout(self) -> dict[int, str]:
        """What stands where on the page, by place: an element that changes its place is remade."""
        return {place: part.type for place, part in self.at.main.children.items()}

    @property
    def messages(self) -> str:
        boxes = (self.at.info, self.at.warning, self.at.error, self.at.success)
        return "\n".join(element.value for box in boxes for element in box)

    def sound(self) -> "Lesson":
        """Hold that the page ran through: no traceback, no last-resort message."""
        assert not self.at.exception, self.at.exception
        assert "made a mistake" not in self.messages
        assert self.at.title
        return self


def open_page(name: str, **query: str) -> Lesson:
    """Open a page by its name, with query parameters as a link has them."""
    at = AppTest.from_file(str(ROUTER), default_timeout=SECONDS)
    at.session_state["owner"] = ME
    for key, value in query.items():
        at.query_params[key] = value
    if name != "home":
        at.switch_page(str(ROOT / "pages" / f"{name}.py"))
    return Lesson(at).run()
