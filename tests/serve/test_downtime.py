"""What becomes of digests while nobody is at work, and when clocks are put on or back: late, once, and with all papers.

Real state folders, stores, runs and emails; only the clock is ours. A new paper waits for each day, whoever is up.
"""

from __future__ import annotations

import email
import email.policy
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from serve_site import DAY, HOUR, READER, Site, at
from what_remains import assert_the_ledger_tells_the_truth

from digest.pipeline import run
from digest.pipeline.context import Context
from digest.render import Renderer

Make = Callable[..., Site]
SENT = "SELECT date, message_date FROM deliveries ORDER BY date"


@dataclass(frozen=True)
class Mail:
    """One email: the date of its edition, the UTC minute it was made at, what it says it covers, its papers."""

    date: str
    made: str
    lead: str
    papers: tuple[int, ...]


@pytest.fixture
def renderers() -> Callable[[Context], Renderer]:
    """Keep a renderer for one test alone: it knows papers by their numbers, which are others' in the next test."""
    fresh, kept = run.renderer_of, list[Renderer]()

    def give(context: Context) -> Renderer:
        kept.extend([] if kept else [fresh(context)])
        return kept[0]

    return give


def number(day: date) -> int:
    return day.month * 100 + day.day


def feed(own: Site, first: date, days: int) -> None:
    """Put a dump with one new paper, whose number is the month and day, into the inbox for each day."""
    for day in (first + n * DAY for n in range(days)):
        row = {
            "id": f"{day:%y%m}.{number(day):05d}",
            "title": f"Invented Paper {number(day)} on Reward Models",
            "authors": ["Ada Author"],
            "summary": "A study of reward models.",
            "published": day.isoformat(),
        }
        (own.state / "inbox" / f"{day} page.jsonl").write_text(json.dumps(row) + "\n", "utf-8")


def live(own: Site, begin: str, end: str, down: tuple[str, str] | None = None) -> None:
    """Tick every half hour from midnight to three, every three hours from then on, but while it is down.

    Then it begins anew, at once.
    """
    gone, back = (at(moment) for moment in down) if down else (at(end), at(end))
    moments = [at(begin[:10]) + HOUR / 2 * n for n in range(48 * (at(end) - at(begin) + 2 * DAY).days)]
    moments = [moment for moment in moments if moment.hour < 3 or (moment.hour % 3, moment.minute) == (1, 0)]
    moments = [moment for moment in moments if at(begin) <= moment < at(end)]
    for own.now in [moment for moment in moments if moment < gone]:
        own.tick()
    if down:
        own.restart()
        for own.now in [back, *(moment for moment in moments if moment > back)]:
            own.tick()


def read(path: Path) -> tuple[str, tuple[int, ...]]:
    """Return what an email says that it covers, and its papers' numbers, each as often as its title stands there."""
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    part = message.get_body(("plain",))
    assert part
    text = part.get_content()
    lead = text.splitlines()[1].partition(":")[0]
    return lead, tuple(sorted(int(found) for found in re.findall(r"^Invented Paper (\d+)", text, re.MULTILINE)))


def mails(own: Site) -> list[Mail]:
    """Return all that was sent, and hold each email against the ledger."""
    assert_the_ledger_tells_the_truth(own.state)
    found = []
    for on, made in own.rows(SENT):
        moment = datetime.fromisoformat(made).astimezone(UTC)
        lead, papers = read(own.state / "outbox" / on / "reader@example.org.eml")
        found.append(Mail(on, f"{moment:%m-%d %H:%M}", lead, papers))
    return found


def days(first: int, last: int) -> tuple[int, ...]:
    return tuple(range(first, last + 1))


# The reader's time is 07:00 UTC, and each of these ends two days after the outage. Told are the emails that are not as
# on any day, when they are sent at 07:00 and hold the paper of their date.
OUTAGES = {
    "an hour, before its time": ("06-15 05:30", "06-15 06:30", []),
    "an hour, over its time": (
        "06-15 06:30",
        "06-15 07:30",
        [Mail("2026-06-15", "06-15 07:30", "Mon 15 June", (615,))],
    ),
    "an hour, from the minute of its time": (
        "06-15 07:00",
        "06-15 08:00",
        [Mail("2026-06-15", "06-15 08:00", "Mon 15 June", (615,))],
    ),
    "an hour, after its time": ("06-15 07:30", "06-15 08:30", []),
    "26 hours, from before its time": (
        "06-15 06:30",
        "06-16 08:30",
        [Mail("2026-06-16", "06-16 08:30", "Papers of the last 2 days, to Tue 16 June", (615, 616))],
    ),
    "26 hours, to its time": (
        "06-15 05:00",
        "06-16 07:00",
        [Mail("2026-06-16", "06-16 07:00", "Papers of the last 2 days, to Tue 16 June", (615, 616))],
    ),
    "26 hours, from after its time": (
        "06-15 07:30",
        "06-16 09:30",
        [Mail("2026-06-16", "06-16 09:30", "Tue 16 June", (616,))],
    ),
    "9 days, back after its time": (
        "06-15 06:30",
        "06-24 09:30",
        [Mail("2026-06-24", "06-24 09:30", "Papers of the last 10 days, to Wed 24 June", days(615, 624))],
    ),
    "9 days, back before its time, the last one's less than catch_up ago": (
        "06-15 06:30",
        "06-24 02:59",
        [
            # What is taken in is all that has come, that day's included.
            Mail("2026-06-23", "06-24 02:59", "Papers of the last 9 days, to Tue 23 June", days(615, 624)),
        ],
    ),
    "9 days, back before its time, the last one's catch_up ago": (
        "06-15 06:30",
        "06-24 03:00",
        [Mail("2026-06-24", "06-24 07:00", "Papers of the last 10 days, to Wed 24 June", days(615, 624))],
    ),
}


