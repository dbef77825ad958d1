"""What each lesson opens with, offers and suggests, in the language of the model in hand.

A file for each lesson; the first example is what it opens with.
"""
