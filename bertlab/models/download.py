"""Fetching a model from the Hugging Face hub, when the user asks for it."""

import io
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

from huggingface_hub import HfApi, constants, snapshot_download
from huggingface_hub.errors import GatedRepoError, RepositoryNotFoundError
from tqdm.auto import tqdm

from bertlab.errors import ModelError
from bertlab.models.catalog import WEIGHTS, ModelInfo, find_model, models_at_hand

TOKENIZER_PATTERNS = (
    "config.json",
    "tokenizer*",
    "special_tokens_map.json",
    "added_tokens.json",
    "vocab*",
    "merges.txt",
    "spiece.model",
    "sentencepiece.bpe.model",
)
REACH_SECONDS = 4.0

Progress = Callable[[float, float], None]


def download(
    name: str, *, tokenizer_only: bool = False, on_progress: Progress | None = None
) -> ModelInfo:
    """Fetch a model into the local Hugging Face cache; `HF_ENDPOINT` chooses the server.

    `download("bert-base-chinese")` makes `find_model("bert-base-chinese").is_here` true.

    Args:
        name: A hub name that `find_model` accepts.
        tokenizer_only: Fetch the configuration and the vocabulary, not the weights.
        on_progress: Called with (bytes so far, bytes in all) while files arrive.

    Raises:
        ModelError: The hub cannot be reached, has no such model, or has no safetensors weights.
    """
    info = find_model(name)
    if info.is_here:
        return info
    if info.source != "hub":
        raise ModelError(f"{info.name} does not come from the hub. {info.note}.")
    check_reachable()
    patterns = list(TOKENIZER_PATTERNS) if tokenizer_only else [*TOKENIZER_PATTERNS, WEIGHTS]
    try:
        if not tokenizer_only and WEIGHTS not in HfApi().list_repo_files(name):
            raise ModelError(f'"{name}" offers no {WEIGHTS}; BertLab loads no other format.')
        snapshot_download(name, allow_patterns=patterns, tqdm_class=_reporter(on_progress))
    except ModelError:
        raise
    except GatedRepoError as error:
        raise ModelError(f'"{name}" asks for an account on the hub. {models_at_hand()}') from error
    except RepositoryNotFoundError as error:
        raise ModelError(f'The hub has no model "{name}". {models_at_hand()}') from error
    except Exception as error:  # the hub's client passes on errors of several network libraries
        reason = (str(error).strip() or type(error).__name__).splitlines()[0][:200]
        raise ModelError(f'"{name}" could not be fetched: {reason}. {models_at_hand()}') from error
    return find_model(name)


def check_reachable() -> None:
    """Ask the hub for a sign of life, so that an offline machine waits seconds, not minutes.

    Raises:
        ModelError: No answer within `REACH_SECONDS`; the message names the models at hand.
    """
    try:
        urllib.request.urlopen(constants.ENDPOINT, timeout=REACH_SECONDS).close()
    except urllib.error.HTTPError:
        return  # it answered
    except (OSError, ValueError) as error:
        raise ModelError(
            f"The model hub {constants.ENDPOINT} cannot be reached from here. "
            "Connect to the internet, or set HF_ENDPOINT to a mirror. " + models_at_hand()
        ) from error


def _reporter(on_progress: Progress | None) -> type[tqdm]:
    """A progress bar class that draws nothing and tells `on_progress` instead.

    The hub's client keeps two bars of bytes, one for what was received and one for what was
    written; whichever is ahead is told.
    """
    furthest = 0.0

    class Reporter(tqdm):  # type: ignore[misc] # tqdm tells no types
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            kwargs |= {"disable": on_progress is None, "file": io.StringIO()}
            super().__init__(*args, **kwargs)

        def display(self, *args: Any, **kwargs: Any) -> None:
            nonlocal furthest
            if on_progress and self.unit == "B" and self.n > furthest:
                furthest = self.n
                on_progress(self.n, max(self.n, self.total or 0))

    return Reporter
