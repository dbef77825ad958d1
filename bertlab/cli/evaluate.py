"""`bertlab evaluate`: how well a model has learned its language."""

import argparse
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bertlab.cli.arguments import add_command, at_least_one
from bertlab.cli.evaluate_output import show
from bertlab.cli.output import Answer, emit, note
from bertlab.errors import InputError

if TYPE_CHECKING:
    from bertlab.evaluation.cloze import Cloze, ClozeScores, PairScores
    from bertlab.evaluation.heldout import HeldoutReport
    from bertlab.evaluation.transfer import LabelledSet, Transfer

PARTS = ("heldout", "cloze", "pairs", "transfer")
QUESTIONS = Path(__file__).parents[2] / "tests" / "data"  # in a source checkout alone
SHIPPED = {"cloze": "cloze_{}.tsv", "pairs": "sensitive_pairs_{}.tsv"}
LENGTH = 64  # evaluation.heldout.MAX_LENGTH; repeated here: that takes seconds to import
SHORTEST, LONGEST = 16, 512
ROWS = 2_000
ALL = "all"


@dataclass(frozen=True)
class EvaluationPlan:
    """What is measured, everything read and checked; None or empty for what is not.

    Args:
        heldout: text files.
        clozes: sentences with a blank.
        pairs: sensitive pairs.
        sets: labelled sets.
        left_out: of what nobody named, why it is not measured, a sentence each.
    """

    heldout: tuple[Path, ...]
    clozes: "tuple[Cloze, ...]"
    pairs: "tuple[Pair, ...]"
    sets: "tuple[LabelledSet, ...]"
    left_out: tuple[str, ...]


def add(commands: Any) -> None:
    """Add the command."""
    parser = add_command(commands, "evaluate", run, help_text="measure what a model has learned")
    parser.add_argument(
        "model", metavar="MODEL", help="a name of `bertlab models`, a model's folder, or a run's id"
    )
    parser.add_argument(
        "--heldout", nargs="+", type=Path, action="extend", metavar="PLACE",
        help="text that no training has seen: .txt or .txt.xz files, or folders of them",
    )  # fmt: skip
    parser.add_argument(
        "--max-length", type=length, default=LENGTH, metavar="N",
        help=f"tokens of an input from this text, {SHORTEST} to {LONGEST} (default: {LENGTH})",
    )  # fmt: skip
    for part, what in (("cloze", "sentences with a blank"), ("pairs", "sensitive pairs")):
        parser.add_argument(
            f"--{part}", type=Path, metavar="FILE",
            help=f"{what}, a .tsv file (default: those of a source checkout)",
        )  # fmt: skip
    parser.add_argument(
        "--transfer", type=Path, metavar="FOLDER",
        help="labelled sets, each NAME_train.csv and NAME_heldout.csv with text and label",
    )  # fmt: skip
    parser.add_argument(
        "--transfer-rows", type=rows_or_all, default=ROWS, metavar="N",
        help=f"drawn to be fine-tuned on, or {ALL} (default: {ROWS})",
    )  # fmt: skip
    parser.add_argument(
        "--seeds", type=at_least_one, default=3, metavar="N", help="of the transfer (default: 3)"
    )
    parser.add_argument(
        "--only", type=parts_of, default=PARTS, metavar="PARTS", help=f"of {','.join(PARTS)}"
    )
    parser.add_argument("--device", metavar="D", help="auto (default), cpu, cuda or mps")
    parser.add_argument("--verbose", action="store_true", help="show the sentences it got wrong")


def parts_of(text: str) -> tuple[str, ...]:
    """Read `--only`: `parts_of("cloze,pairs")` is ("cloze", "pairs")."""
    names = tuple(name.strip() for name in text.split(","))
    for name in names:
        if name not in PARTS:
            raise argparse.ArgumentTypeError(f'"{name}" is none of {", ".join(PARTS)}')
    return names


def length(text: str) -> int:
    """Read `--max-length`: `length("512")` is 512."""
    number = at_least_one(text)
    if not SHORTEST <= number <= LONGEST:
        raise argparse.ArgumentTypeError(f'"{text}" is not from {SHORTEST} to {LONGEST}')
    return number


def rows_or_all(text: str) -> int | None:
    """Read `--transfer-rows`: `rows_or_all("all")` is None."""
    return None if text == ALL else at_least_one(text)


def run(arguments: argparse.Namespace) -> int:
    """Check everything that is named, then measure part by part."""
    from bertlab.devices import choose_device
    from bertlab.evaluation.naming import named
    from bertlab.models.folders import model_folder

    with named(arguments.model) as name:
        model_folder(name)  # refused before anything is read
        choose_device(arguments.device)
        plan = plan_of(arguments, name)
        answer, misses = measure(name, plan, arguments)
    for sentence in plan.left_out:  # told at the end: what is refused gets one line alone
        note(sentence)
    emit(
        answer,
        lambda answer: show(answer, misses=misses if arguments.verbose else None),
        as_json=arguments.json,
    )
    return 0


