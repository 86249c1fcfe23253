"""A message on the wire: headers that nobody outside can add to, two bodies, CRLF, lines within RFC 5322's limit.

Python's own ``email`` lets text from outside smuggle headers in (CVE-2024-6923), so headers are written here: control
characters go, nothing is decoded, what is not plain ASCII is encoded afresh (RFC 2047), and the octets are checked.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from collections.abc import Iterable
from datetime import datetime, timedelta
from email.utils import format_datetime
from functools import lru_cache
from typing import Final

from email_validator import EmailNotValidError, validate_email

from digest.errors import DigestError
from digest.models import Envelope
from digest.render.fragments import encoded
from digest.render.links import web_address
from digest.render.mail import Body, mailto
from digest.render.words import shown
from digest.settings import split_sender
from digest.text import fold

_LINE_LIMIT: Final = 998  # octets without CRLF (RFC 5322, section 2.1.1)
_SOFT_LIMIT: Final = 76  # octets of a line that holds an encoded word (RFC 2047, section 2)
_LINE = re.compile(rb"(?:([A-Za-z][A-Za-z-]*): |[ ])[^\x00-\x1f\x7f]+")
_ADDRESS = re.compile(r"[!#$%&'*+/=?^_`{|}~.\w-]+@[A-Za-z0-9.-]+", re.ASCII)


def message_bytes(envelope: Envelope, subject: str, text: Body, html: Body) -> bytes:
    """Return the message, ready for the wire; raises DigestError where an address or an identifier cannot stand there.

    Left out on purpose: ``Precedence``, which no standard defines; ``Auto-Submitted`` (RFC 3834, section 5) and the
    ``List-`` headers keep answering machines quiet.
    """
    boundary = f"=_{hashlib.sha256(envelope.message_id.encode()).hexdigest()[:32]}"  # "=_" is in no quoted-printable
    headers = [
        *_headers(envelope, subject),
        ("MIME-Version", "1.0"),
        ("Content-Type", f'multipart/alternative; boundary="{boundary}"'),
    ]
    head = checked_head(headers, envelope.to)
    ends = _part_head("plain", boundary), _part_head("html", boundary), f"\r\n--{boundary}--\r\n".encode()
    return b"".join((head, b"\r\n", ends[0], *text.pieces, ends[1], *html.pieces, ends[2]))


def plain_message(sender: str, to: str, message_id: str, date: datetime, subject: str, lines: str) -> bytes:
    """Return a message of plain text that a program writes to one person; raises DigestError as ``message_bytes``.

    ``sender`` is "Name <address>", ``to`` a bare address, ``message_id`` has its angle brackets, ``date`` its zone.
    """
    headers = [
        ("From", _from(sender)),
        ("To", _mailbox("To", "", to)),
        ("Subject", _words("Subject", subject)),
        ("Date", _date(date, date.utcoffset())),
        ("Message-ID", _matching(r"<[!-;=?-~]+@[!-;=?-~]+>", message_id, "message id")),
        ("Auto-Submitted", "auto-generated"),
        ("MIME-Version", "1.0"),
        ("Content-Type", 'text/plain; charset="utf-8"'),
        ("Content-Transfer-Encoding", "quoted-printable"),
    ]
    return b"".join((checked_head(headers, to), b"\r\n\r\n", encoded(lines).encoded))


def _part_head(kind: str, boundary: str) -> bytes:
    """Return what stands before a part; the CRLF before a boundary belongs to it (RFC 2046, section 5.1.1)."""
    return (
        f"\r\n--{boundary}\r\n"
        f'Content-Type: text/{kind}; charset="utf-8"\r\n'
        "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    ).encode()


def _headers(envelope: Envelope, subject: str) -> list[tuple[str, str]]:
    headers = [
        ("From", _from(envelope.sender)),
        ("To", _mailbox("To", envelope.to_name, envelope.to)),
        ("Subject", _words("Subject", subject)),
        ("Date", _date(envelope.date, envelope.date.utcoffset())),
        ("Message-ID", _matching(r"<[!-;=?-~]+@[!-;=?-~]+>", envelope.message_id, "message id")),
        ("List-Id", _list_id(envelope.list_id)),
    ]
    return [*headers, *_unsubscribe(envelope), ("Auto-Submitted", "auto-generated")]


def _unsubscribe(envelope: Envelope) -> list[tuple[str, str]]:
    """Return List-Unsubscribe (RFC 2369) and, where there is an https address, the one-click header (RFC 8058)."""
    url, mail = web_address(envelope.unsubscribe_url), mailto(envelope.unsubscribe_mailto)
    if not url and not mail:
        return []
    targets = [f"<{target}>" for target in (url, mail) if target]
    one_line = len("List-Unsubscribe: , ") + sum(map(len, targets)) <= _LINE_LIMIT
    header = ("List-Unsubscribe", (", " if one_line else ",\r\n ").join(targets))
    if not url.startswith("https://"):
        return [header]
    return [header, ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")]


@lru_cache(maxsize=64)
def _from(sender: str) -> str:
    return _mailbox("From", *_sender(sender))


@lru_cache(maxsize=1024)  # editions are frozen many at a time
def _date(moment: datetime, _offset: timedelta | None) -> str:
    """Return a date as a header has it; moments of several zones are equal, so the offset is part of what is asked."""
    return format_datetime(moment)


def _mailbox(header: str, name: str, address: str) -> str:
    words = _words(header, name, quoted=True)
    return f"{words} <{_address(address)}>" if words else _address(address)


def _words(header: str, value: str, *, quoted: bool = False) -> str:
    """Return text for a header: as it is where that is short ASCII and no encoded word of its own, else encoded."""
    clean = shown(value)
    if clean.isascii() and "=?" not in clean and len(header) + 2 + len(clean) <= _SOFT_LIMIT:
        if not quoted or re.fullmatch(r"[A-Za-z0-9 !#$%&'*+/=?^_`{|}~-]*", clean):
            return clean
        return '"' + re.sub(r'(["\\])', r"\\\1", clean) + '"'
    return _encoded(clean, _SOFT_LIMIT - len(header) - 2)


def _encoded(text: str, first: int) -> str:
    """Return text as encoded words (RFC 2047, sections 2 and 4.1), each of whole characters, one to a line.

    ``first`` is the room on the first line (octets); "=?utf-8?b?" and "?=" leave 63 of a word's 75 octets for base64.
    """
    raw, words, start = text.encode("utf-8", "replace"), [], 0
    room = (min(first, 75) - 12) // 4 * 3
    while len(raw) - start > room:
        stop = start + room
        while raw[stop] & 0xC0 == 0x80:  # inside of a character (RFC 3629, section 3)
            stop -= 1
        words.append(raw[start:stop])
        start, room = stop, (_SOFT_LIMIT - 1 - 12) // 4 * 3
    return "\r\n ".join(f"=?utf-8?b?{b64encode(word).decode()}?=" for word in (*words, raw[start:]))


@lru_cache(maxsize=64)
def _list_id(value: str) -> str:
    """Return the list's identifier (RFC 2919), its phrase in ASCII: programs compare it, none decodes it."""
    found = re.fullmatch(r"(.*?)<([A-Za-z0-9._-]+)>", shown(value, 500), re.DOTALL)
    if not found:
        raise DigestError(
            f"{value[:80]!r} is no list identifier", where="List-Id", mend="check site.title and site.sender"
        )
    phrase = " ".join(re.sub(r"[^A-Za-z0-9 !#$%&'*+/^_`{|}~-]+", " ", _unaccented(found[1])).split())
    return f"{phrase} <{found[2]}>" if phrase else f"<{found[2]}>"


