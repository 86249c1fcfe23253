"""Bytes to text: which encoding a dump has, and its lines, one at a time, none of them too long to hold."""

from __future__ import annotations

import codecs
import contextlib
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

from charset_normalizer import from_bytes

from digest.containers.base import MOST_LINE, SAVE_AS_TEXT, Source
from digest.errors import DumpError

_SAMPLE = 256 * 1024  # bytes that the encoding is detected from
_CHUNK = 2**20
_FEW = 0.05  # of the bytes beyond ASCII may be invalid in text that is UTF-8 all the same
_MOST_BLANK = 2_000_000  # line ends in a row, or nearly: nobody saves such a page
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
# What XML (section 4.3.3) and HTML (section 4.2.5) say of themselves in their first bytes.
_DECLARED = re.compile(
    rb"""<(?:\?xml[^>]{0,200}\bencoding|meta[^>]{0,200}\bcharset)\s*=\s*["']?([\w.:-]{2,40})""", re.I
)
_ASCII = bytes(range(128))
_BLANKS = b" \t\r\n\x0b\x0c"
# Seven-bit encodings, whose bytes are valid UTF-8 too; they are read only where they are declared.
_SEVEN_BIT = re.compile("iso2022|hz$|utf_?-?7$")
# Encodings of the same Western text that guessing mixes up; as browsers do, what may be windows-1252 is that
# (https://encoding.spec.whatwg.org/#names-and-labels makes it so even where ISO 8859-1 is declared).
_LATIN = re.compile("(cp(1250|1252|1254|1257|437|500|8..)|iso8859_.*|latin_1|mac_.*|ascii|hp_roman8)$")
# Not ASCII, which is declared by default; nor UTF-16, whose bytes tell; nor what Python has besides, such as zip.
_USED = re.compile("utf-[78]|iso|cp[0-9]|koi8|mac|gb|big5|euc|shift|hz|tis|kz|ptcp|johab|latin")
_WINDOWS = "cp1252"
_BEYOND_ASCII = re.compile(rb"[\x80-\xff]+")
_NEVER_WESTERN = re.compile(rb"[\x80-\x84\x86-\x89\x8b-\x90\x98\x9b\x9d]")  # unused or rare there, frequent elsewhere


@dataclass(frozen=True, slots=True)
class Text:
    """A dump's bytes as text in one encoding; ``broken`` tells that some of them are not valid in it.

    Lines end as ``end`` says: LF, which CRLF ends with too, or CR where there is no LF at all, as on old Macs.
    """

    source: Source
    encoding: str
    broken: bool = False
    end: str = "\n"

    @property
    def told_encoding(self) -> str | None:
        """The encoding where it is worth telling: where it is not UTF-8, or broken."""
        if self.broken:
            return f"{self.encoding}, broken"
        return None if self.encoding in ("utf-8", "utf-8-sig") else self.encoding

    def lines(self) -> Iterator[str]:
        """Yield the lines without their ends; what else Unicode ends lines with is white space here."""
        with io.TextIOWrapper(self.source.open(), self.encoding, errors="replace", newline=self.end) as file:
            for line in file:
                yield line[:-1] if line[-1] == self.end else line

    def whole(self) -> str:
        """Return all of the text."""
        return "\n".join(self.lines())


def as_text(source: Source, declared: str | None = None) -> Text:
    """Return a dump's text, after one look at all of its bytes; ``declared`` is the encoding that its container tells.

    A byte-order mark counts first, then valid UTF-8, since nothing else looks like it, then what is declared, in the
    end what the bytes look like. Raises DumpError for bytes that are no text, and for text with a line too long to hold
    or next to nothing in it.
    """
    with source.open() as file:
        sample = file.read(_SAMPLE)
    encoding, broken = _marked(sample) or _wide(sample), False
    if encoding is None:
        encoding, broken = _of_bytes(source, sample, declared)
    end = "\r" if b"\r" in sample and b"\n" not in sample else "\n"
    _check_lines(source, end.encode(), wide=encoding.startswith("utf-16"))
    return Text(source, encoding, broken, end)


def _of_bytes(source: Source, sample: bytes, declared: str | None) -> tuple[str, bool]:
    """Return the encoding of bytes that bear no mark, and whether it is UTF-8 that is broken in places."""
    told = _known(declared or "", sample)
    if told and _SEVEN_BIT.match(told.replace("-", "").replace("_", "")):
        return told, False
    share = _not_utf8(source)
    if share < _FEW:
        return "utf-8", share > 0
    return told or _declared(sample) or _detected(sample), False


