"""Decides which paper each listing is: ``keys(listing)``, then ``decide(listings, known papers)`` → a plan of changes.

Nothing here touches the store. The rules, in order: an equal arXiv id (version dropped) or DOI is the same paper, and
contradicting ones are different papers; else an equal title key is the same paper, unless the authors contradict.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from typing import Any, TypeVar

from digest.models import Identifiers, Listing, NewsKind, Paper
from digest.text import fold, title_key

T = TypeVar("T")

_WORDS = re.compile(r"\w+")
_SUFFIXES = frozenset({"jr", "sr", "ii", "iii", "iv"})
_CUT = re.compile(r"(\.\.\.|…)\s*$")
_MOST_NAMESAKES = 500  # a listing is compared to so many papers of its title: a title of more of them names none

# Fields that rules search: a listing that fills or extends one makes news (decision 1).
_SEARCHED = (
    "authors", "abstract", "categories", "page_authors", "affiliations", "venue", "has_code",
    "published", "scores", "layouts", "pages", "sources", "announced",
)  # fmt: skip
# Fields that a reader sees: only these make a paper "changed" on a date.
_SHOWN = ("authors", "abstract", "categories", "affiliations", "venue", "has_code", "published", "links", "identifiers")


@dataclass(frozen=True, slots=True)
class Keys:
    """What a listing can be recognised by."""

    title: str
    arxiv: str | None
    doi: str | None


@dataclass(frozen=True, slots=True)
class Context:
    """What a dump says of all its listings: its date, page and source, and whether it is its page's baseline."""

    on: date
    page: str
    source: str
    baseline: bool


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
            if not (_other_identifiers(paper, own) or authors_contradict(paper, listing)):
                return paper
        return None

    def _add(self, listing: Listing, own: Keys) -> int:
        paper = _first(self.next_id, listing, self.context)
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


def _first(paper_id: int, listing: Listing, context: Context) -> Paper:
    return Paper(
        id=paper_id,
        revision=1,
        title=listing.title,
        first_listed=context.on,
        changed=context.on,
        abstract=listing.abstract,
        authors=listing.authors,
        authors_complete=listing.authors_complete,
        page_authors=(listing.page_author,) if listing.page_author else (),
        affiliations=listing.affiliations,
        categories=listing.categories,
        published=listing.published,
        has_code=listing.has_code,
        venue=listing.venue,
        links=listing.links,
        identifiers=listing.identifiers,
        scores=((listing.layout, listing.score),) if listing.score is not None else (),
        layouts=(listing.layout,),
        pages=(context.page,),
        sources=(context.source,),
        announced=(listing.announced,) if listing.announced else (),
        baseline=context.baseline,
    )


def completed(paper: Paper, listing: Listing, context: Context) -> Paper:
    """Return the paper with what the listing fills or extends (never shortens); the same object if that is nothing."""
    authors, complete = _fuller_authors(paper, listing)
    fields: dict[str, Any] = {
        "abstract": _fuller_abstract(paper.abstract, listing.abstract),
        "authors": authors,
        "authors_complete": complete,
        "page_authors": _with(paper.page_authors, listing.page_author),
        "affiliations": _united(paper.affiliations, listing.affiliations),
        "categories": _united_categories(paper.categories, listing.categories),
        "published": paper.published or listing.published,
        "has_code": _fuller_flag(paper.has_code, listing.has_code),
        "venue": paper.venue or listing.venue,
        "links": _united(paper.links, listing.links),
        "identifiers": _fuller_identifiers(paper.identifiers, listing.identifiers),
        "scores": _higher_score(paper.scores, listing),
        "layouts": _with(paper.layouts, listing.layout),
        "pages": _with(paper.pages, context.page),
        "sources": _with(paper.sources, context.source),
        "announced": _with(paper.announced, listing.announced),
    }
    # What a listing adds nothing to comes back as the very same object, which most listings of known papers do.
    different = {name: value for name, value in fields.items() if value is not getattr(paper, name)}
    different = {name: value for name, value in different.items() if value != getattr(paper, name)}
    if not different:
        return paper
    if context.on > paper.changed and not different.keys().isdisjoint(_SHOWN):
        different["changed"] = context.on
    return replace(paper, **different)


