"""Feeds of papers made for harm are valid by all rules: of every kind, current and archived, in both formats."""

from __future__ import annotations

import json
import random
import tomllib
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
from feed_rules import faults_of_atom, faults_of_chain, faults_of_json, same_ids
from hostile_papers import (
    DAYS,
    LONG_ABSTRACT,
    MANY_AUTHORS,
    PIECES,
    hostile_matches,
    hostile_papers,
    hostile_text,
    matched_papers,
)
from hypothesis import given, settings

from digest.archive import Archive
from digest.feeds import CURRENT_DAYS
from digest.models import Edition, Entry, FeedEntry, Match, Paper
from digest.pipeline import run as running
from digest.pipeline.context import Context
from digest.render import Renderer
from digest.render.feeds import Head, Piece
from digest.service import feed_addresses
from digest.service.private_feeds import Document, PrivateFeeds
from digest.settings import Settings, Site
from digest.store import open_store

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
BASE = "https://digest.example.org"
TITLE = "Papers & more"
FEEDS = Renderer(Settings(site=Site(title=TITLE, base_url=BASE))).feeds("digest-ab12.example,2026-11-21")
PUBLIC = ALL, DAILY, TOPIC, TOPIC_DAILY = (
    "feeds/papers",
    "feeds/papers/daily",
    "feeds/topics/alignment",
    "feeds/topics/alignment/daily",
)
AT_ONCE = 200  # entries of a document


def by_rule(faults: Sequence[str]) -> dict[str, str]:
    """Return the first fault of each rule, so that a failure shows what there is."""
    return {fault.rpartition("[")[2].rstrip("]"): fault for fault in reversed(faults)}


def faults_of(document: Piece, head: Head) -> list[str]:
    """Return all that is wrong with a document in its two formats."""
    address = f"{BASE}/{head.here}"
    return [
        *faults_of_atom(document.atom, f"{address}.atom", NOW),
        *faults_of_json(document.json, f"{address}.json", NOW),
        *same_ids(document.atom, document.json),
    ]


def faults_of_documents(path: str, entries: Sequence[Piece]) -> list[str]:
    """Write entries into documents, of which every other one is an archive; return what is wrong with them."""
    faults, hub = [], "https://hub.example.org/?a=b&c"
    for number, start in enumerate(range(0, len(entries), AT_ONCE)):
        part = entries[start : start + AT_ONCE]
        archive = (
            {"archive": "2026-06-08", "before": "2026-06-07"} if number % 2 else {"before": "2026-06-08", "hub": hub}
        )
        updated = max(entry.updated for entry in part)
        head = Head(f"{TITLE}: {path}", path, FEEDS.identifier(path), updated, **archive)
        faults += faults_of(FEEDS.document(head, part), head)
    return faults


def of_all_papers(papers: Sequence[Paper], dice: random.Random) -> list[str]:
    return faults_of_documents(ALL, [FEEDS.entry(FeedEntry(paper)) for paper in papers])


def of_a_topic(papers: Sequence[Paper], dice: random.Random) -> list[str]:
    entries = [FEEDS.entry(FeedEntry(paper, hostile_matches(paper, dice))) for paper in papers]
    return faults_of_documents(TOPIC, entries)


def of_a_subscriber(papers: Sequence[Paper], dice: random.Random) -> list[str]:
    """Some papers come once more, since they were replaced, while they are still there from the first time."""
    entries = []
    for paper in papers:
        matches = hostile_matches(paper, dice)
        if dice.random() < 0.1:
            entries.append(FEEDS.entry(FeedEntry(paper, matches, again=paper.revision)))
        entries.append(FEEDS.entry(FeedEntry(paper, matches)))
    return faults_of_documents("feeds/my/abcDEF-_.gh", entries)


def of_all_days(papers: Sequence[Paper], dice: random.Random) -> list[str]:
    days = groupby(papers, key=lambda paper: paper.first_listed)
    return faults_of_documents(DAILY, [FEEDS.papers(on, list(found), DAILY) for on, found in days])


