"""The parts of the lesson on embeddings."""
