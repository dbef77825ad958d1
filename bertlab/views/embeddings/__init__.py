"""The figures of the lesson on embeddings."""
