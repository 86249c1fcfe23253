"""How a page does, by what it has brought and how often it usually does: fresh, waiting, quiet, stalled or broken.

Pure: dumps and the date of today are handed in. Two dumps for one date are one *dump day*. What is usual is learned
from the eight weeks up to the last dump day, so that silence unlearns nothing:

- the *weekdays* on which at least half of the weeks had a dump, if four of five dump days fall on them; else all seven;
- the *longest usual gap*, counted in such days: 1 where none is left out. Of each eight gaps, the longest does not
  count: a holiday is no habit. With fewer than four dump days there is no rhythm yet.

A day is *missed* when it is such a day, lies after the day on which the page was last heard of (the date of its last
dump, or the day that one was taken in, if later) and before today: today's dump may still come.

========= ==============================================================================================================
broken    its source has failed three times in a row, or for more than a day; or a dump later than all that could be
          read was rejected; or of the last less than half of what it states was read, where nine tenths usually are
stalled   it missed twice its longest usual gap, and at least 3 days (2 where it has a dump on one or two weekdays)
quiet     its last dumps held nothing new, more than twice as many as usual in a row, and at least 3
waiting   too young to tell; or late, but not clearly so; or without anything new for no longer than usual
fresh     its last dump brought something new, and the next is not late
========= ==============================================================================================================

The first that holds, in this order, is the state; so with more silence a page only moves up in this table.
"""

from __future__ import annotations

import datetime as dt
import itertools
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal, get_args

from digest.text import counted, printable, shortened, single_spaced

State = Literal["fresh", "waiting", "quiet", "stalled", "broken"]
STATES: Final[tuple[State, ...]] = get_args(State)  # from the best to the worst

_WINDOW = 56  # days
_YOUNG = 4  # dump days below which there is no rhythm
_EXCEPTION = 8  # one gap of so many is one
_WEEK: Final = frozenset(range(7))
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = tuple("January February March April May June July August September October November December".split())  # noqa: SIM905 - twelve strings are harder to read
_LONGEST_REASON = 200  # characters


@dataclass(frozen=True, slots=True)
class Came:
    """A dump that was read: the date it is for, the day it was taken in, and how many papers it was first to list."""

    date: dt.date
    taken: dt.date
    new: int
    listings: int
    stated: int | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """A dump that was rejected: the date it is for, and why."""

    date: dt.date
    reason: str


@dataclass(frozen=True, slots=True)
class Failing:
    """A source that fails: since which day, how often in a row, and why the last time."""

    since: dt.date
    tries: int
    reason: str


@dataclass(frozen=True, slots=True)
class Standing:
    """A state, since when it is so (None: nobody knows), and why, a sentence without its subject and full stop.

    ``detail`` is what a program said about it, for the operator and not for everybody ("": nothing).
    """

    state: State
    since: dt.date | None
    why: str
    detail: str = ""

    @property
    def told(self) -> str:
        """The sentence with its detail."""
        return f"{self.why}: {self.detail}" if self.detail else self.why


@dataclass(frozen=True, slots=True)
class _Habit:
    weekdays: frozenset[int]
    gaps: tuple[int, ...]  # between dump days, in days of ``weekdays``, 1 at least
    days: tuple[int, ...]  # the same in days

    @property
    def longest(self) -> int:
        return _usual(self.gaps)

    @property
    def grace(self) -> int:
        """How many missed days are clearly more than usual."""
        return max(2 * self.longest, 3 if len(self.weekdays) > 2 else 2)

    def words(self) -> str:
        """Say how often it usually brings a dump."""
        if statistics.median(self.gaps) > 1:
            return f"it usually brings a dump at least every {counted(_usual(self.days), 'day')}"
        if self.weekdays == _WEEK:
            return "it usually brings a dump every day"
        if self.weekdays == frozenset(range(5)):
            return "it usually brings a dump every weekday"
        names = [f"{_WEEKDAYS[day]}s" for day in sorted(self.weekdays)]
        return f"it usually brings a dump on {' and '.join(filter(None, (', '.join(names[:-1]), names[-1])))}"


def standing(
    dumps: Iterable[Came], today: dt.date, *, refused: Refused | None = None, failing: Failing | None = None
) -> Standing:
    """Return how a page does that brought these dumps (of one date: in the order taken in), as of ``today``.

    Dumps dated after today do not count. Never raises.
    """
    known = sorted((dump for dump in dumps if dump.date <= today), key=lambda dump: dump.date)
    return (
        _failing(failing, today)
        or _refused(refused, known, today)
        or (_brought(known, today) if known else Standing("waiting", None, "has brought nothing yet"))
    )


def _failing(found: Failing | None, today: dt.date) -> Standing | None:
    if not found or (found.tries < 3 and (today - found.since).days < 2):
        return None
    tries = f", {found.tries:,} tries in a row" if found.tries > 1 else ""
    why = f"has failed since {_day(found.since, today)}{tries}"
    return Standing("broken", found.since, why, _cut(found.reason))


