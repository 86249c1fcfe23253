"""Dumps that are kept and not, or not whole, in the store: taken in from where their bytes are kept.

A killed run left them in the middle, or the store is an older copy that somebody put back.
"""

from __future__ import annotations

from datetime import date
from itertools import islice, zip_longest

from digest import archive, containers, identity, layouts
from digest.archive import Blob, Kept
from digest.errors import DumpError, UsageError
from digest.models import Dump, DumpReport, Listing
from digest.pipeline import journaling
from digest.pipeline.context import Context
from digest.pipeline.taking import Taking
from digest.store import dumps as dump_store
from digest.store.dumps import Unfinished


def resumed(context: Context) -> list[DumpReport]:
    """Take in the rest of each dump that was left in the middle, and those that the journal alone knows.

    Only under the state folder's lock. Raises StateError where the state folder cannot be written.
    """
    context.archive.sweep()
    unknown = journaling.catch_up(context)
    with context.store.reading() as tx:
        unfinished = dump_store.unfinished(tx)
    reports = [_resumed(context, left) for left in unfinished]
    return reports + [report for kept in unknown for report in _taken_again(context, kept)]


def _taken_again(context: Context, kept: Kept) -> list[DumpReport]:
    """Take in a dump that the journal alone knows, unless its bytes were pruned."""
    path = context.archive.kept_path(kept.sha256, kept.date, kept.name)
    try:
        blob = archive.fetched(path, context.archive.dumps)
        if blob is None:
            return []
        blob.name = kept.name
        reading = _reading(blob, kept.date, kept.layout)
        dump = Dump(blob.sha256, kept.name, kept.folder, kept.source, kept.date, reading.document.encoding)
        return [Taking(context, blob, dump, reading, history=kept.history, told=True).whole()]
    except DumpError as error:
        reason = f"the journal tells of it, the store does not: {error.reason()}: {path}"
        return [DumpReport(kept.name, kept.date, "rejected", sha256=kept.sha256, reason=reason)]


def _resumed(context: Context, left: Unfinished) -> DumpReport:
    dump = left.dump
    path = context.archive.kept_path(dump.sha256, dump.date, dump.name)
    try:
        blob = archive.fetched(path, context.archive.dumps)
        if blob:
            blob.name = dump.name
            return finished(context, left, blob)
        why = f"it is gone from {path.parent} (take it in once more)"
    except DumpError as error:
        why = f"{error.reason()}: {path}"
    reason = f"only a part of it is taken in: {why}"
    return DumpReport(dump.name, dump.date, "rejected", sha256=dump.sha256, reason=reason)


def finished(context: Context, left: Unfinished, blob: Blob, layout: str | None = None) -> DumpReport:
    """Take in the rest of a dump, with the date, page and source that its first part has.

    Where it reads otherwise than before (a newer program; another ``layout``), it is taken in again from its start:
    papers that are in are known then. Raises DumpError where it cannot be read.
    """
    reading = _reading(blob, left.dump.date, layout or left.layout)
    if not _reads_as_before(context, left, reading):
        _begin_again(context, left, reading.layout.name)
    rest = layouts.read(containers.opened(blob), left.dump.date, reading.layout.name)
    return Taking(context, blob, left.dump, rest, history=left.history).whole()


def _reading(blob: Blob, on: date, layout: str) -> layouts.Reading:
    documents = containers.opened(blob)
    try:
        return layouts.read(documents, on, layout or None)
    except UsageError:  # a layout that is no more
        return layouts.read(documents, on)


def _reads_as_before(context: Context, left: Unfinished, reading: layouts.Reading) -> bool:
    """Tell whether the listings that were taken in are read again, each as the paper that it was."""
    if reading.layout.name != left.layout:
        return left.position == 0
    again = islice((event for event in reading.events if isinstance(event, Listing)), left.position)
    with context.store.reading() as tx:
        pairs = zip_longest(dump_store.sighted(tx, left.id), again)
        return all(then and now and _is_same(then, identity.keys(now)) for then, now in pairs)


def _is_same(then: identity.Keys, now: identity.Keys) -> bool:
    same_arxiv = then.arxiv is not None and then.arxiv == now.arxiv
    return same_arxiv or (then.doi is not None and then.doi == now.doi) or then.title == now.title


def _begin_again(context: Context, left: Unfinished, layout: str) -> None:
    with context.store.writing(durable=True) as tx:
        dump_store.begin_again(tx, left.id, layout)
    if layout != left.layout:  # the journal's last word on a dump counts
        dump, history, taken_at = left.dump, left.history, left.taken_at
        kept = Kept(dump.sha256, dump.name, dump.date, dump.folder, dump.source, layout, history, taken_at)
        context.archive.journal.add([kept])
