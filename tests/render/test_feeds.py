"""Feed documents: what readers get, stable identifiers, the same octets for the same papers, in both formats."""

from __future__ import annotations

import json
from typing import Any
from xml.etree import ElementTree as ET

import feedparser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from invented_edition import ON, edition, match, paper

from digest.models import FeedEntry, Identifiers, Paper
from digest.render import Renderer
from digest.render.feeds import Feeds, Head, days
from digest.settings import Settings, Site

ATOM = "{http://www.w3.org/2005/Atom}"
HISTORY = "{http://purl.org/syndication/history/1.0}"
AUTHORITY = "digest.example,2026-11-21:ab12cd34"
BASE = "https://digest.example.org"
BARE = Renderer(Settings()).feeds(AUTHORITY)
AT_HOME = Renderer(Settings(site=Site(title="Paper digest", base_url=BASE))).feeds(AUTHORITY)


def head(**told: str) -> Head:
    given_head = {
        "title": "All papers",
        "path": "feeds/papers",
        "id": f"tag:{AUTHORITY}:feeds/papers",
        "updated": "2026-06-16T00:00:00+00:00",
    }
    return Head(**given_head | told)


def entries(count: int) -> list[FeedEntry]:
    return [FeedEntry(paper(n), (match(paper(n)),) if n % 2 else ()) for n in range(count)]


def atom(feeds: Feeds, given_entries: list[FeedEntry], **told: str) -> bytes:
    return feeds.document(head(**told), [feeds.entry(entry) for entry in given_entries]).atom


