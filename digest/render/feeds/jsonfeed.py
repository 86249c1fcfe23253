"""JSON Feed 1.1 documents (https://www.jsonfeed.org/version/1.1/): the same entries under the same ids."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from pydantic_core import PydanticSerializationError, to_json

from digest.render.feeds.head import Head
from digest.render.feeds.item import Item

_VERSION = "https://jsonfeed.org/version/1.1"


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
    return b"".join([_written(told)[:-1], b',"items":[\n', b",\n".join(items), b"\n]}\n"])


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
        told["tags"] = [own.term for own in item.categories]
    return _written(told)


def _written(told: dict[str, Any]) -> bytes:
    """Write an object in one line; where a text has a lone surrogate, which no UTF-8 has, as ``json`` does."""
    try:
        return to_json(told)
    except PydanticSerializationError:
        return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
