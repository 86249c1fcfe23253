"""What goes into an edition: matching papers and the backlog → entries in order, the new backlog, what expired.

Nothing here touches the store; the numbers are those of decisions 2 and 3 in ``docs/decisions.md``.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby

from digest.models import Entry, Frequency, Match, Paper

# arXiv's identifier schemes (info.arxiv.org/help/arxiv_identifier.html): YYMM.number, before 2007 archive/YYMMnumber.
_ARXIV_MONTH = re.compile(r"(?:^|/)(\d\d)(\d\d)(?:\.|\d{3})")
_WEEK = 7


@dataclass(frozen=True, slots=True)
class Limits:
    """How much an edition holds: papers in it (None: all), days that make a paper older, days in the backlog."""

    max_items: int | None
    recent_days: int
    backlog_days: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """A matching paper, why it matches, and since when it waits in the backlog (None: it does not)."""

    paper: Paper
    matches: tuple[Match, ...]
    waits_since: date | None = None


@dataclass(frozen=True, slots=True)
class Composition:
    """What an edition comes to: its entries, and what waits (with since when) and what has expired, best first."""

    entries: tuple[Entry, ...] = ()
    waiting: tuple[tuple[Paper, date], ...] = ()
    expired: tuple[Paper, ...] = field(default=())


def lookback(frequency: Frequency, days: int) -> int:
    """Return how many days before D an edition looks back at the most: a week more for a weekly one (decision 1)."""
    return days + _WEEK if frequency == "weekly" else days


def backlog_days(frequency: Frequency) -> int:
    """Return for how many days a paper that did not fit competes again (decision 3)."""
    return 2 * _WEEK if frequency == "weekly" else _WEEK


def publication(paper: Paper) -> date | None:
    """Return when the paper was published, as far as known: its date, else the last day of its arXiv id's month."""
    if paper.published or not paper.identifiers.arxiv:
        return paper.published
    found = _ARXIV_MONTH.search(paper.identifiers.arxiv)
    if not found or not 1 <= int(found[2]) <= 12:
        return None
    # Two-digit years: arXiv began in 1991.
    year, month = int(found[1]) + (1900 if int(found[1]) > 90 else 2000), int(found[2])
    return date(year, month, monthrange(year, month)[1])


def is_older(paper: Paper, recent_days: int) -> bool:
    """Say whether a paper was no news when it was first listed (decision 2)."""
    published = publication(paper)
    return paper.baseline if published is None else (paper.first_listed - published).days > recent_days


def ordered_matches(matches: Iterable[Match]) -> tuple[Match, ...]:
    """Return the matches with the best first, which names the section: people, then weight, then the rules' order."""
    return tuple(sorted(matches, key=lambda match: (not match.people, -match.weight)))


def compose(candidates: Iterable[Candidate], limits: Limits, on: date) -> Composition:
    """Return the edition for a date: the best ``max_items`` papers, then every older one; the rest waits or expires."""
    older: list[Candidate] = []
    recent: list[Candidate] = []
    expired: list[Candidate] = []
    for candidate in candidates:
        if candidate.waits_since and (on - candidate.waits_since).days > limits.backlog_days:
            expired.append(candidate)
        elif candidate.waits_since is None and is_older(candidate.paper, limits.recent_days):
            older.append(candidate)
        else:
            recent.append(candidate)
    best = ranked(recent)
    chosen, rest = best[: limits.max_items], best[len(best) if limits.max_items is None else limits.max_items :]
    return Composition(
        entries=(
            *(Entry(c.paper, c.matches) for c in chosen),
            *(Entry(c.paper, c.matches, older=True) for c in ranked(older)),
        ),
        waiting=tuple((c.paper, c.waits_since or on) for c in rest),
        expired=tuple(c.paper for c in ranked(expired)),
    )


def ranked(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Return the candidates best first: weight of what matched, then recency; a site's scores order its own papers."""
    by_rank = sorted(candidates, key=lambda c: (*_rank(c), c.paper.id))
    return [c for _, tied in groupby(by_rank, key=_rank) for c in _by_scores(list(tied))]


def _rank(candidate: Candidate) -> tuple[float, int]:
    # A date still to come, as journals print it or by mistake, is no reason to stand first for ever.
    paper = candidate.paper
    when = min(paper.published or paper.first_listed, paper.first_listed)
    return -sum(match.weight for match in candidate.matches), -when.toordinal()


def _by_scores(tied: Sequence[Candidate]) -> list[Candidate]:
    """Return tied candidates where each site's papers share out their own places by the site's scores."""
    places: dict[str, list[int]] = defaultdict(list)
    for place, candidate in enumerate(tied):
        if candidate.paper.scores:
            places[candidate.paper.scores[0][0]].append(place)
    arranged = list(tied)
    for own in places.values():
        by_score = sorted((tied[place] for place in own), key=lambda c: (-c.paper.scores[0][1], c.paper.id))
        for place, candidate in zip(own, by_score, strict=True):
            arranged[place] = candidate
    return arranged
