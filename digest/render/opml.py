"""A list of feeds as OPML 2.0 (opml.org/spec2.opml), which feed readers take in to subscribe to all at once.

Nothing in it tells the time, so the same feeds give the same bytes.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterable

from digest.text import printable, single_spaced


def opml(title: str, home: str, feeds: Iterable[tuple[str, str]]) -> bytes:
    """Return the list of ``feeds``, (title, web address) each, of the site at the web address ``home``.

    The spec has ``type="rss"`` for feeds of whatever format. Titles may hold anything: what XML cannot carry is left
    out.
    """
    root = ET.Element("opml", version="2.0")
    ET.SubElement(ET.SubElement(root, "head"), "title").text = _shown(title)
    body = ET.SubElement(root, "body")
    for name, address in feeds:
        text = _shown(name) or address  # an outline has to have a text
        ET.SubElement(body, "outline", type="rss", text=text, title=text, xmlUrl=address, htmlUrl=home)
    ET.indent(root)
    made: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return made + b"\n"


def _shown(text: str) -> str:
    return single_spaced(printable(text))
