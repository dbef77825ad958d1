"""What a prediction rests on: heads switched off, and attribution to the input tokens."""
