"""Times in cron's five fields: text in, what is wrong with it out; only what means the same to everybody may stand."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time

from digest.text import counted

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
# Name, lowest, highest, names in order from the lowest.
_FIELDS: tuple[tuple[str, int, int, tuple[str, ...]], ...] = (
    ("minute", 0, 59, ()),
    ("hour", 0, 23, ()),
    ("day of the month", 1, 31, ()),
    ("month", 1, 12, _MONTHS),
    ("weekday", 0, 6, _DAYS),
)
_ITEM = re.compile(r"(?:(\*)|([a-z]{3}|\d{1,2})(?:-([a-z]{3}|\d{1,2}))?)(?:/(\d{1,2}))?", re.ASCII)
_LEAP = 2028


def fault(text: str) -> str:
    """Return why the text is no time in cron's form that can be heeded, "" where it is one.

    The fields are minute, hour, day of the month, month and weekday, as crontab(5) has them, with lists, ranges and
    steps. Left out is what schedulers disagree about: weekdays as numbers (0 is Sunday in cron, Monday in APScheduler
    3), and a day of the month beside a weekday (cron takes either, APScheduler both).
    """
    fields = text.lower().split()
    if len(fields) != len(_FIELDS):
        return f"has {counted(len(fields), 'field')}, not the five of minute, hour, day of the month, month, weekday"
    try:
        _, _, days, months, _ = (_values(*told, field) for told, field in zip(_FIELDS, fields, strict=True))
    except ValueError as error:
        return str(error)
    if fields[2] != "*" and fields[4] != "*":
        return "names days of the month and weekdays, and one program takes either where another takes both"
    if not any(min(days) <= monthrange(_LEAP, month)[1] for month in months):
        return "never comes: no such month has that day"
    return ""


@dataclass(frozen=True, slots=True)
class Times:
    """When a time in cron's form comes, by the wall clock; weekdays count from Monday, 0."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]

    def on(self, day: date) -> Iterator[time]:
        """Yield the times of a date, in order."""
        if day.day in self.days and day.month in self.months and day.weekday() in self.weekdays:
            yield from (time(hour, minute) for hour in sorted(self.hours) for minute in sorted(self.minutes))


def times(text: str) -> Times:
    """Return when a text that is without fault comes; raises ValueError for another."""
    fields = zip(_FIELDS, text.lower().split(), strict=True)
    return Times(*(frozenset(_values(*told, field)) for told, field in fields))


def _values(name: str, lowest: int, highest: int, names: tuple[str, ...], field: str) -> set[int]:
    """Return the numbers that a field stands for; ValueError for what cannot be read."""
    return set().union(*(_item(name, lowest, highest, names, item) for item in field.split(",")))


def _item(name: str, lowest: int, highest: int, names: tuple[str, ...], item: str) -> range:
    found = _ITEM.fullmatch(item)
    if not found or (found[4] and not found[1] and not found[3]):
        raise ValueError(f"cannot be read at {item!r}, the {name}")
    first = lowest if found[1] else _number(name, lowest, names, found[2])
    last = highest if found[1] else _number(name, lowest, names, found[3] or found[2])
    step = int(found[4] or 1)
    if not lowest <= first <= last <= highest:
        raise ValueError(f"cannot be read at {item!r}: the {name} goes from {lowest} to {highest}, the lower one first")
    if found[4] and not (1 <= step <= last - first and (found[1] or found[2].isdigit())):
        raise ValueError(f"has a step at {item!r} that leads nowhere")
    return range(first, last + 1, step)


def _number(name: str, lowest: int, names: tuple[str, ...], word: str) -> int:
    if word in names:
        return names.index(word) + lowest
    if not word.isdigit():
        raise ValueError(f"cannot be read at {word!r}, the {name}")
    if name == "weekday":
        raise ValueError(f"names a weekday by a number, {word}, which counts from Sunday here and from Monday there")
    return int(word)
