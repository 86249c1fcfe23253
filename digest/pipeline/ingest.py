"""Taking in dumps: a file → the dumps in it → listings → papers, sightings and news (``taking.py`` writes them)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from digest import __version__, archive, containers, layouts
from digest.archive import About, Aside, Blob, Part, Waiting
from digest.errors import DumpError, UsageError
from digest.models import Dump, DumpReport
from digest.pipeline import journaling
from digest.pipeline.context import Context
from digest.pipeline.taking import Taking
from digest.store import dumps as dump_store
from digest.store import notes

_HISTORY_DAYS = 30  # beyond lookback_days, a dump is history (decision 2)
_LATER = "its date is later"


def from_inbox(context: Context, upto: date) -> list[DumpReport]:
    """Take in what waits in the inbox and is dated ``upto`` or before; later dumps are reported as waiting."""
    found = archive.waiting(context.archive.inbox, context.settings.site.timezone)
    # What a mail or a page says of its date counts before the file's age, so files dated by that are looked into.
    later = [item for item in found if item.dated and item.date > upto]
    ready = [item for item in found if not (item.dated and item.date > upto)]
    reports = resumed(context) + _retried(context, upto)
    with context.progress("Taking in dumps", len(ready)) as step:
        for item in ready:
            reports += _from_inbox(context, item, upto)
            step()
    return reports + [DumpReport(item.name, item.date, "waiting", reason=_LATER) for item in later]


def _from_inbox(context: Context, item: Waiting, upto: date) -> list[DumpReport]:
    """Take in a file of the inbox, and take it out of there unless something in it must wait."""
    try:
        blob = archive.fetched(item.path, context.archive.dumps)
    except DumpError as error:
        about = About(item.name, item.date, item.dated, item.folder)
        context.archive.set_aside(item.path, error.reason(), about)
        return [DumpReport(item.name, item.date, "rejected", reason=error.reason())]
    if blob is None:
        return [DumpReport(item.name, item.date, "waiting", reason="changed while it was read")]
    reports = list(_all_of(context, blob, item, Taker(context, "inbox", folder=item.folder, horizon=upto, upto=upto)))
    if blob.stamp and not any(report.status == "waiting" for report in reports):
        archive.take_out(item.path, blob.stamp)
    return reports


def from_paths(
    context: Context, paths: Iterable[Path], *, on: date | None, layout: str | None, stdin: Blob | None = None
) -> list[DumpReport]:
    """Take in the files named, and those in the folders named; ``-`` is ``stdin``. The files stay where they are.

    ``on`` dates them all (None: each by its name, folders, own word or age). Raises UsageError for a path that is not
    there.
    """
    if layout is not None:
        layouts.by_name(layout)
    horizon = on or context.today()
    todo = list(archive.expanded(paths, context.settings.site.timezone))
    reports = resumed(context)
    with context.progress("Taking in dumps", len(todo)) as step:
        for item in todo:
            taker = Taker(context, "ingest", folder=item.folder if item else "", horizon=horizon, on=on, layout=layout)
            reports += _from_path(context, item, taker, stdin)
            step()
    return reports


def from_rejected(context: Context) -> list[DumpReport]:
    """Try again what was set aside, each with the date, folder and source it had; what is read leaves ``rejected/``.

    The others stay there, with the reason of today.
    """
    return resumed(context) + _from_asides(context, context.today())


def _from_asides(context: Context, horizon: date) -> list[DumpReport]:
    reports: list[DumpReport] = []
    asides = context.archive.asides(context.settings.site.timezone)
    with context.progress("Trying rejected dumps", len(asides)) as step:
        for aside in asides:
            reports += _from_aside(context, aside, horizon)
            step()
    return reports


def _from_aside(context: Context, aside: Aside, horizon: date) -> list[DumpReport]:
    about = aside.about
    try:
        blob = archive.fetched(aside.path, context.archive.dumps)
    except DumpError as error:
        archive.write_note(aside.path, error.reason(), about)
        return [DumpReport(about.name, about.date, "rejected", reason=error.reason())]
    if blob is None:  # its file could not be moved here, or was taken away
        return []
    blob.name = about.name
    item = Waiting(aside.path, about.date, about.folder, about.dated)
    taker = Taker(context, about.source, folder=about.folder, horizon=horizon)
    reports = list(_all_of(context, blob, item, taker))
    again = any(report.status == "rejected" and report.sha256 == blob.sha256 for report in reports)
    if not again or aside.path != context.archive.rejected_path(blob):
        context.archive.settle(aside)
    return reports


def _retried(context: Context, upto: date) -> list[DumpReport]:
    """Try the rejected dumps again once after the program has changed; return what was taken in."""
    names = " ".join(sorted(layout.name for layout in layouts.LAYOUTS))
    program = f"{__version__} {hashlib.sha256(names.encode()).hexdigest()[:16]}"
    with context.store.reading() as tx:
        if notes.tried_by(tx) == program:
            return []
    reports = _from_asides(context, upto)
    with context.store.writing() as tx:
        notes.set_tried_by(tx, program)
    return [report for report in reports if report.status == "ingested"]


def _from_path(context: Context, item: Waiting | None, taker: Taker, stdin: Blob | None) -> Iterable[DumpReport]:
    if item is None:
        return _all_of(context, stdin, None, taker) if stdin else ()
    try:
        blob = archive.fetched(item.path, context.archive.dumps)
    except DumpError as error:
        return [DumpReport(item.name, taker.on or item.date, "rejected", reason=error.reason())]
    if blob is None:
        return [DumpReport(item.name, taker.on or item.date, "waiting", reason="changed while it was read")]
    return _all_of(context, blob, item, taker)


def _all_of(context: Context, blob: Blob, item: Waiting | None, taker: Taker) -> Iterator[DumpReport]:
    """Take in each dump of a file; a file that cannot be unpacked is set aside whole."""
    on, dated = (item.date, item.dated) if item else (taker.horizon, False)
    zone = context.settings.site.timezone
    try:
        for part in archive.parts(blob, on, zone, dated=dated, folder=context.archive.dumps):
            yield taker.take(part)
    except DumpError as error:
        context.archive.reject(blob, error.reason(), taker.about(blob, on, dated=dated))
        yield DumpReport(blob.name, on, "rejected", sha256=blob.sha256, reason=error.reason())


def resumed(context: Context) -> list[DumpReport]:
    """Take in the rest of the dumps that a killed run left in the middle, from where they are kept."""
    context.archive.sweep()
    journaling.catch_up(context)
    with context.store.reading() as tx:
        unfinished = dump_store.unfinished(tx)
    return [_resumed(context, left) for left in unfinished]


def _resumed(context: Context, left: dump_store.Unfinished) -> DumpReport:
    dump = left.dump
    path = context.archive.kept_path(dump.sha256, dump.date, dump.name)
    try:
        blob = archive.fetched(path, context.archive.dumps)
        if blob:
            reading = layouts.read(containers.opened(blob), dump.date, left.layout)
            return Taking(context, blob, dump, reading, history=left.history).whole()
        why = f"it is gone from {path.parent.name}/"
    except (DumpError, UsageError) as error:
        why = error.reason()
    reason = f"only a part of it is taken in: {why} (take it in once more)"
    return DumpReport(dump.name, dump.date, "rejected", sha256=dump.sha256, reason=reason)


class Taker:
    """What holds for all dumps of one source: where they come from, the horizon, and the date or layout asked for."""

    def __init__(
        self,
        context: Context,
        source: str,
        *,
        horizon: date,
        folder: str = "",
        on: date | None = None,
        upto: date | None = None,
        layout: str | None = None,
    ) -> None:
        """``on`` dates all dumps, ``upto`` leaves later ones waiting; ``horizon`` tells what is history."""
        self._context, self._source, self._folder = context, source, folder
        self.horizon, self.on = horizon, on
        self._upto, self._layout = upto, layout

    def take(self, part: Part) -> DumpReport:
        """Take in one dump, and say what came of it.

        A dump whose bytes are known costs one look-up; one that cannot be read is set aside with the reason. A dump
        dated more than ``lookback_days`` + 30 before the horizon is history: stored, but no news.
        """
        blob = part.blob
        report = DumpReport(blob.name, self.on or part.date, "known", sha256=blob.sha256)
        with self._context.store.reading() as tx:
            if dump_store.is_known(tx, blob.sha256):
                return report
        try:
            documents = containers.opened(blob)
            reading = layouts.read(documents, part.date, self._layout)
            # A mail may hold another, which has its own date: that of the one that is read counts.
            dated = self.on or (part.date if part.dated else reading.document.date or part.date)
            report = replace(report, date=dated)
            if self._upto and dated > self._upto:
                return replace(report, status="waiting", reason=_LATER)
            if dated != part.date:
                reading = layouts.read([reading.document, *documents], dated, self._layout)
            dump = Dump(blob.sha256, blob.name, self._folder, self._source, dated, reading.document.encoding)
            return Taking(self._context, blob, dump, reading, history=self._is_history(dated)).whole()
        except DumpError as error:
            about = self.about(blob, report.date, dated=part.dated)
            self._context.archive.reject(blob, error.reason(), about)
            return replace(report, status="rejected", reason=error.reason())

    def about(self, blob: Blob, on: date, *, dated: bool) -> About:
        """Return what is known of a dump that is set aside; ``dated`` tells whether a name or a folder dates it."""
        return About(blob.name, self.on or on, self.on is not None or dated, self._folder, self._source)

    def _is_history(self, dated: date) -> bool:
        return dated < self.horizon - timedelta(days=self._context.settings.editions.lookback_days + _HISTORY_DAYS)