def _refused(found: Refused | None, dumps: Sequence[Came], today: dt.date) -> Standing | None:
    if not found or found.date > today or (dumps and found.date <= dumps[-1].date):
        return None
    return Standing("broken", found.date, f"its dump of {_day(found.date, today)} was rejected", _cut(found.reason))


def _brought(dumps: Sequence[Came], today: dt.date) -> Standing:
    """Return how a page does whose source works."""
    last = dumps[-1].date
    recent = [dump for dump in dumps if (last - dump.date).days < _WINDOW]
    short = _short(recent, today)
    if short:
        return short
    days = _new_by_day(recent)
    if len(days) < _YOUNG:
        so_far = f"{counted(len(days), 'dump')} so far, the last for {_day(last, today)}"
        return Standing("waiting", last, f"{so_far}: too few to know its rhythm")
    habit = _habit([day.toordinal() for day, _ in days])
    heard = max(last, *(dump.taken for dump in recent if dump.taken <= today), last)
    missed = _steps(habit.weekdays, heard.toordinal(), today.toordinal() - 1)
    if missed >= habit.grace:
        return Standing("stalled", heard, f"silent since {_day(heard, today)}; {habit.words()}")
    return _heard_of(days, habit, late=missed >= habit.longest, today=today)


def _heard_of(days: Sequence[tuple[dt.date, int]], habit: _Habit, *, late: bool, today: dt.date) -> Standing:
    """Return how a page does that is not silent: by what was new in its dumps."""
    runs = [(some, len(list(group))) for some, group in itertools.groupby(days, key=lambda day: day[1] > 0)]
    brings, barren = runs[-1]
    last = days[-1][0]
    if not brings:
        usual = max((length for some, length in runs[:-1] if not some), default=0)
        before = days[-barren - 1][0] if len(runs) > 1 else None
        told = f"nothing new since {_day(before, today)}" if before else "nothing new"
        if barren >= max(2 * usual + 1, 3):
            return Standing("quiet", before, f"{told}, in {counted(barren, 'dump')}, more than usual")
        return Standing("waiting", before, f"{told}, no longer than usual")
    if late:
        return Standing("waiting", last, f"late: the last dump was for {_day(last, today)}; {habit.words()}")
    return Standing("fresh", last, f"brought {counted(days[-1][1], 'new paper')} on {_day(last, today)}")


def _short(recent: Sequence[Came], today: dt.date) -> Standing | None:
    """Return that of the last dump far less was read than it states, if usually nearly all is."""
    shares = [min(dump.listings / dump.stated, 1.0) for dump in recent if dump.stated]
    last = recent[-1]
    if not last.stated or len(shares) < _YOUNG or shares[-1] >= 0.5 or statistics.median(shares[:-1]) < 0.9:
        return None
    read = f"{last.listings:,} of {counted(last.stated, 'paper')}"
    return Standing("broken", last.date, f"only {read} were read on {_day(last.date, today)}, usually all are")


def _new_by_day(recent: Iterable[Came]) -> list[tuple[dt.date, int]]:
    """Return the dump days in order, each with how many papers were new on it."""
    return [
        (day, sum(dump.new for dump in group)) for day, group in itertools.groupby(recent, key=lambda dump: dump.date)
    ]


def _habit(days: Sequence[int]) -> _Habit:
    """Return what is usual by the ordinals of dump days, ascending."""
    first, last = days[0], days[-1]
    counts = {weekday: sum(_weekday(day) == weekday for day in days) for weekday in _WEEK}
    there_were = {weekday: _steps(frozenset([weekday]), first - 1, last) for weekday in _WEEK}
    usual = frozenset(w for w in _WEEK if counts[w] and 2 * counts[w] >= there_were[w])
    weekdays = usual if 5 * sum(counts[w] for w in usual) >= 4 * len(days) else _WEEK
    pairs = list(itertools.pairwise(days))
    gaps = tuple(max(1, _steps(weekdays, before, after)) for before, after in pairs)
    return _Habit(weekdays, gaps, tuple(after - before for before, after in pairs))


def _usual(gaps: Sequence[int]) -> int:
    """Return the longest of some gaps but for exceptions."""
    return sorted(gaps)[-1 - len(gaps) // _EXCEPTION]


def _steps(weekdays: frozenset[int], after: int, upto: int) -> int:
    """Return how many days of these weekdays lie after one ordinal, up to another."""
    weeks, rest = divmod(max(0, upto - after), 7)
    return weeks * len(weekdays) + sum(_weekday(after + 1 + more) in weekdays for more in range(rest))


def _weekday(ordinal: int) -> int:
    return (ordinal + 6) % 7  # as date.weekday()


def _day(day: dt.date, today: dt.date) -> str:
    """Return a date as in "Tuesday 9 June", with its year if that is another."""
    year = f" {day.year}" if day.year != today.year else ""
    return f"{_WEEKDAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]}{year}"


def _cut(reason: str) -> str:
    return shortened(single_spaced(printable(reason)), _LONGEST_REASON)
