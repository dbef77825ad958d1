"""Fine-tuning: settings, batches, the loop, metrics, and the carrying out of a run.

`defaults` -> `preparing` (`batches`, `frozen`) -> `learning` (`loop`, `checkpoints`) ->
`reporting` (`metrics`, `export`), all called by `execute.execute`. `twins` puts a run with
pre-training beside one without.
"""
