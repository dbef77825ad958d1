"""One scale for numbers that may be below 0: orange, the page's own ground at 0, purple (PuOr)."""

from plotly.colors import find_intermediate_color, hex_to_rgb

from bertlab.views.palette import Theme, palette_of

# The ends of ColorBrewer's PuOr, a step lighter on a dark ground.
ENDS: dict[Theme, tuple[str, str]] = {
    "light": ("#B35806", "#542788"),
    "dark": ("#FDB863", "#B2ABD2"),
}


def diverging(value: float, top: float, theme: Theme) -> str:
    """The colour of a number between -top and top: `diverging(0, 1, "light")` is the ground.

    The root of the size is drawn, so that small numbers can still be told from 0.
    """
    share = min(1.0, abs(value) / top) ** 0.7 if top > 0 else 0.0
    ground = tuple(part / 255 for part in hex_to_rgb(palette_of(theme).ground))
    end = tuple(part / 255 for part in hex_to_rgb(ENDS[theme][value > 0]))
    return "#{:02X}{:02X}{:02X}".format(
        *(round(255 * part) for part in find_intermediate_color(ground, end, share))
    )
