"""Runs: that one began, how it ended, and the last ones."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Connection, insert, select, update

from digest.store.tables import runs


def begin(tx: Connection, on: date, *, now: str) -> int:
    """Write that a run for a date began; return its id."""
    return int(tx.execute(insert(runs).values(date=on, started_at=now).returning(runs.c.id)).scalar_one())


def end(tx: Connection, run: int, summary: dict[str, Any], *, now: str) -> None:
    """Write how a run ended."""
    tx.execute(update(runs).where(runs.c.id == run).values(ended_at=now, summary=summary))


def last(tx: Connection, most: int) -> list[dict[str, Any]]:
    """Return the last runs, newest first, as JSON."""
    return [
        {
            "date": row.date.isoformat(),
            "started_at": row.started_at,
            "ended_at": row.ended_at,
            "summary": row.summary,
        }
        for row in tx.execute(select(runs).order_by(runs.c.id.desc()).limit(most))
    ]
