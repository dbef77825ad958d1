"""The figures of the lesson on a token's path."""
