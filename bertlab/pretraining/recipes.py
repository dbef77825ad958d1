"""The recipes of the embedded models."""

from __future__ import annotations

from pathlib import Path

from bertlab.errors import InputError

FOLDER = Path(__file__).parents[1] / "assets" / "recipes"


def find_recipe(name: str) -> Path:
    """Find a recipe: `find_recipe("bertlab-mini-en")` is the file that ships with BertLab.

    Args:
        name: of an embedded model, or the path of a TOML file.

    Raises:
        InputError: there is none.
    """
    shipped = {path.stem: path for path in sorted(FOLDER.glob("*.toml"))}
    if name in shipped:
        return shipped[name]
    if Path(name).is_file():
        return Path(name)
    raise InputError(f"There is no recipe {name!r}. Give a TOML file, or: {', '.join(shipped)}.")
