"""One message over one open SMTP connection, and what the server's replies mean for its delivery."""

from __future__ import annotations

import re
from collections.abc import Sequence

from aiosmtplib import SMTPException, SMTPResponse
from email_validator import EmailNotValidError, validate_email

from digest import text
from digest.channels.base import Parcel
from digest.channels.wire import CLOSING, ThrottledError, Wire
from digest.errors import ChannelError
from digest.models import Outcome

# What may stand between the angle brackets of a path: one @, and nothing that would end the path or the line.
_MAILBOX = re.compile(r'[^\s<>@,;:\\"\x00-\x20\x7f]+@[^\s<>@,;:\\"\x00-\x20\x7f]+')
_LONGEST_REPLY = 500  # characters; it goes into the ledger and onto one line
_GO_ON = 354
LOGIN_WANTED = 530  # RFC 4954, section 6
_TOO_BIG = 552  # RFC 1870, section 6.1, in answer to MAIL: this message's trouble and not the sender's
_POLICY = re.compile(r"4\.7\.\d")  # RFC 3463, section 3.8: a matter of policy, which with MAIL is how much we send
# Of the sender, but told later: RFC 3463, section 3.2; Postfix judges all at RCPT (smtpd_delay_reject). At the
# beginning only: behind it the words may be another server's, about one recipient.
_SENDERS = re.compile(r"[45]\.1\.[78]\b|([45]\.\d\.\d{1,3} )?<[^<>]{0,320}>: sender address rejected\b", re.IGNORECASE)

Refusal = tuple[int, SMTPResponse]  # which of the commands was refused, and how
_MAIL, _RCPT, _DATA = range(3)


async def attempt(wire: Wire, parcel: Parcel, data: bytes, *, last_wait: float) -> Outcome:
    """Send ``data`` to the one recipient, byte for byte, and return what became of it.

    5yz to the recipient or the message is ``failed``; 4yz, a lost connection, a stall and a reply that is none are
    ``deferred``. ``last_wait`` is how long the reply to the final dot may take, in seconds. The connection is left
    ready for the next message, or closed. Raises ChannelError where the server refuses the sender or wants a
    login, which is no recipient's fault, and its kind ThrottledError where it wants less of us.
    """
    try:
        commands = _commands(wire, parcel, data)
        content = _stuffed(data)
    except ValueError as error:
        return Outcome("failed", str(error))
    wire.carried += 1
    try:
        refusal = await _announce(wire, commands)
    except SMTPException as error:
        wire.close()
        return Outcome("deferred", said(error))
    if refusal:
        return await _refused(wire, refusal, parcel.sender)
    return await _content(wire, content, last_wait)


async def asked_about(wire: Wire, sender: str) -> SMTPResponse:
    """Name a sender to the server, take it back, and return what was said of it; nothing is sent.

    Raises ChannelError for a sender that cannot be told, SMTPException where there is no reply.
    """
    wire.send(_mail(wire, sender), 1)
    reply = await wire.reply()
    await _reset(wire)
    return reply


async def _announce(wire: Wire, commands: Sequence[bytes]) -> Refusal | None:
    """Say whom the message is from and for; return what was refused first, or None where its content may follow.

    With PIPELINING (RFC 2920) the commands go in one write, and all replies are read.
    """
    together = "pipelining" in wire.extensions
    refusal: Refusal | None = None
    accepted: list[int] = []
    if together:
        wire.send(b"".join(commands), len(commands))
    for stage, command in enumerate(commands):
        if not together:
            wire.send(command, 1)
        reply = await _next(wire, refusal)
        if reply is None:
            break
        if reply.code == _GO_ON if stage == _DATA else _is_fine(reply.code):
            accepted.append(stage)
            continue
        refusal = refusal or (stage, reply)
        if reply.code == CLOSING:
            wire.close()
        if not together or reply.code == CLOSING:
            break
    if refusal and _DATA in accepted:
        await _withhold(wire, empty=_RCPT not in accepted)
    return refusal


async def _next(wire: Wire, refusal: Refusal | None) -> SMTPResponse | None:
    """Return the next reply, or None where a refusal is known already and nothing more comes."""
    try:
        return await wire.reply()
    except SMTPException:
        if refusal is None:
            raise
        wire.close()
        return None


async def _withhold(wire: Wire, *, empty: bool) -> None:
    """Get out of a DATA that was accepted after a refusal.

    Without a recipient an empty message goes to nobody (RFC 2920, section 3.1); with one it would be delivered, so
    that the connection is closed instead.
    """
    if not empty:
        wire.close()
        return
    wire.send(b".\r\n", 1)
    try:
        await wire.reply()
    except SMTPException:
        wire.close()


async def _refused(wire: Wire, refusal: Refusal, sender: str) -> Outcome:
    stage, reply = refusal
    if _is_refusal(reply.code):
        await _reset(wire)
    else:
        wire.close()  # a reply out of place: what the next one would answer is anybody's guess
    if stage == _MAIL:
        return _sender_refused(reply, sender)
    if _SENDERS.match(reply.message):
        raise ChannelError(f"refuses the sender {sender}: {said(reply)}")
    return verdict(reply, of_recipient=stage == _RCPT)


