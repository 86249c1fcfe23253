"""Saved HTML pages to blocks of text with their headings and links, and what a page tells of itself.

The page is parsed as HTML Living Standard, section 13.2.5 (tokens) has it, by libxml2, whose events become blocks as
they come; no tree is built. A page's text is what a browser would save as text: see ``page.py``.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace

from lxml import etree

from digest.containers.addresses import resolver
from digest.containers.base import MOST_MARKUP, SAVE_AS_TEXT
from digest.containers.embedded import objects
from digest.containers.encoding import Text
from digest.containers.page import Page
from digest.errors import DumpError
from digest.models import Block, Document

_SNIFFED = 4096  # characters that tell a page from text
_PIECE = 2**16  # characters fed at once, of a longer line
_MOST_TAGS = 1_000_000
_LONGEST_TAG = 8 * 2**20  # characters without a ">": attributes take many times their length of memory
_MOST_LINES = 500_000
_LEADING = re.compile(r"(?:\s|\ufeff)*(?:<\?xml[^>]{0,200}\?>)?\s*")
_OPENING = re.compile(
    r"<(?:!doctype\s+html|(?:html|head|body|title|meta|base|link|style|script|header|nav|main|article|section|aside"
    r"|footer|div|p|h[1-6]|ul|ol|li|dl|table|tbody|tr|td|span|a|pre|center|font|b|i|em|strong|br)(?=[\s/>]))",
    re.IGNORECASE,
)


def is_html(head: str) -> bool:
    """Tell by a dump's first characters whether it is an HTML page or a piece of one; feeds and other XML are not."""
    place = _LEADING.match(head)
    start = place.end() if place else 0
    while head.startswith("<!--", start):
        end = head.find("-->", start + 4)
        if end < 0:
            return "<?xml" not in head[:start]
        start = end + 3 + len(head[end + 3 :]) - len(head[end + 3 :].lstrip())
    return _OPENING.match(head, start) is not None


def document(text: Text, *, address: str = "") -> Document | None:
    """Return a text as the page that it is, None where it is none; ``address`` is where it was saved from, if known.

    Raises DumpError where the page is too long, too deep or of too many parts to be a page of listings.
    """
    lines = text.lines
    first = next(iter(lines()), "")
    head = first if len(first) >= _SNIFFED else "\n".join(_until(lines(), _SNIFFED))
    if not is_html(head[:_SNIFFED]):
        return None
    _check_size(text.source.size)
    return _document(Document("html", lines, _no_blocks, address=address, encoding=text.told_encoding))


def document_of(
    markup: str,
    *,
    container: str = "html",
    address: str = "",
    date: dt.date | None = None,
    encoding: str | None = None,
) -> Document:
    """Return markup as a page; ``address`` and ``date`` are what its container (a mail, a web archive) tells of it.

    Raises DumpError as ``document`` does.
    """
    _check_size(len(markup))

    def lines() -> Iterator[str]:
        return iter(markup.split("\n"))

    return _document(Document(container, lines, _no_blocks, address=address, date=date, encoding=encoding))


def _until(lines: Iterable[str], characters: int) -> Iterator[str]:
    """Yield lines up to so many characters in all."""
    for line in lines:
        yield line
        characters -= len(line) + 1
        if characters <= 0:
            return


def _check_size(size: int) -> None:
    if size > MOST_MARKUP:
        raise DumpError(f"it is an HTML page longer than {MOST_MARKUP // 2**20} MiB", mend=SAVE_AS_TEXT)


def _no_blocks() -> Iterator[Block]:
    return iter(())


def _document(known: Document) -> Document:
    """Return what is known of a page with what the page says."""
    page = _parsed(known.lines())
    address = known.address or page.address
    resolve = resolver(address, page.base)

    def blocks() -> Iterator[Block]:
        for number, text, gap, level, link in page.blocks:
            yield Block(number, text, gap, level, resolve(link) if link else "")

    return replace(known, blocks=blocks, address=address, title=page.title, embedded=objects(page.json), markup=True)


def _parsed(lines: Iterable[str]) -> Page:
    """Return the page that the lines make; each is fed by itself, so that blocks know where they begin."""
    page = Page()
    # Without huge_tree, libxml2 2.14 does not come to an end with a comment of more than 10 MB that is not closed.
    parser = etree.HTMLParser(target=page, huge_tree=True)
    tags = 0
    for line in lines:
        tags += line.count("<")
        if tags > _MOST_TAGS or page.line > _MOST_LINES:
            raise DumpError("it is an HTML page of too many tags or lines", mend=SAVE_AS_TEXT)
        _feed(parser, page, line)
    with suppress(etree.XMLSyntaxError):  # there was nothing in it
        parser.close()
    return page


def _feed(parser: etree.HTMLParser, page: Page, line: str) -> None:
    if "\r" in line:
        line = line.replace("\r", " ")  # it would count as a line's end
    page.expect_json(line)
    text = "\n" + line if page.line else line  # text is told by where it ends, so a line's end belongs to the next
    page.line += 1
    try:
        text.isascii() or text.encode()
    except UnicodeEncodeError:  # lone surrogates
        text = text.encode("utf-8", "replace").decode()
    for start in range(0, len(text), _PIECE):
        piece = text[start : start + _PIECE]
        closed = piece.rfind(">")
        page.unclosed = page.unclosed + len(piece) if closed < 0 else len(piece) - closed
        if page.unclosed > _LONGEST_TAG:
            raise DumpError("it is an HTML page with a tag that is too long", mend=SAVE_AS_TEXT)
        parser.feed(piece)
