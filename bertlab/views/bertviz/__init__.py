"""bertviz's own views, made to work offline."""
