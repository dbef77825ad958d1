"""What a run of pre-training came to: `result.json`, read and written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from bertlab.pretraining.data.batches import TokensRead
from bertlab.pretraining.heldout import HeldoutScores
from bertlab.runs import Run


@dataclass(frozen=True, kw_only=True)
class PretrainingResult:
    """The figures of a run; a part of what `bertlab pretrain --json` prints.

    Args:
        steps: optimizer steps taken.
        examples: inputs that were read, repeats counted.
        tokens: of these, padding left out.
        read: where these come from; None of a run of an earlier version.
        pairs: inputs of two sentences.
        longest_input: in tokens.
        vocabulary: its size.
        parameters: weights of the encoder and both heads.
        seconds: from the start of the run to its end.
        training_seconds: from the first step to the last one, interruptions left out.
        tokens_per_second: during these.
        heldout: scores on all of the held-out text; None where there was none.
        heldout_files: those on each file of it.
        was_stopped: whether somebody ended it early.
        device: where it computed.
        precision: "bf16" or "fp32".
        threads: of the CPU.
    """

    steps: int = 0
    examples: int = 0
    tokens: int = 0
    read: TokensRead | None = None
    pairs: int = 0
    longest_input: int = 0
    vocabulary: int = 0
    parameters: int = 0
    seconds: float = 0.0
    training_seconds: float = 0.0
    tokens_per_second: float = 0.0
    heldout: HeldoutScores | None = None
    heldout_files: Mapping[str, HeldoutScores] = field(default_factory=dict)
    was_stopped: bool = False
    device: str = ""
    precision: str = ""
    threads: int = 0

    def after(self, earlier: PretrainingResult) -> PretrainingResult:
        """Count on from the run that made the weights from which this one went on.

        PretrainingResult(steps=5).after(PretrainingResult(steps=7)).steps -> 12
        """
        return replace(
            self,
            steps=earlier.steps + self.steps,
            examples=earlier.examples + self.examples,
            tokens=earlier.tokens + self.tokens,
            pairs=earlier.pairs + self.pairs,
            training_seconds=earlier.training_seconds + self.training_seconds,
        )

    def as_dict(self) -> dict[str, Any]:
        """Give the figures as JSON takes them; `from_mapping` reads them again."""
        return asdict(self)

    @classmethod
    def from_mapping(cls, stored: Mapping[str, Any]) -> PretrainingResult:
        """Read what `as_dict` gave; other keys are passed over.

        Raises:
            AttributeError, TypeError: it is none of BertLab's.
        """
        heldout, read = stored.get("heldout"), stored.get("read")
        files = stored.get("heldout_files", {})
        typed = {
            "heldout": HeldoutScores(**heldout) if heldout else None,
            "heldout_files": {name: HeldoutScores(**one) for name, one in files.items()},
            "read": TokensRead(**read) if read else None,
        }
        names = {one.name for one in fields(cls)}
        values = {name: value for name, value in stored.items() if name in names}
        return cls(**{**values, **typed})


def read_result(run: Run) -> PretrainingResult | None:
    """Read how a run of pre-training did; None before its end."""
    stored = run.result()
    return None if stored is None else PretrainingResult.from_mapping(stored)
