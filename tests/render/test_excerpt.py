"""The excerpt: the first sentence, the one that matched, words marked, never too long."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.render.excerpt import LIMIT, Piece, excerpt, whole


def marked(text: str, *words: str, limit: int = LIMIT) -> str:
    """Return the excerpt with [brackets] around what is marked."""
    spans = tuple((text.index(word), text.index(word) + len(word)) for word in words)
    return shown(excerpt(text, spans, limit))


def shown(pieces: tuple[Piece, ...]) -> str:
    return "".join(f"[{piece.text}]" if piece.marked else piece.text for piece in pieces)


FILL = "We add many more words here so that the sentence goes on and on until nobody reads it any further"
LONG = f"A long one, it needs no other beside it: {FILL}"
CASES = {
    "no abstract": ("", (), ""),
    "no match": (f"{LONG}. And two.", (), f"{LONG}."),
    "match in the first": (f"{LONG}. And two.", ("long",), f"{LONG.replace('long', '[long]')}."),
    "a short first sentence alone": ("Cloth hides. And folds. And more.", ("hides",), "Cloth [hides]. And folds."),
    "a short one before a long one": (f"Cloth hides. {LONG}, {LONG}, {LONG}.", (), "Cloth hides."),
    "match in the next": ("One sentence. And two good ones.", ("good",), "One sentence. And two [good] ones."),
    "match further on": ("One. Two here. Three good ones. Four.", ("good",), "One. … Three [good] ones."),
    "the best match first": ("One. Two here. Three good ones. Four.", ("Four", "good"), "One. … [Four]."),
    "two matches in one sentence": (
        "One. Two good and fine ones.",
        ("fine", "good"),
        "One. Two [good] and [fine] ones.",
    ),
    "abbreviations": (
        "It beats e.g. BERT, cf. Fig. 3 of J. Doe et al. Smith. Two.",
        (),
        "It beats e.g. BERT, cf. Fig. 3 of J. Doe et al. Smith. Two.",
    ),
    "question": ("Can it? Yes. It can.", ("can",), "Can it? … It [can]."),
    "no end": ("it goes on without an end", ("goes",), "it [goes] on without an end"),
}


@pytest.mark.parametrize(("abstract", "words", "expected"), CASES.values(), ids=CASES)
def test_the_excerpt_is_the_first_sentence_and_the_one_that_matched(
    abstract: str, words: tuple[str, ...], expected: str
) -> None:
    assert marked(abstract, *words) == expected


def test_a_long_first_sentence_leaves_room_for_the_match() -> None:
    text = f"{FILL}, {FILL}, {FILL}, {FILL}. {FILL} and finds the needle in {FILL}."
    found = marked(text, "needle")
    assert "[needle]" in found
    assert found.startswith("We add many")
    assert " … " in found
    assert len(found) <= LIMIT + 2


def test_a_match_at_the_end_of_a_long_sentence_is_shown() -> None:
    text = f"{FILL}, {FILL}, {FILL}, {FILL} and the needle."
    assert marked(text, "needle").endswith("and the [needle].")
    assert marked(text, "needle").startswith("… ")


def test_overlapping_matches_are_marked_once() -> None:
    assert shown(excerpt("abcdef ghi.", ((0, 4), (2, 6), (2, 3)))) == "[abcd][ef] ghi."
    assert shown(whole("abc def.", ((4, 7),))) == "abc [def]."


TEXTS = st.text(alphabet="abc ABC.!? \u202e…é", max_size=900)
SPANS = st.lists(st.tuples(st.integers(-5, 950), st.integers(-5, 950)), max_size=6).map(tuple)


@given(TEXTS, SPANS, st.integers(60, 400))
def test_no_excerpt_is_longer_than_its_limit(text: str, spans: tuple[tuple[int, int], ...], limit: int) -> None:
    pieces = excerpt(text, spans, limit)
    assert sum(len(piece.text) for piece in pieces) <= limit
    assert all(piece.text for piece in pieces)
    assert "\u202e" not in shown(pieces)


@given(TEXTS, SPANS)
def test_the_whole_abstract_is_whole(text: str, spans: tuple[tuple[int, int], ...]) -> None:
    assert "".join(piece.text for piece in whole(text, spans)) == text.replace("\u202e", "")
