"""bertviz's own scripts, from the installed package, with the few lines changed that must be.

They fetch d3 and jQuery from a content network, head view and neuron view have no dark mode that
fits the page, twelve heads share ten colours, and what cannot be changed from outside is changed
here, line by line; a bertviz that has other lines is refused.
"""

import importlib.metadata
import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from bertlab.errors import BertLabError
from bertlab.views.shared.palette import Theme, palette_of

View = Literal["head", "model", "neuron"]

MAX_EMS = 2_600  # of one token
BLOCKS = ("A -> Sentence A", "B -> Sentence B", "A -> Sentence B", "B -> Sentence A")
HEAD_LABELS = """checkbox.append("title").text((d, i) => "Head " + i);
        const headLabels = checkboxContainer.selectAll("text").data(config.headVis)
            .enter().append("text").classed("head-label", true).text((d, i) => i)
            .attr("x", (d, i) => (i + 0.5) * CHECKBOX_SIZE).attr("y", top + 14.5);

        function updateCheckboxes() {
            headLabels.classed("is-off", (d, i) => !config.headVis[i]);"""
# The neuron view opens on a token, and that token stays when the pointer leaves.
NEURON_OPENED = """config.bidirectional = params['bidirectional'];
            config.expanded = true;
            config.index = params['index'];"""
NEURON_KEPT = """tokenContainer.on("mouseleave", function () {
                    if (config.expanded) return;"""


@dataclass(frozen=True)
class Frame:
    """What goes around a view, and what it opens on.

    Attributes:
        view, theme, title: As in `draw_bertviz`.
        paragraphs: Plain text under the title; empty ones are left out.
        layers: The layers that are drawn.
        heads: How many heads each of them has.
        layer, head: What it opens on.
        query: The token that the neuron view opens on.
        second_start: Where the second sentence begins; None without one.
    """

    view: View
    theme: Theme
    title: str
    paragraphs: tuple[str, ...]
    layers: tuple[int, ...]
    heads: int
    layer: int
    head: int
    query: int
    second_start: int | None


def view_script(tokens: Sequence[str], frame: Frame) -> tuple[str, int]:
    """The script of a view with its settings in it, and the width in px that it draws."""
    script = library("bertviz", f"bertviz/{frame.view}_view.js")
    script = re.sub(r"require\.config\(\{.*?\n\}\);", "", script, count=1, flags=re.DOTALL)
    params = f"const params = {to_javascript(parameters(tokens, frame))};\nfill(params);"
    if frame.view == "neuron":
        script = _replace(script, "const params = window.bertviz_params", params)
    else:  # a comment on the same line would repeat all the data
        line = re.search(r"^ *const params = PYTHON_PARAMS;.*$", script, flags=re.MULTILINE)
        script = _replace(script, line[0] if line else "const params = PYTHON_PARAMS;", params)
    edit = {"head": _edit_head_view, "model": _edit_model_view, "neuron": _edit_neuron_view}
    return edit[frame.view](script, tokens, frame)


def parameters(tokens: Sequence[str], frame: Frame) -> dict[str, Any]:
    """What bertviz's script is told, without the numbers, which are filled in in the browser.

    Each block names its tokens and the rows and columns of the attention that are its own.
    """
    count, start = len(tokens), frame.second_start
    a, b, whole = (0, start or 0), (start or 0, count), (0, count)
    spans = [(whole, whole)] + ([] if start is None else [(a, a), (b, b), (a, b), (b, a)])
    shown = [_shorten(token) for token in tokens]
    blocks = [
        {"left_text": shown[slice(*rows)], "right_text": shown[slice(*columns)],
         "rows": rows, "columns": columns}
        for rows, columns in spans
    ]  # fmt: skip
    common: dict[str, Any] = {"attention": blocks, "default_filter": "0", "root_div_id": "bertviz"}
    common |= {"include_layers": frame.layers}
    if frame.view == "head":
        return common | {"layer": frame.layer, "heads": [frame.head]}
    common |= {"display_mode": frame.theme}
    if frame.view == "model":
        return common | {"include_heads": list(range(frame.heads)), "total_heads": frame.heads}
    opened = {"layer": frame.layers.index(frame.layer), "head": frame.head, "index": frame.query}
    return common | opened | {"bidirectional": True}


def view_body(frame: Frame) -> str:
    """The markup that a view's script expects: its drop-downs and its place."""
    selects = {
        "head": "Layer: <select id='layer'></select>",
        "model": "",
        "neuron": "Layer: <select id='layer'></select> Head: <select id='att_head'></select>",
    }[frame.view]
    if frame.second_start is not None:
        names = ["All", *(f"Sentence {name}".replace(">", "&gt;") for name in BLOCKS)]
        options = "".join(f'<option value="{i}">{name}</option>' for i, name in enumerate(names))
        selects += f" Attention: <select id='filter'>{options}</select>"
    return f"<div id='bertviz'><span>{selects}</span><div id='vis'></div></div>"


