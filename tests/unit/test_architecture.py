"""The arrows run one way: pages -> ui -> views -> core -> torch and transformers."""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = sorted((ROOT / "bertlab").rglob("*.py"))
PAGES = sorted((ROOT / "pages").glob("*.py"))
CORE, VIEWS, CLI, UI = range(4)  # the command line may use core and views


def layer(name: str) -> int:
    """The layer of a module: `layer("bertlab.views.shared.heatmap")` is VIEWS."""
    parts = name.split(".")
    second = parts[1] if len(parts) > 1 else ""
    return {"views": VIEWS, "cli": CLI, "ui": UI}.get(second, CORE)


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path) -> set[str]:
    """Every module that a file imports, wherever in the file it does so."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are written in full"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def top(name: str) -> str:
    return name.partition(".")[0]


def second(name: str) -> str:
    """What of bertlab a module belongs to: `second("bertlab.runs.lease")` is "runs"."""
    return (*name.split("."), "")[1]


def test_there_is_something_to_hold():
    assert {CORE, VIEWS, CLI, UI} == {layer(module_name(path)) for path in MODULES}


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_no_module_imports_one_above_it(path):
    own = layer(module_name(path))
    ours = {name for name in imports(path) if top(name) == "bertlab"}
    assert not {name for name in ours if layer(name) > own}
    if own == UI:
        assert not {name for name in ours if layer(name) == CLI}


def test_no_two_packages_need_each_other():
    """What lies directly below bertlab, packages and single modules, has an order."""
    needs: dict[str, set[str]] = {}
    for path in MODULES:
        own = second(module_name(path))
        needed = {second(name) for name in imports(path) if top(name) == "bertlab"}
        needs.setdefault(own, set()).update(needed - {own, ""})
    order = list(TopologicalSorter(needs).static_order())  # a cycle is a CycleError that names it
    assert order.index("runs") < order.index("finetuning") < order.index("engine")


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_no_caller_changes_how_a_shared_tokenizer_cuts_and_pads(path):
    """`tokenizer(..., truncation=True)` switches its backend over, under everybody else's feet."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            told = {word.arg: word.value for word in node.keywords}
            for name in ("truncation", "padding"):
                value = told.get(name)
                assert not isinstance(value, ast.Constant) or value.value in (False, None)


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_streamlit_is_imported_by_the_ui_alone(path):
    if layer(module_name(path)) != UI:
        assert "streamlit" not in {top(name) for name in imports(path)}
    assert not {name for name in imports(path) if top(name) in ("pages", "app")}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_pages_narrate_and_compute_nothing(path):
    allowed = {"streamlit", "bertlab", "__future__"}
    assert {top(name) for name in imports(path)} <= allowed


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_pages_are_scripts_without_a_main(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert "main" not in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_nothing_unsafe_is_loaded(path):
    source = path.read_text(encoding="utf-8")
    assert "trust_remote_code=True" not in source
    assert not {"pickle", "joblib", "dill"} & {top(name) for name in imports(path)}
