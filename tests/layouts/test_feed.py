"""Feeds: what each kind says, what is badly written and read all the same, what is hostile and costs nothing."""

from __future__ import annotations

import os
import time
import tracemalloc
from collections.abc import Iterator
from datetime import date
from html import escape
from pathlib import Path

import feedparser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reading import document, listings, read

from digest.layouts import by_name
from digest.layouts.feed.markup import addresses, plain
from digest.layouts.feed.tidy import PIECE, pieces
from digest.models import Document, Identifiers, Listing, Remark

ON = date(2026, 6, 15)
SPACES = (
    'xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    ' xmlns:prism="http://prismstandard.org/namespaces/basic/2.0/"'
)


def rss(*items: str) -> str:
    """Return an RSS feed of items, each given by what is in it."""
    inner = "\n".join(f"<item>{item}</item>" for item in items)
    return f'<rss version="2.0" {SPACES}><channel><title>Looms</title>\n{inner}\n</channel></rss>'


def atom(*entries: str) -> str:
    """Return an Atom feed of entries, each given by what is in it."""
    inner = "\n".join(f"<entry>{entry}</entry>" for entry in entries)
    return f'<feed xmlns="http://www.w3.org/2005/Atom" {SPACES}><title>Looms</title>\n{inner}\n</feed>'


def one(feed: str) -> Listing:
    """Return the only listing of a feed."""
    [listing] = listings(feed)
    return listing


def remarks(feed: str | bytes, kind: str) -> list[Remark]:
    return [event for event in read(feed).events if isinstance(event, Remark) and event.kind == kind]


TITLES = {
    "plain": (rss("<title>A Loom</title>"), "A Loom"),
    "RSS, escaped once": (rss("<title>Looms &amp; Wheels</title>"), "Looms & Wheels"),
    "RSS, escaped twice": (rss("<title>Looms &amp;amp; Wheels</title>"), "Looms & Wheels"),
    "RSS, with markup": (rss("<title>H&lt;sub&gt;2&lt;/sub&gt;O</title>"), "H2O"),
    "RSS, less than": (rss("<title>a &lt; b and $x&lt;y$ for c &gt; d</title>"), "a < b and $x<y$ for c > d"),
    "RSS, in CDATA": (rss("<title><![CDATA[A <i>Loom</i> & more]]></title>"), "A Loom & more"),
    "RSS, markup not escaped": (rss("<title>A <i>Loom</i> of <b>cards</b></title>"), "A Loom of cards"),
    "Atom's text is text": (atom("<title>The &lt;b&gt; tag &amp;amp; I</title>"), "The <b> tag &amp; I"),
    "Atom, html": (atom('<title type="html">A &lt;b&gt;Loom&lt;/b&gt; &amp;lt;3</title>'), "A Loom <3"),
    "Atom, xhtml": (
        atom('<title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">A <b>Loom</b></div></title>'),
        "A Loom",
    ),
    "an entity of HTML": (rss("<title>Looms&nbsp;&ndash; and&hellip;</title>"), "Looms – and…"),
    "an entity of nobody": (rss("<title>R&unheard; of</title>"), "R&unheard; of"),
    "a bare ampersand": (rss("<title>AT&T & Co &amp; Sons</title>"), "AT&T & Co & Sons"),
    "a bare less-than": (rss("<title>p < 0.05 <3 << 7</title>"), "p < 0.05 <3 << 7"),
    "Windows's numbers": (rss("<title>Ada&#146;s loom &#x93;&#8;x</title>"), "Ada’s loom “x"),
    "control characters": (rss("<title>A\x08 Lo\x1bom</title>"), "A Loom"),
    "what arXiv printed behind it": (rss("<title>A Loom. (arXiv:2301.00001v1 [cs.LG])</title>"), "A Loom"),
    "the same after a blank": (rss("<title>A Loom . (arXiv:2301.00001v1)</title>"), "A Loom"),
    "another bracket behind it": (rss("<title>A Loom. (arXiv: the movie)</title>"), "A Loom. (arXiv: the movie)"),
}


