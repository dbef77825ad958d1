"""Held-out text: which files are meant, and figures of models whose answers are set by hand."""

import lzma
import math

import pytest
import torch
from tiny_models import save_tiny_bert, save_tiny_model
from transformers import BertForPreTraining

from bertlab.errors import InputError, ModelError
from bertlab.evaluation.heldout import (
    HeldoutReport,
    find_texts,
    load_for_heldout,
    score_files,
    source_of,
)
from bertlab.evaluation.naming import named
from bertlab.models import find_model, load_tokenizer
from bertlab.pretraining.heldout import HeldoutScores, join_scores

NEXT, RANDOM = 0, 1  # transformers' ids for what B is


@pytest.fixture
def save_model(models_root):
    """A BERT with both heads that says the same to everything, saved; the fixture's value: save.

    Every token gets the score 0 but those in `scores`; what B is gets the scores `following`.
    """

    def save(*, scores=None, following=(0.0, 0.0), with_next=True, card=""):
        folder = save_tiny_bert(models_root / "fixed")
        model = BertForPreTraining.from_pretrained(folder)
        head = model.cls.predictions
        for weight in head.transform.parameters():
            torch.nn.init.zeros_(weight)
        head.bias.data.zero_()
        for token, score in (scores or {}).items():
            head.bias.data[load_tokenizer("fixed").convert_tokens_to_ids(token)] = score
        torch.nn.init.zeros_(model.cls.seq_relationship.weight)
        model.cls.seq_relationship.bias.data = torch.tensor(following)
        if not with_next:
            del model.cls.seq_relationship
        model.save_pretrained(folder)
        if card:
            (folder / "README.md").write_text(f"---\n{card}\n---\n", encoding="utf-8")
        return "fixed"

    return save


@pytest.fixture
def write(tmp_path):
    def to_file(text: str, name: str = "story.txt"):
        file = tmp_path / name
        data = text.encode("utf-8")
        file.write_bytes(lzma.compress(data) if name.endswith(".xz") else data)
        return file

    return to_file


def score(name, *files, **options):
    return score_files(load_for_heldout(name, device="cpu"), files, **options)


STORY = "the cat sat on the mat.\nit was happy.\na dog was not in.\nhe hates it.\n"
STORIES = f"{STORY}\n" * 40


# --- figures ---


def test_a_model_that_knows_nothing_is_as_unsure_as_the_vocabulary_is_large(save_model, write):
    name = save_model()
    one = score(name, write(STORIES)).together
    size = load_for_heldout(name, device="cpu").model.config.vocab_size
    assert one.loss == pytest.approx(math.log(size), rel=1e-5)
    assert one.perplexity == pytest.approx(size, rel=1e-4)
    assert one.accuracy == 0.0  # of equals the first is taken: [PAD]


def test_a_model_that_always_says_cat_is_right_about_cats(save_model, write):
    name = save_model(scores={"cat": math.log(9)})
    size = load_for_heldout(name, device="cpu").model.config.vocab_size
    report = score(
        name, write("cat cat cat\n\ncat\n", "cats.txt"), write("dog\n\ndog\n", "dogs.txt")
    )
    cats, dogs = report.files["cats.txt"], report.files["dogs.txt"]
    assert (cats.tokens, cats.accuracy) == (2, 1.0)  # one of three, one of one
    assert cats.loss == pytest.approx(math.log((size + 8) / 9), rel=1e-5)
    assert (dogs.tokens, dogs.accuracy) == (2, 0.0)
    assert dogs.loss == pytest.approx(math.log(size + 8), rel=1e-5)
    assert (report.together.tokens, report.together.accuracy) == (4, 0.5)
    assert report.together.loss == pytest.approx((cats.loss + dogs.loss) / 2)


def test_what_says_next_to_every_pair_is_right_where_the_other_is_wrong(save_model, write):
    file = write(STORIES)
    says_next = score(save_model(following=(5.0, 0.0)), file).together
    says_random = score(save_model(following=(0.0, 5.0)), file).together
    assert says_next.pairs == says_random.pairs > 20
    assert says_next.next_accuracy + says_random.next_accuracy == pytest.approx(1.0)
    assert 0.25 < says_next.next_accuracy < 0.75  # half of the pairs have a foreign B


def test_without_a_next_sentence_head_there_is_no_number(save_model, write):
    with_head = score(save_model(), write(STORIES)).together
    without = score(save_model(with_next=False), write(STORIES)).together
    assert (without.pairs, without.next_accuracy) == (0, None)
    assert (without.tokens, without.loss) == (with_head.tokens, pytest.approx(with_head.loss))


