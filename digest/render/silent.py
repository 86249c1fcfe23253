"""What a still-here message says, in words: how much was read, which wider rules would have brought what. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from digest.models import Edition, StillHere, Wider
from digest.render.papers import TitleLine, TitleLines
from digest.render.why import RuleInWords, rule_in_words
from digest.render.words import QUERY_LIMIT, shown
from digest.text import counted

_ONCE = "This message comes once. The next email comes when a paper matches."


@dataclass(frozen=True, slots=True)
class WiderInWords:
    """A wider rule: its query, in the place of which, what it would have brought; ``more`` counts titles left out."""

    query: str
    instead_of: RuleInWords
    papers: str  # "4 papers"
    lines: tuple[TitleLine, ...]
    more: int


@dataclass(frozen=True, slots=True)
class StillHereInWords:
    """All that a still-here message says besides what every edition does. Safe to show, and not yet escaped."""

    subject: str
    sentence: str  # "212 papers read in 7 days, none matched your rules."
    once: str
    wider: tuple[WiderInWords, ...]


def in_words(edition: Edition, lines: TitleLines) -> StillHereInWords | None:
    """Return what a still-here message says, None for any other edition."""
    said, read = edition.still_here, counted(edition.considered, "paper")
    if said is None:
        return None
    days = counted(said.days, "day")
    none = "and it did not match" if edition.considered == 1 else "none matched"
    return StillHereInWords(
        subject=f"Nothing matched in {days} · {read} read",
        sentence=f"{read} read in {days}, {none} your rules.",
        once=_ONCE,
        wider=_wider(said, edition, lines),
    )


def _wider(said: StillHere, edition: Edition, lines: TitleLines) -> tuple[WiderInWords, ...]:
    return tuple([_one(wider, edition, lines) for wider in said.wider])


def _one(wider: Wider, edition: Edition, lines: TitleLines) -> WiderInWords:
    return WiderInWords(
        shown(wider.query, QUERY_LIMIT),
        rule_in_words(wider.instead_of, edition),
        counted(wider.count, "paper"),
        tuple([lines.of(paper) for paper in wider.papers]),
        wider.count - len(wider.papers),
    )
