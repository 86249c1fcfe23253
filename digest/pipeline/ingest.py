"""Taking in dumps: a file's bytes → listings → papers, sightings and news, inside one transaction."""

from __future__ import annotations

import contextlib
import gc
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import chain, islice
from pathlib import Path

from sqlalchemy import Connection

from digest import archive, identity, layouts
from digest.errors import DumpError
from digest.layouts.base import Layout
from digest.models import Dump, DumpReport, Listing, Remark
from digest.pipeline.context import Context
from digest.store import dumps as dump_store
from digest.store import papers as paper_store

CHUNK = 5000  # listings decided at once: few statements, bounded memory
_HISTORY_DAYS = 30  # beyond lookback_days, a dump is history (decision 2)


@dataclass(frozen=True, slots=True)
class Received:
    """A dump's bytes before anything is known of them."""

    data: bytes
    name: str
    date: date
    folder: str = ""
    source: str = "ingest"
    layout: str | None = None  # asked for by name


@dataclass(slots=True)
class _Tally:
    """What has been read of a dump so far."""

    page_author: str | None = None
    stated: int | None = None
    remarks: list[Remark] = field(default_factory=list)
    ignored: Counter[str] = field(default_factory=Counter)
    listings: int = 0
    new: set[int] = field(default_factory=set)
    known: set[int] = field(default_factory=set)

    def note(self, remark: Remark) -> None:
        if remark.kind == "ignored":
            self.ignored[remark.text] += 1
            return
        if remark.kind == "page_author":
            self.page_author = self.page_author or remark.text
        elif remark.kind == "stated" and self.stated is None:
            self.stated = int(remark.text)
        self.remarks.append(remark)


def from_inbox(context: Context, upto: date) -> list[DumpReport]:
    """Take in what waits in the inbox and is dated ``upto`` or before; later dumps are reported as waiting."""
    found = archive.waiting(context.archive.inbox, context.settings.site.timezone)
    ready = [item for item in found if item.date <= upto]
    reports = []
    with context.progress("Taking in dumps", len(ready)) as step:
        for item in ready:
            report = _from_file(context, item, source="inbox", on=None, layout=None, horizon=upto)
            if report.sha256:
                archive.remove(item.path)
            elif report.status == "rejected":
                context.archive.set_aside(item.path, report.reason)
            reports.append(report)
            step()
    return reports + [DumpReport(item.name, item.date, "waiting") for item in found if item.date > upto]


def from_paths(
    context: Context, paths: Iterable[Path], *, on: date | None, layout: str | None, stdin: bytes | None = None
) -> list[DumpReport]:
    """Take in the files named, and those in the folders named; ``-`` is ``stdin``. The files stay where they are.

    ``on`` dates them all (None: each by its name, folders or age). Raises UsageError for a path that is not there.
    """
    if layout is not None:
        layouts.by_name(layout)
    horizon = on or context.today()
    reports = []
    todo = list(archive.expanded(paths, context.settings.site.timezone))
    with context.progress("Taking in dumps", len(todo)) as step:
        for item in todo:
            if item is None:
                received = Received(stdin or b"", "standard input", horizon, layout=layout)
                reports.append(take_in(context, received, horizon))
            else:
                reports.append(_from_file(context, item, source="ingest", on=on, layout=layout, horizon=horizon))
            step()
    return reports


def _from_file(
    context: Context, item: archive.Waiting, *, source: str, on: date | None, layout: str | None, horizon: date
) -> DumpReport:
    name, dated = item.name, on or item.date
    try:
        data = archive.read(item.path)
    except DumpError as error:
        return DumpReport(name, dated, "rejected", reason=error.reason())
    if data is None:
        return DumpReport(name, dated, "waiting", reason="changed while it was read")
    return take_in(context, Received(data, name, dated, item.folder, source, layout), horizon)


