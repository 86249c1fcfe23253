"""JSON Feed, versions 1 and 1.1 (https://www.jsonfeed.org/version/1.1/), to the values that listings are made of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from digest.layouts.base import Event
from digest.layouts.feed import item
from digest.layouts.feed.markup import addresses, plain
from digest.layouts.fields import encodable
from digest.layouts.json_values import Broken, values
from digest.models import Remark
from digest.text import single_spaced

_VERSION = re.compile(r'"version"\s*:\s*"https?:\\?/\\?/(?:www\.)?jsonfeed\.org\\?/version\\?/')
# What JSON Feed calls the values that Atom and RSS have, in the order in which they are asked.
_NAMES = {
    "title": "title",
    "summary": "summary",
    "content_text": "content",
    "id": "id",
    "url": "link",
    "external_url": "related",
    "date_published": "published",
    "date_modified": "updated",
}
_TAKEN = frozenset((*_NAMES, "content_html", "authors", "author", "tags"))
_NEEDLESS = frozenset(("image", "banner_image", "language", "attachments"))


def is_json_feed(head: str) -> bool:
    """Tell by a dump's beginning: an object with the version of the format, which it must have, among its first."""
    return head.lstrip("\ufeff \t\r\n")[:1] == "{" and _VERSION.search(head) is not None


def read(lines: Iterable[str], on: date) -> Iterator[Event]:
    """Yield the listings of a JSON feed and remarks on what is none."""
    for number, feed in values(lines):
        if isinstance(feed, Broken):
            yield Remark("broken", number, feed.why)
        elif not isinstance(feed, dict) or not isinstance(feed.get("items"), list):
            yield Remark("broken", number, "not a feed with a list of items")
        else:
            for place, found in enumerate(feed["items"], 1):
                yield from _item(found, number, place, on)


def _item(found: object, line: int, place: int, on: date) -> Iterator[Event]:
    if not isinstance(found, dict):
        yield Remark("broken", line, f"item {place} is not an object")
        return
    yield from item.events(_values(found), line, on)
    for name in found:
        if name not in _TAKEN and name not in _NEEDLESS and not name.startswith("_"):
            yield Remark("ignored", line, encodable(name[:80]))


def _values(found: dict[str, Any]) -> dict[str, list[str]]:
    told = {own: [text] for name, own in _NAMES.items() if (text := _text(found.get(name)))}
    html = found.get("content_html")
    if isinstance(html, str):
        told.setdefault("content", []).append(encodable(plain(html)))
        told["href"] = addresses(html)
    authors = found.get("authors") or [found.get("author")]
    if isinstance(authors, list):
        told["author"] = [
            name for author in authors if isinstance(author, dict) and (name := _text(author.get("name")))
        ]
    tags = found.get("tags")
    told["category"] = list(map(_text, tags)) if isinstance(tags, list) else []
    return told


def _text(value: object) -> str:
    """Return a text in single spaces; an id may be a number; what is neither says nothing."""
    if type(value) is int:
        return str(value)[:80] if abs(value) < 2**64 else ""
    return encodable(single_spaced(value)) if isinstance(value, str) else ""
