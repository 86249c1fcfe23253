"""Addresses on a page: links made absolute, and those of no use to anyone dropped."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urljoin

_LONGEST = 2000  # characters; longer ones carry a page's state and name nothing
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]{0,30}:", re.IGNORECASE)
_ORIGIN = re.compile(r"https?://[\w.-]{1,255}(?::\d{1,5})?(?=/|$)", re.IGNORECASE)
_PLAIN_PATH = re.compile(r"/[\w-](?:[\w/-]|\.(?![./])){0,200}", re.ASCII)  # which nothing but its host is missing of
_WEB = re.compile(r"https?://", re.IGNORECASE)


def is_web(address: str) -> bool:
    """Tell whether an address is an absolute one of the web."""
    return _WEB.match(address) is not None and len(address) <= _LONGEST


def resolver(address: str, base: str) -> Callable[[str], str]:
    """Return what makes links absolute (RFC 3986, section 5) by a page's address and its ``<base>``, "" for none.

    Without either, relative links stay so. Links within the page and to other than the web become "".
    """
    start = _joined(address, base) if base else address
    origin = found[0] if (found := _ORIGIN.match(start)) else ""
    known: dict[str, str] = {}

    def resolve(link: str) -> str:
        found = known.get(link)
        if found is None:
            plain = origin and _PLAIN_PATH.fullmatch(link)
            found = known[link] = origin + link if plain else _joined(start, link)
        return found

    return resolve


def _joined(start: str, link: str) -> str:
    link = link.strip()
    if is_web(link):
        return link
    if not link or link[0] == "#" or len(link) > _LONGEST or (_SCHEME.match(link) and not link.startswith("//")):
        return ""
    try:
        return urljoin(start, link) if start else link
    except ValueError:  # "//[" is no host
        return ""
