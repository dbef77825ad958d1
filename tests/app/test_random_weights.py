"""A twin of the embedded model with random weights has learned nothing, and no lesson says it has.

What counts as a claim of learned behaviour: every sentence under "What to notice" and every
figure's title, save those of the closed list NEUTRAL. (Captions give bare numbers, such as a rank
or a share beside what even weights would have.) The list holds what is true of any weights: counts
of tokens (the tokenizer's, not the model's), bare numbers with their position, and sentences that
say that nothing is to be seen. A new sentence on a page is a claim until somebody puts it there.
"""

import html
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
import transformers
from safetensors.torch import load_file

from bertlab.models.catalog import DEFAULT_MODEL, EMBEDDED
from bertlab.ui.state import caches

NEUTRAL = [
    # tokenization: counts of what the tokenizer did
    r"[\d,]+ tokens? of your text and [\d,]+ special ones? make [\d,]+\.",
    r"[\d,]+ of [\d,]+ words? had to be cut; .*",
    r"Nothing had to be cut: .*",
    r"Lost to the unknown token: .*",
    r"Normalization changed the text at [\d,]+ places? before anything was looked up\.",
    r"Of [\d,]+ look-ups? [\d,]+ failed\.",
    # masked words: a number and its place, and what the model does not know
    r"(Both hidden · |All hidden · |“.*” filled in · )?position \d+: .+ [\d.]+%",
    r"The first blank",
    r"At position \d+ the hidden word “.*” (comes only at|has) rank [\d,]+ of [\d,]+(, .*%)?\.",
    r"At position \d+ no answer stands out: the best, “.*”, has [\d.]+%; a blind guess .*%\.",
    r"(Swapping “.*” for “.*”|The second sentence) moves “.*” most: from [\d.]+% to [\d.]+%\. "
    r"The first answer (stays|was) “.*” \([\d.]+%, then [\d.]+%\)( and is now .*)?\.",
    # the masking game: the mean beside a blind guess's, and where most of the sum comes from
    r"The mean loss of this draw is [\d.]+; a blind guess among [\d,]+ pieces would have ln .*",
    r"More than half of the sum comes from position \d+: “.*” got [\d.]+%\.",
    # attention
    r"Head \d+\.\d+: no simple pattern in this sentence",
    r"No head shows one of the five simple patterns in this sentence\. Head .* comes nearest\. .*",
    # next sentence and minimal pairs: bare numbers of the two inputs in hand
    r"As typed: “(B follows A|A and B are in order)” [\d.]+%",
    r"Passed by the head: \d+ of \d+ pairs in a row, .* topic\. Looked for and not found: .*",
    r"As typed: [\d.]+%; Swapped: B, then A: [\d.]+%; With a random B: [\d.]+%; .*",
    r"After the last layer the unchanged tokens are [\d.]+ apart on average(, .+ [\d.]+)?",
    r"Head \d+\.\d+: at most [\d.]+ points between the two sentences",
    # vocabularies: counts of what stands in one, of what a trainer merged, of what tokenizers cut
    r"(Most pieces|The largest group) are [a-z ]+: [\d,]+ of [\d,]+ \([\d.]+%\)",
    r"(No letters|[\w-]+): [\d,]+ of [\d,]+ pieces \([\d.]+%\)",
    r"From [\d.]+ to [\d.]+ tokens a word( in [\d,]+ merges?)?",
    r"No merge: [\d.]+ tokens a word",
    r"All need [\d.]+ tokens a word",
    r"[\d,]+ of [\d,]+ pieces \([\d.]+%\) continue a word; [\d,]+ are words of one character\.",
    r"The longest piece has [\d,]+ characters: “.*”\.",
    r"[\d,]+ places are kept free for whoever needs pieces of their own\.",
    r"[\d,]+ pieces are bytes that make no whole character by themselves\.",
    r"[\d,]+ longer pieces begin with “.*”\.",
    r"“.*” stands there twice, as “.*” .* and as “.*” .*: two pieces with a vector each\.",
    r"In this text “.*” never stands without “.*” (behind|before) it\.",
    r"First by (score|count|likelihood): “.*” .*, and “.*” comes at rank [\d,]+\.",
    r"Of the first [\d,]+ pieces [a-z]+ and [a-z]+ share [\d,]+\.",
    r"After [\d,]+ merges the count has brought the text down to [\d.]+ tokens a word, the .*",
    r"In the end [\d,]+ of [\d,]+ different words are pieces of their own\.",
    r"Nothing can be merged: .*",
    r".* spends [\d,]+ tokens on this text, .* [\d,]+( \([\d.]+ times as many\))?\.",
    r"[\d.]+% of .*'s tokens are unknown: what they stood for is gone\.",
    r"Decoding gives this very text back with .* alone\.",
    r"With none of them does decoding give this very text back\.",
    # what heads do: bare numbers with their places, and what is said where nothing is to be seen
    r"Head \d+\.\d+: no simple pattern over these [\d,]+ sentences",
    r"No head shows a simple pattern over these [\d,]+ sentences\.",
    r"The rule put to the test: of the random twin's \d+ heads, which learned nothing, 0 would .*",
    r"Nearly even weights in every layer: at least [\d.]+ % of the entropy there can be",
    r"(Rollout into|Mean attention of) “.*” \(\d+\), last layer: [\d.]+ % (from|on) .*",
    # layers: ranks and counts, which any weights have; that a word climbs is a claim
    r"The head's (answers at position \d+|first answer for every token), by layer",
    r"“.*”: from rank [\d,]+ to [\d,]+ of [\d,]+",
    r"At position \d+ “.*” has rank [\d,]+ at the embedding and rank [\d,]+ after layer \d+, .*",
    r"At position \d+ the first answer is “.*” (only after layer \d+|from .* on)\.",
    r"Of \d+ tokens, these have the last layer's first answer: [\w ,]+\.",
    # embeddings: shares, cosines, and sentences that say that nothing is to be seen
    r"“.*” (at the embedding|after layer \d+): the plane holds \d+% of the spread",
    r"“.*”: no clear separation by context",
    r"Context separates the senses of 0 of \d+ words",
    r"The senses of “.*” do not stand apart more than shuffled labels do: .*",
    r"The senses of “.*” differ by more than shuffled labels .* may explain it\.",
    r"Cosine -?[\d.]+ at the embedding, -?[\d.]+ after layer \d+",
    r"Two random tokens have a mean cosine of .*: read every cosine beside that\.",
    r"Nearest to “.*”",
    r"No input embedding is clearly near to that of “.*”: the nearest has a cosine of .*",
    r"From the model's card: .*",  # what its makers did to it, which a twin's copy repeats
    r"Cosine of each position with every other",
    r"Neighbouring positions are not clearly more alike than distant ones: .*",
    r"",  # a figure without a title
    # one attention cell: arithmetic on one row, true of any weights
    r"Head \d+\.\d+: “.*” gives “.*” [\d.]+ % of its weight; even weights would give [\d.]+ %",
    r"Without the division by √\d+ the row's largest weight would be [\d.]+% instead of .*",
    r"Of the size of all \d+ products [\d.]+% lies in the \d+ largest\.",
    r"“.*” has the row's largest weight, yet “.*” brings the longest part of the context: .*",
    r"The division by √\d+ takes the row's largest weight from .*: from 10 points and 50% on .*",
    r"The (positive|negative) products outweigh the .* ones at least three to one: q of .*",
    # turning heads off: numbers with their place, and how alike four methods are
    r"Position \d+: “.*” [\d.]+% → [\d.]+%",
    r"None of the \d+ heads shows a simple pattern",
    r"No head alone changes ln p of “.*” by [\d.]+ nats and has it at .*: the largest change is .*",
    r"Over \d+ sentences no head is missed by [\d.]+ nats at the median .*",
    r"Median over \d+ sentences",
    r"What “.*” at position \d+ rests on, by four methods",
    r"Do the methods rank the tokens alike\?",
    r"All four methods give “.*” \(\d+\) the largest weight\.",
    r"The largest weight goes to different tokens\. .*",
    r".* order the \d+ tokens much alike: rank correlation [\d.]+\.",
    r".* order them no more alike than chance might: .*",
    r"There are too few tokens to compare orders\.",
    # the path of a token: how well it recombines, lengths and angles
    r"\d+ of \d+ blocks recombine from their parts; the largest difference of any number is .*",
    r"Of the \d+ detours, .+ of layer \d+ adds most: a vector [\d.]+ times as long as .*",
    r"The cosine between the token's vector before the first layer and after the last one is .*",
]


