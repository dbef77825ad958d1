"""Vocabularies: what stands in one, how one is learned, and what several make of the same text.

spelling       how a piece is written (##, Ġ, ▁) and what it reads as
explorer       all pieces of a tokenizer, filtered and counted
words          a text as counted words, to learn from
training       the teaching trainer: which two pieces are joined next, and why
replay         the text, the vocabulary and the candidates after any number of merges
small          small vocabularies of other kinds, trained on the spot
at_hand        which vocabularies can be compared on this machine
side_by_side   one text under several of them
"""
