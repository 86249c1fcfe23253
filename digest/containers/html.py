"""Saved HTML pages to blocks of text with their headings and links, and what a page tells of itself.

``scan`` tells tags and texts apart, ``page`` makes blocks of them as they come; no tree is built. A page's text is what
a browser would save as text.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import replace

from digest.containers.addresses import resolver
from digest.containers.base import MOST_MARKUP, SAVE_AS_TEXT
from digest.containers.embedded import objects
from digest.containers.encoding import Text
from digest.containers.scan import page_of
from digest.errors import DumpError
from digest.models import Block, Document

_SNIFFED = 4096  # characters that tell a page from text
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
    if not is_html(text.head(_SNIFFED)):
        return None
    _check_size(text.source.size)
    known = Document("html", text.lines, _no_blocks, address=address, encoding=text.told_encoding)
    return _document(known, text.whole())


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

    return _document(Document(container, lines, _no_blocks, address=address, date=date, encoding=encoding), markup)


def _check_size(size: int) -> None:
    if size > MOST_MARKUP:
        raise DumpError(f"it is an HTML page longer than {MOST_MARKUP // 2**20} MiB", mend=SAVE_AS_TEXT)


def _no_blocks() -> Iterator[Block]:
    return iter(())


def _document(known: Document, markup: str) -> Document:
    """Return what is known of a page with what the page says."""
    page = page_of(_clean(markup))
    address = known.address or page.address
    resolve = resolver(address, page.base)

    def blocks() -> Iterator[Block]:
        for number, text, gap, level, link in page.blocks:
            yield Block(number, text, gap, level, resolve(link) if link else "")

    return replace(known, blocks=blocks, address=address, title=page.title, embedded=objects(page.json), markup=True)


def _clean(markup: str) -> str:
    """Return markup without what is no text; the ends of its lines stay where they are."""
    if "\r" in markup:
        markup = markup.replace("\r\n", "\n").replace("\r", " ")
    if "\0" in markup:
        markup = markup.replace("\0", "\ufffd")
    try:
        markup.isascii() or markup.encode()
    except UnicodeEncodeError:  # lone surrogates
        return markup.encode("utf-8", "replace").decode()
    return markup
