"""A paper as an entry of a feed: who wrote it, what it is about, where it is, and why it is there."""

from __future__ import annotations

import re
from collections.abc import Iterator

from markupsafe import escape

from digest.feeds import published, updated
from digest.keeping import kept
from digest.models import FeedEntry, Paper
from digest.render.excerpt import whole
from digest.render.feeds.item import Category, Item, Related
from digest.render.feeds.safe import cleaned
from digest.render.links import CODE, site_addresses
from digest.render.papers import PaperView, full_category, paper_view
from digest.render.templates import Templates
from digest.render.why import abstract_spans, followed, reason
from digest.render.words import NAME_LIMIT, all_shown, shown, turned
from digest.text import readable, shortened

_SUMMARY = 1000  # characters
_ARXIV = "http://arxiv.org/schemas/atom"  # the scheme of the same terms in arXiv's own feeds (its API manual, 3.3.2.8)
# https://arxiv.org/category_taxonomy: archives, with or without a subject class.
_ARXIV_TERM = re.compile(
    r"(?:astro-ph|cond-mat|cs|econ|eess|gr-qc|hep-(?:ex|lat|ph|th)|math(?:-ph)?|nlin|nucl-(?:ex|th)|physics|q-bio|q-fin"
    r"|quant-ph|stat)(?:\.[A-Za-z-]+)?"
)


def paper_item(entry: FeedEntry, authority: str, title_search: str, templates: Templates) -> Item:
    """Return what the entry of a paper says; ``authority`` is that of its tag: identifier (RFC 4151, section 2.1)."""
    paper = entry.paper
    again = f"/revisions/{entry.again}" if entry.again else ""
    abstract = readable(paper.abstract or "")
    view = paper_view(paper, followed(entry.matches), title_search)
    return Item(
        id=f"tag:{authority}:papers/{paper.id}{again}",
        title=view.title,
        url=view.url,
        published=published(paper),
        updated=updated(paper, entry.again),
        content=cleaned(_content(entry, view, abstract, templates)) or f"<p>{escape(view.title)}</p>",
        summary=shortened(turned(abstract), _SUMMARY),
        authors=tuple(filter(None, all_shown(paper.authors))),
        categories=tuple(_categories(paper, authority)),
        related=tuple(_related(paper, view)),
    )


def _categories(paper: Paper, authority: str) -> Iterator[Category]:
    for term in dict.fromkeys([full_category(name) for name in all_shown(paper.categories)]):
        if term:
            yield _category(term, authority)


@kept(1024)
def _category(term: str, authority: str) -> Category:
    return Category(term, _ARXIV if _ARXIV_TERM.fullmatch(term) else f"tag:{authority}:categories")


def _related(paper: Paper, view: PaperView) -> Iterator[Related]:
    """Yield the code, and each site that listed the paper; the first of them is where it is from."""
    yield from (Related("related", link.url, link.name) for link in view.links if link.name == CODE)
    for number, site in enumerate(site_addresses(paper)):
        if not number:
            yield Related("via", site.url, site.name)
        yield Related("related", site.url, site.name)


def _content(entry: FeedEntry, view: PaperView, abstract: str, templates: Templates) -> str:
    matches = entry.matches
    return templates.render(
        "web/feed_entry.html",
        {
            "paper": view,
            "pieces": whole(abstract, abstract_spans(matches)),
            "why": [(shown(match.rule, NAME_LIMIT) if match.named else "", reason(match.hits)) for match in matches],
            "again": bool(entry.again),
        },
    )