@pytest.mark.parametrize(("feed", "wanted"), TITLES.values(), ids=TITLES)
def test_titles(feed: str, wanted: str) -> None:
    assert one(feed).title == wanted


def of_authors(*elements: str) -> str:
    return rss("<title>A</title>" + "".join(elements))


BOTH = ("Ada Lovelace", "Alan Turing")
AUTHORS = {
    "all in one, as arXiv has them": (of_authors("<dc:creator>Ada Lovelace, Alan Turing</dc:creator>"), BOTH, True),
    "with and": (of_authors("<dc:creator>Ada Lovelace and Alan Turing</dc:creator>"), BOTH, True),
    "one each": (of_authors("<dc:creator>Ada Lovelace</dc:creator><dc:creator>Alan Turing</dc:creator>"), BOTH, True),
    "family first": (
        of_authors("<dc:creator>Lovelace, Ada</dc:creator><dc:creator>van der Turing, Alan</dc:creator>"),
        ("Ada Lovelace", "Alan van der Turing"),
        True,
    ),
    "one, family first": (of_authors("<dc:creator>Lovelace, Ada</dc:creator>"), ("Ada Lovelace",), True),
    "semicolons": (of_authors("<dc:creator>Lovelace, Ada; Turing, Alan</dc:creator>"), BOTH, True),
    "two of one name": (of_authors(*["<dc:creator>Wei Wang</dc:creator>"] * 2), ("Wei Wang", "Wei Wang"), True),
    "et al.": (of_authors("<dc:creator>Ada Lovelace et al.</dc:creator>"), ("Ada Lovelace",), False),
    "and others": (of_authors("<dc:creator>Ada Lovelace, Alan Turing and others</dc:creator>"), BOTH, False),
    "with mail": (of_authors("<author>ada@looms.example (Ada Lovelace)</author>"), ("Ada Lovelace",), True),
    "mail alone names nobody": (of_authors("<author>noreply@looms.example</author>"), (), False),
    "as links": (of_authors("<dc:creator>&lt;a href='x'&gt;Ada Lovelace&lt;/a&gt;</dc:creator>"), BOTH[:1], True),
    "Atom's": (
        atom("<title>A</title><author><name>Ada Lovelace</name></author><author><name>Alan Turing</name></author>"),
        BOTH,
        True,
    ),
    "Atom's, all in one": (atom("<title>A</title><author><name>Ada Lovelace, Alan Turing</name></author>"), BOTH, True),
    "nobody": (of_authors(), (), False),
}


@pytest.mark.parametrize(("feed", "names", "complete"), AUTHORS.values(), ids=AUTHORS)
def test_authors(feed: str, names: tuple[str, ...], complete: bool) -> None:
    listing = one(feed)
    assert (listing.authors, listing.authors_complete) == (names, complete)


DATES = {
    "mail's": ("<pubDate>Fri, 12 Jun 2026 23:00:00 -0400</pubDate>", date(2026, 6, 12)),
    "mail's of two digits": ("<pubDate>12 Jun 26 10:00 GMT</pubDate>", date(2026, 6, 12)),
    "of the last century": ("<pubDate>Fri, 01 Jan 99 10:00 GMT</pubDate>", date(1999, 1, 1)),
    "Dublin Core's": ("<dc:date>2026-06-12T10:00+01:00</dc:date>", date(2026, 6, 12)),
    "PRISM's": ("<prism:publicationDate>2026-06-12</prism:publicationDate>", date(2026, 6, 12)),
    "the first that can be read": ("<pubDate>soon</pubDate><dc:date>2026-06-12</dc:date>", date(2026, 6, 12)),
    "the last change, where nothing else is": ("<updated>2026-06-12</updated>", date(2026, 6, 12)),
    "not the last change": ("<updated>2026-06-12</updated><published>2026-06-11</published>", date(2026, 6, 11)),
    "a month is no day": ("<dc:date>2026-06</dc:date>", None),
    "no such day": ("<pubDate>31 Jun 26</pubDate>", None),
}


