"""What may be said about the path of a token: about each block, and about the whole way."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bertlab.inspection.masked_lm import Prediction
from bertlab.inspection.token_path.mixing import Attend, FeedForward
from bertlab.inspection.token_path.operations import Linear, Lookup, Norm, activation_name
from bertlab.inspection.token_path.path import BlockCheck, PathBlock, TokenPath

CLEAR_ANSWER = 0.5  # from here on one answer holds more than all others together
CLEAR_SHARE, TIMES_EVEN = 0.3, 2.0  # of attention: a token stands out from both on

WORDS = {
    "piece": "The text is cut into [[pieces|piece]]. The model never sees letters: it reads the "
    "number of each piece in its [[vocabulary]].",
    "words": "Every piece of the vocabulary has a learned vector, its [[embedding]]. The id says "
    "which row of the table to take.",
    "positions": "[[Attention|attention]] alone would not know the order of the tokens, so every "
    "[[position]] has a learned vector as well.",
    "segments": "A third table tells sentence A from sentence B: one row for each [[segment]].",
    "sum": "The vectors are added number by number. From here on one vector stands for what is "
    "here and where it stands.",
    "norm": "[[LayerNorm]] takes the vector's own mean away and divides by its own deviation; a "
    "learned scale γ and shift β follow.",
    "projection": "The embeddings of this model have another width than its layers: a linear "
    "layer leads from one to the other.",
    "attention": "A detour from the stream. The token's [[query]] meets the [[key]] of every "
    "token; [[softmax]] turns the scores into weights, and the weights mix the "
    "[[values|value]]. Each [[head]] does so on its own; W^O joins them.",
    "attention_norm": "[[Add & norm|add & norm]]: what attention found is added to what came in, "
    "and LayerNorm follows. BERT is post-norm: what runs on to the next block is the norm's "
    "output, not the plain sum.",
    "feed_forward": "The second detour looks at this token alone: two linear layers, an activation "
    "between them ([[feed-forward]]).",
    "output": "[[Add & norm|add & norm]] once more. What leaves here is the token's "
    "[[hidden state]] after this layer.",
    "transform": "The [[masked-LM head|masked language model]] starts with a linear layer and an "
    "activation.",
    "logits": "One row of weights for every piece of the vocabulary: its product with the vector "
    "is the piece's [[logit]].",
    "probabilities": "[[Softmax|softmax]] turns the logits of the whole vocabulary into "
    "[[probabilities|probability]].",
}


def block_words(path: TokenPath, block: PathBlock) -> str:
    """Say what happens in a block, and what is special about it in this model; with [[terms]].

    No text of the user's stands in it.
    """
    return " ".join([WORDS[block.kind], *_peculiar(path, block)])


def _peculiar(path: TokenPath, block: PathBlock) -> list[str]:
    """What this model does in its own way."""
    operation, said = block.operation, []
    if block.kind == "segments" and isinstance(operation, Lookup) and len(operation.table) == 1:
        said.append("This model has a single row, the same for every token.")
    if block.kind == "sum" and "segments" not in path.names:
        said.append("This model has no segment embeddings, so there are two vectors, not three.")
    if isinstance(operation, Linear) and block.kind == "projection":
        wide, narrow = operation.affine.weight.shape
        said.append(f"Here {narrow} numbers become {wide}.")
    if isinstance(operation, FeedForward):
        inner, name = len(operation.intermediate), activation_name(operation.activation)
        said.append(f"Here {len(block.values)} numbers become {inner:,}, then {name}, then back.")
    if block.kind in ("attention", "feed_forward") and path.shares_layers:
        said.append("All layers of this model share their weights: the same layer, run again.")
    if isinstance(operation, Linear) and block.kind == "logits" and _is_tied(path, operation):
        said.append("The rows are the word embeddings themselves, used a second time.")
    if block.kind == "probabilities":
        said.append(
            "This token is masked: it is what the masked-LM task asks about."
            if path.is_masked
            else "This token is not masked: the model can read the word itself, so this is no "
            "guess at a hidden word."
        )
    return said


def _is_tied(path: TokenPath, logits: Linear) -> bool:
    table = path["words"].operation
    return isinstance(table, Lookup) and np.array_equal(table.table, logits.affine.weight)


def picture_notes(path: TokenPath, drawn: int) -> list[str]:
    """What has to be known to read the picture; no text of the user's stands in it.

    Args:
        path: What is drawn.
        drawn: How many tokens are.
    """
    notes = [
        "The colour of a number grows with its root, so that small ones are seen beside large "
        "ones: purple and lilac above 0, orange below."
    ]
    if drawn < len(path.tokens):
        notes.append(
            f"{drawn} of {len(path.tokens)} tokens are drawn: the chosen one and those that it "
            "looks at most."
        )
    if path.shares_layers:
        notes.append("All layers of this model share their weights: one layer, run again.")
    if not path.has_head:
        notes.append(
            "This model has no masked-LM head: the path ends at the last hidden state, without an "
            "answer."
        )
    elif not path.is_masked:
        notes.append(
            "The chosen token is not masked: the answer is the head's reading of its last hidden "
            "state, and the model could read the word itself."
        )
    return notes


def path_notices(
    path: TokenPath, checks: Sequence[BlockCheck], answers: Sequence[Prediction]
) -> list[str]:
    """What to notice, in plain text; every sentence rests on the path's numbers."""
    notices = [_recombined(path, checks), _longest_detour(path), _turned(path), *_looked_at(path)]
    if path.is_masked and answers and answers[0].probability >= CLEAR_ANSWER:
        notices.append(
            f"The path ends in “{answers[0].token}” with {100 * answers[0].probability:.1f} %: "
            "more than all other pieces together."
        )
    return notices


