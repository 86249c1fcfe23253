"""A paper that stands in several editions of one recipient: where, and how often, it stands in their feed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from conftest_pipeline import Site, paper
from feed_reading import Read, entries

from digest.pipeline.run import renderer_of
from digest.service import feed_addresses, subscriptions
from digest.service.private_feeds import Document, PrivateFeeds

EMAIL, DAYS = "reader@example.org", ("2026-06-15", "2026-06-16", "2026-06-17", "2026-06-18")
READER = f"""
[[subscribers]]
email = "{EMAIL}"
rules = ['"reward model*"']
"""
NOBODY_LISTENS = '[delivery]\nchannel = "smtp"\n[smtp]\nport = 1\n'
TOPIC = """
[[topics]]
slug = "reward"
title = "Reward models"
rules = [{ name = "New versions", query = '"reward model*" type:replaced' }, '"reward model*"']
"""


def run(own: Site, day: str, *papers: dict[str, Any]) -> None:
    own.drop(f"{day}.jsonl", *papers)
    own.result(day, force=True)


def shown(own: Site) -> list[Read]:
    """Return the entries of the subscriber's feed."""
    path = feed_addresses.subscriber_feeds(own.context(), EMAIL).path
    found = PrivateFeeds(own.context(), renderer_of(own.context())).document(path.removeprefix("feeds/my/") + ".atom")
    assert isinstance(found, Document)
    return entries(found.body)


def test_a_paper_that_was_taken_back_and_came_again_stays_where_it_first_stood(site: Callable[[str], Site]) -> None:
    own = site(NOBODY_LISTENS + READER)
    run(own, DAYS[0], paper(1))
    before = shown(own)
    subscriptions.set_state(own.context(), EMAIL, "paused")  # which takes back what was not sent
    subscriptions.set_state(own.context(), EMAIL, "active")
    run(own, DAYS[1], paper(2))
    stood = "SELECT entries.paper_id FROM entries JOIN editions ON edition_id = editions.id ORDER BY date, paper_id"
    assert own.rows(stood) == [(1,), (1,), (2,)]
    assert [entry.name for entry in shown(own)] == ["papers/2", "papers/1"]
    assert shown(own)[1:] == before


def test_a_paper_that_is_replaced_comes_once_more_for_each_revision(site: Callable[[str], Site]) -> None:
    own = site(TOPIC)
    run(own, DAYS[0], paper(1))
    replaced = paper(1, announced="replaced")
    run(own, DAYS[1], replaced)
    run(own, DAYS[2], replaced, paper(2, title="On birds", summary="They sing."))  # again, with nothing new of it
    run(own, DAYS[3], replaced | {"summary": replaced["summary"] + " And of their replacement."})
    names = [entry.name for entry in entries((own.state / "public/feeds/topics/reward.atom").read_bytes())]
    assert names == ["papers/1/revisions/3", "papers/1/revisions/2", "papers/1"]


def test_a_replacement_that_was_taken_back_and_came_again_is_one_entry(site: Callable[[str], Site]) -> None:
    own = site(READER.replace("rules = [", "rules = ['\"reward model*\" type:replaced', ", 1))
    replaced = paper(1, announced="replaced", summary="Paper 1 studies reward models. It reports results. More of it.")
    run(own, DAYS[0], paper(1))
    run(own, DAYS[1], replaced)
    with own.context().store.writing() as tx:
        tx.exec_driver_sql(
            f"UPDATE entries SET returned = 1 WHERE edition_id IN (SELECT id FROM editions WHERE date = '{DAYS[1]}')"
        )
    run(own, DAYS[2], replaced | {"summary": replaced["summary"] + " And still more."})
    assert own.rows("SELECT count(*) FROM entries") == [(3,)]
    assert [entry.name for entry in shown(own)] == ["papers/1/revisions/2", "papers/1"]
