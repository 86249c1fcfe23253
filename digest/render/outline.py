"""An edition laid out for display: sentences, sections, title lines, footer. Pure; mail and page place it alike."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from digest import layouts
from digest.models import Edition, Entry, PageNote
from digest.render.papers import TitleLine, shown_title, title_line
from digest.render.why import PEOPLE, RuleInWords, Why, in_words, section, why
from digest.render.words import NAME_LIMIT, counted, short_date, shown, weekday_date
from digest.text import shortened

OLDER_LINES = 20
_CONTENTS_FROM = 8  # papers
_PAGES = 12  # pages named in the footer
_SILENT = 7  # days without a dump that the footer mentions
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
    contents: tuple[TitleLine, ...]
    sections: tuple[Section, ...]
    also: Lines
    older: Lines
    waiting: str  # a sentence, or ""
    pages: tuple[str, ...]
    rules: tuple[RuleInWords, ...]
    rules_more: int
    added: str  # a sentence, or ""

    @property
    def full(self) -> int:
        """How many entries are shown in full."""
        return sum(len(part.items) for part in self.sections)


def outline(edition: Edition, limits: Limits, title_search: str) -> Outline:
    """Lay out the edition: people first, then sections by their best paper; ``limits`` cut the display only."""
    main = _people_first(edition)
    full, rest = main[: limits.full], main[limits.full :]
    contents = full if len(main) >= _CONTENTS_FROM else ()
    older, rules = edition.older, in_words(edition)
    lead, sentence = _heading(edition)
    return Outline(
        subject=subject(edition),
        preheader=_preheader(edition, sentence),
        lead=lead,
        sentence=sentence,
        contents=tuple(title_line(entry.paper, title_search) for entry in contents),
        sections=_sections(edition, main, full),
        also=_lines(rest, limits.lines, title_search),
        older=_lines(older, limits.older, title_search, dated=True),
        waiting=_waiting(edition),
        pages=_pages(edition),
        rules=rules[: limits.rules],
        rules_more=max(0, len(rules) - limits.rules),
        added=_added(edition),
    )


def subject(edition: Edition) -> str:
    """Return the subject: "7 papers · Process Reward Models with Q-Value… (+6)"."""
    main, older = _people_first(edition), edition.older
    entries = main or older
    if not entries:
        return f"No new papers · {weekday_date(edition.date)}"
    count = counted(len(entries), "paper" if main else "older paper")
    more = f" (+{len(entries) - 1:,})" if len(entries) > 1 else ""
    return f"{count} · {shortened(shown_title(entries[0].paper), _SUBJECT_TITLE)}{more}"


def _people_first(edition: Edition) -> tuple[Entry, ...]:
    return tuple(sorted(edition.main, key=lambda entry: section_of(entry, edition) != PEOPLE))


def section_of(entry: Entry, edition: Edition) -> str:
    """Return the title of the section that the entry stands in; an entry without matches stands in none."""
    return section(entry.matches[0], edition) if entry.matches else ""


def _sections(edition: Edition, main: Iterable[Entry], full: Iterable[Entry]) -> tuple[Section, ...]:
    totals: dict[str, int] = {}
    for entry in main:
        totals[section_of(entry, edition)] = totals.get(section_of(entry, edition), 0) + 1
    items: dict[str, list[Item]] = {}
    for entry in full:
        items.setdefault(section_of(entry, edition), []).append(Item(entry, why(entry, edition)))
    return tuple(Section(title, _note(totals[title], len(found)), tuple(found)) for title, found in items.items())


def _note(total: int, full: int) -> str:
    below = f", {total - full:,} of them below" if total > full else ""
    return counted(total, "paper") + below


def _lines(entries: tuple[Entry, ...], limit: int, title_search: str, *, dated: bool = False) -> Lines:
    kept = entries[:limit]
    return Lines(tuple(title_line(e.paper, title_search, dated=dated) for e in kept), len(entries) - len(kept))


def _heading(edition: Edition) -> tuple[str, str]:
    """Return when, and how many: ("Tue 16 June", "7 of 212 new papers match you.")."""
    lead = weekday_date(edition.date)
    if edition.since:
        lead = f"Papers of the last {counted((edition.date - edition.since).days + 1, 'day')}, to {lead}"
    whom = "you" if edition.kind == "subscriber" else "this topic"
    main, older = len(edition.main), len(edition.older)
    sentence = _matching(main, edition.considered, whom)
    if older:
        older_ones = counted(older, "older paper")
        sentence += f" {older_ones[0].upper()}{older_ones[1:]} {_verb(older, 'was', 'were')} newly listed."
    return lead, sentence


def _matching(main: int, considered: int, whom: str) -> str:
    if not considered and not main:
        return "No new papers."
    if considered <= main:  # some came from the backlog, or all of them match
        return f"{counted(main, 'new paper')} {_verb(main, 'matches', 'match')} {whom}."
    found = f"{main:,}" if main else "None"
    return f"{found} of {counted(considered, 'new paper')} {_verb(main, 'matches', 'match')} {whom}."


def _verb(number: int, one: str, many: str) -> str:
    return one if number == 1 else many


def _preheader(edition: Edition, sentence: str) -> str:
    """Return what a mail program shows after the subject: titles two and three, else the heading."""
    titles = [shown_title(entry.paper) for entry in (_people_first(edition) or edition.older)[1:3]]
    return shortened(" · ".join(titles), 160) or sentence


def _waiting(edition: Edition) -> str:
    waiting, expired = len(edition.waiting), edition.expired
    parts = []
    if waiting:
        parts.append(
            f"{counted(waiting, 'more paper')} matched and {_verb(waiting, 'waits', 'wait')} for the next edition."
        )
    if expired:
        parts.append(f"{counted(expired, 'paper')} waited too long and {_verb(expired, 'was', 'were')} left out.")
    return " ".join(parts)


def _pages(edition: Edition) -> tuple[str, ...]:
    notes = [_page(note, edition) for note in edition.pages[:_PAGES]]
    more = len(edition.pages) - len(notes)
    return (*notes, *([f"and {counted(more, 'more page')}"] if more else []))


def _page(note: PageNote, edition: Edition) -> str:
    """Return how a page does: "scholar-mara (Scholar Feed), 16 Jun 2026: 110 of 123 papers read"."""
    page, site = shown(note.page, NAME_LIMIT), layouts.site(note.layout)
    name = f"{page} ({site})" if site and site.casefold() not in page.casefold() else page or site
    read = counted(note.listings, "paper")
    if note.stated is not None and note.stated > note.listings:
        read = f"{note.listings:,} of {counted(note.stated, 'paper')}"
    silent = (edition.date - note.date).days
    quiet = f"; nothing new for {silent} days" if silent > _SILENT else ""
    return f"{name}, {short_date(note.date)}: {read} read{quiet}"


def _added(edition: Edition) -> str:
    if not edition.joined:
        return ""
    by = f" by {shown(edition.added_by, NAME_LIMIT)}" if edition.added_by else ""
    return f"You were added{by} on {short_date(edition.joined)}."
