"""The parts of the lesson on vocabularies."""
