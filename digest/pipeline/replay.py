"""Replaying: a store made anew from the kept dumps and their journal, read with the layouts of today.

What follows from dumps alone is rebuilt: papers, sightings, pages, and the news with their numbers and dates. What
people asked for and got is not in a dump: subscribers, editions and the ledger are not rebuilt.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from digest import archive, containers, layouts
from digest.archive import Archive, Entry, Kept, Ran
from digest.archive.files import naming
from digest.errors import DumpError, StateError, UsageError
from digest.models import Dump, DumpReport
from digest.pipeline import journaling
from digest.pipeline.context import Context
from digest.pipeline.taking import Taking

_FILE = re.compile(r"([0-9a-f]{16}) (.+)")  # see Archive.kept_path


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a replay came to."""

    dumps: tuple[DumpReport, ...] = ()
    gone: tuple[str, ...] = ()  # dumps whose bytes are not there any more
    problems: tuple[str, ...] = ()  # all that was not taken in, those included: a line each

    def summary(self) -> dict[str, Any]:
        """Return the JSON document of ``digest replay --json``."""
        return {
            "dumps": {"ingested": len(self.dumps), "gone": len(self.gone), "problems": len(self.problems)},
            "listings": sum(report.listings for report in self.dumps),
            "papers": sum(report.new for report in self.dumps),
            "problems": list(self.problems),
        }


@dataclass(frozen=True, slots=True)
class Bounds:
    """The dates of dumps that are replayed, both ends included; None: no bound."""

    since: date | None = None
    until: date | None = None

    @property
    def any(self) -> bool:
        """Whether there is a bound at all."""
        return self.since is not None or self.until is not None

    def hold(self, on: date) -> bool:
        """Say whether a dump of this date is replayed."""
        return (self.since is None or self.since <= on) and (self.until is None or on <= self.until)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is replayed, in order, out of which folders; ``problems`` names what cannot be, a line each."""

    kept: Archive
    entries: tuple[Entry, ...]
    problems: tuple[str, ...] = ()


def planned(state: Path, bounds: Bounds) -> Plan:
    """Return how the dumps that a state folder keeps are replayed, as its journal tells; its store is not asked.

    Without a journal, each date's dumps go by the age of their files, and a run follows. Raises StateError where
    nothing is kept.
    """
    nothing = StateError("no such dumps are kept here", where=str(state / "dumps"), mend="see: digest replay --help")
    if not (state / "dumps").is_dir():
        raise nothing
    kept = Archive(state)
    with naming(kept.dumps):
        told = kept.journal.entries()
        entries = tuple(_bounded(told or list(_guessed(kept)), bounds))
        unlisted = _unlisted(kept, told, bounds) if told else []
    if not entries:
        raise nothing
    unread = [f"{kept.journal.path.name}, line {line}: not understood" for line in kept.journal.unread()]
    return Plan(kept, entries, (*unread, *unlisted))


def replay(context: Context, plan: Plan) -> Replayed:
    """Take dumps into the empty store of ``context`` as they were taken in once; runs date the news as they did.

    Each goes in with the date, folder, source and layout of then. What cannot be taken in is told, and the others go
    on. Raises StateError where the new folder cannot be written.
    """
    work = _Replay(context, plan.kept)
    with context.at_work(), context.progress("Replaying dumps", len(plan.entries)) as step:
        for entry in plan.entries:
            work.take(entry)
            step()
    return Replayed(tuple(work.reports), tuple(work.gone), (*plan.problems, *work.problems))


def _bounded(entries: list[Entry], bounds: Bounds) -> Iterator[Entry]:
    """Yield what is replayed: of the runs, where there is a bound, those that find something of it."""
    found = not bounds.any
    for entry in entries:
        if isinstance(entry, Kept):
            if bounds.hold(entry.date):
                found = True
                yield entry
        elif found:
            found = not bounds.any
            yield entry


class _Replay:
    """A replay that is going on: what was taken in, and what was not."""

    def __init__(self, context: Context, kept: Archive) -> None:
        self._context, self._kept = context, kept
        self.reports: list[DumpReport] = []
        self.gone: list[str] = []
        self.problems: list[str] = []

    def take(self, entry: Entry) -> None:
        """Do once more what the journal says."""
        if isinstance(entry, Ran):
            journaling.date_news(self._context, entry.date)
            return
        path = self._kept.kept_path(entry.sha256, entry.date, entry.name)
        if not path.exists():  # made by a program that names files otherwise
            path = next(path.parent.glob(f"{entry.sha256[:16]} *"), path)
        try:
            blob = archive.fetched(path, self._context.archive.dumps)
            if blob is None:
                self.gone.append(entry.name)
                self._miss(entry, "its bytes are not kept any more")
            elif not blob.sha256.startswith(entry.sha256):
                self._miss(entry, f"its bytes have changed: {path}")
            else:
                report = self._taken(replace(entry, sha256=blob.sha256), blob)
                self.reports += [report] if report.status == "ingested" else []
        except DumpError as error:
            self._miss(entry, error.reason())

    def _miss(self, entry: Kept, why: str) -> None:
        self.problems.append(f"{entry.name} of {entry.date}: {why}")

    def _taken(self, entry: Kept, blob: archive.Blob) -> DumpReport:
        then = replace(self._context, clock=lambda: _instant(entry.taken_at) or self._context.clock())
        blob.name = entry.name
        try:
            reading = layouts.read(containers.opened(blob), entry.date, entry.layout or None)
        except UsageError:  # a layout that is no more
            reading = layouts.read(containers.opened(blob), entry.date)
        encoding = reading.document.encoding
        dump = Dump(entry.sha256, entry.name, entry.folder, entry.source, entry.date, encoding)
        return Taking(then, blob, dump, reading, history=entry.history).whole()


def _instant(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _guessed(kept: Archive) -> Iterator[Entry]:
    """Yield what a journal might have said: the files of each date by age, then a run."""
    for folder, on in _dates(kept):
        files = sorted(folder.iterdir(), key=lambda path: (path.stat().st_mtime_ns, path.name))
        found = [match for path in files if path.is_file() and (match := _FILE.fullmatch(path.name))]
        for match in found:
            yield Kept(match[1], match[2], on, "", "inbox", "", history=False, taken_at="")
        if found:
            yield Ran(on)


def _dates(kept: Archive) -> Iterator[tuple[Path, date]]:
    for folder in sorted(kept.dumps.iterdir()):
        try:
            on = date.fromisoformat(folder.name)
        except ValueError:
            continue
        if folder.is_dir():
            yield folder, on


def _unlisted(kept: Archive, entries: list[Entry], bounds: Bounds) -> list[str]:
    """Name the files of kept dumps that the journal knows nothing of."""
    told = {kept.kept_path(e.sha256, e.date, e.name) for e in entries if isinstance(e, Kept)}
    here = [path for folder, on in _dates(kept) if bounds.hold(on) for path in sorted(folder.iterdir())]
    return [
        f"{path.parent.name}/{path.name}: not in the journal, so not replayed (digest ingest takes it in)"
        for path in here
        if path not in told and _FILE.fullmatch(path.name)
    ]
