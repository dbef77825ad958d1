"""Vectors as a space: what lies near what, layer by layer; each file one question."""
