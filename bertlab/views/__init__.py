"""Pure: data in, a figure, a table or HTML out."""