def test_a_checkpoint_of_masked_words_alone_has_no_next_sentence_head(tiny_bert_name, write):
    subject = load_for_heldout(tiny_bert_name, device="cpu")
    assert not subject.has_next_sentence
    assert score_files(subject, [write(STORIES)]).together.next_accuracy is None


def test_a_head_that_was_never_trained_gets_no_number(save_model):
    assert load_for_heldout(save_model(), device="cpu").has_next_sentence
    name = save_model(card="bertlab:\n  next_sentence: false")
    assert not load_for_heldout(name, device="cpu").has_next_sentence


def test_the_embedded_model_s_loss_is_that_of_its_stored_weights(mini, write):
    """Its own masked-LM model, asked about the one blank of each line, gives the same."""
    subject = load_for_heldout("bertlab-mini-en", device="cpu")
    inputs = mini.tokenizer("the cat sat on the [MASK].", return_tensors="pt")
    with torch.inference_mode():
        expected = mini.model(**inputs).logits
        found = subject.model(**inputs).prediction_logits
    torch.testing.assert_close(found, expected, atol=1e-4, rtol=1e-4)


def test_single_sentences_stand_alone_where_the_recipe_says_so(save_model, write):
    lines = "the cat sat.\na dog sat.\nhe was bad.\n" * 5  # four tokens each: one of them is asked
    report = score(save_model(), write(lines, "en_tatoeba.txt.xz"), write(lines, "en_other.txt"))
    alone, together = report.files["en_tatoeba.txt.xz"], report.files["en_other.txt"]
    assert (alone.tokens, alone.pairs) == (15, 0)
    assert together.tokens == 9  # 60 tokens at up to 62 an input, of which 15 %


@pytest.mark.parametrize(
    ("name", "alone"),
    [
        ("en_tatoeba.txt.xz", True),
        ("en_tatoeba.txt", True),
        ("en_wordnet.txt.xz", True),
        ("en_stories.txt.xz", False),
        ("en_tatoeba_more.txt", False),
    ],
)
def test_a_source_is_known_by_its_name(name, alone, tmp_path):
    source = source_of(tmp_path / name)
    assert (source.lines_stand_alone, source.rename) == (alone, {})


def test_a_model_with_few_positions_gets_short_inputs(models_root, write):
    save_tiny_bert(models_root / "short", max_position_embeddings=16)
    assert score("short", write(STORIES)).together.tokens > 0


def test_inputs_are_as_long_as_asked(tiny_bert_name, write):
    file = write("the cat sat on the mat.\n" * 71)
    subject = load_for_heldout(tiny_bert_name, device="cpu")
    seen = []
    embeddings = subject.model.bert.embeddings
    embeddings.register_forward_hook(lambda module, given, out: seen.append(out.shape[1]))
    score_files(subject, [file], max_length=32)
    assert 16 < max(seen) <= 32
    score_files(subject, [file], max_length=60)
    assert 32 < max(seen) <= 60


def test_every_file_is_told_and_signs_it_does_not_know_too(tiny_bert_name, write):
    told = []
    score(tiny_bert_name, write("the cat ψ ψ.\n"), tell=told.append)
    assert told[0].startswith("story.txt: 40% of the tokens are [UNK]")
    assert told[1].endswith("1 masked tokens right.")


def test_two_files_of_one_name_are_told_apart(tiny_bert_name, write, tmp_path):
    (tmp_path / "more").mkdir()
    files = [write(STORY), write(STORY, "more/story.txt")]
    assert list(score(tiny_bert_name, *files).files) == [str(file) for file in files]


# --- models and texts that are refused ---


def test_other_families_are_refused(models_root):
    save_tiny_model("distilbert", models_root / "distil")
    with pytest.raises(ModelError, match=r"models of the BERT family; distil is of .* distilbert"):
        load_for_heldout("distil")


def test_a_model_without_a_masked_lm_head_is_refused():
    with pytest.raises(ModelError, match="all-MiniLM-L6-v2 has no masked-LM head"):
        load_for_heldout("all-MiniLM-L6-v2")


