"""A listing in the making: what the text layouts fill line by line until the next listing begins."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from digest.layouts.base import Event
from digest.layouts.links import identifiers, links
from digest.layouts.people import Credits
from digest.layouts.prose import is_cut
from digest.models import Block, Identifiers, Listing, Remark


@dataclass(slots=True)
class Draft:
    """The parts read so far of one listing; ``line`` is where its last part stands."""

    layout: str
    line: int
    title: str = ""
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

    def tell(self, line: Block) -> None:
        """Take the line as the abstract, or as its next paragraph."""
        self.abstract = f"{self.abstract} {line.text}" if self.abstract else line.text
        self.line = line.number

    def identify(self, line: Block) -> bool:
        """Take the line as what names the paper, and tell whether it is that (``arXiv:2501.01234v2``, an address)."""
        found = identifiers(line.text)
        if not found:
            return False
        own = self.identifiers
        self.identifiers = Identifiers(own.arxiv or found.arxiv, own.doi or found.doi, own.url or found.url)
        return True

    def credit(self, credit: Credits) -> None:
        """Take the authors, whether they are all, and their affiliations."""
        self.authors, self.authors_complete, self.affiliations = credit

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
        )

    def last(self, others_have_abstracts: bool) -> Iterator[Event]:
        """Yield the dump's last listing, and the remark that it is cut off where it is."""
        yield self.listing()
        if is_cut(self.abstract) if self.abstract else others_have_abstracts:
            yield Remark("cut", self.line, (self.abstract or self.title)[-60:])
