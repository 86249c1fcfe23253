"""Decides which paper each listing is: ``keys(listing)``, then ``decide(listings, known papers)`` → a plan of changes.

Nothing here touches the store. The rules, in order: an equal arXiv id (version dropped) or DOI is the same paper, and
contradicting ones are different papers; else an equal title key is the same paper, unless the authors contradict.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from digest.identity.completing import Context, completed, first
from digest.identity.people import nobody_in_common
from digest.models import Listing, NewsKind, Paper
from digest.text import title_key

_MOST_NAMESAKES = 500  # a listing is compared to so many papers of its title: a title of more of them names none

# Fields that rules search: a listing that fills or extends one makes news (decision 1).
_SEARCHED = (
    "authors", "abstract", "categories", "page_authors", "affiliations", "venue", "has_code",
    "published", "scores", "layouts", "pages", "sources", "announced",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Keys:
    """What a listing can be recognised by."""

    title: str
    arxiv: str | None
    doi: str | None


@dataclass(frozen=True, slots=True)
class Sighting:
    """Listing number ``position`` (from 0) of the dump is the paper."""

    position: int
    paper_id: int
    score: float | None
    announced: str | None


@dataclass(slots=True)
class Plan:
    """What taking in some listings changes; paper ids of added papers count up from the ``next_id`` given."""

    added: list[Paper] = field(default_factory=list)
    title_keys: dict[int, str] = field(default_factory=dict)  # of the added ones
    changed: list[Paper] = field(default_factory=list)
    superseded: list[Paper] = field(default_factory=list)  # the changed ones as they were
    sightings: list[Sighting] = field(default_factory=list)
    news: list[tuple[int, NewsKind]] = field(default_factory=list)  # in order; none twice


def keys(listing: Listing) -> Keys:
    """Return the listing's keys."""
    own = listing.identifiers
    return Keys(title_key(listing.title), own.arxiv, own.doi)


def decide(
    listings: Sequence[Listing],
    listed: Sequence[Keys],
    known: Iterable[tuple[str, Paper]],
    context: Context,
    *,
    next_id: int,
    first_position: int = 0,
) -> Plan:
    """Return the plan for consecutive listings of one dump.

    ``listed`` holds their keys, ``known`` every stored paper that shares one (with its title key).
    """
    return _Decider(known, context, next_id).plan(listings, listed, first_position)


class _Decider:
    """The papers in sight, by their keys, and what has become of them so far."""

    def __init__(self, known: Iterable[tuple[str, Paper]], context: Context, next_id: int) -> None:
        self.context = context
        self.next_id = next_id
        self.title_keys: dict[int, str] = {}
        self.papers: dict[int, Paper] = {}
        self.before: dict[int, Paper] = {}
        self.replaced: set[int] = set()
        self.by_title: dict[str, list[int]] = defaultdict(list)
        self.by_arxiv: dict[str, list[int]] = defaultdict(list)
        self.by_doi: dict[str, list[int]] = defaultdict(list)
        for key, paper in sorted(known, key=lambda pair: pair[1].id):
            self.before[paper.id] = paper
            self._put(paper)
            self.by_title[key].append(paper.id)

    def plan(self, listings: Sequence[Listing], listed: Sequence[Keys], first_position: int) -> Plan:
        plan = Plan(title_keys=self.title_keys)
        for position, (listing, own) in enumerate(zip(listings, listed, strict=True), first_position):
            paper = self._find(listing, own)
            paper_id = self._add(listing, own) if paper is None else self._complete(paper, listing)
            plan.sightings.append(Sighting(position, paper_id, listing.score, listing.announced))
        self._conclude(plan)
        return plan

    def _find(self, listing: Listing, own: Keys) -> Paper | None:
        """Return the paper that the listing is, or None; of several, the first known."""
        for index, key in ((self.by_arxiv, own.arxiv), (self.by_doi, own.doi)):
            for paper_id in index.get(key, ()) if key else ():
                if index is self.by_arxiv or not _other_arxiv(self.papers[paper_id], own):
                    return self.papers[paper_id]
        for paper_id in self.by_title.get(own.title, ())[:_MOST_NAMESAKES]:
            paper = self.papers[paper_id]
            if not (_other_identifiers(paper, own) or _authors_contradict(paper, listing)):
                return paper
        return None

    def _add(self, listing: Listing, own: Keys) -> int:
        paper = first(self.next_id, listing, self.context)
        self.next_id += 1
        self._put(paper)
        self.by_title[own.title].append(paper.id)
        self.title_keys[paper.id] = own.title
        return paper.id

    def _complete(self, paper: Paper, listing: Listing) -> int:
        fuller = completed(paper, listing, self.context)
        if fuller is not paper:
            self._put(fuller)
        if listing.announced == "replaced" and paper.id in self.before:
            self.replaced.add(paper.id)
        return paper.id

    def _put(self, paper: Paper) -> None:
        self.papers[paper.id] = paper
        for index, key in ((self.by_arxiv, paper.identifiers.arxiv), (self.by_doi, paper.identifiers.doi)):
            if key and paper.id not in index[key]:
                index[key].append(paper.id)

    def _conclude(self, plan: Plan) -> None:
        for paper_id in sorted(self.papers):
            paper, before = self.papers[paper_id], self.before.get(paper_id)
            if before is None:
                plan.added.append(paper)
                plan.news.append((paper_id, "new"))
                continue
            if paper is not before:
                plan.changed.append(replace(paper, revision=before.revision + 1))
                plan.superseded.append(before)
                if any(getattr(paper, name) != getattr(before, name) for name in _SEARCHED):
                    plan.news.append((paper_id, "completed"))
            if paper_id in self.replaced:
                plan.news.append((paper_id, "replaced"))


def _other_arxiv(paper: Paper, own: Keys) -> bool:
    return bool(own.arxiv and paper.identifiers.arxiv and own.arxiv != paper.identifiers.arxiv)


def _other_identifiers(paper: Paper, own: Keys) -> bool:
    return _other_arxiv(paper, own) or bool(own.doi and paper.identifiers.doi and own.doi != paper.identifiers.doi)


def _authors_contradict(paper: Paper, listing: Listing) -> bool:
    """Say whether the authors speak against the listing being the paper: both sides name some, and nobody in common.

    A page's author is one of a paper's authors, so a page speaks against a complete list that lacks its author. (A
    doubtful split of title and authors needs no care: where the titles are equal, the split was right.)
    """
    theirs = listing.authors
    if paper.authors and theirs:
        return nobody_in_common(paper.authors, theirs)
    if paper.authors and paper.authors_complete and listing.page_author:
        return nobody_in_common(paper.authors, (listing.page_author,))
    if theirs and listing.authors_complete and paper.page_authors:
        return nobody_in_common(theirs, paper.page_authors)
    return False
