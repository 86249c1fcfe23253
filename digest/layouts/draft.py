"""A listing in the making: what the text layouts fill line by line until the next listing begins."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date

from digest.layouts.base import LONGEST_LISTING, Event
from digest.layouts.links import identifiers, is_web_address, linked, links
from digest.layouts.people import Credits
from digest.layouts.prose import LONG, is_cut, is_prose
from digest.models import Block, Identifiers, Listing, Remark


@dataclass(slots=True)
class Draft:
    """The parts read so far of one listing; ``line`` is where its last part stands."""

    layout: str
    line: int
    title: str = ""
    level: int = 0  # of the title's heading
    abstract: str | None = None
    authors: tuple[str, ...] = ()
    authors_complete: bool = False
    affiliations: tuple[str, ...] = ()
    page_author: str | None = None
    categories: tuple[str, ...] = ()
    published: date | None = None
    score: float | None = None
    has_code: bool | None = None
    venue: str | None = None
    identifiers: Identifiers = field(default_factory=Identifiers)
    uncertain: tuple[str, ...] = ()
    origins: list[tuple[int, str]] = field(default_factory=list)

    def entitle(self, line: Block) -> Draft:
        """Take the line as the title, and what it links to as the paper's address; return the draft itself."""
        self.title, self.level, self.line = line.text, line.level, line.number
        self.origins.append((line.number, "title"))
        self.follow(line)
        if not self.identifiers.url and is_web_address(line.link):
            self.identifiers = replace(self.identifiers, url=line.link)
        return self

    def follow(self, line: Block) -> None:
        """Take what the line as a whole links to, where that names a paper, and none is named that it contradicts."""
        found = linked(line.link) if line.link else None
        if found:
            self._name(found, line)

    def contradicts(self, line: Block) -> bool:
        """Tell whether the line as a whole links to another paper, so that it is no part of this listing."""
        found = linked(line.link) if line.link and self.identifiers.arxiv else None
        return bool(found and found.arxiv and found.arxiv != self.identifiers.arxiv)

    @property
    def is_glued(self) -> bool:
        """Whether the title is a whole card of a page, out of which something took all that parted title and text."""
        return len(self.title) >= LONG and not self.abstract and bool(self.identifiers.arxiv)

    def _name(self, found: Identifiers, line: Block) -> None:
        own = self.identifiers
        if own.arxiv and found.arxiv and own.arxiv != found.arxiv:
            return
        merged = Identifiers(own.arxiv or found.arxiv, own.doi or found.doi, own.url or found.url)
        if merged != own:
            self.identifiers = merged
            self.origins.append((line.number, "identifiers"))

    def tell(self, line: Block) -> None:
        """Take the line as the abstract, or as its next paragraph."""
        self.abstract = f"{self.abstract} {line.text}" if self.abstract else line.text
        self.line = line.number
        self.origins.append((line.number, "abstract"))
        self.follow(line)

    def excess(self, line: Block) -> Remark | None:
        """Return the remark that running text is too much for the abstract, or None where there is room for it."""
        too_much = self.abstract is not None and len(self.abstract) + len(line.text) > LONGEST_LISTING
        return Remark("unread", line.number, line.text) if too_much and is_prose(line.text) else None

    def identify(self, line: Block) -> bool:
        """Take the line as what names the paper, and tell whether it is that (``arXiv:2501.01234v2``, an address)."""
        found = identifiers(line.text)
        if not found:
            return False
        self._name(found, line)
        return True

    def credit(self, credit: Credits, line: Block) -> None:
        """Take the authors that the line names, whether they are all, and their affiliations."""
        self.authors, self.authors_complete, self.affiliations = credit
        fields = (("authors", credit.names), ("affiliations", credit.affiliations))
        self.origins += [(line.number, name) for name, found in fields if found]
        self.follow(line)

    def listing(self) -> Listing:
        """Return the listing as it stands."""
        return Listing(
            title=self.title,
            layout=self.layout,
            abstract=self.abstract,
            authors=self.authors,
            authors_complete=self.authors_complete,
            page_author=self.page_author,
            affiliations=self.affiliations,
            categories=self.categories,
            published=self.published,
            score=self.score,
            has_code=self.has_code,
            venue=self.venue,
            links=links(self.abstract),
            identifiers=self.identifiers,
            uncertain=self.uncertain,
            origins=tuple(self.origins),
        )

    def last(self, others_have_abstracts: bool) -> Iterator[Event]:
        """Yield the dump's last listing, and the remark that it is cut off where it is."""
        yield self.listing()
        if is_cut(self.abstract) if self.abstract else others_have_abstracts:
            yield Remark("cut", self.line, (self.abstract or self.title)[-60:])
