"""WordPiece, the tokenization of BERT, as readable code that keeps everything it sees.

special_tokens    [MASK] and its like, typed as text, are cut out
normalization     clean, space CJK, strip accents, lower case
pretokenization   white space and punctuation -> words
matching          word -> pieces, each attempt recorded
trace             the four in a row, from one text
comparison        against the model's real tokenizer
options           how a real tokenizer is set
unicode8          which Unicode the real tokenizer knows
aligned           a text that remembers where its characters come from
"""

from bertlab.tokenization.wordpiece.aligned import Change
from bertlab.tokenization.wordpiece.comparison import Comparison, compare_with_tokenizer
from bertlab.tokenization.wordpiece.matching import Attempt, match_word
from bertlab.tokenization.wordpiece.normalization import NormalizationStep
from bertlab.tokenization.wordpiece.options import (
    AddedToken,
    WordPieceOptions,
    why_not_wordpiece,
    wordpiece_options,
)
from bertlab.tokenization.wordpiece.trace import (
    Word,
    WordPieceTrace,
    check_characters,
    trace_wordpiece,
)

__all__ = [
    "AddedToken",
    "Attempt",
    "Change",
    "Comparison",
    "NormalizationStep",
    "Word",
    "WordPieceOptions",
    "WordPieceTrace",
    "check_characters",
    "compare_with_tokenizer",
    "match_word",
    "trace_wordpiece",
    "why_not_wordpiece",
    "wordpiece_options",
]
