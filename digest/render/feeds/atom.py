"""Atom documents (RFC 4287) by feedgen, which ships no types and is used nowhere else.

feedgen takes the present time where no ``updated`` is given, puts later entries first, fails on control characters and
lets any link pass: everything it gets here is explicit, cleaned, and in its final order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from feedgen.feed import FeedGenerator

from digest.models import FeedEntry
from digest.render.excerpt import whole
from digest.render.links import title_link, web_address
from digest.render.papers import paper_view, shown_title
from digest.render.templates import Templates
from digest.render.why import abstract_spans, followed, reason
from digest.render.words import NAME_LIMIT, shown, turned
from digest.text import readable, shortened

_SUMMARY = 1000  # characters


@dataclass(frozen=True, slots=True)
class About:
    """What a feed says of itself: its title, its path under the site, its identifiers, and when it last changed."""

    title: str
    path: str  # "feeds/papers.atom"
    authority: str  # of tag: identifiers (RFC 4151, section 2.1): "digest-ab12cd.example,2026-11-21"
    id_path: str  # "feeds/papers"
    updated: datetime | date


@dataclass(frozen=True, slots=True)
class Site:
    """What a feed says of its site."""

    title: str
    base_url: str
    title_search: str


def feed(site: Site, about: About, entries: Sequence[FeedEntry], templates: Templates) -> bytes:
    """Return the Atom document with the entries in their order, the same octets for the same input."""
    author = shown(site.title) or "Digest"
    document: Any = FeedGenerator()
    document.id(f"tag:{about.authority}:{about.id_path}")
    document.title(shown(about.title) or author)
    document.updated(_moment(about.updated))
    document.author({"name": author})
    document.generator("Digest")
    document.language("en")
    if base := web_address(site.base_url):
        document.link(
            [{"href": f"{base}/{about.path.lstrip('/')}", "rel": "self", "type": "application/atom+xml"}], replace=True
        )
        document.link({"href": base + "/", "rel": "alternate", "type": "text/html"})
    for entry in entries:
        _add(document, entry, site, about.authority, templates)
    return bytes(document.atom_str(pretty=True))


def _add(document: Any, entry: FeedEntry, site: Site, authority: str, templates: Templates) -> None:
    paper = entry.paper
    item: Any = document.add_entry(order="append")
    item.id(f"tag:{authority}:papers/{paper.id}")
    item.title(shown_title(paper))
    item.published(_moment(entry.published))
    item.updated(_moment(entry.updated))
    if link := title_link(paper, site.title_search):
        item.link([{"href": link, "rel": "alternate", "type": "text/html"}])
    people = [{"name": name} for name in (shown(name, NAME_LIMIT) for name in paper.authors) if name]
    if people:
        item.author(people)
    terms = [{"term": term} for term in (shown(name, NAME_LIMIT) for name in paper.categories) if term]
    if terms:
        item.category(terms)
    abstract = turned(readable(paper.abstract or ""))
    if abstract:
        item.summary(shortened(abstract, _SUMMARY), type="text")
    item.content(_content(entry, site, templates), type="html")


def _content(entry: FeedEntry, site: Site, templates: Templates) -> str:
    paper, matches = entry.paper, entry.matches
    return templates.render(
        "web/feed_entry.html",
        {
            "paper": paper_view(paper, followed(matches), site.title_search),
            "pieces": whole(readable(paper.abstract or ""), abstract_spans(matches)),
            "why": [(shown(match.rule, NAME_LIMIT) if match.named else "", reason(match.hits)) for match in matches],
        },
    ).strip()


def _moment(value: datetime | date) -> datetime:
    """Return a date as its beginning in UTC; a naive time is taken as UTC."""
    if not isinstance(value, datetime):
        return datetime.combine(value, time(), UTC)
    return value if value.tzinfo else value.replace(tzinfo=UTC)
