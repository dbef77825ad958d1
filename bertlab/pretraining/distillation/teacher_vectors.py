"""The teacher reads the corpus once; its vectors lie in the run's folder."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional

from bertlab.devices import supports_bf16
from bertlab.errors import InputError, RunError
from bertlab.models import LoadedModel, load_model
from bertlab.pretraining.data.corpus import read_documents
from bertlab.pretraining.data.encoded import EncodedText
from bertlab.pretraining.distillation.sentences import TeacherVectors
from bertlab.pretraining.settings import PretrainingSettings, Source
from bertlab.runs import Journal, Run
from bertlab.runs.files import move_over
from bertlab.tokenization.batch_encoding import encode_ids
from bertlab.training.lifecycle import until_stopped

FOLDER = "teacher"  # in the run's folder, a file for every source
AT_ONCE = 20_000  # sentences that are sorted by length together
BATCH_TOKENS = 8_192
MOST = 512  # sentences in a batch
ROWS = 50_000  # vectors that are standardized at once
SMALLEST = 1e-6  # a spread below this is rounding
MAX_LENGTH = 128  # tokens of a sentence that the teacher reads


def read_teacher(
    run: Run,
    settings: PretrainingSettings,
    texts: Sequence[EncodedText],
    journal: Journal,
    device: torch.device,
) -> TeacherVectors:
    """Let the teacher read every sentence of the sources it teaches, or take what it read before.

    Args:
        run: in whose folder the vectors are kept, a source at a time.
        settings: name the teacher and the sources.
        texts: the encoded sources; the result has a row for each of their sentences.
        journal: told how far it is.
        device: where to compute.
    """
    loaded = load_model(settings.teacher, device=str(device))
    _check_layer(settings, loaded.config.num_hidden_layers)
    vectors = [np.zeros((0, loaded.config.hidden_size), dtype=np.float16)]
    is_known = []
    for number, (source, text) in enumerate(zip(settings.sources, texts, strict=True)):
        count = len(text.sentences) - 1
        is_known.append(np.full(count, source.teach))
        if source.teach:
            kept = run.folder / FOLDER / f"{number}.npy"
            if not kept.is_file():
                journal.update(message=f"{settings.teacher} reads {Path(source.file).name}.")
                sentences = _sentences(run, source, settings.seed)
                found = sentence_vectors(loaded, sentences, count, layer=settings.teacher_layer)
                _keep(kept, found)
            vectors.append(np.load(kept))
    known = np.concatenate(is_known)
    rows = np.where(known, np.cumsum(known) - 1, -1)
    return TeacherVectors(standardized(np.concatenate(vectors)), rows)


def sentence_vectors(
    loaded: LoadedModel, sentences: Iterator[str], count: int, *, layer: int = -1
) -> npt.NDArray[np.float16]:
    """Make an encoder's sentence vectors: the mean of one layer over a sentence, of length 1.

    Of the last layer it is what all-MiniLM-L6-v2 was made for (Reimers and Gurevych 2019, mean
    pooling).

    Args:
        loaded: a model of the BERT family.
        sentences: what it reads; at most 128 tokens of each.
        count: how many there are.
        layer: numbered as `hidden_states`.

    Returns:
        float16 (count, hidden).

    Raises:
        RunError: there are more or fewer sentences than that.
    """
    vectors = np.zeros((count, loaded.config.hidden_size), dtype=np.float16)
    done = 0
    while block := list(islice(sentences, AT_ONCE)):
        if done + len(block) <= count:
            for rows, found in _in_batches(loaded, block, layer):
                vectors[done + rows] = found
        done += len(block)
    if done != count:
        raise RunError("A text file was changed while the run was being prepared. Begin a new run.")
    return vectors


def _in_batches(
    loaded: LoadedModel, sentences: Sequence[str], layer: int
) -> Iterator[tuple[npt.NDArray[np.int64], npt.NDArray[np.float16]]]:
    """Read sentences of similar length together; give their numbers and vectors."""
    longest_read = min(MAX_LENGTH, loaded.max_tokens)
    rows = encode_ids(loaded.tokenizer, sentences, max_length=longest_read)["input_ids"]
    lengths = np.array([len(row) for row in rows])
    order = np.argsort(lengths, kind="stable")
    at = 0
    while at < len(order):
        longest = int(lengths[order[min(at + MOST, len(order) - 1)]])
        batch = order[at : at + max(1, BATCH_TOKENS // longest)][:MOST]
        yield batch, _mean_vectors(loaded, [rows[index] for index in batch], layer)
        at += len(batch)


def _mean_vectors(
    loaded: LoadedModel, rows: Sequence[Sequence[int]], layer: int
) -> npt.NDArray[np.float16]:
    """Run the encoder on token ids and pool: float16 (batch, hidden)."""
    longest, device = max(len(row) for row in rows), loaded.device
    padded = [[*row, *[0] * (longest - len(row))] for row in rows]
    mask = torch.tensor([[1] * len(row) + [0] * (longest - len(row)) for row in rows]).to(device)
    use_bf16 = supports_bf16(device)
    with torch.inference_mode(), torch.autocast(device.type, torch.bfloat16, enabled=use_bf16):
        inputs = {"input_ids": torch.tensor(padded).to(device), "attention_mask": mask}
        found = loaded.encoder(**inputs, output_hidden_states=True).hidden_states
        states = found[layer].float()  # (batch, tokens, hidden)
    weights = mask[:, :, None].float()
    means = (states * weights).sum(dim=1) / weights.sum(dim=1)
    return functional.normalize(means, dim=-1).cpu().numpy().astype(np.float16)


def _sentences(run: Run, source: Source, seed: int) -> Iterator[str]:
    for document in until_stopped(run, read_documents(source, seed=seed)):
        yield from document


def standardized(vectors: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Give every coordinate mean 0 and variance 1, in place; one that never changes becomes 0.

    The vectors of one layer all point much the same way (Ethayarajh 2019); what tells sentences
    apart is what remains.

    Args:
        vectors: (count, hidden).
    """
    if not len(vectors):
        return vectors
    parts = [slice(at, at + ROWS) for at in range(0, len(vectors), ROWS)]
    mean = sum(vectors[part].sum(axis=0, dtype=np.float64) for part in parts) / len(vectors)
    squares = sum(((vectors[part] - mean) ** 2).sum(axis=0) for part in parts)
    scale = np.sqrt(squares / len(vectors))
    scale[scale < SMALLEST] = np.inf
    for part in parts:
        vectors[part] = (vectors[part] - mean) / scale
    return vectors


def _check_layer(settings: PretrainingSettings, layers: int) -> None:
    if not -layers - 1 <= settings.teacher_layer <= layers:
        raise InputError(
            f"The teacher {settings.teacher} has no layer {settings.teacher_layer}: it has 0 (its "
            f"embeddings) to {layers}."
        )


def _keep(path: Path, vectors: npt.NDArray[np.float16]) -> None:
    """Write the vectors of a source, whole or not at all."""
    path.parent.mkdir(exist_ok=True)
    draft = path.with_suffix(".draft.npy")
    np.save(draft, vectors)
    move_over(draft, path)
