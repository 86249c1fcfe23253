"""Wrapped text: its paragraphs come back as they were, and text that nothing wrapped comes out as it stands."""

from __future__ import annotations

import textwrap
import time
from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reading import documents

from digest.containers import plain, wrapped
from digest.containers.joining import Joiner, Words
from digest.models import Block

ABSTRACTS = [
    "We describe a loom that weaves patterns from punched cards. The cards are read by pins, and a pattern of any "
    "length can be woven without a mistake, if the cards are tied into a chain and the chain is kept dry.",
    "Counting engines carry tens by levers, which wear. We show that a carry that is held back for one turn halves the "
    "wear, and prove that no engine can do with less than one turn. Two engines were built and ran for a year.",
    "Tides are told a year ahead by a machine of wheels and wires. In this paper we ask how many wheels are enough, "
    "and find that ten do for most harbours, though the harbours of the north need twelve and the east but eight.",
    "Letters in cipher are often longer than they need be. Can a reader tell the key from the length alone? We find "
    "that three letters suffice, and where they do not, four always do; this holds for all alphabets that we know of.",
]
TITLES = [
    "Weaving Patterns from Punched Cards",
    "A Carry Held Back: What Counting Engines Lose by Their Haste, and What They Win by Waiting for One Turn",
    "Wheels Enough for a Year of Tides",
    "How Long Must a Cipher Be?",
]


def texts(lines: list[str]) -> list[str]:
    """Return what the blocks of a dump say."""
    return [block.text for block in documents("\n".join(lines))[0].blocks()]


def wrap(paragraph: str, width: int = 80, **how: bool) -> list[str]:
    return textwrap.wrap(paragraph, width, **how)


def spaced(paragraphs: list[str], width: int = 80, **how: bool) -> list[str]:
    return [line for paragraph in paragraphs for line in (*wrap(paragraph, width, **how), "")]


def compact(paragraphs: list[str], width: int = 80) -> list[str]:
    return [line for paragraph in paragraphs for line in wrap(paragraph, width)]


PAGE = [part for pair in zip(TITLES, ABSTRACTS, strict=True) for part in pair]
WIDTHS = [60, 72, 76, 78, 80, 100, 120]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("hyphens", [True, False], ids=["breaking hyphens", "hyphens whole"])
def test_paragraphs_with_blank_lines_between_come_back(width: int, hyphens: bool) -> None:
    assert texts(spaced(PAGE, width, break_on_hyphens=hyphens)) == PAGE


@pytest.mark.parametrize("width", WIDTHS)
def test_paragraphs_without_blank_lines_come_back(width: int) -> None:
    assert texts(compact(PAGE, width)) == PAGE


def test_a_full_last_line_does_not_glue_a_title_to_its_abstract() -> None:
    title = "A Carry Held Back and What Counting Engines Lose by Haste and Win by Waiting"  # 77 columns
    page = [*PAGE, title, "Counting was never so slow before. " + ABSTRACTS[1]]
    assert texts(compact(page)) == page


def test_a_full_last_line_does_not_glue_an_abstract_to_the_next_title() -> None:
    full = "It is shown that the wear of any lever is halved by one turn of waiting, and no more."
    page = [TITLES[0], ABSTRACTS[0], TITLES[2], wrap(full, 80)[0][:79].rstrip(".,") + ".", *PAGE[4:]]
    assert len(page[3]) >= 75
    assert texts(compact(page)) == page


def test_a_line_that_recurs_is_a_paragraph_of_its_own() -> None:
    source = "arXiv.org Machine Learning"
    title = "A Carry Held Back and What Counting Engines Lose by Haste and Win by Waiting"
    page = [
        part
        for pair in zip([*TITLES, title], [*ABSTRACTS, ABSTRACTS[0]], strict=True)
        for part in (pair[0], source, pair[1])
    ]
    assert texts(compact(page)) == page


