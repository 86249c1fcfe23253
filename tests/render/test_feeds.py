"""Atom documents: what readers get, stable identifiers, the same octets for the same papers."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime
from xml.etree import ElementTree as ET

import feedparser
from hypothesis import given, settings
from hypothesis import strategies as st
from invented_edition import ON, match, paper

from digest.models import FeedEntry, Identifiers
from digest.render import Renderer
from digest.settings import Settings, Site

ATOM = "{http://www.w3.org/2005/Atom}"
AUTHORITY = "digest-ab12cd.example,2026-11-21"
BARE = Renderer(Settings())
AT_HOME = Renderer(Settings(site=Site(title="Paper digest", base_url="https://digest.example.org")))


def entries(count: int) -> list[FeedEntry]:
    return [FeedEntry(paper(n), ON, date(2026, 6, 17), (match(paper(n)),) if n % 2 else ()) for n in range(count)]


def feed(renderer: Renderer, given_entries: list[FeedEntry], updated: datetime | date = ON) -> bytes:
    return renderer.feed("All papers", "feeds/papers.atom", given_entries, AUTHORITY, updated, "feeds/papers")


def test_a_feed_reader_reads_it_whole() -> None:
    read = feedparser.parse(feed(AT_HOME, entries(5)))
    assert not read.bozo
    assert read.feed.title == "All papers"
    assert read.feed.author == "Paper digest"
    assert read.feed.id == f"tag:{AUTHORITY}:feeds/papers"
    assert read.feed.updated == "2026-06-16T00:00:00+00:00"
    links = {link.rel: link.href for link in read.feed.links}
    assert links == {"self": "https://digest.example.org/feeds/papers.atom", "alternate": "https://digest.example.org/"}
    first = read.entries[0]
    assert [entry.id for entry in read.entries] == [f"tag:{AUTHORITY}:papers/{n}" for n in range(5)]
    assert first.link == "https://arxiv.org/abs/2606.01000"
    assert [author.name for author in first.authors] == ["Ines Okafor", "Tomás Brandão"]
    assert [tag.term for tag in first.tags] == ["cs.LG", "cs.AI"]
    assert (first.published, first.updated) == ("2026-06-16T00:00:00+00:00", "2026-06-17T00:00:00+00:00")
    assert first.summary.startswith("Training agents")
    assert "5.2× over" in first.summary


def test_the_content_tells_why_only_where_rules_matched() -> None:
    read = feedparser.parse(feed(AT_HOME, entries(2)))
    without, with_why = (entry.content[0].value for entry in read.entries)
    assert "Why:" not in without
    assert "Why: <i>Reward models</i>: reward model*, rollout, in abstract" in with_why
    assert b"&lt;mark&gt;reward models&lt;/mark&gt;" in feed(AT_HOME, entries(2))


def test_titles_are_readable_text() -> None:
    document = ET.fromstring(feed(BARE, [FeedEntry(paper(2), ON, ON)]))
    assert (
        document.findtext(f"{ATOM}entry/{ATOM}title") == "Q♯-Net: Distributional Critics that Know What They Don't Know"
    )


def test_without_a_base_url_the_feed_links_nowhere_of_its_own() -> None:
    document = ET.fromstring(feed(BARE, entries(1)))
    assert document.findall(f"{ATOM}link") == []
    assert document.find(f"{ATOM}entry/{ATOM}link") is not None


def test_a_paper_without_authors_falls_to_the_feed_s_author() -> None:
    bare = paper(0, authors=(), abstract=None, categories=(), identifiers=Identifiers(url="javascript:alert(1)"))
    document = ET.fromstring(feed(BARE, [FeedEntry(bare, ON, ON)]))
    assert document.find(f"{ATOM}entry/{ATOM}author") is None
    assert document.findtext(f"{ATOM}author/{ATOM}name") == "Paper digest"
    link = document.find(f"{ATOM}entry/{ATOM}link")
    assert link is not None
    assert link.attrib["href"].startswith("https://arxiv.org/search/?searchtype=title&query=Process")


def test_the_same_papers_give_the_same_octets_at_any_time() -> None:
    first = feed(AT_HOME, entries(20))
    assert first == feed(Renderer(AT_HOME._settings), entries(20))
    assert b"<generator>Digest</generator>" in first


def test_an_empty_feed_is_a_feed() -> None:
    read = feedparser.parse(feed(AT_HOME, []))
    assert not read.bozo
    assert read.entries == []


def test_times_are_kept_in_utc() -> None:
    moment = datetime(2026, 6, 16, 7, 30, tzinfo=UTC)
    assert feedparser.parse(feed(AT_HOME, [], moment)).feed.updated == "2026-06-16T07:30:00+00:00"


@given(st.text(alphabet=st.characters(categories=None), max_size=60))
@settings(max_examples=50)
def test_no_text_breaks_the_feed_or_becomes_markup(text: str) -> None:
    hostile = paper(0, title=text, abstract=f"<script>{text}</script>", authors=(text,), categories=(text,), venue=text)
    document = ET.fromstring(feed(BARE, [FeedEntry(hostile, ON, ON, (match(paper(0), text),))]))
    found = document.findall(f"{ATOM}entry")
    assert len(found) == 1
    assert found[0].findtext(f"{ATOM}title")
    assert "<script>" not in (found[0].findtext(f"{ATOM}content") or "")


def test_a_thousand_entries_take_less_than_a_second_or_so() -> None:
    many = [FeedEntry(paper(n % 13, id=n), ON, ON) for n in range(1000)]
    started = time.process_time()
    document = feed(AT_HOME, many)
    assert time.process_time() - started < 20  # measured: 0.4 s; only a blow-up takes longer
    assert document.count(b"<entry>") == 1000
