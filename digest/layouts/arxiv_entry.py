"""One entry of an arXiv listing page while it is read: its labelled lines, its authors, its abstract."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from digest.layouts.arxiv import CODE, credits_of, subjects
from digest.layouts.base import LONGEST_LISTING, Event
from digest.layouts.links import arxiv_id, doi, is_web_address, links
from digest.layouts.prose import is_cut, is_furniture, is_prose
from digest.models import Announced, Block, Identifiers, Listing, Remark

_LABEL = re.compile(
    r"(Title|Authors?|Comments|Journal-ref|Subjects|DOI|Report-no|MSC-class|ACM-class|Abstract) ?: ?(.*)", re.DOTALL
)
# A label within a line, where a saver joined what were two lines; a title may hold such words, but no subject's code.
_WITHIN = re.compile(r" (?=(?:Comments|Journal-ref|Subjects|DOI|Report-no|MSC-class|ACM-class): )")
_SUBJECTS_WITHIN = re.compile(rf" (?=Subjects: [^();]{{1,80}} \({CODE}\))")
_SUBJECT = rf"[^();\s][^();]{{0,80}}\({CODE}\)"  # no blank first: one way alone to part a line
_SUBJECTS = re.compile(rf"(?:{_SUBJECT}; ?)*{_SUBJECT}(?= [A-Z0-9$\"“(\\])")
_FIELDS = {"Author": "authors", "Journal-ref": "venue", "Subjects": "categories", "DOI": "identifiers"}
_NOT_KEPT = frozenset(("Comments", "Report-no", "MSC-class", "ACM-class"))


@dataclass(slots=True)
class Entry:
    """What has been read of an entry; ``line`` is where it begins."""

    layout: str
    line: int
    announced: Announced | None
    title: str = ""
    _arxiv: str | None = None
    _url: str | None = None
    _fields: dict[str, str] = field(default_factory=dict)
    _loose: list[Block] = field(default_factory=list)  # lines without a label after the title
    _label: str = ""  # of a line that has nothing but its label: its text comes next
    _abstract: list[str] = field(default_factory=list)
    _origins: list[tuple[int, str]] = field(default_factory=list)
    _last: int = 0
    _room: int = LONGEST_LISTING

    @property
    def has_abstract(self) -> bool:
        """Whether an abstract has been read."""
        return bool(self._abstract)

    def name_by(self, block: Block, told: str) -> Iterator[Event]:
        """Take the identifier of the entry's first line, and the address behind it if it is the paper's."""
        self._arxiv = arxiv_id(told)
        self._last = block.number
        if not self._arxiv:
            yield Remark("unread", block.number, block.text)
            return
        self._origins.append((block.number, "identifiers"))
        if is_web_address(block.link) and arxiv_id(block.link) == self._arxiv:
            self._url = block.link

    def note(self, text: str) -> None:
        """Take what stands in brackets after the identifier: "(cross-list from cs.CV)", "(replaced)"."""
        if "(replaced" in text:
            self.announced = "replaced"
        elif "(cross-list" in text and self.announced != "replaced":
            self.announced = "cross"

    def take(self, block: Block) -> Iterator[Event]:
        """Take a line of the entry."""
        for piece in self._pieces(block.text):
            yield from self._take_piece(block if piece == block.text else replace(block, text=piece))

    def _pieces(self, text: str) -> list[str]:
        """Return a line parted before the labels within it."""
        if self._abstract or "categories" in self._fields or len(text) > LONGEST_LISTING:
            return [text]
        if text.startswith("Title") or self._label == "title":
            title, *rest = _SUBJECTS_WITHIN.split(text, 1)
            return [title, *(piece for joined in rest for piece in _WITHIN.split(joined))]
        return _WITHIN.split(text)

    def _take_piece(self, block: Block) -> Iterator[Event]:
        self._room -= len(block.text)
        label = _LABEL.fullmatch(block.text) if not self._abstract else None
        if self._room < 0 or (not label and is_furniture(block.text)):
            yield Remark("unread", block.number, block.text)
        elif label:
            yield from self._take_label(block, label[1], label[2])
        elif self._label:
            name, self._label = self._label, ""
            self._set(block.number, name, block.text)
        else:
            yield from self._take_text(block)

    def _take_label(self, block: Block, label: str, value: str) -> Iterator[Event]:
        name = _FIELDS.get(label, label.lower())
        self._label = ""
        if name == "abstract":
            if value:
                self._tell(block.number, value)
        elif name in self._fields or (name == "title" and self.title):
            yield Remark("unread", block.number, block.text)
        elif value:
            self._set(block.number, name, value)
        else:
            self._label = name

    def _set(self, number: int, name: str, value: str) -> None:
        self._last = number
        if name == "title":
            self.title = value
        elif name == "categories" and (found := _SUBJECTS.match(value)):
            self._fields[name] = found[0]
            self._origins.append((number, name))
            self._tell(number, value[found.end() + 1 :])
            return
        else:
            self._fields[name] = value
        if name not in map(str.lower, _NOT_KEPT):
            self._origins.append((number, name))

    def _tell(self, number: int, text: str) -> None:
        self._abstract.append(text)
        self._origins.append((number, "abstract"))
        self._last = number

    def _take_text(self, block: Block) -> Iterator[Event]:
        """Take a line without a label: the authors after the title, the abstract after the subjects."""
        if not self.title:
            yield Remark("unread", block.number, block.text)
        elif not self._fields:
            self._loose.append(block)
        elif self._abstract and not self._goes_on(block.text):
            yield Remark("unread", block.number, block.text)
        elif self._abstract or "categories" in self._fields or is_prose(block.text):
            self._tell(block.number, block.text)
        else:
            yield Remark("unread", block.number, block.text)

    def _goes_on(self, text: str) -> bool:
        """Tell whether a line is the abstract's next paragraph, or the rest of one that was parted."""
        return is_prose(text) or text[0].islower() or is_cut(self._abstract[-1])

    def _sort(self) -> None:
        """Tell what the lines without a label are: authors, if labels follow; else authors, then the abstract."""
        if not self._loose:
            return
        if self._fields:
            after = self._loose
            before: list[Block] = []
            while len(after) > 1 and not after[0].text.endswith(","):
                before.append(after[0])
                after = after[1:]
            for block in before:  # the rest of a title that was parted
                self.title += f" {block.text}"
                self._origins.append((block.number, "title"))
        else:
            after = self._loose[:1]
            for block in self._loose[1:]:
                self._tell(block.number, block.text)
        if "authors" not in self._fields:
            self._fields["authors"] = " ".join(block.text for block in after)
            self._origins += [(block.number, "authors") for block in after]
        self._last = max(self._last, self._loose[-1].number)

    def events(self, *, last: bool, others_have_abstracts: bool) -> Iterator[Event]:
        """Yield the listing, or the remark that it is none; the page's last may be cut."""
        self._sort()
        if not self.title:
            yield Remark("broken", self.line, f"there is no title ({self._arxiv or 'no identifier'})")
            return
        abstract = " ".join(self._abstract) or None
        yield self._listing(abstract)
        if last and (is_cut(abstract) if abstract else others_have_abstracts):
            yield Remark("cut", self._last, (abstract or self.title)[-60:])

    def _listing(self, abstract: str | None) -> Listing:
        get = self._fields.get
        credit = credits_of(get("authors", ""))
        return Listing(
            title=self.title,
            layout=self.layout,
            abstract=abstract,
            authors=credit.names,
            authors_complete=credit.complete,
            affiliations=credit.affiliations,
            categories=subjects(get("categories", "")),
            announced=self.announced,
            venue=get("venue"),
            links=links(abstract),
            identifiers=Identifiers(self._arxiv, doi(get("identifiers", "").split(" ")[0]), self._url),
            origins=tuple(sorted(self._origins)),
        )
