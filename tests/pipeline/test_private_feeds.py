"""A subscriber's own feed: made of what was frozen, kept while that is true, and nobody else's."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from conftest_pipeline import Site, paper
from feed_reading import entries, followed

from digest.errors import StateError
from digest.pipeline.run import renderer_of
from digest.render import Renderer
from digest.service import feed_addresses, kept_feeds, subscriptions
from digest.service.kept_feeds import Document
from digest.service.private_feeds import Missing, PrivateFeeds
from digest.settings import SubscriberSetting

READER, OTHER = "reader@example.org", "other@example.org"
SUBSCRIBERS = f"""
[feed]
max_entries = 2

[[subscribers]]
email = "{READER}"
rules = [{{ name = "Rewards", query = "reward" }}]

[[subscribers]]
email = "{OTHER}"
rules = ["birds"]
"""


class Own:
    """A site with its private feeds, in which one subscriber's are asked for."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.renderer = renderer_of(site.context())
        self.feeds = PrivateFeeds(site.context(), self.renderer)

    def token(self, email: str = READER) -> str:
        address = feed_addresses.subscriber_feeds(self.site.context(), email)
        return address.path.removeprefix("feeds/my/")

    def document(self, rest: str = ".atom", email: str = READER) -> Document:
        found = self.feeds.document(self.token(email) + rest)
        assert isinstance(found, Document)
        return found

    def fetch(self, path: str) -> bytes:
        found = self.feeds.document(path.removeprefix("feeds/my/"))
        assert isinstance(found, Document)
        return found.body

    def names(self, rest: str = ".atom", email: str = READER) -> list[str]:
        return [entry.name for entry in entries(self.document(rest, email).body)]


@pytest.fixture
def own(site: Callable[[str], Site]) -> Own:
    made = site(SUBSCRIBERS)
    made.drop("2026-06-15.jsonl", paper(1), paper(2), paper(3, title="On birds", summary="They sing."))
    made.run("2026-06-15")
    return Own(made)


def day(own: Own, on: str, *papers: dict[str, Any]) -> None:
    own.site.drop(f"{on}.jsonl", *papers)
    own.site.run(on, force=True)


def test_it_holds_what_the_mail_does_with_why(own: Own) -> None:
    assert sorted(own.names()) == ["papers/1", "papers/2"]
    assert own.names(email=OTHER) == ["papers/3"]
    assert b"Why: &lt;i&gt;Rewards&lt;/i&gt;: reward, in title and abstract" in own.document().body
    assert own.document().kind == "atom"
    told = json.loads(own.document(".json").body)
    assert [item["id"].split(":", 3)[-1] for item in told["items"]] == own.names()
    assert own.document(".json").kind == "json"


def test_by_days_it_has_each_edition_whole_with_its_page(own: Own) -> None:
    day(own, "2026-06-16", paper(4))
    assert own.names("/daily.atom") == [f"feeds/my/1/daily/2026-06-{on}" for on in (16, 15)]
    first = json.loads(own.document("/daily.json").body)["items"][0]
    assert first["title"] == "Tue 16 June: 1 new paper matches you."
    assert first["url"].startswith("https://digest.example.org/editions/")


def test_what_is_kept_is_given_as_long_as_nothing_changes(own: Own) -> None:
    made, rest = own.document(), own.token() + ".atom"
    assert own.feeds.fresh(rest) is made
    before = own.renderer.counts.copy()
    feed_addresses.rotate(own.site.context(), OTHER)
    assert own.feeds.fresh(rest) is None
    assert own.feeds.document(rest) is made
    assert own.feeds.fresh(rest) is made
    assert own.renderer.counts == before


def test_a_new_edition_is_there_at_once_and_other_people_s_editions_change_no_octet(own: Own) -> None:
    before = own.document()
    own.site.clock += timedelta(days=1)
    day(own, "2026-06-16", paper(4, title="More birds", summary="They sing."))
    assert own.document().body == before.body
    assert own.document().modified == before.modified
    day(own, "2026-06-17", paper(5))
    assert own.names()[0] == "papers/5"
    assert own.document().tag != before.tag
    assert own.document().modified == before.modified + timedelta(days=1)


def test_only_new_entries_are_rendered(own: Own) -> None:
    own.document()
    day(own, "2026-06-16", paper(5), paper(6))
    before = own.renderer.counts["web/feed_entry.html"]
    own.document()
    assert own.renderer.counts["web/feed_entry.html"] == before + 2


def test_archives_lead_to_all_that_ever_was_as_it_came(own: Own) -> None:
    for number in range(16, 30):
        day(own, f"2026-06-{number}", paper(number))
    chain = followed(own.fetch, f"feeds/my/{own.token()}.atom")
    found = [entry.name for part in chain.values() for entry in part]
    assert len(found) == len(set(found)) == 16
    archive = own.document("/2026-06-15.atom")
    assert archive.archive
    assert not own.document().archive
    day(own, "2026-06-30", paper(1, categories=["cs.LG"]), paper(40))
    assert own.document("/2026-06-15.atom").body == archive.body
    months = followed(own.fetch, f"feeds/my/{own.token()}/daily.atom")
    assert [len(part) for part in months.values()] == [16]


