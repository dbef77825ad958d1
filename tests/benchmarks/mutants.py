"""Does the test suite notice faults? 40 small ones, put one at a time into a copy of the code.

    python tests/benchmarks/mutants.py [--only NAME ...] [--list]

Prints a line for each mutant: its name, the file, the seconds, and the first test that failed, or
SURVIVED; at the end "N of 40 killed". Worked on is the committed HEAD, in a git worktree of its own
that is removed at the end; before the mutants each set of tests must pass without a fault. Of slow
files the few tests are named that speak of the fault. `--list` runs no tests: it prints the
mutants, and checks that each changes exactly one place and still compiles.
Unix only: what tests leave running is ended by its process group.
"""

import argparse
import ast
import contextlib
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).parents[2]
MOST_SECONDS = 600.0  # tests that take longer do not end: the fault is noticed
FAILED = 1  # pytest's exit code where tests have failed
BROKEN_OFF = 2  # and where a test file cannot even be imported
FIRST = re.compile(r"^(?:FAILED|ERROR) (.+?)(?: - .*)?$", re.MULTILINE)  # of pytest's summary


@dataclass(frozen=True)
class Mutant:
    """A fault, and the tests that may notice it.

    Attributes:
        name: What it is called on the command line.
        file: Where it is, below the repository's root.
        old: The code that it replaces; it occurs there once.
        new: What it is replaced by.
        tests: What is run: test files, or single tests of them.
    """

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]


WORDPIECE = ("tests/unit/test_wordpiece.py",)
INPUTS = ("tests/unit/test_inputs.py",)
MASKED = ("tests/unit/test_masked_lm.py",)
PROBABILITIES = (*MASKED, "tests/unit/test_logit_lens.py")
ATTENTION = ("tests/unit/test_attention.py",)
ABLATION = ("tests/unit/test_ablation.py",)
SPLITTING = ("tests/unit/test_datasets_splitting.py",)
ENCODINGS = ("tests/unit/test_datasets_encodings.py",)
WORKBOOKS = ("tests/unit/test_datasets_workbooks.py",)
LEASES = ("tests/unit/test_leases.py", "tests/unit/test_runs.py")
TRAINING = ("tests/unit/test_finetuning_training.py",)
RESUMING = (*TRAINING, "tests/unit/test_pausing.py")
METRICS = ("tests/unit/test_finetuning_metrics.py",)
QUEUE = (  # the others start engines
    "tests/unit/test_engine.py::test_students_take_turns",
    "tests/unit/test_engine.py::test_who_was_served_last_waits_longest",
    "tests/unit/test_engine.py::test_interrupted_runs_are_queued_again_but_not_for_ever",
)
WAITING = ("tests/unit/test_waiting.py",)
LINKS = ("tests/unit/test_links.py",)
MODELS = ("tests/unit/test_models.py",)

