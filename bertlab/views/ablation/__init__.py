"""The figures of the lesson on ablation."""
