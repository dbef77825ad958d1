"""`bertlab fill`: what the model puts into the blanks."""

import argparse
from typing import TYPE_CHECKING, Any

from bertlab.cli.arguments import add_command, add_model, at_least_one
from bertlab.cli.output import Answer, answer_texts
from bertlab.cli.unknown_tokens import warn_about_unknown
from bertlab.errors import InputError, ModelError

if TYPE_CHECKING:
    from bertlab.models import LoadedModel


def add(commands: Any) -> None:
    """Add the command."""
    parser = add_command(commands, "fill", run, help_text="fill the blanks of a text")
    parser.add_argument("text", metavar="TEXT", help="with [MASK]; or - for one per input line")
    add_model(parser)
    parser.add_argument(
        "--top-k", type=at_least_one, default=5, metavar="K", help="answers a blank (default: 5)"
    )


def run(arguments: argparse.Namespace) -> int:
    """Answer each text; one without [MASK] is refused."""
    from bertlab.inspection.masked_lm import why_no_blanks
    from bertlab.models import load_model

    loaded = load_model(arguments.model)
    if not loaded.has_mlm_head:
        raise ModelError(why_no_blanks(loaded))

    def answer(text: str) -> Answer:
        return describe(loaded, text, top_k=arguments.top_k)

    return answer_texts(arguments.text, answer, show, as_json=arguments.json)


def describe(loaded: "LoadedModel", text: str, *, top_k: int) -> Answer:
    """What the contract asks for; `position` counts the tokens, special ones included.

    Raises:
        InputError: The text has no blank, or is too long for the model.
    """
    from bertlab.inspection.masked_lm import predict_blanks, use_mask_token
    from bertlab.inspection.trace import run_trace
    from bertlab.tokenization.encoding import encode

    trace = run_trace(loaded, encode(loaded.tokenizer, use_mask_token(text, loaded.tokenizer)))
    if not trace.masked:
        raise InputError("The text has no blank. Write [MASK] where the model shall fill in.")
    warn_about_unknown(loaded.info.name, loaded.tokenizer, text)
    blanks = predict_blanks(loaded, trace, top_k=top_k)
    masks = [
        {
            "position": blank.position,
            "predictions": [
                {"token": p.token, "token_id": p.token_id, "probability": p.probability}
                for p in blank.predictions
            ],
        }
        for blank in blanks
    ]
    return {"text": text, "masks": masks}


def show(answer: Answer) -> str:
    """For people: the text, then for each blank a line an answer."""
    lines = [answer["text"]]
    for number, mask in enumerate(answer["masks"], start=1):
        lines.append(f"  blank {number} (token {mask['position']})")
        lines += [f"    {p['probability']:6.1%}  {p['token']}" for p in mask["predictions"]]
    return "\n".join(lines)
