"""WordPiece's steps as HTML: what normalization changed, the words, every attempted piece."""

from collections.abc import Sequence
from html import escape

from bertlab.tokenization.wordpiece import Attempt, Change, NormalizationStep, Word
from bertlab.views.shared.palette import Palette

SHOWN_CHANGES = 24  # of one step; more would bury the lesson
SHOWN_ATTEMPTS = 80  # of one word; a word of 100 letters can take 5,050
SHOWN_WORDS = 120  # of one text, as chips; the table has all

STEP_TITLES = {
    "clean": "Clean: control characters go, every white space becomes a blank",
    "space_cjk": "Put blanks around Chinese characters",
    "strip_accents": "Strip accents",
    "lowercase": "Lower case",
}


def style(palette: Palette) -> str:
    """The rules that the pieces of HTML below share, in one theme's colours."""
    return f"""<style>
.wp {{ font-family: "Source Code Pro", monospace; font-size: 0.95rem; }}
.wp-steps {{ display: grid; gap: 0.6rem; }}
.wp-step {{ border-left: 3px solid {palette.grid}; padding: 0.15rem 0 0.15rem 0.8rem; }}
.wp-step.did {{ border-color: {palette.query}; }}
.wp-step small {{ opacity: 0.75; }}
.wp-chips {{ display: flex; flex-wrap: wrap; gap: 0.35rem; }}
.wp-chip {{ border: 1px solid {palette.grid}; border-radius: 0.4rem; padding: 0.12rem 0.45rem;
  white-space: pre-wrap; overflow-wrap: anywhere; }}
.wp-chip small {{ opacity: 0.65; margin-left: 0.45rem; }}
.wp-from {{ color: {palette.key}; text-decoration: line-through; white-space: pre; }}
.wp-to {{ color: {palette.value}; white-space: pre; }}
.wp-ladder {{ display: flex; flex-wrap: wrap; gap: 0.8rem; align-items: flex-start; }}
.wp-rung {{ display: grid; gap: 0.12rem; max-width: 100%; }}
.wp-try {{ padding: 0.08rem 0.5rem; border-radius: 0.35rem; white-space: pre; overflow: hidden;
  text-overflow: ellipsis; max-width: 30rem; color: {palette.muted}; }}
.wp-try.found {{ color: {palette.text}; font-weight: 600; outline: 1.5px solid {palette.value}; }}
</style>"""


def steps_html(steps: Sequence[NormalizationStep]) -> str:
    """Each step of normalization with the characters that it changed."""
    return f'<div class="wp-steps">{"".join(_step(step) for step in steps)}</div>'


def _step(step: NormalizationStep) -> str:
    title = escape(STEP_TITLES.get(step.name, step.name))
    if not step.is_active:
        return f'<div class="wp-step">{title} <small>this model leaves it out</small></div>'
    if not step.changes:
        return f'<div class="wp-step">{title} <small>nothing to change here</small></div>'
    shown = "".join(_change(change) for change in step.changes[:SHOWN_CHANGES])
    rest = len(step.changes) - SHOWN_CHANGES
    more = f"<small>and {rest:,} more</small>" if rest > 0 else ""
    return f'<div class="wp-step did">{title}<div class="wp wp-chips">{shown}{more}</div></div>'


def _change(change: Change) -> str:
    before, after = visible(change.before), visible(change.after)
    result = f'<span class="wp-to">{escape(after)}</span>' if after else "<small>removed</small>"
    return (
        f'<span class="wp-chip"><span class="wp-from">{escape(before)}</span> → {result}'
        f"<small>at {change.start}</small></span>"
    )


def visible(text: str) -> str:
    r"""Give blanks and unprintable characters a face.

    >>> visible("a \x07")
    'a␣U+0007'
    """
    return "".join("␣" if c == " " else c if c.isprintable() else f"U+{ord(c):04X}" for c in text)


def words_html(words: Sequence[Word]) -> str:
    """The words with their character offsets into the original text."""
    chips = "".join(
        f'<span class="wp-chip">{escape(word.normalized)}<small>{word.start}–{word.end}</small>'
        "</span>"
        for word in words[:SHOWN_WORDS]
    )
    rest = len(words) - SHOWN_WORDS
    more = f"<small>and {rest:,} more words</small>" if rest > 0 else ""
    return f'<div class="wp wp-chips">{chips}{more}</div>'


def ladder_html(word: Word) -> str:
    """Every look into the vocabulary for one word: a column ends where a piece was found."""
    if word.is_special:
        return "<p>A special token typed as text: it is taken whole, without a search.</p>"
    if not word.attempts:
        return "<p>Longer than the limit: it becomes the unknown token without a search.</p>"
    columns = "".join(_rung(column) for column in _columns(word.attempts[:SHOWN_ATTEMPTS]))
    rest = len(word.attempts) - SHOWN_ATTEMPTS
    more = f"<p>… and {rest:,} more attempts.</p>" if rest > 0 else ""
    lost = "<p>Nothing fits the rest, so the whole word is lost.</p>" if word.is_unknown else ""
    return f'<div class="wp wp-ladder">{columns}</div>{more}{lost}'


def _columns(attempts: Sequence[Attempt]) -> list[list[Attempt]]:
    columns: list[list[Attempt]] = [[]]
    for attempt in attempts:
        columns[-1].append(attempt)
        if attempt.found:
            columns.append([])
    return [column for column in columns if column]


def _rung(attempts: Sequence[Attempt]) -> str:
    rows = "".join(
        f'<span class="wp-try {"found" if attempt.found else ""}">'
        f"{'✓' if attempt.found else '✗'} {escape(attempt.piece)}</span>"
        for attempt in attempts
    )
    return f'<div class="wp-rung">{rows}</div>'
