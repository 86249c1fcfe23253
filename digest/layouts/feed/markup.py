"""HTML inside a feed's texts to plain text, and the addresses that it links to.

Feeds put HTML, or text, or text that looks like HTML, into the same elements (RSS 2.0 does not say which of them
``title`` is). So a "<" is markup only where an element of HTML (https://html.spec.whatwg.org/#elements-3) begins or
ends as HTML writes it: "a < b", "$x<y$" and "for i<n and j>n" are text.
"""

from __future__ import annotations

import re
from html import unescape
from typing import Final

from digest.text import single_spaced

_PARTING: Final = frozenset(
    """
    address article aside blockquote br center dd div dl dt figure figcaption footer h1 h2 h3 h4 h5 h6 header hr jats:p
    jats:sec jats:title li main nav ol p pre section table tbody td th thead tr ul
    """.split()  # noqa: SIM905
)
"""Elements that part words; all others stand within a line."""

_WITHIN: Final = frozenset(
    """
    a abbr acronym audio b bdi bdo big button cite code del em font i iframe img input ins jats:bold jats:italic
    jats:sub jats:sup kbd label mark math object q s samp small source span strike strong sub sup svg tt u var video wbr
    """.split()  # noqa: SIM905
)
_LONGEST = 2000  # characters of one tag
_TAG = re.compile(rf"<(/?)([a-zA-Z][\w:]{{0,14}})(?=[\s/>])([^<>]{{0,{_LONGEST}}})>")
_UNSEEN = re.compile(r"<(?:!--|(?:script|style)(?=[\s>]))", re.IGNORECASE)
_SEEN_AGAIN: Final = {"<!": "-->", "<s": "</s"}
_HREF = re.compile(
    rf"""<a\s[^<>]{{0,{_LONGEST}}}?\bhref\s?=\s?["']?(https?://[^\s"'<>]{{1,{_LONGEST}}})""", re.IGNORECASE
)


def plain(html: str) -> str:
    """Return the text that a piece of HTML shows, in single spaces; text that is no HTML comes back as it is."""
    if "<" in html:
        html = _TAG.sub(_text_of, _without_unseen(html))
    return single_spaced(unescape(html) if "&" in html else html)


def addresses(html: str) -> list[str]:
    """Return the web addresses that a piece of HTML links to."""
    return [unescape(found) for found in _HREF.findall(html)] if "href" in html else []


def parts_words(name: str) -> bool:
    """Tell whether an element of this name stands between words and not within one."""
    return name in _PARTING


def _text_of(tag: re.Match[str]) -> str:
    """Return what stands for a tag in the text: a space, nothing, or the "tag" itself where it is none."""
    closing, name, rest = tag[1], tag[2].lower(), tag[3].strip(" \t\r\n/")
    if rest and ("=" not in rest or closing):
        return tag[0]
    return " " if name in _PARTING else "" if name in _WITHIN else tag[0]


def _without_unseen(html: str) -> str:
    """Return HTML without comments, scripts and styles; one that is not closed reaches to the end."""
    kept: list[str] = []
    place = 0
    while found := _UNSEEN.search(html, place):
        kept.append(html[place : found.start()])
        end = html.find(_SEEN_AGAIN[found[0][:2].lower()], found.end())
        if end < 0:
            return "".join(kept)
        place = html.find(">", end) + 1 or len(html)
    kept.append(html[place:])
    return "".join(kept)
