"""Fine-tuning against the common tutorial loop: the same rows, model, epochs and process.

    python tests/benchmarks/bench_finetuning.py [TABLE] [--rows 480] [--epochs 1] [--repeats 3]

A, the tutorial: every text padded to 128 tokens, float32, batches of 16 in random order,
AdamW 5e-5 as it comes. B, ours: `bertlab.finetuning` with its defaults (batches of similar
length, dynamic padding, bf16 where the hardware has it, fused AdamW). They alternate
(A B A B ...), so that whatever else the machine does meets both; the medians are compared.
Tokenizing counts for both, validation for neither.
"""

import argparse
import os
import statistics
import time
from pathlib import Path

# As the engine's worker does. It counts for both loops alike.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import torch

from bertlab.datasets import Examples, check_examples, guess_columns, read_table
from bertlab.devices import choose_device, fastest_attention, supports_bf16
from bertlab.finetuning.defaults import resolve
from bertlab.finetuning.loop import start_training, train
from bertlab.finetuning.preparing import encode_examples
from bertlab.models import load_classifier
from bertlab.runs.settings import Settings

SAMPLE = Path(__file__).parents[2] / "sample_data" / "movie_reviews.csv"
DEVICE = choose_device("cpu")


def main() -> None:
    """Print examples a second of both loops and their ratio."""
    arguments = read_arguments()
    table = read_table(arguments.table.read_bytes(), filename=arguments.table.name)
    examples = check_examples(table, guess_columns(table))
    step = max(1, len(examples.texts) // arguments.rows)
    examples = examples.subset(list(range(0, len(examples.texts), step))[: arguments.rows])
    settings = Settings(model=arguments.model, epochs=arguments.epochs)
    print(
        f"{arguments.table.name}: {len(examples.texts)} rows, {settings.epochs} epoch(s), "
        f"{settings.model}, {torch.get_num_threads()} threads, "
        f"bf16 in hardware: {supports_bf16('cpu')}"
    )
    for loop in (tutorial, ours):  # the first steps of a process load code
        loop(examples.subset(range(32)), settings)
    rates: dict[str, list[float]] = {"tutorial": [], "ours": []}
    for repeat in range(arguments.repeats):
        for loop in (tutorial, ours):
            began = time.perf_counter()
            loop(examples, settings)
            rate = len(examples.texts) * settings.epochs / (time.perf_counter() - began)
            rates[loop.__name__].append(rate)
            print(f"repeat {repeat}: {loop.__name__:8} {rate:7.1f} examples/s", flush=True)
    slow, fast = (statistics.median(rates[name]) for name in ("tutorial", "ours"))
    print(f"median: tutorial {slow:.1f}, ours {fast:.1f} examples/s, ratio {fast / slow:.1f}x")


def read_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("table", nargs="?", type=Path, default=SAMPLE)
    parser.add_argument("--model", default="bertlab-mini-en")
    parser.add_argument("--rows", type=int, default=480)
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=3)
    return parser.parse_args()


def tutorial(examples: Examples, settings: Settings) -> None:
    """Fine-tune as the common tutorial does, loading the model included."""
    tokenizer, model = load_classifier(settings.model, labels=examples.label_names, device="cpu")
    ids = {label: index for index, label in enumerate(examples.label_names)}
    coded = tokenizer(
        list(examples.texts),
        padding="max_length",
        truncation=True,
        max_length=128,
        return_tensors="pt",
    )
    labels = torch.tensor([ids[label] for label in examples.labels])
    data = torch.utils.data.TensorDataset(coded["input_ids"], coded["attention_mask"], labels)
    loader = torch.utils.data.DataLoader(data, batch_size=16, shuffle=True)
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-5)
    model.train()
    for _ in range(settings.epochs):
        for input_ids, attention_mask, wanted in loader:
            loss = model(input_ids=input_ids, attention_mask=attention_mask, labels=wanted).loss
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()


def ours(examples: Examples, settings: Settings) -> None:
    """Fine-tune as BertLab does, loading the model included."""
    tokenizer, model = load_classifier(settings.model, labels=examples.label_names, device="cpu")
    settings = resolve(settings, model.config).settings
    use_bf16 = supports_bf16("cpu")
    model.set_attn_implementation(
        fastest_attention(DEVICE, use_bf16=use_bf16, max_length=settings.max_length)
    )
    data = encode_examples(tokenizer, examples, settings)
    steps = settings.epochs * -(-len(data.lengths) // settings.batch_size)
    training = start_training(model, learning_rate=settings.learning_rate or 0.0, steps=steps)
    events = train(
        training,
        data,
        None,
        epochs=settings.epochs,
        batch_size=settings.batch_size,
        seed=settings.seed,
        device=DEVICE,
        use_bf16=use_bf16,
    )
    for _ in events:
        pass


if __name__ == "__main__":
    main()