MUTANTS = (
    # WordPiece
    Mutant(
        "longest-word-is-unknown",
        "bertlab/tokenization/wordpiece/matching.py",
        "if len(word) > options.max_characters:",
        "if len(word) >= options.max_characters:",
        WORDPIECE,
    ),
    Mutant(
        "span-ends-one-early",
        "bertlab/tokenization/wordpiece/aligned.py",
        "return self.origins[0], self.origins[-1] + 1",
        "return self.origins[0], self.origins[-1]",
        WORDPIECE,
    ),
    Mutant(
        "shorter-token-goes-first",
        "bertlab/tokenization/wordpiece/special_tokens.py",
        "sorted(by_content, key=len, reverse=True)",
        "sorted(by_content, key=len)",
        WORDPIECE,
    ),
    Mutant(
        "difference-behind-the-longer",
        "bertlab/tokenization/wordpiece/comparison.py",
        "min(len(ours), len(theirs))",
        "max(len(ours), len(theirs))",
        WORDPIECE,
    ),
    # What BERT gets
    Mutant(
        "cut-begins-one-early",
        "bertlab/tokenization/encoding.py",
        "start=encoding.offsets[kept][0],",
        "start=encoding.offsets[kept - 1][0],",
        INPUTS,
    ),
    Mutant(
        "second-text-begins-one-early",
        "bertlab/tokenization/encoding.py",
        "int(count > first_length)",
        "int(count >= first_length)",
        INPUTS,
    ),
    Mutant(
        "unknown-token-is-special",
        "bertlab/tokenization/encoding.py",
        "special = set(tokenizer.all_special_ids) - {unknown}",
        "special = set(tokenizer.all_special_ids)",
        INPUTS,
    ),
    # The masked language model
    Mutant(
        "softmax-along-the-first-axis",
        "bertlab/inspection/masked_lm.py",
        "= weights / weights.sum(axis=-1, keepdims=True)",
        "= weights / weights.sum(axis=0, keepdims=True)",
        PROBABILITIES,
    ),
    Mutant(
        "rank-counts-equals",
        "bertlab/inspection/masked_lm.py",
        "(probabilities > probabilities[token_id])",
        "(probabilities >= probabilities[token_id])",
        MASKED,
    ),
    Mutant(
        "given-away-the-other-way-round",
        "bertlab/inspection/masked_lm.py",
        "if set(whole_words(encoded, [p])) - hidden)",
        "if hidden - set(whole_words(encoded, [p])))",
        MASKED,
    ),
    # Statistics of attention
    Mutant(
        "entropy-below-zero",
        "bertlab/inspection/attention.py",
        "-_row_sums(weights * logarithms)",
        "_row_sums(weights * logarithms)",
        ATTENTION,
    ),
    Mutant(
        "shares-of-queries",
        "bertlab/inspection/attention.py",
        "weights[:, :, keys]",
        "weights[:, keys, :]",
        ATTENTION,
    ),
    Mutant(
        "heads-taken-for-layers",
        "bertlab/inspection/attention.py",
        "np.unravel_index(int(np.argmax(shares)), (trace.layers, trace.heads))",
        "np.unravel_index(int(np.argmax(shares)), (trace.heads, trace.layers))",
        ATTENTION,
    ),
    # Ablation
    Mutant(
        "skipped-layer-is-kept",
        "bertlab/inspection/ablation/ablation.py",
        "return given.pop(layer, None)",
        "return given.get(layer)",
        ABLATION,
    ),
    Mutant(
        "mean-of-another-layer",
        "bertlab/inspection/ablation/ablation.py",
        "torch.tensor(means.context, device=loaded.device)",
        "torch.tensor(means.context[::-1].copy(), device=loaded.device)",
        ABLATION,
    ),
    Mutant(
        "ablation-without-the-lock",
        "bertlab/inspection/ablation/ablation.py",
        "with loaded.lock, replaced_heads(",
        "with replaced_heads(",
        ABLATION,
    ),
    # Splitting
    Mutant(
        "class-of-two-is-not-rare",
        "bertlab/datasets/splitting/split.py",
        "len(some) - 1 if len(some) > _RARE else 0",
        "len(some) - 1 if len(some) >= _RARE else 0",
        SPLITTING,
    ),
    Mutant(
        "room-is-not-used-up",
        "bertlab/datasets/splitting/split.py",
        "        room[name] -= count\n",
        "",
        SPLITTING,
    ),
    Mutant(
        "smallest-remainder-first",
        "bertlab/datasets/splitting/split.py",
        "exact[name] - quotas[name]",
        "quotas[name] - exact[name]",
        SPLITTING,
    ),
    # Encodings
    Mutant(
        "utf-32-taken-for-utf-16",
        "bertlab/datasets/reading/encodings.py",
        '    (codecs.BOM_UTF32_LE, "utf-32"),\n',
        "",
        ENCODINGS,
    ),
    Mutant(
        "ideograph-among-letters-is-plausible",
        "bertlab/datasets/reading/encodings.py",
        "return -1.0",
        "return 1.0",
        ENCODINGS,
    ),
    # Leases
    Mutant(
        "lease-outlives-its-run",
        "bertlab/runs/lease.py",
        "return _highest(self.folder) != self.number",
        "return _highest(self.folder) > self.number",
        LEASES,
    ),
    Mutant(
        "process-of-half-an-hour-later",
        "bertlab/runs/lease.py",
        'float(identity.get("started", 0.0))) < 2.0',
        'float(identity.get("started", 0.0))) < 2000.0',
        LEASES,
    ),
    Mutant(
        "killed-process-lives",
        "bertlab/runs/lease.py",
        "and process.status() != psutil.STATUS_ZOMBIE",
        "and True",
        LEASES,
    ),
    Mutant(
        "full-disk-keeps-the-lease",
        "bertlab/runs/lease.py",
        "            os.truncate(self.path, 0)\n",
        "",
        LEASES,
    ),
    Mutant(
        "tenth-lease-before-the-ninth",
        "bertlab/runs/lease.py",
        "max((int(number) for number in numbers if number.isdigit()), default=0)",
        'int(max((number for number in numbers if number.isdigit()), default="0"))',
        LEASES,
    ),
    # Going on from a checkpoint
    Mutant(
        "checkpoint-of-another-run",
        "bertlab/finetuning/checkpoints.py",
        '(state.get("tag"), state.get("format")) != (tag, FORMAT)',
        'state.get("format") != FORMAT',
        TRAINING,
    ),
    Mutant(
        "schedule-begins-anew",
        "bertlab/finetuning/checkpoints.py",
        '    training.schedule.load_state_dict(state["schedule"])\n',
        "",
        TRAINING,
    ),
    Mutant(
        "dropout-drawn-anew",
        "bertlab/training/checkpoints.py",
        '    torch.set_rng_state(states["cpu"])\n',
        "",
        TRAINING,
    ),
    Mutant(
        "best-weights-learn-on",
        "bertlab/finetuning/checkpoints.py",
        "weight.detach().cpu().clone()",
        "weight.detach().cpu()",
        RESUMING,
    ),
    Mutant(
        "epoch-before-a-stop-is-forgotten",
        "bertlab/finetuning/session.py",
        "self._end_epoch(quality)",
        "self._consider(quality)",
        RESUMING,
    ),
    # Intervals
    Mutant(
        "interval-too-wide",
        "bertlab/finetuning/metrics.py",
        'method="wilson"',
        'method="wilsoncc"',
        METRICS,
    ),
    # The queue
    Mutant(
        "who-was-never-served-waits",
        "bertlab/engine/queue.py",
        "max(served.get(run.owner, 0.0), state.started)",
        "min(served.get(run.owner, 0.0), state.started)",
        QUEUE,
    ),
    Mutant(
        "one-attempt-more",
        "bertlab/engine/queue.py",
        "if status.attempts >= MAX_ATTEMPTS:",
        "if status.attempts > MAX_ATTEMPTS:",
        QUEUE,
    ),
    Mutant(
        "speed-of-the-oldest-run",
        "bertlab/engine/waiting.py",
        "speeds.setdefault(_kind(settings), trained / result.training_seconds)",
        "speeds[_kind(settings)] = trained / result.training_seconds",
        WAITING,
    ),
    # Addresses
    Mutant(
        "no-token-at-position-0",
        "bertlab/ui/state/url_state.py",
        "min(positions) < 0",
        "min(positions) <= 0",
        LINKS,
    ),
    Mutant(
        "positions-in-any-order",
        "bertlab/ui/state/url_state.py",
        "return tuple(sorted(positions))",
        "return tuple(positions)",
        LINKS,
    ),
    # What a model knows
    Mutant(
        "card-of-a-model-elsewhere",
        "bertlab/models/facts.py",
        "if info.language or info.folder is None:",
        "if info.language and info.folder is None:",
        MODELS,
    ),
    # Workbooks
    Mutant(
        "numbers-lose-a-digit",
        "bertlab/datasets/reading/workbooks.py",
        '{value:.15g}"',
        '{value:.14g}"',
        WORKBOOKS,
    ),
    Mutant(
        "midnight-within-a-time",
        "bertlab/datasets/reading/workbooks.py",
        '.removesuffix(" 00:00:00")',
        '.replace(" 00:00:00", "")',
        WORKBOOKS,
    ),
)


