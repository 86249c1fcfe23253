"""The one door to feeds: entries written in both formats, and documents joined of them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Self

from digest.feeds import instant
from digest.models import Edition, FeedEntry, Match, Paper
from digest.render.feeds import atom, jsonfeed
from digest.render.feeds.days import Days
from digest.render.feeds.fit import fitted, plain
from digest.render.feeds.head import Head
from digest.render.feeds.item import Item, Piece
from digest.render.feeds.papers import paper_item
from digest.render.links import web_address
from digest.render.templates import Templates
from digest.render.words import shown
from digest.settings import Site


@dataclass(frozen=True, slots=True)
class _Shown:
    """An entry, and what tells it from others."""

    paper: int
    revision: int
    matches: tuple[Match, ...]
    again: int
    entry: FeedEntry = field(compare=False)


class Feeds:
    """Writes feeds for one site. ``authority`` is the minted one of its tag: identifiers (RFC 4151): "name,date…"."""

    def __init__(self, site: Site, authority: str, templates: Templates) -> None:
        """Take what all feeds of a site share."""
        self._site = site
        self._authority = authority
        self._templates = templates
        self._days = Days(site.title_search, templates)
        self._entry: Callable[[_Shown], Piece] = self._entry_of

    def keeping(self, most: int) -> Self:
        """Keep the last entries that are written, about 8 kB each, for who asks for the same; return this."""
        self._entry = lru_cache(maxsize=most)(self._entry_of)
        return self

    def made_of(self) -> str:
        """Return what a written entry depends on besides its paper: the code, the templates, the site's settings."""
        return _digest([_code(), self._templates.digest, self._authority, self._site.base_url, self._site.title_search])

    @property
    def begun(self) -> str:
        """When the site's feeds began (RFC 3339): a feed without entries never changed since; the authority has it."""
        return instant(date.fromisoformat(self._authority.partition(",")[2][:10]), 0).isoformat()

    def identifier(self, path: str) -> str:
        """Return the identifier of a feed."""
        return f"tag:{self._authority}:{path}"

    def entry(self, entry: FeedEntry) -> Piece:
        """Return the entry of a paper, the same octets for the same input."""
        return self._entry(_Shown(entry.paper.id, entry.paper.revision, entry.matches, entry.again, entry))

    def _entry_of(self, shown: _Shown) -> Piece:
        return _piece(paper_item(shown.entry, self._authority, self._site.title_search, self._templates))

    def edition(self, edition: Edition, feed: str, page: str) -> Piece:
        """Return a whole edition as an entry of a daily feed; ``page`` is where the site has its page."""
        return _piece(self._days.edition(edition, self._day(feed, edition.date), self._url(page)))

    def papers(self, on: date, papers: Sequence[Paper], feed: str) -> Piece:
        """Return the papers that were new on a date as an entry of a daily feed."""
        return _piece(self._days.papers(on, papers, self._day(feed, on), self._url("")))

    def document(self, head: Head, entries: Sequence[Piece]) -> Piece:
        """Return a document with the entries in their order, the same octets for the same input."""
        head = replace(head, title=plain(shown(head.title)) or "Digest")
        return Piece(
            self._written(atom.document, head, [entry.atom for entry in entries]),
            self._written(jsonfeed.document, head, [entry.json for entry in entries]),
            head.updated,
        )

    def _written(
        self, write: Callable[[Head, str, str, Iterable[bytes]], bytes], head: Head, entries: Sequence[bytes]
    ) -> bytes:
        return write(head, web_address(self._site.base_url), plain(shown(self._site.title)) or "Digest", entries)

    def _day(self, feed: str, on: date) -> str:
        return self.identifier(f"{feed}/{on.isoformat()}")

    def _url(self, path: str) -> str:
        return f"{self._site.base_url}/{path}" if self._site.base_url else ""


def _piece(item: Item) -> Piece:
    item = fitted(item)
    return Piece(atom.entry(item), jsonfeed.entry(item), item.updated.isoformat())


@lru_cache(maxsize=1)
def _code() -> str:
    """Return what tells this code from another version of it."""
    folder = Path(__file__).parent.parent
    read = [folder.parent / "text.py", folder.parent / "feeds.py"]
    read += [*folder.rglob("*.py"), *folder.parent.glob("tex/*.py")]
    return _digest(path.read_text(encoding="utf-8") for path in sorted(read))


def _digest(texts: Iterable[str]) -> str:
    made = hashlib.blake2b(digest_size=16)
    for text in texts:
        made.update(len(text).to_bytes(8, "little"))
        made.update(text.encode())
    return made.hexdigest()
