"""Where feeds are, and who owns the address of a private one."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from conftest_pipeline import Site
from hypothesis import given
from hypothesis import strategies as st

from digest import tokens
from digest.errors import UsageError
from digest.service import feed_addresses, subscriptions
from digest.service.feed_addresses import Owner

TOML = """
[[topics]]
slug = "reward"
title = "Reward models"
rules = ["reward"]

[[subscribers]]
email = "Ada@example.org"
topics = ["reward"]
"""
SECRET = b"a secret of this test"


@pytest.fixture
def ready(site: Callable[..., Site]) -> Site:
    made = site(TOML)
    made.run("2026-06-15")  # which takes the subscribers from the configuration
    return made


def own_token(site: Site) -> str:
    return feed_addresses.subscriber_feeds(site.context(), "ada@example.org").path.removeprefix("feeds/my/")


def test_a_private_feed_is_found_by_its_token_and_its_owner_by_an_id_alone(ready: Site) -> None:
    ((recipient,),) = ready.rows("SELECT recipient_id FROM subscribers")
    assert feed_addresses.owner(ready.context(), own_token(ready)) == Owner(recipient, "active")


def test_the_owner_is_found_whatever_became_of_the_subscription(ready: Site) -> None:
    context = ready.context()
    subscriptions.leave(context, subscriptions.show(context, "ada@example.org"))
    found = feed_addresses.owner(context, own_token(ready))
    assert found is not None
    assert found.state == "left"


def test_a_rotated_feed_has_another_address_and_the_one_before_finds_nobody(ready: Site) -> None:
    old = own_token(ready)
    path = feed_addresses.rotate(ready.context(), "ADA@example.org")
    assert path == f"feeds/my/{own_token(ready)}"
    assert feed_addresses.owner(ready.context(), own_token(ready)) is not None
    assert feed_addresses.owner(ready.context(), old) is None


def test_a_rotated_feed_stays_where_it_is_when_the_configuration_is_taken_over_again(ready: Site) -> None:
    path = feed_addresses.rotate(ready.context(), "ada@example.org")
    ready.run("2026-06-16")
    assert path == f"feeds/my/{own_token(ready)}"


def test_no_feed_is_found_by_a_token_that_was_not_made_for_it(ready: Site) -> None:
    context, own = ready.context(), own_token(ready)
    ((recipient,),) = ready.rows("SELECT recipient_id FROM subscribers")
    changed = own[:5] + ("A" if own[5] != "A" else "B") + own[6:]
    elsewhere = feed_addresses.token_of(SECRET, recipient, 0)
    leaving = tokens.sign(context.store.secret(), "unsubscribe", str(recipient))
    nobody = feed_addresses.token_of(context.store.secret(), recipient + 1, 0)
    later = feed_addresses.token_of(context.store.secret(), recipient, 1)
    for told in (changed, elsewhere, leaving, nobody, later, f"{own}=", own[:-1], "", "é", "%00", "x" * 5000):
        assert feed_addresses.owner(context, told) is None, told


def test_who_is_no_subscriber_has_no_feed(ready: Site) -> None:
    for act in (feed_addresses.subscriber_feeds, feed_addresses.rotate):
        for email in ("nobody@example.org", "reward", ""):  # a topic is no subscriber
            with pytest.raises(UsageError, match="no such subscriber"):
                act(ready.context(), email)


@given(st.tuples(st.integers(0, 2**40), st.integers(0, 2**31)), st.tuples(st.integers(0, 2**40), st.integers(0, 2**31)))
def test_no_two_subscribers_or_turns_share_a_token(one: tuple[int, int], other: tuple[int, int]) -> None:
    same = feed_addresses.token_of(SECRET, *one) == feed_addresses.token_of(SECRET, *other)
    assert same == (one == other)


def test_addresses_are_whole_with_a_base_url_and_paths_without(ready: Site) -> None:
    settings = ready.context().settings
    papers, topic = feed_addresses.public_feeds(settings)
    assert (papers.title, papers.atom) == ("Paper digest", "https://digest.example.org/feeds/papers.atom")
    assert (topic.title, topic.daily_json) == (
        "Paper digest: Reward models",
        "https://digest.example.org/feeds/topics/reward/daily.json",
    )
    bare = settings.model_copy(update={"site": settings.site.model_copy(update={"base_url": ""})})
    assert [feed.json for feed in feed_addresses.public_feeds(bare)] == [
        "feeds/papers.json",
        "feeds/topics/reward.json",
    ]
    assert feed_addresses.public_feeds(bare)[0].daily_atom == "feeds/papers/daily.atom"
