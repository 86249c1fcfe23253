"""Web addresses taken apart, strictly: whatever two programs could read differently is refused."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import quote, urljoin, urlsplit

import idna

from digest.errors import SourceError

_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"(?!-)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*")
# Dotted or not, octal or hexadecimal: what C libraries read as an IPv4 address (inet_aton), names never end so.
_NUMERIC = re.compile(r"(.*\.)?(0x[0-9a-f]*|[0-9]+)")
_LONGEST = 8000  # characters; servers take no longer ones (RFC 9110, section 4.1)
# What may stand in a path or query as it is (RFC 3986, section 3.3 and 3.4), and "%" of what is escaped already.
_PLAIN = "/?:@!$&'()*+,;=-._~%"


@dataclass(frozen=True, slots=True)
class Target:
    """Where a request goes: ``host`` in ASCII without brackets, ``path`` with its query, all of it ready to be sent."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """The host and, unless it is the scheme's own, the port, as addresses and the header Host have them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def origin(self) -> tuple[str, str, int]:
        """Who is asked: secrets go to no other."""
        return self.scheme, self.host, self.port

    @property
    def name(self) -> str:
        """What stands last in the path, which names the dump."""
        return self.path.partition("?")[0].rstrip("/").rpartition("/")[2]

    def __str__(self) -> str:
        """Return the whole address."""
        return f"{self.scheme}://{self.authority}{self.path}"


def target(address: str, base: Target | None = None) -> Target:
    """Return an address taken apart, one that is told relative to ``base`` too.

    Raises SourceError for what is not HTTP or HTTPS, names a person or a password, or has no host that can be asked.
    """
    if len(address) > _LONGEST:
        raise SourceError(f"the address is longer than {_LONGEST} characters")
    try:
        parts = urlsplit(urljoin(str(base), address.strip(" ")) if base else address)
        port, host = parts.port, parts.hostname or ""
    except ValueError as error:
        raise SourceError("the address cannot be read") from error
    if parts.scheme not in _PORTS:
        raise SourceError(f"the address is one of {parts.scheme[:20] or 'nothing'}:, not http: or https:")
    if "@" in parts.netloc or "\\" in parts.netloc:
        raise SourceError("the address holds a name or a password")
    path = quote(f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}", safe=_PLAIN)
    return Target(parts.scheme, _host(host), _PORTS[parts.scheme] if port is None else port, path)


def _host(host: str) -> str:
    """Return a host as the DNS has it, or an IP address in its one usual form."""
    if ":" in host:
        return _literal(host)
    try:
        plain = host if host.isascii() else idna.encode(host, uts46=True).decode()
    except (idna.IDNAError, UnicodeError) as error:
        raise SourceError("the address names no host that can be looked up") from error
    plain = plain.removesuffix(".")  # which certificates do not have
    if _NUMERIC.fullmatch(plain):
        return _literal(plain)
    if not _HOST.fullmatch(plain) or len(plain) > 253:
        raise SourceError("the address names no host that can be looked up")
    return plain


def _literal(host: str) -> str:
    try:
        if "%" not in host:  # a zone of this machine's
            return str(ipaddress.ip_address(host))
    except ValueError:
        pass
    raise SourceError("the address names its host by an odd number", mend="write it like 192.0.2.1 or [2001:db8::1]")
