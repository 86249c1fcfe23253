"""A new subscriber's first edition says who added them, shows their rules and the last week's matches, and only it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from conftest_pipeline import Site, paper

from digest.service import subscriptions

Make = Callable[..., Site]
READER = "reader@example.org"
OTHER = """
[[subscribers]]
email = "other@example.org"
rules = ["zebra"]
"""
NEW = """
[[subscribers]]
email = "reader@example.org"
rules = ['"reward model*"', { name = "Crowds", query = "crowd" }]
"""
WELCOME = "This is your first edition."


def test_the_first_edition_says_who_added_them_and_shows_their_rules_at_its_top(site: Make) -> None:
    own = site(NEW)
    own.drop("2026-06-15 a.jsonl", paper(1))
    own.run("2026-06-15")
    text = own.text("2026-06-15", READER)
    assert (
        "You were added by the operator of this digest on 21 Nov 2026. This is your first edition. The next ones hold"
        ' what is new. Your rules: - "reward model*" - Crowds: crowd YOUR KEYWORDS' in text
    )
    assert text.count("Your rules: -") == 1
    assert text.count("You were added") == 1


def test_no_later_edition_says_so_again(site: Make) -> None:
    own = site(NEW)
    for number, day in enumerate(("2026-06-15", "2026-06-16", "2026-06-17")):
        own.drop(f"{day} a.jsonl", paper(number))
        own.run(day)
    assert [WELCOME in own.text(f"2026-06-{day}", READER) for day in (15, 16, 17)] == [True, False, False]


def test_an_empty_one_is_not_sent_and_the_first_with_papers_is_the_first(site: Make) -> None:
    own = site(NEW)
    own.run("2026-06-15")
    assert own.mail("2026-06-15", READER) is None
    own.drop("2026-06-16 a.jsonl", paper(1))
    own.run("2026-06-16")
    assert WELCOME in own.text("2026-06-16", READER)


def test_who_joins_gets_the_last_weeks_matches_and_nothing_older(site: Make) -> None:
    own = site(OTHER)
    for number, day in enumerate(("2026-06-01", "2026-06-08", "2026-06-12", "2026-06-15")):
        own.drop(f"{day} a.jsonl", paper(number))
        own.run(day)
    own.toml = OTHER + NEW
    own.run("2026-06-16")
    text = own.text("2026-06-16", READER)
    assert [f"Invented Paper {number} on" in text for number in range(4)] == [False, False, True, True]
    assert "This is your first edition. It holds what matched in the last 5 days." in text


def test_who_is_added_while_dumps_wait_gets_those_too(site: Make) -> None:
    own = site(OTHER)
    own.drop("2026-06-14 a.jsonl", paper(1))
    own.run("2026-06-14")
    own.drop("2026-06-15 b.jsonl", paper(2))
    own.toml = OTHER + NEW
    own.run("2026-06-15")
    text = own.text("2026-06-15", READER)
    assert [f"Invented Paper {number} on" in text for number in (1, 2)] == [True, True]


def test_where_the_first_is_taken_back_the_next_is_the_first_that_they_get(site: Make) -> None:
    own = site(NEW)
    own.drop("2026-06-15 a.jsonl", paper(1))
    with pytest.MonkeyPatch.context() as cut:
        cut.setattr("digest.pipeline.run.deliver", _nothing_sent)
        with pytest.raises(InterruptedError):
            own.run("2026-06-15")
    subscriptions.set_state(own.context(), READER, "paused")
    subscriptions.set_state(own.context(), READER, "active")
    own.run("2026-06-16")
    assert own.rows("SELECT state FROM deliveries ORDER BY date") == [("withdrawn",), ("sent",)]
    assert WELCOME in own.text("2026-06-16", READER)
    assert "Invented Paper 1 on" in own.text("2026-06-16", READER)


def _nothing_sent(*_: object) -> None:
    raise InterruptedError


def test_who_comes_back_after_a_pause_is_not_new(site: Make) -> None:
    own = site(NEW)
    own.drop("2026-06-15 a.jsonl", paper(1))
    own.run("2026-06-15")
    subscriptions.set_state(own.context(), READER, "paused")
    subscriptions.set_state(own.context(), READER, "active")
    own.drop("2026-06-16 a.jsonl", paper(2))
    own.run("2026-06-16")
    assert "Invented Paper 2 on" in own.text("2026-06-16", READER)
    assert WELCOME not in own.text("2026-06-16", READER)


def test_who_is_named_again_is_not_new(site: Make) -> None:
    own = site(NEW)
    own.drop("2026-06-15 a.jsonl", paper(1))
    own.run("2026-06-15")
    own.toml = OTHER
    own.run("2026-06-16")
    own.toml = NEW
    own.drop("2026-06-17 a.jsonl", paper(2))
    own.run("2026-06-17")
    assert "Invented Paper 2 on" in own.text("2026-06-17", READER)
    assert WELCOME not in own.text("2026-06-17", READER)


def test_the_first_of_a_topic_says_nothing_of_it(site: Make) -> None:
    own = site('[[topics]]\nslug = "reward"\ntitle = "Rewards"\nrules = ["reward"]\n')
    own.drop("2026-06-15 a.jsonl", paper(1))
    own.run("2026-06-15")
    page = own.state / "public" / "editions" / "2026-06-15" / "reward.html"
    assert WELCOME not in page.read_text("utf-8")
    assert own.rows("SELECT head ->> 'first' FROM editions") == [(None,)]