def make_twin(root: Path, seed: int) -> str:
    """The embedded model's configuration and tokenizer with freshly initialised weights.

    Its name has the seed in it: the pages' caches go by the name, and live as long as a module's
    tests do. One name for all seeds would show every later test the first one's weights.
    """
    name = f"random-twin-{seed}"
    shutil.copytree(EMBEDDED / DEFAULT_MODEL, root / name)
    config = transformers.BertConfig.from_pretrained(root / name)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        transformers.BertForMaskedLM(config).float().save_pretrained(root / name)
    return name


def shows_its_own_weights(root: Path, name: str) -> bool:
    """Whether what the pages have under this name is what the folder holds."""
    stored = load_file(root / name / "model.safetensors")["bert.embeddings.word_embeddings.weight"]
    shown = caches.model(name).model.get_input_embeddings().weight
    return torch.equal(shown.detach().cpu(), stored)


def claims(lesson) -> list[str]:
    titles = [json.loads(spec)["layout"].get("title", {}).get("text", "") for spec in lesson.charts]
    titles += re.findall(r'bl-figure-title"[^>]*>(.*?)<', lesson.html)
    noticed = re.findall(r"<li>(.*?)</li>", lesson.html, flags=re.DOTALL)
    said = [html.unescape(text).replace("<br>", " ") for text in (*titles, *noticed)]
    return [text for text in said if not any(re.fullmatch(form, text) for form in NEUTRAL)]


