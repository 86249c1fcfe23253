"""Atom documents (RFC 4287): the head by feedgen, which ships no types and is used nowhere else, the entries by us.

feedgen takes the present time where no ``updated`` is given and lets any link pass: everything that it gets here is
explicit and cleaned. Entries are kept from one day to the next, which it has no means for, so they are written here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from feedgen.ext.base import BaseExtension
from feedgen.feed import FeedGenerator
from lxml import etree
from markupsafe import escape

from digest.keeping import kept
from digest.render.feeds.fit import plain
from digest.render.feeds.head import Head
from digest.render.feeds.item import Category, Item

TYPE = "application/atom+xml"
_HISTORY = "http://purl.org/syndication/history/1.0"  # RFC 5005, section 2
_END = b"</feed>\n"
# What a reader that takes plain text for HTML would read as such: a text with it is sent as HTML, escaped.
_LIKE_HTML = re.compile(r"</?[A-Za-z!]|&#?\w+;")
# XML 1.0, section 2.2, forbids these; texts come without, but a template of the site's own may not.
_FORBIDDEN = bytes({*range(0x20)} - {*b"\t\n\r"})


class _Archive(BaseExtension):  # type: ignore[misc] # feedgen ships no types
    """Marks an archive document (RFC 5005, section 4)."""

    def extend_ns(self) -> dict[str, str]:
        return {"fh": _HISTORY}

    def extend_atom(self, feed: Any) -> Any:
        etree.SubElement(feed, f"{{{_HISTORY}}}archive")
        return feed


def document(head: Head, base: str, author: str, entries: Iterable[bytes]) -> bytes:
    """Return a document: its head and the entries that ``entry`` wrote, in their order.

    ``base`` is the site's address ("": unknown, so the document links to no other), ``author`` stands for papers of
    which no author is listed.
    """
    begun = _head(head, base, author)
    if not begun.endswith(_END):
        raise AssertionError("feedgen ends a document in another way")  # pragma: no cover - a change of feedgen's
    return b"".join([begun.removesuffix(_END), *entries, _END])


def _head(head: Head, base: str, author: str) -> bytes:
    made: Any = FeedGenerator()
    made.id(head.id)
    made.title(head.title)
    made.updated(datetime.fromisoformat(head.updated))
    made.author({"name": author})
    made.generator("Digest")
    made.language("en")
    made.link(list(_links(head, base)), replace=True)
    if head.archive:
        made.register_extension("archive", _Archive)
    return bytes(made.atom_str(pretty=True)).replace(b"&amp;", b"&#x26;")  # see ``_unlike_html``


def _links(head: Head, base: str) -> Iterable[dict[str, str]]:
    if not base:
        return
    paths = {"self": head.here}
    if head.archive:
        paths["current"] = head.path
    if head.previous:
        # Readers that page, and those that know archives: the one before is the same (RFC 5005, sections 3 and 4).
        paths |= {"prev-archive": head.previous, "next": head.previous}
    if head.following:
        paths["next-archive"] = head.following
    for relation, path in paths.items():
        yield {"rel": relation, "href": f"{base}/{path}.atom", "type": TYPE}
    yield {"rel": "alternate", "href": f"{base}/", "type": "text/html"}
    if head.hub:
        yield {"rel": "hub", "href": head.hub}


def entry(item: Item) -> bytes:
    """Return an entry, which may stand in any document whose head ``document`` writes."""
    lines = [
        "  <entry>",
        f"<id>{escape(item.id)}</id>",
        _text("title", item.title),
        f"<published>{item.published.isoformat()}</published>",
        f"<updated>{item.updated.isoformat()}</updated>",
    ]
    if item.url:
        lines.append(f'<link rel="alternate" type="text/html" href="{escape(item.url)}"/>')
    lines += [f'<link rel="{rel}" href="{escape(url)}" title="{escape(name)}"/>' for rel, url, name in item.related]
    lines += [f"<author><name>{name}</name></author>" for name in _names(item.authors)]
    lines += map(_category, item.categories)
    if item.summary:
        lines.append(_text("summary", item.summary))
    lines.append(f'<content type="html">{escape(item.content)}</content>')
    written = "\n    ".join(lines) + "\n  </entry>\n"
    return written.encode("utf-8", "replace").translate(None, _FORBIDDEN)


def _names(names: tuple[str, ...]) -> list[str]:
    """Return names, which have no line ends, as they are written; all at once."""
    return _unlike_html(plain("\n".join(names))).split("\n") if names else []


@kept(1024)
def _category(own: Category) -> str:
    return f'<category term="{escape(own.term)}" scheme="{escape(own.scheme)}"/>'


def _text(name: str, text: str) -> str:
    """Return a text construct (RFC 4287, section 3.1), as plain text where nobody can take that for HTML."""
    if ("<" in text or "&" in text) and _LIKE_HTML.search(text):
        return f'<{name} type="html">{escape(str(escape(text)))}</{name}>'
    return f"<{name}>{_unlike_html(text)}</{name}>"


def _unlike_html(text: str) -> str:
    """Return a text escaped so that the W3C's validator sees that an ampersand is meant as one (it looks for "&#x")."""
    return str(escape(text)).replace("&amp;", "&#x26;")