def plan_of(arguments: argparse.Namespace, name: str) -> EvaluationPlan:
    """Read what is named, and of a source checkout the questions in the model's language.

    Raises:
        InputError: there is nothing to measure, or a file or folder cannot be used.
        TableError: a labelled set cannot be used.
    """
    from bertlab.evaluation.cloze import read_clozes, read_pairs
    from bertlab.evaluation.heldout import find_texts
    from bertlab.evaluation.transfer import FIRST_SEED, draw, read_sets
    from bertlab.models.facts import language_of

    _check_named(arguments)
    language = language_of(name)
    wanted = arguments.only
    heldout = arguments.heldout if "heldout" in wanted else None
    left_out: list[str] = []
    files = {part: _questions(arguments, part, name, language, left_out) for part in SHIPPED}
    transfer = arguments.transfer if "transfer" in wanted else None
    plan = EvaluationPlan(
        find_texts(heldout, language=language) if heldout else (),
        read_clozes(files["cloze"]) if files["cloze"] else (),
        read_pairs(files["pairs"]) if files["pairs"] else (),
        read_sets(transfer) if transfer else (),
        tuple(left_out),
    )
    if not (plan.heldout or plan.clozes or plan.pairs or plan.sets):
        raise InputError(
            "There is nothing to measure. Name text with --heldout, questions with --cloze or "
            "--pairs, or labelled sets with --transfer."
        )
    for labelled in plan.sets:  # too few rows are refused now, not after the other parts
        draw(labelled, rows=arguments.transfer_rows, seed=FIRST_SEED)
    return plan


def _check_named(arguments: argparse.Namespace) -> None:
    """Refuse a part that is asked for alone and has nothing to work on."""
    if arguments.only == PARTS:
        return
    for part in ("heldout", "transfer"):
        if part in arguments.only and not getattr(arguments, part):
            raise InputError(f"--only {part} needs a file or folder: name it with --{part}.")


def _questions(
    arguments: argparse.Namespace, part: str, name: str, language: str, left_out: list[str]
) -> Path | None:
    """The file of clozes or pairs: the one named, or that of the model's language; None for none.

    What nobody named is left out where the model cannot answer; `--only` names a part too.
    """
    from bertlab.models import find_model

    if part not in arguments.only or getattr(arguments, part) is not None:
        return getattr(arguments, part) if part in arguments.only else None
    is_asked = arguments.only != PARTS
    shipped = QUESTIONS / SHIPPED[part].format(language)
    if not shipped.is_file():
        why = f"no sentences for this model's language are at hand; name a file with --{part}."
        if is_asked:
            raise InputError(f"--only {part}: {why}")
        left_out.append(f"{part} is left out: {why}")
        return None
    if not find_model(name).has_mlm_head and not is_asked:
        left_out.append(f"{part} is left out: {find_model(name).name} has no masked-LM head.")
        return None
    return shipped


def measure(
    name: str, plan: EvaluationPlan, arguments: argparse.Namespace
) -> tuple[Answer, "tuple[ClozeScores | None, PairScores | None]"]:
    """Measure what is planned: what the contract asks for, and every answer to the questions."""
    heldout = _measure_heldout(name, plan, arguments) if plan.heldout else None
    clozes, pairs = _measure_questions(name, plan, arguments.device)
    sets = {one.name: _measure_transfer(name, one, arguments) for one in plan.sets}
    answer = {
        "model": name,
        "heldout": heldout
        and {
            "together": asdict(heldout.together),
            "mean_accuracy": heldout.mean_accuracy,
            "files": {file: asdict(scores) for file, scores in heldout.files.items()},
        },
        "cloze": clozes and {"count": clozes.count, "top1": clozes.top1, "top5": clozes.top5},
        "pairs": pairs and {"count": pairs.count, "share": pairs.share},
        "transfer": {set_: _figures(transfer) for set_, transfer in sets.items()} or None,
    }
    return answer, (clozes, pairs)


def _measure_heldout(
    name: str, plan: EvaluationPlan, arguments: argparse.Namespace
) -> "HeldoutReport":
    from bertlab.evaluation.heldout import load_for_heldout, score_files

    subject = load_for_heldout(name, device=arguments.device)
    report = score_files(subject, plan.heldout, max_length=arguments.max_length, tell=note)
    if not subject.has_next_sentence:
        note(f"Next sentence is not measured: {subject.name} has no trained next-sentence head.")
    return report


def _measure_questions(
    name: str, plan: EvaluationPlan, device: str | None
) -> "tuple[ClozeScores | None, PairScores | None]":
    from bertlab.evaluation.cloze import score_clozes, score_pairs
    from bertlab.models import load_model

    if not plan.clozes and not plan.pairs:
        return None, None
    loaded = load_model(name, device=device)
    return (
        score_clozes(loaded, plan.clozes) if plan.clozes else None,
        score_pairs(loaded, plan.pairs) if plan.pairs else None,
    )


def _measure_transfer(
    name: str, labelled: "LabelledSet", arguments: argparse.Namespace
) -> "Transfer":
    from bertlab.evaluation.transfer import measure_transfer

    rows = arguments.transfer_rows
    if rows is not None and rows > len(labelled.train):
        note(f"{labelled.name} has {len(labelled.train):,} rows; all of them are taken.")
    return measure_transfer(
        name, labelled, rows=rows, seeds=arguments.seeds, device=arguments.device, tell=note
    )


def _figures(transfer: "Transfer") -> Answer:
    """Accuracies from 0 to 1; the gain and its standard error in percentage points."""
    return {
        **asdict(transfer),
        "pretrained_mean": transfer.pretrained_mean,
        "random_mean": transfer.random_mean,
        "gain": transfer.gain,
        "standard_error": transfer.standard_error,
    }
