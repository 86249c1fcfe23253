"""Sources as they were asked last: what each remembers, when it is asked next, and since when it fails."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert as upsert

from digest.store.watch_tables import sources


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a source, by its name in the settings; instants are ISO 8601 in UTC, None: never.

    ``memory`` is the JSON text of what the source wants to remember ("": nothing). ``checked_at`` is when it was asked
    last, ``brought_at`` when it brought a dump last. ``failures`` counts the tries in a row that failed, the first at
    ``failing_since``; ``said`` is why the last one did, in one line ("": it did not). ``next_at`` is when it is asked
    again.
    """

    name: str
    memory: str = ""
    checked_at: str | None = None
    brought_at: str | None = None
    failing_since: str | None = None
    failures: int = 0
    next_at: str | None = None
    said: str = ""


def load(tx: Connection) -> dict[str, Known]:
    """Return what is known of each source that was ever asked, by name."""
    return {row.name: Known(**row._mapping) for row in tx.execute(select(sources).order_by(sources.c.name))}


def save(tx: Connection, known: Known) -> None:
    """Write what is known of a source, whole."""
    row = asdict(known)
    tx.execute(upsert(sources).values(row).on_conflict_do_update(index_elements=["name"], set_=row))
