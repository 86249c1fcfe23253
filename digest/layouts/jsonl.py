"""JSON: one object per line (https://jsonlines.org), one array, or objects printed over several lines.

Fields have the names of ``digest parse`` or the usual others; ``paper`` may hold them, as in Hugging Face's daily JSON.
A line that is no listing is reported with its number, and the others are read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from digest.layouts import fields
from digest.layouts.base import Event
from digest.layouts.json_values import Broken, values
from digest.layouts.links import arxiv_id, doi, links
from digest.models import Identifiers, Listing, Remark

_SITES = frozenset(("aitopics", "huggingface", "jsonl", "scholarfeed"))
_KNOWN = frozenset(
    [
        "title",
        "abstract",
        "authors",
        "authors_complete",
        "page_author",
        "affiliations",
        "categories",
        "published",
        "announced",
        "score",
        "has_code",
        "venue",
        "links",
        "identifiers",
        "uncertain",
        "layout",
        "id",
        "arxiv_id",
        "summary",
        "abs",
        "url",
        "link",
        "pdf",
        "doi",
        "comment",
        "date",
        "publishedAt",
        "paper",
    ]
)
_IDS = ("arxiv_id", "id", "abs", "url", "link", "pdf", "doi")


class JsonLines:
    """The layout of JSON Lines and JSON arrays."""

    name = "jsonl"
    site = ""

    def recognises(self, head: Sequence[str]) -> bool:
        """Tell by the first line that is not blank: it begins a JSON object, or an array of them."""
        first = next((line for line in (raw.strip("\ufeff \t\r") for raw in head) if line), "")
        if first[0:1] == "{":
            return first[1:].lstrip()[0:1] in ('"', "}", "")
        return first[0:1] == "[" and first[1:].lstrip()[0:1] in ("{", "]", "")

    def read(self, lines: Iterable[str], on: date) -> Iterator[Event]:
        """Yield the listings, and a remark for each unknown field and each line that is none."""
        for number, value in values(lines):
            if isinstance(value, Broken):
                yield Remark("broken", number, value.why)
            elif not isinstance(value, dict):
                yield Remark("broken", number, f"{fields.kind(value)}, not an object with a title")
            else:
                yield from _events(value, number, on)


def _events(row: dict[str, Any], number: int, on: date) -> Iterator[Event]:
    try:
        if "paper" in row:
            row = row | fields.an_object("paper", row["paper"])
        listing, unused = _listing(row, on)
    except fields.WrongField as fault:
        yield Remark("broken", number, str(fault))
        return
    yield listing
    for name in unused:
        yield Remark("unread", number, f"{name}: {str(row[name])[:80]}")
    if not row.keys() <= _KNOWN:
        for name in row:
            if name not in _KNOWN:
                yield Remark("ignored", number, name[:80])


def _first(row: dict[str, Any], *names: str) -> tuple[str, Any]:
    for name in names:
        if (value := row.get(name)) is not None:
            return name, value
    return names[0], None


def _listing(row: dict[str, Any], on: date) -> tuple[Listing, list[str]]:
    """Return the listing, and the names of fields whose value is of the right type and says nothing we can read."""
    get = row.get
    title = fields.text("title", get("title"))
    if not title:
        raise fields.WrongField("there is no title")
    unused: list[str] = []
    abstract = fields.text(*_first(row, "abstract", "summary"))
    names, more = fields.authors(get("authors"))
    complete = fields.flag("authors_complete", get("authors_complete"))
    dated, written = _first(row, "published", "publishedAt", "date")
    published = fields.day(dated, written, on)
    if written and not published:
        unused.append(dated)
    announced = fields.announced(get("announced"))
    if get("announced") and not announced:
        unused.append("announced")
    score = fields.number("score", get("score"))
    if score is None and get("score") is not None:
        unused.append("score")
    layout = fields.text("layout", get("layout"))
    if layout and layout not in _SITES:
        unused.append("layout")
        layout = None
    return Listing(
        title=title,
        layout=layout or JsonLines.name,
        abstract=abstract,
        authors=names,
        authors_complete=bool(names) and not more if complete is None else complete,
        page_author=fields.text("page_author", get("page_author")),
        affiliations=fields.texts("affiliations", get("affiliations")),
        categories=fields.categories(get("categories")),
        published=published,
        announced=announced,
        score=score,
        has_code=fields.flag("has_code", get("has_code")),
        venue=fields.text("venue", get("venue")),
        links=fields.texts("links", row["links"]) if "links" in row else links(abstract),
        identifiers=_identifiers(row),
        uncertain=fields.texts("uncertain", get("uncertain")),
    ), unused


def _identifiers(row: dict[str, Any]) -> Identifiers:
    """Return what the line names the paper by, from ``identifiers`` first, then from its ids and addresses."""
    own = fields.an_object("identifiers", row.get("identifiers"))
    written = [fields.text("identifiers", own.get("arxiv")), fields.text("identifiers", own.get("doi"))]
    written += [
        str(value) if name == "id" and type(value) is int else fields.text(name, value)
        for name in _IDS
        if (value := row.get(name)) is not None
    ]
    arxiv = next((found for value in written if value and (found := arxiv_id(value))), None)
    other = next((found for value in written if value and not arxiv_id(value) and (found := doi(value))), None)
    addresses = (
        fields.address(name, value)
        for name, value in (
            ("identifiers", own.get("url")),
            *((name, row.get(name)) for name in ("abs", "url", "link")),
        )
    )
    return Identifiers(arxiv=arxiv, doi=other, url=next(filter(None, addresses), None))
