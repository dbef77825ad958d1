"""BertLab: learn BERT by running it."""

import os

# Before torch is imported. Its threads otherwise wait for each other by spinning, which on a busy
# machine costs the time slices they wait for: beside a loaded server training took four times as
# long.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
