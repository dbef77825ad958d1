"""What a table's label column holds: one label, a set of labels, or a number."""
