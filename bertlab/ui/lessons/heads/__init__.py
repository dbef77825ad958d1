"""The parts of the lesson on attention heads."""
