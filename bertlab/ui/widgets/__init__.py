"""What lessons share: the sentence, the model, and the selection of tokens and heads."""
