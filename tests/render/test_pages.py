"""Web pages: whole, safe, without a script, and asking before they change anything."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest
from invented_edition import ON, edition, match, paper

from digest.models import Entry
from digest.render import Renderer, edition_path
from digest.settings import Settings, TopicSetting

RENDERER = Renderer(Settings())
TOPICS = [TopicSetting(slug="alignment", title="Alignment & preference learning", rules=({"query": "rlhf"},))]  # type: ignore[arg-type]
VOID = {"meta", "link", "br", "input"}


class Tree(HTMLParser):
    """Checks that every tag is closed in turn, and gathers ids and links."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: list[str] = []
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.ids += [value for name, value in attrs if name == "id" and value]
        self.links += [value for name, value in attrs if name == "href" and value]
        assert not [name for name, _ in attrs if name.startswith("on") or name == "style"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def personal(**changes: object) -> str:
    made = edition(13, older=30, waiting=3, **changes)
    return RENDERER.edition_page(made, personal=True, unsubscribe_url="https://digest.example.org/unsubscribe/x.y")


def test_an_edition_page_is_whole() -> None:
    page = personal()
    tree = Tree(page)
    assert tree.tags.count("article") == 13
    assert page.count("<li dir=") >= 13 + 30 + 3
    assert "more by title below" not in page
    assert 'id="rules"' in page
    assert "<code>&#34;reward model*&#34; OR RLHF</code>" in page
    assert 'id="waiting"' in page
    assert "https://digest.example.org/unsubscribe/x.y" in tree.links
    assert len(tree.ids) == len(set(tree.ids))
    assert all(link[1:] in tree.ids for link in tree.links if link.startswith("#"))


def test_a_personal_page_asks_to_stay_private_and_a_topic_s_page_does_not() -> None:
    assert '<meta name="robots" content="noindex, nofollow">' in personal()
    topic = edition(3, kind="topic", recipient="alignment", title="Alignment & safety")
    page = RENDERER.edition_page(
        topic,
        personal=False,
        canonical_url="https://digest.example.org/editions/2026-06-16/alignment.html",
        feed_url="../../feeds/topics/alignment.atom",
    )
    assert "noindex" not in page
    assert "Unsubscribe" not in page
    assert "Alignment &amp; safety" in page
    assert '<link rel="canonical" href="https://digest.example.org/editions/2026-06-16/alignment.html">' in page
    assert re.search(
        r'<link rel="alternate" type="application/atom\+xml" [^>]*href="../../feeds/topics/alignment.atom">', page
    )
    assert "match this topic" in page


def test_a_topic_s_nameless_rules_have_a_title_only_beside_named_ones() -> None:
    found = paper(0)
    nameless = Entry(found, (match(found, "rlhf", named=False, topic="t"),))
    named = Entry(paper(1), (match(paper(1), "Safety", topic="t"),))
    alone = RENDERER.edition_page(edition(0, kind="topic", entries=(nameless,)), personal=False)
    both = RENDERER.edition_page(edition(0, kind="topic", entries=(nameless, named)), personal=False)
    assert "Other keywords" not in alone
    assert "Other keywords" in both
    assert ">Safety <" in both


def test_the_whole_abstract_can_be_opened_where_the_excerpt_is_shorter() -> None:
    page = personal()
    assert page.count("<details>") == 13
    short = paper(0, abstract="One sentence.")
    page = RENDERER.edition_page(edition(0, entries=(Entry(short, ()),)), personal=True)
    assert "<details>" not in page
    assert "One sentence." in page


HOSTILE = '"><script>alert(1)</script><p onclick="x">{{ 7 * 7 }}\x00\ud800\u202e'


def test_hostile_text_stays_text_on_every_page() -> None:
    found = paper(0, title=HOSTILE, abstract=HOSTILE, authors=(HOSTILE,), categories=(HOSTILE,), links=(HOSTILE,))
    made = edition(0, entries=(Entry(found, (match(paper(0), HOSTILE),)), Entry(found, (), older=True)), title=HOSTILE)
    pages = [
        RENDERER.edition_page(made, personal=True, unsubscribe_url=HOSTILE, canonical_url=HOSTILE, feed_url=HOSTILE),
        RENDERER.index_page(TOPICS, [(ON, "alignment", HOSTILE, 3)], [made]),
        RENDERER.unsubscribe_page(HOSTILE, "ask", HOSTILE),
    ]
    for page in pages:
        tree = Tree(page)
        assert "script" not in tree.tags
        assert "\ud800" not in page
        assert all(re.match(r"https?://|#|\.\./|feeds/|editions/", link) for link in tree.links)


def test_the_start_page_links_topics_feeds_and_editions() -> None:
    latest = edition(12, kind="topic", recipient="alignment", title="Alignment & preference learning")
    page = RENDERER.index_page(TOPICS, [(ON, "alignment", "Alignment & preference learning", 12)], [latest])
    tree = Tree(page)
    assert {"feeds/papers.atom", "feeds/topics/alignment.atom", edition_path(ON, "alignment")} <= set(tree.links)
    assert "16 Jun 2026 · Alignment &amp; preference learning" in page
    assert "and 2 more" in page
    assert "12 papers" in page


def test_the_start_page_of_a_new_site_stands_too() -> None:
    assert "No edition yet." in RENDERER.index_page([], [], [])


def test_before_the_first_run_the_start_page_leads_to_no_feed() -> None:
    assert "feeds/" not in RENDERER.index_page(None, [], [])
    assert 'href="feeds/papers/daily.json"' in RENDERER.index_page([], [], [])


def test_unsubscribing_asks_by_a_form_without_a_script() -> None:
    page = RENDERER.unsubscribe_page("Paper digest", "ask", "reader@example.org")
    Tree(page)
    assert '<form method="post">' in page
    assert "<button" in page
    assert "<b>reader@example.org</b>" in page


@pytest.mark.parametrize(("state", "words"), [("done", "You are unsubscribed"), ("gone", "no longer valid")])
def test_the_answers_to_unsubscribing_have_no_button(state: str, words: str) -> None:
    page = RENDERER.unsubscribe_page("Paper digest", state)  # type: ignore[arg-type]
    Tree(page)
    assert words in page
    assert "<form" not in page


def test_pages_look_as_they_should_under_the_policy_that_goes_with_them() -> None:
    page = RENDERER.missing_page()
    Tree(page)
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"'sha256-{digest}'" in RENDERER.content_security_policy
