"""Rejected dumps tried again: when somebody asks for it, and once after the program has changed."""

from __future__ import annotations

import hashlib
from datetime import date

from digest import __version__, archive, layouts
from digest.archive import Aside
from digest.errors import DumpError
from digest.models import DumpReport
from digest.pipeline.context import Context
from digest.pipeline.resuming import resumed
from digest.pipeline.taker import Taker
from digest.store import notes


def from_rejected(context: Context) -> list[DumpReport]:
    """Try again what was set aside, each with the date, folder and source it had; what is read leaves ``rejected/``.

    The others stay there, with the reason of today. Raises StateError where the state folder cannot be written.
    """
    return resumed(context) + _from_asides(context, context.today(), None)


def retried(context: Context, upto: date) -> list[DumpReport]:
    """Try those dated ``upto`` or before again once after the program has changed; return what was taken in."""
    names = " ".join(sorted(layout.name for layout in layouts.LAYOUTS))
    program = f"{__version__} {hashlib.sha256(names.encode()).hexdigest()[:16]}"
    with context.store.reading() as tx:
        if notes.tried_by(tx) == program:
            return []
    reports = _from_asides(context, upto, upto)
    if not any(report.status == "waiting" for report in reports):
        with context.store.writing() as tx:
            notes.set_tried_by(tx, program)
    return [report for report in reports if report.status == "ingested"]


def _from_asides(context: Context, horizon: date, upto: date | None) -> list[DumpReport]:
    reports: list[DumpReport] = []
    asides = context.archive.asides(context.settings.site.timezone)
    with context.progress("Trying rejected dumps", len(asides)) as step:
        for aside in asides:
            about = aside.about
            reports += from_aside(
                context, aside, Taker(context, about.source, folder=about.folder, horizon=horizon, upto=upto)
            )
            step()
    return reports


def from_aside(context: Context, aside: Aside, taker: Taker) -> list[DumpReport]:
    """Try one rejected dump again; it leaves ``rejected/`` once all that is in it is known, or set aside by itself."""
    about = aside.about
    try:
        blob = archive.fetched(aside.path, context.archive.dumps)
    except DumpError as error:
        archive.write_note(aside.path, error.reason(), about)
        return [DumpReport(about.name, about.date, "rejected", reason=error.reason())]
    if blob is None:  # its file could not be moved here, or was taken away
        return []
    blob.name = about.name
    reports = list(taker.file(blob, about.date, dated=about.dated))
    if any(report.status == "waiting" for report in reports):
        return reports
    again = any(report.status == "rejected" and report.sha256 == blob.sha256 for report in reports)
    if not again or aside.path != context.archive.rejected_path(blob):
        context.archive.settle(aside)
    return reports
