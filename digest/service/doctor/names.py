"""Questions to the DNS, with short patience: once it was silent, nothing more is asked."""

from __future__ import annotations

from typing import Any

import dns.exception
import dns.name
import dns.resolver

_PATIENCE = 4.0  # seconds for one question, all servers and repetitions included


class SilentError(Exception):
    """The DNS does not answer; the message says why."""


def resolver() -> dns.resolver.Resolver:
    """Return the system's resolver; raises SilentError where the system has none."""
    try:
        found = dns.resolver.Resolver()
    except (dns.exception.DNSException, OSError) as error:
        raise SilentError("this machine names no DNS server") from error
    found.cache = dns.resolver.LRUCache()  # SPF comes by the same names again and again
    return found


class Names:
    """Asks for records; what does not exist is nothing, and is no error."""

    def __init__(self, asked: dns.resolver.Resolver | None = None) -> None:
        """Take the resolver (default: the system's, looked for at the first question)."""
        self._asked = asked
        self._silence = ""

    def texts(self, name: str) -> tuple[str, ...]:
        """Return the TXT records of a name, each with its strings joined."""
        return tuple(b"".join(found.strings).decode("utf-8", "replace") for found in self._records(name, "TXT"))

    def addresses(self, name: str) -> tuple[str, ...]:
        """Return the addresses of a host, IPv4 first."""
        return tuple(found.address for kind in ("A", "AAAA") for found in self._records(name, kind))

    def exchangers(self, name: str) -> tuple[str, ...]:
        """Return the hosts that take mail for a domain, the preferred first; "" says that none does (RFC 7505)."""
        found = sorted(self._records(name, "MX"), key=lambda record: record.preference)
        return tuple(record.exchange.to_text(omit_final_dot=True).rstrip(".") for record in found)

    def _records(self, name: str, kind: str) -> list[Any]:
        if self._silence:
            raise SilentError(self._silence)
        try:
            self._asked = self._asked or resolver()
            answer = self._asked.resolve(dns.name.from_text(name), kind, lifetime=_PATIENCE, search=False)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer, dns.exception.SyntaxError, dns.name.LabelTooLong):
            return []
        except SilentError as error:
            self._silence = str(error)
            raise
        except dns.exception.Timeout as error:
            self._silence = "no DNS server answers"
            raise SilentError(self._silence) from error
        except (dns.exception.DNSException, OSError) as error:  # of this name alone, perhaps
            raise SilentError(f"the DNS servers fail to look up {name}") from error
        return list(answer)