def of_the_days_of_a_topic(papers: Sequence[Paper], dice: random.Random) -> list[str]:
    return _of_editions(papers, dice, kind="topic", recipient="alignment")


def of_the_days_of_a_subscriber(papers: Sequence[Paper], dice: random.Random) -> list[str]:
    return _of_editions(papers, dice, kind="subscriber", recipient="reader@example.org")


def _of_editions(papers: Sequence[Paper], dice: random.Random, **whose: Any) -> list[str]:
    days, entries = groupby(papers, key=lambda paper: paper.first_listed), []
    for number, (on, found) in enumerate(days, 1):
        matches: Callable[[Paper], tuple[Match, ...]] = lambda paper: hostile_matches(paper, dice)  # noqa: E731
        chosen = tuple(Entry(paper, matches(paper), older=dice.random() < 0.1) for paper in found)
        edition = Edition(
            title=hostile_text(dice),
            date=on,
            entries=chosen,
            considered=len(chosen),
            waiting=((7, hostile_text(dice)),),
            more=1,
            topics=(("alignment", hostile_text(dice)),),
            id=number,
            **whose,
        )
        entries.append(FEEDS.edition(edition, TOPIC_DAILY, f"editions/{on}/alignment.html"))
    return faults_of_documents(TOPIC_DAILY, entries)


KINDS = (of_all_papers, of_a_topic, of_a_subscriber, of_all_days, of_the_days_of_a_topic, of_the_days_of_a_subscriber)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_feeds_of_hundreds_of_hostile_papers_are_valid(kind: Callable[..., list[str]]) -> None:
    assert by_rule(kind(hostile_papers(400, 1)[::-1], random.Random(1))) == {}


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_feeds_of_ten_thousand_hostile_papers_are_valid(kind: Callable[..., list[str]]) -> None:
    assert by_rule(kind(hostile_papers(10_000, 2)[::-1], random.Random(2))) == {}


def test_the_papers_are_as_hostile_as_they_are_said_to_be() -> None:
    papers = hostile_papers(2000, 1)
    assert papers == hostile_papers(2000, 1) != hostile_papers(2000, 2)
    assert max(len(paper.abstract or "") for paper in papers) == LONG_ABSTRACT
    assert max(len(paper.authors) for paper in papers) == MANY_AUTHORS
    words = "".join(paper.title for paper in papers)
    assert not [piece for piece in PIECES if piece not in words]


@given(matched_papers())
@settings(max_examples=60)
def test_whatever_a_paper_holds_its_entry_is_valid(found: tuple[Paper, tuple[Match, ...]]) -> None:
    paper, matches = found
    assert faults_of_documents(TOPIC, [FEEDS.entry(FeedEntry(paper, matches))]) == []


# A site that is run day by day, with all its files

CONFIG = """
[site]
title = "Papers & more"
base_url = "https://digest.example.org"
sender = "Digest <digest@example.org>"

[feed]
max_entries = 5

[[topics]]
slug = "alignment"
title = "R&D, Q&A2 & more"
rules = ["*", { name = "<i>Bold</i> & more", query = "bold OR reward" }]

[[subscribers]]
email = "reader@example.org"
mail = false
max_items = 20
rules = [{ name = "&lt;b&gt;", query = "words OR revisited" }, "type:replaced", "*^0.1"]
"""


def listing(paper: Paper) -> dict[str, Any]:
    """Return a paper as a listing; its number keeps it apart from papers with the same hostile title."""
    return {
        "id": f"2606.{paper.id:05d}",
        "title": f"{paper.title} {paper.id}",
        "abstract": paper.abstract,
        "authors": list(paper.authors),
        "categories": list(paper.categories),
        "links": list(paper.links),
        "venue": paper.venue,
        "url": paper.identifiers.url,
        "published": paper.first_listed.isoformat(),
    }


PAPERS = 10 * DAYS


