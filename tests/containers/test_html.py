"""Saved HTML pages become blocks as a browser shows them, with headings, links, and what a page tells of itself."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reading import documents

from digest.containers import html
from digest.errors import DumpError
from digest.models import Block


def blocks(markup: str, address: str = "") -> list[Block]:
    return list(html.document_of(markup, address=address).blocks())


def texts(markup: str) -> list[str]:
    return [block.text for block in blocks(markup)]


PAGES = {
    "a doctype": "<!DOCTYPE html>\n<p>x",
    "a doctype in small letters after blanks": "\ufeff \n<!doctype HTML PUBLIC ''><p>x",
    "the root": "<HTML lang=en>",
    "a comment first": "<!-- saved from url=(0019)https://example.org -->\n<html>",
    "comments and blanks": "<!--a--> <!-- <rss> -->\n\n<head>",
    "XHTML": '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE html>\n<html>',
    "a piece of a page": "<div class='x'><p>Looms",
    "a bare element": "<ul><li>x",
    "a long comment": "<!--" + "x" * 5000 + "--><html>",
}
OTHERS = {
    "text": "Looms < wheels",
    "RSS": '<?xml version="1.0"?><rss version="2.0">',
    "Atom": '<feed xmlns="http://www.w3.org/2005/Atom">',
    "RDF": '<?xml version="1.0"?><!-- a --><rdf:RDF>',
    "XML with a long comment": '<?xml version="1.0"?><!--' + "x" * 5000 + "--><rss/>",
    "JSON": '{"title": "<html>"}',
    "an address": "<https://example.org/a>",
    "another element": "<paper>",
    "a longer name": "<pattern>",
    "nothing": "",
}


@pytest.mark.parametrize("head", PAGES.values(), ids=PAGES)
def test_a_page_is_told_by_its_beginning(head: str) -> None:
    assert html.is_html(head[:4096])
    assert documents(head)[0].container == "html"


@pytest.mark.parametrize("head", OTHERS.values(), ids=OTHERS)
def test_what_is_no_page_is_not_taken_for_one(head: str) -> None:
    assert not html.is_html(head[:4096])


BUILT = {
    "inline elements glue": (
        "<div><span>36.1</span><span>RO</span><span>Jun 17, 2022</span><span>Code</span></div>",
        ["36.1ROJun 17, 2022Code"],
    ),
    "white space between them counts": ("<p><b>Ada</b>\n <i>Lovelace</i>, &nbsp; 1843", ["Ada Lovelace, 1843"]),
    "buttons are inline": ("<button>Up</button><button>vote</button>", ["Upvote"]),
    "breaks part": ("one<br>two<br/><br>three<hr>four", ["one", "two", "three", "four"]),
    "cells part": ("<table><tr><td>a<td>b</td><tr><th>c", ["a", "b", "c"]),
    "lists part": ("<ul><li>a<li>b</ul><dl><dt>c<dd>d", ["a", "b", "c", "d"]),
    "what is nested parts once": ("<div><div><p>a</p></div></div><div>b", ["a", "b"]),
    "entities": ("&lt;b&gt; &amp;amp; &#x41;&#66; &eacute;&hellip; R&D", ["<b> &amp; AB é… R&D"]),
    "what runs is no text": ("a<script>x</script>b<style>p{}</style><noscript>n</noscript>c", ["abc"]),
    "what is chosen from is no text": ("<select><option>a</select><textarea>b</textarea>c", ["c"]),
    "pictures have no text": ("a<svg><title>t</title><text>s</text></svg>b", ["ab"]),
    "what is hidden": ("<p hidden>a</p><p hidden=until-found>b</p><p aria-hidden=true>c", ["b", "c"]),
    "templates, but for shadow trees": ("<template>a</template><template shadowrootmode=open>b</template>", ["b"]),
    "unknown elements are inline": ("<paper-title>a</paper-title><x>b</x>", ["ab"]),
    "preformatted lines": ("<pre>a  b\nc</pre>d", ["a b", "c", "d"]),
    "sub and sup": ("x<sub>2</sub>y<sup>3</sup>", ["x2y3"]),
    "nothing to see": ("<p> \n&nbsp; </p>\u200b<p>", []),
    "a formula with its TeX": ("a <math alttext='x^2'><mi>x</mi><mn>2</mn></math> b", ["a $x^2$ b"]),
    "a formula drawn beside its MathML": (
        "a <span><span><math><semantics><mi>x</mi><annotation encoding='application/x-tex'>x_1</annotation></semantics>"
        "</math></span><span aria-hidden='true'>x1</span></span> b",
        ["a $x_1$ b"],
    ),
    "a formula in MathML alone": ("a <math><mi>x</mi><mo>+</mo><mn>2</mn></math> b", ["a x+2 b"]),
    "controls": ("a\x00b&#1;c", ["a\ufffdb\x01c"]),
    "elements that are not closed": ("<div><p>a<div><b>b<p>c", ["a", "b", "c"]),
    "elements that were not open": ("</div></p>a</b>b</html>c", ["ab", "c"]),
}


@pytest.mark.parametrize(("markup", "shown"), BUILT.values(), ids=BUILT)
def test_blocks_are_what_a_browser_shows(markup: str, shown: list[str]) -> None:
    assert texts(markup) == shown


def test_headings_have_levels() -> None:
    markup = "<h1>a</h1><h3><div>b</div></h3><span role=heading aria-level=4>c</span><div role=heading>d</div>e"
    assert [(block.text, block.level) for block in blocks(markup)] == [("a", 1), ("b", 3), ("c", 4), ("d", 2), ("e", 0)]


LINKS = {
    "a link": ("<p><a href='/a'>Looms</a></p>", ["/a"]),
    "around blocks": ("<a href='/a'><h3>Looms</h3><p>Wheels</p></a><p>none", ["/a", "/a", ""]),
    "with a mark beside it": ("<h3><a href='/a'>Looms and wheels</a> <a href='#'>x</a></h3>", ["/a"]),
    "before what is glued to it": ("<p><a href='/a'>Looms and wheels</a><i>Ada Lovelace, Alan Turing", ["/a"]),
    "several": ("<p><a href='/a'>arXiv</a> | <a href='/b'>PDF</a>", ["/a"]),
    "in running text": ("<p>We improve on <a href='/a'>a loom</a> by much.", [""]),
    "without an address": ("<p><a name=a>Looms</a>", [""]),
    "to a program": ("<p><a href=' javascript:x()'>Looms</a>", [""]),
    "within the page": ("<p><a href='#top'>Looms</a>", [""]),
    "to another host": ("<p><a href='HTTPS://example.org/a'>Looms</a>", ["HTTPS://example.org/a"]),
    "far too long": (f"<p><a href='/{'a' * 3000}'>Looms</a>", [""]),
    "in a cell, not ended": ("<table><tr><td><a href='/a'>Looms<td>Wheels", ["/a", ""]),
    "with an ampersand": ("<a href='/a?b=1&copy=2&amp;c=3&#x26;d=4'>Looms", ["/a?b=1&copy=2&c=3&d=4"]),
}
ADJOINING = {
    "a menu": ("<a href='/'>Home</a><a href='/m'>Models</a>", [("Home", "/"), ("Models", "/m")]),
    "a title and its authors": (
        "<div><a href='/a'>Looms</a><span><a href='/u/1'>Ada Lovelace</a>, <a href='/u/2'>Alan Turing</a></span></div>",
        [("Looms", "/a"), ("Ada Lovelace, Alan Turing", "/u/1")],
    ),
    "to the same address": ("<a href='/a'>Looms</a><a href='/a'>and wheels</a>", [("Loomsand wheels", "/a")]),
    "with a blank between": ("<a href='/a'>Looms</a> <a href='/b'>Wheels</a>", [("Looms Wheels", "/b")]),
    "with a blank within": ("<a href='/a'>Looms</a><a href='/b'> Wheels</a>", [("Looms Wheels", "/b")]),
    "with text between": ("<a href='/a'>Looms</a>,<a href='/b'>wheels</a>", [("Looms,wheels", "/b")]),
    "marks of notes": ("<a href='/a'>Looms</a><a href='#1'>1</a><a href='#2'>2</a>", [("Looms12", "/a")]),
}


@pytest.mark.parametrize(("markup", "linked"), LINKS.values(), ids=LINKS)
def test_a_block_links_where_its_text_links(markup: str, linked: list[str]) -> None:
    assert [block.link for block in blocks(markup)] == linked


@pytest.mark.parametrize(("markup", "told"), ADJOINING.values(), ids=ADJOINING)
def test_links_that_adjoin_are_blocks_of_their_own(markup: str, told: list[tuple[str, str]]) -> None:
    assert [(block.text, block.link) for block in blocks(markup)] == told


RESOLVED = {
    "the given address": ("", "https://example.org/day/1", "https://example.org/day/a"),
    "the saved page's": ("<!-- saved from url=(0025)https://example.org/day/1 -->", "", "https://example.org/day/a"),
    "an extension's": (
        "<!--\n Page saved with SingleFile \n url: https://example.org/d/1 \n-->",
        "",
        "https://example.org/d/a",
    ),
    "the canonical one": ("<link rel='x canonical' href='https://example.org/c/'>", "", "https://example.org/c/a"),
    "another's": ("<meta property='og:url' content='https://example.org/o/'>", "", "https://example.org/o/a"),
    "a base": ("<base href='/b/'>", "https://example.org/day/1", "https://example.org/b/a"),
    "nobody's": ("<link rel='canonical' href='file:///home/ada'>", "", "a"),
}


@pytest.mark.parametrize(("head", "address", "link"), RESOLVED.values(), ids=RESOLVED)
def test_links_are_made_absolute_by_what_is_known(head: str, address: str, link: str) -> None:
    assert [block.link for block in blocks(f"{head}<p><a href=a>Looms</a>", address)] == [link]


def test_blocks_know_the_lines_where_they_begin() -> None:
    markup = "<html>\n<body><h3>\n\n  <a\n href='/a'>\n  Looms\n  and wheels</a>\n</h3><p>Text\n<pre>\na\n\nb</pre>"
    found = blocks(markup)
    assert [(block.number, block.text, block.gap) for block in found] == [
        (6, "Looms and wheels", 0),
        (8, "Text", 1),
        (10, "a", 1),
        (12, "b", 1),
    ]
    assert documents(markup.replace("\n", "\r\n"))[0].lines
    assert [block.number for block in documents(markup.replace("\n", "\r\n"))[0].blocks()] == [6, 8, 10, 12]


def test_a_pages_title_and_address_are_told() -> None:
    [page] = documents(
        "<title>\n The\n looms</title><title>b</title><link rel=canonical href=https://example.org/a><p>x"
    )
    assert (page.title, page.address, page.container) == ("The looms", "https://example.org/a", "html")


def test_a_page_declares_its_encoding_and_utf_8_needs_no_declaration() -> None:
    [page] = documents("<meta charset='iso-8859-1'><p>Kurt Gödel".encode("latin-1"))
    assert next(page.blocks()).text == "Kurt Gödel"
    [page] = documents("<meta charset='iso-8859-1'><p>Kurt Gödel".encode())
    assert next(page.blocks()).text == "Kurt Gödel"


JSON = {
    "a script": ('<script type="application/json">{"a": [{"title": "T"}]}</script>', [{"title": "T"}]),
    "linked data": ('<script type="application/ld+json; x">[{"title": "T"}]</script>', [{"title": "T"}]),
    "an attribute": ('<div data-x=\'{"title": "T"}\'></div>', [{"title": "T"}]),
    "a paper in an entry": ('<script type="text/json">{"title": "T", "paper": {"title": "U"}}</script>', 1),
    "a paper alone": ("<i x='[{&quot;paper&quot;: {&quot;title&quot;: &quot;T&quot;}}]'>", [{"paper": {"title": "T"}}]),
    "a program": ('<script>{"title": "T"}</script>', []),
    "a title that is none": ('<script type="application/json">[{"title": " "}, {"title": 1}]</script>', []),
    "no JSON": ('<script type="application/json">{"title": </script>', []),
    "nested too deep": ('<script type="application/json">' + "[" * 50_000 + '"title"</script>', []),
    "below where anybody looks": (
        '<script type="application/json">' + "[" * 90 + '{"title": "T"}' + "]" * 90 + "</script>",
        [],
    ),
    "too much": ('<script type="application/json">[{"title": "T"}, "' + "x > " * 2_300_000 + '"]</script>', []),
    "too many": ('<script type="application/json">[' + '{"title": "T"},' * 6000 + "{}]</script>", 5000),
}


@pytest.mark.parametrize(("markup", "found"), JSON.values(), ids=JSON)
def test_json_with_titles_is_kept(markup: str, found: list[dict[str, str]] | int) -> None:
    embedded = html.document_of(f"{markup}<p>text").embedded
    assert (len(embedded) if isinstance(found, int) else list(embedded)) == found


REFUSED = {
    "too deep": ("<div>" * 10_000, "nested too deep"),
    "too many elements": ("<br>" * 1_000_001, "too many tags"),
    "too long a tag": ("<p " + "a=1 " * 3_000_000, "a tag that is too long"),
    "too many lines": ("a\n" * 500_002, "too many tags or lines"),
    "too long": ("<p>" + "x" * (17 * 2**20), "longer than 16 MiB"),
}


@pytest.mark.parametrize(("markup", "reason"), REFUSED.values(), ids=REFUSED)
def test_a_page_beyond_the_limits_is_refused_with_the_reason(markup: str, reason: str) -> None:
    with pytest.raises(DumpError, match=reason) as refusal:
        html.document_of(markup)
    assert refusal.value.mend


BOMBS = {
    "a comment that does not end": "<!--" + "x" * 6_000_000 + "- >" + "x" * 6_000_000,
    "declarations": "<!" * 1_000_000,
    "attributes": "<p " + " ".join(f"a{number}=1" for number in range(100_000)),
    "an attribute that does not end": "<p x='" + "y" * 1_000_000,
    "angle brackets": "<" * 300_000,
    "entities": "&amp" * 300_000 + "&#99999999999;",
    "unclosed links": "<a href=x>y" * 400,
    "lone surrogates": "<p>a\ud800b",
    "null bytes": "<p>" + "\x00" * 100_000,
    "lines in a comment": "<!--\n" * 100_000,
    "lines of preformatted text": "<pre>" + "a\n\n" * 50_000,
    "formatting to be made anew in each paragraph": (
        "<p>" + "".join(f"<font size={size}>" for size in range(400)) + "</p>" + "<p>x</p>" * 5000
    ),
}


@pytest.mark.parametrize("markup", BOMBS.values(), ids=BOMBS)
def test_hostile_markup_is_read_to_its_end(markup: str) -> None:
    for block in html.document_of(markup).blocks():
        assert block.text


TAGS = (
    "a",
    "p",
    "div",
    "h3",
    "span",
    "pre",
    "br",
    "td",
    "li",
    "math",
    "script",
    "title",
    "template",
    "svg",
    "b",
    "textarea",
)
TEXTS = (
    "\n",
    "\u00a0",
    "\u200b",
    "\ufeff",
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    "<?xml",
    "<!doctype",
    "&amp;",
    "&#x",
    "&",
)
OPEN = (
    "<a\nhref='/x'>",
    "<p hidden>",
    "<i aria-hidden=true>",
    "<x y='{\"title\": 1}'>",
    "<math alttext=x>",
    "<annotation encoding=tex>",
    "<h2 role=heading>",
)
SOUP = st.lists(
    st.one_of(
        st.text(max_size=20),
        st.sampled_from([*TEXTS, *OPEN, *(f"<{tag}>" for tag in TAGS), *(f"</{tag}>" for tag in TAGS)]),
    ),
    max_size=30,
).map("".join)


@settings(max_examples=150, deadline=None)
@given(markup=SOUP, address=st.sampled_from(["", "https://example.org/a", "http://["]))
def test_whatever_the_markup_blocks_are_clean_and_in_order(markup: str, address: str) -> None:
    found = blocks(markup, address)
    numbers = [block.number for block in found]
    assert numbers == sorted(numbers)
    assert all(1 <= number <= markup.count("\n") + 1 for number in numbers)
    for block in found:
        assert block.text == " ".join(block.text.split()) != ""
        assert 0 <= block.level <= 6
        assert block.gap >= 0
