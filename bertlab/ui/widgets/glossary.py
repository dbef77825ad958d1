"""The field's terms, in English and Chinese, shown on hover, focus or touch."""

import html
import re

import streamlit as st

TERMS: dict[str, tuple[str, str]] = {
    "BERT": ("双向编码器表示", "A Transformer encoder that reads a text from both sides at once."),
    "token": ("词元", "What the model reads as one unit: a word, a piece of a word or a sign."),
    "piece": ("子词", "A part of a word that stands in the vocabulary; ## marks a continuation."),
    "vocabulary": ("词表", "The fixed list of pieces that a model knows; the index is the id."),
    "WordPiece": (
        "WordPiece 分词",
        "Cuts a word from the left, each time at the longest piece there is.",
    ),
    "normalization": ("文本规范化", "Cleaning before cutting: case, accents, control characters."),
    "pre-tokenization": ("预分词", "Cutting at blanks and punctuation, before WordPiece."),
    "[CLS]": ("句首标记", "The first token of every input; classifiers read its vector."),
    "[SEP]": ("分隔标记", "Ends each sentence of an input."),
    "[MASK]": ("掩码标记", "Stands in for a hidden token."),
    "[UNK]": ("未知词标记", "Stands for a word that the vocabulary cannot spell."),
    "padding": ("填充", "Empty places that make inputs equally long."),
    "attention mask": ("注意力掩码", "1 for real tokens, 0 for padding, which nobody may read."),
    "segment": ("句段", "Tells sentence A (0) from sentence B (1): token_type_ids."),
    "position": ("位置", "The place of a token in the input, counted from 0."),
    "masked language model": ("掩码语言模型", "Learns by guessing hidden tokens from both sides."),
    "probability": ("概率", "The model's share of belief in one answer; all answers sum to 100 %."),
    "attention": ("注意力", "How much each token takes from every token, itself included."),
    "head": ("注意力头", "One of several attentions that run side by side in a layer."),
    "layer": ("层", "One round of attention and feed-forward; counted from 0 here."),
    "query": ("查询", "The token that looks."),
    "key": ("键", "A token that is looked at."),
    "entropy": ("熵", "How spread out the attention is, in nats: 0 is a single token."),
    "value": ("值", "What a token hands over when it is looked at."),
    "softmax": ("Softmax 归一化", "Turns scores into shares: positive, and together 1."),
    "hidden state": (
        "隐藏状态",
        "A token's vector after the embeddings or after a layer, the last included.",
    ),
    "embedding": ("嵌入向量", "A vector that stands for a piece, a position or a segment."),
    "feed-forward": ("前馈网络", "Two linear layers on each token alone, an activation between."),
    "add & norm": (
        "残差连接与层归一化",
        "Add what came in, then apply LayerNorm.",
    ),
    "LayerNorm": (
        "层归一化",
        "Mean 0 and deviation 1, then a learned scale and shift.",
    ),
    "logit": ("未归一化得分", "A score before softmax."),
    "ablation": ("消融", "Taking a part out and seeing what becomes of the answer."),
    "attention rollout": ("注意力展开", "Attention followed through all layers as a product."),
    "integrated gradients": (
        "积分梯度",
        "The mean gradient on the way from a baseline, times that way.",
    ),
    "logit lens": (
        "Logit 透镜",
        "The last layer's head applied to an earlier layer: an untrained readout.",
    ),
    "probe": ("探针", "A small classifier trained to read something from a layer's vectors."),
    "cosine similarity": ("余弦相似度", "1 for the same direction, 0 for a right angle."),
    "PCA": ("主成分分析", "The flat view of many-dimensional points that keeps most spread."),
    "permutation test": ("置换检验", "How often shuffled labels do as well: the play of chance."),
    "anisotropy": ("各向异性", "All vectors lean one way, so any two look alike."),
    "byte-level BPE": (
        "字节级 BPE",
        "Merges the pair of bytes seen most often (RoBERTa).",
    ),
    "unigram": ("Unigram 分词", "Picks the most probable way to cut (SentencePiece, ALBERT)."),
    "sentence order prediction": (
        "句序预测",
        "Telling A, B from B, A: ALBERT's own task.",
    ),
    "pre-training": ("预训练", "Learning from plain text, before any task: the long first part."),
    "next sentence prediction": ("下一句预测", "Telling whether B followed A in the text."),
    "distillation": ("知识蒸馏", "A small model learns to give what a larger one gives."),
    "fine-tuning": ("微调", "Training a pre-trained model further on a task of your own."),
    "loss": (
        "损失",
        "How wrong the predictions are: cross-entropy, of numbers the squared error. Lower is "
        "better.",
    ),
    "learning rate": (
        "学习率",
        "Scales every training step: the step is this times what the optimizer says.",
    ),
    "epoch": ("轮次", "One pass over the training part."),
    "batch": ("批次", "The examples of one training step."),
    "validation": ("验证集", "Examples kept out of training, for choosing the best epoch."),
    "test": ("测试集", "Examples never used for a choice; only they give the reported figure."),
    "accuracy": ("准确率", "The share of right answers."),
    "macro-F1": ("宏平均 F1", "F1 of each class, averaged, so that small classes count as much."),
    "confusion matrix": ("混淆矩阵", "How often each true class was predicted as each class."),
    "frozen encoder": (
        "冻结编码器",
        "Embeddings and layers stay; the pooler and a new linear layer learn.",
    ),
    "checkpoint": ("检查点", "Weights stored on the way."),
    # one attention cell
    "dot product": (
        "点积",
        "Number times number, all added up: large for long vectors that point alike.",
    ),
    "score": ("得分", "The dot product of query and key, divided by the root of their width."),
    # turning heads off
    "gradient": ("梯度", "How fast a number changes with each of the inputs."),
    "attribution": ("归因", "How much of an answer each token is given credit for."),
    "rank correlation": (
        "秩相关",
        "How alike two orders are: 1 the same, 0 unrelated, -1 reversed.",
    ),
    "silhouette": (
        "轮廓系数",
        "From -1 to 1: 1 for groups far apart, 0 for mixed ones, below 0 for points nearer to "
        "another group (Rousseeuw 1987).",
    ),
}


def mark(text: str) -> str:
    """Replace [[term]] or [[shown|term]] by the shown words with the definition on hover.

    Plain words are escaped by the caller's Markdown; terms come from the glossary alone.
    """

    def replace(match: re.Match[str]) -> str:
        shown, _, name = match[1].partition("|")
        chinese, meaning = TERMS[name or shown]
        tip = html.escape(f"{name or shown} · {chinese}: {meaning}", quote=True)
        return f'<span class="bl-term" tabindex="0" data-tip="{tip}">{html.escape(shown)}</span>'

    return re.sub(r"\[\[(.+?)\]\](?!\])", replace, text)


def prose(text: str) -> None:
    """Narrate: Markdown of at most 70 characters a line, with [[terms]] explained on hover.

    Only for BertLab's own words: user text never goes through here.
    """
    st.markdown(f'<div class="bl-prose">\n\n{mark(text)}\n\n</div>', unsafe_allow_html=True)
