"""What an attention head does over many sentences."""
