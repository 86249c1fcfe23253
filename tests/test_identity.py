"""Which paper a listing is, and what a later listing adds to it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.identity import Context, Plan, completed, decide, keys
from digest.models import Identifiers, Listing, Paper

MONDAY = Context(date(2026, 6, 15), "Page", "inbox", baseline=False)
WEDNESDAY = Context(date(2026, 6, 17), "Other page", "inbox", baseline=False)


def listing(title: str = "A Study of Things", **fields: object) -> Listing:
    return Listing(title=title, layout=str(fields.pop("layout", "jsonl")), **fields)  # type: ignore[arg-type]


def planned(listings: list[Listing], known: list[Paper] | None = None, context: Context = MONDAY) -> Plan:
    listed = [keys(item) for item in listings]
    stored = [(keys(listing(paper.title)).title, paper) for paper in known or []]
    return decide(listings, listed, stored, context, next_id=1 + max((paper.id for paper in known or []), default=0))


def are_one(first: Listing, second: Listing) -> bool:
    plan = planned([first, second])
    return len(plan.added) == 1


SAME = {
    "equal titles": (listing("One Title"), listing("One Title")),
    "case, punctuation and spacing": (listing("GenShin:geometry-enhanced"), listing("Genshin: Geometry Enhanced")),
    "accents": (listing("Café Models"), listing("Cafe models")),
    "TeX": (listing(r"$Q\sharp$: Optimal RL"), listing("Q♯: optimal RL")),
    "one arXiv id, other titles": (
        listing("Old Title", identifiers=Identifiers(arxiv="2606.00001")),
        listing("New Title", identifiers=Identifiers(arxiv="2606.00001")),
    ),
    "one DOI, other titles": (
        listing("Old Title", identifiers=Identifiers(doi="10.1/x")),
        listing("New Title", identifiers=Identifiers(doi="10.1/x")),
    ),
    "an author as initials": (listing(authors=("Ada Lovelace",)), listing(authors=("A. Lovelace", "Alan Turing"))),
    "an author in the other order": (listing(authors=("Lovelace, Ada",)), listing(authors=("Ada Lovelace",))),
    "a family name first": (listing(authors=("Li Wei",)), listing(authors=("Wei Li",))),
    "authors on one side only": (listing(authors=("Ada Lovelace",)), listing()),
    "the page's author beyond et al.": (listing(authors=("Ada Lovelace",)), listing(page_author="Alan Turing")),
}
DIFFERENT = {
    "other titles": (listing("One Title"), listing("Another Title")),
    "contradicting arXiv ids": (
        listing(identifiers=Identifiers(arxiv="2606.00001")),
        listing(identifiers=Identifiers(arxiv="2606.00002")),
    ),
    "contradicting DOIs": (
        listing(identifiers=Identifiers(doi="10.1/x")),
        listing(identifiers=Identifiers(doi="10.1/y")),
    ),
    "one DOI but contradicting arXiv ids": (
        listing(identifiers=Identifiers(arxiv="2606.00001", doi="10.1/x")),
        listing(identifiers=Identifiers(arxiv="2606.00002", doi="10.1/x")),
    ),
    "nobody in common": (listing(authors=("Ada Lovelace",)), listing(authors=("Grace Hopper",))),
    "a namesake with another initial": (listing(authors=("Ada Lovelace",)), listing(authors=("Byron Lovelace",))),
    "a page author whom a complete list lacks": (
        listing(authors=("Ada Lovelace",), authors_complete=True),
        listing(page_author="Grace Hopper"),
    ),
}


@pytest.mark.parametrize(("first", "second"), SAME.values(), ids=SAME.keys())
def test_one_paper(first: Listing, second: Listing) -> None:
    assert are_one(first, second)
    assert are_one(second, first)


@pytest.mark.parametrize(("first", "second"), DIFFERENT.values(), ids=DIFFERENT.keys())
def test_different_papers(first: Listing, second: Listing) -> None:
    assert not are_one(first, second)
    assert not are_one(second, first)


def stored(**fields: object) -> Paper:
    return replace(planned([listing(**fields)]).added[0], id=1)  # type: ignore[arg-type]


def test_a_new_paper_is_new_news() -> None:
    plan = planned([listing()])
    assert plan.news == [(1, "new")]
    assert [sighting.paper_id for sighting in plan.sightings] == [1]


def test_a_listing_that_adds_nothing_makes_no_news_and_no_revision() -> None:
    plan = planned([listing()], [stored()])
    assert plan.news == []
    assert plan.changed == []


def test_authors_that_were_missing_complete_the_paper() -> None:
    plan = planned([listing(authors=("Ada Lovelace",), authors_complete=True)], [stored()], WEDNESDAY)
    assert plan.news == [(1, "completed")]
    assert plan.changed[0].revision == 2
    assert plan.changed[0].changed == WEDNESDAY.on
    assert plan.superseded[0].revision == 1


def test_another_page_is_news_but_no_change_of_what_readers_see() -> None:
    plan = planned([listing()], [stored()], WEDNESDAY)
    assert plan.news == [(1, "completed")]
    assert plan.changed[0].changed == MONDAY.on


def test_a_higher_score_is_news_and_a_lower_one_is_not() -> None:
    known = stored(score=5.0, layout="scholarfeed")
    assert planned([listing(score=7.0, layout="scholarfeed")], [known]).news == [(1, "completed")]
    assert planned([listing(score=3.0, layout="scholarfeed")], [known]).news == []


def test_a_paper_listed_twice_in_one_dump_is_one_new_paper_with_both_sightings() -> None:
    plan = planned([listing(), listing(authors=("Ada Lovelace",))])
    assert len(plan.added) == 1
    assert plan.added[0].authors == ("Ada Lovelace",)
    assert plan.news == [(1, "new")]
    assert len(plan.sightings) == 2


def test_a_listing_that_says_replaced_makes_replaced_news_of_a_known_paper() -> None:
    assert ("replaced") in [kind for _, kind in planned([listing(announced="replaced")], [stored()]).news]


COMPLETIONS = {
    "a cut abstract grows": (
        {"abstract": "We study th…"},
        {"abstract": "We study the thing."},
        "abstract",
        "We study the thing.",
    ),
    "an abstract never shrinks": (
        {"abstract": "We study the thing."},
        {"abstract": "We study"},
        "abstract",
        "We study the thing.",
    ),
    "another abstract does not replace": (
        {"abstract": "One text."},
        {"abstract": "A longer other text."},
        "abstract",
        "One text.",
    ),
    "et al. grows": (
        {"authors": ("A B",)},
        {"authors": ("A B", "C D"), "authors_complete": True},
        "authors",
        ("A B", "C D"),
    ),
    "initials say less": (
        {"authors": ("Ada Lovelace",)},
        {"authors": ("A. Lovelace",), "authors_complete": True},
        "authors",
        ("Ada Lovelace",),
    ),
    "a longer list that leaves somebody out": ({"authors": ("A B",)}, {"authors": ("C D", "E F")}, "authors", ("A B",)),
    "a complete list stays": (
        {"authors": ("A B",), "authors_complete": True},
        {"authors": ("A B", "C D")},
        "authors",
        ("A B",),
    ),
    "categories unite": ({"categories": ("cs.LG",)}, {"categories": ("cs.AI",)}, "categories", ("cs.LG", "cs.AI")),
    "a whole category takes the bare one's place": (
        {"categories": ("LG",)},
        {"categories": ("cs.LG",)},
        "categories",
        ("cs.LG",),
    ),
    "a bare category adds nothing": ({"categories": ("cs.LG",)}, {"categories": ("LG",)}, "categories", ("cs.LG",)),
    "code once seen stays seen": ({"has_code": True}, {"has_code": False}, "has_code", True),
    "an identifier fills": ({}, {"identifiers": Identifiers(doi="10.1/x")}, "identifiers", Identifiers(doi="10.1/x")),
}


@pytest.mark.parametrize(("before", "told", "name", "after"), COMPLETIONS.values(), ids=COMPLETIONS.keys())
def test_completion(before: dict[str, object], told: dict[str, object], name: str, after: object) -> None:
    assert getattr(completed(stored(**before), listing(**told), MONDAY), name) == after


words = st.sampled_from(["alpha", "beta", "gamma", "delta"])
listings = st.builds(
    Listing,
    title=st.lists(words, min_size=1, max_size=2).map(" ".join),
    layout=st.sampled_from(["jsonl", "scholarfeed"]),
    abstract=st.none() | st.just("Alpha studies beta."),
    # Two teams: who is on both would make one paper of two, depending on who comes first.
    authors=st.sampled_from([(), ("Ada Lovelace",), ("A. Lovelace", "G. Hopper"), ("Alan Turing",)]),
    authors_complete=st.booleans(),
    score=st.none() | st.sampled_from([1.0, 2.0]),
    identifiers=st.builds(Identifiers, arxiv=st.none() | st.sampled_from(["2606.00001", "2606.00002"])),
    announced=st.none() | st.just("new"),
)


@given(st.lists(listings, max_size=8))
def test_taking_in_the_same_listings_twice_changes_nothing(found: list[Listing]) -> None:
    first = planned(found)
    again = planned(found, first.added)
    assert [sighting.paper_id for sighting in again.sightings] == [sighting.paper_id for sighting in first.sightings]
    assert again.added == []
    assert again.changed == []
    assert again.news == []


@given(listings, listings)
def test_completing_never_shortens(first: Listing, second: Listing) -> None:
    before = planned([first]).added[0]
    after = completed(before, second, WEDNESDAY)
    assert len(after.abstract or "") >= len(before.abstract or "")
    assert len(after.authors) >= len(before.authors)
    assert set(after.pages) >= set(before.pages)
    assert (after.score or 0) >= (before.score or 0)
