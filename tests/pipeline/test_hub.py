"""The hub that a site names: told of each feed that changed, of nothing else, and of no harm to a run."""

from __future__ import annotations

import logging
from collections.abc import Callable
from urllib.parse import parse_qs

import conftest_pipeline
import pytest
from conftest_pipeline import Site, paper
from faulty_http import Page, Web, answer, serving

TOPIC = """
[[topics]]
slug = "reward"
title = "Reward models"
rules = ["reward"]
"""
ALL = ["feeds/papers", "feeds/papers/daily"]


def told(web: Web) -> list[str]:
    """Return what the hub was told of since the last look."""
    asked = [parse_qs(request.body.decode())["hub.url"][0] for request in web.asked]
    web.asked.clear()
    return asked


def addresses(*feeds: str) -> list[str]:
    return [f"https://digest.example.org/{feed}{suffix}" for feed in feeds for suffix in (".atom", ".json")]


def listed(own: Site, day: str, **fields: str) -> None:
    own.drop(f"{day}.jsonl", paper(int(day[-2:]), **fields))
    own.run(day, force=True)


def with_hub(web: Web) -> str:
    return f'[feed]\nhub = "http://127.0.0.1:{web.port}/"\n{TOPIC}'


def test_a_hub_is_told_of_the_feeds_that_changed_and_of_no_other(site: Callable[[str], Site]) -> None:
    with serving({"/": answer("202 Accepted")}) as web:
        own = site(with_hub(web))
        listed(own, "2026-06-15")
        assert told(web) == addresses(*ALL, "feeds/topics/reward", "feeds/topics/reward/daily")
        listed(own, "2026-06-16", title="Of birds", summary="They sing.")
        assert told(web) == addresses(*ALL)
        own.run("2026-06-16", force=True)
        assert told(web) == []


@pytest.mark.parametrize(
    ("page", "failed"),
    [pytest.param(answer("202 Accepted"), 0, id="well"), pytest.param(answer("500 No"), 8, id="ill")],
)
def test_however_a_hub_answers_the_feeds_are_there_and_the_log_tells_of_it(
    site: Callable[[str], Site], caplog: pytest.LogCaptureFixture, page: Page, failed: int
) -> None:
    with caplog.at_level(logging.INFO, "digest.events"), serving({"/": page}) as web:
        own = site(with_hub(web))
        listed(own, "2026-06-15")
    assert own.feed_titles("papers")
    assert own.feed_titles("topics/reward")
    events = [(record.msg, record.__dict__.get("fields")) for record in caplog.records]
    assert ("hub.told", {"feeds": 8, "failed": failed}) in events
    assert [event for event, _ in events].count("hub.failed") == failed


def test_without_an_address_of_the_site_a_hub_is_told_nothing(
    site: Callable[[str], Site], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conftest_pipeline, "HEAD", "")
    with serving({"/": answer("202 Accepted")}) as web:
        own = site(with_hub(web))
        listed(own, "2026-06-15")
        assert own.feed_titles("papers")
        assert told(web) == []
