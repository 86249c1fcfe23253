"""The values of one item, whatever kind of feed they come from, to a listing.

``Values`` holds texts under the names that RSS, Atom (RFC 4287) and their extensions give them, in small letters:
Dublin Core (``dc:``, ``dcterms:``), PRISM (``prism:``), arXiv's own (``arxiv:``,
https://info.arxiv.org/help/rss_specifications.html and https://info.arxiv.org/help/api/user-manual.html).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple, TypeAlias

from digest.layouts import fields
from digest.layouts.base import Event
from digest.layouts.dates import month_number, read_date
from digest.layouts.links import arxiv_id, doi, is_web_address, links
from digest.layouts.people import given_name_first, without_et_al
from digest.models import Announced, Identifiers, Listing, Remark

Values: TypeAlias = Mapping[str, Sequence[str]]

_TITLE = ("title", "dc:title")
_ABSTRACT = ("summary", "description", "dcterms:abstract", "dc:description")
_WHOLE = ("content:encoded", "content")
_AUTHORS = ("dc:creator", "author", "dcterms:creator", "itunes:author")
_CATEGORIES = ("arxiv:primary_category", "category", "dc:subject", "dcterms:subject")
_PUBLISHED = (
    *("published", "pubdate", "issued", "dc:date", "dcterms:issued", "prism:publicationdate", "prism:coverdate"),
    *("dcterms:created", "created", "date"),
)
_UPDATED = ("updated", "modified", "dcterms:modified", "prism:modificationdate")
_NAMING = ("id", "guid", "link", "dc:identifier", "prism:doi", "arxiv:doi", "doi", "prism:url", "related", "rdf:about")
_ADDRESS = ("link", "guid", "rdf:about")
_VENUE = ("prism:publicationname", "arxiv:journal_ref", "arxiv:journal_reference", "dc:source")

FIELDS = {
    **dict.fromkeys(_TITLE, "title"),
    **dict.fromkeys((*_ABSTRACT, *_WHOLE), "abstract"),
    **dict.fromkeys(_AUTHORS, "authors"),
    **dict.fromkeys(_CATEGORIES, "categories"),
    **dict.fromkeys((*_PUBLISHED, *_UPDATED), "published"),
    **dict.fromkeys(_NAMING, "identifiers"),
    **dict.fromkeys(_VENUE, "venue"),
    "arxiv:announce_type": "announced",
}
"""The names that are read, and the field that each is for; what stands under others is counted and left out."""

# Mail's dates (RFC 822, section 5) may have two digits for the year; RFC 2822, section 4.3 says which century.
_MAIL_DATE = re.compile(r"(?:[A-Z][a-z]{2,8},? )?(\d{1,2})[ -]([A-Z][a-z]{2})[a-z]{0,6}[ -](\d{2}|\d{4})(?: .*)?", re.I)
_OAI = "oai:arxiv.org:"
_ANNOUNCEMENT = re.compile(r"arXiv:(\S{5,40}) Announce Type: ?([\w-]{2,20})(?: Abstract: ?)?")
# What arXiv's feeds printed behind titles until 2024.
_BEHIND_TITLE = re.compile(r"\.? \(arXiv:([^\s()]{5,40})(?: \[([\w.-]{2,20})\])?( UPDATED| CROSS LISTED)?\)$")
_ANNOUNCED_BEHIND: dict[str, Announced] = {" UPDATED": "replaced", " CROSS LISTED": "cross"}
_CUT = re.compile(r"(?:…|\.\.\.|\[(?:…|\.\.\.)\])$")
_MAILBOX = re.compile(r"\S+@\S+ \(([^()]+)\)|([^<>@]+) <\S+@\S+>")


class _Told(NamedTuple):
    """What arXiv's feeds print into titles and summaries: the text without it, the id, the category, how announced."""

    text: str
    arxiv: str | None = None
    category: str | None = None
    announced: Announced | None = None


def events(values: Values, line: int, on: date, origins: Sequence[tuple[int, str]] = ()) -> Iterator[Event]:
    """Yield the item's listing, or that it has no title, and a remark on each value that says nothing we can read.

    ``line`` is where the item begins; ``origins`` tells where its fields stand, if elsewhere.
    """
    title = _behind_title(_first(values, _TITLE))
    if not title.text:
        known = _first(values, ("link", "id", "guid", "related"))[:80]
        yield Remark("broken", line, f"an item without a title: {known}" if known else "an item without a title")
        return
    doubts: list[str] = []
    yield _listing(values, title, on, doubts, tuple(origins) or ((line, "listing"),))
    for doubt in doubts:
        yield Remark("unread", line, doubt[:80])


