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

from digest.bits import bitmap, ones, union
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
    """What an edition comes to, as places of papers, best first: what it brings, what waits, and what has expired.

    Older papers (decision 2) come after the others.
    """

    chosen: tuple[int, ...] = ()
    older: tuple[int, ...] = ()
    waiting: tuple[int, ...] = ()
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


def _when(paper: Paper) -> date:
    """Return the day that tells how recent a paper is."""
    # A date still to come, as journals print it or by mistake, is no reason to stand first for ever.
    return min(paper.published or paper.first_listed, paper.first_listed)


def in_order(papers: Iterable[Paper]) -> list[Paper]:
    """Return papers as they stand where their weight is the same: the latest first, then those known longest."""
    return sorted(papers, key=lambda paper: (-_when(paper).toordinal(), paper.id))


class Pool:
    """The papers that editions of a date are chosen from; bit i of every bitmap is the paper at place i.

    Cost: a recipient costs a few operations on bitmaps for each different weight, and naming the papers that match.
    """

    def __init__(self, papers: Sequence[Paper], recent_days: int) -> None:
        """Look once at each paper, which stand as ``in_order`` has them; ``recent_days`` tells which ones are older."""
        self._size = len(papers)
        self._older = bitmap([n for n, paper in enumerate(papers) if is_older(paper, recent_days)], len(papers))
        self._when = [_when(paper) for paper in papers]
        self._scores = {place: paper.scores[0] for place, paper in enumerate(papers) if paper.scores}
        self._scored = bitmap(self._scores, len(papers))

    def compose(self, classes: Mapping[float, int], waits: Mapping[int, date], limits: Limits, on: date) -> Composition:
        """Return the edition for a date: the best ``max_items`` papers and every older one; the rest waits or expires.

        ``classes`` are the papers that match, as bitmaps by what they weigh; ``waits`` says since when papers wait in
        the backlog, by their places.
        """
        matched = union(classes.values())
        late = [place for place, since in waits.items() if (on - since).days > limits.backlog_days]
        expired = matched & bitmap(late, self._size)
        older = matched & self._older & ~bitmap(waits, self._size)
        best = self.ranked(classes, matched & ~(expired | older))
        most = len(best) if limits.max_items is None else limits.max_items
        return Composition(
            chosen=tuple(best[:most]),
            older=tuple(self.ranked(classes, older)),
            waiting=tuple(best[most:]),
            expired=tuple(self.ranked(classes, expired)),
        )

    def ranked(self, classes: Mapping[float, int], within: int) -> list[int]:
        """Return papers best first: weight of what matched, then recency; a site's scores order its own papers."""
        found: list[int] = []
        for weight in sorted(classes, reverse=True) if within else ():
            papers = classes[weight] & within
            if papers & self._scored:
                for _, tied in groupby(ones(papers), key=self._when.__getitem__):
                    found.extend(self._by_scores(list(tied)))
            else:
                found.extend(ones(papers))
        return found

    def _by_scores(self, tied: Sequence[int]) -> list[int]:
        """Return tied papers where each site's papers share out their own places by the site's scores."""
        stands: dict[str, list[int]] = defaultdict(list)
        for at, place in enumerate(tied):
            if place in self._scores:
                stands[self._scores[place][0]].append(at)
        arranged = list(tied)
        for own in stands.values():
            by_score = sorted((tied[at] for at in own), key=lambda place: (-self._scores[place][1], place))
            for at, place in zip(own, by_score, strict=True):
                arranged[at] = place
        return arranged
