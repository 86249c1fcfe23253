"""What is older, what fits, what waits, and in which order papers come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.editions import Composition, Limits, Pool, in_order, is_older, publication
from digest.models import Identifiers, Paper

DAY = date(2026, 6, 15)
LIMITS = Limits(max_items=3, backlog_days=7)


def paper(number: int = 1, **fields: object) -> Paper:
    fields = {"first_listed": DAY, "changed": DAY} | fields
    return Paper(id=number, revision=1, title=f"Paper {number}", **fields)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Candidate:
    paper: Paper
    weight: float = 1.0
    waits_since: date | None = None


def candidate(number: int, weight: float = 1.0, waits_since: date | None = None, **fields: object) -> Candidate:
    return Candidate(paper(number, **fields), weight, waits_since)


def compose(candidates: Sequence[Candidate]) -> Composition:
    """Compose, with the papers' numbers for their places."""
    papers = in_order(one.paper for one in candidates)
    places = {paper.id: place for place, paper in enumerate(papers)}
    classes: dict[float, int] = {}
    for one in candidates:
        classes[one.weight] = classes.get(one.weight, 0) | 1 << places[one.paper.id]
    waits = {places[one.paper.id]: one.waits_since for one in candidates if one.waits_since}
    made = Pool(papers, recent_days=90).compose(classes, waits, LIMITS, DAY)
    return Composition(*(tuple(papers[place].id for place in part) for part in astuple(made)))


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
    made = compose([candidate(n, weight=n) for n in range(1, 6)])
    assert made.chosen == (5, 4, 3)
    assert made.waiting == (2, 1)


def test_of_papers_that_weigh_the_same_the_latest_come_first_then_those_known_longest() -> None:
    later = candidate(9, published=DAY)
    made = compose([candidate(2, published=date(2026, 6, 1)), candidate(3, published=date(2030, 1, 1)), later])
    assert made.chosen == (3, 9, 2)  # a date to come counts as the day of the listing


def test_older_papers_come_beyond_the_limit_and_never_wait() -> None:
    old = [candidate(n, weight=n, published=date(2020, 1, 1)) for n in range(10, 40)]
    made = compose([*old, candidate(1)])
    assert made.chosen == (1,)
    assert made.older == tuple(range(39, 9, -1))
    assert made.waiting == ()


def test_a_paper_in_the_backlog_is_never_older() -> None:
    assert compose([candidate(1, published=date(2026, 3, 16), waits_since=DAY)]).chosen == (1,)


@pytest.mark.parametrize(("days", "comes"), [(7, True), (8, False)], ids=["seven days", "eight days"])
def test_the_backlog_holds_a_paper_for_seven_days(days: int, comes: bool) -> None:
    made = compose([candidate(1, waits_since=date(2026, 6, 15 - days))])
    assert (made.chosen == (1,)) is comes
    assert (made.expired == (1,)) is not comes


def test_what_waits_competes_on_equal_terms() -> None:
    waiting = candidate(1, weight=2.0, waits_since=date(2026, 6, 10))
    made = compose([candidate(2, weight=3.0), waiting, candidate(3), candidate(4), candidate(5)])
    assert made.chosen == (2, 1, 3)
    assert made.waiting == (4, 5)


def test_scores_order_only_their_own_site_s_papers() -> None:
    tied = [
        paper(1, scores=(("scholarfeed", 1.0),)),
        paper(2, scores=(("other", 50.0),)),
        paper(3, scores=(("scholarfeed", 9.0),)),
        paper(4),
    ]
    pool = Pool(tied, recent_days=90)
    assert [tied[place].id for place in pool.ranked({1.0: 0b1111}, 0b1111)] == [3, 2, 1, 4]
    assert [tied[place].id for place in pool.ranked({1.0: 0b1110, 9.0: 0b0001}, 0b1101)] == [1, 3, 4]


@given(st.lists(st.tuples(st.integers(1, 3), st.booleans(), st.integers(0, 12)), max_size=12))
def test_every_candidate_comes_waits_or_expires_exactly_once(drawn: list[tuple[int, bool, int]]) -> None:
    made = compose(
        [
            candidate(
                number,
                weight=weight,
                published=date(2020, 1, 1) if old else None,
                waits_since=date(2026, 6, 15 - waited) if waited else None,
            )
            for number, (weight, old, waited) in enumerate(drawn)
        ]
    )
    ids = made.chosen + made.older + made.waiting + made.expired
    assert sorted(ids) == list(range(len(drawn)))
    assert len(made.chosen) <= 3
