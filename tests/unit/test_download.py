"""Fetching from a hub: a real client against a small server on this machine."""

import socket
import time

import pytest
from huggingface_hub import constants
from tiny_models import save_tiny_bert

from bertlab.errors import ModelError
from bertlab.models import download as download_module
from bertlab.models import find_model, load_model, load_tokenizer
from bertlab.models.download import download

NAME = "some-org/tiny"


@pytest.fixture
def hub(local_hub, tmp_path):
    local_hub.repositories[NAME] = save_tiny_bert(tmp_path / "on-the-hub")
    return local_hub


def test_a_model_is_fetched_once_and_then_loads(hub):
    assert not find_model(NAME).is_here
    info = download(NAME)
    assert info.is_here
    assert info.source == "hub"
    assert load_model(NAME).has_mlm_head
    fetched = list(hub.fetched)
    assert "model.safetensors" in fetched
    assert download(NAME).is_here
    assert hub.fetched == fetched


def test_only_what_is_needed_is_fetched(hub):
    folder = hub.repositories[NAME]
    (folder / "pytorch_model.bin").write_bytes(b"x" * 100)
    (folder / "modeling.py").write_text("raise SystemExit")
    download(NAME)
    assert not {"pytorch_model.bin", "modeling.py"} & set(hub.fetched)


def test_a_tokenizer_is_fetched_without_weights(hub):
    info = download(NAME, tokenizer_only=True)
    assert not info.is_here
    assert "model.safetensors" not in hub.fetched
    assert load_tokenizer(NAME).tokenize("the cat") == ["the", "cat"]
    assert download(NAME).is_here  # the weights can follow


def test_progress_rises_to_the_whole(hub):
    told = []
    download(NAME, on_progress=lambda done, total: told.append((done, total)))
    done = [bytes_so_far for bytes_so_far, _ in told]
    assert done == sorted(done)
    assert (
        told[-1][0] == told[-1][1] >= (hub.repositories[NAME] / "model.safetensors").stat().st_size
    )


def test_a_download_prints_nothing(hub, capfd):
    download(NAME, on_progress=lambda done, total: None)
    assert capfd.readouterr() == ("", "")


def test_a_model_that_the_hub_does_not_have(hub):
    with pytest.raises(ModelError, match=r'hub has no model "some-org/other".*bertlab-mini-en'):
        download("some-org/other")


def test_a_model_without_safetensors(hub):
    (hub.repositories[NAME] / "model.safetensors").rename(hub.repositories[NAME] / "weights.bin")
    with pytest.raises(ModelError, match=r"offers no model\.safetensors"):
        download(NAME)


def test_a_transfer_that_breaks_off_is_told_and_can_be_repeated(hub):
    hub.broken.add("model.safetensors")
    with pytest.raises(ModelError, match=r"could not be fetched.*bertlab-mini-en"):
        download(NAME)
    assert not find_model(NAME).is_here
    hub.broken.clear()
    assert download(NAME).is_here


def test_a_hub_that_refuses_is_told_at_once(monkeypatch):
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    start = time.monotonic()
    with pytest.raises(
        ModelError, match=r"http://127\.0\.0\.1:9 cannot be reached.*bertlab-mini-en"
    ):
        download("bert-base-uncased")
    assert time.monotonic() - start < 3


def test_a_hub_that_never_answers_is_told_after_seconds(monkeypatch):
    monkeypatch.setattr(download_module, "REACH_SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes the call and says nothing
        monkeypatch.setattr(constants, "ENDPOINT", f"http://127.0.0.1:{silent.getsockname()[1]}")
        start = time.monotonic()
        with pytest.raises(ModelError, match="cannot be reached"):
            download("bert-base-uncased")
        assert time.monotonic() - start < 3


def test_what_is_here_is_not_fetched(monkeypatch):
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    assert download("bertlab-mini-en").is_here
