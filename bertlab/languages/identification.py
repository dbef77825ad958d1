"""The language of each of some texts: naive Bayes on byte n-grams, from the package py3langid.

Lui and Baldwin, "langid.py: An Off-the-shelf Language Identification Tool", 2012. The model lies in
the package: nothing is fetched. The same texts get the same languages.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import takewhile
from typing import Any

from bertlab.languages.names import NAMES
from bertlab.languages.scripts import script_of

SURE = 0.7  # of 4,000 English phrases none gets another language as surely as that
SHORT = 20  # letters: "bella donna" among English reviews makes no Italian one
TINY = 1e-6  # a probability below it is none
_OF_SCRIPT = {"Kana": "ja", "Hangul": "ko"}  # one language writes them

Probabilities = dict[str, float]  # of each language, in sum 1; {} for a text without letters


def identify(texts: Sequence[str]) -> list[tuple[str, str]]:
    """Name the language and the script of each text: `("en", "Latin")`, `("zh", "Han")`.

    A text too short to tell ("great", or any of fewer than 20 letters) is judged by those around
    it: each language's probability counts by how much of it there is among the other texts of the
    script. Where that is not enough the language is "". A text without letters gets ("", "").

    Args:
        texts: Any number; their first few hundred characters are enough.

    Returns:
        For each text a code of `NAMES` or "", and the script's name.
    """
    scripts = [script_of(text) for text in texts]
    judged = [_judge(text, script) for text, script in zip(texts, scripts, strict=True)]
    usual: dict[str, Counter[str]] = defaultdict(Counter)
    for script, probabilities in zip(scripts, judged, strict=True):
        usual[script].update(probabilities)
    return [
        (_settle(probabilities, usual[script], has_few=is_short(text)), script)
        for text, script, probabilities in zip(texts, scripts, judged, strict=True)
    ]


def is_short(text: str) -> bool:
    """Whether a text has too few letters to tell its language by; Chinese characters tell more."""
    letters = [character for character in text[: 4 * SHORT] if character.isalpha()]
    return len(letters) < SHORT and not any(script_of(letter) == "Han" for letter in letters)


def _settle(own: Probabilities, sums: Mapping[str, float], *, has_few: bool) -> str:
    weighted = _weighted(own, sums)
    return (_sure(own) if not (has_few and weighted) else "") or _sure(weighted)


def _judge(text: str, script: str) -> Probabilities:
    if script in _OF_SCRIPT or not script:
        return {_OF_SCRIPT[script]: 1.0} if script else {}
    ranked = _identifier().rank(text.encode("utf-8", "replace"))  # the likeliest first
    return dict(takewhile(lambda entry: entry[1] > TINY, ranked))


def _weighted(own: Probabilities, sums: Mapping[str, float]) -> Probabilities:
    """Bayes' rule with what the other texts say as prior; {} where there are none."""
    products = {code: p * max(0.0, sums[code] - p) for code, p in own.items()}
    total = sum(products.values())
    return {code: product / total for code, product in products.items()} if total > TINY else {}


def _sure(probabilities: Probabilities) -> str:
    best = max(probabilities, key=probabilities.__getitem__, default="")
    return best if best and probabilities[best] >= SURE else ""


@cache  # half a second, once a process; read only from then on
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(list(NAMES))
    return identifier
