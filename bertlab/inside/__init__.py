"""Looking inside one forward pass: each file one question."""
