"""MIME (RFC 2045 to 2047, 2183, 2231): a message taken apart into parts, none copied before it is asked for.

Heads are read by Python's ``email``. Bodies are parted by us, by offsets into the bytes: ``email`` holds each line of a
message as an object of its own, and parts nested thousands deep end its recursion.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from email.errors import MessageError
from email.header import decode_header
from email.message import Message
from email.parser import HeaderParser
from email.utils import parsedate_tz

from digest.errors import DumpError
from digest.text import printable, single_spaced

MOST_PARTS = 1000
"""Parts of one message, with those of messages in it; a saved page has one for each picture."""

_MOST_DEPTH = 10  # of parts in parts
_MOST_HEAD = 128 * 1024  # bytes of a head; long ones have some hundred Received and DKIM lines
_MOST_HEADS = 2 * 2**20  # bytes of all heads; they are read at a hundredth of the speed of bodies
_MOST_VALUE = 2000  # characters of a header that are looked at: ``email`` takes quadratic time for some
_BLANK = re.compile(rb"\r?\n[ \t]*\r?\n")  # pasted text has blanks at the ends of its lines
_ALPHABET = re.compile(rb"[^A-Za-z0-9+/]+")
_ODD = (ValueError, LookupError, TypeError, AttributeError, MessageError)  # what ``email`` raises for odd headers
_MEND = "save the listing itself, or copy its text into a text file"


@dataclass(slots=True)
class Entity:
    """One message or part: its head, and where its body lies in the message's bytes."""

    head: Message
    default: str
    start: int
    end: int
    depth: int

    def told(self, name: str) -> str:
        """Return a header as people read it, unfolded, its encoded words decoded, without controls; "" for none."""
        raw = str(self.head.get(name, ""))[:_MOST_VALUE]
        with suppress(*_ODD):
            raw = "".join(_decoded(word, charset) for word, charset in decode_header(single_spaced(raw)))
        return single_spaced(printable(raw))

    def parameter(self, name: str, header: str = "Content-Type") -> str:
        """Return a header's parameter, "" for none."""
        with suppress(*_ODD):
            value = self.head.get_param(name, "", header)
            if isinstance(value, tuple):  # RFC 2231: charset, language, value
                value = value[2]
            return _in_words(str(value))
        return ""

    @property
    def kind(self) -> str:
        """The content type in lower case, such as ``text/html``; text where none is told (RFC 2045, 5.2)."""
        kind = str(self.head.get("Content-Type", "")).partition(";")[0].strip().lower()
        return kind if re.fullmatch(r"[\w.+-]+/[\w.+-]+", kind) else self.default

    @property
    def name(self) -> str:
        """The name of the file that it is, "" for none."""
        name = self.parameter("filename", "Content-Disposition") or self.parameter("name")
        return single_spaced(printable(name.replace("\\", "/").rpartition("/")[2]))[:255]

    @property
    def encoding(self) -> str:
        """The Content-Transfer-Encoding in lower case, "" where the bytes are as they are (RFC 2045, section 6)."""
        told = str(self.head.get("Content-Transfer-Encoding", "")).strip().lower()
        return told if told in _ENCODINGS else ""

    @property
    def is_attached(self) -> bool:
        """Whether it is a file of its own beside the message's text."""
        return str(self.head.get("Content-Disposition", "")).strip().lower().startswith("attachment")

    @property
    def date(self) -> date | None:
        """The day it was written on, where its sender was; else the day it came in on; None where neither is told."""
        received = str(self.head.get("Received", "")).rpartition(";")[2]
        return _day(str(self.head.get("Date", ""))) or _day(received)


@dataclass(slots=True)
class _Seen:
    """How much of a message was taken apart."""

    parts: int = 0
    heads: int = 0

    def add(self, head: int) -> None:
        """Count a part and the bytes of its head."""
        self.parts += 1
        self.heads += head
        if self.parts > MOST_PARTS:
            raise DumpError(f"it has more than {MOST_PARTS:,} parts", mend=_MEND)
        if self.heads > _MOST_HEADS:
            raise DumpError(f"its parts have heads of more than {_MOST_HEADS // 2**20} MiB", mend=_MEND)


