"""`bertlab finetune`: train a classifier on a table, in this process."""

import argparse
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bertlab.cli.arguments import add_command, add_model, at_least_one
from bertlab.cli.output import note
from bertlab.cli.tables import check_fractions, fraction_or_file, read_split, share_of

if TYPE_CHECKING:
    from bertlab.runs.settings import Settings


SAID = (  # what the user may say, under the names of `Settings`
    "model", "strategy", "epochs", "batch_size", "learning_rate", "max_length", "seed", "device",
    "name", "trained_layers", "layer_decay", "patience", "class_weights", "warm_up", "clip",
    "precision", "truncation", "lora_rank",
)  # fmt: skip


def add(commands: Any) -> None:
    """Add the command; defaults not stated here are those of `Settings`."""
    parser = add_command(commands, "finetune", run, help_text="train a classifier on a table")
    _add_columns(parser)
    add_model(parser)
    _add_strategy(parser)
    _add_training(parser)


def _add_columns(parser: argparse.ArgumentParser) -> None:
    """The table: how it is read, and what is predicted from what."""
    parser.add_argument(
        "table", metavar="TABLE", help="texts and labels: CSV, TSV, .xlsx or JSON lines"
    )
    for column in ("text", "pair", "label"):
        parser.add_argument(f"--{column}-column", metavar="C", help="guessed where it is left out")
    parser.add_argument(
        "--group-column", metavar="C", help="rows of one value stay on one side of the split"
    )
    parser.add_argument(
        "--label-columns", metavar="C", nargs="+",
        help="columns of 0 and 1, each a label: several labels per text",
    )  # fmt: skip
    parser.add_argument(
        "--problem-type", metavar="P",
        help="single_label_classification, multi_label_classification or regression; guessed from "
        "the label column where it is left out",
    )  # fmt: skip
    parser.add_argument("--encoding", metavar="E", help="of a CSV; found where it is left out")
    parser.add_argument("--sheet", metavar="S", help="of a workbook; default: the first table")


def _add_strategy(parser: argparse.ArgumentParser) -> None:
    """What learns, how fast, and when it ends."""
    parser.add_argument(
        "--strategy", metavar="S",
        help="full (default); top: the last --trained-layers; gradual: layers join from the top, "
        "epoch by epoch; lora: small matrices beside the weights; frozen: the head alone learns; "
        "random: without pre-training, for comparison",
    )  # fmt: skip
    parser.add_argument("--trained-layers", type=at_least_one, metavar="N", help="default: 2")
    parser.add_argument("--lora-rank", type=at_least_one, metavar="N", help="default: 8")
    parser.add_argument(
        "--layer-decay", type=float, metavar="X",
        help="each layer takes X times the learning rate of the one above it, such as 0.95",
    )  # fmt: skip
    parser.add_argument(
        "--patience", type=at_least_one, metavar="N",
        help="end after N epochs without a better result on validation",
    )  # fmt: skip
    parser.add_argument(
        "--class-weights", action="store_true", default=None,
        help="a mistake costs more the rarer its class is",
    )  # fmt: skip


def _add_training(parser: argparse.ArgumentParser) -> None:
    """How steps are taken, on how much of a text, and what is kept for checking."""
    parser.add_argument("--warm-up", type=float, metavar="X", help="share of the steps; 0.1")
    parser.add_argument("--clip", type=float, metavar="X", help="longest gradient; 1.0")
    parser.add_argument("--precision", metavar="P", help="auto (default), bf16 or fp32")
    parser.add_argument(
        "--epochs", type=at_least_one, metavar="N", help="3; more where the rows are few"
    )
    parser.add_argument("--batch-size", type=at_least_one, metavar="N")
    parser.add_argument("--learning-rate", type=float, metavar="X", help="fits the model's size")
    parser.add_argument("--max-length", type=at_least_one, metavar="N", help="tokens a text")
    parser.add_argument(
        "--truncation", metavar="T",
        help="what remains of a longer text: head (default), tail, head+tail, or windows, "
        "which are read one by one",
    )  # fmt: skip
    parser.add_argument("--seed", type=int, default=42, metavar="N", help="default: 42")
    for part in ("validation", "test"):
        parser.add_argument(
            f"--{part}", type=fraction_or_file, default=0.1, metavar="FRACTION|FILE",
            help="a share of the table (default: 0.1), or a table of its own",
        )  # fmt: skip
    parser.add_argument("--device", metavar="D", help="auto (default), cpu, cuda or mps")
    parser.add_argument("--name", metavar="NAME", help="what the run is called in lists")


def run(arguments: argparse.Namespace) -> int:
    """Read, check, train and test; the run folder is that of any other run."""
    check_fractions(arguments)
    settings = settings_from(arguments)
    findings: list[str] = []  # told when all is checked: what is refused gets one line alone
    split = read_split(arguments, findings.append)
    if arguments.epochs is None:
        settings = _with_epochs(settings, len(split.train), findings.append)
    from bertlab.cli.training import train_here
    from bertlab.cli.unknown_tokens import warn_about_languages
    from bertlab.devices import choose_device
    from bertlab.models import load_tokenizer
    from bertlab.models.folders import model_folder
    from bertlab.runs import create_run

    choose_device(settings.device)  # before anything is stored
    model_folder(settings.model)
    for finding in findings:
        note(finding)
    warn_about_languages(settings.model, load_tokenizer(settings.model), split.train.texts)
    new = create_run(settings, split, source_name=Path(arguments.table).name)
    note(f"Run {new.id} in {new.folder}")
    return train_here(new, as_json=arguments.json)


def _with_epochs(settings: "Settings", rows: int, tell: Callable[[str], None]) -> "Settings":
    """Fill in the epochs that the rows need, where nobody said how many."""
    from bertlab.finetuning.planning.steps import epochs_for, why_epochs
    from bertlab.runs.limits import limits

    epochs = epochs_for(rows, settings.batch_size, most=limits().epochs)
    if why := why_epochs(rows, settings.batch_size, epochs):
        tell(why)
    return replace(settings, epochs=epochs)


def settings_from(arguments: argparse.Namespace) -> "Settings":
    """Only what the user said; everything else is left to the settings' own defaults."""
    from bertlab.runs.settings import Settings

    said: dict[str, Any] = {name: getattr(arguments, name) for name in SAID}
    said |= {part: share_of(getattr(arguments, part)) for part in ("validation", "test")}
    return Settings(**{name: value for name, value in said.items() if value is not None})
