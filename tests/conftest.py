"""What all tests share: a sealed environment and tiny random models."""

import gc
import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pytest
import torch
from fake_hub import FakeHub, running_hub
from huggingface_hub import constants
from tiny_models import save_tiny_bert, save_tiny_model
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling, Scheduling

from bertlab.models import LoadedModel, load_model
from bertlab.models.catalog import ALLOWED_FAMILIES

# These start processes, and measure or kill them: one after the other.
ONE_AFTER_THE_OTHER = (
    "test_chaos", "test_cli_serve", "test_engine", "test_engine_remote", "test_engine_strangers",
    "test_engine_tls", "test_full_disk", "test_out_of_memory", "test_warmup",
)  # fmt: skip

if "PYTEST_XDIST_WORKER" in os.environ:  # each worker has a core, and so has what it starts
    torch.set_num_threads(1)
    os.environ["OMP_NUM_THREADS"] = "1"


class ByModule(LoadScopeScheduling):
    """Of two workers (`pytest -n 2`) one takes what must not run beside its like, first of all.

    The other takes module after module of what is left, and the first helps as soon as it can.
    """

    def _split_scope(self, nodeid: str) -> str:
        path = PurePosixPath(nodeid.partition("::")[0])
        alone = path.parent.name == "browser" or path.stem in ONE_AFTER_THE_OTHER
        return "one after the other" if alone else str(path)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Scheduling:
    return ByModule(config, log)


def pytest_collection_finish() -> None:
    """Let the garbage collector pass over what imports have made: each run of training calls it."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def sealed_environment(tmp_path_factory: pytest.TempPathFactory, monkeypatch) -> Path:
    """Each test has its own runs, models and hub cache; nothing of this machine's is touched."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("BERTLAB_RUNS", str(home / "runs"))
    monkeypatch.setenv("BERTLAB_MODELS", str(home / "models"))
    monkeypatch.setenv("HF_HOME", str(home / "hf"))
    for name in ("HF_HUB_CACHE", "HF_ENDPOINT", "HF_TOKEN", "BERTLAB_SCHEDULER"):
        monkeypatch.delenv(name, raising=False)
    # huggingface_hub reads the environment once, at import
    monkeypatch.setattr(constants, "HF_HOME", str(home / "hf"))
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(home / "hf" / "hub"))
    (home / "models").mkdir()
    return home


@pytest.fixture
def models_root(sealed_environment: Path) -> Path:
    """The folder that BERTLAB_MODELS names."""
    return sealed_environment / "models"


@pytest.fixture
def hub_cache(sealed_environment: Path) -> Path:
    """The hub cache of this test."""
    return sealed_environment / "hf" / "hub"


@pytest.fixture(scope="session")
def tiny_bert_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random BERT (hidden 32, 2 layers, 2 heads, 64 positions) in a folder; do not write to it.

    To load it by name, set BERTLAB_MODELS to its parent: its name is "tiny-bert".
    """
    return save_tiny_bert(tmp_path_factory.mktemp("shared-models") / "tiny-bert")


@pytest.fixture
def tiny_bert_name(tiny_bert_folder: Path, monkeypatch) -> str:
    """The name under which `load_model` finds the tiny BERT during this test."""
    monkeypatch.setenv("BERTLAB_MODELS", str(tiny_bert_folder.parent))
    return tiny_bert_folder.name


@pytest.fixture(scope="session")
def families_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny random model of each family, under the family's name; do not write to them."""
    root = tmp_path_factory.mktemp("families")
    for family in ALLOWED_FAMILIES:
        save_tiny_model(family, root / family)
    return root


@pytest.fixture
def tiny_families(families_folder: Path, monkeypatch) -> Path:
    """`load_model` finds a tiny model by the name of its family during this test."""
    monkeypatch.setenv("BERTLAB_MODELS", str(families_folder))
    return families_folder


@pytest.fixture(scope="session")
def tiny_bert(tiny_bert_folder: Path) -> LoadedModel:
    """The tiny random BERT, loaded once for all tests: they must leave it as it is."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BERTLAB_MODELS", str(tiny_bert_folder.parent))
        return load_model("tiny-bert", device="cpu")


@pytest.fixture(scope="session")
def mini() -> LoadedModel:
    """The embedded default model, loaded once for all tests: they must leave it as it is."""
    return load_model("bertlab-mini-en", device="cpu")


@pytest.fixture
def local_hub(sealed_environment: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeHub]:
    """A hub on this machine; put folders into its `repositories`."""
    with running_hub() as server:
        for module in ("huggingface_hub.constants.ENDPOINT", "huggingface_hub.hf_api.ENDPOINT"):
            monkeypatch.setattr(module, server.url, raising=False)
        monkeypatch.setattr(
            constants,
            "HUGGINGFACE_CO_URL_TEMPLATE",
            server.url + "/{repo_id}/resolve/{revision}/{filename}",
        )
        monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
        yield server
