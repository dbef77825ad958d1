"""How well a pre-trained model has learned its language: what `bertlab evaluate` measures."""
