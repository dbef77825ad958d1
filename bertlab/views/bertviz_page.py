"""Turning what bertviz writes for a notebook into a page that is complete, offline and safe.

bertviz's HTML fetches require.js, d3 and jQuery from a content network, has no dark mode for its
head view and ten colours for twelve heads. Here its scripts get the same libraries from installed
packages, and those few lines are changed that cannot be changed from outside.
"""

import html
import importlib.metadata
import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Template
from typing import Literal

from bertlab.errors import BertLabError
from bertlab.views.palette import Theme, palette_of

JQUERY = ("XStatic-jQuery", "xstatic/pkg/jquery/data/jquery.min.js")
D3 = ("mpld3", "mpld3/js/d3.v5.min.js")  # version 5: with 7 hovering does nothing
OWN_BYTES = 20_000  # the script of bertviz and the page around it, to within 4 kB

MAX_EMS = 2_600  # of one token
# Sixteen colours that stay apart, those of the lessons first.
COLOURS: dict[Theme, str] = {
    "light": "#0072B2 #D55E00 #009E73 #8E4585 #B8860B #C2185B #5D4037 #00838F "
    "#3F51B5 #558B2F #E53935 #546E7A #6A1B9A #7A6A00 #1B5E20 #EC407A",
    "dark": "#56B4E9 #E69F00 #2FBF9B #CC79A7 #F0E442 #FF8A65 #B39DDB #4DD0E1 "
    "#AED581 #F48FB1 #FFCC80 #90A4AE #7986CB #DCE775 #80CBC4 #EF9A9A",
}
HINTS = {
    "head": "Point at a token to see what it looks at (left) or what looks at it (right). Click a "
    "numbered square to show or hide a head, double-click it to see it alone.",
    "model": "A row for each layer, a column for each head. Click a head to open it; in the opened "
    "head, point at a token on the left.",
}
# No host may be asked for anything, whatever a token holds.
POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'"

PAGE = Template("""<!DOCTYPE html>
<html lang="en" data-theme="$theme">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="$policy">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>$title</title>
<style>
:root { color-scheme: $theme; }
body { margin: 0; padding: 8px; overflow-x: auto; background: $ground; color: $ink;
  font: 16px "Source Sans", "Source Sans 3", "Source Sans Pro", system-ui, sans-serif; }
h1 { font-size: 22px; margin: 8px 0; }
p { max-width: 70ch; line-height: 1.4; margin: 6px 0 12px; overflow-wrap: anywhere; }
#bertviz { font-family: inherit !important; }
select { font: inherit; margin: 0 12px 10px 4px; }
#vis svg { display: block; min-width: ${width}px; }
svg text { fill: $ink; }
.background { fill: $grid; }
.attentionBoxes { opacity: 0.45; } /* the token in front of it stays readable */
.head-label { font-size: 12px; text-anchor: middle; pointer-events: none; fill: $ground; }
.head-label.is-off { fill: $ink; }
</style>
</head>
<body>
$heading$body
<script>$jquery</script>
<script>$d3</script>
<script>
var require = function () {};
require.config = function () {};
var requirejs = function (names, run) {
  run(jQuery, Object.assign(Object.create(d3), { schemeCategory10: $colours }));
};
</script>
<script>
$script
</script>
$opening</body>
</html>
""")
# The model view has no argument for the head to open on, so that head is clicked.
OPENING = Template("""<script>
document.getElementById("attn_background_${layer}_$head").parentNode.lastChild
  .dispatchEvent(new MouseEvent("click"));
</script>
""")
HEAD_LABELS = """checkbox.append("title").text((d, i) => "Head " + i);
        const headLabels = checkboxContainer.selectAll("text").data(config.headVis)
            .enter().append("text").classed("head-label", true).text((d, i) => i)
            .attr("x", (d, i) => (i + 0.5) * CHECKBOX_SIZE).attr("y", top + 14.5);

        function updateCheckboxes() {
            headLabels.classed("is-off", (d, i) => !config.headVis[i]);"""


@dataclass(frozen=True)
class Frame:
    """What goes around a view.

    Attributes:
        view, theme, title: As in `draw_bertviz`.
        paragraphs: Plain text under the title; empty ones are left out.
        opened: The (row, column) of the head to open on, counted among those that are drawn.
    """

    view: Literal["head", "model"]
    theme: Theme
    title: str
    paragraphs: tuple[str, ...]
    opened: tuple[int, int]


def make_page(fragment: str, tokens: Sequence[str], frame: Frame) -> str:
    """Make bertviz's notebook fragment a complete document that works from a file."""
    body, script = _split(fragment)
    script, width = _edit_script(script, tokens, frame)
    colours = palette_of(frame.theme)
    layer, head = frame.opened
    return PAGE.substitute(
        theme=frame.theme,
        policy=POLICY,
        title=html.escape(frame.title or f"bertviz {frame.view} view"),
        ground=colours.ground,
        ink=colours.text,
        grid=colours.grid,
        width=width,
        heading=_heading(frame),
        body=body,
        jquery=library(*JQUERY),
        d3=library(*D3),
        colours=json.dumps(COLOURS[frame.theme].split()),
        script=script,
        opening=OPENING.substitute(layer=layer, head=head) if frame.view == "model" else "",
    )


def fixed_bytes() -> int:
    """The size of a page without its attention."""
    return len(library(*JQUERY)) + len(library(*D3)) + OWN_BYTES


@cache  # two files of an installed package, 325 kB
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


def _split(fragment: str) -> tuple[str, str]:
    """The markup and the script of a fragment; the tag that loads require.js goes."""
    head, _, script = fragment.partition('<script type="text/javascript">')  # no user text so far
    body = head.partition("</script>")[2]
    name = _one_match(r'id="(bertviz-\w+)"', body)  # random: an equal page would not be equal
    return body.replace(name, "bertviz"), script.rpartition("</script>")[0]


def _edit_script(script: str, tokens: Sequence[str], frame: Frame) -> tuple[str, int]:
    """The script with its data made small and safe, and the width in px that it draws."""
    script = re.sub(r"require\.config\(\{.*?\n\}\);", "", script, count=1, flags=re.DOTALL)
    before, marker, rest = script.partition("const params = ")
    params, end = json.JSONDecoder().raw_decode(rest)
    params["root_div_id"] = "bertviz"
    for block in params["attention"]:  # one, or five of a pair
        block["left_text"] = [_shorten(token) for token in block["left_text"]]
        block["right_text"] = [_shorten(token) for token in block["right_text"]]
    after = rest[rest.index("\n", end) :]  # a comment on the same line repeats all the data
    edit = _edit_head_view if frame.view == "head" else _edit_model_view
    after, width = edit(after, tokens, frame)
    return before + marker + _to_javascript(params) + ";" + after, width


def _to_javascript(value: object) -> str:
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


def _replace(script: str, old: str, new: str) -> str:
    if script.count(old) != 1:
        version = importlib.metadata.version("bertviz")
        raise BertLabError(
            f"bertviz {version} is not the version that BertLab knows ({old!r} is not in its "
            "script). Install the right one: pip install bertviz==1.4.1"
        )
    return script.replace(old, new)


def _one_match(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    if match is None:
        raise BertLabError("bertviz is not the version that BertLab knows: bertviz==1.4.1")
    return match.group(1)


def _heading(frame: Frame) -> str:
    if not frame.title:
        return ""
    paragraphs = [html.escape(text) for text in (*frame.paragraphs, HINTS[frame.view]) if text]
    return f"<h1>{html.escape(frame.title)}</h1>" + "".join(f"<p>{text}</p>" for text in paragraphs)


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
