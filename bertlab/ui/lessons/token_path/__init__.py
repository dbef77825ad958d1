"""The parts of the lesson on a token's path."""
