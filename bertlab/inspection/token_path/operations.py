"""What one block does to one token, with the numbers in hand, so that anybody can do it again.

Every operation holds the numbers that the model computed and the weights it computed them with.
`steps` sets what the model has beside what the parts make when they are put together anew.
"""

# ruff: noqa: D102 - what `formula`, `inputs`, `steps` and `worked` are stands in `Operation`

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import torch

SHOWN_TERMS = 3  # of a sum of hundreds; the others are added up


@dataclass(frozen=True)
class Part:
    """A vector that goes into a block: float32 (width,)."""

    name: str
    values: np.ndarray = field(repr=False)


@dataclass(frozen=True)
class Step:
    """A vector that a block makes: as the model has it, and as its parts give it.

    Attributes:
        name: What it is.
        shown: float (...): the model's.
        recombined: The same shape, computed again from what went in and the weights.
    """

    name: str
    shown: np.ndarray = field(repr=False)
    recombined: np.ndarray = field(repr=False)


@dataclass(frozen=True)
class Term:
    """A number or a sign of a formula with numbers in it; `note` says what a number is."""

    text: str
    note: str = ""
    is_result: bool = False


Line = tuple[Term, ...]


class Operation(Protocol):
    """What all operations can do.

    `formula` is LaTeX; `inputs` are the vectors that go in; the last of `steps` is the block's
    result; `worked(7)` is the formula with the numbers of the result's place 7.
    """

    @property
    def formula(self) -> str: ...

    @property
    def inputs(self) -> tuple[Part, ...]: ...

    def steps(self) -> tuple[Step, ...]: ...

    def worked(self, number: int) -> tuple[Line, ...]: ...


@dataclass(frozen=True)
class Affine:
    """A linear layer's weights: x becomes W x + b.

    Attributes:
        weight: float32 (out, in).
        bias: float32 (out,).
    """

    weight: np.ndarray = field(repr=False)
    bias: np.ndarray = field(repr=False)

    def __call__(self, vector: np.ndarray) -> np.ndarray:
        """(in,) -> (out,)."""
        result: np.ndarray = self.weight @ vector + self.bias
        return result

    def terms(
        self,
        vector: np.ndarray,
        number: int,
        names: Callable[[int], str],
        *,
        first: int | None = None,
    ) -> Line:
        """One place of W x + b: its largest products, the sum of the others, and b.

        The product at `first` stands in front, however large it is.

        W row [2, 0.5], x = [3, 4], b = 1: 2 × 3 + 0.5 × 4 + 1, without the result.
        """
        products = self.weight[number].astype(np.float64) * vector  # (in,)
        largest = largest_terms(products, first=first)
        line: list[Term] = []
        for place in map(int, largest):
            product = f"{digits(self.weight[number, place])} × {digits(vector[place])}"
            line += [Term(product, names(place)), Term("+")]
        if rest := len(products) - len(largest):
            others = products.sum() - products[largest].sum()
            line += [Term(digits(others), f"{rest:,} more products"), Term("+")]
        return (*line, Term(digits(self.bias[number]), "bias"))


def largest_terms(products: np.ndarray, *, first: int | None = None) -> np.ndarray:
    """Which terms of a sum are written out: the largest, and in front of them `first`.

    >>> largest_terms(np.array([1.0, -9.0, 2.0, 3.0]), first=0).tolist()
    [0, 1, 3]
    """
    order = np.argsort(-np.abs(products), kind="stable")
    if first is not None:
        order = np.concatenate([[first], order[order != first]])
    return order[:SHOWN_TERMS]


@dataclass(frozen=True)
class Spelling:
    """A piece and its number in the vocabulary.

    Attributes:
        piece: What the model reads at this place.
        token_id: What the model was given.
        found_id: Where the vocabulary has the piece.
    """

    piece: str
    token_id: int
    found_id: int

    @property
    def formula(self) -> str:
        return r"\text{id} = \text{vocabulary}[\text{piece}]"

    @property
    def inputs(self) -> tuple[Part, ...]:
        return ()

    def steps(self) -> tuple[Step, ...]:
        return (Step("id", np.array([self.token_id]), np.array([self.found_id])),)

    def worked(self, number: int) -> tuple[Line, ...]:
        id_term = Term(f"{self.token_id:,}", "id in the vocabulary", is_result=True)
        return ((Term(self.piece, "piece"), Term("→"), id_term),)


