"""What all tests share: a sealed environment and tiny random models."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fake_hub import FakeHub, running_hub
from huggingface_hub import constants
from tiny_models import save_tiny_bert

from bertlab.models import LoadedModel, load_model


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
