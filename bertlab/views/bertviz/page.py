"""A page around one of bertviz's views that is complete, offline, small and safe.

bertviz's HTML is made for a notebook and fetches require.js, d3 and jQuery from a content network.
Here its scripts get the same libraries from installed packages, packed as the numbers are.
"""

import html
import json
from collections.abc import Mapping, Sequence
from functools import cache
from string import Template

from bertlab.views.bertviz.data import UNPACKING, Packed, deflate
from bertlab.views.bertviz.offline_script import FRAME_SCRIPTS, RUN_BLOCKS
from bertlab.views.bertviz.scripts import (
    Frame,
    View,
    library,
    to_javascript,
    view_body,
    view_script,
)
from bertlab.views.shared.palette import Theme, palette_of

JQUERY = ("XStatic-jQuery", "xstatic/pkg/jquery/data/jquery.min.js")
D3 = ("mpld3", "mpld3/js/d3.v5.min.js")  # version 5: with 7 hovering does nothing
PAGE_BYTES = 4_000  # the page without libraries, bertviz's script and numbers, to within 1 kB

# Sixteen colours that stay apart, those of the lessons first.
COLOURS: dict[Theme, str] = {
    "light": "#0072B2 #D55E00 #009E73 #8E4585 #B8860B #C2185B #5D4037 #00838F "
    "#3F51B5 #558B2F #E53935 #546E7A #6A1B9A #7A6A00 #1B5E20 #EC407A",
    "dark": "#56B4E9 #E69F00 #2FBF9B #CC79A7 #F0E442 #FF8A65 #B39DDB #4DD0E1 "
    "#AED581 #F48FB1 #FFCC80 #90A4AE #7986CB #DCE775 #80CBC4 #EF9A9A",
}
HINTS: dict[View, str] = {
    "head": "Point at a token to see what it looks at (left) or what looks at it (right). Click a "
    "numbered square to show or hide a head, double-click it to see it alone.",
    "model": "A row for each layer, a column for each head. Click a head to open it; in the opened "
    "head, point at a token on the left.",
    "neuron": "Point at a token on the left: its query meets every key, number by number. Blue is "
    "above 0, orange below; point at a number to read it. The minus sign beside the token closes "
    "the computation, a plus sign opens it.",
}
# No host may be asked for anything, whatever a token holds.
POLICY = f"default-src 'none'; script-src {FRAME_SCRIPTS} blob:; style-src 'unsafe-inline'"

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
#bertviz > span { user-select: none; }
select { font: inherit; margin: 0 12px 10px 4px; }
#vis { min-height: ${height}px; }
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
<script type="text/plain">
$unpacking
// jQuery 3.7.1 and d3 5, each with its own notice at its top, then the numbers.
const libraries = $libraries;
const packed = $packed;
const ready = (async () => {
  for (const text of libraries) {
    await run(await unpack(text).text());
  }
  for (const name in packed) arrays[name] = await numbers(packed[name]);
})();
ready.catch((problem) => {
  document.getElementById("vis").textContent =
    "This page needs a browser of 2023 or later (" + problem + ").";
});
var require = function () {};
require.config = function () {};
var requirejs = (names, run) => ready.then(() =>
  run(jQuery, Object.assign(Object.create(d3), { schemeCategory10: $colours })));
</script>
<script type="text/plain">
$script
</script>
$opening<script>$run_blocks</script>
</body>
</html>
""")
# The model view has no argument for the head to open on, so that head is clicked.
OPENING = Template("""<script type="text/plain">
ready.then(() => document.getElementById("attn_background_${layer}_$head").parentNode.lastChild
  .dispatchEvent(new MouseEvent("click")));
</script>
""")
# The neuron view knows the number of each cell and shows it nowhere.
NUMBERS_ON_HOVER = """<script type="text/plain">
document.addEventListener("mouseover", ({ target }) => {
  const value = target.getAttribute?.("data-value");
  if (value === null || value === undefined) return;
  const title = target.querySelector("title") ??
    target.appendChild(document.createElementNS("http://www.w3.org/2000/svg", "title"));
  title.textContent = String(+(+value).toPrecision(3));
});
</script>
"""


def make_page(tokens: Sequence[str], arrays: Mapping[str, Packed], frame: Frame) -> str:
    """Make a complete document that works from a file.

    Args:
        tokens: One name for each position.
        arrays: "attn", and for the neuron view "queries" and "keys", of the layers in the frame.
        frame: What goes around it.
    """
    script, width = view_script(tokens, frame)
    colours = palette_of(frame.theme)
    return PAGE.substitute(
        theme=frame.theme,
        policy=POLICY,
        title=html.escape(frame.title or f"bertviz {frame.view} view"),
        ground=colours.ground,
        ink=colours.text,
        grid=colours.grid,
        width=width,
        height=_height(len(tokens), frame),
        heading=_heading(frame),
        body=view_body(frame),
        unpacking=UNPACKING,
        libraries=json.dumps([packed_library(*JQUERY), packed_library(*D3)]),
        packed=to_javascript({name: array.to_json() for name, array in arrays.items()}),
        colours=json.dumps(COLOURS[frame.theme].split()),
        script=script,
        opening=_opening(frame),
        run_blocks=RUN_BLOCKS,
    )


def fixed_bytes(view: View = "head") -> int:
    """The size of a view's page without tokens and numbers."""
    libraries = sum(len(packed_library(*name)) for name in (JQUERY, D3))
    return libraries + len(library("bertviz", f"bertviz/{view}_view.js")) + PAGE_BYTES


@cache  # two files, 145 kB
def packed_library(distribution: str, path: str) -> str:
    """A library's script as a page carries it, less than half as long."""
    return deflate(library(distribution, path).encode())


def _opening(frame: Frame) -> str:
    if frame.view == "model":
        row = frame.layers.index(frame.layer)
        return OPENING.substitute(layer=row, head=frame.head)
    return NUMBERS_ON_HOVER if frame.view == "neuron" else ""


def _height(count: int, frame: Frame) -> int:
    """What the view will take, so that a frame is as high before the numbers are unpacked."""
    if frame.view == "model":
        thumbnail = 84 * count / frame.heads + 10
        return round(max(len(frame.layers) * thumbnail + 39, 18 * count + 55))
    return round(22.5 * count + 30) if frame.view == "head" else 26 * count + 100


def _heading(frame: Frame) -> str:
    if not frame.title:
        return ""
    paragraphs = [html.escape(text) for text in (*frame.paragraphs, HINTS[frame.view]) if text]
    return f"<h1>{html.escape(frame.title)}</h1>" + "".join(f"<p>{text}</p>" for text in paragraphs)
