"""`bertlab attention`: what every head looks at."""

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bertlab.cli.arguments import add_command, add_model
from bertlab.cli.output import Answer, check_text, emit, note, require_words
from bertlab.cli.unknown_tokens import warn_about_unknown
from bertlab.errors import InputError

if TYPE_CHECKING:
    from bertlab.inspection.trace import Trace


def add(commands: Any) -> None:
    """Add the command."""
    parser = add_command(commands, "attention", run, help_text="measure every attention head")
    parser.add_argument("text", metavar="TEXT")
    parser.add_argument("--pair", metavar="TEXT", help="a second sentence")
    add_model(parser)
    parser.add_argument(
        "--html", type=Path, metavar="FILE", help="write bertviz's head view, which works offline"
    )


def run(arguments: argparse.Namespace) -> int:
    """Answer the one text."""
    from bertlab.inspection.trace import run_trace
    from bertlab.models import load_model
    from bertlab.tokenization.encoding import encode

    text, pair = check_text(arguments.text), arguments.pair
    require_words(text)
    loaded = load_model(arguments.model)
    trace = run_trace(loaded, encode(loaded.tokenizer, text, pair))
    warn_about_unknown(loaded.info.name, loaded.tokenizer, text, pair or "")
    if arguments.html:
        _write_page(trace, arguments.html, title=f"Attention of {loaded.info.name}", text=text)
    emit(describe(trace), show, as_json=arguments.json)
    return 0


def describe(trace: "Trace") -> Answer:
    """What the contract asks for; layers and heads are counted from 0."""
    from bertlab.inspection.attention import head_statistics

    return {
        "tokens": trace.encoded.tokens,
        "layers": trace.layers,
        "heads": trace.heads,
        "statistics": [asdict(head) for head in head_statistics(trace)],
    }


def _write_page(trace: "Trace", file: Path, *, title: str, text: str) -> None:
    from bertlab.inspection.attention import choose_head, sentence_b_start
    from bertlab.views.bertviz.view import Refusal, draw_bertviz

    layer, head = choose_head(trace)
    page = draw_bertviz(
        "head",
        trace.attention,
        trace.encoded.tokens,
        layer=layer,
        head=head,
        sentence_b_start=sentence_b_start(trace.encoded),
        title=title,
        text=text,
    )
    if isinstance(page, Refusal):
        raise InputError(f"{file} was not written. {page.reason} Shorten the text.")
    try:
        file.write_text(page.html, encoding="utf-8")
    except OSError as error:
        raise InputError(f"{file} cannot be written: {error.strerror or error}.") from error
    note(f"Wrote {file}. {page.note}")


def show(answer: Answer) -> str:
    """For people: a line a head."""
    names = [name for name in answer["statistics"][0] if name not in ("layer", "head")]
    lines = [" ".join(answer["tokens"]), ""]
    lines.append("head  " + "  ".join(f"{name:>14}" for name in names))
    for entry in answer["statistics"]:
        head = f"{entry['layer']}.{entry['head']}"
        lines.append(f"{head:<6}" + "  ".join(f"{entry[name]:>14.3f}" for name in names))
    return "\n".join(lines)