@cache  # the scripts of three installed packages, 400 kB
def library(distribution: str, path: str) -> str:
    """Read a script that an installed package carries, without importing the package.

    Raises:
        BertLabError: The package, or the file in it, is missing.
    """
    try:
        files = importlib.metadata.files(distribution) or []
    except importlib.metadata.PackageNotFoundError:
        files = []
    found = [Path(str(file.locate())) for file in files if file.as_posix() == path]
    if not found or not found[0].exists():
        raise BertLabError(
            f"{path} is missing, so bertviz cannot draw. Install it again: "
            f"pip install --force-reinstall {distribution}"
        )
    text = found[0].read_text(encoding="utf-8")
    return re.sub(r"^//# sourceMappingURL=.*$", "", text, flags=re.MULTILINE)


def to_javascript(value: object) -> str:
    r"""JSON that a script may hold: no "</script>" and no "<!--", as "<" is written \u003c."""
    return json.dumps(value, separators=(",", ":")).replace("<", r"\u003c")


def _edit_head_view(script: str, tokens: Sequence[str], frame: Frame) -> tuple[str, int]:
    box = max(110, _text_width(tokens, 15) + 16)
    script = _replace(script, "const BOXWIDTH = 110;", f"const BOXWIDTH = {box};")
    script = _replace(script, "function updateCheckboxes() {", HEAD_LABELS)
    fade = "c.l *= 0.3" if frame.theme == "dark" else "c.l += (1 - c.l) * 0.6"  # a head that is off
    script = _replace(script, "const increment = (1 - c.l) * 0.6;", f"{fade}; return c;")
    return script, 2 * box + 115


def _edit_model_view(script: str, tokens: Sequence[str], frame: Frame) -> tuple[str, int]:
    colours = palette_of(frame.theme)
    box = max(80, _text_width(tokens, 13) + 8)
    script = _replace(script, "const DETAIL_BOX_WIDTH = 80;", f"const DETAIL_BOX_WIDTH = {box};")
    script = _replace(script, "const DETAIL_WIDTH = 300;", f"const DETAIL_WIDTH = {2 * box + 140};")
    script = _replace(script, "'background': 'white'", f"'background': '{colours.ground}'")
    script = _replace(script, "'background': 'black'", f"'background': '{colours.ground}'")
    script = _replace(script, "'highlight': '#222'", "'highlight': '#1A1F28'")
    left = "leftPos + THUMBNAIL_PADDING - DETAIL_WIDTH + 8"  # may be outside, if tokens are long
    script = _replace(script, f"x = {left};", f"x = Math.max(MIN_X, {left});")
    script = _replace(script, "config.layers[layer] % 10", "config.layers[layer] % 16")
    return _replace(script, 'console.log("x", x, y)', ""), 970


def _edit_neuron_view(script: str, tokens: Sequence[str], frame: Frame) -> tuple[str, int]:
    colours = palette_of(frame.theme)
    box = max(120, _text_width(tokens, 15) + 34)  # the sign that closes the view stands in it
    script = _replace(script, "const BOXWIDTH = TEXT_SIZE * 8;", f"const BOXWIDTH = {box};")
    script = _replace(script, "'background': 'white'", f"'background': '{colours.ground}'")
    script = _replace(script, "'background': 'black'", f"'background': '{colours.ground}'")
    for name, old in (("attn", "'blue'"), ("connector", '"blue"')):  # dark ones have their own
        script = _replace(script, f"'{name}': {old}", f"'{name}': '{colours.query}'")
    script = _replace(
        script,
        'layerSelect.append($("<option />").val(i).text(i));',
        'layerSelect.append($("<option />").val(i).text(params.include_layers[i]));',
    )
    script = _replace(script, "config.bidirectional = params['bidirectional'];", NEURON_OPENED)
    script = _replace(script, 'tokenContainer.on("mouseleave", function () {', NEURON_KEPT)
    return script, 2 * box + 770


def _replace(script: str, old: str, new: str) -> str:
    if script.count(old) != 1:
        version = importlib.metadata.version("bertviz")
        raise BertLabError(
            f"bertviz {version} is not the version that BertLab knows ({old!r} is not in its "
            "script). Install the right one: pip install bertviz==1.4.1"
        )
    return script.replace(old, new)


def _text_width(tokens: Sequence[str], size: int) -> int:
    """The px that the widest token takes in a sans-serif type of this size, rather too many."""
    return max(_ems(_shorten(token)) * size // 100 for token in tokens)


def _shorten(token: str) -> str:
    """Cut a token that is wider than 26 em, about 45 letters or 26 Chinese characters."""
    if _ems(token) <= MAX_EMS:
        return token
    while _ems(token) > MAX_EMS:
        token = token[: len(token) * MAX_EMS // _ems(token)]
    return token + "…"


def _ems(text: str) -> int:
    """The width of a text in hundredths of the type's size."""
    return sum(100 if unicodedata.east_asian_width(char) in "WF" else 58 for char in text)