def test_blocks_tell_their_first_line_and_the_blank_lines_before_it() -> None:
    lines = ["", *wrap(ABSTRACTS[0]), "", "", *wrap(ABSTRACTS[1])]
    found = list(documents("\n".join(lines))[0].blocks())
    second = len(wrap(ABSTRACTS[0])) + 4
    assert [(block.number, block.gap) for block in found] == [(2, 1), (second, 2)]


SEAMS = {
    "a blank": ("the cards", "are read", "the cards are read"),
    "a compound broken after its hyphen": ("state-of-the-", "art looms", "state-of-the-art looms"),
    "a compound with a word that also stands after suspended hyphens": ("end-", "to-end looms", "end-to-end looms"),
    "a prefix": ("pre-", "trained looms", "pre-trained looms"),
    "a suspended hyphen": ("short-", "and long-term wear", "short- and long-term wear"),
    "a word broken that stands whole elsewhere": ("the pat-", "terns of looms", "the patterns of looms"),
    "a word broken whose second half is only an ending": ("gener-", "ation of tides", "generation of tides"),
    "a compound that stands elsewhere": ("punch-", "card looms", "punch-card looms"),
    "a soft hyphen": ("gener\u00ad", "ation", "generation"),
    "a dash": ("looms -", "all of them", "looms - all of them"),
    "two hyphens for a dash": ("looms--", "all of them", "looms--all of them"),
    "a hyphen before a number": ("from 1843-", "1871", "from 1843- 1871"),
    "an address broken at its hyphen": ("https://example.org/punch-", "9ab/x.", "https://example.org/punch-9ab/x."),
    "characters that are not parted by blanks": ("織機は", "模様を織る", "織機は模様を織る"),
}


@pytest.mark.parametrize(("before", "after", "whole"), SEAMS.values(), ids=SEAMS)
def test_what_stands_between_two_lines(before: str, after: str, whole: str) -> None:
    joiner = Joiner(Words(["patterns", "punch-card", "trained", "and"]), 80)
    assert joiner.joined([before, after]) == whole


def test_an_address_cut_at_the_column_is_glued_again() -> None:
    address = "https://example.org/" + "looms/" * 20 + "punched-cards"
    page = [*PAGE, TITLES[0], f"The code is at {address} and on request."]
    assert texts(spaced(page)) == page
    assert texts(compact(page)) == page


def test_a_word_too_long_for_a_line_may_stand_out() -> None:
    page = [*ABSTRACTS, "Its pattern is " + "x" * 95 + " and no other, as we show in this paper for all looms of wood."]
    assert texts(spaced(page, 78, break_long_words=False)) == page


def test_bullets_and_wide_margins_are_no_text() -> None:
    lines = [
        line
        for text in PAGE
        for line in (*textwrap.wrap(text, 76, initial_indent="   * ", subsequent_indent="     "), "")
    ]
    assert texts(lines) == PAGE


def test_one_level_of_quotation_goes() -> None:
    lines = ["On Monday, Ada Lovelace wrote:", "", *(f"> {line}".rstrip() for line in spaced(PAGE, 76))]
    [document] = documents("\n".join(lines))
    assert document.container == "quoted wrapped text"
    assert [block.text for block in document.blocks()][1:] == PAGE
    assert list(document.blocks())[1].number == 3


UNTOUCHED = {
    "an abstract on one line": [TITLES[0], ABSTRACTS[0], TITLES[1], ABSTRACTS[1]],
    "short lines": ["Ada Lovelace", "LG", "h-index32", "123papers", "36.1ROJun 17, 2022Code", "A Title", "AIFeb 12"],
    "titles alone": TITLES * 3,
    "verses, each a line": ["Tides rise", "and looms weave", "while wheels turn", "and nobody counts"],
    "sources in small letters": [line for title in TITLES * 4 for line in (title, "arXiv.org Looms")],
    "JSON": ['{"title": "A Wheel for the Wind",', '"abstract": "Tides are told a year ahead by a machine of wheels"}'],
    "one wrapped sentence": ["Tides are told a year ahead by", "a machine of wheels."],
    "characters without white space": ["織機" * 30] * 4,
    "nothing": [],
    "blank lines": ["", " ", "\u200b", ""],
}


