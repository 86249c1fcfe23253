"""The daily run on small invented dumps: what is new, what waits, what is sent, and what a second run does."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import date

import pytest
from conftest_pipeline import Site, paper

from digest.archive import blob
from digest.errors import UsageError
from digest.pipeline import rehearsing

Make = Callable[[str], Site]

READER = """
[[subscribers]]
email = "reader@example.org"
rules = ['"reward model*"']
"""


def reader(max_items: int = 30, extra: str = "") -> str:
    return READER + f"max_items = {max_items}\n" + extra


def test_a_matching_paper_is_mailed_and_fed_once(site: Make) -> None:
    own = site(READER)
    own.drop("2026-06-15 a.jsonl", paper(1))
    summary = own.run("2026-06-15")
    assert summary["deliveries"] == {"sent": 1, "failed": 0, "pending": 0}
    assert "Invented Paper 1" in own.text("2026-06-15", "reader@example.org")
    assert own.feed_titles("papers") == ["Invented Paper 1 on Reward Models"]


def test_the_same_date_again_changes_and_sends_nothing(site: Make) -> None:
    own = site(READER)
    own.drop("2026-06-15 a.jsonl", paper(1))
    own.run("2026-06-15")
    before = own.written()
    summary = own.run("2026-06-15")
    assert summary["deliveries"]["sent"] == 0
    assert summary["editions"] == {"composed": 0, "empty": 0, "existing": 1}
    assert own.written() == before


def test_the_same_bytes_under_another_name_are_known(site: Make) -> None:
    own = site(READER)
    own.drop("2026-06-15 a.jsonl", paper(1))
    own.run("2026-06-15")
    own.drop("2026-06-16 copy.jsonl", paper(1))
    summary = own.run("2026-06-16")
    assert summary["dumps"]["known"] == 1
    assert not list((own.state / "inbox").iterdir())


def test_a_later_dump_waits_for_its_date(site: Make) -> None:
    own = site(READER)
    own.drop("2026-06-16 later.jsonl", paper(1))
    assert own.run("2026-06-15")["dumps"] == {"ingested": 0, "known": 0, "rejected": 0, "waiting": 1}
    assert own.run("2026-06-16")["papers"] == {"new": 1, "known": 0}


def test_a_late_dump_is_news_of_the_run_that_finds_it(site: Make) -> None:
    own = site(READER)
    own.drop("2026-06-16 b.jsonl", paper(2))
    own.run("2026-06-16")
    own.drop("2026-06-14 a.jsonl", paper(1))
    assert own.run("2026-06-17")["deliveries"]["sent"] == 1
    assert "Invented Paper 1 " in own.text("2026-06-17", "reader@example.org")


def test_a_dump_from_long_ago_is_stored_but_no_news(site: Make) -> None:
    own = site(READER)
    own.drop("2026-04-01 old.jsonl", paper(1))
    summary = own.run("2026-06-15")
    assert summary["papers"]["new"] == 1
    assert summary["deliveries"]["sent"] == 0
    assert own.feed_titles("papers") == []


def test_a_completed_paper_reaches_the_rule_that_it_now_matches_and_nobody_twice(site: Make) -> None:
    own = site(
        READER
        + """
