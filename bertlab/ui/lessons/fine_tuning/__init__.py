"""The parts of the lesson on fine-tuning, before a run starts."""
