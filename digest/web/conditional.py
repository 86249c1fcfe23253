"""What a request asks of an answer: only if it is another one, and packed or not (RFC 9110, sections 12.5.3 and 13)."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_TAG = re.compile(r'(?:W/)?("[\x21\x23-\x7e\x80-\xff]*")')  # section 8.8.3; a comma may stand inside one
_DAYS = "Mon|Tue|Wed|Thu|Fri|Sat|Sun"
_LONG_DAYS = "Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday"
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTH, _TIME = f"(?P<month>{'|'.join(_MONTHS)})", r"(?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d)"
_DATES = tuple(
    re.compile(pattern, re.ASCII)
    for pattern in (
        rf"(?:{_DAYS}), (?P<day>\d\d) {_MONTH} (?P<year>\d{{4}}) {_TIME} GMT",
        rf"(?:{_LONG_DAYS}), (?P<day>\d\d)-{_MONTH}-(?P<year>\d\d) {_TIME} GMT",
        rf"(?:{_DAYS}) {_MONTH} (?P<day>[ \d]\d) {_TIME} (?P<year>\d{{4}})",
    )
)
_WEIGHT = re.compile(r"(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)", re.ASCII)  # section 12.4.2
_GZIP = ("gzip", "x-gzip")  # one thing (section 8.4.1.3)


def same(tag: str, modified: datetime, none_match: str | None, modified_since: str | None) -> bool:
    """Say whether who asks by GET or HEAD has this already, and is to be told so (304; section 13.2.2).

    ``tag`` is the strong entity tag with its quotes, ``modified`` aware and in whole seconds; the others are the
    header fields of the request, several lines of one joined by commas, None where there is none.
    """
    if none_match is not None:
        return none_match.strip() == "*" or tag in _TAG.findall(none_match)
    since = http_date(modified_since) if modified_since is not None else None
    return since is not None and modified <= since


def http_date(text: str) -> datetime | None:
    """Return the aware time of an HTTP-date in any of its three forms (section 5.6.7), None for anything else."""
    found = next((match for form in _DATES if (match := form.fullmatch(text.strip()))), None)
    if found is None:
        return None
    year, day, hour, minute, second = (int(found[name]) for name in ("year", "day", "hour", "minute", "second"))
    if len(found["year"]) == 2:
        year += 1900 if year >= 70 else 2000
    try:
        return datetime(year, _MONTHS.index(found["month"]) + 1, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None


def wants_gzip(accepted: str | None) -> bool:
    """Say whether gzip is accepted, and no less welcome than the plain form, by the Accept-Encoding of a request.

    A weight that cannot be read is taken as a no: the plain form is right for everybody.
    """
    if not accepted:
        return False
    weights = dict(_weighed(part) for part in accepted.split(","))
    gzip = max((weights[name] for name in _GZIP if name in weights), default=weights.get("*", 0.0))
    return gzip > 0 and gzip >= weights.get("identity", 0.0)


def _weighed(part: str) -> tuple[str, float]:
    coding, _, parameter = part.partition(";")
    name, _, weight = parameter.partition("=")
    if not parameter.strip():
        return coding.strip().lower(), 1.0
    readable = name.strip().lower() == "q" and _WEIGHT.fullmatch(weight.strip())
    return coding.strip().lower(), float(weight) if readable else 0.0
