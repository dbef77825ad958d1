"""User text in Plotly figures, which read a small HTML: every sign must stand for itself."""

import html


def escape(text: str) -> str:
    """Keep Plotly from reading markup in a label: `escape("<b>")` is "&lt;b&gt;"."""
    return html.escape(text, quote=False)
