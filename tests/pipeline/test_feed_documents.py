"""Feeds over time: what is current and what archived, what is written anew, and what is left as it is."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date, timedelta
from typing import Any

import pytest
from conftest_pipeline import Site, paper
from feed_reading import entries, followed, followed_json

from digest.pipeline import run as running
from digest.pipeline.publish import publish
from digest.pipeline.run import renderer_of
from digest.render import Renderer

FIRST = date(2026, 6, 15)
TOPIC = """
[feed]
max_entries = 5

[[topics]]
slug = "reward"
title = "Reward models"
rules = ["reward"]
"""
FEEDS = ("feeds/papers", "feeds/papers/daily", "feeds/topics/reward", "feeds/topics/reward/daily")


def fetch(own: Site) -> Callable[[str], bytes]:
    return lambda path: (own.state / "public" / path).read_bytes()


def on(day: int) -> str:
    return (FIRST + timedelta(days=day)).isoformat()


def listed(own: Site, day: int, count: int = 3, **fields: Any) -> None:
    """List new papers on a day, and run it."""
    own.drop(f"{on(day)}.jsonl", *[paper(100 * day + number, **fields) for number in range(count)])
    own.run(on(day), force=True)


def names(own: Site, path: str) -> list[str]:
    return [entry.name for found in followed(fetch(own), path).values() for entry in found]


def files(own: Site) -> dict[str, tuple[int, int]]:
    public = own.state / "public"
    return {
        str(path.relative_to(public)): (path.stat().st_ino, path.stat().st_mtime_ns)
        for path in public.rglob("*")
        if path.is_file()
    }


def published(own: Site) -> Renderer:
    """Publish once more; return what rendered."""
    renderer = renderer_of(own.context())
    publish(own.context(), renderer)
    return renderer


@pytest.mark.slow
def test_archives_lead_to_every_entry_ever_once_and_never_change(site: Callable[[str], Site]) -> None:
    own, archives = site(TOPIC), dict[str, bytes]()
    seen: dict[str, set[str]] = {path: set() for path in FEEDS}
    for day in range(50):
        listed(own, day, count=day % 3)  # a day in three has nothing new
        for path in FEEDS:
            chain = followed(fetch(own), f"{path}.atom")
            found = [entry.name for part in chain.values() for entry in part]
            assert len(set(found)) == len(found)
            assert seen[path] <= set(found)
            seen[path] = set(found)
            for archive in list(chain)[1:]:
                assert archives.setdefault(archive, fetch(own)(archive)) == fetch(own)(archive)
            ids = followed_json(fetch(own), f"{path}.json")
            assert [name.split(":", 3)[-1] for name in ids] == found
    days = [day for day in range(50) if day % 3]
    assert [len(seen[path]) for path in FEEDS] == [sum(day % 3 for day in days), len(days)] * 2
    assert "feeds/papers/daily/2026-06.atom" in archives
    assert len([path for path in archives if path.startswith("feeds/topics/reward/2026-0")]) > 20


def test_the_current_document_holds_the_newest_entries_or_seven_days_whichever_is_more(
    site: Callable[[str], Site],
) -> None:
    own = site(TOPIC)
    for day in range(14):
        listed(own, day)
    for most, held in ((1, 21), (21, 21), (30, 30), (31, 33), (1000, 42)):
        own.toml = TOPIC.replace("max_entries = 5", f"max_entries = {most}")
        published(own)
        for path in ("feeds/papers.atom", "feeds/topics/reward.atom"):
            found = entries(fetch(own)(path))
            assert len(found) == held
            assert max(entry.updated for entry in found)[:10] == found[0].updated[:10] == on(13)


def test_more_papers_of_one_date_are_published_as_they_come(site: Callable[[str], Site]) -> None:
    own = site(TOPIC)
    listed(own, 0)
    own.drop(f"{on(0)}-late.jsonl", paper(50), paper(51))
    own.run(on(0), force=True)
    assert len(names(own, "feeds/papers.atom")) == 5
    assert b"5 new papers." in fetch(own)("feeds/papers/daily.atom")


def test_where_nothing_changed_nothing_is_rendered_and_no_file_is_touched(site: Callable[[str], Site]) -> None:
    own = site(TOPIC)
    listed(own, 0)
    listed(own, 1)
    before = files(own)
    assert published(own).counts == {}
    own.run(on(1))
    assert files(own) == before


def test_new_papers_cost_their_own_rendering_alone(
    site: Callable[[str], Site], monkeypatch: pytest.MonkeyPatch
) -> None:
    own, made = site(TOPIC), list[Renderer]()
    for day in range(5):
        listed(own, day)
    monkeypatch.setattr(running, "renderer_of", lambda context: made.append(renderer_of(context)) or made[-1])
    own.drop(f"{on(5)}.jsonl", *[paper(900 + n, title=f"Paper {n} of birds", summary="They sing.") for n in range(10)])
    own.run(on(5), force=True)
    assert made[0].counts["web/feed_entry.html"] == 10
    assert made[0].counts["web/feed_day.html"] == 1


def test_a_cache_that_is_lost_or_damaged_changes_no_byte(site: Callable[[str], Site]) -> None:
    own = site(TOPIC)
    for day in range(10):
        listed(own, day)
    before, cache = own.written(), own.state / "feeds.cache"
    for spoil in (cache.unlink, lambda: cache.write_bytes(b"no database" * 1000), lambda: os.truncate(cache, 5000)):
        spoil()
        assert published(own).counts["web/feed_entry.html"] > 0
        assert own.written() == before


def test_a_folder_that_is_lost_comes_back_with_its_archives(site: Callable[[str], Site]) -> None:
    own = site(TOPIC)
    for day in range(10):
        listed(own, day)
    before = own.written()
    shutil.rmtree(own.state / "public")
    published(own)
    assert own.written() == before


@pytest.mark.parametrize("path", ["feeds/papers.json", "feeds/topics/reward/daily.atom", "index.html"])
def test_a_current_file_that_somebody_removed_or_changed_is_written_again(
    site: Callable[[str], Site], path: str
) -> None:
    own = site(TOPIC)
    listed(own, 0)
    before = fetch(own)(path)
    for spoil in (
        lambda: (own.state / "public" / path).unlink(),
        lambda: (own.state / "public" / path).write_text("?"),
    ):
        spoil()
        published(own)
        assert fetch(own)(path) == before


def test_a_paper_that_changes_is_updated_while_it_is_current_and_stays_as_it_was_in_archives(
    site: Callable[[str], Site],
) -> None:
    own = site(TOPIC)
    listed(own, 0, summary=None)
    first = entries(fetch(own)("feeds/papers.atom"))
    own.drop(f"{on(2)}.jsonl", paper(0, summary="It now has an abstract, and rewards."))
    own.run(on(2), force=True)
    for path in ("feeds/papers.atom", "feeds/topics/reward.atom"):
        changed = [entry for entry in entries(fetch(own)(path)) if entry not in first]
        assert [(entry.name, entry.updated[:10]) for entry in changed] == [("papers/1", on(2))]
        assert b"now has an abstract" in fetch(own)(path)
    for day in range(3, 20):
        listed(own, day)
    archive = fetch(own)("feeds/papers/2026-06-15.atom")
    own.drop(
        f"{on(20)}.jsonl",
        paper(0, summary="It now has an abstract, and rewards. And more of it.", categories=["cs.LG"]),
    )
    own.run(on(20), force=True)
    assert fetch(own)("feeds/papers/2026-06-15.atom") == archive
    assert "papers/1" not in [entry.name for entry in entries(fetch(own)("feeds/papers.atom"))]


def test_what_is_published_follows_the_settings(site: Callable[[str], Site]) -> None:
    own = site(TOPIC)
    listed(own, 0)
    own.toml = TOPIC.replace('title = "Reward models"', 'title = "Rewards"')
    published(own)
    assert b"Paper digest: Rewards" in fetch(own)("feeds/topics/reward.atom")
    assert b"Rewards" in fetch(own)("index.html")


@pytest.mark.parametrize(
    ("base_url", "authority"),
    [
        ("https://Müller.Example/digest", "xn--mller-kva.example"),
        ("http://127.0.0.1:8000", "127.0.0.1"),
        ("http://[::1]:8000", "digest.invalid"),
        ("", "digest.invalid"),
    ],
)
def test_identifiers_name_an_authority_that_a_tag_may_have(
    site: Callable[[str], Site], monkeypatch: pytest.MonkeyPatch, base_url: str, authority: str
) -> None:
    monkeypatch.setattr("conftest_pipeline.HEAD", f'[site]\nbase_url = "{base_url}"\n')
    own = site(TOPIC)
    listed(own, 0)
    assert entries(fetch(own)("feeds/papers.atom"))[0].id.startswith(f"tag:{authority},2026-11-21:")


def each_feed(own: Site) -> Iterator[tuple[str, list[str]]]:
    for path in FEEDS:
        yield path, names(own, f"{path}.atom")


def test_a_new_base_url_changes_no_identifier(site: Callable[[str], Site], monkeypatch: pytest.MonkeyPatch) -> None:
    own = site(TOPIC)
    listed(own, 0)
    before = {path: [entry.id for entry in entries(fetch(own)(f"{path}.atom"))] for path, _ in each_feed(own)}
    monkeypatch.setattr("conftest_pipeline.HEAD", '[site]\nbase_url = "https://moved.example"\n')
    own.toml += "\n"
    published(own)
    assert b"https://moved.example/feeds/papers.atom" in fetch(own)("feeds/papers.atom")
    assert {path: [entry.id for entry in entries(fetch(own)(f"{path}.atom"))] for path in FEEDS} == before


def test_a_feed_is_published_before_its_topic_has_an_edition(site: Callable[[str], Site]) -> None:
    own = site(TOPIC.replace('rules = ["reward"]', 'rules = ["xylophone"]'))
    listed(own, 0)
    for path in ("feeds/topics/reward.atom", "feeds/topics/reward/daily.atom"):
        assert entries(fetch(own)(path)) == []


def test_bits_that_a_disk_gave_back_wrong_are_never_published(site: Callable[[str], Site]) -> None:
    own, dice = site(TOPIC), random.Random(5)
    for day in range(3):
        listed(own, day)
    before, cache = own.written(), own.state / "feeds.cache"
    whole = cache.read_bytes()
    for _ in range(25):
        spoiled = bytearray(whole)
        for _ in range(60):
            spoiled[dice.randrange(100, len(spoiled))] ^= 1 << dice.randrange(8)
        cache.write_bytes(spoiled)
        (own.state / "public" / "feeds" / "papers.atom").unlink()
        published(own)
        assert own.written() == before


def test_a_feed_without_entries_stays_as_it_is_day_after_day(site: Callable[[str], Site]) -> None:
    own = site(TOPIC.replace('rules = ["reward"]', 'rules = ["xylophone"]'))
    listed(own, 0)
    before = fetch(own)("feeds/topics/reward.atom"), fetch(own)("feeds/topics/reward/daily.json")
    listed(own, 1)
    assert (fetch(own)("feeds/topics/reward.atom"), fetch(own)("feeds/topics/reward/daily.json")) == before


def test_a_day_of_all_papers_is_the_same_whenever_it_is_written(site: Callable[[str], Site]) -> None:
    own = site(TOPIC)
    listed(own, 0, id=None, title="A Paper That Nobody Numbered", count=1)
    own.drop(f"{on(1)}.jsonl", paper(0, title="A Paper That Nobody Numbered"))
    own.run(on(1), force=True)
    before = fetch(own)("feeds/papers/daily.atom")
    assert b"arxiv.org/abs/2606.00000" in before
    (own.state / "feeds.cache").unlink()
    published(own)
    assert fetch(own)("feeds/papers/daily.atom") == before


def test_no_more_entries_are_kept_than_are_current(site: Callable[[str], Site]) -> None:
    own = site(TOPIC)
    for day in range(12):
        listed(own, day)
    with closing(sqlite3.connect(own.state / "feeds.cache")) as cache:
        kept = dict(cache.execute("SELECT feed, count(*) FROM pieces GROUP BY feed").fetchall())
    assert kept == {path: len(entries(fetch(own)(f"{path}.atom"))) for path in FEEDS}
    own.toml = "[feed]\nmax_entries = 5\n"
    published(own)
    with closing(sqlite3.connect(own.state / "feeds.cache")) as cache:
        assert {feed for (feed,) in cache.execute("SELECT feed FROM pieces")} == {"feeds/papers", "feeds/papers/daily"}


def test_of_an_archive_only_the_form_that_is_missing_is_written_again(site: Callable[[str], Site]) -> None:
    own = site(TOPIC)
    for day in range(12):
        listed(own, day)
    gone, before = own.state / "public/feeds/papers/2026-06-16.json", files(own)
    data = gone.read_bytes()
    gone.unlink()
    (own.state / "feeds.cache").unlink()
    published(own)
    assert gone.read_bytes() == data
    assert {path: stamp for path, stamp in files(own).items() if before[path] != stamp}.keys() == {
        "feeds/papers/2026-06-16.json"
    }


def test_a_feed_that_did_not_change_the_last_time_is_watched_all_the_same(site: Callable[[str], Site]) -> None:
    own = site(TOPIC)
    listed(own, 0)
    before = fetch(own)("feeds/topics/reward.json")
    own.drop(f"{on(1)}.jsonl", paper(900, title="Of birds", summary="They sing."))
    own.run(on(1), force=True)
    (own.state / "public/feeds/topics/reward.json").unlink()
    published(own)
    assert fetch(own)("feeds/topics/reward.json") == before
