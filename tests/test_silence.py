"""When a still-here message is due: once in a dry spell, after the days asked for and a rhythm at the least."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from itertools import pairwise
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest import silence
from digest.models import Frequency
from digest.silence import Spell

FIRST = date(2026, 6, 1)  # a Monday
Event = Literal["nothing", "matched", "away", "resumed"]


def told_on(frequency: Frequency, days: int, events: Iterable[Event], *, read: bool = True) -> list[int]:
    """Return on which days, counted from 0, a message is due, an event a day; editions come as the rhythm has them."""
    spell, told = Spell(), []
    for day, event in enumerate(events):
        on = FIRST + timedelta(days=day)
        if event == "resumed":  # as the store does it
            spell = Spell(None, spell.told)
        if event == "away" or (frequency == "weekly" and on.weekday() and spell.since):
            continue
        due = event != "matched" and read and silence.is_due(spell, frequency, days, on)
        told += [day] if due else []
        spell = silence.after(spell, on, matched=event == "matched", told=due)
    return told


def days(nothing: int, *more: tuple[Event, int]) -> list[Event]:
    return ["nothing"] * nothing + [event for event, many in more for _ in range(many)]


SPELLS: dict[str, tuple[Frequency, int, list[Event], list[int]]] = {
    "thirty silent days from the first": ("daily", 7, days(30), [7]),
    "after a match": ("daily", 7, ["matched", *days(30)], [7]),
    "six days are none": ("daily", 7, ["matched", *days(6)], []),
    "a match on the sixth day begins anew": ("daily", 7, days(6, ("matched", 1), ("nothing", 30)), [13]),
    "a match on the day that it was due": ("daily", 7, days(7, ("matched", 1), ("nothing", 6)), []),
    "another spell after a match": ("daily", 7, days(10, ("matched", 1), ("nothing", 30)), [7, 17]),
    "paused in between": ("daily", 7, days(5, ("away", 20), ("resumed", 1), ("nothing", 10)), [32]),
    "paused after it was told": ("daily", 7, days(9, ("away", 20), ("resumed", 1), ("nothing", 30)), [7]),
    "matched, then paused": ("daily", 7, ["matched", *days(0, ("away", 9), ("resumed", 1), ("nothing", 8))], [17]),
    "days without a run count": ("daily", 7, days(3, ("away", 9), ("nothing", 3)), [12]),
    "never": ("daily", 0, days(100), []),
    "a single day": ("daily", 1, days(5), [1]),
    "weekly: a week, whatever the days": ("weekly", 3, days(30), [7]),
    "weekly: the first weekday a week after the last match": ("weekly", 7, ["matched", *days(30)], [7]),
    "weekly: more days than a week": ("weekly", 10, days(30), [14]),
    "weekly: joined in the middle of the week": ("weekly", 7, days(0, ("away", 2), ("nothing", 30)), [14]),
    "weekly: a week since then, whatever the days": ("weekly", 3, days(0, ("away", 2), ("nothing", 30)), [14]),
    "weekly: matched a week ago, and not since": ("weekly", 7, days(7, ("matched", 7), ("nothing", 14)), [14]),
}


@pytest.mark.parametrize(("frequency", "after", "events", "expected"), SPELLS.values(), ids=SPELLS)
def test_a_spell_is_told_of_once(frequency: Frequency, after: int, events: list[Event], expected: list[int]) -> None:
    assert told_on(frequency, after, events) == expected


def test_while_nothing_is_read_nobody_is_told() -> None:
    assert told_on("daily", 7, days(30), read=False) == []


TOLD = {
    "the spell": ("daily", 7, 7, 7),
    "a longer one, where days were missed": ("daily", 7, 12, 12),
    "its last fortnight": ("daily", 7, 200, 14),
    "two weeks": ("weekly", 7, 14, 14),
    "as many as were asked for": ("daily", 30, 45, 30),
}


@pytest.mark.parametrize(("frequency", "after", "passed", "expected"), TOLD.values(), ids=TOLD)
def test_a_message_tells_of_the_spell_and_no_more_than_a_fortnight(
    frequency: Frequency, after: int, passed: int, expected: int
) -> None:
    spell = Spell(FIRST)
    assert silence.told_days(spell, frequency, after, FIRST + timedelta(days=passed)) == expected


EVENTS = st.lists(st.sampled_from(("nothing", "nothing", "nothing", "matched", "away", "resumed")), max_size=80)


@given(st.sampled_from(("daily", "weekly")), st.integers(0, 20), EVENTS)
def test_never_two_without_a_match_between(frequency: Frequency, after: int, events: list[Event]) -> None:
    told = told_on(frequency, after, events)
    # Weekly editions come on Mondays, and a first one any day.
    assert all("matched" in events[one + 1 : other] for one, other in pairwise(told))


@given(st.integers(1, 20), EVENTS)
def test_who_is_told_had_so_many_days_without_a_match_while_active(after: int, events: list[Event]) -> None:
    for day in told_on("daily", after, events):
        assert day >= after
        assert not {"matched", "resumed"} & set(events[day - after + 1 : day + 1])


@given(st.integers(1, 20), st.integers(0, 60))
def test_an_unbroken_spell_that_is_long_enough_is_told_of(after: int, length: int) -> None:
    assert told_on("daily", after, ["matched", *days(length)]) == ([after] if length >= after else [])
