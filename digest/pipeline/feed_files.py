"""The public feeds as files: current documents, written where something changed, and archives, written once."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection

from digest.pipeline.context import Context
from digest.pipeline.feed_documents import Order, archived, current, cut_of, document, keys_of
from digest.pipeline.feed_series import AllPapers, AllPapersDaily, Editions, Entries, Series
from digest.pipeline.published import Published
from digest.render import edition_path
from digest.render.feeds import Feeds, Piece
from digest.store import feeds as feed_store
from digest.store.pieces import Pieces

SUFFIXES = (".atom", ".json")


def public_feeds(context: Context) -> list[Series]:
    """Return the feeds that everybody may read: all papers, and each topic; each also by days."""
    site, found = context.settings.site.title, list[Series]()
    found += [AllPapers(site), AllPapersDaily(f"{site}, by days")]
    with context.store.reading() as tx:
        for topic in context.settings.topics:
            recipient, path = feed_store.topic(tx, topic.slug) or 0, f"feeds/topics/{topic.slug}"
            title = f"{site}: {topic.title}"
            daily = f"{path}/daily"
            found.append(Entries(title, path, path, recipient))
            found.append(
                Editions(
                    f"{title}, by days", daily, daily, recipient, lambda own: edition_path(own.date, own.recipient)
                )
            )
    return found


def current_paths(series: Series) -> list[str]:
    """Return where the current documents of a feed are under ``public/``."""
    return [series.path + suffix for suffix in SUFFIXES]


def settings_of(context: Context) -> str:
    """Return a text that is another one once settings have changed that feeds or pages show."""
    own = context.settings
    told = [own.site.model_dump_json(), own.feed.model_dump_json(), *(topic.model_dump_json() for topic in own.topics)]
    return _digest(told)


def publish(context: Context, feeds: Feeds, public: Sequence[Series], published: Published, newest: date) -> list[str]:
    """Bring the feeds up to date; return the paths of the current documents that changed, without ending."""
    changed = []
    with context.progress("Publishing feeds", len(public)) as step:
        for series in public:
            with context.store.reading() as tx:
                if _Feed(context, feeds, series, published, newest).publish(tx):
                    changed.append(series.path)
            step()
    published.pieces.keep_feeds({series.path for series in public})
    return changed


class _Feed:
    """One feed on its way to its files."""

    def __init__(self, context: Context, feeds: Feeds, series: Series, published: Published, newest: date) -> None:
        self._settings = context.settings.feed
        self._feeds = feeds
        self._series = series
        self._published = published
        self._newest = newest
        self._shelf = _Kept(published.pieces, series.path)
        self._last = f"last archive of {series.path}"

    def publish(self, tx: Connection) -> bool:
        """Write archives first, so that whoever finds the current document finds them too; say whether it changed."""
        series, upto = self._series, self._archived()
        found = cut_of(tx, series, self._settings.max_entries, self._newest, upto)
        for place in range(len(found.archives) - 1, -1, -1):
            if found.archives[place] > upto:
                self._archive(tx, archived(series, found, place))
        if found.archives:
            self._published.tell({self._last: max(upto, found.archives[0]).isoformat()})
        return self._current(tx, current(series, found, self._newest, self._settings.hub))

    def _archived(self) -> date:
        """Return the first date of the newest archive that was written; where that is gone, all may be: no date."""
        newest = date.fromisoformat(self._published.told(self._last) or date.min.isoformat())
        path = f"{self._series.path}/{self._series.archive_name(newest)}"
        return newest if all(self._published.has(path + suffix) for suffix in SUFFIXES) else date.min

    def _archive(self, tx: Connection, order: Order) -> None:
        path = f"{self._series.path}/{order.archive}"
        if not all(self._published.has(path + suffix) for suffix in SUFFIXES):
            made = self._made(tx, order, keys_of(tx, self._series, order))
            for suffix, data in zip(SUFFIXES, made, strict=False):
                if not self._published.has(path + suffix):  # what was published once stays as it is
                    self._published.write(path + suffix, data)

    def _current(self, tx: Connection, order: Order) -> bool:
        paths, keys = current_paths(self._series), keys_of(tx, self._series, order)
        name, signature = (
            f"current {self._series.path}",
            _digest([repr(order), self._series.title, *map(_as_text, keys)]),
        )
        if self._published.told(name) == signature and all(map(self._published.is_as_before, paths)):
            for path in paths:
                self._published.watch(path)
            return False
        made = self._made(tx, order, keys)
        changed = [self._published.write(path, data, watched=True) for path, data in zip(paths, made, strict=False)]
        self._shelf.keep_only(keys)
        self._published.tell({name: signature})
        return any(changed)

    def _made(self, tx: Connection, order: Order, keys: Sequence[Any]) -> tuple[bytes, bytes]:
        made = document(tx, self._feeds, self._series, order, keys, self._shelf)
        return made.atom, made.json


class _Kept:
    """The written entries of one feed in the file that keeps them."""

    def __init__(self, pieces: Pieces, feed: str) -> None:
        self._pieces = pieces
        self._feed = feed

    def get(self, keys: Collection[Any]) -> Mapping[Any, Piece]:
        """Return those that are kept."""
        found = self._pieces.get(self._feed, [_as_text(key) for key in keys])
        return {key: Piece(*found[text]) for key in keys if (text := _as_text(key)) in found}

    def put(self, found: Iterable[tuple[Any, Piece]]) -> None:
        """Keep some more."""
        self._pieces.put(self._feed, [(_as_text(key), (piece.atom, piece.json, piece.updated)) for key, piece in found])

    def keep_only(self, keys: Iterable[Any]) -> None:
        """Let go of all others."""
        self._pieces.keep_only(self._feed, [_as_text(key) for key in keys])


def _as_text(key: Any) -> str:
    return " ".join(map(str, key)) if isinstance(key, tuple) else str(key)


def _digest(texts: Iterable[str]) -> str:
    return hashlib.blake2b("\n".join(texts).encode(), digest_size=16).hexdigest()
