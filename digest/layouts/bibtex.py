"""BibTeX and BibLaTeX, entry by entry; what cannot be read is broken, and the others are read.

The format: https://www.bibtex.org/Format/ and btxdoc; dates and eprints: the biblatex manual, sections 2.3.8, 3.14.7.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date

from digest.layouts import fields
from digest.layouts.base import Event, head_text
from digest.layouts.bibtex_blocks import Broken, Entry, blocks
from digest.layouts.bibtex_values import Macros, TooLong, names, plain, shown
from digest.layouts.dates import MONTHS, read_date
from digest.layouts.links import arxiv_id, doi, is_web_address, links
from digest.models import Document, Identifiers, Listing, Remark

_FIRST = re.compile(
    r"@(?:(?:string|preamble|comment)\s*[{(]|[A-Za-z]\w{0,40}\s*[{(]\s*[^\s,={}()]{0,200}\s*(?:,|$))", re.IGNORECASE
)
_VENUE = ("journal", "journaltitle", "booktitle", "eventtitle", "series", "school", "institution")
_PREPRINT = re.compile(r"arXiv:(\S{5,40})", re.IGNORECASE)
_MONTH = re.compile(r"([A-Za-z]{3})[a-z]{0,6}\.?|(\d{1,2})")
_MONTH_AND_DAY = re.compile(r"([A-Za-z]{3,9})[\s~.]{1,3}(\d{1,2})|(\d{1,2})[\s~.]{1,3}([A-Za-z]{3,9})")
_ADDRESS = re.compile(r"https?://[^\s{}\\\"]{1,2000}")
_FIELDS = {
    **dict.fromkeys(("title", "subtitle"), "title"),
    "abstract": "abstract",
    "author": "authors",
    **dict.fromkeys(("date", "year", "month", "day"), "published"),
    **dict.fromkeys(("primaryclass", "eprintclass"), "categories"),
    **dict.fromkeys(_VENUE, "venue"),
    **dict.fromkeys(("doi", "url", "eprint", "archiveprefix", "eprinttype", "howpublished", "volume"), "identifiers"),
}
# Standard fields that papers are not told by here; any other is counted as ignored.
_NEEDLESS = frozenset(
    """
    address annote annotation edition editor editors chapter crossref file isbn issn issue key keywords language langid
    location note number organization pages pagetotal publisher timestamp type urldate bibsource biburl copyright lccn
    shorttitle numpages articleno issue_date
    """.split()  # noqa: SIM905
)


class BibTeX:
    """The layout of BibTeX files."""

    name = "bibtex"
    site = ""
    address = ""
    known_by = "a first line, after comments, that begins an entry: @article{key,"

    def recognises(self, dump: Document) -> bool:
        """Tell by the first line that is neither blank nor a comment: it begins an entry, a macro or a preamble."""
        lines = (line.strip("\ufeff \t\r") for line in head_text(dump).split("\n"))
        first = next((line for line in lines if line and line[0] != "%"), "")
        return _FIRST.match(first) is not None

    def read(self, dump: Document, on: date) -> Iterator[Event]:
        """Yield a listing for each entry with a title, and remarks on what is none."""
        return _events(blocks(dump.lines()), on)


def _events(found: Iterable[Entry | Broken | Remark], on: date) -> Iterator[Event]:
    macros = Macros()
    for block in found:
        if isinstance(block, Remark):
            yield block
        elif isinstance(block, Broken):
            yield Remark("broken", block.line, block.why[:200])
        else:
            yield from _read(block, macros, on)


def _read(entry: Entry, macros: Macros, on: date) -> Iterator[Event]:
    try:
        if entry.kind == "string":
            macros.define(entry.fields)
            return
        values = {name: macros.resolved(value) for name, value in entry.fields.items()}
    except TooLong as fault:
        yield Remark("broken", entry.line, f"@{entry.kind}{{{entry.key[:80]}}}: {fault}")
        return
    title = shown(values.get("title", ""))
    if not title:
        yield Remark("broken", entry.line, f"@{entry.kind}{{{entry.key[:80]}}}: there is no title")
        return
    yield _listing(entry, values, title, on)
    for name in entry.again:
        yield Remark("unread", entry.line, f"{name}, once more"[:80])
    for name in values:
        if name not in _FIELDS and name not in _NEEDLESS and not name.startswith(("bdsk-", "date-")):
            yield Remark("ignored", entry.line, name[:80])


def _listing(entry: Entry, values: dict[str, str], title: str, on: date) -> Listing:
    authors, others = names(values.get("author", ""))
    abstract = shown(values.get("abstract", "")) or None
    subtitle = shown(values.get("subtitle", ""))
    primary = values.get("primaryclass") or values.get("eprintclass") or ""
    return Listing(
        title=f"{title}: {subtitle}" if subtitle else title,
        layout="bibtex",
        abstract=abstract,
        authors=authors,
        authors_complete=bool(authors) and not others,
        categories=fields.categories(plain(primary)),
        published=_published(values, on),
        venue=next(filter(None, (shown(values[name]) for name in _VENUE if name in values)), None),
        links=links(abstract),
        identifiers=_identifiers(values),
        origins=_origins(entry),
    )


def _origins(entry: Entry) -> tuple[tuple[int, str], ...]:
    """Return where the fields stand, if not all on the entry's own line."""
    found = tuple((line, _FIELDS[name]) for name, line in entry.lines.items() if name in _FIELDS)
    return found if any(line != entry.line for line, _ in found) else ((entry.line, "listing"),)


def _published(values: dict[str, str], on: date) -> date | None:
    """Return the day, where there is one: a year or a month is no date, and none is made up."""
    if found := read_date(plain(values.get("date", "")), on):
        return found
    year, month = plain(values.get("year", "")), plain(values.get("month", ""))
    day = plain(values.get("day", ""))
    if both := _MONTH_AND_DAY.fullmatch(month):
        month, day = both[1] or both[4], both[2] or both[3]
    named = _MONTH.fullmatch(month)
    if not named or not (year.isascii() and year.isdecimal() and len(year) == 4 and day.isascii() and day.isdecimal()):
        return None
    number = int(named[2]) if named[2] else MONTHS.index(named[1].lower()) + 1 if named[1].lower() in MONTHS else 0
    try:
        return date(int(year), number, int(day[:3]))
    except ValueError:
        return None


def _identifiers(values: dict[str, str]) -> Identifiers:
    """Return what the entry names its paper by; an eprint is arXiv's where it says so, or does not say whose it is."""
    own_doi, address = plain(values.get("doi", "")), plain(values.get("url", ""))
    kind = plain(values.get("archiveprefix") or values.get("eprinttype") or "arxiv").lower()
    naming = [plain(values["eprint"])] if kind == "arxiv" and "eprint" in values else []
    naming += [own_doi, address] if own_doi or address else []
    naming += [plain(values["volume"]).removeprefix("abs/")] if "volume" in values else []  # as DBLP has them
    preprint = _PREPRINT.search(plain(values["journal"])[:200]) if "journal" in values else None  # as Google Scholar
    naming += [preprint[1]] if preprint else []
    arxiv = next(filter(None, map(arxiv_id, naming)), None)
    if not is_web_address(address):
        found = _ADDRESS.search(plain(values.get("howpublished", ""))[:2000])
        address = found[0] if found and is_web_address(found[0]) else ""
        arxiv = arxiv or arxiv_id(address)
    other = None if arxiv_id(own_doi) else doi(own_doi) or doi(address)
    return Identifiers(arxiv, other, address or None)
