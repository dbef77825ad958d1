"""Vocabularies as tables, HTML and figures; and what the page says of them."""

import pytest
from tokenizers import Tokenizer, models

from bertlab.observations.vocabularies import (
    comparison_notices,
    explorer_notices,
    training_notices,
)
from bertlab.views.shared.palette import palette_of
from bertlab.views.vocabularies import comparison, explorer
from bertlab.views.vocabularies import training as merges
from bertlab.vocabularies.comparison import Cutting, CutToken
from bertlab.vocabularies.explorer import longer_pieces, read_vocabulary, twin_of
from bertlab.vocabularies.replay import candidates, grow, merge_tree, replay
from bertlab.vocabularies.training import train_wordpiece
from bertlab.vocabularies.words import count_words

EVIL = "<b>&x"
LIGHT = palette_of("light")
SENNRICH = {"low": 5, "lower": 2, "newest": 6, "widest": 3}


@pytest.fixture(scope="module")
def training():
    return train_wordpiece(SENNRICH, merges=30)


@pytest.fixture(scope="module")
def other():
    return train_wordpiece(SENNRICH, merges=30, rule="frequency")


def book(*pieces: str):
    vocab = {piece: i for i, piece in enumerate(("[UNK]", *pieces))}
    backend = Tokenizer(models.WordPiece(vocab, unk_token="[UNK]"))
    backend.add_special_tokens(["[UNK]"])
    return read_vocabulary(backend)


def cutting(name: str, tokens: int, *, unknown: int = 0, words: int = 2, outcome="exact"):
    cut = tuple(CutToken(EVIL, EVIL, i, min(i, words - 1), min(i, words - 1), i < unknown)
                for i in range(tokens))  # fmt: skip
    return Cutting(name, "kind", 9, words, cut, 10, outcome, EVIL)


# --- figures and HTML ----------------------------------------------------------------------------


def test_titles_of_counts_are_computed():
    pieces = book("the", "un", "##ing", "a").pieces
    assert explorer.kinds_title(pieces) == "The largest group are word starts: 2 of 5 (40.0%)"
    assert explorer.scripts_title(pieces) == "Latin: 4 of 5 pieces (80.0%)"
    assert explorer.kinds_title(pieces[1:3]).startswith("Most pieces are word starts: 2 of 2")
    assert explorer.kinds_title(()) == explorer.scripts_title(()) == "No piece"


def test_longer_pieces_share_the_last_bar():
    figure = explorer.lengths_figure(book("x" * 30, "y" * 16, "z" * 15).pieces, LIGHT)
    bars = dict(zip(figure.data[0].x, figure.data[0].y, strict=True))
    assert bars == {16: 2, 15: 1}
    assert "30" in explorer.describe_lengths(book("x" * 30).pieces)


def test_many_scripts_share_the_last_bar():
    names = "a б γ א 好 あ 한 ا 1 ! € ก ა".split()
    figure = explorer.scripts_figure(book(*names).pieces, LIGHT)
    assert len(figure.data[0].y) == explorer.MOST_SCRIPTS
    assert sum(figure.data[0].x) == len(names) + 1
    assert figure.data[0].y[-1].endswith("others")


def test_a_merge_shows_its_formula(training):
    html = merges.merge_html(training.merges[0], 1, 9, rule="score")
    assert "3 / (3 × 3)" in html
    assert "0.3333" in html
    assert "##id" in html
    assert "count(ab) = <b>3</b>" in merges.merge_html(training.merges[0], 1, 9, rule="frequency")


def test_candidates_show_both_numbers(training):
    best = candidates(training, replay(training, 0))
    html = merges.candidates_html(best, rule="score", winner="##id", most=2)
    assert html.count("<tr") == 3
    assert html.count('class="won"') == 1
    assert "score ▼" in html
    assert "0.3333" in html
    by_likelihood = train_wordpiece(
        {"low": 5, "lower": 2, "newest": 6, "widest": 3}, merges=1, rule="likelihood"
    )
    best = candidates(by_likelihood, replay(by_likelihood, 0))
    html = merges.candidates_html(best, rule="likelihood", winner=best[0].piece)
    assert "gain ▼" in html
    assert f"{best[0].gain:,.1f}</td>" in html
    html = merges.merge_html(by_likelihood.merges[0], 1, 1, rule="likelihood")
    assert f"rises by <b>{best[0].gain:,.1f}</b>" in html


def test_trees_and_growth_in_words(training):
    assert merges.describe_tree(merge_tree(training, "wid")) == (
        "wid (merge 2) from w and ##id (merge 1) from ##i and ##d"
    )
    html = merges.growth_html(grow(training, "widest"))
    assert '<i class="new">##id</i>' in html
    assert "merge 2" in html
    assert "start" in html


def test_scores_are_written_without_an_exponent_where_they_can_be():
    assert [merges.show_score(value) for value in (0.5, 0.0021, 0.00048)] == [
        "0.5000", "0.0021", "0.00048",
    ]  # fmt: skip


