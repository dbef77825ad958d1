"""What fine-tuning and pre-training share: a run's lifecycle, checkpoints, early stopping."""
