"""The mail server: whether it is reached, secured and logged in to as sending does it, what it offers and takes."""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime

from aiosmtplib import SMTPException, SMTPResponse

from digest.channels.smtp import Smtp
from digest.channels.transaction import LOGIN_WANTED, asked_about, said
from digest.channels.wire import Wire
from digest.errors import ChannelError
from digest.service.doctor.finding import Finding, ok, problem, warning
from digest.text import printable, single_spaced

_SOON = 14  # days
_SIZE = re.compile(r"[0-9]{1,20}")  # RFC 1870, section 3
_LONG = 250_000  # octets that a message of ours may have
_HELPFUL = ("pipelining", "size", "8bitmime", "smtputf8")  # what the channel uses where it is offered


def examine(channel: Smtp, sender: str, now: datetime) -> Iterator[Finding]:
    """Yield what there is to say of the channel's server and of mail from ``sender``, the envelope's.

    It is met once, and nothing is sent.
    """
    try:
        yield from asyncio.run(_met(channel, sender, now))
    except ChannelError as error:
        yield problem("mail server", f"{error.where}: {error.what}", error.mend)


async def _met(channel: Smtp, sender: str, now: datetime) -> list[Finding]:
    wire = await channel.connect()
    try:
        return [*_seen(channel, wire, now), await _sender(wire, sender)]
    finally:
        await wire.quit()


async def _sender(wire: Wire, sender: str) -> Finding:
    check = "sender at the server"
    try:
        return _judged(check, sender, await asked_about(wire, sender))
    except SMTPException as error:
        return problem(check, f"no answer to MAIL FROM:<{sender}>: {said(error)}", "does its log tell why?")
    except ChannelError as error:
        return problem(check, error.what, error.mend)


def _judged(check: str, sender: str, reply: SMTPResponse) -> Finding:
    """Return what a reply to MAIL means; some servers tell only when they hear of a recipient."""
    if 200 <= reply.code <= 299:
        return ok(check, f"mail from {sender} is taken")
    if reply.code == LOGIN_WANTED:
        return problem(check, f"a login is wanted: {said(reply)}", "set smtp.username and smtp.password")
    if 400 <= reply.code <= 499:
        return warning(check, f"mail from {sender} is not taken now: {said(reply)}", "ask again later")
    mend = "set site.sender, or delivery.return_path, to an address that may send there"
    return problem(check, f"mail from {sender} is refused: {said(reply)}", mend)


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
    if re.fullmatch(_SIZE, size) and 0 < int(size) < _LONG:
        told = f"messages above {int(size)} octets are refused; some of ours are"
        return warning("features", told, "raise its limit")
    told = f"offers {', '.join(offered) or 'none that help'}" + (f", not {', '.join(lacking)}" if lacking else "")
    return ok("features", told)
