"""From the bytes of a file to a table: its encoding, format, delimiter and header."""