def _recombined(path: TokenPath, checks: Sequence[BlockCheck]) -> str:
    met = sum(check.is_met for check in checks)
    worst = max(checks, key=lambda check: check.deviation)
    name = place_name(path.blocks[list(checks).index(worst)])
    return (
        f"{met} of {len(checks)} blocks recombine from their parts; the largest difference of any "
        f"number is {worst.deviation:.1e} ({name})."
    )


def _longest_detour(path: TokenPath) -> str:
    """Which detour changes the stream most, by the length of what it adds."""
    shares = []
    for block in path.blocks:
        if isinstance(operation := block.operation, Norm) and len(operation.inputs) == 2:
            stream, added = (np.linalg.norm(part.values) for part in operation.inputs)
            shares.append((float(added / stream), block.layer, operation.inputs[1].name))
    share, layer, name = max(shares, key=lambda found: found[0])
    return (
        f"Of the {len(shares)} detours, {name} of layer {layer} adds most: a vector {share:.2f} "
        "times as long as the stream it is added to."
    )


def _turned(path: TokenPath) -> str:
    """How far the stream has turned between the first layer and the last."""
    first = next(b for b in path.blocks if b.kind == "attention").operation.inputs[0].values
    last = next(b for b in reversed(path.blocks) if b.kind == "output").values
    cosine = float(first @ last / (np.linalg.norm(first) * np.linalg.norm(last)))
    return (
        "The cosine between the token's vector before the first layer and after the last one is "
        f"{cosine:.2f}."
    )


def _looked_at(path: TokenPath) -> list[str]:
    """The token that the path takes most from, if it stands out: one sentence, or none."""
    weights = [b.operation.weights for b in path.blocks if isinstance(b.operation, Attend)]
    shares = np.mean(weights, axis=(0, 1))  # (token,), over all layers and heads
    best, even = int(shares.argmax()), 1 / len(path.tokens)
    if shares[best] < max(CLEAR_SHARE, TIMES_EVEN * even):
        return []
    return [
        f"Over all layers and heads {100 * shares[best]:.1f} % of this token's attention goes to "
        f"“{path.tokens[best]}” (position {best}); even weights would give it {100 * even:.1f} %."
    ]


def place_name(block: PathBlock) -> str:
    """A block's name with its place: "Layer 2 · Attention"."""
    place = {"embeddings": "Embeddings", "head": "MLM head"}.get(block.group)
    return f"{place or block.group.capitalize()} · {block.title}"
