"""What a private feed makes again: for an edition of the same date, for a later date, and what is too large to keep."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from conftest_pipeline import Site, paper
from feed_reading import entries

from digest.pipeline.run import renderer_of
from digest.service import kept_feeds
from digest.service.feed_addresses import subscriber_feeds
from digest.service.private_feeds import Document, PrivateFeeds
from digest.store import ledger

READER = "reader@example.org"
SETTINGS = f"""
[feed]
max_entries = 2

[[subscribers]]
email = "{READER}"
rules = ["reward"]
"""


def body(own: Site, feeds: PrivateFeeds, rest: str = ".atom") -> bytes:
    path = subscriber_feeds(own.context(), READER).path.removeprefix("feeds/my/")
    found = feeds.document(path + rest)
    assert isinstance(found, Document)
    return found.body


def private(own: Site) -> PrivateFeeds:
    return PrivateFeeds(own.context(), renderer_of(own.context()))


def test_an_empty_edition_that_is_composed_anew_is_in_the_feed_at_once(site: Callable[[str], Site]) -> None:
    own = site(SETTINGS)
    own.drop("2026-06-15.jsonl", paper(1))
    own.run("2026-06-15")
    own.run("2026-06-16")
    feeds = private(own)
    assert len(entries(body(own, feeds, "/daily.atom"))) == 1
    with own.context().store.writing() as tx:  # as if it had been put off, and was then taken back
        tx.exec_driver_sql("UPDATE deliveries SET state = 'deferred', next_attempt = '2099-01-01T00:00:00+00:00'")
        recipient = tx.exec_driver_sql("SELECT recipient_id FROM subscribers").scalar_one()
        ledger.take_back(tx, "withdrawn", recipient, since=date(2026, 6, 16), now=own.context().now(), reply="")
    own.run("2026-06-16")
    assert len(entries(body(own, feeds, "/daily.atom"))) == 2


def test_what_is_current_follows_the_dates_of_runs_that_found_nothing(site: Callable[[str], Site]) -> None:
    own = site(SETTINGS)
    for day in (15, 16):
        own.drop(f"2026-06-{day}.jsonl", paper(2 * day), paper(2 * day + 1))
        own.run(f"2026-06-{day}")
    feeds = private(own)
    assert len(entries(body(own, feeds))) == 4
    with own.context().store.writing() as tx:
        tx.exec_driver_sql("UPDATE subscribers SET state = 'paused'")
    own.run("2026-06-26")
    assert body(own, feeds) == body(own, private(own))
    assert len(entries(body(own, feeds))) == 2


@pytest.mark.parametrize("rest", [".atom", ".json", "/daily.atom"])
def test_a_document_that_is_too_large_to_be_kept_is_given_all_the_same(
    site: Callable[[str], Site], monkeypatch: pytest.MonkeyPatch, rest: str
) -> None:
    own = site(SETTINGS)
    own.drop("2026-06-15.jsonl", paper(1))
    own.run("2026-06-15")
    expected = body(own, private(own), rest)
    monkeypatch.setattr(kept_feeds, "MOST_BYTES", 100)
    assert body(own, private(own), rest) == expected