@dataclass(frozen=True)
class Lookup:
    """A row taken out of a table.

    Attributes:
        row: Which one.
        table: float32 (rows, width).
        shown: float32 (width,): what the model took.
    """

    row: int
    table: np.ndarray = field(repr=False)
    shown: np.ndarray = field(repr=False)

    @property
    def formula(self) -> str:
        return r"e = E_{r}"

    @property
    def inputs(self) -> tuple[Part, ...]:
        return ()

    def steps(self) -> tuple[Step, ...]:
        return (Step("row of the table", self.shown, self.table[self.row]),)

    def worked(self, number: int) -> tuple[Line, ...]:
        place = f"row {self.row:,} of {len(self.table):,}, number {number}"
        return ((Term("E"), Term("="), Term(digits(self.shown[number]), place, is_result=True)),)


@dataclass(frozen=True)
class Sum:
    """Vectors added number by number.

    Attributes:
        inputs: What is added.
        shown: float32 (width,).
    """

    inputs: tuple[Part, ...]
    shown: np.ndarray = field(repr=False)

    @property
    def formula(self) -> str:
        symbols = {"word": "w", "position": "p", "segment": "s"}
        return "x = " + " + ".join(symbols.get(part.name, "x") for part in self.inputs)

    def steps(self) -> tuple[Step, ...]:
        return (Step("sum", self.shown, _added(self.inputs)),)

    def worked(self, number: int) -> tuple[Line, ...]:
        return (_addition(self.inputs, number, self.shown[number], is_result=True),)


@dataclass(frozen=True)
class Norm:
    """LayerNorm of one vector, or of a sum (Ba, Kiros & Hinton 2016).

    y = (x - mean) / sqrt(variance + eps) * gamma + beta, mean and variance over x's own numbers.

    Attributes:
        inputs: What is added first; one vector where nothing is.
        gamma, beta: float32 (width,): learned.
        eps: Keeps the root from 0.
        shown: float32 (width,).
    """

    inputs: tuple[Part, ...]
    gamma: np.ndarray = field(repr=False)
    beta: np.ndarray = field(repr=False)
    eps: float
    shown: np.ndarray = field(repr=False)

    @property
    def formula(self) -> str:
        added = r"x &= h + z \\ " if len(self.inputs) > 1 else ""
        norm = r"y &= \frac{x - \mu}{\sqrt{\sigma^2 + \epsilon}} \odot \gamma + \beta"
        return rf"\begin{{aligned}} {added}{norm} \end{{aligned}}"

    def steps(self) -> tuple[Step, ...]:
        total = _added(self.inputs)
        scaled = (total - total.mean()) / np.sqrt(total.var() + self.eps)
        return (Step("after LayerNorm", self.shown, scaled * self.gamma + self.beta),)

    def worked(self, number: int) -> tuple[Line, ...]:
        total = _added(self.inputs)
        added = (_addition(self.inputs, number, total[number]),) if len(self.inputs) > 1 else ()
        normed: Line = (
            Term("("), Term(digits(total[number]), "x"), Term("−"),
            Term(digits(total.mean()), f"mean of all {len(total)}"), Term(") /"),
            Term(f"√{digits(total.var() + self.eps)}", "variance + ε"), Term("×"),
            Term(digits(self.gamma[number]), "γ"), Term("+"),
            Term(digits(self.beta[number]), "β"), Term("="),
            Term(digits(self.shown[number]), f"number {number}", is_result=True),
        )  # fmt: skip
        return (*added, normed)