def _sender_refused(reply: SMTPResponse, sender: str) -> Outcome:
    if reply.code == _TOO_BIG:
        return verdict(reply)
    if reply.code == CLOSING or (400 <= reply.code <= 499 and _POLICY.match(reply.message)):
        raise ThrottledError(f"wants less for now: {said(reply)}", reply)
    raise ChannelError(f"refuses the sender {sender}: {said(reply)}")


async def _content(wire: Wire, content: bytes, last_wait: float) -> Outcome:
    wire.send(content, 1)
    try:
        reply = await wire.reply(last_wait)
    except SMTPException as error:
        wire.close()
        return Outcome("deferred", said(error), doubtful=True)  # it may have the message
    if _is_fine(reply.code):
        return Outcome("sent", said(reply))
    if reply.code == CLOSING or not _is_refusal(reply.code):
        wire.close()
    else:
        await _reset(wire)
    return verdict(reply)


async def _reset(wire: Wire) -> None:
    """Make an open connection ready for the next message, or close it."""
    try:
        if wire.is_open:
            wire.send(b"RSET\r\n", 1)
            if not _is_fine((await wire.reply()).code):
                wire.close()
    except SMTPException:
        wire.close()


def verdict(reply: SMTPResponse, *, of_recipient: bool = False) -> Outcome:
    """Return what a reply that is no success means (RFC 5321, section 4.2.1: the first digit decides).

    Raises ChannelError where it says that a login is wanted.
    """
    line = said(reply)
    if reply.code == LOGIN_WANTED:
        raise ChannelError(f"wants a login: {line}", mend="set smtp.username and smtp.password")
    for_good = 500 <= reply.code <= 599
    return Outcome("failed" if for_good else "deferred", line, refused=for_good and of_recipient)


def said(reply: SMTPResponse | Exception) -> str:
    """Return what the server said, or what went wrong, as one printable line of at most 500 characters."""
    code = getattr(reply, "code", None)
    message = str(getattr(reply, "message", reply))
    line = text.single_spaced(text.printable(f"{code} {message}" if code else message))
    return text.shortened(line, _LONGEST_REPLY)


def _is_fine(code: int) -> bool:
    return 200 <= code <= 299


def _is_refusal(code: int) -> bool:
    return 400 <= code <= 599


def _commands(wire: Wire, parcel: Parcel, data: bytes) -> Sequence[bytes]:
    """Return MAIL, RCPT and DATA; raises ValueError with the reason where there can be none.

    They are ours and not the library's, which parses addresses again and so may change them.
    """
    path, offered = _ascii_if_possible(parcel.to), wire.extensions
    if not _MAILBOX.fullmatch(path):
        raise ValueError("not an address that SMTP can carry")
    options = f" SIZE={len(data)}" if "size" in offered else ""
    if not data.isascii():
        if "8bitmime" not in offered:
            raise ValueError("the server takes ASCII messages only (no 8BITMIME)")
        options += " BODY=8BITMIME"
    if not path.isascii() and "smtputf8" not in offered:
        raise ValueError("the server takes no international addresses (no SMTPUTF8)")
    mail = _mail(wire, parcel.sender, options, international=not path.isascii())
    return mail, f"RCPT TO:<{path}>\r\n".encode(), b"DATA\r\n"


def _mail(wire: Wire, sender: str, options: str = "", *, international: bool = False) -> bytes:
    """Return MAIL; raises ChannelError for a sender that cannot be told, which is no recipient's fault."""
    path = _ascii_if_possible(sender)
    if not _MAILBOX.fullmatch(path):
        raise ChannelError(f"cannot be told the sender {sender!r}, which is no bare address", mend="set site.sender")
    if not path.isascii() and "smtputf8" not in wire.extensions:
        what = f"takes no international addresses (no SMTPUTF8), and so not the sender {sender}"
        raise ChannelError(what, mend="set site.sender to an address in ASCII")
    if international or not path.isascii():
        options += " SMTPUTF8"
    return f"MAIL FROM:<{path}>{options}\r\n".encode()


def _stuffed(data: bytes) -> bytes:
    """Return the message as it crosses the wire, dots doubled and the last one put (RFC 5321, section 4.5.2).

    Raises ValueError for a line end that is not CRLF, in which some servers see the end of a message.
    """
    if not data.count(b"\r\n") == data.count(b"\n") == data.count(b"\r"):
        raise ValueError("the message has a line end that is not CRLF")
    stuffed = data.replace(b"\r\n.", b"\r\n..")
    if stuffed.startswith(b"."):
        stuffed = b"." + stuffed
    return stuffed + (b".\r\n" if data.endswith(b"\r\n") else b"\r\n.\r\n")


def _ascii_if_possible(address: str) -> str:
    """Return the address with an international domain in its ASCII form, which every server takes (RFC 5890)."""
    if address.isascii():
        return address
    try:
        return validate_email(address, check_deliverability=False, test_environment=True).ascii_email or address
    except EmailNotValidError:
        return address
