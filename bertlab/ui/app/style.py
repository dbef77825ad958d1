"""The few rules of style that Streamlit's own theme does not have."""

import streamlit as st

from bertlab.ui.figures.assets import joined
from bertlab.ui.state.theme import palette

CSS = (
    f"<style>{joined('frame.css')}</style>"
    + """
<style>
.bl-prose { max-width: 70ch; }
.bl-term { border-bottom: 1.5px dotted currentColor; cursor: help; position: relative; }
.bl-term:hover::after, .bl-term:focus::after {
  content: attr(data-tip); position: absolute; left: 0; top: 1.6em; z-index: 1000;
  width: max-content; max-width: min(21rem, 70vw); padding: 0.5rem 0.7rem; white-space: normal;
  background: var(--bl-ground); color: var(--bl-text);
  border: 1px solid var(--bl-line); border-radius: 0.5rem;
  font-weight: 400; font-size: 0.85rem; line-height: 1.45; box-shadow: 0 4px 16px rgb(0 0 0 / 18%);
}
.bl-strip { display: flex; flex-wrap: wrap; gap: 0.3rem 0.9rem; font-size: 0.82rem;
  opacity: 0.85; margin: -0.4rem 0 0.3rem; }
.bl-strip b { font-weight: 600; }
.bl-figure-title { font-size: 1.06rem; font-weight: 600; line-height: 1.35; }
.block-container, [data-testid="stMainBlockContainer"] { max-width: 76rem; padding-top: 3.2rem; }
/* Share this page: in the row of the title, at its right end, on every page. */
.st-key-share_page { padding-top: 1.6rem; margin-bottom: -5.1rem; position: relative; z-index: 20;
  pointer-events: none; }
.st-key-share_page button { pointer-events: auto; }
@media (max-width: 640px) {
  .st-key-share_page { padding-top: 1rem; margin-bottom: -4.5rem; }
  .st-key-share_page p { position: absolute; width: 1px; height: 1px; overflow: hidden; }
  [data-testid="stMainBlockContainer"] h1 { padding-right: 2.5rem; }
}
/* The numbers are saved beside the picture: the button that saves a drawing is its part's last
   line, and the one that saves its numbers follows (below Plotly's figures they are a row). Of
   several, in a container whose key ends with "_beside", those that find no room stand below. */
[data-testid="stElementContainer"]:has(> .stBidiComponent):not([class*="_svg "])
  + :is([data-testid="stElementContainer"]:has(> .stDownloadButton),
        [data-testid="stLayoutWrapper"]:has(> [class*="_beside"])) {
  margin: -3.5rem 0 0 8.4rem; width: fit-content; align-self: flex-start; position: relative; }
/* Buttons in a row are as high as the drop-downs beside them, so that their labels are level. */
[data-testid="stButtonGroup"] button[data-testid^="stBaseButton"] { min-height: 2.5rem; }
/* Streamlit's captions are too pale for the last row of a classroom. */
[data-testid="stCaptionContainer"], [data-testid="stCaptionContainer"] p { color: inherit; }
[data-testid="stCaptionContainer"] { opacity: 0.8; }
/* The model's name and whether it is on this machine, whole. */
[data-testid="stSidebar"] input[role="combobox"] { font-size: 0.78rem; letter-spacing: -0.01em; }
/* Start stays in sight below a long page. */
[data-testid="stLayoutWrapper"]:has(> .st-key-finetune_start_bar) {
  position: sticky; bottom: 0; z-index: 50; }
.st-key-finetune_start_bar { box-shadow: 0 -2px 14px rgb(0 0 0 / 12%); }
@media (max-width: 640px) {
  .st-key-finetune_start_bar { padding: 0.5rem 0.8rem; gap: 0.4rem; }
  .st-key-finetune_start_bar [data-testid="stHorizontalBlock"] { gap: 0.4rem; }
  .st-key-finetune_start_bar p { font-size: 0.88rem; line-height: 1.35; }
}
</style>
"""
)


def apply() -> None:
    """Add the rules to the page, in the colours of its theme.

    Streamlit's own `--st-*` variables are defined inside components alone.
    """
    colours = palette()
    named = {
        "ground": colours.ground, "text": colours.text, "line": colours.muted,
        "mark": colours.query,
    }  # fmt: skip
    rules = "".join(f"--bl-{name}: {value};" for name, value in named.items())
    st.html(CSS + f"<style>:root {{ {rules} }}</style>")
