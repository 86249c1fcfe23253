"""An item's XML elements to the values that its listing is made of.

RSS 2.0: https://www.rssboard.org/rss-specification; RSS 1.0: https://web.resource.org/rss/1.0/spec; Atom: RFC 4287, and
Atom 0.3, which is still met with. Prefixes are told by their namespaces; where a feed forgot to declare one, by
themselves.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from itertools import islice
from typing import TypeAlias
from urllib.parse import urljoin

from digest.layouts.base import Event
from digest.layouts.feed import item
from digest.layouts.feed.markup import addresses, parts_words, plain
from digest.layouts.feed.stream import Element
from digest.layouts.links import is_web_address
from digest.models import Remark
from digest.text import single_spaced

_Values: TypeAlias = dict[str, list[str]]

_ATOM = ("http://www.w3.org/2005/atom", "http://purl.org/atom/ns#")
_PREFIXES = {
    **dict.fromkeys(_ATOM, ""),
    "http://purl.org/rss/1.0/": "",
    "http://my.netscape.com/rdf/simple/0.9/": "",
    "http://backend.userland.com/rss2": "",
    "http://purl.org/dc/elements/1.1/": "dc:",
    "http://purl.org/dc/terms/": "dcterms:",
    "http://purl.org/rss/1.0/modules/content/": "content:",
    "http://arxiv.org/schemas/atom": "arxiv:",
    "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes:",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "rdf:",
}
_PRISM = "http://prismstandard.org/namespaces/"
_SEARCH = "http://a9.com/-/spec/opensearch"
_TEXTS = frozenset(("title", "summary", "description", "content", "content:encoded", "dc:creator", "dc:description"))
_PLAIN = (None, "text", "text/plain")
_ABOUT = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about"
_BASE = "{http://www.w3.org/XML/1998/namespace}base"
# What items also have and papers are not told by; anything else is counted as ignored.
_NEEDLESS = frozenset(
    """
    comments enclosure source rights dc:rights dc:language dc:format dc:type dc:publisher dc:contributor contributor
    generator subtitle item entry items arxiv:comment arxiv:affiliation arxiv:doi_link
    """.split()  # noqa: SIM905
)
_NEEDLESS_KINDS = ("prism:", "media:", "slash:", "wfw:", "itunes:", "dcterms:", "thr:", "feedburner:", "sy:")
_MOST_TOLD = 100  # elements before the first item
_PAGE_DATES = ("pubdate", "lastbuilddate", "updated", "modified", "dc:date")


@lru_cache(maxsize=512)
def named(tag: str) -> str:
    """Return an element's name in small letters behind the usual prefix of its namespace (none: RSS's and Atom's)."""
    space, brace, name = tag.lower().rpartition("}")
    if not brace:
        return tag.lower().removeprefix("atom:")
    space = space[1:]
    prefix = _PREFIXES.get(space)
    if prefix is None:
        prefix = "prism:" if space.startswith(_PRISM) else "search:" if space.startswith(_SEARCH) else "{" + space + "}"
    return prefix + name


