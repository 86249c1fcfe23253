"""The sieve for one rule lets every paper pass that the rule holds for."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nested import rules_of

from digest import rules
from digest.models import Paper
from digest.rules.sieve import MOST, sieve

DAY = date(2026, 6, 15)


def paper(title: str, abstract: str | None = None) -> Paper:
    return Paper(1, 1, title, DAY, DAY, abstract=abstract, authors=("Ada Lovelace",))


TERMS = st.sampled_from(
    [
        "study",
        "boxes",
        "=study",
        "stud*",
        '"a study"',
        '"box study"~4',
        "ti:box",
        "abs:naive",
        "/x/",
        "au:ada",
        "*",
        "été",
    ]
)
RULES = rules_of(TERMS, most=6)
PIECES = [
    "study",
    "Studies",
    "BOX",
    "boxes",
    "a",
    'na\\"ive',
    "naïve",
    "st\x07udy",
    "st\u00adudy",
    "$x$",
    "b{ox}",
    "-",
    "\n",
]
TEXTS = st.lists(st.sampled_from(PIECES), max_size=5).map(" ".join)


@given(RULES, TEXTS, st.none() | TEXTS)
def test_a_paper_that_matches_passes(written: str, title: str, abstract: str | None):
    query, read = rules.parse(written), paper(title or "x", abstract)
    assert sieve(query)(read) or not rules.Index([read]).match(query)


@pytest.mark.parametrize(
    ("rule", "passes"),
    {
        "another word": ("survey", False),
        "a plural of another beginning": ("studies", True),
        "one of two words": ("study survey", False),
        "a word and an author": ("au:ada survey", False),
        "either of two words": ("survey OR study", True),
        "neither of two words": ("survey OR review", False),
        "the author of no word": ("au:turing", True),
        "what is excluded": ("NOT study", True),
        "too many words": (" OR ".join(f"survey{n}" for n in range(MOST + 1)), True),
    }.values(),
)
def test_a_paper_without_the_letters_is_held_back(rule: str, passes: bool):
    assert sieve(rules.parse(rule))(paper("A Study of Sleep")) is passes


def test_what_is_not_read_as_it_stands_passes():
    assert all(sieve(rules.parse("survey"))(paper(title)) for title in ("S\\'urvey", "Naïve", "sur\x07vey", "$x$"))
