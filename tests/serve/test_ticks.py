"""The schedule: one edition per reader and local date, whatever happens to the clock, the process and the disk."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from serve_site import HOUR, MINUTE, READER, Site, at

from digest import schedule
from digest.errors import StateError
from digest.pipeline.deliver import Delivered
from digest.schedule import ticker

TWO_ZONES = """
[site]
timezone = "Europe/Berlin"

[[topics]]
slug = "rewards"
title = "Rewards"
rules = ["reward"]

[[subscribers]]
email = "tokyo@example.org"
timezone = "Asia/Tokyo"
send_at = "06:00"
rules = ["reward"]

[[subscribers]]
email = "denver@example.org"
timezone = "America/Denver"
send_at = "19:00"
rules = ["reward"]
"""
Make = Callable[..., Site]
SENT = "SELECT email, date, message_date FROM deliveries JOIN subscribers USING (recipient_id) ORDER BY date, email"


def feed_days(site: Site, days: int) -> None:
    """Let a new paper wait for each day, so that no edition is empty for want of one."""
    for day in range(days):
        site.drop(f"2026-06-{15 + day} page.jsonl", 10 + day)


@pytest.mark.parametrize("restarting", [False, True], ids=["one process", "a new process for each tick"])
def test_each_reader_gets_one_edition_per_local_date_at_the_time_they_chose(site: Make, restarting: bool) -> None:
    own = site(TWO_ZONES)
    feed_days(own, 4)
    for _ in own.tick_until("2026-06-18 00:00", HOUR):
        if restarting:
            own.restart()
    sent = [
        (email.partition("@")[0], on, datetime.fromisoformat(moment).astimezone(ZoneInfo(zone)).isoformat(" ")[:16])
        for email, on, moment in own.rows(SENT)
        for zone in ["Asia/Tokyo" if email.startswith("tokyo") else "America/Denver"]
    ]
    assert sent == [
        ("denver", "2026-06-14", "2026-06-14 19:00"),  # it is still the 14th there
        ("denver", "2026-06-15", "2026-06-15 19:00"),
        ("tokyo", "2026-06-15", "2026-06-15 09:00"),  # late, since the program came to life only then
        ("denver", "2026-06-16", "2026-06-16 19:00"),
        ("tokyo", "2026-06-16", "2026-06-16 06:00"),
        ("tokyo", "2026-06-17", "2026-06-17 06:00"),
        ("tokyo", "2026-06-18", "2026-06-18 06:00"),
    ]


def test_a_topic_has_one_edition_a_day_in_the_zone_of_the_site(site: Make) -> None:
    own = site(TWO_ZONES)
    feed_days(own, 3)
    for _ in own.tick_until("2026-06-18 00:00", HOUR):
        pass
    editions = own.rows("SELECT date FROM editions JOIN recipients r ON r.id = recipient_id WHERE kind = 'topic'")
    # In Berlin it is two at night at the start, and the 14th's time was less than 20 hours ago.
    assert [on for (on,) in editions] == ["2026-06-14", "2026-06-15", "2026-06-16", "2026-06-17"]
    assert (own.state / "public" / "editions" / "2026-06-17" / "rewards.html").exists()
    assert set(own.runs()) >= {"2026-06-15", "2026-06-16", "2026-06-17"}


def test_nothing_is_run_while_nobody_is_due(site: Make) -> None:
    own = site(READER)
    own.drop("2026-06-15 page.jsonl", 1)
    own.tick("2026-06-15 07:00")
    for _ in own.tick_until("2026-06-16 07:00", HOUR):
        pass
    assert own.runs() == ["2026-06-15"]


def test_an_edition_without_papers_is_not_composed_again_all_day(site: Make) -> None:
    own = site(READER)
    for _ in own.tick_until("2026-06-17 12:00", HOUR):
        pass
    # At midnight the 14th's 07:00 was 17 hours ago, so it was caught up with.
    assert own.runs() == ["2026-06-14", "2026-06-15", "2026-06-16", "2026-06-17"]
    assert own.mails() == []


def test_a_weekly_reader_gets_one_edition_a_week_on_their_day(site: Make) -> None:
    own = site(READER + 'frequency = "weekly"\nweekday = "wednesday"\n')
    own.now = at("2026-06-15 12:00")  # a Monday
    for number, day in enumerate(("06-10", "06-17", "06-24", "07-01")):
        own.drop(f"2026-{day} page.jsonl", number)
    for _ in own.tick_until("2026-07-03 00:00", 6 * HOUR):
        pass
    # The first one comes at once: there was none since the Wednesday before.
    assert own.mails() == [
        "2026-06-15/reader@example.org",
        "2026-06-17/reader@example.org",
        "2026-06-24/reader@example.org",
        "2026-07-01/reader@example.org",
    ]


def test_after_26_hours_of_downtime_the_latest_edition_comes_late_and_holds_what_was_missed(site: Make) -> None:
    own = site(READER)
    for day in (15, 16, 17):
        own.drop(f"2026-06-{day} page.jsonl", day)
    own.tick("2026-06-15 07:00")
    own.tick("2026-06-15 07:05")
    own.restart()
    own.tick("2026-06-17 09:05")
    assert own.mails() == ["2026-06-15/reader@example.org", "2026-06-17/reader@example.org"]
    late = (own.state / "outbox" / "2026-06-17" / "reader@example.org.eml").read_text()
    assert "Invented Paper 16" in late
    assert "Invented Paper 17" in late


def test_an_edition_later_than_catch_up_waits_for_the_next_one(site: Make) -> None:
    own = site('[schedule]\ncatch_up = "2 h"\n' + READER)
    own.drop("2026-06-15 page.jsonl", 1)
    own.tick("2026-06-15 09:00")
    assert own.mails() == []
    own.tick("2026-06-16 08:59")
    assert own.mails() == ["2026-06-16/reader@example.org"]


def test_a_reader_whose_day_is_two_ahead_of_the_sites_is_served(site: Make) -> None:
    own = site(
        '[site]\ntimezone = "Pacific/Pago_Pago"\n' + READER + 'timezone = "Pacific/Kiritimati"\nsend_at = "00:10"'
    )
    own.drop("2026-06-14 page.jsonl", 1)
    own.tick("2026-06-15 10:30")  # 23:30 on the 14th there, 00:30 on the 16th here
    assert own.mails() == ["2026-06-16/reader@example.org"]


def test_the_feed_of_all_papers_needs_no_reader_to_come_out_each_day(site: Make) -> None:
    own = site("")
    own.drop("2026-06-15 page.jsonl", 1)
    own.tick("2026-06-15 06:59")
    own.drop("2026-06-16 page.jsonl", 2)
    for _ in own.tick_until("2026-06-16 12:00", HOUR):
        pass
    assert own.runs() == ["2026-06-15", "2026-06-16"]
    assert b"Invented Paper 2" in (own.state / "public" / "feeds" / "papers.atom").read_bytes()


def test_dumps_are_taken_in_every_few_minutes_and_later_ones_wait(site: Make) -> None:
    own = site('[schedule]\ningest_every = "10 min"\n')
    own.tick("2026-06-15 03:00")
    own.drop("now.jsonl", 1)
    later = own.drop("2026-06-16 later.jsonl", 2)
    own.tick("2026-06-15 03:09")
    assert own.rows("SELECT count(*) FROM papers") == [(0,)]
    own.tick("2026-06-15 03:10")
    assert own.rows("SELECT count(*) FROM papers") == [(1,)]
    assert later.exists()


def test_a_clock_put_back_does_not_keep_dumps_waiting(site: Make) -> None:
    own = site("")
    own.tick("2026-06-16 03:00")
    own.now = at("2026-06-15 03:00")
    own.drop("now.jsonl", 1)
    own.tick()
    assert own.rows("SELECT count(*) FROM papers") == [(1,)]


def test_a_failing_job_is_told_in_one_line_and_stops_no_other(
    site: Make, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "web").mkdir()
    broken = tmp_path / "web" / "base.html"
    broken.write_text("{% if %}")
    own = site(f"[site]\ntemplates = '{tmp_path}'\n{READER}")
    own.drop("2026-06-15 page.jsonl", 1)
    own.tick("2026-06-15 07:00")
    assert own.rows("SELECT count(*) FROM papers") == [(1,)]  # taking in went on
    (told,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert "web/base.html" in told.getMessage()
    assert "\n" not in told.getMessage()
    broken.unlink()
    own.tick("2026-06-15 07:01")
    assert own.mails() == ["2026-06-15/reader@example.org"]


def test_a_run_that_failed_for_one_date_does_not_stop_the_next(
    site: Make, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    own = site(TWO_ZONES)
    real = ticker.run.run

    def stumbling(context: object, on: object, **options: object) -> object:
        if str(on) == "2026-06-14":
            raise ZeroDivisionError("division\nby zero")
        return real(context, on, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(ticker.run, "run", stumbling)
    own.drop("2026-06-15 page.jsonl", 1)
    own.tick("2026-06-15 01:00")
    assert own.mails() == ["2026-06-15/tokyo@example.org"]
    (told,) = [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]
    assert told.startswith("the run for 2026-06-14: unexpected ZeroDivisionError: division by zero (test_ticks.py,")


def test_what_keeps_failing_is_tried_less_and_less_often(site: Make, caplog: pytest.LogCaptureFixture) -> None:
    own = site("")
    own.context.archive.inbox.rmdir()
    for _ in own.tick_until("2026-06-15 02:00", MINUTE):
        pass
    failures = [record for record in caplog.records if record.getMessage().startswith("taking in dumps")]
    assert len(failures) == 8  # after 0, 1, 3, 7, 15, 31, 61 and 91 minutes


def test_a_full_disk_costs_no_mail_and_no_feed_once_it_has_room_again(site: Make) -> None:
    own = site(READER)
    own.drop("2026-06-15 page.jsonl", 1)
    blocked = own.state / "outbox"
    blocked.write_text("no folder can be made here")
    own.tick("2026-06-15 07:00")
    assert own.rows("SELECT state FROM deliveries") == [("planned",)]
    blocked.unlink()
    own.restart()
    own.tick("2026-06-15 07:01")
    assert own.mails() == ["2026-06-15/reader@example.org"]
    assert (own.state / "public" / "feeds" / "papers.atom").exists()
    assert own.rows("SELECT count(*) FROM editions") == [(1,)]
    own.tick("2026-06-15 07:02")
    assert own.runs() == ["2026-06-15"]


def test_a_deferred_delivery_is_attempted_when_its_time_has_come_though_nobody_is_due(site: Make) -> None:
    own = site(READER)
    own.drop("2026-06-15 page.jsonl", 1)
    own.tick("2026-06-15 07:00")
    (own.state / "outbox" / "2026-06-15" / "reader@example.org.eml").unlink()
    own.change("UPDATE deliveries SET state = 'deferred', next_attempt = '2026-06-15T07:30:00Z'")
    own.tick("2026-06-15 07:29")
    assert own.mails() == []
    own.tick("2026-06-15 07:30")
    assert own.mails() == ["2026-06-15/reader@example.org"]
    assert own.rows("SELECT state FROM deliveries") == [("sent",)]
    assert own.runs() == ["2026-06-15"]


def test_what_a_crash_left_in_flight_is_sent_after_the_restart(site: Make) -> None:
    own = site(READER)
    own.drop("2026-06-15 page.jsonl", 1)
    own.tick("2026-06-15 07:00")
    (own.state / "outbox" / "2026-06-15" / "reader@example.org.eml").unlink()
    own.change("UPDATE deliveries SET state = 'sending'")
    own.restart()
    own.tick("2026-06-15 07:01")
    assert own.mails() == ["2026-06-15/reader@example.org"]


def test_a_pending_delivery_that_cannot_be_attempted_is_left_in_peace_for_a_while(
    site: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = site(READER)
    own.tick("2026-06-15 07:00")
    tried = []

    def counted(*_options: object) -> Delivered:
        tried.append(own.now)
        return Delivered()

    monkeypatch.setattr(ticker.run, "deliver_pending", counted)
    for _ in own.tick_until("2026-06-15 08:00", MINUTE):
        pass
    assert [moment.minute for moment in tried] == [0, 1, 3, 7, 15, 31]


def test_what_was_in_flight_to_somebody_who_left_is_closed(site: Make) -> None:
    own = site(READER)
    own.drop("2026-06-15 page.jsonl", 1)
    own.tick("2026-06-15 07:00")
    own.change("UPDATE deliveries SET state = 'unknown'")
    own.change("UPDATE subscribers SET state = 'left'")
    own.tick("2026-06-15 07:01")
    assert own.rows("SELECT state FROM deliveries") == [("suppressed",)]


def test_somebody_new_in_the_configuration_is_known_from_the_start(site: Make) -> None:
    assert site(READER).rows("SELECT email, state FROM subscribers") == [("reader@example.org", "active")]


def test_a_paused_reader_is_not_due(site: Make) -> None:
    own = site(READER)
    own.change("UPDATE subscribers SET state = 'paused'")
    own.drop("2026-06-15 page.jsonl", 1)
    own.tick("2026-06-15 07:00")
    assert own.mails() == []


def test_stopping_begins_no_further_job(site: Make) -> None:
    own = site(READER)
    own.drop("2026-06-15 page.jsonl", 1)
    own.ticker.jobs.stop()
    own.tick("2026-06-15 07:00")
    assert own.runs() == []


def test_the_scheduler_ticks_at_once_and_waits_for_the_job_that_runs(
    site: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = site("")
    began, ended = [], []

    def slow(now: datetime) -> None:
        began.append(now)
        time.sleep(0.2)  # long enough to be met while it runs
        ended.append(now)

    monkeypatch.setattr(own.ticker, "tick", slow)
    with schedule.ticking(own.ticker, lambda: own.now):
        until = time.monotonic() + 10
        while not began and time.monotonic() < until:
            time.sleep(0.01)
    assert began == ended == [own.now]


def test_a_locked_store_is_one_line_too(
    site: Make, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    own = site("")

    def locked(*_: object) -> None:
        raise StateError("the store is locked by another program", where="digest.db")

    monkeypatch.setattr(ticker.Due, "at", locked)
    own.tick("2026-06-15 07:00")
    assert "finding what is due: digest.db: the store is locked by another program; tried again in 1 min" in caplog.text


def test_a_source_is_asked_when_it_is_due_and_what_it_brings_is_taken_in_at_once(site: Make, tmp_path: Path) -> None:
    folder = tmp_path / "brought"
    folder.mkdir()
    own = site(f"{READER}[[sources]]\nname = 'brought'\nkind = 'folder'\npath = '{folder}'\nevery = '1 h'\n")
    own.tick("2026-06-15 07:00")
    own.drop("2026-06-15 page.jsonl", 1).rename(folder / "2026-06-15 page.jsonl")
    for _ in own.tick_until("2026-06-15 08:00", MINUTE):
        pass
    assert own.rows("SELECT count(*) FROM dumps") == [(0,)]
    own.tick("2026-06-15 08:01")
    assert own.rows("SELECT source, date FROM dumps") == [("brought", "2026-06-15")]
    assert (folder / "2026-06-15 page.jsonl").exists()


def test_a_source_that_fails_keeps_nobody_from_their_digest(site: Make, caplog: pytest.LogCaptureFixture) -> None:
    own = site(f"{READER}[[sources]]\nname = 'gone'\nkind = 'folder'\npath = '/no/such/folder'\n")
    own.drop("2026-06-15 page.jsonl", 1)
    own.tick("2026-06-15 07:00")
    assert own.mails() == ["2026-06-15/reader@example.org"]
    assert own.rows("SELECT failures FROM sources") == [(1,)]


def test_the_operator_hears_once_of_a_job_that_keeps_failing_and_of_its_end(site: Make) -> None:
    own = site("[site]\noperator = 'ops@example.org'\n")

    def told() -> list[str]:
        return [path.read_text() for path in sorted((own.state / "outbox").rglob("ops@example.org*.eml"))]

    inbox = own.context.archive.inbox
    inbox.rmdir()
    for _ in own.tick_until("2026-06-15 05:00", MINUTE):
        pass
    (first,) = told()
    assert "no such file or directory" in " ".join(first.split())
    inbox.mkdir()
    for _ in own.tick_until("2026-06-15 14:00", MINUTE):
        pass
    assert "all is well again" in " ".join(told()[-1].split()).lower()