def _with(old: tuple[T, ...], value: T | None) -> tuple[T, ...]:
    return old if value is None or value in old else (*old, value)


def _united(old: tuple[str, ...], new: tuple[str, ...]) -> tuple[str, ...]:
    return old if not new or old == new else tuple(dict.fromkeys((*old, *new)))


def _united_categories(old: tuple[str, ...], new: tuple[str, ...]) -> tuple[str, ...]:
    """Return both, where ``cs.LG`` takes the place of a bare ``LG``."""
    if not new or old == new:
        return old
    both = dict.fromkeys((*old, *new))
    whole = {category.rpartition(".")[2] for category in both if "." in category}
    return tuple(category for category in both if "." in category or category not in whole)


def _fuller_flag(old: bool | None, new: bool | None) -> bool | None:
    return new if old is None or new else old


def _fuller_authors(paper: Paper, listing: Listing) -> tuple[tuple[str, ...], bool]:
    """Return the longer list, if it names everybody whom the shorter one names; a complete one stays."""
    old, new = paper.authors, listing.authors
    longer = len(new) > len(old) or (listing.authors_complete and len(new) == len(old))
    if not new or paper.authors_complete or not longer or not _names_all(new, old):
        return old, paper.authors_complete
    # The same people may be told with initials, which say less.
    initials = len(new) == len(old) and sum(map(len, new)) < sum(map(len, old))
    return old if initials else new, listing.authors_complete


def _names_all(new: tuple[str, ...], old: tuple[str, ...]) -> bool:
    keys_of_new = _name_keys(new)
    return not any(_name_keys((name,)).isdisjoint(keys_of_new) for name in old)


def _fuller_abstract(old: str | None, new: str | None) -> str | None:
    """Return the new abstract where there is no old one, or where the old one is its beginning."""
    if not old or not new:
        return old or new
    if len(new) > len(old) and title_key(new).startswith(title_key(_CUT.sub("", old))):
        return new
    return old


def _fuller_identifiers(old: Identifiers, new: Identifiers) -> Identifiers:
    if old == new:
        return old
    return Identifiers(arxiv=old.arxiv or new.arxiv, doi=old.doi or new.doi, url=old.url or new.url)


def _higher_score(old: tuple[tuple[str, float], ...], listing: Listing) -> tuple[tuple[str, float], ...]:
    if listing.score is None:
        return old
    scores = dict(old)
    scores[listing.layout] = max(listing.score, scores.get(listing.layout, listing.score))
    return tuple(scores.items())


def authors_contradict(paper: Paper, listing: Listing) -> bool:
    """Say whether the authors speak against the listing being the paper: both sides name some, and nobody in common.

    A page's author is one of a paper's authors, so a page speaks against a complete list that lacks its author. (A
    doubtful split of title and authors needs no care: where the titles are equal, the split was right.)
    """
    theirs = listing.authors
    if paper.authors and theirs:
        return _nobody_in_common(paper.authors, theirs)
    if paper.authors and paper.authors_complete and listing.page_author:
        return _nobody_in_common(paper.authors, (listing.page_author,))
    if theirs and listing.authors_complete and paper.page_authors:
        return _nobody_in_common(theirs, paper.page_authors)
    return False


def _nobody_in_common(some: tuple[str, ...], others: tuple[str, ...]) -> bool:
    return _name_keys(some).isdisjoint(_name_keys(others))


@lru_cache(maxsize=4096)
def _name_keys(names: tuple[str, ...]) -> frozenset[str]:
    """Return keys under which spellings of a name meet: family name + first initial, and all words in any order."""
    found: set[str] = set()
    for name in names:
        family, comma, given = name.partition(",")
        words = [w for w in _WORDS.findall(fold(f"{given} {family}" if comma else name)) if w not in _SUFFIXES]
        if words:
            found.add(f"{words[-1]} {words[0][0]}")
            found.add(" ".join(sorted(words)))
    return frozenset(found)
