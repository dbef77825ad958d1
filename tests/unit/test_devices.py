"""Where the tensors live."""

from pathlib import Path

import psutil
import pytest
import torch

from bertlab.devices import available_devices, choose_device, describe_machine, supports_bf16
from bertlab.errors import InputError

CPU_FLAGS = Path("/proc/cpuinfo")


def pretend(monkeypatch, *, cuda: int = 0, mps: bool = False) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda > 0)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: cuda)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)


@pytest.mark.parametrize(
    ("cuda", "mps", "devices"),
    [(0, False, ("cpu",)), (0, True, ("mps", "cpu")), (2, False, ("cuda", "cpu"))],
)
@pytest.mark.parametrize("name", [None, "", "auto"])
def test_the_best_device_is_chosen(cuda, mps, devices, name, monkeypatch):
    pretend(monkeypatch, cuda=cuda, mps=mps)
    assert available_devices() == devices
    assert choose_device(name) == torch.device(devices[0])


def test_a_named_device_is_taken(monkeypatch):
    pretend(monkeypatch, cuda=2)
    assert choose_device("cpu") == torch.device("cpu")
    assert choose_device("cuda:1") == torch.device("cuda:1")


@pytest.mark.parametrize("name", ["cuda:2", "mps", "tpu", "cuda:", "cuda:x", "cpu:0", "cuda:-1"])
def test_a_missing_device_is_refused_with_the_ones_that_are_here(name, monkeypatch):
    pretend(monkeypatch, cuda=2)
    with pytest.raises(InputError, match='"auto" or one of: cuda, cpu'):
        choose_device(name)


@pytest.mark.skipif(not CPU_FLAGS.exists(), reason="only Linux lists the CPU's flags in a file")
def test_bf16_is_asked_of_the_hardware():
    assert supports_bf16("cpu") == ("avx512_bf16" in CPU_FLAGS.read_text())
    assert supports_bf16(torch.device("cpu")) == supports_bf16("cpu")
    assert not supports_bf16("mps")


def test_the_machine_is_described_as_it_is():
    machine = describe_machine()
    assert machine.devices == available_devices()
    assert machine.cores == psutil.cpu_count(logical=True)
    assert machine.memory_gib == psutil.virtual_memory().total / 2**30
    assert 0 < machine.free_memory_gib <= machine.memory_gib
    assert machine.torch_version == torch.__version__
