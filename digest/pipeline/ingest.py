"""Taking in dumps: what waits in the inbox, and what the ``ingest`` command names (``taker.py`` takes in each file)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path

from digest import archive, layouts
from digest.archive import About, Aside, Blob, Waiting
from digest.errors import DumpError, StateError
from digest.models import DumpReport
from digest.pipeline.context import Context
from digest.pipeline.resuming import resumed
from digest.pipeline.retrying import from_aside, retried
from digest.pipeline.taker import LATER, Taker
from digest.store import notes
from digest.store.notes import Hold


def inbox(context: Context) -> list[tuple[Waiting, date]]:
    """Return what is in the inbox, each with the date that it is for, as far as that is known."""
    held = _Held(context)
    found = archive.waiting(context.archive.inbox, context.settings.site.timezone)
    return [(item, held.until(item, date.min) or item.date) for item in found]


def is_ready(context: Context, upto: date) -> bool:
    """Tell whether a file in the inbox may be taken in by a run for a date, or must be looked into to tell."""
    held = _Held(context)
    found = archive.waiting(context.archive.inbox, context.settings.site.timezone)
    return any(not item.fault and held.until(item, upto) is None for item in found)


def from_inbox(context: Context, upto: date) -> list[DumpReport]:
    """Take in what waits in the inbox and is dated ``upto`` or before; later dumps are reported as waiting."""
    found = archive.waiting(context.archive.inbox, context.settings.site.timezone)
    reports = resumed(context) + retried(context, upto)
    held = _Held(context)
    later: list[DumpReport] = []
    with context.progress("Taking in dumps", len(found)) as step:
        for item in found:
            if context.stop():  # what is left waits for the next run
                break
            if until := None if item.fault else held.until(item, upto):
                later.append(DumpReport(item.name, until, "waiting", reason=LATER))
            else:
                reports += _from_inbox(context, item, upto, held)
            step()
    held.keep(found)
    return reports + later


def _from_inbox(context: Context, item: Waiting, upto: date, held: _Held) -> list[DumpReport]:
    """Take in a file of the inbox, and take it out of there unless something in it must wait."""
    if item.fault:
        return [_at_fault(item)]
    try:
        blob = archive.fetched(item.path, context.archive.dumps)
    except DumpError as error:
        about = About(item.name, item.date, item.dated, item.folder, _brought_by(context, item.folder)[0])
        context.archive.set_aside(item.path, error.reason(), about)
        return [DumpReport(item.name, item.date, "rejected", reason=error.reason())]
    if blob is None:
        return [DumpReport(item.name, item.date, "waiting", reason="changed while it was read")]
    source, layout = _brought_by(context, item.folder)
    taker = Taker(context, source, folder=item.folder, horizon=upto, upto=upto, layout=layout)
    reports = list(taker.file(blob, item.date, dated=item.dated))
    dates = [report.date for report in reports if report.status == "waiting"]
    if dates:
        held.hold(item, blob, min(dates))
        return reports
    return _taken_out(item, blob, reports)


def _brought_by(context: Context, folder: str) -> tuple[str, str | None]:
    """Return what brought the files of a folder of the inbox, and the layout that all of them have (None: any)."""
    for source in context.settings.sources:
        if source.name == folder:
            return source.name, source.layout or None
    return "inbox", None


def _at_fault(item: Waiting) -> DumpReport:
    """Return what is said of something in the inbox that is no file; of a folder, nobody knows what waits in it."""
    return DumpReport(item.name, item.date, "rejected" if item.closed else "waiting", reason=item.fault)


def _taken_out(item: Waiting, blob: Blob, reports: list[DumpReport]) -> list[DumpReport]:
    """Take a file out of the inbox; where that cannot be, say so, and leave it there: it is known from now on."""
    try:
        if blob.stamp:
            archive.take_out(item.path, blob.stamp)
    except StateError as error:
        last = reports[-1]
        why = f"it cannot leave the inbox: {error}"
        return [*reports[:-1], replace(last, reason=f"{last.reason}; {why}" if last.reason else why)]
    return reports


class _Held:
    """The files of the inbox that must wait: by their names, or since they were looked into.

    What a mail or an archive says of its dates counts before the file's age, so files that are dated by their age are
    looked into, but not again at every run.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        with context.store.reading() as tx:
            self._known = notes.held(tx)
        self._holds = dict(self._known)

    def until(self, item: Waiting, upto: date) -> date | None:
        """Return the date that a file waits for, None where it may be taken in by a run for ``upto``."""
        if item.dated and item.date > upto:
            return item.date
        hold = self._holds.get(self._key(item))
        return hold.until if hold and hold.until > upto and hold.stamp == _stamp(item.path) else None

    def hold(self, item: Waiting, blob: Blob, until: date) -> None:
        """Remember that a file waits for a date, as long as it is the same."""
        if blob.stamp:
            self._holds[self._key(item)] = Hold(blob.stamp, until)

    def keep(self, found: Iterable[Waiting]) -> None:
        """Write down what waits of the files that were found."""
        here = {self._key(item) for item in found}
        holds = {key: hold for key, hold in self._holds.items() if key in here}
        if holds != self._known:
            with self._context.store.writing() as tx:
                notes.set_held(tx, holds)

    def _key(self, item: Waiting) -> str:
        return item.path.relative_to(self._context.archive.inbox).as_posix()


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        return archive.stamp_of(path)
    except OSError:
        return None


def from_paths(
    context: Context, paths: Iterable[Path], *, on: date | None, layout: str | None, stdin: Blob | None = None
) -> list[DumpReport]:
    """Take in the files named, and those in the folders named; ``-`` is ``stdin``. The files stay where they are.

    ``on`` dates them all (None: each by its name, folders, own word or age). A file among the rejected ones has the
    name, date and page that it had, and leaves them once it is taken in. Raises UsageError for a path that is not
    there.
    """
    if layout is not None:
        layouts.by_name(layout)
    found = archive.expanded(paths, context.settings.site.timezone)
    todo = [item for item in found if item is None or not context.archive.is_note(item.path)]
    reports = resumed(context)
    with context.progress("Taking in dumps", len(todo)) as step:
        for item in todo:
            aside = context.archive.aside_of(item.path, context.settings.site.timezone) if item else None
            reports += _from_path(context, item, aside, on, layout, stdin)
            step()
    return reports


def _from_path(
    context: Context, item: Waiting | None, aside: Aside | None, on: date | None, layout: str | None, stdin: Blob | None
) -> Iterable[DumpReport]:
    about = aside.about if aside else About("", context.today(), source="ingest", folder=item.folder if item else "")
    taker = Taker(context, about.source, folder=about.folder, horizon=on or context.today(), on=on, layout=layout)
    if aside:
        return from_aside(context, aside, taker)
    if item is None:
        return taker.file(stdin, taker.horizon, dated=False) if stdin else ()
    why = item.fault
    try:
        blob = None if why else archive.fetched(item.path, context.archive.dumps)
        if blob:
            return taker.file(blob, item.date, dated=item.dated)
    except DumpError as error:
        why = error.reason()
    why = why or "it changed while it was read (take it in once more)"
    return [DumpReport(item.name, on or item.date, "rejected", reason=why)]
