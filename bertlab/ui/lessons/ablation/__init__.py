"""The parts of the lesson on ablation."""
