"""What the store remembers for its upkeep: which program last tried the rejected dumps, and which pages were pruned."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection

from digest.store.engine import put, value


def tried_by(tx: Connection) -> str | None:
    """Return which program last tried the rejected dumps again."""
    return value(tx, "rejected_tried")


def set_tried_by(tx: Connection, program: str) -> None:
    """Remember that this program tried the rejected dumps again."""
    put(tx, "rejected_tried", program)


def pages_from(tx: Connection) -> date | None:
    """Return the date before which pages of editions were pruned, None where none were."""
    found = value(tx, "editions_from")
    return date.fromisoformat(found) if found else None


def set_pages_from(tx: Connection, on: date) -> None:
    """Remember that pages of editions before a date are pruned; what was pruned stays so."""
    put(tx, "editions_from", max(on, pages_from(tx) or on).isoformat())