def main() -> None:
    """List the mutants, or run the tests against each of them."""
    arguments = read_arguments()
    chosen = [one for one in MUTANTS if not arguments.only or one.name in arguments.only]
    for mutant in chosen:
        mutated(mutant)
    if arguments.list:
        for mutant in chosen:
            print(f"{mutant.name:38} {mutant.file:36} {' '.join(mutant.tests)}")
        print(f"{len(chosen)} mutants")
        return
    signal.signal(signal.SIGTERM, end)
    with worktree() as tree:
        for tests in dict.fromkeys(mutant.tests for mutant in chosen):
            check_without_fault(tree, tests)
        killed = sum([is_killed(tree, mutant) for mutant in chosen])
    print(f"{killed} of {len(chosen)} killed")


def end(*_: object) -> NoReturn:
    """End as by Ctrl-C: the worktree is removed."""
    raise KeyboardInterrupt


@contextmanager
def worktree() -> Iterator[Path]:
    """Check HEAD out into a folder of its own, and remove it again whatever happens."""
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "tree"
        git("worktree", "add", "--detach", str(tree), head())
        try:
            yield tree
        finally:
            git("worktree", "remove", "--force", str(tree))


def check_without_fault(tree: Path, tests: tuple[str, ...]) -> None:
    """Run tests on the code as it is; end here if they fail, for then they tell nothing."""
    seconds, failed = run(tree, tests)
    if failed:
        sys.exit(f"Without any fault there is one: {failed}")
    print(f"passed without a fault, {seconds:.0f} s: {' '.join(tests)}", flush=True)


