"""Text that a model never saw: how well it fills masked tokens and tells what follows what."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean
from typing import Any

import torch
from transformers import BertForPreTraining

from bertlab.devices import choose_device
from bertlab.errors import InputError, ModelError
from bertlab.models.catalog import find_model, read_config
from bertlab.models.facts import read_card
from bertlab.models.folders import load_tokenizer, model_folder, open_part
from bertlab.pretraining.data.corpus import read_documents
from bertlab.pretraining.data.encoded import EncodedText, encode_documents
from bertlab.pretraining.heldout import HeldoutScores, join_scores, score_text
from bertlab.pretraining.presets import FOLDER as RECIPES
from bertlab.pretraining.settings import Source, read_recipe
from bertlab.pretraining.tensors import marks_of, vocabulary_of
from bertlab.tokenization.encoding import UNKNOWN_WARNING_SHARE, longest_input

MAX_LENGTH = 64  # tokens per input, as most inputs of pre-training have
ENDINGS = (".txt", ".txt.xz")
NEXT_HEAD = ("bert.pooler.", "cls.seq_relationship.")  # what next sentence needs beside BERT
_PREFIX = re.compile(r"([a-z]{2})_")  # of "en_stories.txt.xz"

Tell = Callable[[str], None]


@dataclass(frozen=True)
class HeldoutModel:
    """A model that answers about held-out text.

    Args:
        name: what to call it.
        tokenizer: its own.
        model: a BertForPreTraining in eval mode, float32.
        has_next_sentence: whether its next-sentence head was ever trained.
        device: where its weights lie.
    """

    name: str
    tokenizer: Any
    model: Any
    has_next_sentence: bool
    device: torch.device


@dataclass(frozen=True)
class HeldoutReport:
    """A model's figures on held-out text.

    Args:
        files: by file name.
        together: every masked token and every pair counting alike.
    """

    files: dict[str, HeldoutScores]
    together: HeldoutScores

    @property
    def mean_accuracy(self) -> float:
        """The mean of the files' accuracies: every kind of text counts alike, however long.

        Accuracies 0.6 on ten tokens and 0.4 on a thousand -> 0.5, where `together` has 0.402
        """
        return fmean(one.accuracy for one in self.files.values())


def load_for_heldout(name: str, *, device: str | None = None) -> HeldoutModel:
    """Load a model of the BERT family with both of its heads, where it has both.

    load_for_heldout("bert-base-uncased").has_next_sentence -> True

    Raises:
        ModelError: as `load_model`; or it is of another family, or has no masked-LM head.
    """
    folder = model_folder(name)
    family = read_config(folder).get("model_type")
    if family != "bert":
        raise ModelError(
            f"Held-out text is measured for models of the BERT family; {find_model(name).name} "
            f"is of the family {family}. Leave --heldout out."
        )
    model, report = open_part(
        BertForPreTraining,
        folder,
        dtype=torch.float32,
        attn_implementation="sdpa",
        use_safetensors=True,
        output_loading_info=True,
    )
    missing = sorted(report["missing_keys"])
    lacking = [key for key in missing if not key.startswith(NEXT_HEAD)]
    if lacking:  # transformers has filled them with random numbers
        raise ModelError(
            f"{find_model(name).name} has no masked-LM head: {lacking[0]} is missing. Held-out "
            "text is measured for models that fill blanks."
        )
    # A head that is stored but was never asked in training says as little as a missing one.
    has_next = not missing and read_card(folder).get("next_sentence") is not False
    place = choose_device(device)
    model.eval().requires_grad_(False).to(place)
    return HeldoutModel(find_model(name).name, load_tokenizer(name), model, has_next, place)


def find_texts(places: Sequence[Path], *, language: str = "") -> tuple[Path, ...]:
    """List the text files that are named, and those in the folders that are named.

    find_texts([Path("heldout")], language="en") -> (Path("heldout/en_masc.txt.xz"), ...)

    Args:
        places: files, and folders whose *.txt and *.txt.xz are meant.
        language: of the model; in a folder, files whose name begins with another one ("zh_") are
            left out. "" and "multi" leave none out.

    Raises:
        InputError: a place is missing, or a folder has no such file.
    """
    found: dict[Path, Path] = {}
    for place in places:
        if place.is_dir():
            files = _texts_in(place, language)
        elif place.exists():
            files = [place]
        else:
            raise InputError(f"There is no file or folder {place}. Check its name.")
        found |= {file.resolve(): file for file in files}
    return tuple(found.values())


def _texts_in(folder: Path, language: str) -> list[Path]:
    files = [path for path in sorted(folder.iterdir()) if path.name.endswith(ENDINGS)]
    if not files:
        raise InputError(f"{folder} holds no {' or '.join(ENDINGS)} file. Name another folder.")
    kept = [path for path in files if _may_be(path, language)]
    if not kept:
        raise InputError(
            f"{folder} holds no text for a model of the language {language}: its files are "
            f"{', '.join(path.name for path in files[:3])}. Name the files one by one to force it."
        )
    return kept


def _may_be(path: Path, language: str) -> bool:
    """Whether a file's name leaves it open that it is in the language."""
    prefix = _PREFIX.match(path.name)
    return language in ("", "multi") or prefix is None or prefix[1] == language


