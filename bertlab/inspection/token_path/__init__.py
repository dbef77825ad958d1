"""The path of one token through the model, with every number on it."""