@pytest.mark.parametrize(("gone", "back", "odd"), OUTAGES.values(), ids=OUTAGES)
def test_after_an_outage_what_is_due_comes_late_or_with_the_next_and_each_paper_once(
    site: Make, gone: str, back: str, odd: list[Mail]
) -> None:
    own = site(READER)
    last = date.fromisoformat(f"2026-{back[:5]}") + 2 * DAY
    feed(own, date(2026, 6, 14), (last - date(2026, 6, 14)).days + 1)
    live(own, "2026-06-14 07:00", f"{last} 08:00", (f"2026-{gone}", f"2026-{back}"))
    told = mails(own)
    papers = [paper for mail in told for paper in mail.papers]
    assert papers == list(days(614, number(last)))  # each once, and in the order of their days
    assert [mail for mail in told if mail != usual(mail.date)] == odd


def usual(on: str) -> Mail:
    """Return the email of a day on which nothing happened."""
    day = date.fromisoformat(on)
    return Mail(on, f"{day:%m-%d} 07:00", f"{day:%a} {day.day} {day:%B}", (number(day),))


# A reader in Berlin whose time is 02:30. On 29 March 2026 it does not exist: the clock goes from 02:00 to 03:00 at
# 01:00 UTC; on 25 October it comes at 00:30 UTC and again at 01:30.
CHANGES = {
    "spring": ("03-28", None, "2026-03-29", "03-29 01:00"),
    "spring, down over the change": ("03-28", ("03-29 00:30", "03-29 01:30"), "2026-03-29", "03-29 01:30"),
    "spring, down for 26 hours": ("03-27", ("03-28 00:30", "03-29 02:30"), "2026-03-29", "03-29 02:30"),
    "spring, down for 9 days": ("03-26", ("03-27 20:00", "04-05 20:00"), "2026-04-05", "04-05 20:00"),
    "autumn": ("10-24", None, "2026-10-25", "10-25 00:30"),
    "autumn, down over the first 02:30": ("10-24", ("10-25 00:10", "10-25 01:10"), "2026-10-25", "10-25 01:10"),
    "autumn, down over the second": ("10-24", ("10-25 00:50", "10-25 01:50"), "2026-10-25", "10-25 00:30"),
    "autumn, down over both": ("10-24", ("10-25 00:10", "10-25 02:10"), "2026-10-25", "10-25 02:10"),
    "autumn, down for 26 hours": ("10-23", ("10-24 00:10", "10-25 02:10"), "2026-10-25", "10-25 02:10"),
    "autumn, down for 9 days": ("10-22", ("10-23 20:00", "11-01 20:00"), "2026-11-01", "11-01 20:00"),
}


@pytest.mark.parametrize(("first", "down", "on", "made"), CHANGES.values(), ids=CHANGES)
def test_when_clocks_change_an_edition_comes_once_and_at_the_first_time_there_is(
    site: Make, first: str, down: tuple[str, str] | None, on: str, made: str
) -> None:
    own = site(READER + 'timezone = "Europe/Berlin"\nsend_at = "02:30"\n')
    begin = at(f"2026-{first} 00:30")
    many = (date.fromisoformat(on) - begin.date()).days + 3
    feed(own, begin.date(), many)
    outage = (f"2026-{down[0]}", f"2026-{down[1]}") if down else None
    live(own, f"{begin:%Y-%m-%d %H:%M}", f"{begin + (many - 1) * DAY:%Y-%m-%d} 12:00", outage)
    told = mails(own)
    papers = [paper for mail in told for paper in mail.papers]
    assert papers == [number(begin + n * DAY) for n in range(many)]
    assert [mail.made for mail in told if mail.date == on] == [made]


