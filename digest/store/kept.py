"""What the journal of kept dumps is held against: the dumps of the store in order, and the runs that dated its news."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from sqlalchemy import Connection, select

from digest.models import Dump
from digest.store.tables import dumps, runs


class Row(NamedTuple):
    """A dump of the store, with when it was begun to be taken in."""

    dump: Dump
    layout: str
    history: bool
    taken_at: str


def last(tx: Connection) -> str | None:
    """Return the SHA-256 of the dump that was begun last, None where there is none (one look-up)."""
    found: str | None = tx.execute(select(dumps.c.sha256).order_by(dumps.c.id.desc()).limit(1)).scalar_one_or_none()
    return found


def rows(tx: Connection) -> list[Row]:
    """Return all dumps in the order in which they were begun."""
    return [
        Row(Dump(r.sha256, r.name, r.folder, r.source, r.date, r.encoding), r.layout, r.history, r.taken_at)
        for r in tx.execute(select(dumps).order_by(dumps.c.id))
    ]


def ended_runs(tx: Connection) -> list[tuple[str, date]]:
    """Return the runs that came to their end, in order: when they did, and their dates."""
    query = select(runs.c.ended_at, runs.c.date).where(runs.c.ended_at.is_not(None)).order_by(runs.c.id)
    return [(row.ended_at, row.date) for row in tx.execute(query)]
