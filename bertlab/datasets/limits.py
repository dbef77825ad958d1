"""How large a table may be: every limit of this package, in one place."""

MAX_BYTES = 20 * 1024 * 1024  # the upload limit of the app's server, so both say the same
MAX_ROWS = 100_000  # read and checked in two to four seconds; the rest is counted, not used
MAX_LINES = 1_000_000  # so that a file of line ends alone cannot fill the memory
MAX_COLUMNS = 1_000
MAX_LINE_CELLS = 16_384  # no spreadsheet program has more columns, so none writes a longer line
MAX_JSON_CELLS = 20_000_000  # objects times names: each name that one has is a cell of all

MAX_SHEET_CELLS = 10_000_000  # of a workbook, empty ones counted: a cell far out makes many
MAX_SHEET_ROWS = 1_048_576  # the last row that Excel has
MAX_UNPACKED_BYTES = 300 * 1024 * 1024  # of a workbook, which is a zip archive
MAX_PARTS = 10_000  # files in that archive; a workbook of 1,000 sheets has some 2,000
MAX_ROW_TAGS = 1_000_000  # XML tags of one row; Excel's longest row has some 100,000
MAX_STYLE_TAGS = 300_000  # of the styles and all else that is parsed at once: ten seconds' work
MAX_ATTRIBUTES = 2_000_000  # of one row, or of all that is parsed at once
MAX_CELL_CHARACTERS = 100_000  # some 17,000 words: far beyond any BERT, so no such cell is a text
MAX_QUOTED_LINES = 2_000  # a quoted cell of more lines is taken for a quote that was never closed
LONG_TEXT_TOKENS = 510  # what BERT's 512 positions leave beside [CLS] and [SEP]

MAX_LABELS = 200
MAX_LABEL_CHARACTERS = 200
MIN_ROWS_TO_DOUBT_LABELS = 10  # from here on, more labels than half the rows is no labelling
IMBALANCE_TO_WARN = 5  # largest class : smallest class

MIN_TRAIN_TEXTS = 2  # what a split must leave to train on, besides one text for each other part
FEW_TEXTS = 10  # below this a measured accuracy says next to nothing
