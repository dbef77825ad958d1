"""Where the tensors live: CUDA, else Apple's MPS, else the CPU; and what the CPU can do."""

import time
from dataclasses import dataclass
from functools import cache

import psutil
import torch

from bertlab.errors import InputError

# What casting to bfloat16 and back costs has to be won; what was met lies far off: 0.6 and 2.
LEAST_GAIN = 1.2
TRIES = 7  # of about 3 ms; the first one of each kind is slow


def available_devices() -> tuple[str, ...]:
    """The devices of this machine, best first: `("cuda", "cpu")` on a machine with one GPU."""
    found = []
    if torch.cuda.is_available():
        found.append("cuda")
    if torch.backends.mps.is_available():
        found.append("mps")
    return (*found, "cpu")


def choose_device(name: str | None = None) -> torch.device:
    """The device to compute on: `choose_device("auto")` is the best one of this machine.

    Args:
        name: "auto" or None for the best one; else "cpu", "cuda", "cuda:1" or "mps".

    Raises:
        InputError: This machine has no such device.
    """
    if name in (None, "", "auto"):
        return torch.device(available_devices()[0])
    kind, colon, index = str(name).partition(":")
    counted = [str(number) for number in range(torch.cuda.device_count())]
    if kind in available_devices() and (not colon or (kind == "cuda" and index in counted)):
        return torch.device(str(name))
    here = ", ".join(available_devices())
    raise InputError(f'This machine has no device "{name}". Choose "auto" or one of: {here}.')


def supports_bf16(device: torch.device | str) -> bool:
    """Whether bfloat16 is computed in hardware, and faster than float32.

    `supports_bf16("cpu")` is True on an AMD EPYC with AVX512-BF16. A CPU without it emulates
    bfloat16 and gets slower. A CPU with it need not gain: an Intel Xeon that has it without AMX
    took 1.6 times as long as in float32. So a small product is timed, once a process.
    """
    return _supports_bf16(torch.device(device).type)


def uses_bf16(precision: str, device: torch.device | str) -> bool:
    """Whether a run computes in bfloat16: as was asked for, even where that is slower.

    `uses_bf16("auto", "cpu")` is `supports_bf16("cpu")`; `uses_bf16("bf16", "cpu")` is True.

    Args:
        precision: "bf16", "fp32", or "auto" for bf16 where the hardware computes in it.
        device: Where the run computes.
    """
    return supports_bf16(device) if precision == "auto" else precision == "bf16"


@cache  # one entry a kind of device
def _supports_bf16(device_type: str) -> bool:
    if device_type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    if device_type == "cpu":
        capabilities = torch.backends.cpu.get_cpu_capability()
        has_it = torch.cpu._is_avx512_bf16_supported() and "AVX512" in capabilities
        return has_it and cpu_bf16_gain() >= LEAST_GAIN
    return False


@cache  # one entry a kind of device
def bf16_gain(device_type: str) -> float | None:
    """How many times as fast as in float32 a machine multiplies matrices in bfloat16.

    `bf16_gain("cpu")` was 0.6 on an Intel Xeon that has bfloat16 without AMX: it takes longer.
    None where nothing is measured ("mps").
    """
    if device_type == "cpu":
        return cpu_bf16_gain()
    return _cuda_bf16_gain() if device_type == "cuda" else None


def _cuda_bf16_gain() -> float:
    """The same on a GPU, with a product that is large enough to keep it busy."""
    seconds = []
    with torch.inference_mode():
        for kind in (torch.float32, torch.bfloat16):
            given, weight = (torch.ones(n, 1024, dtype=kind, device="cuda") for n in (8192, 4096))
            tries = []
            for _ in range(TRIES):
                torch.cuda.synchronize()
                start = time.perf_counter()
                torch.nn.functional.linear(given, weight)  # (8192, 4096)
                torch.cuda.synchronize()
                tries.append(time.perf_counter() - start)
            seconds.append(min(tries))
    return seconds[0] / seconds[1]


def cpu_bf16_gain() -> float:
    """How many times as fast as in float32 this CPU multiplies matrices in bfloat16.

    The quickest of some tries counts, so that a busy machine gives the same answer.
    """
    kinds = (torch.float32, torch.bfloat16)
    seconds = dict.fromkeys(kinds, float("inf"))
    with torch.inference_mode():
        for _ in range(TRIES):
            for kind in kinds:
                given, weight = (torch.ones(n, 256, dtype=kind) for n in (512, 1024))
                start = time.perf_counter()
                torch.nn.functional.linear(given, weight)  # (512, 1024)
                seconds[kind] = min(seconds[kind], time.perf_counter() - start)
    return seconds[torch.float32] / seconds[torch.bfloat16]


def fastest_attention(device: torch.device, *, use_bf16: bool, max_length: int) -> str:
    """Choose how attention is computed while training: "sdpa" or "eager".

    fastest_attention(torch.device("cuda"), use_bf16=True, max_length=128) -> "sdpa"

    Both give the same numbers up to rounding. The fused kernel of sdpa is the right choice
    but for one case: its backward pass in bfloat16 on a CPU, which took 30 % of a step of the
    mini; with matrices written out (tokens x tokens) a whole run was 1.3 times as fast.
    Past 256 tokens these matrices would take too much memory.
    """
    return "eager" if device.type == "cpu" and use_bf16 and max_length <= 256 else "sdpa"


@dataclass(frozen=True)
class Machine:
    """What BertLab runs on: device names, memory in GiB, CPU cores, torch's version."""

    devices: tuple[str, ...]
    device_name: str
    cores: int
    memory_gib: float
    free_memory_gib: float
    has_bf16: bool
    torch_version: str


def describe_machine() -> Machine:
    """Look at this machine: `describe_machine().devices` is `("cpu",)` on a plain laptop."""
    best = available_devices()[0]
    memory = psutil.virtual_memory()
    name = torch.cuda.get_device_name(0) if best == "cuda" else best.upper()
    return Machine(
        devices=available_devices(),
        device_name=name,
        cores=psutil.cpu_count(logical=True) or 1,
        memory_gib=memory.total / 2**30,
        free_memory_gib=memory.available / 2**30,
        has_bf16=supports_bf16(best),
        torch_version=torch.__version__,
    )
