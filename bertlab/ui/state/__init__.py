"""What a page knows: the student, the address, the theme, cached models and traces."""
