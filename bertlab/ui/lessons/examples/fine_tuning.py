"""What the lesson on fine-tuning suggests."""

from bertlab.ui.app.lesson import Trial

# Each leaves a run that is shown; its own address opens it again.
FROZEN = Trial(
    "Only the head learns",
    "Freeze the encoder: far faster. What does it cost in accuracy?",
    {"run": "", "strategy": "frozen"},
    shows="strategy_widget",
)
RANDOM = Trial(
    "No pre-training",
    "The same architecture from random weights: what did pre-training bring?",
    {"run": "", "strategy": "random"},
    shows="strategy_widget",
)
MESSY = Trial(
    "A file with every defect",
    "See what the checks say about each row.",
    {"run": "", "data": "messy"},
    shows="data_widget",
)
TRIALS = {
    "en": (
        FROZEN,
        RANDOM,
        MESSY,
        Trial(
            "A BERT that saw more",
            "all-MiniLM-L6-v2 saw over a billion sentence pairs: compare the accuracy.",
            {"run": "", "model": "all-MiniLM-L6-v2", "data": "movie_reviews"},
            shows="data_widget",
        ),
    ),
    "zh": (
        FROZEN,
        RANDOM,
        MESSY,
        Trial(
            "English",
            "Reviews of films, and a BERT that read English.",
            {"run": "", "model": "bertlab-mini-en", "data": "movie_reviews"},
            shows="data_widget",
        ),
    ),
}