def _unaccented(phrase: str) -> str:
    """Return the phrase with accents dropped and its case kept."""
    return "".join(fold(c).upper() if c.isupper() else fold(c) for c in phrase)


@lru_cache(maxsize=64)
def _sender(sender: str) -> tuple[str, str]:
    try:
        return split_sender(sender)
    except ValueError as error:
        raise DigestError(
            str(error), where="site.sender", mend='write it like "Paper digest <digest@example.org>"'
        ) from error


def _address(address: str) -> str:
    """Return the address for the wire: the domain in ASCII; a local part beyond ASCII stays (RFC 6532)."""
    if _ADDRESS.fullmatch(address):
        return address
    try:
        known = validate_email(address, check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise DigestError(f"{address[:80]!r} is no email address", mend="correct or remove the subscriber") from error
    return f"{known.local_part}@{known.ascii_domain}"


def _matching(pattern: str, value: str, what: str) -> str:
    if not re.fullmatch(pattern, value) or len(value) > _LINE_LIMIT - 20:
        raise DigestError(f"{value[:80]!r} is no {what}")
    return value


def checked_head(headers: Iterable[tuple[str, str]], to: str) -> bytes:
    """Return the header lines; raises DigestError if what goes out holds any line that is not ours."""
    wanted = [name.encode() for name, _ in headers]
    head = "\r\n".join(f"{name}: {value}" for name, value in headers).encode()
    lines = [(_LINE.fullmatch(line), len(line)) for line in head.split(b"\r\n")]
    names = [found[1] for found, _ in lines if found and found[1]]
    if names != wanted or any(not found or length > _LINE_LIMIT for found, length in lines):
        raise DigestError("a header holds what would be another header", where=f"message to {to[:80]!r}")
    return head