@pytest.mark.parametrize(("elements", "wanted"), DATES.values(), ids=DATES)
def test_dates(elements: str, wanted: date | None) -> None:
    assert one(rss(f"<title>A</title>{elements}")).published == wanted


def test_a_date_that_cannot_be_read_is_told() -> None:
    assert [r.text for r in remarks(rss("<title>A</title><pubDate>soon</pubDate>"), "unread")] == ["pubdate: soon"]


def announcing(arxiv: str, kind: str) -> Listing:
    return one(
        rss(
            f'<title>A</title><guid isPermaLink="false">oai:arXiv.org:{arxiv}</guid>'
            f"<pubDate>15 Jun 2026</pubDate><arxiv:announce_type>{kind}</arxiv:announce_type>"
        )
    )


ANNOUNCED = {
    "new": ("2606.00001v1", "new", "new", ON),
    "cross": ("2606.00001v1", "cross", "cross", ON),
    "replaced in the month after": ("2605.00001v2", "replace", "replaced", ON),
    "replaced years later": ("2401.00001v2", "replace-cross", "replaced", None),
    "crossed years later": ("hep-th/9901001v3", "cross", "cross", None),
    "something else": ("2401.00001v2", "withdrawn", None, ON),
}


@pytest.mark.parametrize(("arxiv", "kind", "wanted", "published"), ANNOUNCED.values(), ids=ANNOUNCED)
def test_a_replacement_is_dated_by_its_announcement_only_where_that_may_be_the_paper_s(
    arxiv: str, kind: str, wanted: str | None, published: date | None
) -> None:
    listing = announcing(arxiv, kind)
    assert (listing.announced, listing.published) == (wanted, published)
    assert listing.identifiers.arxiv == arxiv.rpartition("v")[0]


def test_arxiv_s_announcement_before_the_abstract_is_no_part_of_it() -> None:
    told = "arXiv:2606.00001v2 Announce Type: replace \nAbstract: We weave."
    listing = one(rss(f"<title>A</title><description>{told}</description>"))
    assert (listing.abstract, listing.announced, listing.identifiers.arxiv) == ("We weave.", "replaced", "2606.00001")


NAMING = {
    "the address of its page": ("<link>https://l.example/1</link>", Identifiers(url="https://l.example/1")),
    "a permanent guid": ("<guid>https://l.example/1</guid>", Identifiers(url="https://l.example/1")),
    "a guid that is none": ('<guid isPermaLink="false">https://l.example/1</guid>', Identifiers()),
    "PRISM's DOI": ("<prism:doi>10.1000/A</prism:doi>", Identifiers(doi="10.1000/a")),
    "Dublin Core's": ("<dc:identifier>doi:10.1000/A</dc:identifier>", Identifiers(doi="10.1000/a")),
    "arXiv's DOI": ("<dc:identifier>10.48550/arXiv.2606.00001</dc:identifier>", Identifiers(arxiv="2606.00001")),
    "no web address": ("<link>javascript:alert(1)</link>", Identifiers()),
}


@pytest.mark.parametrize(("elements", "wanted"), NAMING.values(), ids=NAMING)
def test_identifiers(elements: str, wanted: Identifiers) -> None:
    assert one(rss(f"<title>A</title>{elements}")).identifiers == wanted


def test_the_whole_text_stands_in_for_a_summary_that_is_cut() -> None:
    cut = "<summary>We weave…</summary><content>We weave by cards.</content>"
    whole = "<summary>We weave.</summary><content>We weave by cards.</content>"
    assert one(atom(f"<title>A</title>{cut}")).abstract == "We weave by cards."
    assert one(atom(f"<title>A</title>{whole}")).abstract == "We weave."


def test_the_primary_category_comes_first_and_none_twice() -> None:
    told = '<category term="cs.AI"/><category term="cs.LG"/><arxiv:primary_category term="cs.LG"/>'
    assert one(atom(f"<title>A</title>{told}")).categories == ("cs.LG", "cs.AI")


def test_a_feed_s_own_author_is_no_paper_s() -> None:
    feed = atom("<title>A</title>").replace("<title>Looms", "<author><name>Ada</name></author><title>Looms", 1)
    assert one(feed).authors == ()


