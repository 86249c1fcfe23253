"""Ranges: ``>=30``, ``[2024-01-01 TO *]``, ``{1 TO 2]``, read into two bounds that are both included."""

from __future__ import annotations

import calendar
import math
import re
from datetime import date
from typing import Literal

Kind = Literal["number", "date"]
Bounds = tuple[float, float]

EXPECTED = {
    "number": "a number, >=30, or [10 TO 20]",
    "date": "a date such as 2024-01-31, 2024-01 or 2024, >=2024-01-31, or [2024-01-01 TO *]",
}
BRACKETS = re.compile(r"([\[{])\s*([^\s()\[\]{}]+)\s+TO\s+([^\s()\[\]{}]+)\s*([\]}])", re.IGNORECASE)
COMPARED = re.compile(r"(>=|<=|[<>=≥≤])?\s*([^\s()\[\]{}<>=≥≤^~]+)")
_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")
_DATE = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")


def _number(value: str) -> Bounds:
    if not _NUMBER.fullmatch(value):
        raise ValueError(f"{value} is not a number")
    return float(value), float(value)


def _date(value: str) -> Bounds:
    """Return the first and the last day of a day, a month or a year (ISO 8601), as proleptic ordinals."""
    found = _DATE.fullmatch(value)
    if not found:
        raise ValueError(f"{value} is not a date")
    year, month, day = int(found[1]), found[2] and int(found[2]), found[3] and int(found[3])
    try:
        first = date(year, month or 1, day or 1)
    except ValueError:
        raise ValueError(f"{value} is not a day of the calendar") from None
    last = first.replace(month=month or 12)
    return first.toordinal(), last.replace(day=day or calendar.monthrange(year, last.month)[1]).toordinal()


def _value(kind: Kind, value: str) -> Bounds:
    """Return the bounds of one value; ``*`` is open on both sides."""
    if value == "*":
        return -math.inf, math.inf
    return _number(value) if kind == "number" else _date(value)


def _above(kind: Kind, bound: float) -> float:
    return math.nextafter(bound, math.inf) if kind == "number" else bound + 1


def _below(kind: Kind, bound: float) -> float:
    return math.nextafter(bound, -math.inf) if kind == "number" else bound - 1


def between(kind: Kind, opening: str, low: str, high: str, closing: str) -> Bounds:
    """Return the bounds of ``[low TO high]``; curly brackets leave the bound itself out. Raises ValueError."""
    lows, highs = _value(kind, low), _value(kind, high)
    first = _above(kind, lows[1]) if opening == "{" and low != "*" else lows[0]
    last = _below(kind, highs[0]) if closing == "}" and high != "*" else highs[1]
    return first, last


def compared(kind: Kind, sign: str, value: str) -> Bounds:
    """Return the bounds of a comparison; without a sign, those of the value itself. Raises ValueError."""
    low, high = _value(kind, value)
    if value == "*" or sign in ("", "="):
        return low, high
    if sign in (">", ">=", "≥"):
        return (_above(kind, high) if sign == ">" else low), math.inf
    return -math.inf, (_below(kind, low) if sign == "<" else high)
