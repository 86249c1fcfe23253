"""SPF (RFC 7208): whether the record of a domain names an address, as far as can be told without a message."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Iterator
from typing import Literal

from digest.service.doctor.names import Names

Result = Literal["pass", "fail", "softfail", "neutral", "none"]
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_RESULTS: dict[str, Result] = {"+": "pass", "-": "fail", "~": "softfail", "?": "neutral"}
_MOST_QUESTIONS = 10  # RFC 7208, section 4.6.4: more of them, and receivers ignore the record
_LONGEST_TERM = 600  # characters; names have 253 at most, and the pattern takes quadratic time for some
_SHOWN = 60  # of them
_TERM = re.compile(
    r"([+?~-]?)(all|include|a|mx|ptr|ip4|ip6|exists)"
    r"(?::([0-9a-f:]*:[0-9a-f:.]*|[^/\s]+))?((?:/\d+)?(?://\d+)?)",
    re.IGNORECASE,
)
_MODIFIER = re.compile(r"([a-z][\w.-]*)=(\S*)", re.IGNORECASE)


class BrokenError(Exception):
    """Receivers ignore the record; the message says why."""


class UnclearError(Exception):
    """What the record says depends on the message; the message says where."""


def records(names: Names, domain: str) -> list[str]:
    """Return the SPF records of a domain: there should be one."""
    return [text for text in names.texts(domain) if re.match(r"v=spf1( |$)", text, re.IGNORECASE)]


def result(names: Names, domain: str, address: Address) -> Result:
    """Return what the domain says of an address that sends its mail.

    Raises BrokenError for a record that receivers ignore, UnclearError for one with macros, SilentError without DNS.
    """
    return _Evaluation(names, address).of(domain)


class _Evaluation:
    """One address against a record and those it leads to, which count their questions together."""

    def __init__(self, names: Names, address: Address) -> None:
        self.names = names
        self.address = address
        self.questions = 0

    def of(self, domain: str) -> Result:
        found = records(self.names, domain)
        if len(found) > 1:
            raise BrokenError(f"{domain} has {len(found)} records")
        return self._terms(domain, found[0].split()[1:]) if found else "none"

    def _terms(self, domain: str, terms: Iterable[str]) -> Result:
        read = [_read(term) for term in terms]  # all of them first: section 4.6
        for sign, kind, value, length in read:
            if sign and self._holds(domain, kind, value, length):
                return _RESULTS[sign]
        redirect = next((value for sign, kind, value, _ in read if not sign and kind == "redirect"), "")
        return self._redirected(redirect) if redirect else "neutral"

    def _redirected(self, domain: str) -> Result:
        self._ask(domain)
        found = self.of(domain)
        if found == "none":
            raise BrokenError(f"redirect leads to {domain}, which has no record")
        return found

    def _holds(self, domain: str, kind: str, value: str, length: str) -> bool:
        if kind == "all":
            return True
        short, _, long = length.partition("//")
        if kind in ("ip4", "ip6"):
            return self._within([value], short)
        self._ask(value)
        target, length = value or domain, short if self.address.version == 4 else long
        if kind == "include":
            return self._included(value)
        if kind == "a":
            return self._within(self.names.addresses(target), length)
        if kind == "mx":
            hosts = filter(None, self.names.exchangers(target)[:10])
            return self._within((found for host in hosts for found in self.names.addresses(host)), length)
        return kind == "exists" and bool(self.names.addresses(target))  # ptr: not to be used, and slow (section 5.5)

    def _included(self, domain: str) -> bool:
        found = self.of(domain)
        if found == "none":
            raise BrokenError(f"include leads to {domain}, which has no record")
        return found == "pass"

    def _ask(self, value: str) -> None:
        if "%" in value:
            raise UnclearError(f"{value!r} depends on the message")
        self.questions += 1
        if self.questions > _MOST_QUESTIONS:
            raise BrokenError(f"it takes more than {_MOST_QUESTIONS} questions to the DNS")

    def _within(self, addresses: Iterable[str], length: str) -> bool:
        return any(self.address in network for network in self._networks(addresses, length.lstrip("/")))

    def _networks(self, addresses: Iterable[str], length: str) -> Iterator[Network]:
        """Yield what is around each address of our own version."""
        for address in addresses:
            try:
                if ipaddress.ip_address(address).version == self.address.version:
                    yield ipaddress.ip_network(f"{address}/{length}" if length else address, strict=False)
            except ValueError as error:
                raise BrokenError(f"{address!r} is no address") from error


def _read(term: str) -> tuple[str, str, str, str]:
    """Return the sign of a mechanism (of a modifier: none), its name, value and length of networks."""
    if modifier := _MODIFIER.fullmatch(term):
        return "", modifier[1].lower(), modifier[2], ""
    parts = _TERM.fullmatch(term) if len(term) <= _LONGEST_TERM else None
    if not parts:
        raise BrokenError(f"{term[:_SHOWN]!r} is no part of a record")
    return parts[1] or "+", parts[2].lower(), parts[3] or "", parts[4]