def test_what_the_search_found_in_all_is_what_the_feed_states() -> None:
    total = '<o:totalResults xmlns:o="http://a9.com/-/spec/opensearch/1.1/">123</o:totalResults>'
    feed = atom("<title>A</title>").replace("<title>Looms", total + "<title>Looms", 1)
    assert [r.text for r in remarks(feed, "stated")] == ["123"]


def test_an_item_without_a_title_is_broken_at_its_line_and_the_others_are_read() -> None:
    feed = rss("<title>A</title>", "<link>https://l.example/2</link>", "<title> </title>", "<title>D</title>")
    assert [listing.title for listing in listings(feed)] == ["A", "D"]
    assert [(r.line, r.text.rpartition(" ")[2]) for r in remarks(feed, "broken")] == [
        (3, "https://l.example/2"),
        (4, "title"),
    ]


def test_fields_are_told_with_their_lines() -> None:
    listing = one(rss("\n<title>A</title>\n<pubDate>12 Jun 2026</pubDate><dc:creator>Ada</dc:creator>"))
    assert listing.origins == ((3, "title"), (4, "published"), (4, "authors"))


def test_lines_are_told_beyond_the_65535th() -> None:
    [listing] = listings("\n" * 70_000 + rss("<title>A</title>"), name="feed")
    assert listing.origins == ((70_002, "listing"),)


def test_an_item_that_is_not_closed_does_not_take_the_next_ones_with_it() -> None:
    feed = rss("<title>A</title><description>one <p> two</description>", "<title>B</title>", "<title>C</title>")
    assert [(listing.title, listing.abstract) for listing in listings(feed)] == [
        ("A", "one two"),
        ("B", None),
        ("C", None),
    ]
    assert remarks(feed, "unread")[0].line == 2


@pytest.mark.parametrize("end", ["", "</it", "</item", "<", "&", "<![CDATA["])
def test_a_feed_that_ends_early_gives_what_it_has_and_says_so(end: str) -> None:
    feed = rss("<title>A</title>", "<title>B</title><description>in the mid").split("</description>")[0]
    feed = feed[: feed.index("in the mid") + 10] + end
    assert [listing.title for listing in listings(feed)] == ["A", "B"]
    assert len(remarks(feed, "cut")) == 1


ENCODINGS = [
    (encoding, declared)
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "latin-1")
    for declared in ("utf-8", "utf-16", "latin-1", "no-such")
    if (encoding, declared) != ("latin-1", "utf-16")  # nothing tells the encoding of a text so short
]


@pytest.mark.parametrize(("encoding", "declared"), ENCODINGS)
def test_a_wrong_declaration_of_the_encoding_makes_no_difference(encoding: str, declared: str) -> None:
    feed = f'<?xml version="1.0" encoding="{declared}"?>\n' + rss("<title>Ágúst über alles für die Flöße</title>")
    events = read(feed.encode(encoding)).events
    assert [event.title for event in events if isinstance(event, Listing)] == ["Ágúst über alles für die Flöße"]


@pytest.mark.parametrize(
    "before",
    [
        '<!DOCTYPE rss SYSTEM "file://{0}">',
        '<!DOCTYPE rss [<!ENTITY e SYSTEM "file://{0}">]>',
        '<!DOCTYPE rss [<!ENTITY % e SYSTEM "file://{0}"> %e;]>',
    ],
    ids=["a DTD", "an entity", "a parameter entity"],
)
def test_no_file_is_opened_that_a_feed_names(before: str, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)  # whoever opens it waits for ever
    feed = before.format(pipe) + rss("<title>A &e;</title>")
    events = by_name("feed").read(document(feed.split("\n")), ON)
    assert [event.title for event in events if isinstance(event, Listing)] == ["A &e;"]


def test_json_feed_is_a_feed_and_no_json_lines() -> None:
    feed = '{"version": "https://jsonfeed.org/version/1.1", "items": [{"id": "1", "title": "A"}, 7]}'
    reading = read(feed)
    assert reading.layout.name == "feed"
    assert [getattr(event, "title", "-") for event in reading.events] == ["A", "-"]
    assert read('{"title": "A", "abstract": "see jsonfeed.org/version/ and \\"version\\""}').layout.name == "jsonl"