def items(feeds: Feeds, given_entries: list[FeedEntry], **told: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(feeds.document(head(**told), [feeds.entry(e) for e in given_entries]).json)
    return found


def links(document: bytes) -> dict[str, str]:
    return {link.attrib["rel"]: link.attrib["href"] for link in ET.fromstring(document).findall(f"{ATOM}link")}


def entry_links(of: Paper) -> list[tuple[str, str]]:
    found = ET.fromstring(atom(AT_HOME, [FeedEntry(of)])).find(f"{ATOM}entry")
    assert found is not None
    return [(link.attrib["rel"], link.attrib["href"]) for link in found.findall(f"{ATOM}link")]


def test_a_feed_reader_reads_it_whole() -> None:
    read = feedparser.parse(atom(AT_HOME, entries(5)))
    assert not read.bozo
    assert read.feed.title == "All papers"
    assert read.feed.author == "Paper digest"
    assert read.feed.id == f"tag:{AUTHORITY}:feeds/papers"
    assert read.feed.updated == "2026-06-16T00:00:00+00:00"
    first = read.entries[0]
    assert [entry.id for entry in read.entries] == [f"tag:{AUTHORITY}:papers/{n}" for n in range(5)]
    assert first.link == "https://arxiv.org/abs/2606.01000"
    assert [author.name for author in first.authors] == ["Ines Okafor", "Tomás Brandão"]
    assert [tag.term for tag in first.tags] == ["cs.LG", "cs.AI"]
    assert first.published.startswith("2026-06-1")
    assert first.summary.startswith("Training agents")
    assert "5.2× over" in first.summary


def test_json_feed_says_the_same_under_the_same_ids() -> None:
    told = items(AT_HOME, entries(5))
    read = feedparser.parse(atom(AT_HOME, entries(5)))
    assert told["version"] == "https://jsonfeed.org/version/1.1"
    assert (told["feed_url"], told["home_page_url"]) == (f"{BASE}/feeds/papers.json", f"{BASE}/")
    assert told["authors"] == [{"name": "Paper digest"}]
    for item, entry in zip(told["items"], read.entries, strict=True):
        assert (item["id"], item["title"], item["url"]) == (entry.id, entry.title, entry.link)
        assert (item["date_published"], item["date_modified"]) == (entry.published, entry.updated)
        assert [author["name"] for author in item["authors"]] == [author.name for author in entry.authors]
        assert item.get("tags", []) == [tag.term for tag in entry.get("tags", [])]
    assert "<mark>" in told["items"][1]["content_html"]


def test_every_entry_of_a_document_has_an_instant_of_its_own_within_its_day() -> None:
    many = [FeedEntry(paper(n % 13, id=n)) for n in range(5000)]
    read = [item["date_modified"] for item in items(AT_HOME, many)["items"]]
    assert len(set(read)) == 5000
    assert {moment[:10] for moment in read} == {paper(n).changed.isoformat() for n in range(13)}


def test_an_entry_is_updated_later_for_each_change_even_on_one_date() -> None:
    found = [items(BARE, [FeedEntry(paper(0, edits=edits))])["items"][0] for edits in range(9)]
    assert len({item["date_published"] for item in found}) == 1
    moments = [item["date_modified"] for item in found]
    assert moments == sorted(set(moments))
    assert moments[-1] < "2026-06-17"


def test_the_content_tells_why_only_where_rules_matched() -> None:
    read = feedparser.parse(atom(AT_HOME, entries(2)))
    without, with_why = (entry.content[0].value for entry in read.entries)
    assert "Why:" not in without
    assert "Why: <i>Reward models</i>: reward model*, rollout, in abstract" in with_why
    assert b"&lt;mark&gt;reward models&lt;/mark&gt;" in atom(AT_HOME, entries(2))


def test_titles_are_readable_text() -> None:
    document = ET.fromstring(atom(BARE, [FeedEntry(paper(2))]))
    assert (
        document.findtext(f"{ATOM}entry/{ATOM}title") == "Q♯-Net: Distributional Critics that Know What They Don't Know"
    )


@pytest.mark.parametrize(
    ("title", "kind", "written"),
    [
        ("Is a < b in R&D?", None, "Is a < b in R&D?"),
        ("H<sub>2</sub>O", "html", "H&lt;sub&gt;2&lt;/sub&gt;O"),
        ("Fish &amp; Chips", "html", "Fish &amp;amp; Chips"),
    ],
)
def test_a_title_that_looks_like_html_is_sent_as_html_that_shows_it(title: str, kind: str | None, written: str) -> None:
    found = ET.fromstring(atom(BARE, [FeedEntry(paper(0, title=title))])).find(f"{ATOM}entry/{ATOM}title")
    assert found is not None
    assert (found.attrib.get("type"), found.text) == (kind, written)


def test_links_lead_to_the_paper_its_code_and_every_site_that_listed_it() -> None:
    found = entry_links(
        paper(
            0,
            identifiers=Identifiers(arxiv="2606.01000"),
            links=("https://github.com/lab/code",),
            layouts=("scholarfeed", "huggingface", "jsonl"),
        )
    )
    assert found == [
        ("alternate", "https://arxiv.org/abs/2606.01000"),
        ("related", "https://github.com/lab/code"),
        ("via", "https://www.scholarfeed.org/"),
        ("related", "https://www.scholarfeed.org/"),
        ("related", "https://huggingface.co/papers/2606.01000"),
    ]


def test_categories_name_their_scheme() -> None:
    document = ET.fromstring(atom(BARE, [FeedEntry(paper(0, categories=("LG", "math.PR", "Robots that learn")))]))
    found = [(own.attrib["term"], own.attrib["scheme"]) for own in document.iter(f"{ATOM}category")]
    assert found == [
        ("cs.LG", "http://arxiv.org/schemas/atom"),
        ("math.PR", "http://arxiv.org/schemas/atom"),
        ("Robots that learn", f"tag:{AUTHORITY}:categories"),
    ]


def test_the_current_document_leads_to_the_archive_before_it_and_archives_lead_on_and_back() -> None:
    current = links(atom(AT_HOME, entries(1), before="2026-06-08"))
    assert current == {
        "self": f"{BASE}/feeds/papers.atom",
        "prev-archive": f"{BASE}/feeds/papers/2026-06-08.atom",
        "next": f"{BASE}/feeds/papers/2026-06-08.atom",
        "alternate": f"{BASE}/",
    }
    document = atom(AT_HOME, entries(1), archive="2026-06-08", before="2026-06-05")
    found = links(document)
    assert (found["self"], found["current"]) == (f"{BASE}/feeds/papers/2026-06-08.atom", f"{BASE}/feeds/papers.atom")
    assert found["prev-archive"] == f"{BASE}/feeds/papers/2026-06-05.atom"
    assert ET.fromstring(document).find(f"{HISTORY}archive") is not None
    assert ET.fromstring(atom(AT_HOME, entries(1))).find(f"{HISTORY}archive") is None
    assert items(AT_HOME, entries(1), before="2026-06-08")["next_url"] == f"{BASE}/feeds/papers/2026-06-08.json"


def test_a_hub_is_named_where_there_is_one() -> None:
    assert links(atom(AT_HOME, [], hub="https://hub.example/"))["hub"] == "https://hub.example/"
    assert items(AT_HOME, [], hub="https://hub.example/")["hubs"] == [{"type": "WebSub", "url": "https://hub.example/"}]


def test_without_a_base_url_the_feed_links_nowhere_of_its_own() -> None:
    document = ET.fromstring(atom(BARE, entries(1), before="2026-06-08"))
    assert document.findall(f"{ATOM}link") == []
    assert document.find(f"{ATOM}entry/{ATOM}link") is not None


def test_a_paper_without_authors_falls_to_the_feed_s_author() -> None:
    bare = paper(0, authors=(), abstract=None, categories=(), identifiers=Identifiers(url="javascript:alert(1)"))
    document = ET.fromstring(atom(BARE, [FeedEntry(bare)]))
    assert document.find(f"{ATOM}entry/{ATOM}author") is None
    assert document.findtext(f"{ATOM}author/{ATOM}name") == "Paper digest"
    link = document.find(f"{ATOM}entry/{ATOM}link")
    assert link is not None
    assert link.attrib["href"].startswith("https://arxiv.org/search/?searchtype=title&query=Process")


def test_a_paper_that_was_replaced_comes_once_more_under_an_id_of_its_own() -> None:
    found = items(BARE, [FeedEntry(paper(0, revision=4), again=3)])["items"][0]
    assert found["id"] == f"tag:{AUTHORITY}:papers/0/revisions/3"
    assert "it was replaced" in found["content_html"]


def test_a_day_is_an_entry_with_the_whole_edition() -> None:
    whole = edition(12, older=3, waiting=2)
    found = json.loads(AT_HOME.edition(whole, "feeds/topics/reward/daily", "editions/2026-06-16/reward.html").json)
    assert found["id"] == f"tag:{AUTHORITY}:feeds/topics/reward/daily/2026-06-16"
    assert found["title"] == "Tue 16 June: 12 of 212 new papers match you."
    assert found["url"] == f"{BASE}/editions/2026-06-16/reward.html"
    assert (found["content_html"].count("<h4"), found["content_html"].count("<li")) == (12, 3)
    assert "Why: " in found["content_html"]
    assert "2 more papers matched and wait for the next edition." in found["content_html"]


def test_a_day_of_all_papers_lists_their_titles_and_is_updated_when_more_come() -> None:
    two, three = (AT_HOME.papers(ON, [paper(n) for n in range(count)], "feeds/papers/daily") for count in (2, 3))
    found = json.loads(AT_HOME.document(head(), [three]).json)["items"][0]
    assert (found["title"], found["content_html"].count("<li")) == ("Tue 16 June: 3 new papers.", 3)
    assert two.updated < three.updated
    assert json.loads(two.json)["id"] == found["id"] == f"tag:{AUTHORITY}:feeds/papers/daily/2026-06-16"


def test_of_a_day_with_very_many_papers_the_rest_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(days, "_LINES", 2)
    content = json.loads(AT_HOME.papers(ON, [paper(n) for n in range(5)], "feeds/papers/daily").json)["content_html"]
    assert (content.count("<li"), "and 3 more" in content) == (3, True)


def test_the_same_papers_give_the_same_octets_at_any_time() -> None:
    again = Renderer(Settings(site=Site(title="Paper digest", base_url=BASE))).feeds(AUTHORITY)
    assert atom(AT_HOME, entries(20)) == atom(again, entries(20))
    assert AT_HOME.made_of() == again.made_of() != BARE.made_of()


def test_an_empty_feed_is_a_feed() -> None:
    read = feedparser.parse(atom(AT_HOME, []))
    assert not read.bozo
    assert read.entries == []
    assert items(AT_HOME, [])["items"] == []


def test_entries_that_are_kept_are_those_of_the_same_paper_and_reasons() -> None:
    renderer = Renderer(Settings())
    keeping = renderer.feeds(AUTHORITY).keeping(100)
    one, other = FeedEntry(paper(1), (match(paper(1)),)), FeedEntry(paper(1))
    assert [keeping.entry(entry) for entry in (one, other, one, other)] == [
        BARE.entry(e) for e in (one, other, one, other)
    ]
    assert renderer.counts["web/feed_entry.html"] == 2


@given(st.text(alphabet=st.characters(categories=None), max_size=60))
@settings(max_examples=50)
def test_no_text_breaks_the_feed_or_becomes_markup(text: str) -> None:
    hostile = paper(0, title=text, abstract=f"<script>{text}</script>", authors=(text,), categories=(text,), venue=text)
    entry = FeedEntry(hostile, (match(paper(0), text),))
    found = ET.fromstring(atom(BARE, [entry])).findall(f"{ATOM}entry")
    assert len(found) == 1
    assert found[0].findtext(f"{ATOM}title")
    assert "<script>" not in (found[0].findtext(f"{ATOM}content") or "")
    assert len(items(BARE, [entry])["items"]) == 1


def test_a_template_of_the_site_s_own_cannot_make_an_entry_unsafe(tmp_path: Any) -> None:
    (tmp_path / "web").mkdir()
    own = (
        '<p onclick="x()">{{ paper.title }}</p><script>x()</script><a href="javascript:x()">a</a>'
        '<a href="data:text/html,x">b</a><a href="/here">c</a><img src="https://x.example/">'
    )
    (tmp_path / "web" / "feed_entry.html").write_text(own + "{{ '\\x00' }}")
    feeds = Renderer(Settings(), overrides=tmp_path).feeds(AUTHORITY)
    content = items(feeds, [FeedEntry(paper(2))])["items"][0]["content_html"]
    assert content.startswith("<p>Q♯-Net")
    assert not any(part in content for part in ("onclick", "script", "javascript", "data:", "/here", "img", "\x00"))
