"""The language of each of some texts: naive Bayes on byte n-grams, from the package py3langid.

Lui and Baldwin, "langid.py: An Off-the-shelf Language Identification Tool", 2012. The model lies in
the package: nothing is fetched. The same texts get the same languages.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from functools import cache
from typing import Any

from bertlab.languages.names import NAMES
from bertlab.languages.scripts import script_of

SURE = 0.7  # of 4,000 English phrases two in a thousand get another language as surely as that
_OF_SCRIPT = {"Kana": "ja", "Hangul": "ko"}  # one language writes them


def identify(texts: Sequence[str]) -> list[tuple[str, str]]:
    """Name the language and the script of each text: `("en", "Latin")`, `("zh", "Han")`.

    A text too short to tell ("great") gets the language of most texts in its script, and "" where
    there is none that is sure. One without letters (":-)") gets ("", "").

    Args:
        texts: Any number; their first few hundred characters are enough.

    Returns:
        For each text a code of `NAMES` or "", and the script's name.
    """
    scripts = [script_of(text) for text in texts]
    sure = [_sure(text, script) for text, script in zip(texts, scripts, strict=True)]
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for code, script in zip(sure, scripts, strict=True):
        if code:
            counts[script][code] += 1
    usual = {script: found.most_common(1)[0][0] for script, found in counts.items()}
    return [
        (code or usual.get(script, ""), script) for code, script in zip(sure, scripts, strict=True)
    ]


def _sure(text: str, script: str) -> str:
    """The language where script or model leave little doubt, else ""."""
    if script in _OF_SCRIPT or not script:
        return _OF_SCRIPT.get(script, "")
    code, probability = _identifier().classify(text.encode("utf-8", "replace"))
    return str(code) if probability >= SURE else ""


@cache  # half a second, once a process; read only from then on
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(list(NAMES))
    return identifier
