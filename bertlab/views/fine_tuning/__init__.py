"""The figures of the lesson on fine-tuning."""