class Elements:
    """How one feed's elements are read: as of the dump's date ``on``, by Atom's rules for texts or RSS's."""

    def __init__(self, on: date) -> None:
        """Begin with what the feed's root will tell."""
        self.on = on
        self.atom = False
        self.ignored: set[str] = set()

    def page(self, root: Element) -> Iterator[Event]:
        """Yield what a feed tells of itself before its first item: its date, and how many papers it is of."""
        self.atom = named(root.tag) == "feed"
        told = list(islice(root, _MOST_TOLD))
        told += [inner for element in told if named(element.tag) == "channel" for inner in islice(element, _MOST_TOLD)]
        dated = False
        for element in told:
            name, text = named(element.tag), single_spaced(element.text or "")
            if name in _PAGE_DATES and text and not dated:
                dated = True
                yield Remark("page_date", element.sourceline or 0, text[:80])
            elif name in ("search:totalresults", "opensearch:totalresults") and text.isascii() and text.isdecimal():
                yield Remark("stated", element.sourceline or 0, str(int(text[:9])))

    def item(self, element: Element) -> Iterator[Event]:
        """Yield the item's listing and remarks."""
        values: _Values = {}
        unknown: list[str] = []
        origins: list[tuple[int, str]] = []
        line = element.sourceline or 0
        for child in element:
            name = named(child.tag)
            if name in item.FIELDS:
                _TAKEN.get(name, Elements.take_line)(self, values, name, child)
                if (place := child.sourceline or 0) != line:
                    origins.append((place, item.FIELDS[name]))
            elif name not in _NEEDLESS and not name.startswith(_NEEDLESS_KINDS):
                unknown.append(name)
        if about := element.get(_ABOUT):
            values["rdf:about"] = [about]
        yield from item.events(values, line, self.on, origins)
        for name in unknown:
            yield Remark("ignored", line, name.rpartition("}")[2][:80])

    def take_line(self, values: _Values, name: str, element: Element) -> None:
        """Take a value that is no running text: a date, an id."""
        values.setdefault(name, []).append(plain(element.text or ""))

    def take_text(self, values: _Values, name: str, element: Element) -> None:
        """Take a text that may hold HTML."""
        values.setdefault(name, []).append(self._text(element, values))

    def _text(self, element: Element, values: _Values) -> str:
        """Return what a text shows: as HTML where it is HTML by Atom's ``type`` or may be by RSS; else as it stands."""
        if len(element):
            values.setdefault("href", []).extend(inner.get("href", "") for inner in element.iter("{*}a"))
            return single_spaced(_inner_text(element)) if self.atom else plain(_inner_text(element))
        text: str = element.text or ""
        if self.atom and element.get("type") in _PLAIN and not named(element.tag).startswith("dc:"):
            return single_spaced(text)
        if "href" in text and named(element.tag) != "dc:creator" and (linked := addresses(text)):
            values.setdefault("href", []).extend(linked)
        return plain(text)

    def take_link(self, values: _Values, name: str, element: Element) -> None:
        """Take a link: RSS's is its text; Atom's relations are those of RFC 4287, section 4.2.7.2."""
        address = single_spaced(element.get("href") or element.text or "")
        if "://" not in address and (base := _base(element)):
            address = urljoin(base, address) if len(address) < 2000 else ""
        relation = element.get("rel") or "alternate"
        if address and relation in ("alternate", "related"):
            values.setdefault(name if relation == "alternate" else relation, []).append(address)

    def take_author(self, values: _Values, name: str, element: Element) -> None:
        """Take an author: RSS's is its text, Atom's has ``name`` and, on arXiv, ``affiliation``."""
        if not len(element):
            values.setdefault(name, []).append(plain(element.text or ""))
        for inner in element:
            own = named(inner.tag)
            if own in ("name", "arxiv:affiliation"):
                values.setdefault(name if own == "name" else "affiliation", []).append(plain(inner.text or ""))

    def take_category(self, values: _Values, name: str, element: Element) -> None:
        """Take a category: RSS's is its text, Atom's a ``term``."""
        written = element.get("term") or element.text or element.get("label") or ""
        values.setdefault(name, []).append(single_spaced(written))

    def take_guid(self, values: _Values, name: str, element: Element) -> None:
        """Take RSS's identifier; it is the item's address unless it says that it is not."""
        lasting = (element.get("isPermaLink") or "").lower() != "false"
        values.setdefault(name if lasting else "related", []).append(plain(element.text or ""))


_TAKEN = {
    **dict.fromkeys(_TEXTS, Elements.take_text),
    "link": Elements.take_link,
    "author": Elements.take_author,
    "category": Elements.take_category,
    "arxiv:primary_category": Elements.take_category,
    "guid": Elements.take_guid,
}


def _base(element: Element) -> str:
    """Return the nearest ``xml:base`` that is a web address, else ""."""
    above = (outer.get(_BASE, "") for outer in (element, *element.iterancestors()))
    return next(filter(is_web_address, above), "")


def _inner_text(element: Element) -> str:
    """Return the text of an element with elements in it (libxml2 nests 256 of them), parted where HTML parts it."""
    shown: list[str] = [element.text or ""]
    for inner in element:
        parting = " " if parts_words(inner.tag.rpartition("}")[2].lower()) else ""
        shown += (parting, _inner_text(inner), parting, inner.tail or "")
    return "".join(shown)
