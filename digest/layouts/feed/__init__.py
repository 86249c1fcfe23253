"""Feeds: RSS 2.0 and 1.0, Atom 1.0 and 0.3, JSON Feed; with what arXiv and journals add to them.

``stream`` parses XML and ``tidy`` makes it XML before; ``elements`` and ``json_feed`` turn an item into named values,
``item`` these into a listing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from digest.layouts.base import Event, head_text
from digest.layouts.feed import json_feed
from digest.layouts.feed.elements import Elements
from digest.layouts.feed.stream import items
from digest.models import Document

# What may stand before the root (XML 1.0, section 2.8).
_BEFORE_ROOT = re.compile(r"[\s\ufeff]+|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>", re.DOTALL)
_ROOT = re.compile(r"<(?:[\w.-]{1,40}:)?(rss|feed|RDF)(?=[\s/>])")
_RSS_IN_RDF = re.compile(r"purl\.org/rss/|my\.netscape\.com/rdf/|<channel[\s>]")


class Feed:
    """The layout of feeds."""

    name = "feed"
    site = ""
    address = ""
    known_by = "an XML text whose root is rss, feed or rdf:RDF, or a JSON object with jsonfeed.org as its version"

    def recognises(self, dump: Document) -> bool:
        """Tell by the root element, whatever stands before it; or by JSON Feed's version."""
        head = head_text(dump)
        return _has_feed_root(head) or json_feed.is_json_feed(head)

    def read(self, dump: Document, on: date) -> Iterator[Event]:
        """Yield a listing for each item with a title, and remarks; of items without one, that they are broken."""
        if json_feed.is_json_feed(head_text(dump)):
            return json_feed.read(dump.lines(), on)
        elements = Elements(on)
        return items(dump.lines(), elements.page, elements.item)


def _has_feed_root(head: str) -> bool:
    place = 0
    while before := _BEFORE_ROOT.match(head, place):
        place = before.end()
    root = _ROOT.match(head, place)
    return root is not None and (root[1] != "RDF" or _RSS_IN_RDF.search(head, place) is not None)
