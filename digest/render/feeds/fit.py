"""Texts made fit for feeds: what readers stumble over, and the W3C's feed validator warns of, and no text needs."""

from __future__ import annotations

import re
from dataclasses import replace

from digest.render.feeds.item import Item

# UTF-8 that somebody read as Latin-1: "GarcÃ­a". What follows is a continuation byte (RFC 3629, section 3). Of what was
# read so more than once, \xc2 stands before itself again and again: all of them at once, however many they are.
_MISREAD = re.compile("(?<![\xc2\xc3])\xc2+([\xa0-\xbf])|\xc3\xc2*([\xa0-\xbf])")
_ANGLES = str.maketrans({"<": "‹", ">": "›"})


def fitted(item: Item) -> Item:
    """Return an entry whose texts are fit; most are as they come."""
    texts = (item.content, item.title, item.summary, *item.authors, *(own.term for own in item.categories))
    if all(map(_is_fit, texts)):
        return item
    return replace(
        item,
        content=fit(item.content),
        title=fit(item.title),
        summary=fit(item.summary),
        authors=tuple(map(fit, item.authors)),
        categories=tuple(own._replace(term=fit(own.term)) for own in item.categories),
    )


def _is_fit(text: str) -> bool:
    """Tell quickly that a text is fit; False may mean "cannot tell"."""
    return text.isascii() or not ("\xc2" in text or "\xc3" in text or "\ufffd" in text)


def fit(text: str) -> str:
    """Return a text read as it was meant; what nobody could read (U+FFFD) is a question mark."""
    if _is_fit(text):
        return text
    return _MISREAD.sub(_as_meant, text).replace("\ufffd", "?")


def _as_meant(found: re.Match[str]) -> str:
    return found[1] or chr(ord(found[2]) + 0x40)  # behind \xc2 stands the character itself


def plain(name: str) -> str:
    """Return a name as one that nobody takes for HTML, nor for an address: Atom has no other way to write names."""
    return fit(name).translate(_ANGLES) if "<" in name or ">" in name else fit(name)
