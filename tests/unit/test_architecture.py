"""The arrows run one way: pages -> ui -> views -> observations -> core -> torch, transformers.

And who knows a lesson's address knows its files: its slug names it in every layer.
"""

import ast
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = sorted((ROOT / "bertlab").rglob("*.py"))
PAGES = sorted((ROOT / "pages").glob("*.py"))
SLUGS = {path.stem for path in PAGES}
CORE, OBSERVATIONS, VIEWS, CLI, UI = range(5)  # the command line may use core and views
# The floors of the user interface: each may use those before it.
FLOORS = ("state", "figures", "server", "widgets", "app", "training", "runs", "lessons")


def layer(name: str) -> int:
    """The layer of a module: `layer("bertlab.views.layers")` is VIEWS."""
    layers = {"observations": OBSERVATIONS, "views": VIEWS, "cli": CLI, "ui": UI}
    return layers.get(second(name), CORE)


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def imports(path: Path) -> frozenset[str]:
    """Every module that a file imports, wherever in the file it does so."""
    found = set()
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are written in full"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return frozenset(found)


def top(name: str) -> str:
    return name.partition(".")[0]


def second(name: str) -> str:
    """What of bertlab a module belongs to: `second("bertlab.runs.lease")` is "runs"."""
    return (*name.split("."), "")[1]


def arrows(modules: list[Path] = MODULES) -> Iterator[tuple[str, str]]:
    """Each import of one of our modules by another, as (importer, imported)."""
    for path in modules:
        for name in imports(path):
            if top(name) == "bertlab":
                yield module_name(path), name


def test_there_is_something_to_hold():
    assert {layer(module_name(path)) for path in MODULES} == {CORE, OBSERVATIONS, VIEWS, CLI, UI}
    assert len(list(arrows())) > 1_000


def is_upwards(importer: str, imported: str) -> bool:
    """Whether an arrow runs up, or from a page to the command line."""
    own, other = layer(importer), layer(imported)
    return other > own or (own == UI and other == CLI)


def test_the_rule_of_the_layers_can_be_broken():
    assert is_upwards("bertlab.views.layers", "bertlab.ui.app")
    assert is_upwards("bertlab.inspection.trace", "bertlab.observations.layers")
    assert is_upwards("bertlab.ui.app.style", "bertlab.cli.output")
    assert not is_upwards("bertlab.ui.app.style", "bertlab.views.layers")


def test_no_module_imports_one_above_it():
    assert [arrow for arrow in arrows() if is_upwards(*arrow)] == []


def test_the_user_interface_has_floors():
    """Of `bertlab.ui.widgets` none imports `bertlab.ui.lessons`, and so on."""
    found = []
    for importer, imported in arrows():
        one, other = importer.split(".")[1:3], imported.split(".")[1:3]
        if (
            one[:1] == other[:1] == ["ui"]
            and len(one) == 2
            and FLOORS.index(one[1]) < FLOORS.index(other[1])
        ):
            found.append((importer, imported))
    assert found == []


def order_of(needs: dict[str, set[str]]) -> list[str]:
    """From what needs nothing to what nothing needs."""
    return list(TopologicalSorter(needs).static_order())


@pytest.mark.parametrize("package", ["", "datasets", "finetuning", "inspection", "pretraining"])
def test_no_two_parts_need_each_other(package):
    """What lies directly below bertlab, or below a package of it, has an order."""
    prefix = ".".join(["bertlab", package]).rstrip(".")
    depth = prefix.count(".") + 1
    needs: dict[str, set[str]] = defaultdict(set)
    for importer, imported in arrows():
        ends = [name.split(".") for name in (importer, imported)]
        if all(
            name.startswith(f"{prefix}.") and len(name.split(".")) > depth
            for name in (importer, imported)
        ):
            one, other = (end[depth] for end in ends)
            if one != other:
                needs[one].add(other)
    assert len(order_of(needs)) > 3  # a cycle is a CycleError that names it
    if not package:
        order = order_of(needs)
        names = ("runs", "training", "finetuning", "engine")
        assert sorted(names, key=order.index) == list(names)


def test_a_circle_is_found():
    with pytest.raises(CycleError):
        order_of({"a": {"b"}, "b": {"a"}})


def test_no_caller_changes_how_a_shared_tokenizer_cuts_and_pads():
    """`tokenizer(..., truncation=True)` switches its backend over, under everybody else's feet."""
    found = []
    for path in MODULES:
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Call):
                told = {word.arg: word.value for word in node.keywords}
                for name in ("truncation", "padding"):
                    value = told.get(name)
                    if isinstance(value, ast.Constant) and value.value not in (False, None):
                        found.append(f"{path}:{node.lineno}")
    assert found == []


def test_streamlit_is_imported_by_the_ui_alone():
    below = [path for path in MODULES if layer(module_name(path)) != UI]
    assert [path for path in below if "streamlit" in {top(name) for name in imports(path)}] == []
    reaches_up = [path for path in MODULES if {top(n) for n in imports(path)} & {"pages", "app"}]
    assert reaches_up == []


def test_pages_narrate_and_compute_nothing():
    allowed = {"streamlit", "bertlab", "__future__"}
    found = {path.stem: {top(name) for name in imports(path)} - allowed for path in PAGES}
    assert not any(found.values()), found


def test_pages_are_scripts_without_a_main():
    found = [
        path
        for path in PAGES
        for node in tree_of(path).body
        if isinstance(node, ast.FunctionDef) and node.name == "main"
    ]
    assert found == []


def test_nothing_unsafe_is_loaded():
    unsafe = {"pickle", "joblib", "dill"}
    assert [path for path in MODULES if {top(name) for name in imports(path)} & unsafe] == []
    sources = {path: path.read_text(encoding="utf-8") for path in MODULES}
    assert [path for path, text in sources.items() if "trust_remote_code=True" in text] == []


def test_a_class_name_occurs_once():
    places = defaultdict(list)
    for path in MODULES:
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.ClassDef):
                places[node.name].append(module_name(path))
    assert {name: where for name, where in places.items() if len(where) > 1} == {}


def names_in(folder: str) -> set[str]:
    """What lies in a folder of the package: modules and folders, by their names."""
    found = (ROOT / "bertlab" / folder).iterdir()
    return {path.stem for path in found} - {"__init__", "__pycache__"}


@pytest.mark.parametrize(
    ("folder", "others"),
    [
        ("observations", set()),
        ("views", {"shared", "training", "bertviz"}),
        ("ui/lessons", {"examples"}),
        ("ui/lessons/examples", set()),
    ],
)
def test_a_lesson_has_one_name_in_every_layer(folder, others):
    assert names_in(folder) - others <= SLUGS
    assert len(names_in(folder) & SLUGS) > 8
