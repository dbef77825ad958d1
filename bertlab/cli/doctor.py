"""`bertlab doctor`: whether this machine can run everything."""

import argparse
from dataclasses import asdict
from typing import Any

from bertlab.cli.arguments import add_command
from bertlab.cli.output import Answer, emit

MARKS = {"ok": "ok     ", "warning": "warning", "problem": "PROBLEM"}


def add(commands: Any) -> None:
    """Add the command."""
    add_command(commands, "doctor", run, help_text="check this machine")


def run(arguments: argparse.Namespace) -> int:
    """Print all checks; the exit status is 1 where there is a problem."""
    from bertlab.doctor import check

    checks = check()
    emit({"checks": [asdict(one) for one in checks]}, show, as_json=arguments.json)
    return 1 if any(one.state == "problem" for one in checks) else 0


def show(answer: Answer) -> str:
    """For people: a line a check, and below it what to do."""
    lines = []
    for one in answer["checks"]:
        lines.append(f"{MARKS[one['state']]}  {one['name']}: {one['text']}")
        if one["advice"]:
            lines.append(f"         {one['advice']}")
    return "\n".join(lines)