@pytest.mark.parametrize(
    "rest",
    ["", ".rss", ".ATOM", "/.atom", "/daily", "/daily/.atom", "/2026-06-15.atom", "/2026-13-45.atom", "/2026-06.atom",
     "/daily/2026-06.atom", "/daily/2026-06-15.atom", "/9999-99.json", ".atom/", "/../papers.atom", "x.atom"],
)  # fmt: skip
def test_what_is_no_document_of_theirs_is_missing(own: Own, rest: str) -> None:
    assert own.feeds.document(own.token() + rest) == Missing(gone=False)


@pytest.mark.parametrize("token", ["", "x", "A" * 40, "A" * 5000, "..", "\x00", "ä"])
def test_a_token_that_is_none_finds_nothing(own: Own, token: str) -> None:
    assert own.feeds.document(f"{token}.atom") == Missing(gone=False)


def test_a_new_address_makes_the_old_one_void_at_once_and_keeps_all_identifiers(own: Own) -> None:
    old, before = own.token(), own.document()
    feed_addresses.rotate(own.site.context(), READER)
    assert own.feeds.fresh(f"{old}.atom") is None
    assert own.feeds.document(f"{old}.atom") == Missing(gone=False)
    assert own.document().body == before.body.replace(old.encode(), own.token().encode())


@pytest.mark.parametrize(
    ("state", "served"),
    [("active", True), ("paused", True), ("suppressed", True), ("left", None), ("removed", None), ("pending", False)],
)
def test_it_depends_on_the_subscriber_s_state_who_is_served(own: Own, state: str, served: bool | None) -> None:
    own.document()
    with own.site.context().store.writing() as tx:
        tx.exec_driver_sql(f"UPDATE subscribers SET state = '{state}'")
    found = own.feeds.document(own.token() + ".atom")
    assert isinstance(found, Document) if served else found == Missing(gone=served is None)


def test_an_address_before_the_first_edition_is_an_empty_feed(site: Callable[[str], Site]) -> None:
    made = site(SUBSCRIBERS.replace('"birds"', '"xylophone"'))
    made.drop("2026-06-15.jsonl", paper(1))
    made.run("2026-06-15")
    own = Own(made)
    assert own.names(email=OTHER) == []
    assert own.names("/daily.atom", email=OTHER) == []


def test_before_any_run_it_is_an_empty_feed_that_a_reader_may_subscribe_to(site: Callable[[str], Site]) -> None:
    made = site(SUBSCRIBERS)
    wish = SubscriberSetting.model_validate({"email": "new@example.org", "rules": ["reward"]})
    subscriptions.add(made.context(), wish, confirmed=True)
    assert Own(made).names(email="new@example.org") == []


def test_many_may_ask_at_once(own: Own) -> None:
    rests = [own.token() + rest for rest in (".atom", ".json", "/daily.atom", "/daily.json")] * 10
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(own.feeds.document, rests))
    assert [one.body for one in found if isinstance(one, Document)] == [own.fetch(rest) for rest in rests]


def test_bodies_that_nobody_asked_for_longest_are_let_go_and_made_anew(
    own: Own, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = own.document()
    monkeypatch.setattr(kept_feeds, "MOST_BYTES", len(first.packed) + 10)
    own.document(email=OTHER)
    known = own.feeds.fresh(own.token() + ".atom")
    assert known is not None
    assert (known.tag, known.modified, known.packed) == (first.tag, first.modified, b"")
    assert own.feeds.document(own.token() + ".atom", lambda has: has.tag == first.tag) == known
    assert own.document() == first


def test_no_more_documents_are_known_than_there_is_room_for(own: Own, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_feeds, "MOST_KNOWN", 2)
    rests = [own.token() + rest for rest in (".atom", ".json", "/daily.atom")]
    for rest in rests:
        own.feeds.document(rest)
    assert [own.feeds.fresh(rest) is not None for rest in rests] == [False, True, True]


def test_entries_are_shared_by_who_has_the_same_reasons(site: Callable[[str], Site], tmp_path: Path) -> None:
    made = site(SUBSCRIBERS.replace('rules = ["birds"]', 'rules = [{ name = "Rewards", query = "reward" }]'))
    made.drop("2026-06-15.jsonl", paper(1), paper(2))
    made.run("2026-06-15")
    own = Own(made)
    own.document()
    own.document(email=OTHER)
    assert own.renderer.counts["web/feed_entry.html"] == 2
    assert isinstance(own.renderer, Renderer)


def test_a_store_that_cannot_be_read_is_told_and_gives_nothing_that_was_kept(own: Own) -> None:
    rest = own.token() + ".atom"
    own.document()
    own.feeds._version.close()
    assert own.feeds.fresh(rest) is None
    with pytest.raises(StateError, match="closed"):
        own.feeds.document(rest)
