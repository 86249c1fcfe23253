"""What a page's embedded JSON adds to the listings of its text: identifiers, and fields that the text does not show.

A listing and an object belong together where their titles have one key. What the text says stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from digest.layouts.base import Event
from digest.layouts.jsonl import JsonLines
from digest.layouts.links import linked
from digest.models import Identifiers, Listing
from digest.text import title_key

_NAMING = ("identifiers", "id", "arxiv_id", "doi", "abs", "url", "link", "pdf")
_TOLD = ("title", *_NAMING, "abstract", "summary", "authors", "published", "publishedAt", "date")
_READER = JsonLines(sites=())


def completed(events: Iterable[Event], embedded: Iterable[Mapping[str, Any]], on: date) -> Iterator[Event]:
    """Yield the events with what JSON objects tell of their listings, of the same title, and the text does not."""
    known = _by_title(embedded, on)
    for event in events:
        found = known.get(title_key(event.title)) if known and isinstance(event, Listing) else None
        yield _filled(event, found) if found and isinstance(event, Listing) else event


def _by_title(embedded: Iterable[Mapping[str, Any]], on: date) -> dict[str, Listing | None]:
    """Return what the objects tell by title keys; None where two name different papers."""
    known: dict[str, Listing | None] = {}
    for entry in embedded:
        if found := _read(entry, on):
            key = title_key(found.title)
            known[key] = _merged(known[key], found) if key in known else found
    return known


def _read(entry: Mapping[str, Any], on: date) -> Listing | None:
    """Return an object as a listing; where a field is of a wrong type, with its title and what names it alone."""
    paper = entry.get("paper")
    row = {**entry, **paper} if isinstance(paper, dict) else entry
    told = {name: row[name] for name in _TOLD if name in row}
    naming = {name: value for name, value in told.items() if name in _NAMING and isinstance(value, str)}
    for attempt in (told, {"title": told.get("title"), **naming}):
        found = next((event for event in _READER.events(attempt, 0, on) if isinstance(event, Listing)), None)
        if found:
            return _with_links(found, naming.values())
    return None


def _with_links(found: Listing, told: Iterable[str]) -> Listing:
    """Return the listing with what relative addresses name, which only a page's own JSON holds."""
    if found.identifiers.arxiv:
        return found
    arxiv = next((named.arxiv for named in map(linked, told) if named and named.arxiv), None)
    return replace(found, identifiers=replace(found.identifiers, arxiv=arxiv))


def _merged(one: Listing | None, other: Listing) -> Listing | None:
    """Return what two objects of one title tell together, None where they name different papers."""
    if one is None:
        return None
    ours, theirs = one.identifiers, other.identifiers
    if ours.arxiv and theirs.arxiv and ours.arxiv != theirs.arxiv:
        return None
    return None if ours.doi and theirs.doi and ours.doi != theirs.doi else _filled(one, other)


def _filled(listing: Listing, more: Listing) -> Listing:
    """Return the listing with what it lacks and ``more`` has, unless they name different papers."""
    own, told = listing.identifiers, more.identifiers
    if own.arxiv and told.arxiv and own.arxiv != told.arxiv:
        return listing
    named = Identifiers(own.arxiv or told.arxiv, own.doi or told.doi, own.url or told.url)
    filled = replace(listing, identifiers=named, published=listing.published or more.published)
    if more.abstract and not listing.abstract:
        filled = replace(filled, abstract=more.abstract, links=more.links)
    if more.authors and not listing.authors:
        filled = replace(filled, authors=more.authors, authors_complete=more.authors_complete)
    return filled
