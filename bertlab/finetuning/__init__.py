"""Fine-tuning: from a table of texts and labels to a model and its scores.

`setup` (`data`, `strategies`) -> `session` (`loop`, `checkpoints`, `monitoring`) -> `report`
(`metrics`, `export`), called one after the other by `execute.execute`. `planning` comes before a
run, `predict` and `compare` after it.
"""
