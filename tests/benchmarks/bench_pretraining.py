"""Steps of pre-training with the C library's allocator and with another one, in turns.

    python tests/benchmarks/bench_pretraining.py /usr/lib/x86_64-linux-gnu/libtcmalloc_minimal.so.4

The sizes are those of bertlab-mini-en: 4 layers x 256, 16,000 pieces, 8,192 tokens a step. What
glibc frees goes back to the system at once, and the next step faults it in again page by page;
an allocator that keeps it saves that. Each turn is a process of its own (the allocator is chosen
at its start, by LD_PRELOAD), with one thread; the medians of its last steps are compared.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time

TOKENS, LENGTHS, PIECES = 8_192, (64, 40, 56, 48, 32), 16_000
WARM, STEPS = 5, 15


def main() -> None:
    """Print seconds a step of both, and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("library", help="an allocator's shared library")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        print(statistics.median(seconds_of_steps()[WARM:]))
        return
    found: dict[str, list[float]] = {"": [], arguments.library: []}
    for repeat in range(arguments.repeats):
        for library, seconds in found.items():
            seconds.append(measure(library))
            print(f"repeat {repeat}: {library or 'glibc'}: {seconds[-1]:.3f} s a step", flush=True)
    plain, other = (statistics.median(seconds) for seconds in found.values())
    print(f"median: {plain:.3f} and {other:.3f} s a step, ratio {plain / other:.2f}x")


def measure(library: str) -> float:
    """Take the steps in a process with this allocator; the median in seconds."""
    surroundings = {**os.environ, "LD_PRELOAD": library, "OMP_NUM_THREADS": "1"}
    command = [sys.executable, __file__, library, "--child"]
    told = subprocess.run(command, env=surroundings, check=True, stdout=subprocess.PIPE, text=True)
    return float(told.stdout)


def seconds_of_steps() -> list[float]:
    """Train on random tokens, and time each step."""
    import torch

    from bertlab.devices import supports_bf16
    from bertlab.pretraining.loop import PretrainingOptions, pretrain
    from bertlab.pretraining.settings import PretrainingSettings, Source
    from bertlab.pretraining.setup import new_training

    device, use_bf16 = torch.device("cpu"), supports_bf16("cpu")
    settings = PretrainingSettings((Source("none"),), optimizer="muon")
    training = new_training(settings, PIECES, 0, device, use_bf16=use_bf16)
    seconds, before = [], time.perf_counter()
    options = PretrainingOptions(steps=WARM + STEPS, learning_rate=1e-3, warm_up=0.1)
    for _ in pretrain(
        training, lambda step: (random_batch(step), None), options, device=device, use_bf16=use_bf16
    ):
        seconds.append(time.perf_counter() - before)
        before = time.perf_counter()
    return seconds


def random_batch(step: int):
    """Make a batch as long as a real one: a fifth of the tokens chosen, two thirds pairs."""
    import torch

    from bertlab.pretraining.objectives import PretrainingBatch

    chance = torch.Generator().manual_seed(step)
    length = LENGTHS[step % len(LENGTHS)]
    shape = (TOKENS // length, length)
    ids = torch.randint(5, PIECES, shape, generator=chance)
    chosen = (torch.rand(ids.numel(), generator=chance) < 0.2).nonzero()[:, 0]
    inputs = {
        "input_ids": ids,
        "token_type_ids": torch.zeros_like(ids),
        "attention_mask": torch.ones_like(ids),
    }
    labels = torch.arange(shape[0]) % 3 - 1
    return PretrainingBatch(inputs, chosen, ids.flatten()[chosen], labels, shape[0], ids.numel())


if __name__ == "__main__":
    main()
