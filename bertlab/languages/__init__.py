"""Which languages some texts are in, and how much of each a model cannot read."""

from bertlab.languages.advice import Advice, advise
from bertlab.languages.identification import identify
from bertlab.languages.shares import Languages, LanguageShare, find_languages

__all__ = ["Advice", "LanguageShare", "Languages", "advise", "find_languages", "identify"]
