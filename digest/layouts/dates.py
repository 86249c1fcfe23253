"""Dates as listing pages print them: with or without a year, and ISO 8601."""

from __future__ import annotations

import re
from datetime import date

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}"

_MONTH_FIRST = re.compile(rf"({MONTH})\.?[ -](\d{{1,2}})(?:st|nd|rd|th)?(?:(?:, ?|[ -])(\d{{4}}))?", re.IGNORECASE)
_DAY_FIRST = re.compile(rf"(?:[A-Z][a-z]+, )?(\d{{1,2}}) ({MONTH})\.?,?(?: (\d{{4}}))?(?: \d.*)?", re.IGNORECASE)
_ISO = re.compile(r"(\d{4})([-/])(\d{2})\2(\d{2})(?:[T ].*)?")


def month_number(name: str) -> int:
    """Return 1 to 12 for an English month's name or its abbreviation."""
    return MONTHS.index(name[:3].lower()) + 1


def _made(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def dated(month: str, day: str, year: str | None, on: date) -> date | None:
    """Return the date; without a year it is the latest such date not after ``on``; None where there is no such day."""
    number = month_number(month)
    if year:
        return _made(int(year), number, int(day))
    # 29 February comes round every four years, or eight where a century has none (Gregorian calendar).
    found = (_made(on.year - back, number, int(day)) for back in range(min(9, on.year)))
    return next((made for made in found if made and made <= on), None)


def read_date(text: str, on: date) -> date | None:
    """Return the date that a text is ("Mar 14", "Jun 17, 2022", "Nov-3-2023", "3 Nov 2023", ISO 8601), else None."""
    if found := _ISO.fullmatch(text):
        return _made(int(found[1]), int(found[3]), int(found[4]))
    if found := _MONTH_FIRST.fullmatch(text):
        return dated(found[1], found[2], found[3], on)
    if found := _DAY_FIRST.fullmatch(text):
        return dated(found[2], found[1], found[3], on)
    return None
