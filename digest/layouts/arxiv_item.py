"""One item of an arXiv mailing while it is read: its fields, its abstract, and what comes of them.

The fields: https://info.arxiv.org/help/prep.html. Comments, report numbers, subject classes, licences and proxies are
known and not kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from digest.layouts.arxiv import codes, credits_of, stamp
from digest.layouts.base import LONGEST_LISTING, Event
from digest.layouts.links import arxiv_id, doi, is_web_address, links
from digest.layouts.prose import is_cut
from digest.models import Announced, Identifiers, Listing, Remark

_FIELD = re.compile(r"([A-Z][A-Za-z]{1,11}(?:-[A-Za-z]{2,6})?)( ?\([\w ,.]{1,30}\))? ?: ?(.*)", re.DOTALL)
_REPLACED = re.compile(r"(?:replaced with revised version|(?:figures|part) added)\b", re.IGNORECASE)
_NAMES = {"author": "authors", "title": "title", "categories": "categories", "date": "published"}
_NAMES |= {"authors": "authors", "journal-ref": "venue", "doi": "doi"}
_REPLACED_NAME = "replaced"
_KNOWN = frozenset(
    ("comments", "report-no", "subj-class", "msc-class", "acm-class", "license", "proxy", "from", "revised")
)
_MOST_KNOWN = 1_000
"""Characters of a field that is not kept; more is running text that went astray, and is reported."""

Part = Literal["fields", "abstract", "after"]


@dataclass(slots=True)
class _Field:
    """A field of an item: where it stands, and the text of its lines."""

    line: int
    lines: list[str]

    @property
    def text(self) -> str:
        return " ".join(self.lines).strip()


@dataclass(slots=True)
class Item:
    """What has been read of an item; ``line`` is where it begins, ``part`` where in it we are."""

    layout: str
    line: int
    announced: Announced | None
    part: Part = "fields"
    _arxiv: str | None = None
    _url: str | None = None
    _fields: dict[str, _Field] = field(default_factory=dict)
    _current: _Field | None = None
    _abstract: list[str] = field(default_factory=list)
    _origins: list[tuple[int, str]] = field(default_factory=list)
    _last: int = 0
    _room: int = LONGEST_LISTING

    def name_by(self, told: str, line: str) -> Iterator[Event]:
        """Take the identifier of the item's first line; what is none is reported, and the item is read all the same."""
        self._arxiv = arxiv_id(told)
        self._last = self.line
        if self._arxiv:
            self._origins.append((self.line, "identifiers"))
        else:
            yield Remark("unread", self.line, line)

    def take(self, number: int, text: str, *, indented: bool, after_blank: bool) -> Iterator[Event]:
        """Take a line of the item."""
        if self.tell(number, text):
            return
        self._room -= len(text)
        if self._room < 0 or self.part != "fields":
            yield Remark("unread", number, text)
        else:
            yield from self._take_field(number, text, indented, after_blank)

    def tell(self, number: int, text: str) -> bool:
        """Take a line of the abstract, and tell whether it was one and there was room for it."""
        if self.part != "abstract" or self._room < len(text):
            return False
        self._room -= len(text)
        self._abstract.append(text)
        self._origins.append((number, "abstract"))
        self._last = number
        return True

    def turn(self) -> None:
        r"""Take a bare ``\\``: it ends the fields, and after the abstract the item."""
        self.part = "after" if self._abstract or self.part == "after" else "abstract"

    def address(self, number: int, told: str) -> None:
        """Take the paper's address from the closing line, if it is one."""
        if is_web_address(told):
            self._url = told
            self._origins.append((number, "identifiers"))

    def _take_field(self, number: int, text: str, indented: bool, after_blank: bool) -> Iterator[Event]:
        if not indented and _REPLACED.match(text):
            self.announced = "replaced"
            self._current = self._fields[_REPLACED_NAME] = _Field(number, [text])
            return
        found = None if indented else _FIELD.fullmatch(text)
        name = found[1].lower() if found else ""
        if found and name == "date" and "revised" in (found[2] or ""):
            name = "revised"
        if found and (name in _NAMES or name in _KNOWN):
            yield from self._begin(number, _NAMES.get(name, name), found[3], text)
        elif found and "-" in name:
            self._current = None
            yield Remark("ignored", number, found[1])
        elif self._current and not after_blank:
            self._current.lines.append(text)
            self._note(number, self._current)
        else:
            yield Remark("unread", number, text)

    def _begin(self, number: int, name: str, value: str, text: str) -> Iterator[Event]:
        """Begin a field; of one that stands twice the second is in doubt, except a date: the first version's counts."""
        self._current = _Field(number, [value] if value else [])
        self._last = number
        if name not in self._fields:
            self._fields[name] = self._current
            self._note(number, self._current)
        elif name != "published":
            self._current = None
            yield Remark("unread", number, text)

    def _note(self, number: int, current: _Field) -> None:
        self._last = number
        name = next((name for name, told in self._fields.items() if told is current), "")
        if name in _NAMES.values():
            self._origins.append((number, "identifiers" if name == "doi" else name))

    def _text(self, name: str) -> str:
        return self._fields[name].text if name in self._fields else ""

    def events(self, *, closed: bool) -> Iterator[Event]:
        """Yield the listing and what is in doubt about it, or the remark that it is none."""
        if not self._text("title"):
            yield Remark("broken", self.line, f"there is no title ({self._arxiv or 'no identifier'})")
            return
        abstract = " ".join(self._abstract) or None
        yield self._listing(abstract)
        yield from self._doubts()
        closed = closed or self.part == "after" or (self.part == "abstract" and self.announced == "replaced")
        if not closed and (abstract is None or is_cut(abstract)):
            yield Remark("cut", self._last, (abstract or self._text("title"))[-60:])

    def _listing(self, abstract: str | None) -> Listing:
        credit = credits_of(self._text("authors"))
        return Listing(
            title=self._text("title"),
            layout=self.layout,
            abstract=abstract,
            authors=credit.names,
            authors_complete=credit.complete,
            affiliations=credit.affiliations,
            categories=self._categories()[0],
            published=stamp(self._text("published")),  # the stamp of a replacement is its newest version's
            announced=self.announced,
            venue=self._text("venue") or None,
            links=links(abstract),
            identifiers=Identifiers(self._arxiv, doi(self._text("doi").split(" ")[0].rstrip(",;")), self._url),
            origins=tuple(self._origins),
        )

    def _categories(self) -> tuple[tuple[str, ...], str]:
        """Return the codes, and what is none; old mailings have an archive in the identifier and no categories."""
        found, rest = codes(self._text("categories"))
        if not found and self._arxiv and "/" in self._arxiv:
            return (self._arxiv.split("/")[0],), rest
        return found, rest

    def _doubts(self) -> Iterator[Event]:
        """Yield what stands in fields and cannot be read."""
        if (rest := self._categories()[1]) and (told := self._fields.get("categories")):
            yield Remark("unread", told.line, rest)
        if self._text("published") and not stamp(self._text("published")):
            yield Remark("unread", self._fields["published"].line, self._text("published"))
        for name, told in self._fields.items():
            if name not in _NAMES.values() and len(told.text) > _MOST_KNOWN:
                yield Remark("unread", told.line, told.text)
