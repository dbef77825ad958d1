"""The numbers of a token's path as tables to take along."""

import numpy as np
import pandas as pd

from bertlab.inspection.token_path.mixing import Attend
from bertlab.inspection.token_path.path import BlockCheck, PathBlock, TokenPath


def block_table(block: PathBlock) -> pd.DataFrame:
    """All that a block shows of the token: a row for each number of what goes in and comes out.

    `recombined` is the number computed again from the parts; empty for what only goes in.
    """
    rows = [
        pd.DataFrame({"vector": part.name, "number": range(len(part.values)), "value": part.values})
        for part in block.operation.inputs
    ]
    for step in block.operation.steps():
        shown, again = step.shown.ravel(), step.recombined.ravel()
        rows.append(
            pd.DataFrame({"vector": step.name, "number": range(len(shown)), "value": shown})
        )
        rows[-1]["recombined"] = again
        if step.name == "weights" and isinstance(block.operation, Attend):
            heads, count = step.shown.shape
            rows[-1]["token"] = list(block.operation.tokens) * heads
            rows[-1]["head"] = np.repeat(np.arange(heads), count)
    return pd.concat(rows, ignore_index=True)


def path_table(path: TokenPath, checks: tuple[BlockCheck, ...]) -> pd.DataFrame:
    """A row for each block: shape, the vector's length and extremes, and how well it recombines."""
    return pd.DataFrame(
        [
            {
                "block": block.name,
                "title": block.title,
                "shape": " x ".join(map(str, block.shape)),
                "axes": " x ".join(block.axes),
                "length": float(np.linalg.norm(block.values)),
                "lowest": float(block.values.min()),
                "highest": float(block.values.max()),
                "largest difference": check.deviation,
                "recombines": check.is_met,
            }
            for block, check in zip(path.blocks, checks, strict=True)
        ]
    )
