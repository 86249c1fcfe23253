"""What a document of a long feed costs: what it shows, and not what was ever in the feed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from conftest_pipeline import Site, paper

from digest.store import feeds as feed_store

READER = """
[[subscribers]]
email = "reader@example.org"
rules = ["reward"]
"""
NEWEST = date(2026, 6, 15)


def steps(own: Site) -> int:
    """Return how many hundreds of steps the store takes to find the entries of the newest edition."""
    taken = 0

    def count() -> int:
        nonlocal taken
        taken += 1
        return 0

    with own.context().store.reading() as tx:
        recipient = tx.exec_driver_sql("SELECT recipient_id FROM subscribers").scalar_one()
        driver = tx.connection.driver_connection
        assert driver is not None
        driver.set_progress_handler(count, 100)
        found = feed_store.lines_of_recipient(tx, recipient, NEWEST, NEWEST, pinned=False)
        driver.set_progress_handler(None, 0)
    assert [line.paper for line in found] == [2]
    return taken


def test_finding_what_is_current_costs_no_more_where_much_is_archived(site: Callable[[str], Site]) -> None:
    own = site(READER)
    own.drop("2026-06-14.jsonl", paper(1))
    own.run("2026-06-14")
    own.drop("2026-06-15.jsonl", paper(2))
    own.run("2026-06-15")
    before = steps(own)
    with own.context().store.writing() as tx:
        (recipient, head), (matches,) = (
            tx.exec_driver_sql(query).one()
            for query in ("SELECT recipient_id, head FROM editions LIMIT 1", "SELECT matches FROM entries LIMIT 1")
        )
        for number in range(500):
            on = (NEWEST - timedelta(days=number + 2)).isoformat()
            tx.exec_driver_sql("INSERT INTO editions VALUES (?, ?, ?, 1, 20, ?)", (900 + number, recipient, on, head))
            rows = [(900 + number, position, recipient, 1, 1, 0, 0, matches) for position in range(20)]
            tx.exec_driver_sql("INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
    assert steps(own) <= before + 2
