"""Sources of kind ``url``: an address that is asked, by HTTP, for what is new (RFC 9110)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import unquote

from digest.errors import SourceError
from digest.settings import SourceSetting, octets, seconds
from digest.sources.asking import Answer, asking
from digest.sources.base import LONGEST_WAIT, Brought, Fetched, Remembered
from digest.sources.network import Network
from digest.sources.target import Target, target
from digest.sources.world import World
from digest.text import printable, single_spaced

_PAUSES = (5.0, 20.0, 60.0)  # seconds before asking again; the last one from then on
_MOST_REDIRECTS = 5
_LONGEST_TAG = 1000  # characters of a validator that are worth remembering
_REDIRECTS = (301, 302, 303, 307, 308)
_VARIABLE = re.compile(r"\$\{(\w+)\}")


class Url:
    """An address that is asked."""

    def __init__(self, setting: SourceSetting, world: World) -> None:
        """Take a checked setting; nothing is asked yet."""
        self._setting, self._environ, self._agent = setting, world.environ, world.agent
        self._network: Network = world.network

    def fetch(self, memory: Remembered, now: datetime) -> Fetched:
        """Bring what the address holds unless it is the same as the last time; ask again at once where that may help.

        Raises SourceError where nothing comes of it.
        """
        headers = self._headers()
        for retry in range(self._setting.retries + 1):
            try:
                return self._asked(memory, headers, now)
            except SourceError as error:
                if not error.passing or error.wait is not None or retry == self._setting.retries:
                    raise
            self._network.sleep(_PAUSES[min(retry, len(_PAUSES) - 1)])
        raise AssertionError("the last try returns or raises")

    def _headers(self) -> Mapping[str, str]:
        """Return the operator's headers with what they take from the environment."""
        return {name: _VARIABLE.sub(self._variable, value) for name, value in self._setting.headers.items()}

    def _variable(self, found: re.Match[str]) -> str:
        value = self._environ.get(found[1], "")
        if not value:
            raise SourceError(f"the environment has no {found[1]}, which headers need")
        if not value.isascii() or not value.isprintable():
            raise SourceError(f"what the environment has as {found[1]} cannot stand in a header")
        return value

    def _asked(self, memory: Remembered, own: Mapping[str, str], now: datetime) -> Fetched:
        """Ask the address, and those that it redirects to."""
        first = where = target(self._setting.url)
        for _ in range(_MOST_REDIRECTS + 1):
            headers = self._sent(where, memory, own if where.origin == first.origin else {})
            limit, private = seconds(self._setting.timeout), self._setting.allow_private
            with asking(self._network, where, headers, limit, private=private) as answer:
                if answer.status not in _REDIRECTS:
                    return self._answered(answer, where, memory, now)
                where = _next(where, answer)
        raise SourceError(f"is redirected more than {_MOST_REDIRECTS} times, the last time to {where.authority}")

    def _sent(self, where: Target, memory: Remembered, own: Mapping[str, str]) -> Mapping[str, str]:
        """Return what is sent: what the last answer was called is said to the address alone that called it so."""
        sent = {"User-Agent": self._agent, "Accept": "*/*", "Accept-Encoding": "gzip"}
        if memory.address == str(where):
            sent |= {"If-None-Match": memory.etag} if memory.etag else {}
            sent |= {"If-Modified-Since": memory.modified} if memory.modified else {}
        given = {name.lower() for name in own}
        return {name: value for name, value in sent.items() if name.lower() not in given} | dict(own)

    def _answered(self, answer: Answer, where: Target, memory: Remembered, now: datetime) -> Fetched:
        if answer.status == 304 and memory.address == str(where) and (memory.etag or memory.modified):
            return Fetched("unchanged", replace(memory, not_before=None))
        if answer.status != 200:
            raise _refused(answer, now)
        content = answer.body(octets(self._setting.max_size))
        if not content:
            raise SourceError("the answer is empty")
        dump = Brought(_name(where) or self._setting.name, content)
        return Fetched("brought", _memory_of(answer, where), (dump,))


def make(setting: SourceSetting, world: World) -> Url:
    """Return the source of a checked setting."""
    return Url(setting, world)


def _name(where: Target) -> str:
    return single_spaced(printable(unquote(where.name)))[:120]


def _memory_of(answer: Answer, where: Target) -> Remembered:
    etag, modified = (_validator(answer.headers.get(name, "")) for name in ("etag", "last-modified"))
    return Remembered(str(where), etag, modified)


def _validator(text: str) -> str:
    """Return what can be sent back as it came, else nothing."""
    return text if len(text) <= _LONGEST_TAG and text.isascii() and text.isprintable() else ""


def _next(where: Target, answer: Answer) -> Target:
    """Return where an answer leads to; its address is not told in errors but for the host: it may hold a secret."""
    location = answer.headers.get("location", "")
    if not location:
        raise SourceError(f"the server answers {answer.status}, and not where else to ask")
    try:
        led = target(location, where)
    except SourceError as error:
        raise SourceError(f"is redirected to what cannot be asked: {error.what}") from error
    if where.scheme == "https" and led.scheme == "http":
        raise SourceError(f"is redirected from https: to http:, at {led.authority}")
    return led


def _refused(answer: Answer, now: datetime) -> SourceError:
    """Return the error for a status that brings nothing; 429 and 5xx may pass, and may say when."""
    status = answer.status
    passing = status == 429 or 500 <= status <= 599
    wait = _wait(answer.headers.get("retry-after", ""), now) if passing else None
    if wait is None:
        return SourceError(f"the server answers {status}", passing=passing)
    until = (now + timedelta(seconds=wait)).astimezone(UTC)
    what = f"the server answers {status} and wants to be asked again at {until:%Y-%m-%d %H:%M} UTC at the earliest"
    return SourceError(what, passing=True, wait=wait)


def _wait(text: str, now: datetime) -> float | None:
    """Return the seconds that ``Retry-After`` asks for, a day at most, None where it asks for none (section 10.2.3)."""
    if text.strip().isdecimal():
        return min(float(text.strip()[:9]), LONGEST_WAIT) or None
    try:
        when = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return min(max(0.0, (when - now).total_seconds()), LONGEST_WAIT) or None