STEPS = {
    "put on over the time": ("06:30", +HOUR, "07:30"),
    "put on before the time": ("05:30", +HOUR, "07:00"),
    "put on after the time": ("07:30", +HOUR, "07:00"),
    "put back a minute before the time": ("06:59", -HOUR, "07:00"),
    "put back from the time, which comes twice": ("07:00", -HOUR, "07:00"),
    "put back after the time, which comes twice": ("07:30", -HOUR, "07:00"),
    "put back over midnight": ("00:30", -HOUR, "07:00"),
    "put on over midnight": ("23:30", +HOUR, "07:00"),
}


@pytest.mark.parametrize("restarting", [False, True], ids=["one process", "a new process after the step"])
@pytest.mark.parametrize(("when", "step", "made"), STEPS.values(), ids=STEPS)
def test_a_clock_that_is_put_on_or_back_makes_nothing_come_twice_or_never(
    site: Make, when: str, step: timedelta, made: str, restarting: bool
) -> None:
    own = site(READER)
    feed(own, date(2026, 6, 14), 4)
    stepped = at(f"2026-06-15 {when}")
    live(own, "2026-06-14 07:00", f"{stepped:%Y-%m-%d %H:%M}")
    own.tick(f"{stepped:%Y-%m-%d %H:%M}")
    if restarting:
        own.restart()
    own.tick(f"{stepped + step:%Y-%m-%d %H:%M}")
    live(own, f"{stepped + step:%Y-%m-%d %H:%M}", "2026-06-17 12:00")
    told = mails(own)
    assert [mail.papers for mail in told] == [(paper,) for paper in days(614, 617)]
    assert [mail.made for mail in told] == ["06-14 07:00", f"06-15 {made}", "06-16 07:00", "06-17 07:00"]


def test_a_clock_put_back_over_a_midnight_at_which_an_edition_came_brings_none_of_the_day_before(site: Make) -> None:
    own = site(READER + 'send_at = "00:00"\n')
    feed(own, date(2026, 6, 15), 3)
    for moment in ("06-15 00:00", "06-16 00:00", "06-16 00:30", "06-15 23:30", "06-16 00:00", "06-16 00:01"):
        own.tick(f"2026-{moment}")
    assert [(mail.date, mail.papers) for mail in mails(own)] == [("2026-06-15", (615,)), ("2026-06-16", (616,))]


def test_a_weekly_reader_whose_day_was_slept_through_gets_the_week_late_and_the_next_on_its_day(site: Make) -> None:
    own = site(READER + 'frequency = "weekly"\nweekday = "wednesday"\n')
    feed(own, date(2026, 6, 10), 16)
    live(own, "2026-06-10 07:00", "2026-06-25 12:00", ("2026-06-11 12:00", "2026-06-20 12:00"))
    assert [(mail.made, mail.lead, mail.papers) for mail in mails(own)] == [
        ("06-10 07:00", "Wed 10 June", (610,)),
        ("06-20 12:00", "Papers of the last 10 days, to Sat 20 June", days(611, 620)),
        ("06-24 07:00", "Wed 24 June", days(621, 624)),
    ]


def test_an_edition_speaks_of_several_days_only_where_its_reader_missed_some(site: Make) -> None:
    """Others' runs at other hours find news between two editions of a reader; that makes neither cover two days."""
    own = site(READER + READER.replace("reader", "early") + 'timezone = "Asia/Tokyo"\nsend_at = "22:00"\n')
    feed(own, date(2026, 6, 13), 5)
    live(own, "2026-06-13 07:00", "2026-06-17 20:00")
    paths = [path for path in own.state.glob("outbox/*/*.eml") if path.parent.name > "2026-06-13"]
    assert len(paths) == 8
    assert [path for path in paths if "last" in read(path)[0]] == []


def test_a_run_a_day_brings_the_same_papers_as_serving_does(site: Make) -> None:
    served, called = site(READER), site(READER)
    for own in (served, called):
        feed(own, date(2026, 6, 14), 5)
    live(served, "2026-06-14 07:00", "2026-06-18 12:00", ("2026-06-16 06:00", "2026-06-17 06:00"))
    for day in (14, 15, 17, 18):  # as a timer does, on a machine that was off on the 16th
        called.now = at(f"2026-06-{day} 06:30")
        run.run(called.context, called.now.date())
    assert [(mail.date, mail.lead, mail.papers) for mail in mails(called)] == [
        ("2026-06-14", "Sun 14 June", (614,)),
        ("2026-06-15", "Mon 15 June", (615,)),
        ("2026-06-17", "Papers of the last 2 days, to Wed 17 June", (616, 617)),
        ("2026-06-18", "Thu 18 June", (618,)),
    ]
    assert [mail.papers for mail in mails(served)] == [(614,), (615,), (616, 617), (618,)]
