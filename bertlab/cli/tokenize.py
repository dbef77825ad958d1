"""`bertlab tokenize`: a text as pieces, with every attempt."""

import argparse
from typing import Any

from bertlab.cli.arguments import add_command, add_model
from bertlab.cli.output import Answer, answer_texts, note
from bertlab.cli.unknown_tokens import warn_about_unknown


def add(commands: Any) -> None:
    """Add the command."""
    parser = add_command(
        commands, "tokenize", run, help_text="cut a text into pieces, showing every attempt"
    )
    parser.add_argument("text", metavar="TEXT", help="a text, or - for one per input line")
    parser.add_argument("--pair", metavar="TEXT", help="a second sentence")
    add_model(parser)


def run(arguments: argparse.Namespace) -> int:
    """Answer each text; an empty one has two tokens, [CLS] and [SEP]."""
    from bertlab.models import load_tokenizer
    from bertlab.tokenization.wordpiece import why_not_wordpiece

    tokenizer = load_tokenizer(arguments.model)
    reason = why_not_wordpiece(tokenizer)
    if reason:
        note(f"{reason} The words below are what it returns, without attempts.")

    def answer(text: str) -> Answer:
        warn_about_unknown(arguments.model, tokenizer, text, arguments.pair or "")
        return describe(tokenizer, text, arguments.pair)

    return answer_texts(arguments.text, answer, show, as_json=arguments.json)


def describe(tokenizer: Any, text: str, pair: str | None) -> Answer:
    """What the contract asks for; with a pair, its text and words too."""
    from bertlab.tokenization.encoding import encode

    encoded = encode(tokenizer, text, pair)
    words, matches = words_of(tokenizer, text)
    result = {
        "text": text,
        "tokens": encoded.tokens,
        "token_ids": encoded.token_ids,
        "token_type_ids": encoded.token_type_ids,
        "words": words,
        "matches_tokenizer": matches,
    }
    if pair is not None:
        pair_words, pair_matches = words_of(tokenizer, pair)
        result |= {"pair": pair, "pair_words": pair_words}
        result["matches_tokenizer"] = None if matches is None else matches and pair_matches
    return result


def words_of(tokenizer: Any, text: str) -> tuple[list[Answer], bool | None]:
    """The words of a text, and whether our trace agrees with the tokenizer (None: no trace)."""
    from bertlab.tokenization.wordpiece import (
        compare_with_tokenizer,
        trace_wordpiece,
        wordpiece_options,
    )

    options = wordpiece_options(tokenizer)
    if options is None:
        return _words_without_trace(tokenizer, text), None
    trace = trace_wordpiece(text, options)
    words = [
        {
            "text": word.text,
            "start": word.start,
            "end": word.end,
            "attempts": [{"piece": a.piece, "found": a.found} for a in word.attempts],
            "pieces": word.pieces,
        }
        for word in trace.words
    ]
    return words, compare_with_tokenizer(trace, tokenizer).agrees


def _words_without_trace(tokenizer: Any, text: str) -> list[Answer]:
    """The words as the tokenizer itself groups them, for tokenizers that are not WordPiece."""
    encoding = tokenizer(text, add_special_tokens=False, verbose=False).encodings[0]
    words: dict[int, Answer] = {}
    for piece, number, (start, end) in zip(
        encoding.tokens, encoding.word_ids, encoding.offsets, strict=True
    ):
        word = words.setdefault(number, {"start": start, "end": end, "pieces": []})
        word["end"] = end
        word["pieces"].append(piece)
    return [
        {"text": text[word["start"] : word["end"]], **word, "attempts": []}
        for word in words.values()
    ]


def show(answer: Answer) -> str:
    """For people: the tokens with ids and segments, then each word with its attempts."""
    width = max(len(token) for token in answer["tokens"])
    columns = zip(answer["tokens"], answer["token_ids"], answer["token_type_ids"], strict=True)
    lines = [f"{token:<{width}}  {number:>6}  {segment}" for token, number, segment in columns]
    lines += [""] + [_show_word(word) for word in answer["words"] + answer.get("pair_words", [])]
    if answer["matches_tokenizer"] is not None:
        same = "agree" if answer["matches_tokenizer"] else "DISAGREE"
        lines += ["", f"Our trace and the model's tokenizer {same}."]
    return "\n".join(lines)


def _show_word(word: Answer) -> str:
    marks = {True: "+", False: "-"}
    attempts = " ".join(f"{marks[a['found']]}{a['piece']}" for a in word["attempts"])
    return f"{word['text']!r} -> {' '.join(word['pieces'])}" + (
        f"    [{attempts}]" * bool(attempts)
    )
