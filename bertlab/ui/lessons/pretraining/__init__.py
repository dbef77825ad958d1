"""The parts of the lesson on pre-training."""
