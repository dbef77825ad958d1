"""`bertlab models`: what can be loaded, and fetching one from the hub."""

import argparse
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from bertlab.cli.arguments import add_command
from bertlab.cli.output import Answer, emit
from bertlab.errors import InputError

if TYPE_CHECKING:
    from bertlab.models import ModelInfo


def add(commands: Any) -> None:
    """Add the command."""
    parser = add_command(commands, "models", run, help_text="list models, or fetch one")
    parser.add_argument("action", nargs="?", choices=("list", "download"), default="list")
    parser.add_argument("name", nargs="?", metavar="NAME", help="of the model to download")
    parser.add_argument(
        "--tokenizer-only", action="store_true", help="fetch the vocabulary, not the weights"
    )


def run(arguments: argparse.Namespace) -> int:
    """List or download."""
    if arguments.action == "download":
        return _download(arguments)
    if arguments.name:
        raise InputError(f'"list" takes no name. Did you mean: models download {arguments.name}')
    from bertlab.models import known_models

    answer = {"models": [describe(info) for info in known_models()]}
    emit(answer, show, as_json=arguments.json)
    return 0


def _download(arguments: argparse.Namespace) -> int:
    if not arguments.name:
        raise InputError("Which model? For example: bertlab models download bert-base-chinese")
    from bertlab.models.download import download

    on_progress = _draw if sys.stderr.isatty() else None
    alone = arguments.tokenizer_only
    info = download(arguments.name, tokenizer_only=alone, on_progress=on_progress)
    what = "the tokenizer of {name}" if alone and not info.is_here else "{name}"
    emit(describe(info), lambda answer: f"{what} is here: {{folder}}".format(**answer),
         as_json=arguments.json)  # fmt: skip
    return 0


def _draw(done: float, total: float) -> None:
    end = "\n" if done >= total else ""
    print(f"\r{done / 1e6:.0f} of {total / 1e6:.0f} MB", end=end, file=sys.stderr, flush=True)


def describe(info: "ModelInfo") -> Answer:
    """All that is known of a model without loading it."""
    return asdict(info) | {"folder": str(info.folder) if info.folder else None}


def show(answer: Answer) -> str:
    """For people: a line a model, those that are here first."""
    width = max(len(model["name"]) for model in answer["models"])
    return (
        "\n".join(
            f"{'*' if model['is_here'] else ' '} {model['name']:<{width}}  "
            + (model["title"] if model["is_here"] else f"{model['title']}. {model['note']}")
            for model in answer["models"]
        )
        + "\n\n* on this machine"
    )