def run_days(context: Context, papers: Sequence[Paper], dice: random.Random) -> None:
    """Run a site for as many days as the papers come on; each day, some of yesterday's are replaced."""
    (context.state / "inbox").mkdir(exist_ok=True)
    before: list[Paper] = []
    for on, found in groupby(papers, key=lambda paper: paper.first_listed):
        new = list(found)
        again = [listing(paper) | {"announced": "replaced", "abstract": hostile_text(dice, 9)} for paper in before[:3]]
        lines = [json.dumps(own) + "\n" for own in [*map(listing, new), *again]]
        (context.state / "inbox" / f"{on}.jsonl").write_text("".join(lines))
        running.run(context, on)
        before = new


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Context]:
    state = tmp_path_factory.mktemp("hostile") / "state"
    state.mkdir()
    own = Settings.model_validate(tomllib.loads(CONFIG))
    store = open_store(state, own.store.url)
    numbers = iter(range(10**6))
    made = Context(own, state, store, Archive(state), clock=lambda: NOW, token=lambda: f"token{next(numbers)}")
    run_days(made, hostile_papers(PAPERS, 3), random.Random(3))
    yield made
    store.close()


def faults_at(fetch: Callable[[str], bytes], address: str) -> list[str]:
    """Return what is wrong with the Atom document at an address, and with its twin in JSON."""
    twin = f"{address.removesuffix('.atom')}.json"
    atom, json = fetch(address), fetch(twin)
    faults = [*faults_of_atom(atom, address, NOW), *faults_of_json(json, twin, NOW), *same_ids(atom, json)]
    return [f"{address}: {fault}" for fault in faults]


def reader_of(context: Context) -> Callable[[str], bytes]:
    """Return what gets a document by its address, public or private, and fails where there is none."""
    private = PrivateFeeds(context, Renderer(context.settings))

    def fetch(address: str) -> bytes:
        path = address.removeprefix(f"{BASE}/")
        if not path.startswith("feeds/my/"):
            return Path(context.public, path).read_bytes()
        found = private.document(path.removeprefix("feeds/my/"))
        if not isinstance(found, Document):
            raise KeyError(address)
        return found.body

    return fetch


def private_paths(context: Context) -> list[str]:
    path = feed_addresses.subscriber_feeds(context, "reader@example.org").path
    return [path, f"{path}/daily"]


@pytest.mark.slow
def test_every_published_document_is_valid(context: Context) -> None:
    fetch, files = reader_of(context), [*(context.public / "feeds").rglob("*.atom")]
    assert len([path for path in files if path.stem[:4] == "2026"]) > 2 * (DAYS - CURRENT_DAYS)
    paths = [path.relative_to(context.public).as_posix() for path in files]
    assert by_rule([fault for path in sorted(paths) for fault in faults_at(fetch, f"{BASE}/{path}")]) == {}


@pytest.mark.slow
def test_private_documents_are_valid_whichever_is_asked_for(context: Context) -> None:
    seen: list[str] = []
    fetch = reader_of(context)

    def recorded(address: str) -> bytes:
        seen.append(address)
        return fetch(address)

    for path in private_paths(context):
        faults_of_chain(recorded, f"{BASE}/{path}.atom")
    assert len(seen) > DAYS - CURRENT_DAYS
    assert by_rule([fault for address in seen for fault in faults_at(fetch, address)]) == {}


@pytest.mark.slow
def test_each_feed_leads_back_to_its_first_entry(context: Context) -> None:
    fetch = reader_of(context)
    for path in (*PUBLIC, *private_paths(context)):
        faults, ids = faults_of_chain(fetch, f"{BASE}/{path}.atom")
        also, same = faults_of_chain(fetch, f"{BASE}/{path}.json")
        assert (faults, also, ids) == ([], [], same)
        first_time = [name for name in ids if "/revisions/" not in name]
        assert len(first_time) == (DAYS if path.endswith("daily") else PAPERS), path


@pytest.mark.slow
def test_no_mark_turns_the_direction_of_what_follows(context: Context) -> None:
    for path in (context.public / "feeds").rglob("*.*"):
        text = path.read_text("utf-8")
        assert not set(text) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"), path