def test_a_model_that_answers_no_number_is_refused(save_model, write):
    name = save_model(scores={"cat": math.nan})
    with pytest.raises(ModelError, match="fixed answers with what is not a number"):
        score(name, write(STORY))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is empty"),
        (b"\n \n", "is empty"),
        ("很好。".encode("gbk"), "is not UTF-8"),
        ("\u200b\n".encode(), "reads no token in it"),
    ],
)
def test_a_text_that_cannot_be_used_is_refused_by_name(data, message, tiny_bert_name, tmp_path):
    file = tmp_path / "text.txt"
    file.write_bytes(data)
    with pytest.raises(InputError, match=f"text.txt.*{message}"):
        score(tiny_bert_name, file)


# --- which files are meant ---


@pytest.fixture
def folder(tmp_path):
    for name in ("en_b.txt", "en_a.txt.xz", "zh_a.txt", "mine.txt", "notes.md"):
        (tmp_path / name).touch()
    return tmp_path


@pytest.mark.parametrize(
    ("language", "names"),
    [
        ("en", ["en_a.txt.xz", "en_b.txt", "mine.txt"]),
        ("zh", ["mine.txt", "zh_a.txt"]),
        ("", ["en_a.txt.xz", "en_b.txt", "mine.txt", "zh_a.txt"]),
        ("multi", ["en_a.txt.xz", "en_b.txt", "mine.txt", "zh_a.txt"]),
    ],
)
def test_of_a_folder_the_texts_in_the_model_s_language_are_meant(language, names, folder):
    assert [path.name for path in find_texts([folder], language=language)] == names


def test_a_file_that_is_named_is_meant_whatever_its_name_and_once(folder):
    places = [folder / "zh_a.txt", folder, folder / "en_b.txt"]
    names = [path.name for path in find_texts(places, language="en")]
    assert names == ["zh_a.txt", "en_a.txt.xz", "en_b.txt", "mine.txt"]


def test_places_without_texts_are_refused(folder, tmp_path):
    with pytest.raises(InputError, match=r"no file or folder .*nothing"):
        find_texts([folder / "nothing"])
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=r"empty holds no \.txt or \.txt\.xz file"):
        find_texts([tmp_path / "empty"])
    (folder / "mine.txt").unlink()
    with pytest.raises(InputError, match=r"no text for a model of the language fr.*en_a\.txt\.xz"):
        find_texts([folder], language="fr")


# --- what a model is called ---


def test_a_folder_outside_the_allowed_ones_is_found_while_it_is_named(tmp_path, models_root):
    folder = save_tiny_bert(tmp_path / "elsewhere" / "model")
    save_tiny_bert(models_root / "listed")
    with pytest.raises(ModelError):
        find_model(str(folder))
    with named(str(folder)) as name:
        assert find_model(name).folder == folder.resolve()
        assert find_model("listed").is_here
    with pytest.raises(ModelError):
        find_model(str(folder))


def test_a_name_of_the_catalogue_comes_before_a_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    save_tiny_bert(tmp_path / "bertlab-mini-en")
    with named("bertlab-mini-en") as name:
        assert find_model(name).source == "embedded"
    with named("./bertlab-mini-en") as name:
        assert find_model(name).folder == tmp_path.resolve() / "bertlab-mini-en"


def test_links_out_of_a_named_folder_are_refused_as_everywhere(tmp_path):
    folder = save_tiny_bert(tmp_path / "model")
    (folder / "model.safetensors").rename(tmp_path / "weights")
    (folder / "model.safetensors").symlink_to(tmp_path / "weights")
    with named(str(folder)) as name, pytest.raises(ModelError, match="not a model that BertLab"):
        find_model(name)


def test_a_folder_that_is_no_model_is_refused(tmp_path):
    with pytest.raises(ModelError, match=r"holds no config\.json"), named(str(tmp_path)):
        pass


@pytest.mark.parametrize("name", ["nonsense", "x" * 5_000, "a\0b", "~nobody-at-all/x"])
def test_what_is_no_folder_is_left_to_the_catalogue(name):
    with named(name) as same:
        assert same == name


def test_the_mean_counts_every_file_alike():
    short = HeldoutScores(tokens=10, loss=1.0, accuracy=0.6, pairs=0, next_accuracy=None)
    long = HeldoutScores(tokens=1_000, loss=2.0, accuracy=0.4, pairs=0, next_accuracy=None)
    report = HeldoutReport({"short": short, "long": long}, join_scores([short, long]))
    assert report.mean_accuracy == pytest.approx(0.5)
    assert report.together.accuracy == pytest.approx((6 + 400) / 1_010)
