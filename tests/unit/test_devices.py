"""Where the tensors live."""

from pathlib import Path

import psutil
import pytest
import torch

from bertlab import devices
from bertlab.devices import available_devices, choose_device, describe_machine, supports_bf16
from bertlab.errors import InputError

CPU_FLAGS = Path("/proc/cpuinfo")


def pretend(monkeypatch, *, cuda: int = 0, mps: bool = False) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda > 0)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: cuda)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)


@pytest.mark.parametrize(
    ("cuda", "mps", "found"),
    [(0, False, ("cpu",)), (0, True, ("mps", "cpu")), (2, False, ("cuda", "cpu"))],
)
@pytest.mark.parametrize("name", [None, "", "auto"])
def test_the_best_device_is_chosen(cuda, mps, found, name, monkeypatch):
    pretend(monkeypatch, cuda=cuda, mps=mps)
    assert available_devices() == found
    assert choose_device(name) == torch.device(found[0])


def test_a_named_device_is_taken(monkeypatch):
    pretend(monkeypatch, cuda=2)
    assert choose_device("cpu") == torch.device("cpu")
    assert choose_device("cuda:1") == torch.device("cuda:1")


@pytest.mark.parametrize("name", ["cuda:2", "mps", "tpu", "cuda:", "cuda:x", "cpu:0", "cuda:-1"])
def test_a_missing_device_is_refused_with_the_ones_that_are_here(name, monkeypatch):
    pretend(monkeypatch, cuda=2)
    with pytest.raises(InputError, match='"auto" or one of: cuda, cpu'):
        choose_device(name)


@pytest.fixture
def asked_anew():
    """What the hardware can do is asked once a process."""
    devices._supports_bf16.cache_clear()
    yield
    devices._supports_bf16.cache_clear()


@pytest.mark.skipif(not CPU_FLAGS.exists(), reason="only Linux lists the CPU's flags in a file")
@pytest.mark.parametrize(("gain", "is_faster"), [(2.0, True), (1.1, False), (0.6, False)])
def test_bf16_is_asked_of_the_hardware_and_must_pay(gain, is_faster, asked_anew, monkeypatch):
    monkeypatch.setattr(devices, "cpu_bf16_gain", lambda: gain)
    has_it = "avx512_bf16" in CPU_FLAGS.read_text()
    assert supports_bf16("cpu") == (has_it and is_faster)
    assert supports_bf16(torch.device("cpu")) == supports_bf16("cpu")
    assert not supports_bf16("mps")


def test_the_gain_of_bf16_is_the_same_on_a_machine_that_is_busy_for_a_moment(monkeypatch):
    taken = iter([9.0, 11.0, 1.0, 2.0, 3.0, 4.0])  # float32, bfloat16, float32, ...
    clock = iter([point for seconds in taken for point in (0.0, seconds)])
    monkeypatch.setattr(devices, "TRIES", 3)
    monkeypatch.setattr(devices.time, "perf_counter", lambda: next(clock))
    assert devices.cpu_bf16_gain() == 0.5  # the quickest of each: 1 s and 2 s


def test_the_machine_is_described_as_it_is():
    machine = describe_machine()
    assert machine.devices == available_devices()
    assert machine.cores == psutil.cpu_count(logical=True)
    assert machine.memory_gib == psutil.virtual_memory().total / 2**30
    assert 0 < machine.free_memory_gib <= machine.memory_gib
    assert machine.torch_version == torch.__version__