[[subscribers]]
email = "follower@example.org"
rules = ['author:"Ada Author1"']
"""
    )
    own.drop("2026-06-15 a.jsonl", paper(1, authors=[]))
    own.run("2026-06-15")
    assert own.mail("2026-06-15", "follower@example.org") is None
    own.drop("2026-06-17 b.jsonl", paper(1))
    own.run("2026-06-17")
    assert "Invented Paper 1" in own.text("2026-06-17", "follower@example.org")
    assert own.mail("2026-06-15", "reader@example.org") is not None
    assert own.mail("2026-06-17", "reader@example.org") is None


def test_a_page_of_a_career_gives_its_new_papers_in_full_and_the_old_ones_as_lines(site: Make) -> None:
    own = site(READER)
    old = [paper(n, published="2019-03-01", title=f"Old Study {n} of Reward Models") for n in range(100, 155)]
    own.drop("2026-06-15 page.jsonl", *(paper(n) for n in range(1, 6)), *old)
    own.run("2026-06-15")
    told = own.text("2026-06-15", "reader@example.org")
    assert all(f"Invented Paper {n} " in told for n in range(1, 6))
    assert sum(f"Old Study {n} " in told for n in range(100, 155)) == 20
    assert own.run("2026-06-16")["deliveries"]["sent"] == 0
    own.drop("2026-06-17 page.jsonl", paper(6), paper(7), *(paper(n) for n in range(1, 6)), *old)
    own.run("2026-06-17")
    told = own.text("2026-06-17", "reader@example.org")
    assert "Invented Paper 6 " in told
    assert "Invented Paper 7 " in told
    assert "Old Study" not in told
    assert "Invented Paper 1 " not in told


def test_what_does_not_fit_competes_on_the_next_day(site: Make) -> None:
    own = site(reader(max_items=2))
    own.drop("2026-06-15 a.jsonl", *(paper(n) for n in range(1, 6)))
    seen: list[int] = []
    for day in ("2026-06-15", "2026-06-16", "2026-06-17", "2026-06-18"):
        own.run(day)
        told = own.text(day, "reader@example.org").partition("Rules")[0]
        seen += [n for n in range(1, 6) if f"Invented Paper {n} " in told]
    assert sorted(seen) == [1, 2, 3, 4, 5]


def test_the_backlog_expires_after_seven_days(site: Make) -> None:
    own = site(reader(max_items=1))
    own.drop("2026-06-15 a.jsonl", *(paper(n) for n in range(1, 21)))
    for day in range(15, 30):
        own.run(f"2026-06-{day}")
    assert len(list(own.state.glob("outbox/*/*.eml"))) == 8


def test_an_edited_rule_sees_the_backlog_and_later_news_only(site: Make) -> None:
    own = site(reader(max_items=1))
    own.drop("2026-06-15 a.jsonl", paper(1), paper(2), paper(3, title="Graph Surgery", summary="Graphs alone."))
    own.run("2026-06-15")
    own.toml = own.toml.replace('"reward model*"', "graph*")
    assert own.run("2026-06-16")["deliveries"]["sent"] == 0


def test_a_weekly_subscriber_gets_the_week_on_the_weekday(site: Make) -> None:
    own = site(reader(extra='frequency = "weekly"\nweekday = "friday"\n'))
    sent = []
    for day in range(8, 29):
        own.drop(f"2026-06-{day:02d} a.jsonl", paper(day))
        if own.run(f"2026-06-{day:02d}")["deliveries"]["sent"]:
            sent.append(day)
    # The first edition comes at once; then every Friday (12, 19 and 26 June 2026).
    assert sent == [8, 12, 19, 26]
    assert all(f"Invented Paper {n} " in own.text("2026-06-19", "reader@example.org") for n in range(13, 20))


def test_who_joins_starts_with_the_last_seven_days(site: Make) -> None:
    own = site("")
    for day in range(1, 16):
        own.drop(f"2026-06-{day:02d} a.jsonl", paper(day, published=f"2026-06-{day:02d}"))
        own.run(f"2026-06-{day:02d}")
    own.toml = READER
    own.run("2026-06-15")
    told = own.text("2026-06-15", "reader@example.org")
    assert [n for n in range(1, 16) if f"Invented Paper {n} " in told] == list(range(8, 16))


def test_who_pauses_gets_nothing_and_later_the_last_seven_days(site: Make) -> None:
    from digest.service import subscriptions

    own = site(READER)
    own.drop("2026-06-01 a.jsonl", paper(1))
    own.run("2026-06-01")
    subscriptions.set_state(own.context(), "reader@example.org", "paused")
    for day in range(2, 16):
        own.drop(f"2026-06-{day:02d} a.jsonl", paper(day))
        assert own.run(f"2026-06-{day:02d}")["deliveries"]["sent"] == 0
    subscriptions.set_state(own.context(), "READER@example.org", "active")
    own.run("2026-06-15")
    told = own.text("2026-06-15", "reader@example.org")
    assert [n for n in range(1, 16) if f"Invented Paper {n} " in told] == list(range(8, 16))


def test_days_that_were_skipped_are_caught_up_in_one_edition(site: Make) -> None:
    own = site(READER)
    for day in (10, 11, 12, 13):
        own.drop(f"2026-06-{day} a.jsonl", paper(day))
    own.run("2026-06-10")
    own.run("2026-06-13")
    told = own.text("2026-06-13", "reader@example.org")
    assert all(f"Invented Paper {n} " in told for n in (11, 12, 13))


def test_an_earlier_date_composes_nothing_for_who_has_gone_on(site: Make) -> None:
    own = site(READER)
    own.drop("2026-06-16 a.jsonl", paper(1))
    own.run("2026-06-16")
    own.drop("2026-06-15 b.jsonl", paper(2))
    assert own.run("2026-06-15")["editions"] == {"composed": 0, "empty": 0, "existing": 0}
    assert "Invented Paper 2 " in (own.run("2026-06-17"), own.text("2026-06-17", "reader@example.org"))[1]


def test_an_empty_edition_is_not_sent_and_may_be_composed_again_on_its_date(site: Make) -> None:
    own = site(READER)
    assert own.run("2026-06-15")["editions"] == {"composed": 0, "empty": 1, "existing": 0}
    own.drop("2026-06-15 a.jsonl", paper(1))
    assert own.run("2026-06-15")["editions"] == {"composed": 1, "empty": 0, "existing": 0}


def test_an_empty_edition_is_sent_where_the_configuration_says_so(site: Make) -> None:
    own = site("[editions]\nsend_empty = true\n" + READER)
    assert own.run("2026-06-15")["deliveries"]["sent"] == 1
    assert own.run("2026-06-15")["deliveries"]["sent"] == 0


def test_excluded_papers_never_come(site: Make) -> None:
    own = site(reader(extra='exclude = ["title:survey"]\n'))
    own.drop("2026-06-15 a.jsonl", paper(1), paper(2, title="A Survey of Reward Models"))
    own.run("2026-06-15")
    assert "A Survey of Reward Models" not in own.text("2026-06-15", "reader@example.org")


def test_a_topic_brings_its_papers_to_its_followers_and_its_feed(site: Make) -> None:
    own = site(
        """
