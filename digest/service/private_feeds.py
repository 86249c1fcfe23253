"""Subscribers' own feeds: made on request of their frozen editions, and kept for as long as nothing changed them."""

from __future__ import annotations

import contextlib
import hashlib
import re
import threading
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import Connection

from digest.errors import StateError
from digest.feeds import Cut
from digest.models import Edition
from digest.pipeline.context import Context
from digest.pipeline.envelopes import edition_token
from digest.pipeline.feed_documents import Order, archived, current, cut_of, document, keys_of, writer
from digest.pipeline.feed_series import Editions, Entries, Series
from digest.render import Renderer
from digest.render.feeds import Feeds, Piece
from digest.service import feed_addresses
from digest.service.feed_addresses import Owner
from digest.service.kept_feeds import Document, Kept, KeptFeeds, Kind
from digest.store import dumps as dump_store
from digest.store import feeds as feed_store
from digest.store.version import Version

_SERVED = frozenset(("active", "paused", "suppressed"))
_GONE = frozenset(("left", "removed"))
_AT_ONCE = 4  # documents that are made at a time: each takes some megabytes, and more would not be quicker
_MOST_ENTRIES = 4000  # written ones that are kept, about 8 kB each: who follow a topic share them
_ADDRESS = re.compile(
    r"(?P<token>[A-Za-z0-9_-]{1,200})(?P<daily>/daily)?(?:/(?P<archive>\d{4}-\d\d(?:-\d\d)?))?\.(?P<kind>atom|json)"
)


@dataclass(frozen=True, slots=True)
class Missing:
    """There is no such feed, or (``gone``) not any more."""

    gone: bool


class PrivateFeeds:
    """The private feeds of a site; may be asked by several threads at once."""

    def __init__(self, context: Context, renderer: Renderer) -> None:
        """Begin with nothing made."""
        self._context = context
        self._renderer = renderer
        self._version = Version(context.store)
        self._feeds: Feeds | None = None
        self._kept = KeptFeeds()
        self._making = threading.BoundedSemaphore(_AT_ONCE)

    def fresh(self, rest: str) -> Document | None:
        """Return a document that is known, if nothing at all has changed since it was found to be true; quick.

        ``rest`` is what follows ``feeds/my/`` in its address. Its body may have been let go.
        """
        kept = self._kept.get(rest)
        if kept is None:
            return None
        with contextlib.suppress(StateError):  # which ``document`` will tell
            return self._kept.put(rest, kept) if kept.version == self._version.now() else None
        return None

    def document(self, rest: str, has: Callable[[Document], bool] = lambda _document: False) -> Document | Missing:
        """Return a document as it is now, made anew where something it shows has changed.

        ``has`` says that who asks has it already, so that its body is not needed.
        """
        asked = _ADDRESS.fullmatch(rest)
        with self._making:
            version = self._version.now()
            owner = feed_addresses.owner(self._context, asked["token"]) if asked else None
            if asked is None or owner is None or owner.state not in _SERVED:
                self._kept.remove(rest)
                return Missing(gone=owner is not None and owner.state in _GONE)
            with self._context.store.reading() as tx:
                newest = dump_store.newest_run(tx) or self._context.today()
                state = f"{owner.recipient} {newest} {feed_store.state(tx)}"
                kept = self._kept.get(rest)
                if kept and kept.state == state and (kept.document.packed or has(kept.document)):
                    return self._kept.put(rest, replace(kept, version=version))
                return self._made(tx, asked, owner, newest, version, state, has)

    def _made(
        self,
        tx: Connection,
        asked: re.Match[str],
        owner: Owner,
        newest: date,
        version: int,
        state: str,
        has: Callable[[Document], bool],
    ) -> Document | Missing:
        series, order = self._order(tx, asked, owner, newest)
        if order is None:
            return Missing(gone=False)
        keys = keys_of(tx, series, order)
        made_of = _digest(repr((order, keys)).encode())
        kept = self._kept.get(asked.string)
        if kept and kept.made_of == made_of and (kept.document.packed or has(kept.document)):
            return self._kept.put(asked.string, replace(kept, version=version, state=state))
        if self._feeds is None:
            self._feeds = writer(self._context, self._renderer).keeping(_MOST_ENTRIES)
        both = document(tx, self._feeds, series, order, keys, _NoShelf())
        made = self._document(asked.string, both, "atom" if asked["kind"] == "atom" else "json", bool(order.archive))
        return self._kept.put(asked.string, Kept(made, version, state, made_of))

    def _order(self, tx: Connection, asked: re.Match[str], owner: Owner, newest: date) -> tuple[Series, Order | None]:
        """Return the feed, and which document of it is asked for: None where there is no such one."""
        series = self._series(asked, owner)
        found = cut_of(tx, series, self._context.settings.feed.max_entries, newest, _first_date(asked["archive"]))
        if not asked["archive"]:
            return series, current(series, found, newest)
        if isinstance(series, Entries):
            series = replace(series, pinned=True)  # an archive never changes
        return series, _archive(series, found, asked["archive"])

    def _series(self, asked: re.Match[str], owner: Owner) -> Series:
        path, identifier = f"feeds/my/{asked['token']}", f"feeds/my/{owner.recipient}"
        title = feed_addresses.private_title(self._context.settings)
        if asked["daily"]:
            return Editions(f"{title}, by days", f"{path}/daily", f"{identifier}/daily", owner.recipient, self._page)
        return Entries(title, path, identifier, owner.recipient)

    def _page(self, edition: Edition) -> str:
        """Return where the browser's view of an edition is, which only its reader has the address of."""
        return f"editions/{edition_token(self._context.store.secret(), edition.id or 0)}"

    def _document(self, address: str, both: Piece, kind: Kind, archive: bool) -> Document:
        body = both.atom if kind == "atom" else both.json
        tag, before = _digest(body), self._kept.get(address)
        same = before is not None and before.document.tag == tag
        modified = before.document.modified if before and same else self._context.clock().replace(microsecond=0)
        return Document.of(body, kind, tag, modified, archive=archive)


class _NoShelf:
    """Keeps no entries: ``Feeds`` does."""

    def get(self, _keys: Collection[Any]) -> Mapping[Any, Piece]:
        """Return none."""
        return {}

    def put(self, _found: Iterable[tuple[Any, Piece]]) -> None:
        """Keep none."""


def _archive(series: Series, found: Cut, name: str) -> Order | None:
    names = [series.archive_name(first) for first in found.archives]
    return archived(series, found, names.index(name)) if name in names else None


def _first_date(archive: str | None) -> date:
    """Return the first date of an archive by its name, the last of all dates where that is none."""
    try:
        return date.fromisoformat(archive if len(archive) > 7 else f"{archive}-01") if archive else date.max
    except ValueError:
        return date.max


def _digest(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=16).hexdigest()
