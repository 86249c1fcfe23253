"""Feed readers that people use follow a site for thirty days: each entry is shown once, and nothing is sent twice."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import feed_readers
import invented_days
import pytest
from feed_readers import READERS, Feedparser, Library, Newsboat, Reader, Shown
from recorded_web import Asked, Web
from serve_site import Site

from digest import web
from digest.pipeline.run import run
from digest.service import feed_addresses

DAYS = 30
MANY = 3  # new papers a day
SILENT = 9  # on this day nothing is listed
SKIPPED = 14  # on this day there is no run; the next one takes in what lies there
FIRST = date(2026, 6, 15)
CONFIG = """
[site]
title = "Papers & Preprints"
base_url = "{address}"

[feed]
max_entries = 10

[[topics]]
slug = "graphs"
title = "Graphs"
rules = ["title:graph OR title:robust"]

[[subscribers]]
email = "reader@example.org"
rules = ["title:graph OR title:survey"]
"""
_OF = "JOIN recipients ON recipients.id = recipient_id WHERE kind ="
# What each feed has to have shown in the end: the identifiers of its entries, by what the store knows.
ENTRIES = {
    "papers": "SELECT 'papers/' || id FROM papers",
    "papers/daily": "SELECT DISTINCT 'feeds/papers/daily/' || date FROM news WHERE kind = 'new'",
    "topics/graphs": f"SELECT DISTINCT 'papers/' || paper_id FROM entries {_OF} 'topic'",
    "topics/graphs/daily": f"SELECT 'feeds/topics/graphs/daily/' || date FROM editions {_OF} 'topic' AND entries > 0",
    "my": f"SELECT DISTINCT 'papers/' || paper_id FROM entries {_OF} 'subscriber'",
    "my/daily": "SELECT 'feeds/my/' || recipient_id || '/daily/' || date "
    f"FROM editions {_OF} 'subscriber' AND entries > 0",
}
# Titles and names that a reader might take for markup, for its end, or for two. The titles are all about graphs.
TITLES = {
    8: "Is P < NP & <i>Other</i> Graph Questions?",
    17: "Graph &amp; Entity &lt;b&gt; ]]> Linking",
    26: "Spectra of “Large” Graphs — 変分推論, Größe and تعلم آلي",
    40: "A Graph \U0001f600 and " + "Very " * 40 + "Long Title",
    53: "AT&T and the R&D of Graphs",
}
PEOPLE = {8: ["Søren O'Neil", "Ng, Vu", "李 明"], 17: [], 26: [f"Author {number}" for number in range(30)]}


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


def paper(number: int, *, again: bool = False) -> dict[str, Any]:
    """Return a paper's listing: until listed again, each day's second has no authors, and the third says less."""
    own = invented_days.paper(number, day(number // MANY).isoformat())
    own["title"] = TITLES.get(number, own["title"])
    own["authors"] = PEOPLE.get(number, own["authors"] if again or number % MANY != 1 else [])
    own["summary"] += " And there is more to it than that." if again and number % MANY == 2 else ""
    return own


def listings(number: int) -> list[dict[str, Any]]:
    """Return what is listed on a day: new papers, and some of those of the day before."""
    if number == SILENT:
        return []
    new = [paper(number * MANY + own) for own in range(MANY)]
    if number - 1 in (-1, SILENT, SKIPPED):
        return new
    return [*new, *(paper((number - 1) * MANY + own, again=True) for own in range(3))]


def drop(site: Site, number: int) -> None:
    path = site.state / "inbox" / "page" / f"{day(number)} page.jsonl"
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join(f"{json.dumps(row)}\n" for row in listings(number)))


def run_day(site: Site, number: int) -> None:
    """Do a day's run. What it writes is as old as the day, not all of one second of ours.

    newsboat takes no document that is not of a later second than the one before, whatever its ETag.
    """
    public = site.state / "public"
    before = {path: path.stat().st_mtime_ns for path in public.rglob("*.*")}
    site.now = datetime.combine(day(number), time(7), UTC)
    run(site.context, day(number))
    for path in public.rglob("*.*"):
        if path.stat().st_mtime_ns != before.get(path):
            os.utime(path, (site.now.timestamp(),) * 2)


@contextmanager
def serving(folder: Path) -> Iterator[tuple[Site, Web]]:
    """Have a site that is served under the address that its feeds name."""
    at = Web()
    site = Site(folder / "state", CONFIG.format(address=at.address))
    with closing(site.context.store), at.serving(web.app(site.context)):
        yield site, at


def addresses(site: Site, suffixes: Sequence[str], names: Sequence[str] = tuple(ENTRIES)) -> dict[str, str]:
    """Return the addresses of feeds, and what they are of."""
    base = site.context.settings.site.base_url
    own = feed_addresses.subscriber_feeds(site.context, "reader@example.org").path
    paths = {name: own + name.removeprefix("my") if name.startswith("my") else f"feeds/{name}" for name in names}
    return {f"{base}/{path}.{suffix}": name for name, path in paths.items() for suffix in suffixes}


@dataclass
class Day:
    """What a reader was shown by a poll, and what it asked when after that nothing could be new."""

    shown: list[Shown]
    in_vain: list[Asked]


@dataclass
class Followed:
    """What a reader saw of a site; ``feeds`` are the addresses that it asked, and what they are of."""

    site: Site
    feeds: dict[str, str]
    reader: Reader
    days: list[Day] = field(default_factory=list)

    def shown(self, feed: str) -> list[Shown]:
        return [entry for own in self.days for entry in own.shown if entry.feed == feed]


@contextmanager
def followed(name: str, folder: Path) -> Iterator[Followed]:
    """Run a site for all days; the reader polls after each run, and once more when nothing can be new."""
    (home := folder / name).mkdir()
    with serving(folder) as (site, at):
        feeds = addresses(site, READERS[name].suffixes)
        with closing(READERS[name](home, list(feeds))) as reader:
            found = Followed(site, feeds, reader)
            for number in range(DAYS):
                drop(site, number)
                if number != SKIPPED:
                    run_day(site, number)
                    found.days.append(Day(*polled_twice(reader, at)))
            yield found


def polled_twice(reader: Reader, at: Web) -> tuple[list[Shown], list[Asked]]:
    shown = reader.poll()
    at.take()
    assert reader.poll() == []
    return shown, at.take()


@pytest.fixture(params=READERS)
def reader(request: pytest.FixtureRequest) -> str:
    """The name of a reader that is here; where everything has to be, it may not be missing."""
    return present(request.param)


def present(name: str) -> str:
    if why := feed_readers.lacking(name):
        assert not os.environ.get("CI"), f"{why}, and this test has to be run here"
        pytest.skip(why)
    return name


@pytest.mark.slow
def test_a_reader_shows_each_entry_once_and_is_not_sent_what_it_has(reader: str, tmp_path: Path) -> None:
    with followed(reader, tmp_path) as found:
        assert len(found.days) == DAYS - 1
        for feed, name in found.feeds.items():
            each_entry_was_shown_once(found, feed, name)
        papers_are_shown_as_they_were_listed(found)
        nothing_is_sent_twice(found)
        if isinstance(found.reader, Library):
            an_entry_changes_when_its_paper_does(found, found.reader)


def each_entry_was_shown_once(found: Followed, feed: str, name: str) -> None:
    authority = found.site.context.store.authority("", FIRST)
    wanted = [f"tag:{authority}:{entry}" for (entry,) in found.site.rows(ENTRIES[name])]
    assert len(wanted) > DAYS // 2
    assert Counter(entry.id for entry in found.shown(feed)) == Counter(wanted)


def papers_are_shown_as_they_were_listed(found: Followed) -> None:
    site = found.site.context.settings.site.title
    for feed, name in found.feeds.items():
        if name.endswith("daily"):
            continue
        for entry in found.shown(feed):
            number = int(entry.link.rpartition(".")[2])
            listed = paper(number)
            assert entry.title == listed["title"]
            assert entry.people == found.reader.people(listed["authors"], feed.rpartition(".")[2], site)
            assert entry.published.date() == day(number // MANY)


def nothing_is_sent_twice(found: Followed) -> None:
    for number, own in enumerate(found.days):
        new = {entry.feed.rpartition("/feeds/")[2] for entry in own.shown}
        assert len(own.in_vain) == len(found.feeds)
        for asked in own.in_vain:
            path = asked.path.removeprefix("/feeds/")
            if found.reader.keeps(2 * number, path in new):
                assert asked.status == 304, (number, asked)


def an_entry_changes_when_its_paper_does(found: Followed, library: Library) -> None:
    ((changed,),) = found.site.rows("SELECT count(*) FROM papers WHERE revision > 1")
    assert changed > DAYS
    assert [library.changed[feed] for feed, name in found.feeds.items() if name == "papers"] == [changed, changed]


def test_feedparser_and_reader_agree_with_each_other_and_with_what_was_listed(tmp_path: Path) -> None:
    with serving(tmp_path) as (site, _):
        for number in range(SKIPPED):
            drop(site, number)
        run_day(site, SKIPPED - 1)
        feeds = addresses(site, ("atom", "json"), ["papers"])
        atom, feed_json = feeds
        with closing(Library(tmp_path, list(feeds))) as library:
            held = {(entry.feed, entry.id): entry for entry in library.poll()}
        parsed = Feedparser(tmp_path, [atom]).poll()
    assert len(held) == 2 * len(parsed) == 2 * MANY * (SKIPPED - 1)
    for entry in parsed:
        number = int(entry.link.rpartition(".")[2])
        again = number // MANY < SKIPPED - 1 and number // MANY + 1 != SILENT
        listed = paper(number, again=again)
        assert (entry.title, entry.people) == (listed["title"], ", ".join(listed["authors"]))
        assert entry.updated
        assert entry.published.date() == day(number // MANY)
        assert (entry.updated > entry.published) == (listed != paper(number))
        assert replace(held[feed_json, entry.id], feed=atom) == entry
        assert replace(held[atom, entry.id], people=entry.people) == entry


def test_newsboat_shows_a_paper_of_two_feeds_once(tmp_path: Path) -> None:
    present("newsboat")
    with serving(tmp_path) as (site, _):
        drop(site, 0)
        run_day(site, 0)
        feeds = addresses(site, ("atom",), ["papers", "topics/graphs"])
        shown = Newsboat(tmp_path, list(feeds), together=True).poll()
    assert Counter(feeds[entry.feed] for entry in shown) == {"papers": MANY - 2, "topics/graphs": 2}