def test_the_falling_lines(training, other):
    lines = [(one.rule, one.tokens_per_word()) for one in (training, other)]
    assert merges.falling_title(lines).startswith("From 4.94 to 1.00 tokens a word in ")
    figure = merges.falling_figure(lines, LIGHT, rule="score", title="t")
    assert [trace.line.dash for trace in figure.data] == ["solid", "dot"]
    assert len(merges.falling_table(lines)) == len(lines[0][1]) + len(lines[1][1])
    assert len(merges.merges_table(training)) == len(training.merges)


def test_user_text_stays_text():
    cut = cutting(EVIL, 3)
    html = comparison.table_html([EVIL, EVIL], [cut])
    html += merges.words_html([(EVIL, [EVIL])]) + merges.sentence_html([[EVIL]], unknown="u")
    evil = train_wordpiece({"<b": 3}, merges=1)
    html += merges.merge_html(evil.merges[0], 1, 1, rule="score")
    html += merges.tree_html(merge_tree(evil, "<b")) + merges.growth_html(grow(evil, "<b"))
    html += merges.candidates_html([evil.merges[0].pair], rule="score", winner="")
    assert "<b>&x" not in html
    assert "<##b" not in html.replace("&lt;", "")
    assert "&lt;b&gt;&amp;x" in html
    figure = comparison.bars_figure([cut], LIGHT, title=EVIL)
    assert "<b>" not in figure.data[0].y[0] + figure.layout.title.text


def test_unknown_tokens_are_a_part_of_the_bar():
    figure = comparison.bars_figure([cutting("m", 4, unknown=1)], LIGHT, title="")
    assert [trace.x[0] for trace in figure.data[:2]] == [1.5, 0.5]
    assert comparison.bars_title([cutting("m", 4)]) == "All need 2.00 tokens a word"
    titles = comparison.bars_title([cutting("m", 4), cutting("n", 6)])
    assert titles == "From 2.00 to 3.00 tokens a word"


def test_a_long_text_is_cut_in_the_picture_alone():
    cut = cutting("m", 90, words=90)
    html = comparison.table_html([f"w{i}" for i in range(90)], [cut])
    assert html.count("<td") == comparison.SHOWN_WORDS
    assert len(comparison.tokens_table([cut], ["w"] * 90)) == 90
    assert comparison.cuttings_table([cut])["tokens per word"].tolist() == [1.0]


# --- notices -------------------------------------------------------------------------------------


def test_what_an_explored_piece_gives_to_notice():
    shelf = book("the", "there", "##the", "[unused1]")
    piece = shelf.by_id[1]
    twin, longer = twin_of(shelf, piece), longer_pieces(shelf, piece)
    said = explorer_notices(shelf, piece, len(longer), twin)
    assert said == [
        "1 of 5 pieces (20.0%) continue a word; 0 are words of one character.",
        "The longest piece has 5 characters: “there”.",
        "1 places are kept free for whoever needs pieces of their own.",
        "1 longer pieces begin with “the”.",
        "“the” stands there twice, as “the” (id 1) and as “##the” (id 3): two pieces with a vector "
        "each.",
    ]
    assert len(explorer_notices(shelf, shelf.by_id[2], 0, None)) == 3


def test_what_a_training_gives_to_notice(training, other):
    said = training_notices(training, [other], replay(training, 0))
    assert said[0] == "In this text “##i” never stands without “##d” behind it."
    assert said[1].startswith(
        "First by score: “##id” (together 3 times). By count “##es” is first (9 times), and “##id”"
    )
    assert said[-1] == "In the end 4 of 4 different words are pieces of their own."


def test_equal_rules_are_not_said_to_differ():
    one, two = (train_wordpiece({"ab": 5}, merges=3, rule=rule) for rule in ("score", "frequency"))
    said = training_notices(one, [two], replay(one, 0))
    assert not any("By count" in text or "brought" in text for text in said)


def test_a_text_with_nothing_to_merge_says_why():
    apart = train_wordpiece(count_words("很好很好"), merges=3)
    assert (
        "each of the 2 different words is a single"
        in training_notices(apart, [apart], replay(apart, 0))[0]
    )
    rare = train_wordpiece({"ab": 1}, merges=3)
    assert "more than once" in training_notices(rare, [rare], replay(rare, 0))[0]


def test_what_a_comparison_gives_to_notice():
    a, b = cutting("a", 4), cutting("b", 6, unknown=3, outcome="lost")
    assert comparison_notices([a, cutting("c", 6), b]) == [
        "a spends 4 tokens on this text, c 6 (1.5 times as many).",
        "50.0% of b's tokens are unknown: what they stood for is gone.",
        "Decoding gives this very text back with a, c alone.",
    ]
    assert not any("spends" in said for said in comparison_notices([a, b]))
    assert comparison_notices([a, a]) == [
        "Cut by 2 of these, the text has 4 tokens, and decoding gives it back."
    ]
    assert comparison_notices([b]) == [
        "50.0% of b's tokens are unknown: what they stood for is gone.",
        "With none of them does decoding give this very text back.",
    ]
