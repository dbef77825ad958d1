"""Where the parts of a BERT lie in each family: embeddings, layers, the masked-LM head.

``find_parts(loaded.model).layers[2].query`` is the linear layer that makes layer 2's queries.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from torch import Tensor, nn

if TYPE_CHECKING:
    from transformers import PreTrainedModel


@dataclass(frozen=True)
class EmbeddingParts:
    """What turns token ids into the first hidden state.

    Attributes:
        words, positions: Tables of vectors.
        token_types: The table of segments; None in DistilBERT, which has none.
        norm: LayerNorm over their sum.
        projection: From the embeddings' width to the layers' (ALBERT, ELECTRA); else None.
    """

    words: nn.Module
    positions: nn.Module
    token_types: nn.Module | None
    norm: nn.LayerNorm
    projection: nn.Linear | None


@dataclass(frozen=True)
class LayerParts:
    """One encoder layer; names follow the paper.

    Attributes:
        query, key, value: Linear (hidden -> hidden); head h holds columns h * d to (h + 1) * d.
        attention_output: Linear (hidden -> hidden) that mixes the heads, W^O.
        attention_norm: LayerNorm over its output plus the layer's input.
        intermediate: Linear (hidden -> intermediate), before the activation.
        output: Linear (intermediate -> hidden).
        output_norm: LayerNorm over its output plus its own input: the layer's result.
    """

    query: nn.Linear
    key: nn.Linear
    value: nn.Linear
    attention_output: nn.Linear
    attention_norm: nn.LayerNorm
    intermediate: nn.Linear
    output: nn.Linear
    output_norm: nn.LayerNorm


@dataclass(frozen=True)
class ModelParts:
    """All parts of one model.

    Attributes:
        embeddings: Before the first layer.
        layers: One entry a layer; ALBERT's entries are the same modules again and again.
        mlm_head: (..., hidden) -> logits (..., vocabulary); None without a masked-LM head.
    """

    embeddings: EmbeddingParts
    layers: tuple[LayerParts, ...]
    mlm_head: Callable[[Tensor], Tensor] | None = field(repr=False)

    @property
    def shares_layers(self) -> bool:
        """Whether some layers are one and the same, as in ALBERT."""
        return len({id(layer.query) for layer in self.layers}) < len(self.layers)


def find_parts(model: PreTrainedModel) -> ModelParts:
    """Find the parts of a model of any allowed family, with or without its head."""
    encoder: Any = model.base_model
    family = model.config.model_type
    if family == "distilbert":
        layers = tuple(_distilbert_layer(layer) for layer in encoder.transformer.layer)
    elif family == "albert":
        layers = _albert_layers(encoder)
    else:
        layers = tuple(_bert_layer(layer) for layer in encoder.encoder.layer)
    return ModelParts(_embeddings(encoder), layers, _mlm_head(model))


def _embeddings(encoder: Any) -> EmbeddingParts:
    tables = encoder.embeddings
    inner = getattr(encoder, "encoder", None)  # where ALBERT keeps it
    projection = getattr(encoder, "embeddings_project", None)
    return EmbeddingParts(
        words=tables.word_embeddings,
        positions=tables.position_embeddings,
        token_types=getattr(tables, "token_type_embeddings", None),
        norm=tables.LayerNorm,
        projection=projection or getattr(inner, "embedding_hidden_mapping_in", None),
    )


def _bert_layer(layer: Any) -> LayerParts:
    inner = layer.attention.self
    return LayerParts(
        *(inner.query, inner.key, inner.value),
        *(layer.attention.output.dense, layer.attention.output.LayerNorm),
        *(layer.intermediate.dense, layer.output.dense, layer.output.LayerNorm),
    )


def _distilbert_layer(layer: Any) -> LayerParts:
    inner, feed_forward = layer.attention, layer.ffn
    return LayerParts(
        *(inner.q_lin, inner.k_lin, inner.v_lin, inner.out_lin, layer.sa_layer_norm),
        *(feed_forward.lin1, feed_forward.lin2, layer.output_layer_norm),
    )


def _albert_layers(encoder: Any) -> tuple[LayerParts, ...]:
    """As AlbertTransformer walks through its groups."""
    groups, count = encoder.encoder.albert_layer_groups, encoder.config.num_hidden_layers
    walked = [groups[int(i / (count / len(groups)))] for i in range(count)]
    return tuple(_albert_layer(layer) for group in walked for layer in group.albert_layers)


def _albert_layer(layer: Any) -> LayerParts:
    inner = layer.attention
    return LayerParts(
        *(inner.query, inner.key, inner.value, inner.dense, inner.LayerNorm),
        *(layer.ffn, layer.ffn_output, layer.full_layer_layer_norm),
    )


def _mlm_head(model: Any) -> Callable[[Tensor], Tensor] | None:
    for name in ("cls", "lm_head", "predictions"):  # BERT; RoBERTa; ALBERT
        if isinstance(head := getattr(model, name, None), nn.Module):
            return head
    if hasattr(model, "generator_predictions"):  # ELECTRA's generator
        return lambda hidden: model.generator_lm_head(model.generator_predictions(hidden))
    if hasattr(model, "vocab_projector"):
        return lambda hidden: _distilbert_head(model, hidden)
    return None


def _distilbert_head(model: Any, hidden: Tensor) -> Tensor:
    transformed = model.activation(model.vocab_transform(hidden))
    logits: Tensor = model.vocab_projector(model.vocab_layer_norm(transformed))
    return logits
