"""What one forward pass computed: tokens, attention, hidden states, predictions."""
