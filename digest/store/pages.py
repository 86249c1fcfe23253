"""What each page has brought lately, for telling how it does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Select, select

from digest.rhythm import Came
from digest.store.tables import dumps, pages

_WINDOW = timedelta(days=60)  # more than a rhythm is learned from


@dataclass(frozen=True, slots=True)
class History:
    """A page with its dumps of the weeks up to its last one, in order of date and of coming; history does not count."""

    page: str
    layout: str
    dumps: tuple[Came, ...]

    @property
    def last(self) -> Came:
        """The last dump; there is at least one."""
        return self.dumps[-1]


def histories(tx: Connection, upto: date, zone: str) -> Iterator[History]:
    """Yield the pages that had a dump dated up to ``upto``, by name; days are those of the zone."""
    own, at = dumps.c, ZoneInfo(zone)
    for page_id, page in tx.execute(select(pages.c.id, pages.c.name).order_by(pages.c.name)).all():
        query = (
            select(own.date, own.taken_at, own.new, own.listings, own.stated, own.layout)
            .where(own.page_id == page_id, own.date <= upto, own.history.is_(False), own.position.is_(None))
            .order_by(own.date.desc(), own.id.desc())
        )
        last = tx.execute(query.limit(1)).first()
        if last:
            yield History(page, last.layout, tuple(_dumps(tx, query.where(own.date > _before(last.date)), at)))


def _dumps(tx: Connection, query: Select[Any], zone: ZoneInfo) -> list[Came]:
    found = [
        Came(on, datetime.fromisoformat(taken).astimezone(zone).date(), new, listings, stated)
        for on, taken, new, listings, stated, _ in tx.execute(query)
    ]
    return found[::-1]


def _before(on: date) -> date:
    return on - _WINDOW if on - date.min > _WINDOW else date.min
