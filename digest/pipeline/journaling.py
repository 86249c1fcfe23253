"""Keeps the journal of kept dumps in step with the store, whose commits it follows.

A line is written right after the commit that it tells of. What a process that was killed in between left out is written
by the next one that takes in dumps, and the whole of it where the state folder is older than the journal.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from digest.archive import Entry, Kept, Ran
from digest.pipeline.context import Context
from digest.store import dumps as dump_store
from digest.store import kept as kept_store


def date_news(context: Context, on: date) -> None:
    """Date the news found until now by a run, and write that down."""
    with context.store.writing() as tx:
        newest = dump_store.date_news(tx, on)
    context.archive.journal.ran(newest)


def catch_up(context: Context) -> list[Kept]:
    """Write down what is missing in the journal; where nothing is, that costs two look-ups.

    Returns what the journal tells and the store does not know: an older copy of it was put back. (One that knows no
    dump at all is a new one.) Only under the state folder's lock. Raises StateError where the journal cannot be
    written.
    """
    journal = context.archive.journal
    end = journal.end()
    with context.store.reading() as tx:
        last, newest = kept_store.last(tx), dump_store.newest_run(tx)
        behind = last is not None and (end.kept is None or end.kept.sha256 != last)
        rows = [_kept(row) for row in kept_store.rows(tx)] if behind else []
        ended = kept_store.ended_runs(tx) if end.last is None else []
    if end.last is None:
        journal.add(_in_time(rows, ended))
    told = {entry.sha256: entry for entry in journal.entries() if isinstance(entry, Kept)} if rows else {}
    journal.add(row for row in rows if row.sha256 not in told)
    ran = journal.end().ran
    if newest and (ran is None or ran.date < newest):
        journal.add([Ran(newest)])
    known = {row.sha256 for row in rows}
    return [entry for entry in told.values() if entry.sha256 not in known]


def _kept(row: kept_store.Row) -> Kept:
    dump = row.dump
    return Kept(dump.sha256, dump.name, dump.date, dump.folder, dump.source, row.layout, row.history, row.taken_at)


def _in_time(rows: list[Kept], ended: list[tuple[str, date]]) -> Iterable[Entry]:
    """Return dumps and runs in the order of their instants; a run comes after what it took in."""
    waiting = list(reversed(ended))
    newest = date.min
    for row in rows:
        while waiting and waiting[-1][0] < row.taken_at:
            newest = max(newest, waiting.pop()[1])
            yield Ran(newest)
        yield row
    while waiting:
        newest = max(newest, waiting.pop()[1])
        yield Ran(newest)
