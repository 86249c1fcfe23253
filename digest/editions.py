"""What goes into an edition: weights of matching papers and the backlog → papers in order, what waits, what expired.

Nothing here touches the store; the numbers are those of decisions 2 and 3 in ``docs/decisions.md``.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from digest.models import Frequency, Match, Paper

# arXiv's identifier schemes (info.arxiv.org/help/arxiv_identifier.html): YYMM.number, before 2007 archive/YYMMnumber.
_ARXIV_MONTH = re.compile(r"(?:^|/)(\d\d)(\d\d)(?:\.|\d{3})")
_WEEK = 7


@dataclass(frozen=True, slots=True)
class Limits:
    """How much an edition holds: papers in it (None: all), and days in the backlog."""

    max_items: int | None
    backlog_days: int


@dataclass(frozen=True, slots=True)
class Composition:
    """What an edition comes to, as places of papers, best first: what it brings, what waits (since when), what expired.

    Older papers (decision 2) come after the others.
    """

    chosen: tuple[int, ...] = ()
    older: tuple[int, ...] = ()
    waiting: tuple[tuple[int, date], ...] = ()
    expired: tuple[int, ...] = ()


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


class Pool:
    """The papers that editions of a date are chosen from, by their places; what orders them is worked out once.

    Cost: a recipient costs the sorting of the papers that match.
    """

    def __init__(self, papers: Sequence[Paper], recent_days: int) -> None:
        """Look at each paper once; ``recent_days`` tells which ones are older."""
        self._older = [is_older(paper, recent_days) for paper in papers]
        # A date still to come, as journals print it or by mistake, is no reason to stand first for ever.
        self._when = [min(paper.published or paper.first_listed, paper.first_listed) for paper in papers]
        in_order = sorted(range(len(papers)), key=lambda place: (-self._when[place].toordinal(), papers[place].id))
        self._order = {place: rank for rank, place in enumerate(in_order)}
        self._scores = {place: paper.scores[0] for place, paper in enumerate(papers) if paper.scores}

    def compose(self, weights: Mapping[int, float], waits: Mapping[int, date], limits: Limits, on: date) -> Composition:
        """Return the edition for a date: the best ``max_items`` papers and every older one; the rest waits or expires.

        ``weights`` are those of the papers that match, ``waits`` says since when papers wait in the backlog.
        """
        expired = {place for place in weights.keys() & waits if (on - waits[place]).days > limits.backlog_days}
        older = [place for place in weights if self._older[place] and place not in waits]
        apart = expired.union(older)
        best = self.ranked({place: weight for place, weight in weights.items() if place not in apart})
        most = len(best) if limits.max_items is None else limits.max_items
        return Composition(
            chosen=tuple(best[:most]),
            older=tuple(self.ranked({place: weights[place] for place in older})),
            waiting=tuple((place, waits.get(place, on)) for place in best[most:]),
            expired=tuple(self.ranked({place: weights[place] for place in expired})),
        )

    def ranked(self, weights: Mapping[int, float]) -> list[int]:
        """Return papers best first: weight of what matched, then recency; a site's scores order its own papers."""
        order = self._order
        found = sorted(weights, key=lambda place: (-weights[place], order[place]))
        if self._scores.keys().isdisjoint(found):
            return found
        tied = groupby(found, key=lambda place: (weights[place], self._when[place]))
        return [place for _, places in tied for place in self._by_scores(list(places))]

    def _by_scores(self, tied: Sequence[int]) -> list[int]:
        """Return tied papers where each site's papers share out their own places by the site's scores."""
        stands: dict[str, list[int]] = defaultdict(list)
        for at, place in enumerate(tied):
            if place in self._scores:
                stands[self._scores[place][0]].append(at)
        arranged = list(tied)
        for own in stands.values():
            by_score = sorted((tied[at] for at in own), key=lambda place: (-self._scores[place][1], self._order[place]))
            for at, place in zip(own, by_score, strict=True):
                arranged[at] = place
        return arranged
