"""Runs out of the ordinary: resends, expiry, earlier dates, odd dates, many papers of one title."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from conftest_pipeline import Site, paper

from digest import identity
from digest.models import Identifiers, Listing
from digest.pipeline import compose, rehearsing
from digest.service import subscriptions
from digest.store import ledger

Make = Callable[[str], Site]

EMAIL = "reader@example.org"
READER = f"""
[[subscribers]]
email = "{EMAIL}"
rules = ['"reward model*"']
"""
NO_SERVER = '[delivery]\nchannel = "smtp"\n[smtp]\nport = 1\n'


def test_a_resend_to_somebody_who_paused_is_told_and_brings_no_paper_twice(site: Make) -> None:
    own = site(READER)
    own.drop("2026-06-15 a.jsonl", paper(1))
    own.run("2026-06-15")
    subscriptions.set_state(own.context(), EMAIL, "paused")
    assert own.result("2026-06-15", resend=EMAIL).problems == (f"{EMAIL}: is paused, so nothing is sent",)
    assert own.rows("SELECT state FROM deliveries") == [("sent",)]
    subscriptions.set_state(own.context(), EMAIL, "active")
    assert own.run("2026-06-16")["deliveries"]["sent"] == 0


def test_what_arrived_once_does_not_come_back_when_its_second_sending_is_withdrawn(site: Make) -> None:
    own = site(READER)
    own.drop("2026-06-15 a.jsonl", paper(1))
    own.run("2026-06-15")
    with own.context().store.writing() as tx:
        assert ledger.plan_again(tx, 1, now="2026-06-15T08:00:00Z")
    subscriptions.set_state(own.context(), EMAIL, "paused")
    assert own.rows("SELECT state FROM deliveries") == [("withdrawn",)]
    assert own.rows("SELECT count(*) FROM backlog") == [(0,)]


def test_what_was_withdrawn_waits_since_the_newest_run_whatever_the_clock_says(site: Make) -> None:
    own = site(NO_SERVER + READER)
    own.drop("2026-06-15 a.jsonl", paper(1))
    own.run("2026-06-15")
    subscriptions.set_state(own.context(), EMAIL, "paused")
    assert own.rows("SELECT since FROM backlog") == [("2026-06-15",)]


def test_papers_that_expired_unread_are_told_with_the_next_edition(site: Make) -> None:
    own = site(READER + "max_items = 1\n")
    own.drop("2026-06-15 a.jsonl", *(paper(n) for n in range(1, 21)))
    for day in range(15, 29):
        own.run(f"2026-06-{day}")
    own.drop("2026-06-29 b.jsonl", paper(50))
    own.run("2026-06-29")
    told = own.text("2026-06-29", EMAIL)
    assert "12 papers waited too long and were left out" in told
    assert "1 new paper matches you" in told
    own.drop("2026-06-30 c.jsonl", paper(51))
    own.run("2026-06-30")
    assert "waited too long" not in own.text("2026-06-30", EMAIL)


def test_an_earlier_date_again_counts_the_editions_that_it_has(site: Make) -> None:
    own = site(READER)
    for day in (15, 16):
        own.drop(f"2026-06-{day} a.jsonl", paper(day))
        own.run(f"2026-06-{day}")
    assert own.run("2026-06-15")["editions"] == {"composed": 0, "empty": 0, "existing": 1}


def test_a_date_of_publication_to_come_is_no_reason_to_stand_first(site: Make) -> None:
    own = site(READER)
    future = paper(2, title="From the Future on Reward Models", published="2099-01-01")
    own.drop("2026-06-15 a.jsonl", future)
    own.drop("2026-06-16 b.jsonl", paper(1, title="Of Today on Reward Models", published="2026-06-16"))
    own.run("2026-06-16")
    told = own.text("2026-06-16", EMAIL)
    assert told.index("Of Today") < told.index("From the Future")


def test_a_paper_that_came_back_replaced_counts_among_the_papers_read(site: Make) -> None:
    own = site(READER.replace("']", "', '\"reward model*\" type:replaced']"))
    own.drop("2026-06-15 a.jsonl", paper(1))
    own.run("2026-06-15")
    graph = paper(2, title="Graph Surgery", summary="Graphs alone.")
    own.drop("2026-06-16 b.jsonl", paper(1, announced="replaced"), graph)
    own.run("2026-06-16")
    assert "1 of 2 new papers matches you" in own.text("2026-06-16", EMAIL)


def test_a_paper_given_back_while_others_are_composed_waits_on(site: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    own = site(READER)
    own.drop("2026-06-15 a.jsonl", paper(1, title="Graph Surgery", summary="Graphs alone."))
    own.run("2026-06-15")
    own.drop("2026-06-16 b.jsonl", paper(2))
    context = own.context()
    composed = compose.composed

    def meddled(*asked: Any) -> Iterator[Any]:
        for batch in composed(*asked):
            with context.store.writing() as tx:  # between composing and freezing, once
                if not tx.exec_driver_sql("SELECT count(*) FROM backlogs").scalar_one():
                    tx.exec_driver_sql("INSERT INTO backlogs SELECT id, '{\"2026-06-15\":[1]}' FROM recipients")
            yield batch

    monkeypatch.setattr(compose, "composed", meddled)
    assert own.run("2026-06-16")["editions"] == {"composed": 1, "empty": 0, "existing": 0}
    assert own.rows("SELECT * FROM backlog") == []
    assert "2 new papers" in own.text("2026-06-16", EMAIL)


def test_a_dry_run_leaves_every_file_as_it_was(site: Make) -> None:
    own = site(READER)
    own.drop("2026-06-15 a.jsonl", paper(1))
    own.run("2026-06-15")
    own.drop("2026-06-16 b.jsonl", paper(2))

    def files() -> dict[str, bytes]:
        inside = own.state.rglob("*")
        return {str(path): path.read_bytes() for path in inside if path.is_file() and "-shm" not in path.name}

    before = files()
    assert rehearsing.dry_run(own.context(), date(2026, 6, 16)).summary()["deliveries"]["sent"] == 1
    assert files() == before


def test_thousands_of_papers_of_one_title_take_seconds_at_the_most() -> None:
    listings = [
        Listing("Editorial", "jsonl", authors=(f"Ada Author{n}",), identifiers=Identifiers(arxiv=f"2606.{n:05d}"))
        for n in range(3000)
    ]
    listings += [Listing("Preface", "jsonl", authors=(f"Ben B{n}",), authors_complete=True) for n in range(1500)]
    began = time.process_time()
    plan = identity.decide(
        listings,
        [identity.keys(listing) for listing in listings],
        [],
        identity.Context(date(2026, 6, 15), "page", "inbox", baseline=False),
        next_id=1,
    )
    assert len(plan.added) == len(listings)
    assert time.process_time() - began < 8
