"""What the documents of a feed hold: whole dates, the newest of which are current; and when its entries are from.

A feed is a row of dates, each with its entries. The current document holds the newest dates, an archive document
(RFC 5005, section 4) one date of the rest; the daily form of a feed has an entry for each date and archives of a month.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from digest.models import Match, Paper
from digest.text import readable

CURRENT_DAYS = 7  # the current document holds these, or so many entries as are asked for, whichever is more
DAILY_MOST = 31  # days of a current daily document, unless fewer entries are asked for
# No two entries of a document should have the same instant (the W3C's feed validator warns of it), and none should be
# far from its date: a paper's id gives an even second of the day's first quarter, each edit moves it on by a quarter.
_QUARTER = 6 * 60 * 60


@dataclass(frozen=True, slots=True)
class Cut:
    """Which dates are current: those from ``start`` on; and the archives below, newest first, as asked for.

    ``archives`` are the first dates of what one archive document holds.
    """

    start: date | None  # None: nothing is current, since nothing is there
    archives: tuple[date, ...] = ()


def by_date(on: date) -> tuple[date, date]:
    """Return the first and last date of the archive document that holds a date's entries: that date."""
    return on, on


def by_month(on: date) -> tuple[date, date]:
    """Return the first and last date of the archive document that holds a day as an entry: of its month."""
    return on.replace(day=1), on.replace(day=monthrange(on.year, on.month)[1])


def cut(
    days: Iterable[tuple[date, int]],
    most: int,
    newest: date,
    archive: Callable[[date], tuple[date, date]] = by_date,
    upto: date = date.min,
) -> Cut:
    """Return what is current of (date, entries), newest first, and the archives below it, down to the one of ``upto``.

    The current dates are the fewest whole archives' worth that hold the newest ``most`` entries, and the last seven
    days at the date ``newest``. Of ``days``, no more is taken than is needed; one archive older than ``upto`` is, so
    that each but the last knows the one before.
    """
    since, held = newest - timedelta(days=CURRENT_DAYS), 0
    start: date | None = None
    below: list[date] = []
    for on, count in days:
        own = archive(on)[0]
        if start is None or own == start or (not below and (held < most or on > since)):
            start, held = own, held + count
        elif not below or below[-1] != own:
            below.append(own)
            if own < upto:
                break
    return Cut(start, tuple(below))


def instant(on: date, number: int, edits: int = 0) -> datetime:
    """Return the instant of an entry of a date: always the same, and in one document another for each number."""
    beginning = datetime.combine(on, time(), UTC)
    return beginning + timedelta(seconds=2 * (number + max(0, edits - 3)) % _QUARTER + _QUARTER * min(edits, 3))


def published(paper: Paper) -> datetime:
    """Return when a paper was first listed, as an entry says it."""
    return instant(paper.first_listed, paper.id)


def updated(paper: Paper, again: int = 0) -> datetime:
    """Return when a paper last changed for its readers, as an entry says it; never before it was first listed.

    ``again`` is as in FeedEntry: beside the paper's first entry, the other has an odd second.
    """
    latest = max(published(paper), instant(paper.changed, paper.id, paper.edits))
    return latest + timedelta(seconds=1) if again else latest


def carried(matches: Iterable[Match], before: Paper, now: Paper) -> tuple[Match, ...]:
    """Return matches of a paper for a later revision of it: marks stay where the same words stand in the same place."""
    fields = ("title", "abstract")
    texts = {name: (readable(getattr(before, name) or ""), readable(getattr(now, name) or "")) for name in fields}
    return tuple(_carried(match, texts) for match in matches)


def _carried(match: Match, texts: dict[str, tuple[str, str]]) -> Match:
    hits = []
    for hit in match.hits:
        old, new = texts.get(hit.field, ("", ""))
        hits.append(replace(hit, spans=tuple((a, b) for a, b in hit.spans if old[a:b] == new[a:b])))
    return replace(match, hits=tuple(hits))
