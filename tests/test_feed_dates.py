"""Which dates of a feed are current and which archived, when its entries are from, and which marks stay."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.feeds import by_date, by_month, carried, cut, instant, updated
from digest.models import Hit, Match, Paper

TODAY = date(2026, 6, 30)


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


@pytest.mark.parametrize(
    ("days", "most", "start", "archives"),
    [
        ([], 5, None, []),
        ([(0, 3)], 5, 0, []),
        ([(0, 1), (6, 1), (7, 1), (8, 1)], 1, 6, [7, 8]),
        ([(0, 1), (6, 1), (7, 1), (8, 1)], 3, 7, [8]),
        ([(0, 1), (6, 1), (7, 1), (8, 1)], 4, 8, []),
        ([(30, 2), (40, 2), (50, 2)], 3, 40, [50]),
        ([(30, 9), (40, 2)], 3, 30, [40]),
    ],
    ids=[
        "nothing",
        "one date",
        "the last seven days are more",
        "the newest entries are more",
        "all are current",
        "long ago, whole dates",
        "a date with more than enough",
    ],
)
def test_the_newest_whole_dates_are_current(
    days: list[tuple[int, int]], most: int, start: int | None, archives: list[int]
) -> None:
    found = cut([(ago(day), count) for day, count in days], most, TODAY)
    assert (found.start, list(found.archives)) == (
        None if start is None else ago(start),
        [ago(day) for day in archives],
    )


def test_months_are_current_whole() -> None:
    found = cut([(ago(day), 1) for day in range(100)], 31, TODAY, by_month)
    assert (found.start, found.archives) == (date(2026, 5, 1), (date(2026, 4, 1), date(2026, 3, 1)))
    assert by_month(date(2028, 2, 10)) == (date(2028, 2, 1), date(2028, 2, 29))


def test_of_many_archives_no_more_are_looked_at_than_were_written_since_and_one_before() -> None:
    looked: list[int] = []

    def days() -> list[tuple[date, int]]:
        return ((looked.append(day) or ago(day), 1) for day in range(10_000))  # type: ignore[return-value]

    found = cut(days(), 1, TODAY, by_date, upto=ago(10))
    assert found.archives == tuple(ago(day) for day in range(7, 12))
    assert len(looked) == 12


@given(
    st.dictionaries(st.integers(0, 400), st.integers(1, 9), max_size=40),
    st.integers(1, 60),
    st.sampled_from([by_date, by_month]),
)
def test_current_and_archives_hold_every_date_once(days: dict[int, int], most: int, archive: object) -> None:
    told = [(ago(day), count) for day, count in sorted(days.items())]
    found = cut(told, most, TODAY, archive)  # type: ignore[arg-type]
    held = [on for on, _ in told if found.start and on >= found.start]
    for first in found.archives:
        held += [on for on, _ in told if archive(on)[0] == first]  # type: ignore[operator]
    assert held == [on for on, _ in told]
    current = sum(count for on, count in told if found.start and on >= found.start)
    assert current >= min(most, sum(count for _, count in told))
    assert all(on >= found.start for on, _ in told if found.start and on > ago(7))


def test_instants_are_apart_and_within_the_date() -> None:
    found = {instant(TODAY, number, edits) for number in range(2500) for edits in range(4)}
    assert len(found) == 10_000
    assert {moment.date() for moment in found} == {TODAY}


def test_an_update_is_never_before_the_first_listing_and_one_for_a_replacement_stands_beside() -> None:
    late = Paper(7, 2, "A", TODAY, ago(3))
    assert updated(late) == instant(TODAY, 7)
    assert updated(late, again=2) - updated(late) == timedelta(seconds=1)


@pytest.mark.parametrize(
    ("before", "now", "spans"),
    [
        ("Reward models are old.", "Reward models are old. And more of them.", ((0, 13),)),
        ("Reward models are old.", "All reward models are old.", ()),
        ("Reward models are old.", None, ()),
    ],
    ids=["it goes on", "it begins otherwise", "it is gone"],
)
def test_marks_stay_where_the_same_words_are(before: str, now: str | None, spans: tuple[tuple[int, int], ...]) -> None:
    match = Match("r", False, False, 1.0, (Hit("reward", "abstract", ((0, 13),)), Hit("Ada", "author", (), "Ada")))
    old, new = (Paper(1, 1, "A", TODAY, TODAY, abstract=text) for text in (before, now))
    found = carried([match], old, new)[0]
    assert found.hits == (Hit("reward", "abstract", spans), Hit("Ada", "author", (), "Ada"))
