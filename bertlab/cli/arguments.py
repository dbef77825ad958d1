"""What the commands' arguments have in common."""

import argparse
import sys
from typing import Any, NoReturn

DEFAULT_MODEL = "bertlab-mini-en"  # repeated here: bertlab.models takes seconds to import


class Parser(argparse.ArgumentParser):
    """An argument parser whose complaint is one line."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong with the arguments, and where help is."""
        message = message.replace("argument COMMAND: invalid choice:", "There is no command")
        signs = ("unrecognized arguments: -", "required: TEXT", "ignored explicit argument")
        if any(sign in message for sign in signs):
            message += '. A text or an id that begins with "-" goes behind "--"'
        print(f"{self.prog}: {message}. Help: {self.prog} --help", file=sys.stderr)
        raise SystemExit(2)


def add_plain_command(
    commands: Any, name: str, run: Any, *, help_text: str
) -> argparse.ArgumentParser:
    """Add a command that has no answer to print."""
    parser: argparse.ArgumentParser = commands.add_parser(
        name, help=help_text, description=help_text, allow_abbrev=False
    )
    parser.set_defaults(run=run)
    return parser


def add_command(commands: Any, name: str, run: Any, *, help_text: str) -> argparse.ArgumentParser:
    """Add a command that prints for people, or JSON with --json."""
    parser = add_plain_command(commands, name, run, help_text=help_text)
    parser.add_argument(
        "--json", action="store_true", help="print one line of JSON for each answer"
    )
    return parser


def add_model(parser: argparse.ArgumentParser) -> None:
    """Add --model."""
    parser.add_argument(
        "--model", default=DEFAULT_MODEL, metavar="M", help=f"default: {DEFAULT_MODEL}"
    )


def at_least_one(text: str) -> int:
    """Read a whole number from 1: `at_least_one("5")` is 5."""
    number = int(text) if text.strip().isdecimal() else 0
    if number < 1:
        raise argparse.ArgumentTypeError(f'"{text}" is no whole number from 1')
    return number
