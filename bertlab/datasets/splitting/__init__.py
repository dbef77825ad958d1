"""Training, validation and test parts: drawn at random, or provided by the user."""
