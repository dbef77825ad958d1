"""The figures of the lesson on attention heads."""
