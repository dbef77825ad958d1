"""`bertlab pretrain`: a BERT from nothing, in this process."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bertlab.cli.arguments import add_command, at_least_one
from bertlab.cli.output import note
from bertlab.errors import InputError

if TYPE_CHECKING:
    from bertlab.pretraining.settings import PretrainingSettings

SIZES = ("layers", "hidden_size", "heads")
OF_A_CHECKPOINT = (*SIZES, "vocabulary", "vocabulary_size")
SAID = (
    "name", "language", "vocabulary", "vocabulary_size", "masked_share", "pair_share",
    "batch_tokens", "optimizer", "learning_rate", "teacher", "teacher_layer", "init_checkpoint",
    "seed", "device",
)  # fmt: skip


def add(commands: Any) -> None:
    """Add the command; defaults not stated here are those of `PretrainingSettings`."""
    parser = add_command(commands, "pretrain", run, help_text="train a BERT from nothing on text")
    parser.add_argument(
        "files", nargs="*", metavar="FILE",
        help=".txt or .txt.xz, UTF-8: a sentence a line, a blank line between documents",
    )  # fmt: skip
    parser.add_argument("--recipe", metavar="R", help="a TOML file, or bertlab-mini-en or -zh")
    parser.add_argument("--corpus", metavar="FOLDER", help="where the recipe's files lie")
    parser.add_argument("--heldout", action="append", metavar="FILE", help="measured, never read")
    parser.add_argument("--passes", type=float, metavar="X", help="over the files, default: 1")
    parser.add_argument("--max-length", type=at_least_one, metavar="N", help="default: 64 tokens")
    parser.add_argument("--vocabulary", metavar="FILE", help="a tokenizer.json: learn none")
    parser.add_argument("--whole-words", action="store_true", help="mask words, not pieces")
    parser.add_argument("--init-checkpoint", metavar="M", help="a BERT to go on from")
    parser.add_argument("--teacher-layer", type=int, metavar="N", help="default: -1, the last")
    for name in ("name", "language", "optimizer", "teacher", "device"):
        parser.add_argument(f"--{name}")
    for name in ("vocabulary-size", "layers", "hidden-size", "heads", "batch-tokens"):
        parser.add_argument(f"--{name}", type=at_least_one, metavar="N")
    for name in ("masked-share", "pair-share", "learning-rate"):
        parser.add_argument(f"--{name}", type=float, metavar="X")
    parser.add_argument("--seed", type=int, metavar="N")


def run(arguments: argparse.Namespace) -> int:
    """Read, learn a vocabulary, train and measure; the run folder is that of any other run."""
    _check_source(arguments)
    from bertlab.cli.training import train_here
    from bertlab.devices import choose_device
    from bertlab.models.folders import model_folder
    from bertlab.pretraining.start import create_pretraining_run

    settings = settings_from(arguments)
    choose_device(settings.device)  # before anything is stored
    if settings.teacher:
        model_folder(settings.teacher)
    new = create_pretraining_run(settings)
    note(f"Run {new.id} in {new.folder}")
    return train_here(new, as_json=arguments.json)


def settings_from(arguments: argparse.Namespace) -> "PretrainingSettings":
    """A recipe, or the files named; what else the user said comes on top."""
    from dataclasses import replace

    from bertlab.pretraining.settings import Stage

    settings = _read_recipe(arguments) if arguments.recipe else _from_files(arguments)
    said = {name: getattr(arguments, name) for name in SAID}
    changes: dict[str, Any] = {name: value for name, value in said.items() if value is not None}
    if arguments.whole_words:
        changes["whole_words"] = True
    if arguments.heldout:
        changes["heldout"] = tuple(arguments.heldout)
    sizes = {name: getattr(arguments, name) for name in SIZES if getattr(arguments, name)}
    changes["architecture"] = replace(settings.architecture, **sizes)
    if arguments.max_length:
        changes["stages"] = (Stage(arguments.max_length, 1.0),)
    return replace(settings, **changes)


def _check_source(arguments: argparse.Namespace) -> None:
    """Refuse at once what needs no import: neither files nor recipe, or parts of both."""
    if not arguments.files and not arguments.recipe:
        raise InputError("Name text files to learn from, or a recipe with --recipe.")
    if arguments.recipe and (arguments.files or arguments.passes is not None):
        raise InputError("A recipe names its files and passes. Leave out these, or --recipe.")
    if arguments.init_checkpoint and any(getattr(arguments, name) for name in OF_A_CHECKPOINT):
        raise InputError("--init-checkpoint brings its sizes and vocabulary. Leave out your own.")
    if arguments.corpus and not arguments.recipe:
        raise InputError("--corpus says where a recipe's files lie. Leave it out, or add --recipe.")


def _from_files(arguments: argparse.Namespace) -> "PretrainingSettings":
    from bertlab.pretraining.settings import PretrainingSettings, Source

    passes = 1.0 if arguments.passes is None else arguments.passes
    return PretrainingSettings(tuple(Source(file, passes) for file in arguments.files))


def _read_recipe(arguments: argparse.Namespace) -> "PretrainingSettings":
    from bertlab.pretraining.presets import FOLDER, find_recipe
    from bertlab.pretraining.settings import read_recipe

    path = find_recipe(arguments.recipe)
    if path.parent == FOLDER and not arguments.corpus:
        raise InputError(f"Say with --corpus where the files of the recipe {path.stem} lie.")
    return read_recipe(path, corpus=Path(arguments.corpus) if arguments.corpus else None)