def _marked(sample: bytes) -> str | None:
    """Return the encoding that a byte-order mark tells, if the bytes after it bear it out."""
    for bom, encoding in _BOMS:
        if sample.startswith(bom):
            with contextlib.suppress(UnicodeDecodeError):
                codecs.getincrementaldecoder(encoding)().decode(sample)
                return encoding
    return None


def _wide(sample: bytes) -> str | None:
    """Return the form of UTF-16 that text without a mark has: its ASCII characters have a zero byte on one side alone.

    Raises DumpError where there are zero bytes and it is not that; a few in a long text are dirt.
    """
    zeros = sample.count(0)
    if zeros <= len(sample) // 1000:
        return None
    odd = sample[1::2].count(0)
    encoding = "utf-16-le" if odd == zeros else "utf-16-be" if odd == 0 else ""
    with contextlib.suppress(UnicodeDecodeError):
        if encoding and zeros * 5 > len(sample):
            codecs.getincrementaldecoder(encoding)().decode(sample)
            return encoding
    raise DumpError("it is not text but binary data", mend=SAVE_AS_TEXT)


def _not_utf8(source: Source) -> float:
    """Return how large a share of the bytes beyond ASCII is not valid UTF-8.

    Text in any other encoding is nearly all invalid; where nearly all is valid, it is UTF-8 that was cut or pasted
    together badly, and one bad byte must not turn all the others into nonsense.
    """
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    beyond = broken = 0
    with source.open() as file:
        while True:
            chunk = file.read(_CHUNK)
            text = decoder.decode(chunk, final=not chunk)
            if not chunk.isascii():
                beyond += len(chunk.translate(None, _ASCII))
            if not text.isascii():
                broken += text.count("\ufffd") - chunk.count(b"\xef\xbf\xbd")
            if not chunk:
                return max(broken, 0) / beyond if beyond else 0.0


def _known(name: str, sample: bytes) -> str | None:
    """Return a declared encoding as Python names it, if it is one that people use and the bytes bear it out."""
    with contextlib.suppress(LookupError, ValueError):
        found = codecs.lookup(name).name
        if _USED.match(found):
            used = _WINDOWS if found == "iso8859-1" else found
            codecs.getincrementaldecoder(used)().decode(sample)
            return used
    return None


def _declared(sample: bytes) -> str | None:
    """Return the encoding that the head of a page declares."""
    found = _DECLARED.search(sample[:4096])
    return _known(found[1].decode("latin-1"), sample) if found else None


def _detected(sample: bytes) -> str:
    """Return the encoding that bytes look like."""
    if _is_western(sample) and (western := _known(_WINDOWS, sample)):
        return western
    best = from_bytes(sample).best()
    if best is None:
        raise DumpError("the text's encoding cannot be told", mend="save it as UTF-8")
    if _LATIN.match(best.encoding) and (western := _known(_WINDOWS, sample)):
        return western
    return best.encoding


def _is_western(sample: bytes) -> bool:
    """Tell text where an accent or a quote stands here and there, too little of it for guessing by frequencies."""
    runs = _BEYOND_ASCII.findall(sample)
    return sum(len(run) == 1 for run in runs) > len(runs) * 0.8 and not _NEVER_WESTERN.search(sample)


def _check_lines(source: Source, end: bytes, *, wide: bool) -> None:
    """Refuse a text with a line that is too long to hold, or with next to nothing but line ends."""
    most = MOST_LINE * (1 + wide)
    since = ends = 0
    with source.open() as file:
        while chunk := file.read(_CHUNK):
            first = chunk.find(end)
            since += len(chunk) if first < 0 else first
            if since > most:
                raise DumpError(f"a line is longer than {MOST_LINE // 2**20} MiB", mend="save one listing per line")
            if first >= 0:
                since = len(chunk) - chunk.rfind(end) - 1
                ends = ends + chunk.count(end) if _is_blank(chunk, end) else 0
                if ends > _MOST_BLANK:
                    raise DumpError("it holds next to nothing but blank lines", mend=SAVE_AS_TEXT)


def _is_blank(chunk: bytes, end: bytes) -> bool:
    """Tell whether a chunk holds less of text than of line ends; the cheap look first."""
    count = chunk.count(end)
    return len(chunk) < 80 * count and len(chunk.translate(None, _BLANKS)) < count
