"""Tables of texts and labels: read, checked and split, with every row accounted for.

`read_table` -> `guess_columns` -> `check_examples` -> `split_examples`.
"""

from bertlab.datasets.checking import check_examples
from bertlab.datasets.columns import Columns, guess_columns, label_candidates, with_sign
from bertlab.datasets.examples import Examples, load_examples, save_examples
from bertlab.datasets.label_map import LabelRow, case_map, label_map, label_rows
from bertlab.datasets.labels.label_sets import mark_columns
from bertlab.datasets.labels.problem_types import (
    MULTI_LABEL,
    PROBLEM_TYPES,
    REGRESSION,
    SINGLE_LABEL,
    guess_problem_type,
    problem_type_of,
)
from bertlab.datasets.reading.files import read_table
from bertlab.datasets.reading.workbooks import is_workbook, sheet_names
from bertlab.datasets.splitting.provided import columns_of_part, with_known_labels, with_own_parts
from bertlab.datasets.splitting.split import Split, split_examples
from bertlab.datasets.spreadsheets import escape_for_spreadsheet
from bertlab.datasets.table import LeftOut, Table, count_left_out

__all__ = [
    "MULTI_LABEL",
    "PROBLEM_TYPES",
    "REGRESSION",
    "SINGLE_LABEL",
    "Columns",
    "Examples",
    "LabelRow",
    "LeftOut",
    "Split",
    "Table",
    "case_map",
    "check_examples",
    "columns_of_part",
    "count_left_out",
    "escape_for_spreadsheet",
    "guess_columns",
    "guess_problem_type",
    "is_workbook",
    "label_candidates",
    "label_map",
    "label_rows",
    "load_examples",
    "mark_columns",
    "problem_type_of",
    "read_table",
    "save_examples",
    "sheet_names",
    "split_examples",
    "with_known_labels",
    "with_own_parts",
    "with_sign",
]
