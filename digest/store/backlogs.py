"""Backlogs: the papers that matched and did not fit, by recipient, as one row of JSON each."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from digest.store.bulk import parts
from digest.store.tables import backlogs, entries

Backlog = Mapping[date, Sequence[int]]  # the ids of the papers that wait, by the date since when


def as_text(backlog: Backlog) -> str:
    """Return a backlog as the store keeps it, ``""`` where nothing waits; the same papers give the same text."""
    kept = {since.isoformat(): sorted(backlog[since]) for since in sorted(backlog) if backlog[since]}
    return json.dumps(kept, separators=(",", ":")) if kept else ""


def from_text(text: str) -> dict[date, list[int]]:
    """Return the backlog that a text of the store keeps."""
    return {date.fromisoformat(since): ids for since, ids in json.loads(text).items()} if text else {}


def texts(tx: Connection, recipients: Sequence[int]) -> dict[int, str]:
    """Return the texts of the recipients' backlogs, of those who have one."""
    own = backlogs.c
    query = select(own.recipient_id, own.papers).where(own.recipient_id.in_(recipients))
    return {recipient: text for recipient, text in tx.execute(query)}  # noqa: C416 (a result has keys())


def papers(tx: Connection, recipients: Sequence[int]) -> set[int]:
    """Return the ids of the papers that wait for any of these recipients."""
    found: set[int] = set()
    for part in parts(recipients):
        for text in texts(tx, part).values():
            found.update(*from_text(text).values())
    return found


def replace(tx: Connection, made: Iterable[tuple[int, str]]) -> None:
    """Put these texts in the place of the recipients' backlogs."""
    rows = [{"recipient_id": recipient, "papers": text} for recipient, text in made]
    if empty := [row["recipient_id"] for row in rows if not row["papers"]]:
        tx.execute(delete(backlogs).where(backlogs.c.recipient_id.in_(empty)))
    if full := [row for row in rows if row["papers"]]:
        statement = upsert(backlogs)
        own = {"papers": statement.excluded.papers}
        tx.execute(statement.on_conflict_do_update(index_elements=["recipient_id"], set_=own), full)


def give_back(tx: Connection, editions: Sequence[int], since: date) -> None:
    """Return editions' entries, older ones excepted, to their recipients' backlogs, their days counted afresh."""
    for part in parts(editions):
        own = (entries.c.edition_id.in_(part)) & entries.c.older.is_(False) & entries.c.returned.is_(False)
        returned: dict[int, set[int]] = {}
        for recipient, paper in tx.execute(select(entries.c.recipient_id, entries.c.paper_id).where(own)):
            returned.setdefault(recipient, set()).add(paper)
        kept = texts(tx, list(returned))
        replace(tx, ((who, _with(kept.get(who, ""), found, since)) for who, found in returned.items()))
        tx.execute(update(entries).where(own).values(returned=True))


def _with(text: str, returned: set[int], since: date) -> str:
    left = {day: [paper for paper in ids if paper not in returned] for day, ids in from_text(text).items()}
    return as_text(left | {since: [*left.get(since, ()), *returned]})


def each(backlog: Backlog) -> Iterator[tuple[int, date]]:
    """Yield the papers that wait, each with since when."""
    return ((paper, since) for since, ids in backlog.items() for paper in ids)
