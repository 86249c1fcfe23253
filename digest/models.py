"""The records that travel between the floors: frozen, plain, and free of any access to the world."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

Announced = Literal["new", "cross", "replaced"]
NewsKind = Literal["new", "completed", "replaced", "split"]
RecipientKind = Literal["subscriber", "topic"]
Frequency = Literal["daily", "weekly"]
RHYTHM: Final[Mapping[Frequency, int]] = {"daily": 1, "weekly": 7}  # days from one edition to the next
DeliveryState = Literal["planned", "sending", "sent", "deferred", "failed", "suppressed", "withdrawn", "unknown"]
SubscriberState = Literal["pending", "active", "paused", "left", "suppressed", "removed"]
Spans = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Identifiers:
    """What names a paper for good: arXiv id without version (``2503.11731``), DOI (lower case), its own URL."""

    arxiv: str | None = None
    doi: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """One line or paragraph of a dump, never empty, in single spaces.

    ``number`` is the line of the dump where it begins (1-based); ``gap`` counts the blank lines before it; ``level`` is
    1 to 6 in a heading, else 0; ``link`` is the address that the text as a whole links to ("": none), absolute where
    the page's own address is known.
    """

    number: int
    text: str
    gap: int = 0
    level: int = 0
    link: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """What a dump says, out of its container: as lines or as blocks, as often as asked for, from the start each time.

    ``lines`` are those of the decoded text as they stand, without their ends; ``blocks`` its paragraphs, put together
    again where something broke them; where the lines are ``markup``, the text is in the blocks alone. ``address``,
    ``title`` and ``date`` are what the container tells of the page ("" or None: nothing), ``embedded`` the JSON objects
    with a title that a page carries beside its text.
    """

    container: str  # "text", "wrapped text", "markdown", "html", "mail", …: how blocks were made, for people
    lines: Callable[[], Iterator[str]]
    blocks: Callable[[], Iterator[Block]]
    address: str = ""
    title: str = ""
    date: dt.date | None = None
    embedded: tuple[Mapping[str, Any], ...] = ()
    encoding: str | None = None  # where it is not UTF-8
    markup: bool = False


@dataclass(frozen=True, slots=True)
class Listing:
    """One entry of a dump, as its layout read it; unknown is ``None`` or empty, never a guess.

    White space inside a field is single spaces. ``authors_complete`` is false after "et al." and where no author is
    printed; ``page_author`` is given name first; ``links`` are the URLs in the abstract, in order, once each;
    ``uncertain`` names fields that the dump does not tell for sure.
    """

    title: str
    layout: str
    abstract: str | None = None
    authors: tuple[str, ...] = ()
    authors_complete: bool = False
    page_author: str | None = None
    affiliations: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    published: dt.date | None = None
    announced: Announced | None = None
    score: float | None = None
    has_code: bool | None = None
    venue: str | None = None
    links: tuple[str, ...] = ()
    identifiers: Identifiers = Identifiers()
    uncertain: tuple[str, ...] = ()
    origins: tuple[tuple[int, str], ...] = field(default=(), compare=False)  # (line of the dump, what it gave)

    def as_row(self) -> dict[str, Any]:
        """Return the JSON object that ``digest parse`` prints, in the contract's order of keys."""
        own = self.identifiers
        return {
            "title": self.title,
            "abstract": self.abstract,
            "authors": list(self.authors),
            "authors_complete": self.authors_complete,
            "page_author": self.page_author,
            "affiliations": list(self.affiliations),
            "categories": list(self.categories),
            "published": self.published.isoformat() if self.published else None,
            "announced": self.announced,
            "score": self.score,
            "has_code": self.has_code,
            "venue": self.venue,
            "links": list(self.links),
            "identifiers": {k: v for k, v in (("arxiv", own.arxiv), ("doi", own.doi), ("url", own.url)) if v},
            "uncertain": list(self.uncertain),
            "layout": self.layout,
        }


RemarkKind = Literal["stated", "page_author", "page_date", "unread", "cut", "broken", "ignored"]