@dataclass(frozen=True)
class Linear:
    """A linear layer, with an activation after it or without.

    Attributes:
        given: What goes in.
        affine: The layer's weights.
        shown: float32 (out,).
        activation: As transformers names it; "" for none.
        symbol: What the formula calls the result.
        counts: What its places are: "number", or "id" of a piece.
    """

    given: Part
    affine: Affine
    shown: np.ndarray = field(repr=False)
    activation: str = ""
    symbol: str = "y"
    counts: str = "number"

    @property
    def formula(self) -> str:
        inner = "W x + b"
        name = activation_name(self.activation)
        return f"{self.symbol} = " + (rf"\text{{{name}}}({inner})" if self.activation else inner)

    @property
    def inputs(self) -> tuple[Part, ...]:
        return (self.given,)

    def steps(self) -> tuple[Step, ...]:
        made = activated(self.affine(self.given.values), self.activation)
        return (Step("result", self.shown, made),)

    def worked(self, number: int) -> tuple[Line, ...]:
        terms = self.affine.terms(self.given.values, number, lambda k: f"W × x, number {k}")
        result = Term(digits(self.shown[number]), f"{self.counts} {number:,}", is_result=True)
        if not self.activation:
            return ((*terms, Term("="), result),)
        before = Term(digits(self.affine(self.given.values)[number]), "before the activation")
        name = Term(activation_name(self.activation))
        return (
            (*terms, Term("="), before),
            (name, Term("("), before, Term(")"), Term("="), result),
        )


@dataclass(frozen=True)
class Softmax:
    """Scores turned into probabilities: p_v = exp(z_v) / sum of all exp(z_u).

    Attributes:
        given: The logits.
        shown: float64 (vocabulary,), in 0..1, together 1.
    """

    given: Part
    shown: np.ndarray = field(repr=False)

    @property
    def formula(self) -> str:
        return r"p_v = \frac{e^{z_v}}{\sum_u e^{z_u}}"

    @property
    def inputs(self) -> tuple[Part, ...]:
        return (self.given,)

    def steps(self) -> tuple[Step, ...]:
        scores = torch.tensor(self.given.values, dtype=torch.float64)
        return (Step("probabilities", self.shown, torch.softmax(scores, dim=-1).numpy()),)

    def worked(self, number: int) -> tuple[Line, ...]:
        scores = self.given.values.astype(np.float64)
        top = scores.max()
        share = Term(f"{100 * self.shown[number]:.1f} %", f"of id {number:,}", is_result=True)
        return (
            (
                Term(f"e^({digits(scores[number])} − {digits(top)})", "its logit − the largest"),
                Term("/"),
                Term(digits(np.exp(scores - top).sum()), f"the same of all {len(scores):,}, added"),
                Term("="),
                share,
            ),
        )


def activated(vector: np.ndarray, name: str) -> np.ndarray:
    """Apply an activation by its name in transformers; "" leaves the vector as it is."""
    from transformers.activations import ACT2FN  # is there with the model; slow to be the first

    return ACT2FN[name](torch.tensor(vector)).numpy() if name else vector


def activation_name(name: str) -> str:
    """As people write it: "gelu" and "gelu_new" are GELU."""
    return name.split("_")[0].upper() if name != "relu" else "ReLU"


def digits(value: float) -> str:
    """A number short enough for a formula: four decimals near 1, a real minus sign.

    >>> digits(-0.12345), digits(494.7312), digits(0.0000021)
    ('−0.1235', '494.7', '2.1e−06')
    """
    size = abs(float(value))
    form = ".1e" if 0 < size < 1e-3 else ".1f" if size >= 100 else ".2f" if size >= 10 else ".4f"
    return f"{float(value):{form}}".replace("-", "−")


def _added(parts: tuple[Part, ...]) -> np.ndarray:
    total: np.ndarray = np.sum([part.values.astype(np.float64) for part in parts], axis=0)
    return total  # (width,)


def _addition(
    parts: tuple[Part, ...], number: int, total: float, *, is_result: bool = False
) -> Line:
    line: list[Term] = []
    for part in parts:
        line += [Term(digits(part.values[number]), part.name), Term("+")]
    return (*line[:-1], Term("="), Term(digits(total), f"sum, number {number}", is_result))
