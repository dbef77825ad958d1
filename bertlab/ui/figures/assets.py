"""The files that the parts of a page are made of: `bertlab/ui/figures/components`."""

from pathlib import Path

_FOLDER = Path(__file__).parent / "components"


def joined(*names: str) -> str:
    """The texts of some files, one after the other: what parts share stands before their own."""
    return "\n".join((_FOLDER / name).read_text(encoding="utf-8") for name in names)
