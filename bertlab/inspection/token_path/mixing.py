"""The two detours of a layer, with the numbers in hand: attention and feed-forward."""

# ruff: noqa: D102 - what `formula`, `inputs`, `steps` and `worked` are stands in `Operation`

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from bertlab.inspection.masked_lm import softmax
from bertlab.inspection.token_path.operations import (
    Affine,
    Line,
    Part,
    Step,
    Term,
    activated,
    activation_name,
    digits,
    largest_terms,
)


@dataclass(frozen=True)
class Attend:
    """One token's attention: query against all keys, softmax, weighted values, W^O.

    weights = softmax(q k^T / sqrt(d)); context = weights v, the heads side by side; the result is
    W^O context + b (Vaswani et al. 2017, section 3.2). Keys and values of the other tokens are
    taken as the model made them.

    Attributes:
        given: The token's vector before the layer, (hidden,).
        to_query: The layer that makes queries.
        to_output: W^O and its bias.
        query: float32 (heads, d): the token's.
        keys, values: float32 (heads, token, d): everybody's.
        weights: float32 (heads, token): the token's rows; each sums to 1.
        context: float32 (hidden,).
        shown: float32 (hidden,): the result.
        tokens: What the positions are called.
        head: The head that `worked` shows first.
    """

    given: Part
    to_query: Affine
    to_output: Affine
    query: np.ndarray = field(repr=False)
    keys: np.ndarray = field(repr=False)
    values: np.ndarray = field(repr=False)
    weights: np.ndarray = field(repr=False)
    context: np.ndarray = field(repr=False)
    shown: np.ndarray = field(repr=False)
    tokens: tuple[str, ...]
    head: int = 0

    @property
    def formula(self) -> str:
        lines = (
            r"a &= \text{softmax}\Big(\frac{q K^\top}{\sqrt{d}}\Big)",
            r"c &= a V",
            r"z &= W^O [c_0; c_1; \ldots] + b",
        )
        return r"\begin{aligned} " + r" \\ ".join(lines) + r" \end{aligned}"

    @property
    def inputs(self) -> tuple[Part, ...]:
        return (self.given,)

    def scores(self) -> np.ndarray:
        """The query's products with all keys, scaled: (heads, token)."""
        products = np.einsum("hd,htd->ht", self.query, self.keys)
        scaled: np.ndarray = products / np.sqrt(self.query.shape[-1])
        return scaled

    def steps(self) -> tuple[Step, ...]:
        query = self.to_query(self.given.values).reshape(self.query.shape)
        context = np.einsum("ht,htd->hd", self.weights, self.values).ravel()
        return (
            Step("query", self.query, query),
            Step("weights", self.weights, softmax(self.scores())),
            Step("context", self.context, context),
            Step("result", self.shown, self.to_output(self.context)),
        )

    def worked(self, number: int) -> tuple[Line, ...]:
        size = self.query.shape[-1]
        best = int(self.weights[self.head].argmax())
        place = self._most_to(number)  # each line holds the number that the one before ends in
        weight = Term(
            f"{100 * self.weights[self.head, best]:.1f} %",
            f"weight on “{self.tokens[best]}”, its strongest",
        )
        first: Line = (
            Term(f"Head {self.head}"), Term("q · k / √d ="),
            Term(digits(self.scores()[self.head, best]), f"with “{self.tokens[best]}”"),
            Term("→ softmax →"), weight,
        )  # fmt: skip
        terms = self.to_output.terms(
            self.context,
            number,
            lambda k: f"W^O × context {k} (head {k // size})",
            first=place,
        )
        result = Term(digits(self.shown[number]), f"number {number}", is_result=True)
        return first, self._weighted(place, best), (*terms, Term("="), result)

    def _most_to(self, number: int) -> int:
        """The number of this head's context that W^O gives most to a number of the output."""
        size = self.query.shape[-1]
        own = slice(self.head * size, (self.head + 1) * size)
        products = self.to_output.weight[number, own] * self.context[own]  # (head size,)
        return int(own.start + np.abs(products).argmax())

    def _weighted(self, place: int, best: int) -> Line:
        """One number of the context: the head's weights times the values' numbers."""
        size = self.query.shape[-1]
        weights, values = self.weights[self.head], self.values[self.head, :, place % size]
        products = weights.astype(np.float64) * values  # (token,)
        largest = largest_terms(products, first=best)
        line: list[Term] = []
        for key in map(int, largest):
            product = f"{100 * weights[key]:.1f} % × {digits(values[key])}"
            line += [Term(product, f"weight × value of “{self.tokens[key]}”"), Term("+")]
        if rest := len(products) - len(largest):
            others = digits(products.sum() - products[largest].sum())
            line += [Term(others, f"{rest} more tokens"), Term("+")]
        return (*line[:-1], Term("="), Term(digits(self.context[place]), f"context {place}"))


@dataclass(frozen=True)
class FeedForward:
    """Two linear layers on one token alone, an activation between: W2 act(W1 x + b1) + b2.

    Attributes:
        given: What goes in, (hidden,).
        first: hidden -> intermediate.
        second: intermediate -> hidden.
        activation: As transformers names it.
        intermediate: float32 (intermediate,): after the activation.
        shown: float32 (hidden,).
    """

    given: Part
    first: Affine
    second: Affine
    activation: str
    intermediate: np.ndarray = field(repr=False)
    shown: np.ndarray = field(repr=False)

    @property
    def formula(self) -> str:
        name = activation_name(self.activation)
        lines = rf"m &= \text{{{name}}}(W_1 x + b_1) \\ z &= W_2 m + b_2"
        return rf"\begin{{aligned}} {lines} \end{{aligned}}"

    @property
    def inputs(self) -> tuple[Part, ...]:
        return (self.given,)

    def steps(self) -> tuple[Step, ...]:
        inner = activated(self.first(self.given.values), self.activation)
        return (
            Step("after the activation", self.intermediate, inner),
            Step("result", self.shown, self.second(self.intermediate)),
        )

    def worked(self, number: int) -> tuple[Line, ...]:
        products = self.second.weight[number] * self.intermediate  # (intermediate,)
        neuron = int(np.abs(products).argmax())
        before = Term(digits(self.first(self.given.values)[neuron]), f"W₁x + b₁, neuron {neuron}")
        after = Term(digits(self.intermediate[neuron]), f"neuron {neuron}: most to number {number}")
        name = activation_name(self.activation)
        terms = self.second.terms(self.intermediate, number, lambda k: f"W₂ × neuron {k}")
        result = Term(digits(self.shown[number]), f"number {number}", is_result=True)
        return (
            (Term(name), Term("("), before, Term(")"), Term("="), after),
            (*terms, Term("="), result),
        )
