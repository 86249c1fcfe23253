"""One message over one open SMTP connection, and what the server's reply means for its delivery."""

from __future__ import annotations

import re

from aiosmtplib import SMTP, SMTPDataError, SMTPException, SMTPResponse
from email_validator import EmailNotValidError, validate_email

from digest import text
from digest.channels.base import Parcel
from digest.errors import ChannelError
from digest.models import Outcome

# What may stand between the angle brackets of a path: one @, and nothing that would end the path or the line.
_MAILBOX = re.compile(r'[^\s<>@,;:\\"\x00-\x20\x7f]+@[^\s<>@,;:\\"\x00-\x20\x7f]+')
_LONGEST_REPLY = 500  # characters; it goes into the ledger and onto one line
_CLOSING = 421  # RFC 5321, section 4.2.1: the server is about to close the connection
_LOGIN_WANTED = 530  # RFC 4954, section 6
_TOO_BIG = 552  # RFC 1870, section 6.1, in answer to MAIL: this message's trouble and not the sender's


async def attempt(client: SMTP, parcel: Parcel, data: bytes, *, last_wait: float) -> Outcome:
    """Send ``data`` to the one recipient, byte for byte, and return what became of it.

    5yz to the recipient or the message is ``failed``; 4yz, a lost connection, a stall and a reply that is none are
    ``deferred``. ``last_wait`` is how long the reply to the final dot may take, in seconds. The connection is left
    ready for the next message, or closed. Raises ChannelError where the server refuses the sender or wants a
    login, which is no recipient's fault.
    """
    try:
        path, options = _envelope(client, parcel, data)
    except ValueError as error:
        return Outcome("failed", str(error))
    try:
        outcome = await _transaction(client, path, parcel.sender, options, data, last_wait)
    except SMTPDataError as error:
        outcome = verdict(error.code, error.message)
        if error.code == _CLOSING or not _is_refusal(error.code):
            client.close()
    except (SMTPException, OSError) as error:
        client.close()
        outcome = Outcome("deferred", said(error))
    if outcome.state != "sent":
        await _reset(client)
    return outcome


async def _transaction(
    client: SMTP, path: str, sender: str, options: list[str], data: bytes, last_wait: float
) -> Outcome:
    # Commands are ours and not the library's sendmail(), which parses addresses again and so may change them.
    if not _MAILBOX.fullmatch(sender):
        raise ChannelError(f"cannot be told the sender {sender!r}, which is no bare address", mend="set site.sender")
    mail = [f"FROM:<{sender}>", *options]
    reply = await client.execute_command(b"MAIL", *(part.encode() for part in mail))
    if reply.code == _TOO_BIG:
        return verdict(*reply)
    if not _is_fine(reply.code):
        raise ChannelError(f"refuses the sender {sender}: {said(reply)}")
    reply = await client.execute_command(b"RCPT", f"TO:<{path}>".encode())
    if not _is_fine(reply.code):
        return verdict(*reply)
    return Outcome("sent", said(await client.data(data, timeout=last_wait)))


async def _reset(client: SMTP) -> None:
    """Make an open connection ready for the next message, or close it."""
    try:
        if client.is_connected:
            await client.rset()
    except (SMTPException, OSError):
        client.close()


def verdict(code: int, message: str) -> Outcome:
    """Return what a reply that is no success means (RFC 5321, section 4.2.1: the first digit decides).

    Raises ChannelError where it says that a login is wanted.
    """
    reply = said(SMTPResponse(code, message))
    if code == _LOGIN_WANTED:
        raise ChannelError(f"wants a login: {reply}", mend="set smtp.username and smtp.password")
    return Outcome("failed" if 500 <= code <= 599 else "deferred", reply)


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


def _envelope(client: SMTP, parcel: Parcel, data: bytes) -> tuple[str, list[str]]:
    """Return the recipient's path and the options of MAIL; raises ValueError with the reason where there are none."""
    path = _ascii_if_possible(parcel.to)
    if not _MAILBOX.fullmatch(path):
        raise ValueError("not an address that SMTP can carry")
    options = [f"SIZE={len(data)}"] if client.supports_extension("size") else []
    if not data.isascii():
        if not client.supports_extension("8bitmime"):
            raise ValueError("the server takes ASCII messages only (no 8BITMIME)")
        options.append("BODY=8BITMIME")
    if not (path.isascii() and parcel.sender.isascii()):
        if not client.supports_extension("smtputf8"):
            raise ValueError("the server takes no international addresses (no SMTPUTF8)")
        options.append("SMTPUTF8")
    return path, options


def _ascii_if_possible(address: str) -> str:
    """Return the address with an international domain in its ASCII form, which every server takes (RFC 5890)."""
    if address.isascii():
        return address
    try:
        return validate_email(address, check_deliverability=False, test_environment=True).ascii_email or address
    except EmailNotValidError:
        return address
