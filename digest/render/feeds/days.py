"""A day as an entry of a daily feed: a recipient's whole edition, or the titles of all papers that were new."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from digest.feeds import instant
from digest.models import Edition, Paper
from digest.render.excerpt import excerpt
from digest.render.feeds.item import Item
from digest.render.feeds.safe import cleaned
from digest.render.links import web_address
from digest.render.outline import Item as EditionItem
from digest.render.outline import Limits, Lines, outline
from digest.render.papers import PaperView, TitleLines, paper_view
from digest.render.templates import Templates
from digest.render.why import abstract_spans, followed
from digest.render.words import weekday_date
from digest.text import counted, readable

_FULL = 100  # entries of an edition in full, which only a topic's can have more of; the others as title lines
_LINES = 1000  # title lines


class Days:
    """Writes the entries of daily feeds for one site."""

    def __init__(self, title_search: str, templates: Templates) -> None:
        """Take where to search for a title without an address, and the templates."""
        self._search = title_search
        self._templates = templates
        self._lines = TitleLines(title_search)

    def edition(self, edition: Edition, identifier: str, url: str) -> Item:
        """Return a frozen edition as an entry; ``url`` is its page ("": it has none)."""
        found = outline(edition, Limits(_FULL, _LINES, _LINES), self._lines)
        sections = [(part, [self._shown(item) for item in part.items]) for part in found.sections]
        lists = [("Also matched" if sections else "", found.also), ("Older, newly listed", found.older)]
        return Item(
            id=identifier,
            title=f"{found.lead}: {found.sentence}",
            url=web_address(url),
            published=(when := instant(edition.date, 0)),
            updated=when,
            content=self._content(outline=found, sections=sections, lists=lists),
        )

    def papers(self, on: date, papers: Sequence[Paper], identifier: str, url: str) -> Item:
        """Return all papers that were new on a date as an entry, which changes while more of that date are found."""
        lines = tuple([self._lines.of(paper) for paper in papers[:_LINES]])
        return Item(
            id=identifier,
            title=f"{weekday_date(on)}: {counted(len(papers), 'new paper')}.",
            url=web_address(url),
            published=instant(on, 0),
            updated=instant(on, len(papers)),
            content=self._content(outline=None, lists=[("", Lines(lines, len(papers) - len(lines)))]),
        )

    def _shown(self, item: EditionItem) -> dict[str, object]:
        paper, matches = item.entry.paper, item.entry.matches
        view: PaperView = paper_view(paper, followed(matches), self._search)
        pieces = excerpt(readable(paper.abstract or ""), abstract_spans(matches))
        return {"paper": view, "pieces": pieces, "why": item.why}

    def _content(self, **told: object) -> str:
        return cleaned(self._templates.render("web/feed_day.html", told))
