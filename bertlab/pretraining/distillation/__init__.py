"""Learning from a teacher: its sentence vectors, and its word vectors."""
