"""From text to token ids: WordPiece, special tokens, truncation."""
