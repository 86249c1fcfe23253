"""Web pages: an edition, the start page, unsubscribing, nothing there. No script, one style sheet inside."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from digest.models import Edition
from digest.render.excerpt import Piece, excerpt, whole
from digest.render.links import web_address
from digest.render.outline import Item, Limits, outline
from digest.render.papers import PaperView, TitleLines, paper_view
from digest.render.templates import Templates, markup
from digest.render.why import Why, abstract_spans, followed
from digest.render.words import short_date, shown, weekday_date
from digest.settings import Settings, TopicSetting
from digest.text import counted, readable

UnsubscribeState = Literal["ask", "done", "gone"]
_WHOLE: Final = 1_000_000  # entries: more than any edition holds


@dataclass(frozen=True, slots=True)
class PageItem:
    """One entry of a page: what a mail shows of it, and the whole abstract where that is more."""

    paper: PaperView
    pieces: tuple[Piece, ...]
    abstract: tuple[Piece, ...]
    why: Why | None


@dataclass(frozen=True, slots=True)
class PageLine:
    """How a page does: its name, its state, whether that is good, and a sentence."""

    name: str
    state: str
    good: bool
    told: str


@dataclass(frozen=True, slots=True)
class EditionLink:
    """One edition in the list of the start page."""

    path: str
    title: str
    day: str
    count: str


def edition_path(on: date, slug: str) -> str:
    """Return where a topic's edition lies under ``public/``."""
    return f"editions/{on.isoformat()}/{slug}.html"


class Pages:
    """Writes pages for one site."""

    def __init__(self, settings: Settings, templates: Templates) -> None:
        """Read the style sheet once."""
        self._settings = settings
        self._templates = templates
        self._lines = TitleLines(settings.site.title_search)
        style = f"\n{templates.source('web/style.css').strip()}\n"
        self._style = markup(style)
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        self.policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'self'"

    def edition(
        self, edition: Edition, *, personal: bool, unsubscribe_url: str, canonical_url: str, feed_url: str
    ) -> str:
        """Return the page of an edition, every entry in full."""
        laid_out = outline(edition, Limits(_WHOLE, _WHOLE, _WHOLE, _WHOLE), self._lines)
        sections = [(part, [self._item(item) for item in part.items]) for part in laid_out.sections]
        return self._page(
            "edition",
            outline=laid_out,
            sections=sections,
            waiting=[shown(title) for _, title in edition.waiting],
            personal=personal,
            heading=shown(edition.title) if edition.kind == "topic" else "",
            unsubscribe_url=web_address(unsubscribe_url),
            canonical_url=web_address(canonical_url),
            feed_url=_feed_address(feed_url),
            home="" if personal else "../../index.html",
        )

    def index(
        self,
        topics: Sequence[TopicSetting] | None,
        editions: Sequence[tuple[date, str, str, int]],
        latest: Sequence[Edition],
    ) -> str:
        """Return the start page: topics with their feeds, the titles of the latest editions, all editions."""
        return self._page(
            "index",
            feeds=_feeds(topics) if topics is not None else [],
            editions=[
                EditionLink(edition_path(on, slug), shown(title), short_date(on), counted(count, "paper"))
                for on, slug, title, count in editions
            ],
            latest=[
                {
                    "outline": outline(edition, Limits(0, 10), self._lines),
                    "path": edition_path(edition.date, edition.recipient),
                    "title": f"{shown(edition.title)}, {weekday_date(edition.date)}",
                }
                for edition in latest
            ],
            feed_url="feeds/papers.atom" if topics is not None else "",
        )

    def unsubscribe(self, site_title: str, state: UnsubscribeState, email: str) -> str:
        """Return the page behind an unsubscribe link; only its form's POST changes anything."""
        return self._page("unsubscribe", site_title=shown(site_title), state=state, email=shown(email))

    def status(self, newest: date | None, pages: Sequence[tuple[str, str, str]]) -> str:
        """Return the page that tells how pages do: (name, state, sentence) of each."""
        lines = [
            PageLine(shown(name), state, state not in ("stalled", "broken"), f"{told[:1].upper()}{told[1:]}.")
            for name, state, told in pages
        ]
        return self._page("status", newest=weekday_date(newest) if newest else "", lines=lines, home="./")

    def missing(self) -> str:
        """Return the page for an address where nothing is."""
        return self._page("missing")

    def _item(self, item: Item) -> PageItem:
        paper, matches = item.entry.paper, item.entry.matches
        abstract, spans = readable(paper.abstract or ""), abstract_spans(matches)
        pieces = excerpt(abstract, spans)
        full = whole(abstract, spans)
        search = self._settings.site.title_search
        more = sum(len(piece.text) for piece in full) > sum(len(piece.text) for piece in pieces)
        return PageItem(paper_view(paper, followed(matches), search), pieces, full if more else (), item.why)

    def _page(self, name: str, **context: object) -> str:
        site = {"site": shown(self._settings.site.title), "style": self._style, "feed_url": "", "canonical_url": ""}
        return self._templates.render(f"web/{name}.html", site | {"home": "", "personal": False} | context)


def _feeds(topics: Sequence[TopicSetting]) -> list[dict[str, str]]:
    """Return the title of each public feed and its path without ending."""
    found = [("All papers", "feeds/papers"), *((topic.title, f"feeds/topics/{topic.slug}") for topic in topics)]
    return [{"title": shown(title), "path": path} for title, path in found]


def _feed_address(address: str) -> str:
    """Return the address if it is a web address or a plain relative one, else ""."""
    return address if re.fullmatch(r"[\w./-]+", address, re.ASCII) else web_address(address)
