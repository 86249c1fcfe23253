"""When a subscriber for whom nothing matches hears that Digest is still here: once in a dry spell. Touches nothing.

A dry spell begins with the last edition that had entries, else with the first one that was composed since the
subscriber became active. Dates of editions count, not the clock, so that days are counted alike whenever they are run.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from digest.models import RHYTHM, Frequency

_LONGEST_TOLD = 14  # days of a spell that a message tells of: two weekly editions


@dataclass(frozen=True, slots=True)
class Spell:
    """A dry spell: since when nothing matched (None: no edition was composed yet), and whether they were told."""

    since: date | None = None
    told: bool = False


def is_due(spell: Spell, frequency: Frequency, days: int, on: date) -> bool:
    """Say whether an edition for ``on`` without entries is to be a still-here message, ``days`` into the spell.

    Of a weekly subscriber's spell a week has passed at the least. 0 days: never.
    """
    if not days or spell.told or spell.since is None:
        return False
    return (on - spell.since).days >= _wanted(frequency, days)


def told_days(spell: Spell, frequency: Frequency, days: int, on: date) -> int:
    """Return how many days, up to ``on``, a message tells of: the spell, or its last fortnight where it is longer."""
    passed = (on - spell.since).days if spell.since else 0
    return min(passed, max(_LONGEST_TOLD, _wanted(frequency, days)))


def after(spell: Spell, on: date, *, matched: bool, told: bool) -> Spell:
    """Return the spell after an edition for ``on``, with entries (``matched``), a still-here message, or empty."""
    if matched:
        return Spell(on)
    return replace(spell, since=spell.since or on, told=spell.told or told)


def _wanted(frequency: Frequency, days: int) -> int:
    return max(days, RHYTHM[frequency])
