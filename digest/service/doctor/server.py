"""The mail server: whether it is reached, secured and logged in to as sending does it, and what it offers."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime

from digest.channels.smtp import Smtp
from digest.channels.wire import Wire
from digest.errors import ChannelError
from digest.service.doctor.finding import Finding, ok, problem, warning
from digest.text import printable, single_spaced

_SOON = 14  # days
_HELPFUL = ("pipelining", "size", "8bitmime", "smtputf8")  # what the channel uses where it is offered


def examine(channel: Smtp, now: datetime) -> Iterator[Finding]:
    """Yield what there is to say of the channel's server; it is met once, and nothing is sent."""
    try:
        yield from asyncio.run(_met(channel, now))
    except ChannelError as error:
        yield problem("mail server", f"{error.where}: {error.what}", error.mend)


async def _met(channel: Smtp, now: datetime) -> list[Finding]:
    wire = await channel.connect()
    try:
        return list(_seen(channel, wire, now))
    finally:
        await wire.quit()


def _seen(channel: Smtp, wire: Wire, now: datetime) -> Iterator[Finding]:
    own = channel.settings
    peer = wire.told("peername")
    at = f" at {peer[0]}" if peer else ""
    yield ok("mail server", f"{own.host}:{own.port} answers{at}: {single_spaced(printable(wire.banner))[:100]}")
    yield _secured(wire, now, local=bool(peer) and str(peer[0]) in ("127.0.0.1", "::1"))
    if own.username:
        yield ok("login", f"{own.username} is let in")
    else:
        yield ok("login", "none is configured")
    yield _offers(wire)


def _secured(wire: Wire, now: datetime, *, local: bool) -> Finding:
    secured = wire.told("ssl_object")
    if not isinstance(secured, ssl.SSLObject | ssl.SSLSocket):
        told = "the connection is not encrypted"
        return ok("TLS", f"{told}, and stays on this machine") if local else warning("TLS", told, "does it offer TLS?")
    certificate = secured.getpeercert() or {}
    ends = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(certificate["notAfter"])), UTC)
    days = (ends - now).days
    told = f"{secured.version()}, its certificate is good for {days} more days"
    return ok("TLS", told) if days >= _SOON else warning("TLS", told, "renew it")


def _offers(wire: Wire) -> Finding:
    offered = [name.upper() for name in _HELPFUL if name in wire.extensions]
    lacking = [name.upper() for name in _HELPFUL if name not in wire.extensions]
    size = wire.extensions.get("size", "").strip()
    if size.isdecimal() and 0 < int(size) < 250_000:
        return warning(
            "features", f"messages above {int(size)} octets are refused; some of ours are", "raise its limit"
        )
    told = f"offers {', '.join(offered) or 'none that help'}" + (f", not {', '.join(lacking)}" if lacking else "")
    return ok("features", told)
