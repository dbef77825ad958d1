"""How large the bertviz pages are that BertLab writes, beside bertviz's own; prints its figures.

    python tests/benchmarks/bench_bertviz.py

Twelve heads a layer of random attention, queries and keys (head size 64), float32 as a model gives
them, so no page profits from zeros. bertviz's own page is what `head_view`, `model_view` and
`neuron_view` return as HTML for a notebook; it fetches jQuery and d3 from the internet, while ours
has them inside. Ours holds as many layers as the limit allows, here also past the number of tokens
up to which a browser can draw; more layers are more pages, whose bytes are added up.
"""

import argparse
import time
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import bertviz
import numpy as np
import torch
from bertviz import neuron_view

from bertlab.views.bertviz.page import D3, JQUERY, make_page, packed_library
from bertlab.views.bertviz.scripts import Frame, View
from bertlab.views.bertviz.view import layers_to_draw, pack_layers

HEAD_SIZE = 64
VIEWS: tuple[View, ...] = ("head", "model", "neuron")


@dataclass(frozen=True)
class Size:
    """Bytes of the pages that hold some layers; `without_libraries` leaves jQuery and d3 out."""

    pages: int
    complete: int
    without_libraries: int


def random_run(layers: int, heads: int, tokens: int) -> SimpleNamespace:
    """Weights (layers, heads, query, key) from queries and keys (layers, heads, token, d)."""
    generator = np.random.default_rng(3)
    shape = (layers, heads, tokens, HEAD_SIZE)
    query, key = (generator.normal(size=shape).astype(np.float32) for _ in range(2))
    scores = torch.from_numpy(query @ key.swapaxes(-1, -2) / np.sqrt(HEAD_SIZE))
    return SimpleNamespace(attention=scores.softmax(-1).numpy(), query=query, key=key)


def own_bytes(view: View, run: SimpleNamespace) -> int:
    """The size of bertviz's own page."""
    count = run.attention.shape[2]
    tokens = ["token"] * count
    attention = [torch.from_numpy(layer)[None] for layer in run.attention]
    if view == "neuron":
        return len(_neuron_view(run, tokens).encode())
    draw = {"head": bertviz.head_view, "model": bertviz.model_view}[view]
    return len(draw(attention, tokens, html_action="return").data.encode())


def our_bytes(view: View, run: SimpleNamespace) -> Size:
    """The size of the pages that BertLab writes for the same numbers."""
    layers, heads, count, _ = run.attention.shape
    width = HEAD_SIZE if view == "neuron" else 0
    shown, _ = layers_to_draw(layers, heads, count, 0, view=view, head_size=width)
    parts = [shown] if len(shown) == layers else [(layer,) for layer in range(layers)]
    pages = [_our_page(view, run, part) for part in parts]
    libraries = len(packed_library(*JQUERY)) + len(packed_library(*D3))
    complete = sum(len(page.encode()) for page in pages)
    return Size(len(pages), complete, complete - len(pages) * libraries)


def _our_page(view: View, run: SimpleNamespace, layers: tuple[int, ...]) -> str:
    arrays = pack_layers(view, run.attention, layers, run)
    heads, count = run.attention.shape[1:3]
    frame = Frame(view, "light", "", (), layers, heads, layers[0], 0, 0, None)
    return make_page(["token"] * count, arrays, frame)


def _neuron_view(run: SimpleNamespace, tokens: list[str]) -> str:
    """`neuron_view.show` with a stand-in for its model of 2019, which no one can load today."""

    class Model:
        def eval(self) -> None:
            pass

        def __call__(self, *_: Any, **__: Any) -> list[Any]:
            layers = zip(run.attention, run.query, run.key, strict=True)
            names = ("attn", "queries", "keys")
            return [
                [
                    {n: torch.from_numpy(a)[None] for n, a in zip(names, layer, strict=True)}
                    for layer in layers
                ]
            ]

    tokenizer = SimpleNamespace(
        cls_token="[CLS]",
        sep_token="[SEP]",
        tokenize=lambda _: tokens[2:],
        convert_tokens_to_ids=lambda names: [0] * len(names),
    )
    return neuron_view.show(Model(), "bert", tokenizer, "a", html_action="return").data


def main() -> None:
    """Print a table: a row for each view, number of layers and number of tokens."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--layers", type=int, nargs="*", default=[1, 12])
    parser.add_argument("--tokens", type=int, nargs="*", default=[16, 64, 128])
    arguments = parser.parse_args()
    print("view     layers  tokens   bertviz kB   ours kB  ratio   without libraries  pages  s")
    for layers in arguments.layers:
        for tokens in arguments.tokens:
            run = random_run(layers, 12, tokens)
            for view in VIEWS:
                own = own_bytes(view, run)
                start = time.perf_counter()
                ours = our_bytes(view, run)
                seconds = time.perf_counter() - start
                print(
                    f"{view:<8} {layers:>6} {tokens:>7} {own / 1e3:>12,.0f} "
                    f"{ours.complete / 1e3:>9,.0f} {ours.complete / own:>6.1%} "
                    f"{ours.without_libraries / own:>19.1%} {ours.pages:>6} {seconds:>4.1f}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