def is_killed(tree: Path, mutant: Mutant) -> bool:
    """Run the tests against one fault, and print what came of it."""
    path = tree / mutant.file
    path.write_text(mutated(mutant), encoding="utf-8")
    try:
        seconds, failed = run(tree, mutant.tests)
    finally:
        path.write_text(committed(mutant.file), encoding="utf-8")
    said = f"killed by {failed}" if failed else "SURVIVED"
    print(f"{mutant.name:38} {mutant.file:36} {seconds:5.0f} s  {said}", flush=True)
    return bool(failed)


def run(tree: Path, tests: Sequence[str]) -> tuple[float, str]:
    """Run tests until the first one fails: the seconds, and its id; "" where all pass."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "--tb=no", "-p", "no:cacheprovider"]
    own = {"PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"}
    began = time.monotonic()
    child = subprocess.Popen(
        [*command, *tests],
        cwd=tree,
        env={**os.environ, **own},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        output, _ = child.communicate(timeout=MOST_SECONDS)
        failed = first_failure(child.returncode, output)
    except subprocess.TimeoutExpired:
        failed = f"the limit of {MOST_SECONDS:.0f} s"
    finally:
        with contextlib.suppress(ProcessLookupError):  # mostly nothing is left of it
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()
    return time.monotonic() - began, failed


def first_failure(code: int, output: str) -> str:
    """Find the first test that failed in what pytest told; "" where none did."""
    if code == 0:
        return ""
    if code < 0:
        return f"signal {-code}, which ended all tests"
    found = FIRST.search(output)
    if code not in (FAILED, BROKEN_OFF) or found is None:
        sys.exit(f"The tests could not be run:\n{output}")
    return found.group(1)


@cache
def mutated(mutant: Mutant) -> str:
    """Put a fault into the committed text of its file; end here where that makes no mutant."""
    text = committed(mutant.file)
    if (count := text.count(mutant.old)) != 1:
        sys.exit(f"{mutant.name}: {mutant.old!r} occurs {count} times in {mutant.file}, not once.")
    changed = text.replace(mutant.old, mutant.new)
    try:
        compile(changed, mutant.file, "exec")
    except SyntaxError as error:
        sys.exit(f"{mutant.name}: {error}")
    if ast.dump(ast.parse(changed)) == ast.dump(ast.parse(text)):
        sys.exit(f"{mutant.name} changes nothing that is executed.")
    return changed


@cache
def committed(file: str) -> str:
    """Read a file as it stands in HEAD."""
    return git("show", f"{head()}:{file}")


@cache
def head() -> str:
    """Name the commit that is worked on, also where another one is made meanwhile."""
    return git("rev-parse", "HEAD").strip()


def git(*arguments: str) -> str:
    """Call git on this repository."""
    command = ["git", "-C", str(ROOT), *arguments]
    done = subprocess.run(command, capture_output=True, encoding="utf-8")
    if done.returncode:
        sys.exit(f"git {arguments[0]}: {done.stderr.strip()}")
    return done.stdout


def read_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    names = [mutant.name for mutant in MUTANTS]
    parser.add_argument("--only", nargs="+", metavar="NAME", choices=names, help="these mutants")
    parser.add_argument("--list", action="store_true", help="print the mutants, run no tests")
    return parser.parse_args()


if __name__ == "__main__":
    main()
