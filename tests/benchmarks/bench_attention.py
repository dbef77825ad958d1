"""How small and how quick the picture of all heads is, beside bertviz's; prints its figures.

    python tests/benchmarks/bench_attention.py

Bytes: what travels for all layers and heads of a 12 x 12 model, ours and what bertviz's head view
writes for the same attention, side by side in one process. Seconds: in a real browser, from a
click or Enter to the frame in which the picture is drawn, median of five; the model is a 12 x 12
BERT of BERT-base's size with random weights, made here, and its pass is part of the time where
the text is new.
"""

import argparse
import os
import statistics
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import bertviz
import numpy as np
import torch
import transformers
from playwright.sync_api import Page, sync_playwright

sys.path[:0] = [str(Path(__file__).parents[1] / "browser"), str(Path(__file__).parent)]
from bench_pages import timed  # noqa: E402
from serving import FLAGS, Server, find_chromium, settled  # noqa: E402

from bertlab.models.catalog import DEFAULT_MODEL, EMBEDDED  # noqa: E402
from bertlab.views.attention import pack_head, pack_heads  # noqa: E402

REPEATS = 5
LAYERS = HEADS = 12
WORDS = "the dog and the cat walked slowly to the river and sat down near the old house"
DRAWN = """[...document.querySelectorAll('.st-key-{key} *')].find(e => e.shadowRoot)
  ?.shadowRoot.querySelector('canvas')?.dataset.drawn === '{drawn}'"""


def random_attention(tokens: int) -> np.ndarray:
    """Rows of softmax over random scores, float32 (layers, heads, query, key)."""
    scores = np.random.default_rng(0).normal(size=(LAYERS, HEADS, tokens, tokens)) * 3
    weights = np.exp(scores)
    return (weights / weights.sum(-1, keepdims=True)).astype(np.float32)


def our_bytes(attention: np.ndarray) -> int:
    """All heads small, and one large."""
    names = [f"token{i}" for i in range(attention.shape[-1])]
    large = pack_head(attention[0, 0], names, theme="light")
    return len(pack_heads(attention, theme="light")) + len(large)


def bertviz_bytes(attention: np.ndarray) -> int:
    """What bertviz's head view writes, without the libraries that it fetches."""
    names = [f"token{i}" for i in range(attention.shape[-1])]
    layers = list(torch.from_numpy(attention).unsqueeze(1))
    return len(bertviz.head_view(layers, names, html_action="return").data)


def print_bytes() -> None:
    print(f"All {LAYERS} x {HEADS} heads, bytes that travel:")
    for tokens in (16, 64, 128):
        attention = random_attention(tokens)
        ours, theirs = our_bytes(attention), bertviz_bytes(attention)
        print(
            f"  {tokens:4} tokens: ours {ours / 1e6:7.3f} MB, bertviz {theirs / 1e6:7.2f} MB, "
            f"{theirs / ours:.0f} times as much"
        )
    ours = our_bytes(random_attention(512))
    print(f"   512 tokens: ours {ours / 1e6:7.3f} MB, stepped down (bertviz freezes the browser)")


def save_large_model(folder: Path) -> None:
    """BERT-base's sizes with the embedded tokenizer and random weights."""
    tokenizer = transformers.AutoTokenizer.from_pretrained(str(EMBEDDED / DEFAULT_MODEL))
    config = transformers.BertConfig(vocab_size=len(tokenizer))
    transformers.BertForMaskedLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def sentence(tokens: int) -> str:
    """A text of so many tokens, [CLS] and [SEP] included: every word of it is one piece."""
    words = WORDS.split()
    return " ".join(words[i % len(words)] for i in range(tokens - 2))


def drawn(key: str, value: str) -> str:
    return DRAWN.replace("{key}", key).replace("{drawn}", value).replace("\n", " ")


def new_text(page: Page, tokens: int) -> list[float]:
    """From Enter in the sentence box to the large picture of the chosen head."""
    taken = []
    for number in range(REPEATS):
        box = page.get_by_label("Sentence", exact=True)
        box.fill("the cat sat")
        box.press("Enter")
        settled(page)
        box.fill(sentence(tokens).replace("dog", ("dog", "cow", "fox", "pig", "hen")[number]))
        shown = drawn("attention_map", f"0.0x{tokens}")
        taken.append(timed(page, shown, partial(box.press, "Enter")))
        settled(page)
    return taken


def choose_heads(page: Page, tokens: int) -> list[float]:
    """From a click on a small picture to the large one."""
    pictures = page.locator(".st-key-attention_heads canvas")
    taken = []
    for number in range(REPEATS):
        head = 1 + number % 3
        box = pictures.bounding_box()
        assert box is not None
        step = (box["width"] - 26) / HEADS
        place = {"x": 26 + (head + 0.4) * step, "y": 26 + 0.4 * step}
        click: Callable[[], None] = partial(pictures.click, position=place)
        taken.append(timed(page, drawn("attention_map", f"0.{head}x{tokens}"), click))
        settled(page)
    return taken


def print_times(page: Page, url: str) -> None:
    for tokens in (128, 512):
        page.goto(f"{url}/attention?model=large&head=0.0&mask=none&text=the cat sat")
        settled(page)
        for name, measure in (("new text, model included", new_text), ("head", choose_heads)):
            taken = [ms / 1000 for ms in measure(page, tokens)]
            print(
                f"  {tokens} tokens, {name} to drawn: median {statistics.median(taken):.2f} s, "
                f"worst {max(taken):.2f} s"
            )


def main() -> None:
    argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    ).parse_args()
    print_bytes()
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        save_large_model(Path(name) / "models" / "large")
        os.environ["BERTLAB_MODELS"] = str(Path(name) / "models")
        server = Server(Path(name) / "runs").start().wait()
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        try:
            page = browser.new_page(viewport={"width": 1440, "height": 3000})
            print("A 12 x 12 model of BERT-base's size, in the browser:")
            print_times(page, server.url)
        finally:
            browser.close()
            server.stop()


if __name__ == "__main__":
    main()