@dataclass(frozen=True, slots=True)
class Remark:
    """What a layout has to say besides listings, at a line of the dump (1-based; 0: of the whole dump).

    ``stated``: ``text`` is the number of papers that the page says it has. ``page_author``, ``page_date``: as printed
    (names given name first). ``unread``: a line not understood. ``cut``: the last listing ends in mid-sentence (it is
    kept). ``broken``: a line that should be a listing and is not (costs exit status 1). ``ignored``: the name of an
    unknown field.
    """

    kind: RemarkKind
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Dump:
    """What is known of one listing file before it is read; ``encoding`` is noted where it is not UTF-8."""

    sha256: str
    name: str  # the file's name, for people
    folder: str  # what names its page: the inbox subfolder, or "" where layout + page author do
    source: str  # which source brought it: "inbox", "ingest", …
    date: dt.date
    encoding: str | None = None


@dataclass(frozen=True, slots=True)
class Paper:
    """The one work behind any number of listings, at one ``revision`` (counted from 1, up at each change)."""

    id: int
    revision: int
    title: str
    first_listed: dt.date  # date of the dump that first listed it
    changed: dt.date  # date of the latest dump that changed what a reader sees of it
    abstract: str | None = None
    authors: tuple[str, ...] = ()
    authors_complete: bool = False
    page_authors: tuple[str, ...] = ()
    affiliations: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    published: dt.date | None = None
    has_code: bool | None = None
    venue: str | None = None
    links: tuple[str, ...] = ()
    identifiers: Identifiers = Identifiers()
    scores: tuple[tuple[str, float], ...] = ()  # (layout, its highest score), in order of first listing
    layouts: tuple[str, ...] = ()  # in order of first listing, like pages and sources
    pages: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    announced: tuple[Announced, ...] = ()
    baseline: bool = False  # the dump that first listed it was its page's baseline
    edits: int = 0  # how often it changed for a reader since it was ``changed``: on the same date, or by a late dump

    @property
    def score(self) -> float | None:
        """The highest score of its listings, of whatever site."""
        return max((value for _, value in self.scores), default=None)


