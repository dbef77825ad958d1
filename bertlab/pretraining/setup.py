"""The first phase of a run: vocabulary, token ids, the plan of all batches, a new model."""

from __future__ import annotations

import hashlib
import json
import random
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from bertlab.devices import fastest_attention, supports_bf16
from bertlab.models import load_model
from bertlab.pretraining.data.corpus import read_documents
from bertlab.pretraining.data.encoded import EncodedText, encode_documents, join_texts
from bertlab.pretraining.data.plan import make_plan
from bertlab.pretraining.data.vocabulary import learn_vocabulary, load_vocabulary
from bertlab.pretraining.distillation.sentences import TeacherVectors
from bertlab.pretraining.distillation.teacher_vectors import read_teacher
from bertlab.pretraining.distillation.words import TeacherWords, read_words
from bertlab.pretraining.initial_weights import load_bert
from bertlab.pretraining.loop import PretrainingOptions, PretrainingState
from bertlab.pretraining.model import Learner, new_bert
from bertlab.pretraining.optimizer import make_optimizers
from bertlab.pretraining.settings import PretrainingSettings, Source
from bertlab.pretraining.tensors import StepData, marks_of, vocabulary_of
from bertlab.runs import Journal, Run
from bertlab.training.lifecycle import until_stopped

TOKENIZER = "tokenizer"  # a folder in the run's folder
ENCODED = "corpus.npz"


@dataclass(frozen=True)
class PretrainingSetup:
    """All that training needs.

    Args:
        settings: with paths that can be opened.
        tokenizer: learned or given.
        state: at step 0.
        data: batch by batch.
        words: the teacher's embeddings, where these are a target.
        heldout: by file name, text that is never trained on.
        tag: a fingerprint of everything that decides the course of the run.
        device: where the model is.
        use_bf16: whether a step computes in bfloat16.
    """

    settings: PretrainingSettings
    tokenizer: Any
    state: PretrainingState
    data: StepData
    words: TeacherWords | None
    heldout: dict[str, EncodedText]
    tag: str
    device: torch.device
    use_bf16: bool

    @property
    def loop_options(self) -> PretrainingOptions:
        """The settings as the loop takes them."""
        settings, steps = self.settings, self.data.plan.steps
        return PretrainingOptions(
            steps=steps,
            learning_rate=settings.learning_rate,
            warm_up=settings.warm_up,
            frozen=settings.frozen,
            frozen_steps=round(steps * settings.frozen_share) if settings.frozen else 0,
            teacher_weight=settings.teacher_weight,
            word_weight=settings.word_weight,
        )


def set_up(
    run: Run, settings: PretrainingSettings, journal: Journal, device: torch.device
) -> PretrainingSetup:
    """Read the text, or what an earlier attempt made of it, and make a new model.

    Args:
        run: in whose folder the vocabulary and the token ids are kept.
        settings: with paths that can be opened.
        journal: told what is being done.
        device: where to compute.

    Raises:
        Stopped: somebody asked for a stop meanwhile.
        InputError: the text cannot be read, or gives no such vocabulary.
    """
    tokenizer = _vocabulary(run, settings, journal)
    texts = _encoded(run, settings, tokenizer, journal)
    teacher = read_teacher(run, settings, texts, journal, device) if settings.teacher else None
    journal.update(message="Deciding which text is read when.")
    data = _step_data(settings, tokenizer, texts, teacher, device)
    words = _words(settings, tokenizer)
    use_bf16 = supports_bf16(device.type)
    state = new_training(
        settings,
        len(tokenizer),
        teacher.size if teacher else 0,
        device,
        use_bf16=use_bf16,
        word_size=words.size if words else 0,
    )
    return PretrainingSetup(
        settings=settings,
        tokenizer=tokenizer,
        state=state,
        data=data,
        words=words,
        heldout=_heldout(settings, tokenizer),
        tag=fingerprint(settings, data.text, data.plan.steps),
        device=device,
        use_bf16=use_bf16,
    )


def _step_data(
    settings: PretrainingSettings,
    tokenizer: Any,
    texts: list[EncodedText],
    teacher: TeacherVectors | None,
    device: torch.device,
) -> StepData:
    """Plan all batches, and join the sources to one text that the plan points into."""
    plan = make_plan(
        texts,
        [source.passes for source in settings.sources],
        settings.stages,
        pair_share=settings.pair_share,
        batch_tokens=settings.batch_tokens,
        seed=settings.seed,
    )
    return StepData(
        text=join_texts(texts),
        plan=plan,
        marks=marks_of(tokenizer),
        vocabulary=vocabulary_of(tokenizer),
        masked_share=settings.masked_share,
        whole_words=settings.whole_words,
        shifted_share=settings.shifted_share,
        positions=settings.architecture.max_positions,
        seed=settings.seed,
        teacher=teacher,
        device=device,
    )


