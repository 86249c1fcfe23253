"""One file into the store: the dumps in it, each dated, and then known, taken in, set aside, or left waiting."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from digest import archive, containers, layouts
from digest.archive import About, Blob, Part
from digest.errors import DumpError
from digest.models import Dump, DumpReport
from digest.pipeline import resuming
from digest.pipeline.context import Context
from digest.pipeline.taking import Taking
from digest.store import dumps as dump_store

LATER = "its date is later"
_OWN_LATER = "the date that it tells itself is later (one at the beginning of its name counts before that)"
_HISTORY_DAYS = 30  # beyond lookback_days, a dump is history (decision 2)


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

    def file(self, blob: Blob, on: date, *, dated: bool) -> Iterator[DumpReport]:
        """Take in each dump of a file; one that cannot be taken apart is set aside whole.

        ``dated`` tells whether a name or a folder says its date ``on``. Raises StateError where the state folder
        cannot be written.
        """
        zone = self._context.settings.site.timezone
        try:
            for part in archive.parts(blob, on, zone, dated=dated, folder=self._context.archive.dumps):
                yield self.take(part)
        except DumpError as error:
            self._context.archive.reject(blob, error.reason(), self.about(blob.name, on, dated=dated))
            yield DumpReport(blob.name, self.on or on, "rejected", sha256=blob.sha256, reason=error.reason())

    def take(self, part: Part) -> DumpReport:
        """Take in one dump, and say what came of it.

        A dump whose bytes are known costs one look-up; one that cannot be read is set aside with the reason. A dump
        dated more than ``lookback_days`` + 30 before the horizon is history: stored, but no news.
        """
        report = DumpReport(part.blob.name, self.on or part.date, "known", sha256=part.blob.sha256)
        try:
            report = self._taken(part, report)
        except DumpError as error:
            about = self.about(part.blob.name, report.date, dated=part.dated)
            self._context.archive.reject(part.blob, error.reason(), about)
            return replace(report, status="rejected", reason=error.reason())
        if report.status in ("ingested", "known"):
            self._context.archive.forget_rejected(part.blob)
        return report

    def _taken(self, part: Part, report: DumpReport) -> DumpReport:
        blob = part.blob
        with self._context.store.reading() as tx:
            if dump_store.is_known(tx, blob.sha256):
                return report
            unfinished = dump_store.unfinished(tx, blob.sha256)
        if unfinished:  # what was kept of it could not be read to the end
            return resuming.finished(self._context, unfinished[0], blob, self._layout)
        documents = containers.opened(blob)
        reading = layouts.read(documents, part.date, self._layout)
        # A mail may hold another, which has its own date: that of the one that is read counts.
        told = None if self.on or part.dated else reading.document.date
        dated = self.on or told or part.date
        if self._upto and dated > self._upto:
            return replace(report, date=dated, status="waiting", reason=_OWN_LATER if told else LATER)
        if dated != part.date:
            reading = layouts.read([reading.document, *documents], dated, self._layout)
        dump = Dump(blob.sha256, blob.name, self._folder, self._source, dated, reading.document.encoding)
        return Taking(self._context, blob, dump, reading, history=self._is_history(dated)).whole()

    def about(self, name: str, on: date, *, dated: bool) -> About:
        """Return what is known of a dump that is set aside; ``dated`` tells whether a name or a folder dates it."""
        return About(name, self.on or on, self.on is not None or dated, self._folder, self._source)

    def _is_history(self, dated: date) -> bool:
        return dated < self.horizon - timedelta(days=self._context.settings.editions.lookback_days + _HISTORY_DAYS)
