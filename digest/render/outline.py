"""An edition laid out for display: sentences, sections, title lines, footer. Pure; mail and page place it alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from digest import layouts
from digest.models import Edition, Entry, PageNote
from digest.render import silent
from digest.render.papers import TitleLine, TitleLines
from digest.render.silent import StillHereInWords
from digest.render.why import PEOPLE, RuleInWords, Why, in_words, section, why
from digest.render.words import NAME_LIMIT, short_date, shown, weekday_date
from digest.text import counted, shortened

OLDER_LINES = 20
_UNNAMED = "Other keywords"  # a topic's rules without a name, where others have one
_CONTENTS_FROM = 8  # papers
_PAGES = 12  # pages named in the footer
_SILENT = 7  # days without a dump that the footer mentions, of a page that is not known to be silent
_READ_DAYS = 14  # a page that is known to be silent for longer was not read for an edition
_TROUBLED = 3  # pages that the footer names as silent or broken
_SUBJECT_TITLE = 44  # characters of the first title in the subject, so that phones show "(+6)"


@dataclass(frozen=True, slots=True)
class Limits:
    """How many entries are shown in full, as title lines, and as older title lines."""

    full: int
    lines: int
    older: int = OLDER_LINES
    rules: int = 20


@dataclass(frozen=True, slots=True)
class Item:
    """One entry shown in full, with why it is there."""

    entry: Entry
    why: Why | None


@dataclass(frozen=True, slots=True)
class Section:
    """The full entries of one section; ``note`` counts its papers, "" for a section without title."""

    title: str
    note: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Lines:
    """A list of title lines; ``more`` counts what it leaves out."""

    lines: tuple[TitleLine, ...]
    more: int


@dataclass(frozen=True, slots=True)
class Outline:
    """An edition as it is shown. Every text is safe to show, and not yet escaped."""

    subject: str
    preheader: str
    lead: str  # "Tue 16 June"
    sentence: str  # "7 of 212 new papers match you."
    aside: str  # "4 older papers, newly listed, match too.", or ""
    welcome: str  # what a subscriber's first edition says above their rules, or ""
    still_here: StillHereInWords | None
    contents: tuple[TitleLine, ...]
    sections: tuple[Section, ...]
    also: Lines
    older: Lines
    waiting: str  # a sentence, or ""
    missed: str  # sentences on pages that are silent or broken, or ""
    pages: tuple[str, ...]
    rules: tuple[RuleInWords, ...]
    rules_more: int
    added: str  # a sentence, or ""

    @property
    def full(self) -> int:
        """How many entries are shown in full."""
        return sum(len(part.items) for part in self.sections)


def outline(edition: Edition, limits: Limits, lines: TitleLines) -> Outline:
    """Lay out the edition: people first, then sections by their best paper; ``limits`` cut the display only."""
    main, older, rules = _people_first(edition), edition.older, in_words(edition)
    still_here = silent.in_words(edition, lines)
    sentence = still_here.sentence if still_here else _sentence(edition)
    rest = [entry for _, entry in main[limits.full :]]
    sections = _sections(edition, main, limits.full)
    shown_first = [item.entry for part in sections for item in part.items]
    titles = [lines.of(entry.paper).title for entry in (*shown_first, *rest, *older)[:3]]
    return Outline(
        subject=still_here.subject if still_here else _subject(len(main), len(older), titles, edition),
        preheader=shortened(" · ".join(titles[1:]), 160) or sentence,
        lead=_lead(edition),
        sentence=sentence,
        aside=still_here.once if still_here else _aside(len(main), len(older)),
        welcome=_welcome(edition),
        still_here=still_here,
        contents=_title_lines(shown_first, lines) if len(main) >= _CONTENTS_FROM else (),
        sections=sections,
        also=Lines(_title_lines(rest[: limits.lines], lines), max(0, len(rest) - limits.lines)),
        older=Lines(_title_lines(older[: limits.older], lines, dated=True), max(0, len(older) - limits.older)),
        waiting=_waiting(edition),
        missed=_missed(edition.pages),
        pages=_pages(edition),
        rules=rules[: limits.rules],
        rules_more=max(0, len(rules) - limits.rules),
        added=_added(edition),
    )


def _subject(main: int, older: int, titles: list[str], edition: Edition) -> str:
    """Return the subject: "7 papers · Process Reward Models with Q-Value… (+6)"."""
    if not titles:
        return f"No new papers · {weekday_date(edition.date)}"
    count = main or older
    more = f" (+{count - 1:,})" if count > 1 else ""
    noun = "paper" if main else "older paper"
    return f"{counted(count, noun)} · {shortened(titles[0], _SUBJECT_TITLE)}{more}"


def _people_first(edition: Edition) -> list[tuple[str, Entry]]:
    """Return the entries that are not older with the titles of their sections."""
    placed = [(section_of(entry, edition), entry) for entry in edition.entries if not entry.older]
    return sorted(placed, key=lambda place: place[0] != PEOPLE)


def section_of(entry: Entry, edition: Edition) -> str:
    """Return the title of the section that the entry stands in; an entry without matches stands in none."""
    return section(entry.matches[0], edition) if entry.matches else ""


def _sections(edition: Edition, main: Sequence[tuple[str, Entry]], full: int) -> tuple[Section, ...]:
    totals = Counter(title for title, _ in main)
    items: dict[str, list[Item]] = {}
    for title, entry in main[:full]:
        items.setdefault(title, []).append(Item(entry, why(entry, edition)))
    return tuple(
        Section(title or (_UNNAMED if len(items) > 1 else ""), _note(totals[title], len(found)), tuple(found))
        for title, found in items.items()
    )


def _note(total: int, full: int) -> str:
    below = f", {total - full:,} of them below" if total > full else ""
    return counted(total, "paper") + below


def _title_lines(entries: Iterable[Entry], lines: TitleLines, *, dated: bool = False) -> tuple[TitleLine, ...]:
    return tuple([lines.of(entry.paper, dated=dated) for entry in entries])


def _lead(edition: Edition) -> str:
    """Return when: "Tue 16 June", or the days that the edition covers."""
    if not edition.since:
        return weekday_date(edition.date)
    return f"Papers of the last {counted(_days(edition), 'day')}, to {weekday_date(edition.date)}"


def _sentence(edition: Edition) -> str:
    """Return how many match: "7 of 212 new papers match you."."""
    whom = "you" if edition.kind == "subscriber" else "this topic"
    main, older, considered = len(edition.main), len(edition.older), edition.considered
    if older and not main:
        older_ones = "all of them older" if older > 1 else "an older one"
        return f"{_matching(older, considered, 'newly listed paper', whom)}, {older_ones}."
    if considered or main:
        return f"{_matching(main, considered, 'new paper', whom)}."
    return "No new papers."


def _matching(number: int, considered: int, noun: str, whom: str) -> str:
    match = _verb(number, "matches", "match")
    if considered <= number:  # all match, or some came from the backlog
        return f"{counted(number, noun)} {match} {whom}"
    return f"{number or 'None':{',' if number else ''}} of {counted(considered, noun)} {match} {whom}"


def _aside(main: int, older: int) -> str:
    return (
        f"{counted(older, 'older paper')}, newly listed, {_verb(older, 'matches', 'match')} too."
        if main and older
        else ""
    )


def _verb(number: int, one: str, many: str) -> str:
    return one if number == 1 else many


def _waiting(edition: Edition) -> str:
    waiting, expired = max(edition.more, len(edition.waiting)), edition.expired
    parts = []
    if waiting:
        parts.append(
            f"{counted(waiting, 'more paper')} matched and {_verb(waiting, 'waits', 'wait')} for the next edition."
        )
    if expired:
        parts.append(f"{counted(expired, 'paper')} waited too long and {_verb(expired, 'was', 'were')} left out.")
    return " ".join(parts)


@lru_cache(maxsize=256)  # the editions of a date tell of the same pages
def _missed(pages: tuple[PageNote, ...]) -> str:
    """Say which pages are silent or broken: "Hugging Face has been silent since Tue 9 June."."""
    troubled = [note for note in pages if note.state]
    told = [
        f"{_page_name(note)} {_TROUBLES.get(note.state, 'does badly')}"
        f"{f' since {weekday_date(note.since)}' if note.since else ''}."
        for note in troubled[:_TROUBLED]
    ]
    more = len(troubled) - len(told)
    return " ".join(
        [*told, *([f"{counted(more, 'more page')} {_verb(more, 'does', 'do')} no better."] if more else [])]
    )


_TROUBLES = {"stalled": "has been silent", "broken": "has not been read properly"}


def _pages(edition: Edition) -> tuple[str, ...]:
    read = [note for note in edition.pages if not note.state or (edition.date - note.date).days <= _READ_DAYS]
    notes = [_page(note, edition.date) for note in read[:_PAGES]]
    more = len(read) - len(notes)
    return (*notes, *([f"and {counted(more, 'more page')}"] if more else []))


@lru_cache(maxsize=256)  # the editions of a date tell of the same pages
def _page(note: PageNote, on: date) -> str:
    """Return how a page does: "mara-lindqvist (Scholar Feed) 110 of 123 papers, on 3 Jun 2026"."""
    read = counted(note.listings, "paper")
    if note.stated is not None and note.stated > note.listings:
        read = f"{note.listings:,} of {counted(note.stated, 'paper')}"
    day = f", on {short_date(note.date)}" if note.date != on else ""
    silent = 0 if note.state else (on - note.date).days
    return f"{_page_name(note)}: {read}{day}" + (f", silent for {silent} days" if silent > _SILENT else "")


def _page_name(note: PageNote) -> str:
    """Return the page's name with its site's, said once."""
    page, site = shown(note.page, NAME_LIMIT), layouts.site(note.layout)
    if page == note.layout:
        return site or "JSON Lines"
    return f"{page} ({site})" if site and site not in page else page


def _welcome(edition: Edition) -> str:
    """Return who added the subscriber, and what their first edition brings: the lookback's matches."""
    if not edition.first:
        return ""
    days = f" It holds what matched in the last {counted(_days(edition), 'day')}." if edition.since else ""
    return f"{_added(edition)} This is your first edition.{days} The next ones hold what is new.".lstrip()


def _days(edition: Edition) -> int:
    return (edition.date - edition.since).days + 1 if edition.since else 1


def _added(edition: Edition) -> str:
    if not edition.joined:
        return ""
    by = f" by {shown(edition.added_by, NAME_LIMIT)}" if edition.added_by else ""
    return f"You were added{by} on {short_date(edition.joined)}."
