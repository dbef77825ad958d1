"""Training curves, for fine-tuning and pre-training alike."""
