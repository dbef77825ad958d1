"""The figures of the lesson on vocabularies."""
