"""Pre-training a BERT from nothing: text in, vocabulary, masking, next sentence, a model out."""
