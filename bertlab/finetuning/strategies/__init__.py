"""Which weights learn, and how fast: full fine-tuning, LoRA, a frozen encoder."""
