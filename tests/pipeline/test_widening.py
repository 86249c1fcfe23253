"""Which wider rule is offered, and for which rules."""

from __future__ import annotations

from datetime import date

import pytest

from digest.models import Paper, Rule
from digest.pipeline.matching import RuleSet
from digest.pipeline.widening import Widener

ON = date(2026, 6, 15)


def offered(titles: list[str], *queries: str, exclude: tuple[str, ...] = ()) -> list[tuple[str, str, int]]:
    """Return (rule, wider rule, papers) as they are offered."""
    papers = [Paper(number, 1, title, ON, ON) for number, title in enumerate(titles, 1)]
    rules = RuleSet(tuple(Rule(query) for query in queries), exclude)
    return [(own.instead_of.query, own.query, own.count) for own in Widener(papers).offers([rules])]


# Titles, rules, and what is offered.
OFFERS: dict[str, tuple[list[str], list[str], list[tuple[str, str, int]]]] = {
    "a prefix": (["Tidally Locked"], ["tidal"], [("tidal", "tidal*", 1)]),
    "the one that brings the most": (
        ["Engine, Tidal", "Tidal Engineering", "The Tidal Engineers"],
        ['"tidal engine"'],
        [('"tidal engine"', '"tidal engine*"', 2)],
    ),
    "another spelling before what brings more": (
        ["Color", "Colourful", "Colourless"],
        ["colour"],
        [("colour", "colour OR color", 1)],
    ),
    "without a part, where no term can be widened": (
        ["Tidal Power", "Tidal Waves"],
        ["tidal submarine"],
        [("tidal submarine", "tidal", 2)],
    ),
    "a term rather than without a part": (
        ["Tidal Submarines", "Submarine One", "Submarine Two"],
        ["tidal =submarine"],
        [("tidal =submarine", "tidal AND submarine", 1)],
    ),
    "nothing near": (["Unrelated"], ["tidal"], []),
    "nothing for what is offered already": (["Tidally Locked"], ["tidal", "tidal"], [("tidal", "tidal*", 1)]),
    "not what another rule brings": (["Tidally Locked"], ["tidal", "locked"], []),
    "for three rules at most": (
        ["Tidally", "Quantumly", "Spectrally", "Thermally"],
        ["tidal", "quantum", "spectral", "thermal"],
        [("tidal", "tidal*", 1), ("quantum", "quantum*", 1), ("spectral", "spectral*", 1)],
    ),
    "past rules without any": (["Tidally"], ["zebra", "okapi", "tidal"], [("tidal", "tidal*", 1)]),
}


@pytest.mark.parametrize(("titles", "queries", "expected"), OFFERS.values(), ids=OFFERS)
def test_a_wider_rule_is_offered(titles: list[str], queries: list[str], expected: list[tuple[str, str, int]]) -> None:
    assert offered(titles, *queries) == expected


@pytest.mark.parametrize(("many", "found"), [(20, 1), (21, 0)])
def test_twenty_papers_are_a_few_and_more_are_not(many: int, found: int) -> None:
    assert len(offered([f"Tidally Locked {number}" for number in range(many)], "tidal")) == found


def test_what_is_excluded_does_not_count() -> None:
    titles = ["Tidally Locked", "Tidally Locked: A Survey"]
    assert offered(titles, "tidal", exclude=("survey",)) == [("tidal", "tidal*", 1)]


def test_a_rule_that_is_too_long_to_be_shown_whole_is_not_offered() -> None:
    long = "tidal OR " + " OR ".join(f"zebra{number}" for number in range(60))
    assert offered(["Tidally Locked"], long) == []


def test_three_titles_stand_for_all() -> None:
    papers = [Paper(number, 1, "Tidally Locked", ON, ON) for number in range(5)]
    (offer,) = Widener(papers).offers([RuleSet((Rule("tidal"),))])
    assert (offer.count, [paper.id for paper in offer.papers]) == (5, [0, 1, 2])
