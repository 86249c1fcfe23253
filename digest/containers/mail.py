"""Mails (RFC 5322) and web archives in their format (MHTML, RFC 2557): the parts that people read, best first."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from itertools import islice
from typing import BinaryIO, Literal, TypeAlias

from digest.containers.base import SAVE_AS_TEXT, Source
from digest.containers.encoding import Text, as_text
from digest.containers.flowed import unflowed
from digest.errors import DumpError
from digest.mime import Entities, Entity

MOST_MAIL = 48 * 2**20
"""Bytes of a mail or web archive; pages saved with all their pictures are rarely half of that."""

SNIFFED = 64 * 1024
"""Bytes that tell a mail: the lines that the ways of a mail leave come before those that its writer knows."""

MOST_TEXTS = 100
"""Texts in one mail, each of which layouts look at; people attach a handful."""

_FIELD = re.compile(rb"([!-9;-~]{1,76}):")  # RFC 5322, section 2.2
_KNOWN = frozenset(
    b"from to cc subject date message-id mime-version received return-path content-type content-transfer-encoding "
    b"delivered-to envelope-to reply-to sender list-id dkim-signature content-location "
    b"snapshot-content-location".split()
)
_READ_KINDS = re.compile(
    r"text/(?!css|javascript|calendar|vcard|x-vcard)|application/([\w.-]+\+)?(xml|json|x-ndjson|jsonl)$"
)
_READ_ENDINGS = re.compile(r"\.(te?xt|md|x?html?|jsonl?|ndjson|bib(tex)?|ris|xml|rss|atom|rdf)$")
_MAIL_ENDINGS = (".eml", ".mht", ".mhtml")
_PACKED_ENDINGS = (".gz", ".tgz", ".zip", ".tar")
_BEFORE = re.compile(rb"(?:\xef\xbb\xbf)?[\r\n]{0,100}(?:From [^\n]{0,1000}\n)?")
_MOST_TITLE = 300  # characters
Kind: TypeAlias = Literal["html", "text", "file"]  # of a "file", nothing is known but its bytes


@dataclass(frozen=True, slots=True)
class Part:
    """A text in a mail: what it is, and what the mail says of it ("" or None: nothing)."""

    kind: Kind
    text: Text
    container: str  # "mail", "web archive", or what of it this is
    encoding: str | None = None
    address: str = ""
    title: str = ""
    date: date | None = None


@dataclass(frozen=True, slots=True)
class Attached:
    """A file in a mail: what ``parts`` calls it ("": nothing, for it may be an archive), its name, and its bytes.

    ``date`` is the day of the mail that it is attached to.
    """

    label: str
    name: str
    content: Callable[[], bytes]
    date: date | None


@dataclass(frozen=True, slots=True)
class Held:
    """Bytes in memory as a source."""

    data: bytes

    @property
    def size(self) -> int:
        """How many bytes there are."""
        return len(self.data)

    def open(self) -> BinaryIO:
        """Return the bytes to be read from the start."""
        return io.BytesIO(self.data)


def text_of(text: str) -> Text:
    """Return a text in memory as one."""
    return Text(Held(text.encode("utf-8", "replace")), "utf-8")


def is_mail(head: bytes) -> bool:
    """Tell by its first bytes whether a file is a mail: header lines alone, two of them with names that mails have."""
    lines = head[_beginning(head) :].split(b"\n")
    if cut := len(head) >= SNIFFED:
        lines.pop()
    known = set()
    for number, line in enumerate(lines):
        if not line.strip():
            cut = False
            break
        if number and line[:1] in b" \t":
            continue
        if not (found := _FIELD.match(line)):
            return False
        known.add(found[1].lower())
    return len(known & _KNOWN) > (not cut)


def parts(source: Source) -> list[Part]:
    """Return the texts in a mail: its body's, the best form first, then those of mails in it, then attached files.

    Raises DumpError for a mail that is too large, has too many parts or parts too deep in parts, or no text at all.
    """
    mail = _mail_in(source)
    found = list(islice(mail.parts(), MOST_TEXTS + 1))
    if len(found) > MOST_TEXTS:
        raise DumpError(f"more than {MOST_TEXTS} texts are in the mail", mend="save the listings, and bring those")
    if not found:
        raise mail.emptiness()
    return found


def attached(source: Source) -> Iterator[Attached]:
    """Yield what is attached to a mail: mails, then files with text, in the order of ``parts``; then likely archives.

    Raises DumpError like ``parts``, but for a mail without text.
    """
    yield from _mail_in(source).attached()


def _mail_in(source: Source) -> _Mail:
    if source.size > MOST_MAIL:
        raise DumpError(f"a mail longer than {MOST_MAIL // 2**20} MiB", mend="save the listing itself")
    with source.open() as file:
        data = file.read()
    entities = Entities(data)
    return _Mail(entities, entities.entity(_beginning(data), len(data)))


def _beginning(data: bytes, start: int = 0) -> int:
    """Return where the header begins: after a byte-order mark, blank lines, and the line that mailboxes put before."""
    found = _BEFORE.match(data, start)
    return found.end() if found else start


@dataclass(slots=True)
class _Mail:
    """One mail: its texts by what they are, gathered in order."""

    entities: Entities
    whole: Entity
    label: str = ""  # of a mail in a mail: which one it is
    html: list[Entity] = field(default_factory=list)
    plain: list[Entity] = field(default_factory=list)
    mails: list[Entity] = field(default_factory=list)
    files: list[Entity] = field(default_factory=list)
    packed: list[Entity] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    faults: list[DumpError] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._gather(self.whole)

    def parts(self) -> Iterator[Part]:
        """Yield the texts, the best first."""
        yield from self._body(self.html, "html", self.label)
        yield from self._body(self.plain, "text", self.label)
        within = f"{self.label}: " if self.label else ""
        for number, entity in enumerate(self.mails, 1):
            yield from self._inner(entity, f"{within}attached mail {number}")
        for number, entity in enumerate(self.files, 1):
            yield from self._body([entity], "file", f"{within}attached file {number}")

    def attached(self) -> Iterator[Attached]:
        """Yield what is attached, each with the label that ``parts`` gives it."""
        labelled = [(f"attached mail {number}", entity) for number, entity in enumerate(self.mails, 1)]
        labelled += [(f"attached file {number}", entity) for number, entity in enumerate(self.files, 1)]
        labelled += [("", entity) for entity in self.packed]
        for label, entity in labelled:
            yield Attached(label, entity.name, partial(self.entities.content, entity), self.whole.date)

    def _inner(self, entity: Entity, label: str) -> Iterator[Part]:
        """Yield the texts of a mail in this one, with its own date and subject."""
        if entity.encoding:  # forbidden by RFC 2046, section 5.2.1, and done
            inner = self.entities.within(entity)
            start, end = 0, len(inner.data)
        else:
            inner, start, end = self.entities, entity.start, entity.end
        mail = _Mail(inner, inner.entity(_beginning(inner.data, start), end, entity.depth + 1), label)
        yield from mail.parts()
        self.others += mail.others
        self.faults += mail.faults

    def emptiness(self) -> DumpError:
        """Return why nothing was found."""
        if self.faults:
            return self.faults[0]
        if self.others:
            what = f"there is no text in the mail that can be read, but {self.others[0]!r}"
            return DumpError(what, mend="save what is attached, and bring that")
        return DumpError("there is no text in the mail", mend=SAVE_AS_TEXT)

    def _gather(self, entity: Entity) -> None:
        kind, name = entity.kind, entity.name.lower()
        if kind.startswith("multipart/"):
            self._gather_parts(entity)
        elif kind in ("message/rfc822", "message/global") or name.endswith(_MAIL_ENDINGS):
            self.mails.append(entity)
        elif kind == "text/html" and not entity.is_attached:
            self.html.append(entity)
        elif kind == "text/plain" and not entity.is_attached and not name:
            self.plain.append(entity)
        elif _READ_KINDS.match(kind) or _READ_ENDINGS.search(name):
            self.files.append(entity)
        else:
            self.others.append(entity.name or kind)
            if kind.startswith("application/") or name.endswith(_PACKED_ENDINGS):
                self.packed.append(entity)

    def _gather_parts(self, entity: Entity) -> None:
        inside = list(self.entities.parts(entity))
        if not inside:  # no boundary is told, or the one that is told does not occur
            self.plain.append(entity)
        elif entity.kind == "multipart/related":
            self._gather_related(entity, inside)
        else:
            for part in inside:
                self._gather(part)

    def _gather_related(self, entity: Entity, inside: list[Entity]) -> None:
        """Gather a page and its frames; pictures, styles and scripts beside it are nothing to read (RFC 2387)."""
        start = entity.parameter("start").strip("<> ")
        pages = (part for part in inside if part.kind in ("text/html", "multipart/alternative"))
        named = (part for part in inside if start and part.told("Content-ID").strip("<> ") == start)
        root = next(named, None) or next(pages, inside[0])
        self._gather(root)
        self.files += [part for part in inside if part is not root and part.kind == "text/html"]

    def _body(self, entities: list[Entity], kind: Kind, label: str) -> Iterator[Part]:
        """Yield one text made of all of these: a body may come in pieces, with pictures between them."""
        pieces = [text for entity in entities for text in self._text(entity)]
        if any(line.strip() for text in pieces for line in text.lines()):
            text = pieces[0] if len(pieces) == 1 else text_of("\n".join(piece.whole() for piece in pieces))
            told = next(filter(None, (piece.told_encoding for piece in pieces)), None)
            address = self._address(entities[0], kind)
            label = label or ("web archive" if address and "To" not in self.whole.head else "mail")
            title = self.whole.told("Subject")[:_MOST_TITLE]
            yield Part(kind, text, label, told, address, title, self.whole.date)

    def _text(self, entity: Entity) -> Iterator[Text]:
        """Yield an entity's text, or nothing where there is none."""
        try:
            text = as_text(Held(self.entities.content(entity)), entity.parameter("charset"))
        except DumpError as error:
            self.faults.append(error)
            return
        if entity.kind == "text/plain" and entity.parameter("format").lower() == "flowed":
            delete_space = entity.parameter("delsp").lower() == "yes"
            text = text_of(unflowed(text.whole(), delete_space=delete_space))
        yield text

    def _address(self, entity: Entity, kind: Kind) -> str:
        """Return the address on the web that a page was saved from, "" where there is none."""
        saved = self.whole.told("Snapshot-Content-Location") if kind == "html" else ""
        told = saved or entity.told("Content-Location") or self.whole.told("Content-Location")
        address = told.replace(" ", "")  # it may be folded anywhere (RFC 2557, section 4.4.2)
        return address if address.startswith(("http://", "https://")) else ""
