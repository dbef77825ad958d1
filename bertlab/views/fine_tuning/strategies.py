"""A strategy of fine-tuning as a picture: the model as a stack, and which parts learn when."""

from collections.abc import Sequence
from html import escape

from bertlab.finetuning.strategies.strategies import ModelPart, UnfreezingStage
from bertlab.training.curves import rate_text
from bertlab.views.shared.palette import Palette


def style(palette: Palette) -> str:
    """The rules of the stack."""
    return f"""<style>
.fs {{ display: grid; gap: 0.15rem 0.3rem; max-width: 46rem; font-size: 0.82rem; margin: 0.2rem 0;
  align-items: stretch; overflow-x: auto; }}
.fs span {{ color: {palette.muted}; white-space: nowrap; padding-right: 0.4rem; }}
.fs i {{ font-style: normal; border-radius: 0.25rem; padding: 0.05rem 0.2rem;
  text-align: center; white-space: nowrap; border: 1px solid {palette.grid};
  color: {palette.muted}; }}
.fs i.fs-on {{ border-color: {palette.query}; color: {palette.text}; font-weight: 600;
  background: color-mix(in srgb, {palette.query} var(--fs-share), transparent); }}
.fs b {{ text-align: center; font-weight: 600; }}
.fs i.fs-now, .fs b.fs-now {{ box-shadow: 0 0 0 2px {palette.mask}; border-radius: 0.25rem; }}
</style>"""


def stack_html(
    stages: Sequence[UnfreezingStage], *, learning_rate: float, now: int | None = None
) -> str:
    """The head above, the embeddings below, a column for each stage of the training.

    Args:
        stages: from `stages_of`.
        learning_rate: the peak, which the head takes.
        now: the epoch that is running, counted from 0; its column is framed.
    """
    layers = len(stages[0].parts) - 2
    heads = [f"<b{_frame(stage, now)}>{_epochs(stage)}</b>" for stage in stages]
    rows = ["<span></span>" + "".join(heads)] if len(stages) > 1 else []
    for depth in reversed(range(layers + 2)):
        cells = [_cell(stage.parts[depth], learning_rate) for stage in stages]
        rows.append(f"<span>{part_name(depth, layers)}</span>" + "".join(cells))
    columns = f"grid-template-columns: max-content repeat({len(stages)}, minmax(3.9rem, 1fr))"
    label = escape(describe_stages(stages))
    return (
        f'<div class="fs" role="img" aria-label="{label}" style="{columns}">{"".join(rows)}</div>'
    )


def part_name(depth: int, layers: int) -> str:
    """Name a part: 0 is "embeddings", 1 is "layer 0", `layers` + 1 is "head"."""
    if depth == 0:
        return "embeddings"
    return "head" if depth == layers + 1 else f"layer {depth - 1}"


def describe_stages(stages: Sequence[UnfreezingStage]) -> str:
    """The picture in words: what learns in which epochs."""
    layers = len(stages[0].parts) - 2
    told = []
    for stage in stages:
        on = [part_name(part.depth, layers) for part in stage.parts if part.is_learning]
        told.append(f"{_epochs(stage)}: {', '.join(reversed(on))} learn")
    return "; ".join(told) + "."


def _epochs(stage: UnfreezingStage) -> str:
    """Epochs are counted from 1 for people."""
    if stage.first == stage.last:
        return f"epoch {stage.first + 1}"
    return f"epochs {stage.first + 1}–{stage.last + 1}"


def _frame(stage: UnfreezingStage, now: int | None) -> str:
    return ' class="fs-now"' if now is not None and stage.first <= now <= stage.last else ""


def _cell(part: ModelPart, learning_rate: float) -> str:
    if not part.is_learning:
        return "<i>still</i>"
    share = 15 + round(45 * part.share)  # never so pale that it looks still
    rate = rate_text(part.share * learning_rate)
    return f'<i class="fs-on" style="--fs-share: {share}%">{rate}</i>'