def score_files(
    subject: HeldoutModel,
    files: Sequence[Path],
    *,
    max_length: int = MAX_LENGTH,
    tell: Tell = lambda text: None,
) -> HeldoutReport:
    """Mask 15 % of every file's tokens and let the model fill them; and ask what follows what.

    score_files(mini, [Path("en_masc.txt.xz")]).together.accuracy -> 0.41

    Where the model has no trained next-sentence head, `pairs` is 0 and `next_accuracy` None.

    Args:
        subject: from `load_for_heldout`.
        files: from `find_texts`, at least one.
        max_length: tokens per input, at least 16; fewer where the model reads fewer. Longer ones
            show whether its later positions have learned.
        tell: takes a sentence after each file.

    Raises:
        InputError: a file is missing, empty, not UTF-8, or no token is left of it.
        ModelError: the model answers with what is not a number.
    """
    # All are read before the first is measured: a bad one is refused at once.
    texts = {name: _read(subject, file) for name, file in _short_names(files).items()}
    scores: dict[str, HeldoutScores] = {}
    for name, text in texts.items():
        _warn_of_unknown(name, text, subject, tell)
        scores[name] = one = _score(subject, text, max_length)
        tell(f"{name}: {one.accuracy:.1%} of {one.tokens:,} masked tokens right.")
    return HeldoutReport(scores, join_scores(list(scores.values())))


def source_of(file: Path) -> Source:
    """How to read a file: a shipped recipe says which texts are single sentences.

    source_of(Path("heldout/en_tatoeba.txt.xz")).lines_stand_alone -> True

    Names stay as they are: what the recipe renames, it renames in training alone.
    """
    return Source(str(file), lines_stand_alone=_stem(file.name) in _single_lines())


def _single_lines() -> set[str]:
    """The names of all sources that shipped recipes read line by line."""
    recipes = [read_recipe(path) for path in sorted(RECIPES.glob("*.toml"))]
    sources = [source for recipe in recipes for source in recipe.sources]
    return {_stem(Path(one.file).name) for one in sources if one.lines_stand_alone}


def _stem(name: str) -> str:
    """A text's name without its ending: "en_stories" of "en_stories.txt.xz"."""
    return name.removesuffix(".xz").removesuffix(".txt")


def _short_names(files: Sequence[Path]) -> dict[str, Path]:
    """The files by their names; where two share one, by their paths."""
    names = [file.name for file in files]
    return {file.name if names.count(file.name) == 1 else str(file): file for file in files}


def _read(subject: HeldoutModel, file: Path) -> EncodedText:
    text = encode_documents(read_documents(source_of(file)), subject.tokenizer)
    if not len(text.ids):
        raise InputError(f"{file}: {subject.name} reads no token in it. Name another file.")
    return text


def _warn_of_unknown(name: str, text: EncodedText, subject: HeldoutModel, tell: Tell) -> None:
    unknown = float((text.ids == subject.tokenizer.unk_token_id).mean())
    if unknown > UNKNOWN_WARNING_SHARE:
        tell(
            f"{name}: {unknown:.0%} of the tokens are {subject.tokenizer.unk_token}: "
            f"{subject.name} does not know these signs, so its figures mean little."
        )


def _score(subject: HeldoutModel, text: EncodedText, max_length: int) -> HeldoutScores:
    scores = score_text(
        subject.model,
        text,
        marks=marks_of(subject.tokenizer),
        vocabulary=vocabulary_of(subject.tokenizer),
        max_length=min(max_length, longest_input(subject.model.config)),
        device=subject.device,
    )
    if not math.isfinite(scores.loss):
        raise ModelError(
            f"{subject.name} answers with what is not a number: its training went wrong. "
            "Take an earlier checkpoint."
        )
    if subject.has_next_sentence:
        return scores
    return replace(scores, pairs=0, next_accuracy=None)
