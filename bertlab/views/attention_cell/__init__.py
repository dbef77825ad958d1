"""The figures of the lesson on one attention weight."""