NO_FEEDS = {
    "another XML": "<?xml version='1.0'?><html><body>rss</body></html>",
    "RDF of something else": '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><x/></rdf:RDF>',
    "a word that begins so": "<rssfoo/>",
    "text about it": "The <rss> element",
}


@pytest.mark.parametrize("text", NO_FEEDS.values(), ids=NO_FEEDS)
def test_other_texts_are_no_feeds(text: str) -> None:
    assert not by_name("feed").recognises(document(text.split("\n")))


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
HOSTILE = {
    "billion laughs": f'<!DOCTYPE rss [<!ENTITY l0 "ha">{LAUGHS}]>' + rss("<title>A &l11;</title>"),
    "the same in an attribute": f'<!DOCTYPE feed [<!ENTITY l0 "ha">{LAUGHS}]>' + atom('<title type="&l11;">A</title>'),
    "parameter entities": '<!DOCTYPE rss [<!ENTITY % a "x"><!ENTITY % b "%a;%a;%a;"> %b; ]>' + rss("<title>A</title>"),
    "an outside entity": '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/hostname">]>' + rss("<title>A &x;</title>"),
    "an outside DTD": '<!DOCTYPE rss SYSTEM "http://192.0.2.1/x.dtd">' + rss("<title>A</title>"),
    "instructions": rss("<title>A</title>" + "<?php echo 1 ?>" * 50_000),
    "comments": rss("<title>A</title>" + "<!-- <title>B</title> -->" * 50_000),
    "attributes": rss("<title>A</title><x " + " ".join(f'a{n}="1"' for n in range(50_000)) + "/>"),
    "nested deep": rss("<title>A</title>", "<b>" * 200_000),
    "nested items": rss("<title>A</title>", "<item>" * 100_000),
    "nothing closed": rss("<title>A</title>", "<b/><c>" * 100_000),
    "closed only": rss("<title>A</title>", "</b>" * 200_000),
    "less-than signs": rss("<title>A</title>", "<" * 100_000),
    "ampersands": rss("<title>A</title>", "&" * 100_000),
    "half tags": rss("<title>A</title>", "<a href=" * 100_000),
    "half tags, a line each": rss("<title>A</title>", "<a href=\n" * 20_000),
    "half comments": rss("<title>A</title>", "<!--" * 200_000),
    "half CDATA": rss("<title>A</title>", "<![CDATA[" * 100_000),
    "no end of CDATA": rss("<title>A</title>", "]]>" * 200_000),
    "HTML of half tags": rss("<title>A</title><description>" + "&lt;a href=" * 30_000 + "</description>"),
    "HTML of half scripts": rss("<title>A</title><description>" + "&lt;script " * 30_000 + "</description>"),
    "HTML of half comments": rss("<title>A</title><description>" + "&lt;!--" * 40_000 + "</description>"),
    "one endless item": rss("<title>A</title>", "<x/>" * 1_100_000),
    "no item at all": f"<rss>{'<x/>' * 1_100_000}</rss>",
    "many authors": rss("<title>A</title>" + "<dc:creator>a, b</dc:creator>" * 20_000),
    "one author": rss(f"<title>A</title><dc:creator>{'a, ' * 50_000}</dc:creator>"),
}


