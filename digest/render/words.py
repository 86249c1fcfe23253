"""Dates and texts as a reader sees them: English, independent of the machine's locale, safe to show."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from digest import text
from digest.keeping import kept

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = tuple("January February March April May June July August September October November December".split())  # noqa: SIM905 - twelve strings are harder to read

# Marks that turn the direction of what follows them (UAX #9): one in a title would reverse the line it stands in.
_TURNS = re.compile("[\u202a-\u202e\u2066-\u2069]")

TITLE_LIMIT = 300  # characters shown of a title; the longest real ones have about 250
NAME_LIMIT = 100  # characters shown of a person's, a page's or a rule's name
QUERY_LIMIT = 400  # characters shown of a rule


def shown(value: str, limit: int = TITLE_LIMIT) -> str:
    """Return text from outside as one line to show: readable, without direction marks, at most ``limit`` characters."""
    return _shown(value[: limit * 10], limit)  # TeX shrinks when it is read, but not to a tenth


def all_shown(names: Sequence[str]) -> list[str]:
    """Return names as ``shown`` does; most are as they should be, which is seen at once of all of them."""
    if text.is_readable(" ".join(names)) and max(map(len, names), default=0) <= NAME_LIMIT:
        return list(names)
    return [shown(name, NAME_LIMIT) for name in names]


@kept(16_384)  # about 10 MB; the same titles, names and rules stand in many messages
def _shown(value: str, limit: int) -> str:
    plain = value if text.is_readable(value) else text.single_spaced(turned(text.readable(value)))
    return text.shortened(plain, limit)


def turned(value: str) -> str:
    """Return the text without the marks that turn its direction."""
    return value if value.isascii() else _TURNS.sub("", value)


def weekday_date(day: date) -> str:
    """Return a date as in "Tue 16 June"."""
    return f"{_DAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]}"


def short_date(day: date) -> str:
    """Return a date as in "17 Jun 2022"."""
    return f"{day.day} {_MONTHS[day.month - 1][:3]} {day.year}"


def listed(items: list[str]) -> str:
    """Return the items as in "a, b and c"."""
    return " and ".join(filter(None, (", ".join(items[:-1]), *items[-1:])))
