"""A paper as an entry shows it: title and where it leads, authors, the grey line, links. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from digest import layouts
from digest.models import Paper
from digest.render.excerpt import Piece
from digest.render.links import Link, links, own_address, title_link
from digest.render.words import NAME_LIMIT, all_shown, short_date, shown

# Scholar Feed prints arXiv's categories without their archive (https://arxiv.org/category_taxonomy); where two archives
# have the same, computer science is meant.
_ARCHIVES = {
    "cs": "AI AR CC CE CG CL CR CV CY DB DC DL DM DS ET FL GL GR GT HC IR IT LG LO MA MM MS NA NE NI OH OS PF PL RO SC"
    " SD SE SI SY",
    "eess": "AS IV SP",
    "stat": "AP CO ME ML",
    "math": "OC PR ST",
}
_BARE = {part: archive for archive, parts in _ARCHIVES.items() for part in parts.split()}
_AUTHORS = 12  # people named before "and 243 more"; followed ones are always named


class Author(NamedTuple):
    """A person, and whether a rule asked for them."""

    name: str
    followed: bool


@dataclass(frozen=True, slots=True)
class PaperView:
    """What an entry shows of a paper, whoever reads it; ``rest`` closes the authors ("et al.", "and 3 more")."""

    id: int
    title: str
    url: str
    authors: tuple[Author, ...]
    rest: str
    about: str
    links: tuple[Link, ...]

    @property
    def names(self) -> str:
        """The authors as plain text, followed ones between asterisks."""
        return ", ".join(f"*{author.name}*" if author.followed else author.name for author in self.authors)

    @property
    def byline(self) -> tuple[Piece, ...]:
        """The authors and ``rest`` as pieces of text, followed ones marked: few pieces, however many people."""
        if not any(author.followed for author in self.authors):
            names = ", ".join([author.name for author in self.authors])
            return (Piece(f"{names} {self.rest}" if self.rest else names),)
        pieces = [piece for author in self.authors for piece in (Piece(author.name, author.followed), Piece(", "))]
        return (*pieces[:-1], Piece(f" {self.rest}" if self.rest else ""))


@dataclass(frozen=True, slots=True)
class TitleLine:
    """A paper shown by its title alone; ``about`` says where it is listed, ``address`` is its own or ""."""

    id: int
    title: str
    url: str
    about: str
    address: str


def paper_view(paper: Paper, followed: frozenset[str], title_search: str) -> PaperView:
    """Return what an entry shows of the paper; ``followed`` are names as printed."""
    named = [name for number, name in enumerate(paper.authors) if number < _AUTHORS or name in followed]
    more = len(paper.authors) - len(named)
    complete = paper.authors_complete or not paper.authors
    rest = f"and {more:,} more" if more else "" if complete else "et al."
    return PaperView(
        id=paper.id,
        title=shown_title(paper),
        url=title_link(paper, title_search),
        authors=tuple([Author(shown_, name in followed) for shown_, name in zip(all_shown(named), named, strict=True)]),
        rest=rest,
        about=_joined(_field(paper), short_date(paper.published) if paper.published else "", *_sites(paper)),
        links=links(paper),
    )


class TitleLines:
    """Title lines for one site; each is worked out once, however many editions show it."""

    def __init__(self, title_search: str, most: int = 20_000) -> None:
        """Begin with none; ``most`` bounds how many are kept, about 0.5 kB each."""
        self._search = title_search
        self._most = most
        self._kept: dict[tuple[int, int, bool], TitleLine] = {}

    def __len__(self) -> int:
        """Count the lines that are kept."""
        return len(self._kept)

    def of(self, paper: Paper, *, dated: bool = False) -> TitleLine:
        """Return the paper, at its revision, as a title line; ``dated`` adds when it was published."""
        key = (paper.id, paper.revision, dated)
        line = self._kept.get(key)
        if line is None:
            if len(self._kept) >= self._most:
                del self._kept[next(iter(self._kept))]  # the oldest
            line = self._kept[key] = title_line(paper, self._search, dated=dated)
        return line


def title_line(paper: Paper, title_search: str, *, dated: bool = False) -> TitleLine:
    """Return the paper as a title line; ``dated`` adds when it was published."""
    when = short_date(paper.published) if dated and paper.published else ""
    return TitleLine(
        id=paper.id,
        title=shown_title(paper),
        url=title_link(paper, title_search),
        about=_joined(when, *site_names(paper)[:1]),
        address=own_address(paper.identifiers),
    )


def shown_title(paper: Paper) -> str:
    """Return the title to show; a paper whose title holds nothing printable is still there to be clicked."""
    return shown(paper.title) or "(no title)"


def site_names(paper: Paper) -> list[str]:
    """Return the sites that listed the paper, each once, first listing first; JSON Lines have none of their own."""
    names = [layouts.site(layout) or _home(paper) for layout in paper.layouts]
    return [name for name in dict.fromkeys(names) if name]


def _home(paper: Paper) -> str:
    return "arXiv" if paper.identifiers.arxiv else ""


def _field(paper: Paper) -> str:
    """Return the first category, else the venue: one word of where the paper belongs."""
    return full_category(shown(next(iter(paper.categories), paper.venue or ""), NAME_LIMIT))


def full_category(name: str) -> str:
    """Return an arXiv category with its archive, where it was printed without; any other as it is."""
    return f"{_BARE[name]}.{name}" if name in _BARE else name


def _sites(paper: Paper) -> list[str]:
    """Return "Scholar Feed 36.1" and "also on Hugging Face": a score stands only with its site's name."""
    scores = {layouts.site(layout): value for layout, value in paper.scores}  # not of JSON Lines: no site says them
    names = site_names(paper)
    if not names:
        return []
    first = f"{names[0]} {scores[names[0]]:,.6g}" if names[0] in scores else names[0]
    return [first, *([f"also on {', '.join(names[1:])}"] if names[1:] else [])]


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)
