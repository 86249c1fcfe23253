"""JSON: one object per line (https://jsonlines.org), one array, or objects printed over several lines.

Fields have the names of ``digest parse`` or the usual others; ``paper`` may hold them, as in Hugging Face's daily JSON.
A line that is no listing is reported with its number, and the others are read.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date
from typing import Any, TypeVar

from digest.layouts import fields
from digest.layouts.base import Event, head_text
from digest.layouts.feed.json_feed import is_json_feed
from digest.layouts.json_values import Broken, values
from digest.layouts.links import arxiv_id, doi, links
from digest.models import Document, Identifiers, Listing, Remark

_FIELDS = """
    title abstract authors authors_complete page_author affiliations categories published announced score has_code
    venue links identifiers uncertain layout id arxiv_id summary abs url link pdf doi comment date publishedAt paper
"""
_KNOWN = frozenset(_FIELDS.split())
# Where an arXiv id or DOI may stand, surest first; "arxiv" is a field of ``identifiers``, "doi" of either.
_NAMING = ("arxiv", "arxiv_id", "id", "abs", "url", "link", "pdf", "doi")
_ARXIV_ONLY = frozenset(("arxiv", "arxiv_id", "id", "abs", "pdf"))
_OWN_ADDRESS = ("abs", "url", "link")
_Found = TypeVar("_Found")


class JsonLines:
    """The layout of JSON Lines and JSON arrays."""

    name = "jsonl"
    site = ""
    address = ""
    known_by = "a first line that begins a JSON object, or an array of them"

    def __init__(self, sites: Collection[str]) -> None:
        """Keep the names of the other layouts, which a line may say it was read by."""
        self._layouts = frozenset(sites) | {self.name}

    def recognises(self, dump: Document) -> bool:
        """Tell by the first line that is not blank: it begins a JSON object that is no feed, or an array of them."""
        head = head_text(dump)
        if is_json_feed(head):
            return False
        first = next((line for line in (raw.strip("\ufeff \t\r") for raw in head.split("\n")) if line), "")
        if first[:1] == "{":
            return first[1:].lstrip()[:1] in ('"', "}", "")
        return first[:1] == "[" and first[1:].lstrip()[:1] in ("{", "]", "")

    def read(self, dump: Document, on: date) -> Iterator[Event]:
        """Yield the listings, and remarks on unknown fields, values not understood, and lines that are no listing."""
        for number, value in values(dump.lines()):
            if isinstance(value, Broken):
                yield Remark("broken", number, value.why)
            elif not isinstance(value, dict):
                yield Remark("broken", number, f"{fields.kind(value)}, not an object with a title")
            else:
                yield from self.events(value, number, on)

    def events(self, row: dict[str, Any], number: int, on: date) -> Iterator[Event]:
        """Yield the listing that an object is, from that line, and remarks on what is not understood of it."""
        doubts: list[str] = []
        try:
            if "paper" in row:
                row = row | fields.an_object("paper", row["paper"])
            yield self._listing(row, number, on, doubts)
        except fields.WrongField as fault:
            yield Remark("broken", number, str(fault))
            return
        for name in doubts:
            yield Remark("unread", number, fields.encodable(f"{name}: {row.get(name, '')}"[:80]))
        if not row.keys() <= _KNOWN:
            for name in row:
                if name not in _KNOWN:
                    yield Remark("ignored", number, fields.encodable(name[:80]))

    def _listing(self, row: dict[str, Any], number: int, on: date, doubts: list[str]) -> Listing:
        """Return the listing; ``doubts`` gets the fields of the right type whose value says nothing we can read."""
        get = row.get
        title = fields.text("title", get("title"))
        if not title:
            raise fields.WrongField("there is no title")
        abstract = fields.text(*_first(row, "abstract", "summary"))
        complete = fields.flag("authors_complete", get("authors_complete"))
        names, more = fields.authors(get("authors"), told=complete is not None)
        dated, written = _first(row, "published", "publishedAt", "date")
        layout = fields.text("layout", get("layout"))
        return Listing(
            title=title,
            layout=_doubted(doubts, "layout", layout, layout if layout in self._layouts else None) or self.name,
            abstract=abstract,
            authors=names,
            authors_complete=bool(names) and not more if complete is None else complete,
            page_author=fields.text("page_author", get("page_author")),
            affiliations=fields.texts("affiliations", get("affiliations")),
            categories=fields.categories(get("categories")),
            published=_doubted(doubts, dated, written, fields.day(dated, written, on)),
            announced=_doubted(doubts, "announced", get("announced"), fields.announced(get("announced"))),
            score=_doubted(doubts, "score", get("score"), fields.number("score", get("score"))),
            has_code=fields.flag("has_code", get("has_code")),
            venue=fields.text("venue", get("venue")),
            links=links(abstract) if get("links") is None else _links(get("links"), doubts),
            identifiers=_identifiers(row, doubts),
            uncertain=fields.texts("uncertain", get("uncertain")),
            origins=((number, "listing"),),
        )


def _first(row: dict[str, Any], *names: str) -> tuple[str, Any]:
    """Return the first of the names that has a value, and the value."""
    for name in names:
        if (value := row.get(name)) is not None:
            return name, value
    return names[0], None


def _links(written: object, doubts: list[str]) -> tuple[str, ...]:
    """Return the addresses in a list; what is none is in doubt, since links are made of them."""
    found = fields.texts("links", written)
    kept = tuple(link for link in found if fields.address(link))
    if kept != found:
        doubts.append("links")
    return kept


def _doubted(doubts: list[str], name: str, written: object, found: _Found | None) -> _Found | None:
    """Return what was found, and note the name where something was written and nothing found in it."""
    if found is None and written is not None and written != "":
        doubts.append(name)
    return found


def _identifiers(row: dict[str, Any], doubts: list[str]) -> Identifiers:
    """Return what the line names the paper by: what ``identifiers`` says, else its ids and addresses."""
    own = fields.an_object("identifiers", row.get("identifiers"))
    arxiv = other = None
    for name in _NAMING:
        value = own.get(name) if name == "arxiv" else row.get(name, own.get(name))
        if value is None or (arxiv and name in _ARXIV_ONLY and isinstance(value, str)):
            continue
        naming = fields.an_id(name, value)
        found = arxiv_id(naming)
        arxiv = arxiv or found
        if not (other or found) and "10." in naming:
            other = doi(naming)
    address = own.get("url") or _first(row, *_OWN_ADDRESS)[1]
    return Identifiers(arxiv, other, _doubted(doubts, "url", address, fields.address(address)))
