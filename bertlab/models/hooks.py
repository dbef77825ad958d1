"""Hooks that know which layer they are in, also where layers share one module."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

from torch import Tensor, nn

Change = Callable[[int, Tensor], Tensor | None]


@contextmanager
def layer_hooks(
    modules: Sequence[nn.Module], *, before: Change | None = None, after: Change | None = None
) -> Iterator[None]:
    """Watch or change what goes into, or comes out of, one module of every layer.

    `with layer_hooks([part.attention_output for part in parts.layers], before=zero_head): ...`
    calls `zero_head(layer, tensor)` with what layer 0's module is given, then layer 1's, ... in
    every forward pass. A returned tensor takes the place of the one that was seen; None leaves it.

    Hold the model's lock around it. ALBERT's layers are one module: its k-th call in a forward
    pass is the k-th layer that it stands for.

    Args:
        modules: The module of each layer, in the order in which they run.
        before: Called with a layer's number and the module's first argument.
        after: Called with a layer's number and the module's output.
    """
    places: dict[nn.Module, list[int]] = {}
    for layer, module in enumerate(modules):
        places.setdefault(module, []).append(layer)
    with ExitStack() as stack:
        for module, layers in places.items():
            if before:
                handle = module.register_forward_pre_hook(_before(_count(layers), before))
                stack.callback(handle.remove)
            if after:
                handle = module.register_forward_hook(_after(_count(layers), after))
                stack.callback(handle.remove)
        yield


def _count(layers: Sequence[int]) -> Iterator[int]:
    """The layers again and again, one forward pass after the other."""
    while True:
        yield from layers


def _before(layers: Iterator[int], change: Change) -> Callable[..., Any]:
    def hook(module: nn.Module, given: tuple[Tensor, ...]) -> tuple[Tensor, ...] | None:
        changed = change(next(layers), given[0])
        return None if changed is None else (changed, *given[1:])

    return hook


def _after(layers: Iterator[int], change: Change) -> Callable[..., Any]:
    def hook(module: nn.Module, given: Any, output: Tensor) -> Tensor | None:
        return change(next(layers), output)

    return hook