@pytest.fixture(scope="module", params=[0, pytest.param(1, marks=pytest.mark.exhaustive)])
def twin_folder(request, tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("twins")
    return root / make_twin(root, request.param)


@pytest.fixture
def twin(twin_folder, monkeypatch) -> Iterator[str]:
    monkeypatch.setenv("BERTLAB_MODELS", str(twin_folder.parent))
    yield twin_folder.name
    assert shows_its_own_weights(twin_folder.parent, twin_folder.name)


def test_each_seed_is_shown_with_its_own_weights(open_lesson, tmp_path, monkeypatch):
    """All seeds had one name, and whoever came second was served the first one's model."""
    monkeypatch.setenv("BERTLAB_MODELS", str(tmp_path))
    names = [make_twin(tmp_path, seed) for seed in (7, 8)]
    answers = {"".join(open_lesson("attention", model=name).sound().charts) for name in names}
    assert len(answers) == 2
    assert all(shows_its_own_weights(tmp_path, name) for name in names)


@pytest.mark.parametrize(
    "name",
    [
        *("home", "tokenization", "masked_words", "attention", "pretraining"),
        *("token_path", "attention_cell", "heads", "ablation", "layers", "embeddings"),
        *("next_sentence", "vocabularies"),
    ],
)
def test_random_weights_are_not_said_to_have_learned(open_lesson, twin, name):
    lesson = open_lesson(name, model=twin).sound()
    assert claims(lesson) == []
    for label in lesson.buttons:
        if label in lesson.enabled and not label.startswith(("Use ", "Fetch ")):
            lesson.click(label).sound()
            if lesson.at.query_params.get("model") != twin:  # a trial that shows another model
                lesson = open_lesson(name, model=twin)
            assert claims(lesson) == [], label


def test_no_head_of_random_weights_is_given_a_pattern(open_lesson, twin):
    """One of each layer; the notices of every page speak of all of them."""
    for head in ("0.0", "1.1", "2.2", "3.3"):
        lesson = open_lesson("attention", model=twin, head=head).sound()
        assert f"Head {head}" in lesson.html
        assert claims(lesson) == []


def test_the_test_can_fail(open_lesson):
    """The embedded model has learned something, and the pages say so."""
    assert any("looks at" in text for text in claims(open_lesson("attention")))
    known = "Once upon a [MASK], there was a little girl."
    assert claims(open_lesson("masked_words", text=known))
    assert claims(open_lesson("pretraining", game_draw="2"))
    assert any("climbs" in text for text in claims(open_lesson("layers")))
    assert len(claims(open_lesson("embeddings"))) >= 4


def test_no_words_senses_are_said_to_part_at_random(open_lesson, twin):
    """Each bundled word's own curve, and all of them at once."""
    for word in ("bank", "bat", "spring", "light", "bark", "match", "apple", "crane"):
        assert (
            claims(open_lesson("embeddings", model=twin, sense_of=word, all_words="1").sound())
            == []
        )
