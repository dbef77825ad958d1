"""BertLab: learn BERT by running it."""

import os

# Before torch is imported: how its threads wait for each other, hundreds of times a step. By
# spinning alone they take the time slices they wait for on a busy machine: beside a loaded server
# training took four times as long. By sleeping alone each wait costs a wake-up. So they spin
# briefly, a few tenths of a millisecond (libgomp, on Linux), and sleep then. Examples a second of
# the mini on 2 cores, asleep at once / 4,000 spins / spinning alone: 126 / 198 / 196 on a quiet
# machine, 101 / 124 beside bursts of work, 113 / 89 / 73 beside a process that takes a core whole.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("GOMP_SPINCOUNT", "4000")
