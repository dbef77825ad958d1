"""BertLab: learn BERT by running it."""
