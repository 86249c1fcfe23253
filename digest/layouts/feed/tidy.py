"""XML as feeds write it to XML as parsers want it: stray signs, HTML's entities, control characters.

XML 1.0 (https://www.w3.org/TR/xml/) knows five entities (section 4.6), wants "&" and "<" escaped (2.4) and forbids
control characters (2.2). Feeds are pasted together from HTML and keep none of this. No reference to an entity that a
feed declares for itself passes here: such a name stays in the text as it is written, so that nothing ever expands.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html import unescape
from html.entities import html5

from digest.text import printable

PIECE = 64 * 1024
"""Characters that are handed on at once, more or less: some of these are held, never a whole dump in one line."""

_OF_XML = frozenset(("amp", "lt", "gt", "quot", "apos"))
_REFERENCES = [f"&{name};" for name in _OF_XML]
_ODD = re.compile(
    r"&(?:(?P<name>\w{2,31}|#\d{1,7}|#[xX][0-9a-fA-F]{1,6});)?"
    r"|<(?!(?:[A-Za-z_:/][^<>]*(?:>|\Z)|[!?]))"
    r"|<(?P<void>br|hr) ?>(?!</)"
)
_ESCAPED = {"&": "&amp;", "<": "&lt;"}
_STRAY = re.compile(r"<(?:[^A-Za-z_:/!?]|\Z)|<[^<>]*+<|<[bh]r")
_CONTROLS = bytes({*range(32)} - {*b"\t\n\r"})
_NO_CHARACTER = b"\xef\xbf"  # U+FFFE and U+FFFF begin so
_NO_CHARACTERS = re.compile(rb"\xef\xbf[\xbe\xbf]")
_SIGN = re.compile(r"[<>]")
_DECLARATION = re.compile(r"<\?xml\b[^>]{0,1000}\?>")


def pieces(lines: Iterable[str]) -> Iterator[bytes]:
    """Yield the text of a feed without its XML declaration, mended, in UTF-8; line ends are where they were."""
    tidy = _Tidy()
    held: list[str] = []
    length = 0
    for number, line in enumerate(lines):
        for part in _cut(line if number else _undeclared(line)):
            if length and length + len(part) > PIECE:
                yield _encoded(tidy.mended("".join(held)))
                held, length = [], 0
            held.append(part)
            length += len(part)
        held.append("\n")
    yield _encoded(tidy.mended("".join(held)))


def _undeclared(line: str) -> str:
    """Return a text's first line without the declaration of its encoding, which it no longer has."""
    text = line.lstrip("\ufeff \t\r")
    found = _DECLARATION.match(text)
    return text[found.end() :] if found else text


def _encoded(text: str) -> bytes:
    done = text.encode("utf-8", "replace").translate(None, _CONTROLS)
    return done if _NO_CHARACTER not in done else _NO_CHARACTERS.sub(b"", done)


def _cut(line: str) -> Iterator[str]:
    """Yield a line in pieces, parted before a tag or at a space where there is one."""
    place = 0
    while len(line) - place > PIECE:
        end = max(line.rfind("<", place + 1, place + PIECE), line.rfind(" ", place + 1, place + PIECE))
        end = end if end > place else place + PIECE
        yield line[place:end]
        place = end
    yield line[place:]


class _Tidy:
    """What is to be known of the text before: whether it ends in a tag, or in a CDATA section, where nothing is one."""

    def __init__(self) -> None:
        self.raw = False
        self.in_tag = False

    def mended(self, text: str) -> str:
        if not self.raw and "<![CDATA[" not in text:
            return self._markup(text)
        done: list[str] = []
        place = 0
        while place < len(text):
            mark = "]]>" if self.raw else "<![CDATA["
            end = text.find(mark, place)
            part = text[place:] if end < 0 else text[place : end + len(mark)]
            done.append(part if self.raw else self._markup(part))
            if end >= 0:
                self.raw = not self.raw
            place += len(part)
        return "".join(done)

    def _markup(self, text: str) -> str:
        """Return the text mended, and closed before it a tag that another follows: libxml2 looks far for its end."""
        next_sign = _SIGN.search(text) if self.in_tag else None
        closing = ">" if next_sign and next_sign[0] == "<" else ""
        done = text if _is_fine(text) else _ODD.sub(_mended, text)
        last = done.rfind("<")
        if done.rfind(">") > last or (last >= 0 and done[last + 1 : last + 2] in ("!", "?")):
            self.in_tag = False
        elif last >= 0:
            self.in_tag = True
        return closing + done


def _is_fine(text: str) -> bool:
    """Tell quickly that there is nothing to mend in a text; False may mean "cannot tell"."""
    named = text.count("&")
    return (not named or named == sum(map(text.count, _REFERENCES))) and not _STRAY.search(text)


def _mended(odd: re.Match[str]) -> str:
    name = odd["name"]
    if name in _OF_XML:
        return odd[0]
    if name is None:
        return f"<{odd['void']}/>" if odd["void"] else _ESCAPED[odd[0]]
    if name[0] == "#":
        # Numbers mean what HTML takes them for: 128 to 159 are those of Windows (HTML, "numeric character reference").
        char = printable(unescape(odd[0]))
        return odd[0] if char and char in "&<>\"'" else char
    char = html5.get(name + ";", "&" + name + ";")
    return _ESCAPED.get(char[0], char[0]) + char[1:]
