"""Every figure has a text alternative, is saved as a picture, and gives its numbers as CSV."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
UI = sorted((ROOT / "bertlab" / "ui").rglob("*.py")) + sorted((ROOT / "pages").glob("*.py"))
COMPONENTS = ROOT / "bertlab" / "ui" / "figures" / "components"
CONTROLS = {"token_strip", "plotly_picture", "copy_address"}  # what is pressed, not looked at
UNSEEN = {"show_change"}  # draws nothing: it scrolls to what a suggestion changed
DRAWN_BY_STREAMLIT = {"plotly_chart", "echarts_chart", "altair_chart", "vega_lite_chart", "iframe"}


def name_of(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def calls(source: str) -> Iterator[ast.Call]:
    return (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))


def lacking(source: str) -> list[str]:
    """Each figure that has no text alternative, or, drawn by `plot`, no table of its numbers."""
    needed = {"plot": {"alt", "table"}} | {name: {"alt"} for name in DRAWN_BY_STREAMLIT}
    return [
        f"line {call.lineno}: {name}"
        for call in calls(source)
        for name in sorted(needed.get(name_of(call), set()) - {word.arg for word in call.keywords})
    ]


def unsaved(source: str) -> list[str]:
    """Each function that draws with Plotly and offers neither picture nor table."""
    functions = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef))
    called = {node.name: {name_of(call) for call in calls(ast.unparse(node))} for node in functions}
    return [
        function
        for function, names in called.items()
        if "plotly_chart" in names and "save_buttons" not in names
    ]


def components(source: str) -> Iterator[tuple[str, str]]:
    """Name and html of each component that a module registers."""
    for call in calls(source):
        if name_of(call) == "own_component":
            yield ast.literal_eval(call.args[0]), ast.unparse(call.args[1])


def test_the_rules_can_be_broken():
    assert lacking('plot(figure, key="a_b", alt="words")') == ["line 1: table"]
    assert lacking('st.plotly_chart(figure)\nst.iframe("x", alt="y")') == ["line 1: alt"]
    assert unsaved("def draw():\n    st.plotly_chart(figure, alt=alt)") == ["draw"]


def test_there_is_something_to_hold():
    found = [name_of(call) for path in UI for call in calls(path.read_text(encoding="utf-8"))]
    assert found.count("plot") > 30
    assert found.count("plotly_chart") >= 1


def test_every_figure_says_what_it_shows_and_gives_its_numbers():
    for path in UI:
        source = path.read_text(encoding="utf-8")
        assert not lacking(source), path
        assert not unsaved(source), path


def test_every_figure_of_our_own_is_named_and_saved():
    registered = dict(
        entry for path in UI for entry in components(path.read_text(encoding="utf-8"))
    )
    scripts = {
        path.stem: path.read_text(encoding="utf-8")
        for path in COMPONENTS.glob("*.js")
        if "export default" in path.read_text(encoding="utf-8")
    }
    assert set(registered) == set(scripts) - UNSEEN
    for name in set(registered) - CONTROLS:
        assert "aria-label" in scripts[name], name
        assert "save_button(" in registered[name], name
        assert '.querySelector(".save").onclick' in scripts[name], name


def test_a_save_button_looks_the_same_everywhere():
    for path in COMPONENTS.glob("*.css"):
        rules = path.read_text(encoding="utf-8")
        if path.stem != "save_button":
            assert "font" not in rules.partition(".save")[2].partition("}")[0], path.name