def new_training(
    settings: PretrainingSettings,
    vocabulary_size: int,
    teacher_size: int,
    device: torch.device,
    *,
    use_bf16: bool,
    word_size: int = 0,
) -> PretrainingState:
    """Make a model with random weights, or load the one to go on from, and make its optimizers.

    Args:
        settings: of the run.
        vocabulary_size: tokens.
        teacher_size: length of the teacher's vectors; 0 for no teacher.
        device: where to.
        use_bf16: whether a step computes in bfloat16.
        word_size: length of the teacher's embeddings; 0 where these are no target.
    """
    is_new = not settings.init_checkpoint
    bert = new_bert(settings, vocabulary_size) if is_new else load_bert(settings)
    learner = Learner(bert, teacher_size, word_size).to(device)
    # A batch has a fixed number of tokens, so its matrices (tokens x tokens) stay small however
    # long its inputs are: the choice for short inputs holds for all.
    attention = fastest_attention(device, use_bf16=use_bf16, max_length=0)
    learner.bert.set_attn_implementation(attention)
    optimizers = make_optimizers(
        learner,
        optimizer=settings.optimizer,
        learning_rate=settings.learning_rate,
        weight_decay=settings.weight_decay,
        rates=settings.rates,
        layer_decay=settings.layer_decay,
    )
    return PretrainingState(learner, optimizers)


def fingerprint(settings: PretrainingSettings, text: EncodedText, steps: int) -> str:
    """Sum up what decides the course of a run: a checkpoint of another one does not fit.

    Where the files lie, the run's name and the watched blanks decide nothing. What nobody asked
    for is left out: a setting that a later version brings does not orphan a checkpoint.
    """
    sources = tuple(replace(one, file=Path(one.file).name) for one in settings.sources)
    same = replace(settings, name="", heldout=(), blanks=(), device="auto", sources=sources)
    same = replace(same, vocabulary=Path(settings.vocabulary).name)
    content = hashlib.sha256(text.ids.tobytes()).hexdigest()
    unasked = PretrainingSettings(sources=same.sources)
    asked = {key: value for key, value in asdict(same).items() if value != asdict(unasked)[key]}
    told = json.dumps({**asked, "sources": [asdict(one) for one in sources]}, sort_keys=True)
    return hashlib.sha256(f"{told} {content} {steps}".encode()).hexdigest()[:32]


def _vocabulary(run: Run, settings: PretrainingSettings, journal: Journal) -> Any:
    """The run's tokenizer: kept from an earlier attempt, given, or learned now."""
    kept = run.folder / TOKENIZER
    if (kept / "tokenizer.json").is_file():
        return load_vocabulary(kept / "tokenizer.json")
    if settings.vocabulary:
        tokenizer = load_vocabulary(Path(settings.vocabulary))
    else:
        journal.update(message="Learning a vocabulary from the text.")
        tokenizer = learn_vocabulary(
            lambda: (" ".join(document) for document in until_stopped(run, _sample(settings))),
            size=settings.vocabulary_size,
            language=settings.language,
        )
    draft = run.folder / f".{TOKENIZER}"
    shutil.rmtree(draft, ignore_errors=True)
    tokenizer.save_pretrained(draft)
    draft.rename(kept)
    return tokenizer


def _words(settings: PretrainingSettings, tokenizer: Any) -> TeacherWords | None:
    """The teacher's embeddings of the pieces, where the settings give them weight."""
    if not (settings.teacher and settings.word_weight):
        return None
    return read_words(load_model(settings.teacher, device="cpu"), tokenizer, seed=settings.seed)


def _sample(settings: PretrainingSettings) -> Iterator[list[str]]:
    """Documents in the proportions in which the model will read them.

    Of the source with the most passes every document, of one with half as many every other one.
    """
    most = max(source.passes for source in settings.sources)
    rng = random.Random(settings.seed)
    for source in settings.sources:
        for document in read_documents(source, seed=settings.seed):
            if rng.random() * most < source.passes:
                yield document


def _encoded(
    run: Run, settings: PretrainingSettings, tokenizer: Any, journal: Journal
) -> list[EncodedText]:
    """The sources as token ids, kept in the run's folder."""
    kept = run.folder / ENCODED
    if not kept.is_file():
        arrays: dict[str, Any] = {}
        for number, source in enumerate(settings.sources):
            journal.update(message=f"Cutting {Path(source.file).name} into tokens.")
            documents = until_stopped(run, read_documents(source, seed=settings.seed))
            text = encode_documents(documents, tokenizer)
            arrays |= {f"{name}{number}": value for name, value in vars(text).items()}
        draft = kept.with_suffix(".draft.npz")
        np.savez(draft, **arrays)
        draft.rename(kept)
    with np.load(kept) as stored:
        return [
            EncodedText(stored[f"ids{i}"], stored[f"sentences{i}"], stored[f"documents{i}"])
            for i in range(len(settings.sources))
        ]


def _heldout(settings: PretrainingSettings, tokenizer: Any) -> dict[str, EncodedText]:
    """The held-out files as token ids, by file name; read as the source of that name is.

    Namesakes from several folders are "a.txt" and "a.txt (2)".
    """
    alone = {Path(one.file).name for one in settings.sources if one.lines_stand_alone}
    files = [Source(file, lines_stand_alone=Path(file).name in alone) for file in settings.heldout]
    texts: dict[str, EncodedText] = {}
    seen: Counter[str] = Counter()
    for one in files:
        name = Path(one.file).name
        seen[name] += 1
        key = name if seen[name] == 1 else f"{name} ({seen[name]})"
        texts[key] = encode_documents(read_documents(one), tokenizer)
    return texts