@dataclass(frozen=True, slots=True)
class News:
    """A numbered event that makes a paper worth considering; ``date`` is None until a run finds it."""

    number: int
    paper_id: int
    kind: NewsKind
    date: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """A weighted query; ``name`` is None where its owner gives none; ``topic`` is the slug that owns it."""

    query: str
    name: str | None = None
    weight: float = 1.0
    topic: str | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """One term of a rule that held: as the rule writes it, the field where it held, and the character spans there.

    Spans are offsets in ``text.readable(value)`` of the field (``title``, ``abstract``); in ``author`` hits ``spans``
    is empty and ``where`` names the author as printed.
    """

    term: str
    field: str
    spans: Spans = ()
    where: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """One rule that holds for one paper: the rule's name (or query), what held, and how much it weighs."""

    rule: str  # the name, else the query as written
    named: bool
    people: bool  # a rule of authors only
    weight: float
    hits: tuple[Hit, ...] = ()
    topic: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One paper of an edition, pinned at a revision, with why it is there; ``matches[0]`` gives its section."""

    paper: Paper
    matches: tuple[Match, ...]
    older: bool = False  # decision 2: a title line in "Older, newly listed"


@dataclass(frozen=True, slots=True)
class PageNote:
    """How a page did: its last dump's date, what was read of it and what it states, for the footer and the status.

    ``state`` is ``stalled`` or ``broken`` ("": neither) since the date ``since``, see ``rhythm.py``.
    """

    page: str
    layout: str
    date: dt.date
    listings: int
    stated: int | None = None
    state: str = ""
    since: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Wider:
    """A slightly wider rule: in the place of which, as it would be written, how many papers it would have brought.

    ``papers`` are the first of them, for their titles.
    """

    instead_of: Rule
    query: str
    count: int
    papers: tuple[Paper, ...]


@dataclass(frozen=True, slots=True)
class StillHere:
    """What an edition without entries says to whom nothing matched in so many days, see ``silence.py``."""

    days: int
    wider: tuple[Wider, ...] = ()


@dataclass(frozen=True, slots=True)
class Edition:
    """What one subscriber or topic gets for one date: entries in their final order (older ones last).

    With ``still_here``, ``considered`` are the papers with news in the days that it tells of.
    """

    recipient: str  # the subscriber's address or the topic's slug
    kind: RecipientKind
    title: str  # the topic's title, or the subscriber's name or address
    date: dt.date
    entries: tuple[Entry, ...]
    considered: int  # distinct papers with news that were read for it
    waiting: tuple[tuple[int, str], ...] = ()  # backlog after it: (paper id, title), best first, at most 200
    more: int = 0  # how many wait in all
    expired: int = 0  # papers that left the backlog unread
    since: dt.date | None = None  # the first date whose news it covers, where that is more than its rhythm
    rules: tuple[Rule, ...] = ()  # the rules that made it, the topics' included
    exclude: tuple[str, ...] = ()
    topics: tuple[tuple[str, str], ...] = ()  # (slug, title) of the topics that rules belong to
    pages: tuple[PageNote, ...] = ()
    id: int | None = None
    joined: dt.date | None = None  # when the subscriber was added
    added_by: str = ""
    first: bool = False  # the first that brings the subscriber papers
    still_here: StillHere | None = None

    @property
    def main(self) -> tuple[Entry, ...]:
        """The entries that are not older."""
        return tuple(entry for entry in self.entries if not entry.older)

    @property
    def older(self) -> tuple[Entry, ...]:
        """The older entries."""
        return tuple(entry for entry in self.entries if entry.older)


@dataclass(frozen=True, slots=True)
class Envelope:
    """What a message needs besides its edition: people, identity, links ("" where there is no base_url)."""

    sender: str  # "Name <address>" of the site
    to: str  # the bare address
    to_name: str
    message_id: str  # with angle brackets
    date: dt.datetime  # aware; chosen at freezing
    list_id: str  # "Title <list.host>"
    unsubscribe_url: str = ""  # https one-click address
    unsubscribe_mailto: str = ""
    browser_url: str = ""


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One paper in a feed; ``matches`` is empty in the feed of all papers.

    ``again`` is the revision at which it came once more, because it was replaced; 0: it came the first time.
    """

    paper: Paper
    matches: tuple[Match, ...] = ()
    again: int = 0


@dataclass(frozen=True, slots=True)
class Subscriber:
    """An address with rules, a frequency and a time zone, and how far it has come."""

    id: int
    email: str
    name: str = ""
    frequency: Frequency = "daily"
    weekday: str = "monday"
    send_at: str = "07:00"
    timezone: str = "UTC"
    max_items: int = 30
    topics: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    exclude: tuple[str, ...] = ()
    state: SubscriberState = "active"
    owner: Literal["config", "store"] = "store"
    added_by: str = ""
    added_on: dt.date | None = None
    last_edition: dt.date | None = None
    mail: bool = True  # whether editions are sent; without, they are in the private feed alone
    feed_turn: int = 0  # how often the address of the private feed was changed


OutcomeState = Literal["sent", "deferred", "failed"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a channel says of one delivery: the state it ends in and the server's reply (or the file's path).

    ``refused``: the recipient was, for good, and not the message. ``doubtful``: it may have arrived all the same.
    """

    state: OutcomeState
    reply: str
    refused: bool = False
    doubtful: bool = False


@dataclass(frozen=True, slots=True)
class DumpReport:
    """What taking in one dump came to; ``status`` decides what else is set."""

    name: str
    date: dt.date
    status: Literal["ingested", "known", "rejected", "waiting"]
    sha256: str = ""
    page: str = ""
    layout: str = ""
    encoding: str | None = None
    history: bool = False
    listings: int = 0
    stated: int | None = None
    remarks: tuple[Remark, ...] = ()  # the first of them
    remark_counts: Mapping[str, int] = field(default_factory=dict)  # by kind, all of them
    new: int = 0
    known: int = 0
    reason: str = ""
    ignored: Mapping[str, int] = field(default_factory=dict)  # unknown fields, how often
