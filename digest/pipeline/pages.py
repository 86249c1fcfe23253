"""How the pages and the sources do as of a date, by what they brought, what was rejected, and how sources fail."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from digest import rhythm
from digest.archive.aside import SUFFIX, Aside, read_note
from digest.errors import StateError
from digest.models import PageNote
from digest.pipeline.context import Context
from digest.rhythm import Failing, Refused, Standing
from digest.settings import SourceSetting
from digest.store import dumps as dump_store
from digest.store import pages as page_store
from digest.store import sources as source_store
from digest.store.sources import Known

_READ_DAYS = 14  # a page that brought nothing for longer is not among those that were read for an edition
_MISSED_DAYS = 30  # nor is it missed in an edition after so long
_MOST_REJECTED = 100  # the latest rejected dumps that are looked at
TROUBLED = ("stalled", "broken")


@dataclass(frozen=True, slots=True)
class PageState:
    """How a page does, and its last dump."""

    page: str
    layout: str
    last: date
    listings: int
    stated: int | None
    standing: Standing


@dataclass(frozen=True, slots=True)
class SourceState:
    """How a source does that the settings name, and what is known of it (None: it was never asked)."""

    setting: SourceSetting
    known: Known | None
    standing: Standing


@dataclass(frozen=True, slots=True)
class _Said:
    """What is known of pages and sources besides dumps: what was asked, what was rejected last, and what fails now."""

    zone: str
    known: Mapping[str, Known]
    refused: Mapping[str, Refused]
    failing: Mapping[str, Failing]

    @classmethod
    def of(cls, tx: Connection, context: Context) -> _Said:
        zone, known = context.settings.site.timezone, _known(tx, context)
        return cls(zone, known, _refused(lately_rejected(context)), _failing(known, zone))


def page_states(tx: Connection, context: Context, today: date) -> list[PageState]:
    """Return how each page does that had a dump dated up to ``today`` (but for dumps that are history), by name.

    A page is not silent while nobody asks its source: it does as it did when that was asked last.
    """
    return _page_states(tx, _Said.of(tx, context), today)


def _page_states(tx: Connection, said: _Said, today: date) -> list[PageState]:
    zone, known = said.zone, said.known.values()
    as_of = {own.name: min(today, _day(own.checked_at, zone)) for own in known if own.checked_at}
    return [
        PageState(
            found.page,
            found.layout,
            found.last.date,
            found.last.listings,
            found.last.stated,
            rhythm.standing(
                found.dumps,
                max(as_of.get(found.page, today), found.last.date),
                refused=said.refused.get(found.page),
                failing=said.failing.get(found.page),
            ),
        )
        for found in page_store.histories(tx, today, zone)
    ]


def states(tx: Connection, context: Context, today: date) -> tuple[list[PageState], list[SourceState]]:
    """Return how the pages do, by name, and how the sources of the settings do, in their order.

    A source does as the page that its dumps are of.
    """
    said = _Said.of(tx, context)
    pages = _page_states(tx, said, today)
    standings = {state.page: state.standing for state in pages}
    sources = [
        SourceState(
            own,
            said.known.get(own.name),
            standings.get(own.name)
            or rhythm.standing((), today, refused=said.refused.get(own.name), failing=said.failing.get(own.name)),
        )
        for own in context.settings.sources
    ]
    return pages, sources


def page_notes(tx: Connection, context: Context, on: date) -> tuple[PageNote, ...]:
    """Return what an edition of a date says of pages: which were read lately, and which are silent or broken."""
    troubled = {
        state.page: state
        for state in page_states(tx, context, on)
        if state.standing.state in TROUBLED and (on - state.last).days <= _MISSED_DAYS
    }
    notes = {note.page: note for note in dump_store.page_notes(tx, on - timedelta(days=_READ_DAYS), on)}
    notes |= {name: _note(state) for name, state in troubled.items()}
    return tuple(notes[name] for name in sorted(notes))


def _note(state: PageState) -> PageNote:
    own = state.standing
    return PageNote(state.page, state.layout, state.last, state.listings, state.stated, own.state, own.since)


def lately_rejected(context: Context) -> list[Aside]:
    """Return the dumps that were set aside last, the latest first, and no more than a hundred.

    A note that cannot be read is left out: ``digest status`` names it.
    """
    notes = heapq.nlargest(_MOST_REJECTED, context.archive.rejected.glob(f"*{SUFFIX}"), key=_age)
    found = []
    for note in notes:
        try:
            found.append(read_note(note, context.settings.site.timezone))
        except StateError:
            continue
    return found


def _age(path: Path) -> tuple[float, str]:
    try:
        return path.stat().st_mtime, path.name
    except OSError:  # it was settled meanwhile
        return 0.0, path.name


def _refused(asides: Iterable[Aside]) -> dict[str, Refused]:
    """Return the last rejected dump of each page that a folder names; of others nobody knows the page."""
    found: dict[str, Refused] = {}
    for aside in asides:
        name, on = aside.about.folder, aside.about.date
        if name and (name not in found or found[name].date < on):
            found[name] = Refused(on, aside.reason)
    return found


def _known(tx: Connection, context: Context) -> dict[str, Known]:
    """Return what is known of the sources that the settings name; one that is no more fails no more."""
    named = {own.name for own in context.settings.sources}
    return {name: own for name, own in source_store.load(tx).items() if name in named}


def _failing(known: Mapping[str, Known], zone: str) -> dict[str, Failing]:
    """Return the sources that fail now."""
    return {
        name: Failing(_day(own.failing_since, zone), own.failures, own.said)
        for name, own in known.items()
        if own.failing_since
    }


def _day(instant: str, zone: str) -> date:
    return datetime.fromisoformat(instant).astimezone(ZoneInfo(zone)).date()
