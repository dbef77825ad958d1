"""What hostile files cost: each file of a folder is read in a process of its own.

    python tests/benchmarks/bench_hostile.py FOLDER [--most 30] [--memory 3000] [--only 31 75]

For each file the seconds of CPU time (so that other work on the machine does not count) and the
peak memory beyond that of the imports, as a page reads it (its sheets named, the table read) and
then checks it (columns guessed, rows checked), and what came of it. A file that takes longer than
`--most` seconds or more than `--memory` MB is ended.
Unix only: the limits and the peak are those of the operating system.
"""

import argparse
import json
import resource
import subprocess
import sys
from pathlib import Path

CHILD = """
import json, sys, time, resource
from bertlab.datasets import check_examples, guess_columns, is_workbook, read_table, sheet_names
from bertlab.errors import TableError
import openpyxl
def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
with open(sys.argv[1], "rb") as file: data = file.read()
before, began, checked = peak(), time.process_time(), 0.0
try:
    if is_workbook(data): sheet_names(data)
    table = read_table(data, filename=sys.argv[1])
    said, columns = f"{len(table.frame):,} rows of {len(table.frame.columns)}", None
    middle = time.process_time()
    try:
        said += f", {len(check_examples(table, guess_columns(table))):,} examples"
    except TableError as error:
        said += f"; then {error}"
    checked = time.process_time() - middle
except TableError as error:
    said = f"refused: {error}"
except MemoryError:
    said = "OUT OF MEMORY"
seconds = time.process_time() - began - checked
print(json.dumps([seconds, checked, peak() - before, said]))
"""


def main() -> None:
    """Print a line for each file, and the worst of all."""
    arguments = read_arguments()
    worst_seconds, worst_memory = 0.0, 0.0
    for path in sorted(arguments.folder.iterdir()):
        if arguments.only and not path.name.startswith(tuple(arguments.only)):
            continue
        seconds, checked, memory, said = measured(path, arguments)
        worst_seconds, worst_memory = max(worst_seconds, seconds), max(worst_memory, memory)
        name = path.name[:28].encode("ascii", "replace").decode()
        figures = f"{seconds:6.2f} s {checked:6.2f} s {memory:6.0f} MB"
        print(f"{name:28} {figures}  {said[:200]!r}", flush=True)
    print(f"worst: {worst_seconds:.2f} s to read, {worst_memory:.0f} MB")


def measured(path: Path, arguments: argparse.Namespace) -> tuple[float, float, float, str]:
    """Seconds to read and to check, MB beyond the imports, and what came of it."""

    def limit() -> None:
        most = arguments.memory * 2**20
        resource.setrlimit(resource.RLIMIT_DATA, (most, most))

    command = [sys.executable, "-c", CHILD, str(path)]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=arguments.most, preexec_fn=limit
        )
    except subprocess.TimeoutExpired:
        return arguments.most, 0.0, 0.0, "NOT ENDED"
    if done.returncode:
        last = (done.stderr.strip() or str(done.returncode)).splitlines()[-1]
        return arguments.most, 0.0, arguments.memory, f"CRASHED: {last}"
    seconds, checked, memory, said = json.loads(done.stdout)
    return seconds, checked, memory, said


def read_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--most", type=float, default=30.0, help="seconds for one file")
    parser.add_argument("--memory", type=int, default=3_000, help="MB for one file")
    parser.add_argument("--only", nargs="+", help="beginnings of names")
    return parser.parse_args()


if __name__ == "__main__":
    main()
