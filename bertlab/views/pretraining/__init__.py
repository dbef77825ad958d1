"""The figures of the lesson on pre-training."""