[[topics]]
slug = "reward"
title = "Reward models"
rules = ['"reward model*"']

[[subscribers]]
email = "reader@example.org"
topics = ["reward"]
"""
    )
    own.drop("2026-06-15 a.jsonl", paper(1), paper(2, title="Graph Surgery", summary="Graphs alone."))
    own.run("2026-06-15")
    assert "Invented Paper 1 " in own.text("2026-06-15", "reader@example.org")
    assert own.feed_titles("topics/reward") == ["Invented Paper 1 on Reward Models"]
    assert (own.state / "public" / "editions" / "2026-06-15" / "reward.html").exists()


def test_a_replaced_paper_comes_back_only_for_a_rule_that_asks(site: Make) -> None:
    own = site(
        READER
        + """
[[subscribers]]
email = "watcher@example.org"
rules = ['"reward model*"', { name = "New versions", query = '"reward model*" type:replaced' }]
"""
    )
    own.drop("2026-06-15 a.jsonl", paper(1))
    own.run("2026-06-15")
    own.drop("2026-06-16 b.jsonl", paper(1, announced="replaced"))
    own.run("2026-06-16")
    assert own.mail("2026-06-16", "reader@example.org") is None
    assert "Invented Paper 1 " in own.text("2026-06-16", "watcher@example.org")


def test_the_order_is_weight_then_recency_then_the_site_s_own_scores(site: Make) -> None:
    own = site(READER)
    own.drop(
        "2026-06-15 a.jsonl",
        paper(1, title="Body Only", summary="All about reward models."),
        paper(2, title="Low Reward Model", score=1.0, layout="scholarfeed"),
        paper(3, title="High Reward Model", score=9.0, layout="scholarfeed"),
        paper(4, title="Newest Reward Model", published="2026-06-14"),
    )
    own.run("2026-06-15")
    told = own.text("2026-06-15", "reader@example.org")
    titles = ["Newest Reward Model", "High Reward Model", "Low Reward Model", "Body Only"]
    first = [told.index(title) for title in titles]
    assert first == sorted(first)


def test_a_resend_sends_the_frozen_edition_again_under_its_message_id(site: Make) -> None:
    own = site(READER)
    own.drop("2026-06-15 a.jsonl", paper(1))
    own.run("2026-06-15")
    before = own.written()
    (own.state / "outbox" / "2026-06-15" / "reader@example.org.eml").unlink()
    assert own.run("2026-06-15", resend="reader@example.org")["deliveries"]["sent"] == 1
    assert own.written() == before


def test_a_resend_for_a_stranger_is_refused_with_nothing_done(site: Make) -> None:
    own = site(READER)
    dump = own.drop("2026-06-15 a.jsonl", paper(1))
    with pytest.raises(UsageError, match="no such subscriber"):
        own.run("2026-06-15", resend="stranger@example.org")
    assert dump.exists()
    assert own.rows("SELECT count(*) FROM runs") == [(0,)]


def test_a_resend_where_there_is_no_edition_is_told(site: Make) -> None:
    own = site(READER)
    assert own.result("2026-06-15", resend="reader@example.org").problems == (
        "reader@example.org: there is no message of 2026-06-15 to send again",
    )


def test_a_date_after_tomorrow_is_refused_unless_forced(site: Make) -> None:
    own = site(READER)
    with pytest.raises(UsageError, match="after tomorrow"):
        own.run("2026-11-23")
    assert own.run("2026-11-22")["date"] == "2026-11-22"
    assert own.run("2026-11-23", force=True)["date"] == "2026-11-23"


def test_a_dry_run_tells_the_same_and_changes_nothing(site: Make) -> None:
    own = site(READER)
    own.drop("2026-06-15 a.jsonl", paper(1))
    context = own.context()
    rehearsed = rehearsing.dry_run(context, date(2026, 6, 15)).summary()
    assert own.written() == {}
    assert own.run("2026-06-15") == rehearsed


def test_who_is_no_longer_named_gets_nothing_and_being_named_again_brings_them_back(site: Make) -> None:
    own = site(READER)
    own.run("2026-06-14")
    own.toml = ""
    own.drop("2026-06-15 a.jsonl", paper(1))
    assert own.run("2026-06-15")["deliveries"]["sent"] == 0
    own.toml = READER
    assert own.run("2026-06-16")["deliveries"]["sent"] == 1


def test_who_left_is_not_brought_back_by_the_configuration(site: Make) -> None:
    from digest.service import subscriptions

    own = site(READER)
    own.run("2026-06-14")
    context = own.context()
    subscriptions.leave(context, subscriptions.show(context, "reader@example.org"))
    own.drop("2026-06-15 a.jsonl", paper(1))
    assert own.run("2026-06-15")["deliveries"]["sent"] == 0


def test_a_delivery_that_was_planned_for_somebody_who_left_is_withdrawn_and_its_papers_wait(site: Make) -> None:
    from digest.pipeline import compose
    from digest.service import subscriptions
    from digest.store import dumps as dump_store

    own = site(READER)
    own.drop("2026-06-15 a.jsonl", paper(1))
    own.run("2026-06-14")
    context = own.context()
    from digest.pipeline import ingest

    ingest.from_inbox(context, date(2026, 6, 15))
    with context.store.writing() as tx:
        dump_store.date_news(tx, date(2026, 6, 15))
    compose.compose(context, date(2026, 6, 15))
    subscriptions.set_state(context, "reader@example.org", "paused")
    assert own.rows("SELECT state FROM deliveries") == [("withdrawn",)]
    assert own.rows("SELECT count(*) FROM backlog") == [(1,)]
    subscriptions.set_state(own.context(), "reader@example.org", "active")
    assert own.run("2026-06-16")["deliveries"]["sent"] == 1


@pytest.mark.parametrize("order", list(itertools.permutations((15, 16, 17)))[:6])
def test_dumps_in_any_order_give_each_paper_in_one_edition(site: Make, order: tuple[int, ...]) -> None:
    own = site('[[topics]]\nslug = "all"\ntitle = "All"\nrules = ["*"]\n')
    runs = iter(("2026-06-17", "2026-06-18", "2026-06-19"))
    for day in order:
        own.drop(f"2026-06-{day} a.jsonl", paper(day), paper(99))
        own.run(next(runs))
    assert own.rows("SELECT paper_id, count(*) FROM entries GROUP BY 1 HAVING count(*) <> 1") == []
    assert own.rows("SELECT count(*) FROM entries") == [(4,)]


def test_a_dump_that_is_too_large_is_set_aside_whole(site: Make, monkeypatch: pytest.MonkeyPatch) -> None:

    monkeypatch.setattr(blob, "MOST_BYTES", 10)
    own = site(READER)
    path = own.drop("2026-06-15 a.jsonl", paper(1))
    data = path.read_bytes()
    result = own.result("2026-06-15")
    assert result.summary()["dumps"]["rejected"] == 1
    assert "larger than" in result.problems[0]
    assert (own.state / "rejected" / "2026-06-15 a.jsonl").read_bytes() == data
    assert not path.exists()


def test_an_address_that_cannot_be_written_fails_alone(site: Make) -> None:
    own = site(READER + '[[subscribers]]\nemail = "second@example.org"\nrules = ["*"]\n')
    own.drop("2026-06-15 a.jsonl", paper(1))
    own.run("2026-06-14")
    with own.context().store.writing() as tx:
        tx.exec_driver_sql("UPDATE subscribers SET email = 'no address' WHERE email = 'reader@example.org'")
    own.toml = own.toml.replace(READER, "")
    with own.context().store.writing() as tx:
        tx.exec_driver_sql("UPDATE subscribers SET owner = 'store'")
    result = own.result("2026-06-15")
    assert result.summary()["deliveries"] == {"sent": 1, "failed": 1, "pending": 0}
    assert "no email address" in result.problems[0]