@pytest.mark.parametrize("feed", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_feed_takes_little_time_and_memory_and_the_good_item_is_read(feed: str) -> None:
    tracemalloc.start()
    began = time.process_time()
    lines = feed.split("\n")
    events = list(by_name("feed").read(document(lines), ON))
    took, held = time.process_time() - began, tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert took < 20
    assert held < 100 * 2**20
    assert len(events) < 30_000
    titles = [event.title for event in events if isinstance(event, Listing)]
    assert all(len(title) < 100 for title in titles)
    assert not any("ha" * 5 in title for title in titles)
    assert feed.startswith("<rss><x/>") or titles[0][0] == "A"


def test_items_stream_through() -> None:
    def lines() -> Iterator[str]:
        yield f'<rss version="2.0" {SPACES}><channel>'
        for number in range(10_000):
            taken.append(number)
            yield f"<item><title>A Title of Paper {number}</title><description>{'Long. ' * 20}</description></item>"
        yield "</channel></rss>"

    taken: list[int] = []
    events = by_name("feed").read(Document("text", lines, lambda: iter(())), ON)
    next(events)
    assert len(taken) < 2_000
    assert sum(1 for _ in events) == 9_999


def test_a_line_is_never_held_whole_beside_itself() -> None:
    line = "<x>" + "word " * 100_000 + "</x>" + "y" * 300_000
    parts = list(pieces([line]))
    assert b"".join(parts) == (line + "\n").encode()
    assert max(map(len, parts)) < 4 * PIECE


MARKUP = {
    "paragraphs part words": ("<p>One.</p><p>Two.</p>", "One. Two."),
    "line breaks too": ("One.<br/>Two.<BR >Three.", "One. Two. Three."),
    "others do not": ("<i>A</i>B<a href='x'>C</a>", "ABC"),
    "comments and scripts are not seen": ("A<!-- <p>x</p> --><script src='y'>z < 1</script>B", "AB"),
    "an unclosed script hides the rest": ("A<script>b", "A"),
    "no element of HTML": ("a <b c> d <foo> e", "a <b c> d <foo> e"),
    "no tag": ("if i<n then a<b>c", "if i<n then ac"),
    "entities": ("&lt;b&gt; &amp;amp; &nbsp; &eacute;", "<b> &amp; é"),
    "İ": ("İİİİ<script>x</script>A", "İİİİA"),
}


@pytest.mark.parametrize(("html", "wanted"), MARKUP.values(), ids=MARKUP)
def test_html_to_text(html: str, wanted: str) -> None:
    assert plain(html) == wanted


def test_addresses_in_html() -> None:
    assert addresses('<a class="x" href="https://a.org/?b=1&amp;c=2">x</a><a href=javascript:x>') == [
        "https://a.org/?b=1&c=2"
    ]


WORD = st.sampled_from(["loom", "Wheel", "<b>", "&", "AT&T", "é", "张三", "p<q", ";", "&amp;", "x>y"])
WORDS = st.lists(WORD, min_size=1, max_size=5)
NAME = st.sampled_from(["Ada Lovelace", "Alan Turing", "Émile du Châtelet", "George Boole"])
ENTRY = st.fixed_dictionaries(
    {
        "title": WORDS.map(" ".join),
        "authors": st.lists(NAME, max_size=3, unique=True),
        "day": st.dates(date(1990, 1, 1), date(2040, 1, 1)),
        "number": st.integers(1, 999),
    }
)


@settings(max_examples=40, deadline=None)
@given(entries=st.lists(ENTRY, min_size=1, max_size=4))
def test_feedparser_reads_the_same(entries: list[dict[str, object]]) -> None:
    feed = atom(
        *(
            f'<title type="html">{escape(escape(str(e["title"])))}</title>'
            f'<link href="https://l.example/{e["number"]}"/><published>{e["day"]}T12:00:00Z</published>'
            + "".join(f"<author><name>{name}</name></author>" for name in e["authors"])
            for e in entries
        )
    )
    theirs = feedparser.parse(feed).entries
    ours = listings(feed)
    assert len(ours) == len(theirs) == len(entries)
    for own, other in zip(ours, theirs, strict=True):
        assert own.title == plain(other.title)
        assert own.identifiers.url == other.link
        assert list(own.authors) == [author.name for author in other.get("authors", ())]
        assert own.published == date(*other.published_parsed[:3])


@pytest.mark.parametrize("line", [" " * 10**6 + "x", "<?xml " * 10**5], ids=["blanks", "declarations"])
def test_a_first_line_of_whatever_length_is_soon_read(line: str) -> None:
    begun = time.process_time()
    list(by_name("feed").read(document([line, "<rss><channel></channel></rss>"]), ON))
    assert time.process_time() - begun < 20
