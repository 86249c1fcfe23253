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
_MOST_BLANK = 2_000_000  # line ends in a row, or nearly: nobody saves such a page
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
# What XML (section 4.3.3) and HTML (section 4.2.5) say of themselves in their first bytes.
_DECLARED = re.compile(
    rb"""<(?:\?xml[^>]{0,200}\bencoding|meta[^>]{0,200}\bcharset)\s*=\s*["']?([\w.:-]{2,40})""", re.I
)


@dataclass(frozen=True, slots=True)
class Text:
    """A dump's bytes as text in one encoding."""

    source: Source
    encoding: str

    @property
    def told_encoding(self) -> str | None:
        """The encoding where it is worth telling: where it is not UTF-8."""
        return None if self.encoding in ("utf-8", "utf-8-sig") else self.encoding

    def lines(self) -> Iterator[str]:
        """Yield the lines without their ends, LF or CRLF; what else Unicode ends lines with is white space here."""
        with io.TextIOWrapper(self.source.open(), self.encoding, errors="replace", newline="\n") as file:
            for line in file:
                yield line[:-1] if line[-1] == "\n" else line

    def whole(self) -> str:
        """Return all of the text."""
        return "\n".join(self.lines())


def as_text(source: Source) -> Text:
    """Return a dump's text, after one look at all of its bytes.

    Raises DumpError for bytes that are no text, and for text with a line too long to hold or next to nothing in it.
    """
    with source.open() as file:
        sample = file.read(_SAMPLE)
    encoding = _marked(sample)
    if encoding is None:
        if b"\x00" in sample:
            raise DumpError("it is not text but binary data", mend=SAVE_AS_TEXT)
        encoding = "utf-8" if _is_utf8(source) else _declared(sample) or _detected(sample)
    _check_lines(source, wide=encoding == "utf-16")
    return Text(source, encoding)


def _marked(sample: bytes) -> str | None:
    """Return the encoding that a byte-order mark tells, if the bytes after it bear it out."""
    for bom, encoding in _BOMS:
        if sample.startswith(bom):
            with contextlib.suppress(UnicodeDecodeError):
                codecs.getincrementaldecoder(encoding)().decode(sample)
                return encoding
    return None


def _is_utf8(source: Source) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with source.open() as file:
            while chunk := file.read(_CHUNK):
                decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _declared(sample: bytes) -> str | None:
    """Return the encoding that the head of a page declares, if Python has it and the bytes bear it out."""
    found = _DECLARED.search(sample[:4096])
    with contextlib.suppress(LookupError, UnicodeDecodeError):
        if found:
            name = codecs.lookup(found[1].decode()).name
            codecs.getincrementaldecoder(name)().decode(sample)
            return name
    return None


def _detected(sample: bytes) -> str:
    best = from_bytes(sample).best()
    if best is None:
        raise DumpError("the text's encoding cannot be told", mend="save it as UTF-8")
    return best.encoding


def _check_lines(source: Source, *, wide: bool) -> None:
    """Refuse a text with a line that is too long to hold, or with next to nothing but line ends."""
    most = MOST_LINE * (1 + wide)
    since = ends = 0
    with source.open() as file:
        while chunk := file.read(_CHUNK):
            first = chunk.find(b"\n")
            since += len(chunk) if first < 0 else first
            if since > most:
                raise DumpError(f"a line is longer than {MOST_LINE // 2**20} MiB", mend="save one listing per line")
            if first >= 0:
                since = len(chunk) - chunk.rfind(b"\n") - 1
                # What is left of a chunk of blank lines is a byte or two each.
                ends = ends + chunk.count(b"\n") if len(chunk) < 4 * chunk.count(b"\n") else 0
                if ends > _MOST_BLANK:
                    raise DumpError("it holds next to nothing but blank lines", mend=SAVE_AS_TEXT)
