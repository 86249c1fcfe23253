"""How pages do: states by named cases, a calendar of arXiv's, and laws that hold for any history."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.rhythm import STATES, Came, Failing, Refused, standing

DAY = timedelta(days=1)
MONDAY = date(2026, 6, 1)
TODAY = date(2026, 6, 15)  # a Monday, two weeks on


def came(day: date, new: int = 5, listings: int = 10, stated: int | None = None) -> Came:
    return Came(day, day, new, listings, stated)


def on_weekdays(first: date, last: date, without: Iterable[date] = (), new: int = 5) -> list[Came]:
    days = (first + DAY * more for more in range((last - first).days + 1))
    return [came(day, new) for day in days if day.weekday() < 5 and day not in without]


def every(days: int, last: date, times: int = 8) -> list[Came]:
    return [came(last - DAY * days * back) for back in reversed(range(times))]


TWO_WEEKS = on_weekdays(MONDAY, date(2026, 6, 12))


@pytest.mark.parametrize(
    ("dumps", "today", "state", "since", "why"),
    [
        pytest.param([], TODAY, "waiting", None, "has brought nothing yet", id="nothing yet"),
        pytest.param(
            every(1, TODAY, 3),
            TODAY,
            "waiting",
            TODAY,
            "3 dumps so far, the last for Monday 15 June: too few to know its rhythm",
            id="three dumps",
        ),
        pytest.param(
            every(1, TODAY, 3),
            date(2027, 6, 15),
            "waiting",
            TODAY,
            "3 dumps so far, the last for Monday 15 June 2026: too few to know its rhythm",
            id="three dumps, a year ago",
        ),
        pytest.param(
            [came(TODAY)] * 9,
            TODAY,
            "waiting",
            TODAY,
            "1 dump so far, the last for Monday 15 June: too few to know its rhythm",
            id="many dumps for one date",
        ),
        pytest.param(
            TWO_WEEKS,
            date(2026, 6, 12),
            "fresh",
            date(2026, 6, 12),
            "brought 5 new papers on Friday 12 June",
            id="of today",
        ),
        pytest.param(
            TWO_WEEKS,
            TODAY,
            "fresh",
            date(2026, 6, 12),
            "brought 5 new papers on Friday 12 June",
            id="over a weekend",
        ),
        pytest.param(
            TWO_WEEKS,
            date(2026, 6, 16),
            "waiting",
            date(2026, 6, 12),
            "late: the last dump was for Friday 12 June; it usually brings a dump every weekday",
            id="a Monday left out",
        ),
        pytest.param(
            on_weekdays(MONDAY, date(2026, 6, 9)),
            date(2026, 6, 12),
            "waiting",
            date(2026, 6, 9),
            "late: the last dump was for Tuesday 9 June; it usually brings a dump every weekday",
            id="two weekdays left out",
        ),
        pytest.param(
            on_weekdays(MONDAY, date(2026, 6, 9)),
            date(2026, 6, 13),
            "stalled",
            date(2026, 6, 9),
            "silent since Tuesday 9 June; it usually brings a dump every weekday",
            id="three weekdays left out",
        ),
        pytest.param(
            every(1, TODAY),
            date(2026, 6, 19),
            "stalled",
            TODAY,
            "silent since Monday 15 June; it usually brings a dump every day",
            id="a daily page",
        ),
        pytest.param(
            every(7, TODAY),
            date(2026, 6, 29),
            "waiting",
            TODAY,
            "late: the last dump was for Monday 15 June; it usually brings a dump on Mondays",
            id="a weekly page, a week late",
        ),
        pytest.param(
            every(7, TODAY),
            date(2026, 6, 30),
            "stalled",
            TODAY,
            "silent since Monday 15 June; it usually brings a dump on Mondays",
            id="a weekly page, two weeks late",
        ),
        pytest.param(
            every(14, TODAY, 4),
            date(2026, 7, 14),
            "stalled",
            TODAY,
            "silent since Monday 15 June; it usually brings a dump at least every 14 days",
            id="a page of each second week",
        ),
        pytest.param(
            sorted(every(7, TODAY) + every(7, date(2026, 6, 11)), key=lambda dump: dump.date),
            date(2026, 6, 23),
            "stalled",
            TODAY,
            "silent since Monday 15 June; it usually brings a dump on Mondays and Thursdays",
            id="a page of two weekdays",
        ),
        pytest.param(
            every(3, TODAY),
            date(2026, 6, 22),
            "stalled",
            TODAY,
            "silent since Monday 15 June; it usually brings a dump at least every 3 days",
            id="each third day",
        ),
        pytest.param(
            [*every(1, date(2026, 6, 10)), came(date(2026, 6, 11), 0), came(date(2026, 6, 12), 0)],
            date(2026, 6, 12),
            "waiting",
            date(2026, 6, 10),
            "nothing new since Wednesday 10 June, no longer than usual",
            id="twice nothing new",
        ),
        pytest.param(
            [*every(1, date(2026, 6, 10)), *(came(date(2026, 6, day), 0) for day in (11, 12, 13))],
            date(2026, 6, 13),
            "quiet",
            date(2026, 6, 10),
            "nothing new since Wednesday 10 June, in 3 dumps, more than usual",
            id="three times nothing new",
        ),
        pytest.param(
            [
                Came(dump.date, dump.date, 5 * (place in (0, 4)), 10)
                for place, dump in enumerate(on_weekdays(MONDAY, TODAY))
            ],
            TODAY,
            "waiting",
            date(2026, 6, 5),
            "nothing new since Friday 5 June, no longer than usual",
            id="a page that often has nothing new",
        ),
        pytest.param(
            [came(dump.date, 0) for dump in TWO_WEEKS],
            date(2026, 6, 12),
            "quiet",
            None,
            "nothing new, in 10 dumps, more than usual",
            id="never anything new",
        ),
        pytest.param(
            [*(came(dump.date, stated=10) for dump in TWO_WEEKS), came(TODAY, 1, 3, 120)],
            TODAY,
            "broken",
            TODAY,
            "only 3 of 120 papers were read on Monday 15 June, usually all are",
            id="far less read than stated",
        ),
        pytest.param(
            [*(came(dump.date, stated=20) for dump in TWO_WEEKS), came(TODAY, 1, 3, 120)],
            TODAY,
            "fresh",
            TODAY,
            "brought 1 new paper on Monday 15 June",
            id="a page that always loads in parts",
        ),
        pytest.param(
            [*TWO_WEEKS, Came(date(2026, 6, 2), date(2026, 6, 18), 1, 1)],
            date(2026, 6, 22),
            "waiting",
            date(2026, 6, 12),
            "late: the last dump was for Friday 12 June; it usually brings a dump every weekday",
            id="a late dump is a sign of life",
        ),
        pytest.param(
            [*TWO_WEEKS, came(date(2026, 7, 1))],
            TODAY,
            "fresh",
            date(2026, 6, 12),
            "brought 5 new papers on Friday 12 June",
            id="a dump of the future does not count",
        ),
    ],
)
def test_a_page_is_in_a_state_since_and_because(
    dumps: list[Came], today: date, state: str, since: date | None, why: str
) -> None:
    found = standing(dumps, today)
    assert (found.state, found.since, found.why) == (state, since, why)


@pytest.mark.parametrize(
    ("refused", "failing", "state", "why"),
    [
        pytest.param(
            Refused(TODAY, "no layout\nrecognises it"),
            None,
            "broken",
            "its dump of Monday 15 June was rejected: no layout recognises it",
            id="the last dump was rejected",
        ),
        pytest.param(
            Refused(date(2026, 6, 12), "no layout"), None, "fresh", "brought 5", id="one for that date was read"
        ),
        pytest.param(Refused(TODAY + DAY, "no layout"), None, "fresh", "brought 5", id="one of the future"),
        pytest.param(
            None,
            Failing(TODAY, 3, "answers 500"),
            "broken",
            "has failed since Monday 15 June, 3 tries in a row: answers 500",
            id="three tries",
        ),
        pytest.param(None, Failing(TODAY - DAY, 2, "answers 500"), "fresh", "brought 5", id="two tries in a day"),
        pytest.param(
            None,
            Failing(TODAY - 2 * DAY, 1, "x" * 999),
            "broken",
            f"has failed since Saturday 13 June: {'x' * 199}…",
            id="for more than a day",
        ),
    ],
)
def test_a_page_is_broken_when_its_last_dump_was_rejected_or_its_source_fails(
    refused: Refused | None, failing: Failing | None, state: str, why: str
) -> None:
    found = standing(TWO_WEEKS, TODAY, refused=refused, failing=failing)
    assert found.state == state
    assert found.told.startswith(why)


def test_a_page_that_never_brought_anything_is_broken_when_its_first_dump_was_rejected() -> None:
    assert standing([], TODAY, refused=Refused(MONDAY, "no layout")).state == "broken"


THANKSGIVING = (date(2026, 11, 26), date(2026, 11, 27))
CHRISTMAS = (date(2026, 12, 24), date(2026, 12, 25), date(2026, 12, 31), date(2027, 1, 1))


@pytest.mark.parametrize("holidays", [(), THANKSGIVING[:1], THANKSGIVING, THANKSGIVING + CHRISTMAS])
def test_weekends_and_holidays_of_arxiv_are_no_alarm(holidays: tuple[date, ...]) -> None:
    """Eight weeks and more of a list that comes on weekdays, looked at on each day, before and after its dump."""
    first, last = date(2026, 11, 2), date(2027, 1, 15)
    dumps = on_weekdays(first, last, holidays)
    looked_at = 0
    for more in range((last - first).days + 1):
        today = first + DAY * more
        for upto in (today - DAY, today):
            found = standing([dump for dump in dumps if dump.date <= upto], today)
            assert found.state in ("fresh", "waiting"), (today, found)
            looked_at += 1
    assert looked_at == 150


@pytest.mark.parametrize("holidays", [(), THANKSGIVING, CHRISTMAS])
def test_a_list_of_weekdays_that_ends_is_noticed_within_a_week_also_after_holidays(holidays: tuple[date, ...]) -> None:
    last = date(2027, 1, 12)
    dumps = on_weekdays(date(2026, 11, 2), last, holidays)
    states = [standing(dumps, last + DAY * more).state for more in range(8)]
    assert states[0] == "fresh"
    assert states[-1] == "stalled"


dates = st.dates(date(2026, 1, 1), date(2026, 12, 31)) | st.dates()
counts = st.integers(0, 3)
a_dump = st.builds(Came, dates, dates, counts, counts, st.none() | counts)
regular = st.builds(
    lambda first, gaps, new: [
        came(first + DAY * sum(gaps[: place + 1]), more) for place, more in enumerate(new[: len(gaps)])
    ],
    st.dates(date(2026, 1, 1), date(2026, 12, 31)),
    st.lists(st.sampled_from([1, 1, 1, 3, 7]), min_size=4, max_size=40),
    st.lists(counts, min_size=40, max_size=40),
)
histories = st.lists(a_dump, max_size=12) | regular
refusals = st.none() | st.builds(Refused, dates, st.text(max_size=9))
failures = st.none() | st.builds(Failing, dates, st.integers(0, 5), st.text(max_size=9))


@given(histories, dates, refusals, failures)
def test_any_history_has_a_state_and_a_sentence_of_one_line(
    dumps: list[Came], today: date, refused: Refused | None, failing: Failing | None
) -> None:
    found = standing(dumps, today, refused=refused, failing=failing)
    assert found.state in STATES
    assert found.why
    assert len(found.told.splitlines()) == 1
    assert found.since is None or found.since <= today or found.state == "broken"


@given(histories, refusals, failures, st.lists(st.integers(0, 400), min_size=2, max_size=5))
def test_more_silence_never_makes_a_page_fresher(
    dumps: list[Came], refused: Refused | None, failing: Failing | None, waits: list[int]
) -> None:
    last = max([MONDAY, *(day for dump in dumps for day in (dump.date, dump.taken))])
    days = [date.fromordinal(min(last.toordinal() + wait, date.max.toordinal())) for wait in sorted(waits)]
    ranks = [STATES.index(standing(dumps, day, refused=refused, failing=failing).state) for day in days]
    assert ranks == sorted(ranks)


@given(histories, dates)
def test_the_order_in_which_dumps_of_different_dates_are_told_makes_no_difference(
    dumps: list[Came], today: date
) -> None:
    unique = list({dump.date: dump for dump in dumps}.values())
    assert standing(unique, today) == standing(unique[::-1], today)
