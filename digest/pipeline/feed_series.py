"""The feeds there are: what each is a series of, how its entries are found, and how they are written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from sqlalchemy import Connection

from digest.feeds import DAILY_MOST, by_date, by_month
from digest.models import Edition
from digest.render.feeds import Feeds, Piece
from digest.store import editions as edition_store
from digest.store import feeds as feed_store
from digest.store import papers as paper_store
from digest.store.feeds import Line

_AT_ONCE = 500  # entries that are read and written together: of a long document, no more are held as records


class Series(Protocol):
    """One feed: dates with entries, which documents hold.

    Keys stand for entries before they are read: equal keys, equal entries, as long as what all are made of is the same.
    """

    @property
    def title(self) -> str:
        """What the feed is called."""

    @property
    def path(self) -> str:
        """Where its current document is, relative to the site and without ending."""

    @property
    def id_path(self) -> str:
        """What names it for good in its identifier."""

    def most(self, max_entries: int) -> int:
        """Return how many entries the current document should hold at the least."""

    def archive(self, on: date) -> tuple[date, date]:
        """Return the first and last date of the archive document that holds a date's entries."""

    def archive_name(self, first: date) -> str:
        """Return what an archive document is called, by its first date."""

    def days(self, tx: Connection, until: date) -> Iterator[tuple[date, int]]:
        """Yield the dates that have entries, newest first from ``until`` on, with how many each has."""

    def keys(self, tx: Connection, since: date, until: date) -> Sequence[Any]:
        """Return the keys of the entries of these dates, newest first."""

    def written(self, tx: Connection, feeds: Feeds, keys: Sequence[Any]) -> Iterator[Piece]:
        """Write entries."""


class _ByDate:
    """A feed with an entry for each paper, whose archives are of one date each."""

    def most(self, max_entries: int) -> int:
        """See Series."""
        return max_entries

    def archive(self, on: date) -> tuple[date, date]:
        """See Series."""
        return by_date(on)

    def archive_name(self, first: date) -> str:
        """See Series."""
        return first.isoformat()

    def written(self, tx: Connection, feeds: Feeds, keys: Sequence[Line]) -> Iterator[Piece]:
        """See Series."""
        for start in range(0, len(keys), _AT_ONCE):
            for entry in feed_store.read(tx, keys[start : start + _AT_ONCE]):
                yield feeds.entry(entry)


class _ByMonth:
    """A feed with an entry for each day, whose archives are of a month each."""

    def most(self, max_entries: int) -> int:
        """See Series."""
        return min(max_entries, DAILY_MOST)

    def archive(self, on: date) -> tuple[date, date]:
        """See Series."""
        return by_month(on)

    def archive_name(self, first: date) -> str:
        """See Series."""
        return first.isoformat()[:7]


@dataclass(frozen=True, slots=True)
class AllPapers(_ByDate):
    """Every paper that was news."""

    title: str
    path: str = "feeds/papers"
    id_path: str = "feeds/papers"

    def days(self, tx: Connection, until: date) -> Iterator[tuple[date, int]]:
        """See Series."""
        return feed_store.days_of_papers(tx, until)

    def keys(self, tx: Connection, since: date, until: date) -> Sequence[Line]:
        """See Series."""
        return feed_store.lines_of_papers(tx, since, until)


@dataclass(frozen=True, slots=True)
class AllPapersDaily(_ByMonth):
    """The titles of all papers that were news on a date."""

    title: str
    path: str = "feeds/papers/daily"
    id_path: str = "feeds/papers/daily"

    def days(self, tx: Connection, until: date) -> Iterator[tuple[date, int]]:
        """See Series."""
        return ((on, 1) for on, _ in feed_store.days_of_papers(tx, until))

    def keys(self, tx: Connection, since: date, until: date) -> Sequence[tuple[date, int, int]]:
        """See Series; a key is a date with how many papers it has so far, and what tells that one of them changed."""
        return feed_store.revisions_of_days(tx, since, until)

    def written(self, tx: Connection, feeds: Feeds, keys: Sequence[tuple[date, int, int]]) -> Iterator[Piece]:
        """See Series."""
        for on, _, _ in keys:
            lines = feed_store.lines_of_papers(tx, on, on)
            found = paper_store.current(tx, [line.paper for line in lines])
            yield feeds.papers(on, [found[line.paper] for line in reversed(lines)], self.id_path)


@dataclass(frozen=True, slots=True)
class Entries(_ByDate):
    """The entries of a recipient's editions, as they are now, or ``pinned``: as they were when they came."""

    title: str
    path: str
    id_path: str
    recipient: int
    pinned: bool = False

    def days(self, tx: Connection, until: date) -> Iterator[tuple[date, int]]:
        """See Series."""
        return feed_store.days_of_recipient(tx, self.recipient, until)

    def keys(self, tx: Connection, since: date, until: date) -> Sequence[Line]:
        """See Series."""
        return feed_store.lines_of_recipient(tx, self.recipient, since, until, pinned=self.pinned)


@dataclass(frozen=True, slots=True)
class Editions(_ByMonth):
    """A recipient's editions, each whole; ``page`` returns where the site has the page of one."""

    title: str
    path: str
    id_path: str
    recipient: int
    page: Callable[[Edition], str]

    def days(self, tx: Connection, until: date) -> Iterator[tuple[date, int]]:
        """See Series."""
        return ((on, 1) for _, on in feed_store.editions_of(tx, self.recipient, date.min, until))

    def keys(self, tx: Connection, since: date, until: date) -> Sequence[int]:
        """See Series; a key is an edition, which is frozen."""
        return [found for found, _ in feed_store.editions_of(tx, self.recipient, since, until)]

    def written(self, tx: Connection, feeds: Feeds, keys: Sequence[int]) -> Iterator[Piece]:
        """See Series."""
        for key in keys:
            found = edition_store.load_many(tx, [key])[0]
            yield feeds.edition(found, self.id_path, self.page(found))