class Entities:
    """A message's bytes, and the taking apart of them; raises DumpError for more of anything than mails have."""

    def __init__(self, data: bytes, seen: _Seen | None = None) -> None:
        """Take nothing apart yet; ``seen`` is what was seen of the message that this one was encoded in."""
        self.data = data
        self._seen = seen or _Seen()

    def within(self, entity: Entity) -> Entities:
        """Return the encoded content of an entity as a message of its own, counted with this one."""
        return Entities(self.content(entity), self._seen)

    def entity(self, start: int, end: int, depth: int = 0, default: str = "text/plain") -> Entity:
        """Return what lies between two offsets."""
        if depth > _MOST_DEPTH:
            raise DumpError(f"parts lie in parts more than {_MOST_DEPTH} deep", mend=_MEND)
        body = self._body_of(start, end)
        self._seen.add(body - start)
        head = self.data[start:body].decode("utf-8", "replace").replace("\r\n", "\n")
        message = HeaderParser().parsestr(head)
        for name in ("Content-Type", "Content-Disposition"):
            if len(value := str(message.get(name, ""))) > _MOST_VALUE:
                message.replace_header(name, value[:_MOST_VALUE])
        return Entity(message, default, body, end, depth)

    def _body_of(self, start: int, end: int) -> int:
        """Return where the body begins: after the first empty line."""
        if self.data.startswith((b"\n", b"\r\n"), start, end):
            return self.data.index(b"\n", start) + 1
        if found := _BLANK.search(self.data, start, min(end, start + _MOST_HEAD)):
            return found.end()
        if end - start > _MOST_HEAD:
            raise DumpError(f"a head in it is longer than {_MOST_HEAD // 1024} KiB", mend=_MEND)
        return end

    def parts(self, whole: Entity) -> Iterator[Entity]:
        """Yield the parts of a multipart entity (RFC 2046, section 5.1); a cut file's last has no end."""
        boundary = whole.parameter("boundary").rstrip()
        if not boundary:
            return
        default = "message/rfc822" if whole.kind == "multipart/digest" else "text/plain"
        line = re.compile(rb"\n--" + re.escape(boundary.encode()) + rb"(--)?[ \t]*(?:\r?\n|\r?\Z)")
        # The line end before a boundary is the boundary's; so is that of the head before the first.
        begun, place = None, max(0, whole.start - 1)
        while found := line.search(self.data, place, whole.end):
            if begun is not None:
                yield self.entity(begun, max(begun, self._before(found.start())), whole.depth + 1, default)
            begun, place = found.end(), found.end() - 1
            if found[1]:
                return
        if begun is not None:
            yield self.entity(begun, whole.end, whole.depth + 1, default)

    def _before(self, end: int) -> int:
        return end - 1 if self.data[end - 1 : end] == b"\r" else end

    def content(self, entity: Entity) -> bytes:
        """Return an entity's body, decoded as its Content-Transfer-Encoding says; what is damaged is left out."""
        body = self.data[entity.start : entity.end]
        return _ENCODINGS[entity.encoding](body) if entity.encoding else body


def _from_base64(body: bytes) -> bytes:
    with suppress(binascii.Error):
        return binascii.a2b_base64(body)
    letters = _ALPHABET.sub(b"", body)
    letters = letters[:-1] if len(letters) % 4 == 1 else letters
    return binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))


def _from_uu(body: bytes) -> bytes:
    lines = []
    for line in body.splitlines():
        if line and not line.startswith((b"begin ", b"end")):
            with suppress(binascii.Error):
                lines.append(binascii.a2b_uu(line))
    return b"".join(lines)


_ENCODINGS: dict[str, Callable[[bytes], bytes]] = {
    "base64": _from_base64,
    "quoted-printable": binascii.a2b_qp,
    "x-uuencode": _from_uu,
    "uuencode": _from_uu,
}


def _decoded(word: bytes | str, charset: str | None) -> str:
    if isinstance(word, str):
        return word
    with suppress(LookupError, ValueError):
        return word.decode(charset or "latin-1", "replace")
    return word.decode("utf-8", "replace")


def _in_words(value: str) -> str:
    """Return a parameter's value; some write encoded words there, too (against RFC 2047, section 5)."""
    with suppress(*_ODD):
        if "=?" in value:
            return "".join(_decoded(word, charset) for word, charset in decode_header(value))
    return value


def _day(value: str) -> date | None:
    """Return the date that a mail's date tells, in its own zone: what people who look at the mail see."""
    with suppress(*_ODD, OverflowError):
        told = parsedate_tz(value[:200])
        found = date(*told[:3]) if told else None
        return found if found and 1990 <= found.year <= 2100 else None  # else the clock was wrong
    return None
