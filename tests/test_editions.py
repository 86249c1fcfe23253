"""What is older, what fits, what waits, and in which order papers come."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.editions import Candidate, Limits, compose, is_older, publication, ranked
from digest.models import Identifiers, Match, Paper

DAY = date(2026, 6, 15)
LIMITS = Limits(max_items=3, recent_days=90, backlog_days=7)


def paper(number: int = 1, **fields: object) -> Paper:
    fields = {"first_listed": DAY, "changed": DAY} | fields
    return Paper(id=number, revision=1, title=f"Paper {number}", **fields)  # type: ignore[arg-type]


def candidate(number: int, weight: float = 1.0, waits_since: date | None = None, **fields: object) -> Candidate:
    match = Match(rule="r", named=False, people=False, weight=weight)
    return Candidate(paper(number, **fields), (match,), waits_since)


OLDER = {
    "published 91 days before": (paper(published=date(2026, 3, 16)), True),
    "published 90 days before": (paper(published=date(2026, 3, 17)), False),
    "published in the future": (paper(published=date(2027, 1, 1)), False),
    "an arXiv id of years ago": (paper(identifiers=Identifiers(arxiv="1706.03762")), True),
    "an arXiv id of last century": (paper(identifiers=Identifiers(arxiv="hep-th/9901001")), True),
    "an arXiv id of this month": (paper(identifiers=Identifiers(arxiv="2606.00001")), False),
    "an arXiv id of the month that ended 76 days before": (paper(identifiers=Identifiers(arxiv="2603.00001")), False),
    "a date speaks before the id": (paper(published=DAY, identifiers=Identifiers(arxiv="1706.03762")), False),
    "no date, on its page's baseline": (paper(baseline=True), True),
    "no date, later": (paper(), False),
    "a date on its page's baseline": (paper(published=DAY, baseline=True), False),
    "an id with a month 13": (paper(identifiers=Identifiers(arxiv="2613.00001")), False),
}


@pytest.mark.parametrize(("found", "older"), OLDER.values(), ids=OLDER.keys())
def test_older(found: Paper, older: bool) -> None:
    assert is_older(found, 90) is older


def test_an_arxiv_id_tells_the_last_day_of_its_month() -> None:
    assert publication(paper(identifiers=Identifiers(arxiv="2402.00001"))) == date(2024, 2, 29)


def test_the_best_papers_come_and_the_rest_waits() -> None:
    made = compose([candidate(n, weight=n) for n in range(1, 6)], LIMITS, DAY)
    assert [entry.paper.id for entry in made.entries] == [5, 4, 3]
    assert [(found.id, since) for found, since in made.waiting] == [(2, DAY), (1, DAY)]


def test_older_papers_come_last_beyond_the_limit_and_never_wait() -> None:
    old = [candidate(n, published=date(2020, 1, 1)) for n in range(10, 40)]
    made = compose([*old, candidate(1)], LIMITS, DAY)
    assert [entry.older for entry in made.entries] == [False] + [True] * 30
    assert made.waiting == ()


def test_a_paper_in_the_backlog_is_never_older() -> None:
    made = compose([candidate(1, published=date(2026, 3, 16), waits_since=DAY)], LIMITS, DAY)
    assert not made.entries[0].older


@pytest.mark.parametrize(("days", "comes"), [(7, True), (8, False)], ids=["seven days", "eight days"])
def test_the_backlog_holds_a_paper_for_seven_days(days: int, comes: bool) -> None:
    made = compose([candidate(1, waits_since=date(2026, 6, 15 - days))], LIMITS, DAY)
    assert bool(made.entries) is comes
    assert bool(made.expired) is not comes


def test_scores_order_only_their_own_site_s_papers() -> None:
    tied = [
        candidate(1, scores=(("scholarfeed", 1.0),)),
        candidate(2, scores=(("other", 50.0),)),
        candidate(3, scores=(("scholarfeed", 9.0),)),
        candidate(4),
    ]
    assert [found.paper.id for found in ranked(tied)] == [3, 2, 1, 4]


@given(st.lists(st.tuples(st.integers(1, 3), st.booleans(), st.integers(0, 12)), max_size=12))
def test_every_candidate_comes_waits_or_expires_exactly_once(drawn: list[tuple[int, bool, int]]) -> None:
    candidates = [
        candidate(
            number,
            weight=weight,
            published=date(2020, 1, 1) if old else None,
            waits_since=date(2026, 6, 15 - waited) if waited else None,
        )
        for number, (weight, old, waited) in enumerate(drawn)
    ]
    made = compose(candidates, LIMITS, DAY)
    ids = [e.paper.id for e in made.entries] + [p.id for p, _ in made.waiting] + [p.id for p in made.expired]
    assert sorted(ids) == list(range(len(drawn)))
    assert sum(not entry.older for entry in made.entries) <= 3
