"""The teacher reads the corpus once; its vectors lie in the run's folder."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional

from bertlab.devices import supports_bf16
from bertlab.errors import RunError
from bertlab.inputs import encode_ids
from bertlab.models import LoadedModel, load_model
from bertlab.pretraining.corpus import read_documents
from bertlab.pretraining.encoded import EncodedText
from bertlab.pretraining.settings import PretrainingSettings, Source
from bertlab.pretraining.stopping import until_stop
from bertlab.pretraining.teacher import TeacherVectors
from bertlab.runs import Journal, Run
from bertlab.runs.files import move_over

FOLDER = "teacher"  # in the run's folder, a file for every source
AT_ONCE = 20_000  # sentences that are sorted by length together
BATCH_TOKENS = 8_192
MOST = 512  # sentences in a batch
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
                _keep(kept, sentence_vectors(loaded, sentences, count))
            vectors.append(np.load(kept))
    known = np.concatenate(is_known)
    rows = np.where(known, np.cumsum(known) - 1, -1)
    return TeacherVectors(np.concatenate(vectors), rows)


def sentence_vectors(
    loaded: LoadedModel, sentences: Iterator[str], count: int
) -> npt.NDArray[np.float16]:
    """Make a sentence encoder's vectors: the mean of its last layer, of length 1.

    So all-MiniLM-L6-v2 is meant to be used (Reimers and Gurevych 2019, mean pooling).

    Args:
        loaded: a model of the BERT family.
        sentences: what it reads; at most 128 tokens of each.
        count: how many there are.

    Returns:
        float16 (count, hidden).

    Raises:
        RunError: there are more or fewer sentences than that.
    """
    vectors = np.zeros((count, loaded.config.hidden_size), dtype=np.float16)
    done = 0
    while block := list(islice(sentences, AT_ONCE)):
        if done + len(block) <= count:
            for rows, found in _in_batches(loaded, block):
                vectors[done + rows] = found
        done += len(block)
    if done != count:
        raise RunError("A text file was changed while the run was being prepared. Begin a new run.")
    return vectors


def _in_batches(
    loaded: LoadedModel, sentences: Sequence[str]
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
        yield batch, _mean_vectors(loaded, [rows[index] for index in batch])
        at += len(batch)


def _mean_vectors(loaded: LoadedModel, rows: Sequence[Sequence[int]]) -> npt.NDArray[np.float16]:
    """Run the encoder on token ids and pool: float16 (batch, hidden)."""
    longest, device = max(len(row) for row in rows), loaded.device
    padded = [[*row, *[0] * (longest - len(row))] for row in rows]
    mask = torch.tensor([[1] * len(row) + [0] * (longest - len(row)) for row in rows]).to(device)
    use_bf16 = supports_bf16(device)
    with torch.inference_mode(), torch.autocast(device.type, torch.bfloat16, enabled=use_bf16):
        inputs = {"input_ids": torch.tensor(padded).to(device), "attention_mask": mask}
        states = loaded.encoder(**inputs).last_hidden_state.float()  # (batch, tokens, hidden)
    weights = mask[:, :, None].float()
    means = (states * weights).sum(dim=1) / weights.sum(dim=1)
    return functional.normalize(means, dim=-1).cpu().numpy().astype(np.float16)


def _sentences(run: Run, source: Source, seed: int) -> Iterator[str]:
    for document in until_stop(run, read_documents(source, seed=seed)):
        yield from document


def _keep(path: Path, vectors: npt.NDArray[np.float16]) -> None:
    """Write the vectors of a source, whole or not at all."""
    path.parent.mkdir(exist_ok=True)
    draft = path.with_suffix(".draft.npy")
    np.save(draft, vectors)
    move_over(draft, path)