def take_in(context: Context, received: Received, horizon: date) -> DumpReport:
    """Take in one dump, all of it or nothing, and say what came of it.

    A dump whose bytes are known costs one look-up; one that cannot be read is set aside with the reason. A dump dated
    more than ``lookback_days`` + 30 before ``horizon`` is history: stored, but no news.
    """
    sha256 = archive.fingerprint(received.data)
    report = DumpReport(received.name, received.date, "known", sha256=sha256)
    with context.store.reading() as tx:
        if dump_store.is_known(tx, sha256):
            return report
    history = received.date < horizon - timedelta(days=context.settings.editions.lookback_days + _HISTORY_DAYS)
    try:
        text, encoding = archive.decode(received.data, received.name)
        layout, events = layouts.read(text, received.date, received.layout)
        dump = Dump(sha256, received.name, received.folder, received.source, received.date, encoding)
        with context.store.writing() as tx:
            # Another process may have been faster since the look-up.
            if dump_store.is_known(tx, sha256):
                return report
            with _without_collector():
                report = _store(tx, context, dump, layout, events, history=history)
            # Kept last: what is rejected while it is read lies in one place, and what cannot be kept is not taken in.
            context.archive.keep(received.data, sha256, received.date, received.name)
            return report
    except DumpError as error:
        context.archive.reject(received.data, sha256, received.name, error.reason())
        return replace(report, status="rejected", reason=error.reason())


@contextlib.contextmanager
def _without_collector() -> Iterator[None]:
    """Pause the cyclic garbage collector: records hold no cycles, and it would walk all of them again and again."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _store(
    tx: Connection, context: Context, dump: Dump, layout: Layout, events: Iterator[Listing | Remark], *, history: bool
) -> DumpReport:
    tally = _Tally()
    first = next(chunks := _chunks(events, tally), [])
    if not first and any(remark.kind == "broken" for remark in tally.remarks):
        worst = next(remark for remark in tally.remarks if remark.kind == "broken")
        raise DumpError(f"no line of it is a listing (line {worst.line}: {worst.text})", where=dump.name)
    page = dump.folder or _page_name(layout, tally.page_author, first)
    baseline = dump_store.page_is_new(tx, page)
    dump_id = dump_store.add(tx, dump, page, layout.name, history=history, now=context.now())
    said = identity.Context(dump.date, page, dump.source, baseline)
    for chunk in chain([first], chunks):
        _decide(tx, chunk, said, tally, dump_id, history=history)
    report = DumpReport(
        name=dump.name,
        date=dump.date,
        status="ingested",
        sha256=dump.sha256,
        page=page,
        layout=layout.name,
        encoding=dump.encoding,
        history=history,
        listings=tally.listings,
        stated=tally.stated,
        remarks=tuple(tally.remarks),
        new=len(tally.new),
        known=len(tally.known - tally.new),
        ignored=dict(tally.ignored),
    )
    dump_store.conclude(tx, dump_id, report)
    return report


def _chunks(events: Iterator[Listing | Remark], tally: _Tally) -> Iterator[list[Listing]]:
    """Yield the listings in chunks, and note the remarks between them."""

    def listings() -> Iterator[Listing]:
        for event in events:
            if isinstance(event, Remark):
                tally.note(event)
            else:
                yield event

    read = listings()
    while chunk := list(islice(read, CHUNK)):
        yield chunk


def _page_name(layout: Layout, author: str | None, first: list[Listing]) -> str:
    """Return what a page is called that no folder names: its site, and its author where it is somebody's page."""
    told = first[0] if first else None
    name = layouts.site(told.layout if told else layout.name) or (told.layout if told else layout.name)
    author = author or (told.page_author if told else None)
    return f"{name}: {author}" if author else name


def _decide(
    tx: Connection, chunk: list[Listing], said: identity.Context, tally: _Tally, dump_id: int, *, history: bool
) -> None:
    listed = [identity.keys(listing) for listing in chunk]
    plan = identity.decide(
        chunk,
        listed,
        paper_store.candidates(tx, listed),
        said,
        next_id=paper_store.next_id(tx),
        first_position=tally.listings,
    )
    paper_store.apply(tx, plan, dump_id)
    if not history:
        dump_store.make_news(tx, plan.news)
    tally.listings += len(chunk)
    tally.new.update(paper.id for paper in plan.added)
    tally.known.update(sighting.paper_id for sighting in plan.sightings)