def _listing(
    values: Values, title: _Told, on: date, doubts: list[str], origins: tuple[tuple[int, str], ...]
) -> Listing:
    """Return the item's listing; ``doubts`` gets the values that say nothing we can read."""
    abstract = _announcement(_abstract(values))
    announced = _announced(values, doubts) or abstract.announced or title.announced
    found = _identifiers(values, abstract.arxiv or title.arxiv)
    published = _published(values, on, doubts)
    if published and announced in ("cross", "replaced") and _is_later(published, found.arxiv):
        published = None
    names, more = _authors(values)
    return Listing(
        title=title.text,
        layout="feed",
        abstract=abstract.text or None,
        authors=names,
        authors_complete=bool(names) and not more,
        affiliations=_once(values.get("affiliation", ())),
        categories=_once((*filter(None, (title.category,)), *_all(values, _CATEGORIES))),
        published=published,
        announced=announced,
        venue=_first(values, _VENUE) or None,
        links=_once((*links(abstract.text), *filter(is_web_address, values.get("href", ())))),
        identifiers=found,
        origins=origins,
    )


def _first(values: Values, names: Sequence[str]) -> str:
    """Return the first text under the first of the names that has one."""
    for name in names:
        for text in values.get(name, ()):
            if text:
                return text
    return ""


def _all(values: Values, names: Sequence[str]) -> list[str]:
    return [text for name in names if name in values for text in values[name]]


def _once(texts: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, texts)))


def _abstract(values: Values) -> str:
    """Return the summary, or the whole text where there is no other or the summary is cut off."""
    summary, whole = _first(values, _ABSTRACT), _first(values, _WHOLE)
    return whole if whole and (not summary or (_CUT.search(summary) and len(whole) > len(summary))) else summary


def _announcement(text: str) -> _Told:
    found = _ANNOUNCEMENT.match(text)
    return _Told(text[found.end() :], arxiv_id(found[1]), None, fields.announced(found[2])) if found else _Told(text)


def _behind_title(text: str) -> _Told:
    found = _BEHIND_TITLE.search(text, max(0, len(text) - 100))
    if not found or not (own := arxiv_id(found[1])):
        return _Told(text)
    return _Told(text[: found.start()].rstrip(), own, found[2], _ANNOUNCED_BEHIND.get(found[3]))


def _announced(values: Values, doubts: list[str]) -> Announced | None:
    kind = _first(values, ("arxiv:announce_type",))
    found = fields.announced(kind) if kind else None
    if kind and not found:
        doubts.append(f"arxiv:announce_type: {kind}")
    return found


def _authors(values: Values) -> tuple[tuple[str, ...], bool]:
    """Return the authors, given name first, and whether there are others: one to an element, or a line of all."""
    written = next((found for name in _AUTHORS if (found := _names(values.get(name, ())))), [])
    if len(written) > 1:
        names, more = fields.authors(written)
    else:
        line, others = without_et_al("".join(written))
        names, more = fields.authors(line)
        more |= others
    return tuple(map(given_name_first, names)), more


def _names(written: Sequence[str]) -> list[str]:
    """Return names without their mail addresses (RSS 2.0 wants ``a@example.org (Ada Lovelace)``)."""
    names: list[str] = []
    for text in written:
        mailbox = _MAILBOX.fullmatch(text) if "@" in text else None
        name = (mailbox[1] or mailbox[2]) if mailbox else "" if "@" in text and " " not in text else text
        if name:
            names.append(name)
    return names


def _day(text: str, on: date) -> date | None:
    found = _MAIL_DATE.fullmatch(text)
    if not found or len(found[3]) == 4:
        return read_date(text, on)
    try:
        return date(int(found[3]) + (2000 if int(found[3]) < 50 else 1900), month_number(found[2]), int(found[1]))
    except ValueError:
        return None


def _published(values: Values, on: date, doubts: list[str]) -> date | None:
    """Return the first date of publication that can be read, else of the last change; ``doubts`` gets the others."""
    for name in (*_PUBLISHED, *_UPDATED):
        for text in values.get(name, ()):
            if found := _day(text, on):
                return found
            if text:
                doubts.append(f"{name}: {text}")
    return None


def _is_later(day: date, arxiv: str | None) -> bool:
    """Tell whether a day lies more than a month after an arXiv id was given: what was announced then is not the paper.

    Both kinds of id tell year and month; those of the first century are of 1991 and later.
    """
    if arxiv is None:
        return False
    digits = arxiv.rpartition("/")[2]
    year, month = int(digits[:2]), int(digits[2:4])
    return (day.year - (year + (1900 if year > 90 else 2000))) * 12 + day.month - month > 1


def _identifiers(values: Values, arxiv: str | None) -> Identifiers:
    other = None
    for text in _all(values, _NAMING):
        naming = text[len(_OAI) :] if text[: len(_OAI)].lower() == _OAI else text
        found = None if arxiv and "10." not in naming else arxiv_id(naming)
        arxiv = arxiv or found
        if not (other or found) and "10." in naming:
            other = doi(naming)
    return Identifiers(arxiv, other, next(filter(is_web_address, _all(values, _ADDRESS)), None))