@pytest.mark.parametrize("lines", UNTOUCHED.values(), ids=UNTOUCHED)
def test_text_that_nothing_wrapped_comes_out_as_it_stands(lines: list[str]) -> None:
    document = documents("\n".join(lines) + "\n")[0] if any(lines) else None
    found = list(document.blocks()) if document else []
    assert found == list(plain.blocks(lines))


def test_wrapped_text_is_read_a_paragraph_at_a_time() -> None:
    page = compact(PAGE * 3)
    taken = 0

    def endless():
        nonlocal taken
        while True:
            for line in page:
                taken += 1
                yield line

    shape = plain.shape_of(endless)
    taken = 0
    assert [block.text for block in islice(shape.blocks(), len(PAGE))] == PAGE
    assert taken < 3 * len(page)


WORDS = st.text(st.characters(categories=("Lu", "Ll", "Nd")), min_size=1, max_size=12)
PARAGRAPHS = st.lists(st.lists(WORDS, min_size=1, max_size=60).map(" ".join), min_size=1, max_size=4)


@settings(max_examples=60, deadline=None)
@given(paragraphs=PARAGRAPHS, width=st.sampled_from(WIDTHS))
def test_any_paragraphs_with_blank_lines_between_come_back(paragraphs: list[str], width: int) -> None:
    lines = spaced(paragraphs, width)
    wrapping = wrapped.Wrapping(width, spaced=True, joiner=Joiner(Words(), width))
    assert [block.text for block in wrapped.blocks(lines, wrapping)] == paragraphs


ODD_LINES = ["", *compact(PAGE), "> quoted", "  * a bullet", "x" * 200, "compound-", "36.1ROJun 17, 2022Code"]
LINES = st.lists(
    st.one_of(
        st.text(max_size=100),
        st.sampled_from(ODD_LINES),
    ),
    max_size=30,
)


def letters(texts_: list[str]) -> str:
    kept = "".join(texts_).replace("\u00ad", "").replace("-", "").replace("\ufeff", "").replace("\u200b", "")
    return "".join(char for char in kept if not char.isspace())


@settings(max_examples=150, deadline=None)
@given(lines=LINES, spaced_out=st.booleans(), width=st.sampled_from([40, 80]))
def test_nothing_but_blanks_and_hyphens_is_lost_or_added(lines: list[str], spaced_out: bool, width: int) -> None:
    lines = [line.replace("\n", " ") for line in lines]
    joiner = Joiner(Words.of(lines), width)
    wrapping = wrapped.Wrapping(width, spaced_out, frozenset({"a date"}), True, joiner=joiner)
    found = list(wrapped.blocks(lines, wrapping))
    assert letters([block.text for block in found]) == letters(lines)
    assert all(block.text == " ".join(block.text.split()) != "" for block in found)
    assert [block.number for block in found] == sorted({block.number for block in found})


@settings(max_examples=150, deadline=None)
@given(lines=LINES)
def test_any_text_is_read_to_its_end(lines: list[str]) -> None:
    lines = [line.replace("\n", " ") for line in lines]
    for block in plain.shape_of(lambda: iter(lines)).blocks():
        assert isinstance(block, Block)
        assert 1 <= block.number <= len(lines)


@pytest.mark.slow
@pytest.mark.parametrize(
    "lines",
    [["a b " * 1_250_000], ["word " * 15 + "end"] * 200_000, compact(PAGE) * 2_000, ["(" * 79] * 100_000],
    ids=["5 MB in one line", "200,000 full lines", "a long compact page", "brackets"],
)
def test_long_texts_take_time_in_proportion(lines: list[str]) -> None:
    start = time.process_time()
    size = sum(map(len, lines))
    assert sum(len(block.text) for block in plain.shape_of(lambda: iter(lines)).blocks()) > size // 2
    assert time.process_time() - start < 4 + size / 400_000
