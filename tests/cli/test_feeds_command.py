"""``digest feeds``: where feeds are, a private one's new address, and the list for readers to take in."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from command_line import CONFIG, Site, paper

DAY = "2026-06-15"
BARE = CONFIG.replace('base_url = "https://digest.example.org"\n', "")
READER = "reader@example.org"


@pytest.fixture
def ready(site: Site) -> Site:
    """Return a site that has run once, so that it knows whom the configuration names."""
    site.drop(f"{DAY} a.jsonl", paper(1))
    assert site("run", "--date", DAY).status == 0
    return site


def test_the_public_feeds_are_listed_in_both_formats_by_paper_and_by_day(site: Site) -> None:
    base = "https://digest.example.org/feeds"
    said = site("feeds", "list", "--json")
    assert (said.status, said.err) == (0, "")
    assert said.json == [
        {
            "title": title,
            "atom": f"{base}/{path}.atom",
            "json": f"{base}/{path}.json",
            "daily_atom": f"{base}/{path}/daily.atom",
            "daily_json": f"{base}/{path}/daily.json",
        }
        for title, path in (("Paper digest", "papers"), ("Paper digest: Reward models", "topics/reward"))
    ]
    lines = site("feeds", "list").out.splitlines()
    assert lines[0] == "Paper digest"
    assert len(lines) == 10
    assert f"  Atom:              {base}/papers.atom" in lines


def test_paths_are_listed_where_the_site_has_no_address(site: Site) -> None:
    site.configure(BARE)
    said = site("feeds", "list")
    assert "feeds/papers.atom" in said.out
    assert "https:" not in said.out
    assert "site.base_url is not set" in said.err


def test_an_own_feed_is_told_as_a_secret(ready: Site) -> None:
    said = ready("feeds", "list", "Reader@example.org")
    assert said.status == 0
    assert said.out.count("https://digest.example.org/feeds/my/") == 4
    assert said.err.startswith("secret: ")
    (row,) = ready("feeds", "list", READER, "--json").json
    assert row["daily_json"] == row["atom"].removesuffix(".atom") + "/daily.json"


def test_two_subscribers_have_two_feeds(ready: Site) -> None:
    own, other = (ready("feeds", "list", f"{who}@example.org", "--json").json for who in ("reader", "follower"))
    assert own[0]["atom"] != other[0]["atom"]


def test_a_rotated_feed_is_somewhere_else_for_whomever_the_configuration_names(ready: Site) -> None:
    before = ready("feeds", "list", READER).out
    said = ready("feeds", "rotate", READER)
    assert said.status == 0
    assert "the old address is void" in said.err
    assert said.out != before
    ready("run", "--date", "2026-06-16")
    assert ready("feeds", "list", READER).out == said.out


@pytest.mark.parametrize("command", ["list", "rotate"])
def test_who_is_no_subscriber_is_told_so(ready: Site, command: str) -> None:
    said = ready("feeds", command, "nobody@example.org")
    assert said.status == 2
    assert said.complaint == "nobody@example.org: no such subscriber (see: digest subscribers list)"


def test_a_feed_that_is_not_served_any_more_says_so(ready: Site) -> None:
    ready("subscribers", "add", "eda@example.org", "--rule", "x")
    ready("subscribers", "pause", "eda@example.org")
    assert "nothing is served" not in ready("feeds", "list", "eda@example.org").err
    ready("subscribers", "remove", "eda@example.org")
    for command in ("list", "rotate"):
        said = ready("feeds", command, "eda@example.org")
        assert "eda@example.org is removed: nothing is served there" in said.err


def test_feeds_are_exported_for_readers_to_take_in_and_nobodys_own_is_among_them(ready: Site) -> None:
    said = ready("feeds", "export")
    assert (said.status, said.err) == (0, "")
    found = [outline.get("xmlUrl") for outline in ET.fromstring(said.out).iter("outline")]
    assert found == [
        "https://digest.example.org/feeds/papers.atom",
        "https://digest.example.org/feeds/topics/reward.atom",
    ]
    assert ready("feeds", "export", "--output", "feeds.opml").out == ""
    assert (ready.folder / "feeds.opml").read_text("utf-8") == said.out


def test_a_list_without_addresses_is_refused(site: Site) -> None:
    site.configure(BARE)
    said = site("feeds", "export")
    assert said.status == 2
    assert said.complaint.startswith("site.base_url: a reader needs whole addresses (set it ")


def test_who_is_added_without_mail_is_told_where_the_feed_is(site: Site) -> None:
    said = site("subscribers", "add", "eda@example.org", "--topic", "reward", "--no-mail")
    assert said.status == 0
    assert "without mail; where the feed is: digest feeds list eda@example.org" in said.err
    assert "no mail, daily" in site("subscribers", "list").out
    shown = site("subscribers", "show", "eda@example.org").out
    assert "mail: no\n" in shown
    assert "feed: https://digest.example.org/feeds/my/" in shown
    row = site("subscribers", "show", "eda@example.org", "--json").json
    assert (row["mail"], row["feed"]) == (False, site("feeds", "list", "eda@example.org", "--json").json[0]["atom"])


def test_a_feed_without_mail_has_editions_and_sends_nothing(site: Site) -> None:
    site("subscribers", "add", "eda@example.org", "--topic", "reward", "--no-mail")
    site.drop(f"{DAY} a.jsonl", paper(1))
    summary = site("run", "--date", DAY, "--json").json
    assert summary["editions"]["composed"] == 4  # three subscribers' and a topic's
    assert summary["deliveries"] == {"sent": 2, "failed": 0, "pending": 0}
    assert not site.mailed(DAY, "eda@example.org")


def test_mail_comes_back_for_who_is_removed_and_added_again_with_it(site: Site) -> None:
    site("subscribers", "add", "eda@example.org", "--topic", "reward", "--no-mail")
    feed = site("feeds", "list", "eda@example.org").out
    site("subscribers", "remove", "eda@example.org")
    site("subscribers", "add", "eda@example.org", "--topic", "reward")
    assert site("subscribers", "show", "eda@example.org", "--json").json["mail"] is True
    assert site("feeds", "list", "eda@example.org").out == feed


def test_neither_a_list_nor_an_export_of_people_tells_where_their_feeds_are(ready: Site) -> None:
    for told in (("list",), ("list", "--json"), ("export",)):
        assert "feeds/my" not in ready("subscribers", *told).out
