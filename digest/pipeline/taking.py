"""One dump into the store: its listings decided and written in bounded transactions, which a killed run can go on with.

A dump of up to ``BATCH`` listings is taken in by one transaction, all of it or nothing. A longer one takes several: its
row says how many of its listings are in, and its bytes are kept before the first of them is committed, so that the next
run reads them again and goes on from there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from sqlalchemy import Connection

from digest import identity, layouts
from digest.archive import Blob, Kept
from digest.errors import DumpError
from digest.models import Dump, DumpReport, Listing, Remark
from digest.pipeline.collecting import seldom_collecting
from digest.pipeline.context import Context
from digest.store import dumps as dump_store
from digest.store import papers as paper_store

CHUNK = 5000  # listings decided at once: few statements, bounded memory
BATCH = 4 * CHUNK  # listings written by one transaction: the store is locked for seconds, not minutes


@dataclass(slots=True)
class _Tally:
    """What has been read of a dump so far."""

    page_author: str | None = None
    stated: int | None = None
    remarks: list[Remark] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    ignored: Counter[str] = field(default_factory=Counter)
    listings: int = 0

    def note(self, remark: Remark) -> None:
        if remark.kind == "ignored":
            self.ignored[remark.text] += 1
            return
        self.counts[remark.kind] += 1
        if remark.kind == "page_author":
            self.page_author = self.page_author or remark.text
        elif remark.kind == "stated" and self.stated is None:
            self.stated = int(remark.text)
        if len(self.remarks) < dump_store.MOST_REMARKS:
            self.remarks.append(remark)


class Taking:
    """The taking in of one dump."""

    def __init__(
        self, context: Context, blob: Blob, dump: Dump, reading: layouts.Reading, *, history: bool, told: bool = False
    ) -> None:
        """Begin nothing yet; ``history``: its papers make no news; ``told``: it stands in the journal already."""
        self._context, self._blob, self._dump = context, blob, dump
        self._layout, self._history, self._told = reading.layout, history, told
        self._tally = _Tally()
        self._unwritten: Kept | None = None  # what the journal is to say once the dump's row is committed
        self._listings = self._listings_of(reading.events)

    def whole(self) -> DumpReport:
        """Take in all of the dump, or what is left of it, and say what came of it.

        Raises DumpError, with nothing done, where its first ``BATCH`` listings cannot be read.
        """
        megabytes = self._blob.size // 10**6
        with self._context.progress(f"{self._dump.name}, MB", megabytes) as step, seldom_collecting() as rest:
            report = None
            while report is None:
                with self._context.store.writing(durable=True) as tx:
                    report = self._batch(tx, step)
                self._write_down()
                if report is None:
                    rest()
        return report

    def _batch(self, tx: Connection, step: Callable[..., None]) -> DumpReport | None:
        """Write one transaction's listings; return the report after the last of them, else None."""
        # Another process may have been faster since the look-up.
        if dump_store.is_known(tx, self._dump.sha256):
            return DumpReport(self._dump.name, self._dump.date, "known", sha256=self._dump.sha256)
        row = dump_store.begun(tx, self._dump.sha256)
        if row:
            self._skip(row.position)
        chunk = self._next_chunk(broken_off=row is not None and row.position > 0)
        row = row or self._begin(tx, chunk)
        before = self._blob.position
        while chunk:
            self._decide(tx, chunk, row)
            if self._tally.listings % BATCH == 0:
                break
            chunk = self._next_chunk(broken_off=row.position > 0)
        step(max(0, self._blob.position - before) / 10**6)
        # Kept before anything of it is committed: what cannot be kept is not taken in.
        self._context.archive.keep(self._blob, self._dump.date, self._dump.name)
        if chunk:
            dump_store.advance(tx, row.id, self._tally.listings)
            return None
        return self._concluded(tx, row)

    def _begin(self, tx: Connection, first: list[Listing]) -> dump_store.Begun:
        """Write the dump's row, whose page may be told by its first listings."""
        tally = self._tally
        if not first and tally.counts["broken"]:
            worst = next(remark for remark in tally.remarks if remark.kind == "broken")
            raise DumpError(f"no line of it is a listing (line {worst.line}: {worst.text})", where=self._dump.name)
        page = self._dump.folder or _page_name(self._layout, tally.page_author, first)
        dump, layout, now = self._dump, self._layout.name, self._context.now()
        self._unwritten = Kept(dump.sha256, dump.name, dump.date, dump.folder, dump.source, layout, self._history, now)
        return dump_store.add(tx, dump, page, layout, history=self._history, now=now)

    def _write_down(self) -> None:
        if self._unwritten and not self._told:
            self._context.archive.journal.add([self._unwritten])
        self._unwritten = None

    def _listings_of(self, events: Iterator[Listing | Remark]) -> Iterator[Listing]:
        """Yield the listings, and note the remarks between them."""
        for event in events:
            if isinstance(event, Remark):
                self._tally.note(event)
            else:
                yield event

    def _skip(self, position: int) -> None:
        """Pass over the listings that are in already."""
        missing = position - self._tally.listings
        self._tally.listings += sum(1 for _ in islice(self._listings, missing))

    def _next_chunk(self, *, broken_off: bool = False) -> list[Listing]:
        """Return the next listings, none at the end.

        Where part of the dump is committed (``broken_off``), a fault that ends its reading costs the rest alone.
        """
        try:
            return list(islice(self._listings, CHUNK))
        except DumpError as error:
            if not broken_off:
                raise
            self._tally.note(Remark("broken", 0, f"the rest cannot be read: {error.reason()}"))
            return []

    def _decide(self, tx: Connection, chunk: list[Listing], row: dump_store.Begun) -> None:
        tally, dump = self._tally, self._dump
        listed = [identity.keys(listing) for listing in chunk]
        plan = identity.decide(
            chunk,
            listed,
            paper_store.candidates(tx, listed),
            identity.Context(dump.date, row.page, dump.source, row.baseline),
            next_id=paper_store.next_id(tx),
            first_position=tally.listings,
        )
        paper_store.apply(tx, plan, row.id)
        if not self._history:
            dump_store.make_news(tx, plan.news)
        tally.listings += len(chunk)

    def _concluded(self, tx: Connection, row: dump_store.Begun) -> DumpReport:
        dump, tally = self._dump, self._tally
        new, known = dump_store.papers_of(tx, row.id)
        report = DumpReport(
            name=dump.name,
            date=dump.date,
            status="ingested",
            sha256=dump.sha256,
            page=row.page,
            layout=self._layout.name,
            encoding=dump.encoding,
            history=self._history,
            listings=tally.listings,
            stated=tally.stated,
            remarks=tuple(tally.remarks),
            remark_counts=dict(tally.counts),
            new=new,
            known=known,
            ignored=dict(tally.ignored),
        )
        dump_store.conclude(tx, row.id, report)
        return report


def _page_name(layout: layouts.Layout, author: str | None, first: list[Listing]) -> str:
    """Return what a page is called that no folder names: its site, and its author where it is somebody's page."""
    told = first[0] if first else None
    name = layouts.site(told.layout if told else layout.name) or (told.layout if told else layout.name)
    author = author or (told.page_author if told else None)
    return f"{name}: {author}" if author else name
