"""The command line: the same core as the pages, for scripts and for people.

Each command has a file of its own with `add` (its arguments) and `run` (what it does). What takes
long to import is imported inside `run`, so that help and wrong arguments are answered at once.
"""

import os
import sys
from collections.abc import Sequence

from bertlab.cli import (
    attention,
    doctor,
    evaluate,
    fill,
    finetune,
    models,
    predict,
    pretrain,
    runs,
    serve,
    tokenize,
)
from bertlab.cli.arguments import Parser
from bertlab.cli.output import note, use_utf8
from bertlab.errors import BertLabError

COMMANDS = (
    serve, tokenize, fill, attention, finetune, predict, pretrain, evaluate, runs, models, doctor,
)  # fmt: skip

OK, BROKEN, BAD_INPUT, INTERRUPTED, PIPE_CLOSED = 0, 1, 2, 130, 141  # as shells know them


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status: `main(["tokenize", "unhappy"])` is 0.

    0: all is well; 1: something broke that the user did not cause; 2: bad input; 130: Ctrl-C.
    """
    use_utf8()
    try:
        arguments = build_parser().parse_args(argv)
        status = arguments.run(arguments)
        sys.stdout.flush()
        return int(status or OK)
    except BertLabError as error:
        note(str(error))
        return BAD_INPUT
    except KeyboardInterrupt:
        note("Interrupted.")
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has enough. Python would flush once more at its end, and complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED
    except Exception as error:
        if os.environ.get("BERTLAB_DEBUG"):
            raise
        name = type(error).__name__
        note(f"{name}: {error}. This should not happen; BERTLAB_DEBUG=1 shows where it did.")
        return BROKEN


def build_parser() -> Parser:
    """All commands with their arguments."""
    parser = Parser(
        prog="bertlab",
        description="Learn BERT by running it: every number is computed on this machine.",
    )
    commands = parser.add_subparsers(
        title="commands", dest="command", metavar="COMMAND", required=True, parser_class=Parser
    )
    for command in COMMANDS:
        command.add(commands)
    return parser
