"""What `bertlab pretrain` prints at the end of a run."""

from bertlab.cli.output import Answer

NAMES = (
    "run", "model_dir", "steps", "examples", "tokens", "vocabulary", "parameters", "seconds",
    "tokens_per_second", "heldout", "heldout_files",
)  # fmt: skip


def summarise(result: Answer) -> Answer:
    """Of all figures of a run those that a script wants."""
    return {name: result[name] for name in NAMES}


def show(answer: Answer) -> str:
    """For people: how much it read, where the model lies, how well it fills unseen text."""
    lines = [
        f"Run {answer['run']}: {answer['steps']:,} steps, {answer['tokens']:,} tokens, "
        f"{answer['seconds']:.1f} s ({answer['tokens_per_second']:,.0f} tokens/s)",
        f"Model: {answer['model_dir']} ({answer['parameters']:,} parameters, "
        f"{answer['vocabulary']:,} tokens in its vocabulary)",
    ]
    files = answer["heldout_files"]
    for name, scores in [*files.items(), *([("together", answer["heldout"])] if files else [])]:
        pairs = scores["next_accuracy"]
        told = "" if pairs is None else f", next sentence {pairs:.1%}"
        lines.append(
            f"{name}: masked tokens right {scores['accuracy']:.1%}, loss {scores['loss']:.3f}{told}"
        )
    return "\n".join(lines)
