"""Trying a rule on the papers that are stored: what it would have brought, and what small changes would add."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from digest import rules
from digest.bits import ones
from digest.models import Paper
from digest.pipeline.context import Progress
from digest.rules import spelling, widen
from digest.rules.tree import Query, Words
from digest.settings import Settings
from digest.store import Store, open_store
from digest.store import papers as paper_store
from digest.store.engine import store_path

CHUNK = 1_000  # papers that are held and indexed at a time
DAYS = 30  # of history that a rule is tried on
LEFT_OUT = "left out"  # how a rule is widened by one part less
_MOST_WIDENINGS = 5
_MOST_MENDED = 10  # terms that are compared with all words there are
_MOST_TIMES = 10  # a widening in meaning adds at most so many times what the rule brings, or a paper a day


@dataclass(frozen=True, slots=True)
class Added:
    """A widening that brings more: the changed rule, its new term in the place of which, how it came, what it adds.

    Where ``how`` is LEFT_OUT, nothing (``""``) stands in the place of a part.
    """

    rule: str
    change: str
    instead_of: str
    how: str
    adds: int


@dataclass(frozen=True, slots=True)
class Absent:
    """A term that holds for no paper, a term that may be meant ("": none is near), and how many papers have that."""

    term: str
    suggestion: str
    papers: int


@dataclass(frozen=True, slots=True)
class History:
    """What a rule brings of the papers first listed from ``since`` to ``until``, both included."""

    since: date
    until: date
    papers: int
    by_day: Counter[date]
    absent: tuple[Absent, ...] = ()
    widenings: tuple[Added, ...] = ()

    @property
    def days(self) -> int:
        """How many days that is."""
        return (self.until - self.since).days + 1

    @property
    def matches(self) -> int:
        """How many papers match."""
        return self.by_day.total()

    @property
    def busiest(self) -> tuple[date, int] | None:
        """The latest of the days with most matches, and how many, None where there is no match."""
        return max(self.by_day.items(), key=lambda item: (item[1], item[0]), default=None)

    def as_row(self) -> dict[str, Any]:
        """Return it as JSON."""
        most = self.busiest
        return {
            "since": self.since.isoformat(),
            "until": self.until.isoformat(),
            "days": self.days,
            "papers": self.papers,
            "matches": self.matches,
            "per_day": round(self.matches / self.days, 2),
            "most": {"date": most[0].isoformat(), "matches": most[1]} if most else None,
            "absent": [{"term": own.term, "suggestion": own.suggestion or None} for own in self.absent],
            "widenings": [asdict(own) | {"change": own.change or None} for own in self.widenings],
        }


def existing_store(settings: Settings, state: Path) -> Store | None:
    """Open the store of a state folder, None where there is none: nothing is made."""
    path = store_path(state, settings.store.url)
    return open_store(state, settings.store.url) if path.is_file() and path.stat().st_size else None


def history(store: Store, query: Query, days: int, progress: Progress) -> History | None:
    """Return what a rule brings of the last ``days`` up to the newest paper's, None in a store without papers."""
    with store.reading() as tx:
        span = paper_store.span(tx)
        if span is None:
            return None
        since, until = max(span[0], span[1] - timedelta(days=days - 1)), span[1]
        tried = _Tried(query)
        total = paper_store.count_listed(tx, since, until)
        with progress("trying the rule", total) as advance:
            for chunk in paper_store.streamed(tx, since, until, CHUNK):
                tried.count(chunk)
                advance(len(chunk))
        absent = tuple(_meant(tx, since, until, tried))
    most = max(_MOST_TIMES * tried.by_day.total(), (until - since).days + 1)
    return History(since, until, total, tried.by_day, absent, tried.added(most))


def _meant(tx: Connection, since: date, until: date, tried: _Tried) -> Iterator[Absent]:
    """Yield the terms that no paper has, those that may be slips with the near term that some papers have."""
    near = {term: spelling.mended(term, tried.words) for term in tried.absent[:_MOST_MENDED]}
    counts: Counter[Query] = Counter()
    meant = [term for term in near.values() if term]
    for chunk in paper_store.streamed(tx, since, until, CHUNK) if meant else ():
        index = rules.Index(chunk)
        counts.update({term: index.match(term).bit_count() for term in meant})
    for term in tried.absent:
        other = near.get(term)
        found = counts[other] if other else 0
        yield Absent(str(term), str(other) if found else "", found)


@dataclass
class _Tried:
    """A rule, its terms and its widenings, counted in one chunk of papers after another."""

    query: Query
    by_day: Counter[date] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        leaves = {leaf.key: leaf for leaf, _ in self.query.leaves}
        self.absent = [Query("", leaf) for leaf in leaves.values()]
        self.reads_words = any(isinstance(leaf, Words) for leaf in leaves.values())
        self.words: Counter[str] = Counter()  # in how many chunks each stands
        self.widenings = list(widen.widenings(self.query))
        self.more: list[list[int]] = [[] for _ in self.widenings]
        self.without = list(widen.without_one(self.query))
        self.left: Counter[int] = Counter()

    def count(self, papers: Sequence[Paper]) -> None:
        """Count what a chunk brings."""
        index = rules.Index(papers)
        own = index.match(self.query)
        self.by_day.update(papers[place].first_listed for place in ones(own))
        self.absent = [term for term in self.absent if not index.match(term)]
        if self.reads_words:
            self.words.update(index.vocabulary)
        for place, (_, rest) in enumerate(self.without):
            self.left[place] += index.match(rest).bit_count()
        for more, wider in zip(self.more, self.widenings, strict=True):
            grown = index.match(wider.after) & ~index.match(wider.before)
            more.append(index.match(wider.query) & ~own if grown else 0)

    def added(self, most: int) -> tuple[Added, ...]:
        """Return the widenings that add papers, those first that add most; other spellings may add more than ``most``.

        Of a rule that brings nothing they are also those that leave out a part.
        """
        found = []
        for more, wider in self._different():
            adds = sum(bits.bit_count() for bits in more)
            if 0 < adds <= most or (adds and wider.how in widen.SAME_MEANING):
                found.append(Added(str(wider.query), wider.change, str(wider.before), wider.how, adds))
        if not self.by_day:
            left = ((part, rest, self.left[place]) for place, (part, rest) in enumerate(self.without))
            found += [Added(str(rest), "", part, LEFT_OUT, adds) for part, rest, adds in left if adds]
        return tuple(sorted(found, key=lambda own: -own.adds)[:_MOST_WIDENINGS])

    def _different(self) -> Iterator[tuple[list[int], widen.Widening]]:
        """Yield the widenings that add other papers than an earlier one of the same term does."""
        known = set()
        for more, wider in zip(self.more, self.widenings, strict=True):
            if (key := (wider.number, *more)) not in known:
                known.add(key)
                yield more, wider
