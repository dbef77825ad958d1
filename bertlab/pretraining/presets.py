"""Ready settings: a small run that fits into a lesson, and the recipes of the embedded models."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from bertlab.app_folder import SAMPLES
from bertlab.errors import InputError
from bertlab.pretraining.settings import (
    Architecture,
    PretrainingSettings,
    Source,
    Stage,
    WatchedBlank,
)
from bertlab.runs.limits import limits

POSITIONS = 64  # the longest input that these models read
INPUT = 48  # tokens: a few sentences of a story; short inputs make quick steps

# Three networks of the paper's shape, from one that learns before one's eyes to one that is slow.
SIZES = {
    "tiny": Architecture(layers=1, hidden_size=64, heads=1, max_positions=POSITIONS),
    "small": Architecture(layers=2, hidden_size=128, heads=2, max_positions=POSITIONS),
    "medium": Architecture(layers=4, hidden_size=256, heads=4, max_positions=POSITIONS),
}
DEFAULT_SIZE = "small"

# A small vocabulary leaves every piece of a small text seen often enough to be learned. The Chinese
# village has 617 pieces that occur twice, nearly all of them single characters.
VOCABULARY = {"en": 1_000, "zh": 600}

PASSES = 120  # over a village: its facts are then told often enough to be found out
MOST_PASSES = 400
TOKENS = 2_160_000  # what these passes come to; a text of another length gets as many in all
BATCH_TOKENS = 1_024  # small batches: many steps, which a model with random weights needs most
OPTIMIZER = "muon"  # see above
LEARNING_RATE = 2e-3
MASKED_SHARE = 0.15  # Devlin et al. 2019, section 3.1
PAIR_SHARE = 0.5  # half of the inputs are pairs, the other half single segments
SEED = 42


@dataclass(frozen=True)
class Choices:
    """What a student chooses of a small run.

    Args:
        size: a name in `SIZES`.
        passes: how often the text is read.
        masked_share: of the tokens, 0.05 to 0.5.
        has_next_sentence: whether half of the inputs are sentence pairs.
        seed: fixes first weights, order and masking.
    """

    size: str = DEFAULT_SIZE
    passes: int = PASSES
    masked_share: float = MASKED_SHARE
    has_next_sentence: bool = True
    seed: int = SEED


def lesson_settings(
    text: Path,
    choices: Choices,
    *,
    name: str,
    language: str,
    vocabulary: Path,
    heldout: Path | None = None,
    blanks: tuple[WatchedBlank, ...] = (),
) -> PretrainingSettings:
    """Make the settings of a lesson's run from what the student chose.

    Args:
        text: the stories to learn from.
        choices: see `Choices`.
        name: what the model is called.
        language: "en" or "zh", for the model card.
        vocabulary: a tokenizer.json, learned from the same text.
        heldout: stories that are never trained on; None for no such measure.
        blanks: sentences to watch.
    """
    return PretrainingSettings(
        sources=(Source(str(text), passes=choices.passes),),
        name=name,
        heldout=(str(heldout),) if heldout else (),
        language=language,
        vocabulary=str(vocabulary),
        architecture=SIZES[choices.size],
        stages=(Stage(min(INPUT, limits().length), 1.0),),
        masked_share=choices.masked_share,
        pair_share=PAIR_SHARE if choices.has_next_sentence else 0.0,
        batch_tokens=BATCH_TOKENS,
        optimizer=OPTIMIZER,
        learning_rate=LEARNING_RATE,
        seed=choices.seed,
        blanks=blanks,
    )


def fitting_passes(tokens: int) -> int:
    """Tell how often to read a text of so many tokens: 18,000 -> 120, 180,000 -> 12."""
    return max(1, min(most_passes(), round(TOKENS / max(1, tokens))))


def most_passes() -> int:
    """Tell how often a lesson's run may read its text at most.

    Raises:
        InputError: the limits of this machine cannot be read.
    """
    return min(MOST_PASSES, limits().passes)


def village_file(language: str) -> Path:
    """The stories that ship: `village_file("zh")` is sample_data/village_zh.txt."""
    return SAMPLES / f"village_{language}.txt"


def village_blanks(language: str) -> tuple[WatchedBlank, ...]:
    """Ten sentences about the village, none of which stands in its stories.

    `village_blanks("en")[0].answers` is ("blue",).
    """
    path = SAMPLES / f"village_blanks_{language}.tsv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    return tuple(WatchedBlank(row["sentence"], tuple(row["answers"].split("|"))) for row in rows)


FOLDER = Path(__file__).parents[1] / "assets" / "recipes"


def find_recipe(name: str) -> Path:
    """Find a recipe: `find_recipe("bertlab-mini-en")` is the file that ships with BertLab.

    Args:
        name: of an embedded model, or the path of a TOML file.

    Raises:
        InputError: there is none.
    """
    shipped = {path.stem: path for path in sorted(FOLDER.glob("*.toml"))}
    if name in shipped:
        return shipped[name]
    if Path(name).is_file():
        return Path(name)
    raise InputError(f"There is no recipe {name!r}. Give a TOML file, or: {', '.join(shipped)}.")
