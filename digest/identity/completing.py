"""What a listing adds to the paper it is: it fills and extends, and never shortens."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, TypeVar

from digest.identity.people import names_all
from digest.models import Identifiers, Listing, Paper
from digest.text import title_key

T = TypeVar("T")

_CUT = re.compile(r"(\.\.\.|…)\s*$")
# Fields that a reader sees: only these make a paper "changed" on a date.
_SHOWN = ("authors", "abstract", "categories", "affiliations", "venue", "has_code", "published", "links", "identifiers")


@dataclass(frozen=True, slots=True)
class Context:
    """What a dump says of all its listings: its date, page and source, and whether it is its page's baseline."""

    on: date
    page: str
    source: str
    baseline: bool


def first(paper_id: int, listing: Listing, context: Context) -> Paper:
    """Return a new paper, of which the listing tells all that is known."""
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
    if not different.keys().isdisjoint(_SHOWN):
        later = context.on > paper.changed
        different |= {"changed": context.on, "edits": 0} if later else {"edits": paper.edits + 1}
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
    if not new or paper.authors_complete or not longer or not names_all(new, old):
        return old, paper.authors_complete
    # The same people may be told with initials, which say less.
    initials = len(new) == len(old) and sum(map(len, new)) < sum(map(len, old))
    return old if initials else new, listing.authors_complete


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
