"""Makes documents of feeds: entries that are kept are joined as they are, the others are read and written first."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol
from urllib.parse import urlsplit

from sqlalchemy import Connection

from digest.feeds import Cut, cut
from digest.pipeline.context import Context
from digest.pipeline.feed_series import Series
from digest.render import Renderer
from digest.render.feeds import Feeds, Head, Piece
from digest.settings import ascii_domain


class Shelf(Protocol):
    """Where the written entries of a feed are kept, by their keys."""

    def get(self, keys: Collection[Any]) -> Mapping[Any, Piece]:
        """Return those that are kept."""

    def put(self, found: Iterable[tuple[Any, Piece]]) -> None:
        """Keep some more."""


@dataclass(frozen=True, slots=True)
class Order:
    """Which document of a feed is wanted: its dates, and where it stands among the others."""

    since: date
    until: date
    archive: str = ""  # its name, where it is an archive document
    before: str = ""  # the name of the archive document before it
    after: str = ""  # the name of the archive document after it, where it is the first one
    hub: str = ""


def writer(context: Context, renderer: Renderer) -> Feeds:
    """Return what writes the site's feeds, under the authority that was minted for their identifiers."""
    host = urlsplit(context.settings.site.base_url).hostname or ""
    # RFC 4151, section 2.1: a name of the DNS, so an international one as the DNS has it.
    try:
        name = ascii_domain(host)
    except ValueError:
        name = host if host.isascii() and ":" not in host else ""
    return renderer.feeds(context.store.authority(name.lower() or "digest.invalid", context.today()))


def current(series: Series, found: Cut, newest: date, hub: str = "") -> Order:
    """Return the order of a feed's current document."""
    below = series.archive_name(found.archives[0]) if found.archives else ""
    return Order(found.start or newest, newest, before=below, hub=hub)


def archived(series: Series, found: Cut, place: int) -> Order:
    """Return the order of the archive document at a place of the cut."""
    first, last = series.archive(found.archives[place])
    name = series.archive_name(first)
    if place + 1 < len(found.archives):
        return Order(first, last, name, before=series.archive_name(found.archives[place + 1]))
    above = found.archives[place - 1] if place else found.start
    return Order(first, last, name, after=series.archive_name(above) if above else "")


def cut_of(tx: Connection, series: Series, max_entries: int, newest: date, upto: date = date.min) -> Cut:
    """Return which dates of a feed are current, and which archives there are, down to the one of ``upto``."""
    return cut(series.days(tx, newest), series.most(max_entries), newest, series.archive, upto)


def keys_of(tx: Connection, series: Series, order: Order) -> Sequence[Any]:
    """Return the keys of a document's entries."""
    return series.keys(tx, order.since, order.until)


def document(tx: Connection, feeds: Feeds, series: Series, order: Order, keys: Sequence[Any], shelf: Shelf) -> Piece:
    """Return a document with the entries of these keys."""
    kept = dict(shelf.get(keys))
    missing = [key for key in keys if key not in kept]
    if missing:
        new = list(zip(missing, series.written(tx, feeds, missing), strict=True))
        shelf.put(new)
        kept.update(new)
    entries = [kept[key] for key in keys]
    updated = max((entry.updated for entry in entries), default=feeds.begun)
    identifier = feeds.identifier(series.id_path)
    head = Head(series.title, series.path, identifier, updated, order.archive, order.before, order.after, order.hub)
    return feeds.document(head, entries)
