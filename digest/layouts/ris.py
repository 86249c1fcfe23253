"""RIS, record by record: each is read by rispy alone, so that a broken one costs only itself.

The format: https://en.wikipedia.org/wiki/RIS_(file_format), after Research Information Systems' own description: lines
of a tag, two blanks, a hyphen and a blank; a record begins with ``TY`` and ends with ``ER``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeAlias

from rispy import RisParser

from digest.layouts.base import Event, head_text
from digest.layouts.links import arxiv_id, doi, is_web_address, links
from digest.layouts.people import without_et_al
from digest.models import Document, Identifiers, Listing, Remark
from digest.text import single_spaced

_Record: TypeAlias = Mapping[str, Any]

# Exporters are not exact about the blanks around the hyphen.
_TAG = re.compile(r"[ \t\ufeff]{0,8}([A-Z][A-Z0-9])[ \t]{1,3}-(?:[ \t]|$)")
_DAY = re.compile(r"(\d{4})[/-](\d{1,2})[/-](\d{1,2})(?:[/T ].*)?")
_MOST_RECORD = 2**20
"""Characters of one record."""

# What rispy calls the tags that are read, the first that says something counts.
_TITLE = ("title", "primary_title", "translated_title")  # TI, T1, TT
_ABSTRACT = ("abstract", "notes_abstract")  # AB, N2
_AUTHORS = ("authors", "first_authors")  # AU, A1
_DAYS = ("date", "year", "publication_year")  # DA, PY, Y1
# JF and T2 have the full name, JO either, JA and J2 the short one.
_VENUE = ("alternate_title3", "secondary_title", "journal_name", "alternate_title2", "alternate_title1")
_FIELDS = {
    **dict.fromkeys(("TI", "T1", "TT"), "title"),
    **dict.fromkeys(("AB", "N2"), "abstract"),
    **dict.fromkeys(("AU", "A1"), "authors"),
    **dict.fromkeys(("DA", "PY", "Y1"), "published"),
    **dict.fromkeys(("JF", "T2", "JO", "JA", "J2"), "venue"),
    **dict.fromkeys(("DO", "UR", "ID", "AN"), "identifiers"),
}


class RIS:
    """The layout of RIS files."""

    name = "ris"
    site = ""
    address = ""
    known_by = 'a first line that begins a record: "TY  - JOUR"'

    def recognises(self, dump: Document) -> bool:
        """Tell by the first line with a tag among the first that are not blank: the tag is TY."""
        lines = (line for line in head_text(dump).split("\n") if line.strip("\ufeff \t\r"))
        tags = (found[1] for line in lines if (found := _TAG.match(line)))
        return next(tags, "") == "TY"

    def read(self, dump: Document, on: date) -> Iterator[Event]:  # noqa: ARG002
        """Yield a listing for each record with a title, and remarks on what is none; every date has its year."""
        for found in _records(dump.lines()):
            if isinstance(found, Remark):
                yield found
            else:
                yield from _events(found)


@dataclass(slots=True)
class _Lines:
    """The lines of one record, each tag's put together."""

    line: int
    tags: list[list[str]] = field(default_factory=list)
    length: int = 0
    ended: bool = False
    origins: list[tuple[int, str]] = field(default_factory=list)

    def add(self, text: str) -> None:
        self.length += len(text)
        if self.length <= _MOST_RECORD:
            self.tags[-1].append(text)

    def begin(self, tag: str, text: str, number: int) -> None:
        if text and tag in _FIELDS:
            self.origins.append((number, _FIELDS[tag]))
        self.tags.append([])
        self.add(f"{tag}  - {text}")


def _records(lines: Iterable[str]) -> Iterator[_Lines | Remark]:
    """Yield each record, and remarks on the lines between them."""
    record: _Lines | None = None
    for number, line in enumerate(lines, 1):
        found = _TAG.match(line)
        text = (line[found.end() :] if found else line).strip("\ufeff \t\r")
        tag = found[1] if found else ""
        if tag == "TY":
            if record:
                yield record
            record = _Lines(number)
        if record and tag == "ER":
            record.ended = True
            yield record
            record = None
        elif record and tag:
            record.begin(tag, text, number)
        elif record and text:
            record.add(text)
        elif text and not record and tag != "ER":
            yield Remark("unread", number, line.strip("\ufeff \t\r")[:80])
    if record:
        yield record


def _events(lines: _Lines) -> Iterator[Event]:
    if lines.length > _MOST_RECORD:
        yield Remark("broken", lines.line, f"a record longer than {_MOST_RECORD} characters")
        return
    record = _parsed(lines)
    title = _first(record, _TITLE)
    if not title:
        yield Remark(
            "broken", lines.line, "a record without a title" if lines.ended else "a record without title or end"
        )
        return
    yield _listing(record, title, lines.origins)
    if not lines.ended:
        yield Remark("cut", lines.line, "the record does not end: there is no ER")
    for tag in record.get("unknown_tag", ()):
        yield Remark("ignored", lines.line, str(tag))


def _parsed(lines: _Lines) -> _Record:
    text = [single_spaced(" ".join(parts)) for parts in lines.tags]
    # Single spaces took the blank from behind a tag without a text, and one of the two before the hyphen.
    tagged = [f"{line[:2]}  - {line[5:]}" for line in text]
    record: _Record
    [record] = RisParser().parse_lines(iter([*tagged, "ER  - "]))
    return record


def _first(record: _Record, names: Iterable[str]) -> str:
    return next((text for name in names if (text := record.get(name))), "")


def _listing(record: _Record, title: str, origins: list[tuple[int, str]]) -> Listing:
    abstract = _first(record, _ABSTRACT) or None
    names = [name for key in _AUTHORS for name in record.get(key, ()) if name]
    more = bool(names) and without_et_al(" " + names[-1])[1]
    if more:
        names[-1] = without_et_al(" " + names[-1])[0].strip()
    return Listing(
        title=title,
        layout="ris",
        abstract=abstract,
        authors=tuple(filter(None, map(_given_first, names))),
        authors_complete=bool(names) and not more,
        published=_published(record),
        venue=_first(record, _VENUE) or None,
        links=links(abstract),
        identifiers=_identifiers(record),
        origins=tuple(origins),
    )


def _given_first(name: str) -> str:
    """Return the name given first: the format has "Family, Given" and "Family, Given, Suffix"."""
    family, *given = (part.strip() for part in name.split(",", 2))
    return single_spaced(" ".join((*given[:1], family, *given[1:])))


def _published(record: _Record) -> date | None:
    """Return the day, where a tag has one (``2026/06/12/``): a year or a month is no date, and none is made up."""
    for name in _DAYS:
        if found := _DAY.fullmatch(record.get(name, "")):
            try:
                return date(int(found[1]), int(found[2]), int(found[3]))
            except ValueError:
                continue
    return None


def _identifiers(record: _Record) -> Identifiers:
    addresses = [address for address in record.get("urls", ()) if is_web_address(address)]
    naming = [
        record.get("doi", ""),
        *addresses,
        *(record.get(name, "") for name in ("id", "accession_number", "number")),
    ]
    arxiv = next(filter(None, map(arxiv_id, naming)), None)
    other = next(filter(None, (doi(text) for text in naming if "10." in text and not arxiv_id(text))), None)
    return Identifiers(arxiv, other, addresses[0] if addresses else None)
