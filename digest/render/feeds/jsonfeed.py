"""JSON Feed 1.1 documents (https://www.jsonfeed.org/version/1.1/): the same entries under the same ids."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from digest.render.feeds.head import Head
from digest.render.feeds.item import Item

_VERSION = "https://jsonfeed.org/version/1.1"
_write = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def document(head: Head, base: str, author: str, items: Iterable[bytes]) -> bytes:
    """Return a document: its head and the items that ``entry`` wrote, in their order; arguments as for Atom."""
    told: dict[str, Any] = {"version": _VERSION, "title": head.title}
    if base:
        told |= {"home_page_url": f"{base}/", "feed_url": f"{base}/{head.here}.json"}
        if head.previous:
            told["next_url"] = f"{base}/{head.previous}.json"
        if head.hub:
            told["hubs"] = [{"type": "WebSub", "url": head.hub}]
    told |= {"authors": [{"name": author}], "language": "en"}
    return b"".join([_bytes(_write(told)[:-1]), b',"items":[\n', b",\n".join(items), b"\n]}\n"])


def entry(item: Item) -> bytes:
    """Return an item, which may stand in any document whose head ``document`` writes."""
    told: dict[str, Any] = {"id": item.id}
    if item.url:
        told["url"] = item.url
    told |= {"title": item.title, "content_html": item.content}
    if item.summary:
        told["summary"] = item.summary
    told |= {"date_published": item.published.isoformat(), "date_modified": item.updated.isoformat()}
    if item.authors:
        told["authors"] = [{"name": name} for name in item.authors]
    if item.categories:
        told["tags"] = list(dict.fromkeys(own.term for own in item.categories))
    return _bytes(_write(told))


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")
