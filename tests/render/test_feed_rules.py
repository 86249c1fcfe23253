"""The rules that feeds are held to are rules: a good document breaks none, and each is broken by a small change."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from feed_html import faults_of_html
from feed_rules import faults_of_atom, faults_of_chain, faults_of_json, faults_of_opml, same_ids

NOW = datetime(2026, 6, 16, 12, tzinfo=UTC)
ADDRESS = "https://digest.example.org/feeds/papers.atom"
ENTRY = """<entry>
<title>Reward &amp; punishment</title>
<id>tag:digest-ab12.example,2026-11-21:papers/7</id>
<updated>2026-06-16T01:02:03Z</updated>
<published>2026-06-15T01:02:03Z</published>
<author><name>Ines Okafor</name></author>
<link rel="alternate" type="text/html" href="https://arxiv.org/abs/2606.01000"/>
<link rel="related" href="https://example.org/a%20b?c=d&amp;e"/>
<category term="cs.LG" scheme="https://arxiv.org/archive/" label="Learning"/>
<summary>Less than one &lt; two</summary>
<content type="html">&lt;p&gt;A &lt;mark&gt;model&lt;/mark&gt; &amp;amp; more&lt;/p&gt;</content>
</entry>"""
ATOM = f"""<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xmlns:fh="http://purl.org/syndication/history/1.0" xml:lang="en">
<title>All papers</title>
<id>tag:digest-ab12.example,2026-11-21:feeds/papers</id>
<updated>2026-06-16T01:02:03Z</updated>
<author><name>Paper digest</name></author>
<generator uri="https://example.org/digest">Digest</generator>
<link rel="self" type="application/atom+xml" href="{ADDRESS}"/>
<link rel="alternate" type="text/html" href="https://digest.example.org/"/>
<link rel="alternate" type="application/feed+json" href="https://digest.example.org/feeds/papers.json"/>
<link rel="prev-archive" href="https://digest.example.org/feeds/papers/2026-06-15.atom"/>
{ENTRY}
</feed>
"""


def broken(good: str, old: str, new: str) -> bytes:
    assert old in good, old
    return good.replace(old, new, 1).encode("utf-8", "surrogatepass")


def told(faults: list[str]) -> str:
    """Return the faults as one text, after a look at their form: where it is, what it is, which rule."""
    assert all(": " in fault and fault.endswith("]") for fault in faults), faults
    return "\n".join(faults)


def test_a_good_feed_breaks_no_rule() -> None:
    assert faults_of_atom(ATOM.encode(), ADDRESS, NOW) == []


ATOM_RULES = {
    # XML, and the document
    "no XML": ("</feed>", "</food>", "SAXError"),
    "not UTF-8": ("Okafor", "Ok\ud800for", "well-formed XML"),
    "a control character": ("Okafor", "Ok\x0bafor", "SAXError"),
    "a reference to no character": ("Okafor", "Ok&#xFFFE;afor", "SAXError"),
    "a document type": ("<feed", '<!DOCTYPE feed [<!ENTITY a "b">]><feed', "document type"),
    "an entity of HTML": ("Okafor", "Ok&nbsp;afor", "SAXError"),
    "another root": (ATOM[39:], '<entry xmlns="http://www.w3.org/2005/Atom"/>', "RFC 4287, 4.1.1"),
    "another namespace": ("http://www.w3.org/2005/Atom", "http://purl.org/atom/ns#", "InvalidNamespace"),
    "a namespace that nobody knows": ("<feed ", '<feed xmlns:x="https://example.org/x" ', "UnknownNamespace"),
    "another prefix": ("xmlns:fh", "xmlns:history", "NonstdPrefix"),
    "too long": ("Okafor", "O" * 5_000_000, "ValidatorLimit"),
    # Characters
    "a control character of C1": ("Okafor", "Ok\x85afor", "BadCharacters"),
    "a replacement character": ("All papers", "All \ufffd", "BadCharacters"),
    "one in an attribute": ('term="cs.LG"', 'term="\ufffd"', "BadCharacters"),
    "text that was encoded twice": ("Ines", "In\xc3\xa9s", "BadCharacters"),
    "a noncharacter": ("Ines", "In\ufdd0s", "discouraged"),
    "a noncharacter of a higher plane": ("Ines", "In\U0001ffffs", "discouraged"),
    # Structure
    "no title": ("<title>All papers</title>\n", "", "MissingElement"),
    "two titles": ("<title>All", "<title>x</title><title>All", "DuplicateElement"),
    "no id of an entry": (":papers/7</id>", ":papers/7</id><id>tag:a.b,2026:c</id>", "DuplicateElement"),
    "no updated of an entry": ("<updated>2026-06-16T01:02:03Z</updated>\n<published>", "<published>", "MissingElement"),
    "two contents": ("</entry>", "<content>x</content></entry>", "DuplicateElement"),
    "two summaries": ("</entry>", "<summary>x</summary></entry>", "DuplicateElement"),
    "an author without a name": ("<name>Ines Okafor</name>", "", "MissingElement"),
    "an author with two names": ("<name>Ines", "<name>A</name><name>Ines", "DuplicateElement"),
    "an element of a feed in an entry": ("<entry>", "<entry><subtitle>x</subtitle>", "UndefinedElement"),
    "an unknown element": ("<entry>", "<entry><keyword>x</keyword>", "UndefinedElement"),
    "an unknown attribute": ("<summary>", '<summary lang="en">', "UnexpectedAttribute"),
    "an unknown attribute of the feed": ("<feed ", '<feed version="1.0" ', "UnexpectedAttribute"),
    "text between elements": ("<entry>", "<entry>x", "UnexpectedText"),
    "metadata after an entry": ("</entry>", "</entry><subtitle>x</subtitle>", "MisplacedMetadata"),
    "nobody wrote it": ("<author><name>Paper digest</name></author>\n", "", ""),
    # Constructs
    "a text of another type": ("<summary>", '<summary type="text/plain">', "InvalidTextType"),
    "an empty text": ("Less than one &lt; two", "", "NotBlank"),
    "elements in a text": ("Less than", "Less <b>than</b>", "RFC 4287, 3.1.1"),
    "elements in HTML": ("&lt;p&gt;A ", "<p/>", "RFC 4287, 3.1.1"),
    "an end tag in plain text": ("Less than", "H&lt;sub&gt;2&lt;/sub&gt;O", "ContainsHTML"),
    "a reference in plain text": ("Less than", "&amp;alpha; particles", "ContainsHTML"),
    "what looks like one": ("Less than", "Q&amp;A2", "ContainsHTML"),
    "an end tag in a name": ("Ines", "&lt;b&gt;Ines&lt;/b&gt;", "ContainsHTML"),
    "a reference in a name": ("Ines", "In&amp;eacute;s", "ContainsHTML"),
    "an address in a name": ("Ines", "&lt;ines@example.org&gt;", "ContainsEmail"),
    "an empty name": ("<name>Ines Okafor", "<name> ", "NotBlank"),
    "XHTML without its div": ("<summary>Less than one &lt; two", '<summary type="xhtml">x', "MissingXhtmlDiv"),
    "HTML with a script": ("&lt;p&gt;A ", "&lt;p&gt;&lt;script&gt;x&lt;/script&gt;", "SecurityRisk"),
    "a day that never was": ("2026-06-15T", "2026-06-31T", "InvalidRFC3339Date"),
    "a time without its zone": ("2026-06-15T01:02:03Z", "2026-06-15T01:02:03", "InvalidRFC3339Date"),
    "small letters in a time": ("2026-06-15T01:02:03Z", "2026-06-15t01:02:03z", "InvalidRFC3339Date"),
    "a date alone": ("2026-06-15T01:02:03Z", "2026-06-15", "InvalidRFC3339Date"),
    "white space around a time": ("2026-06-15T01:02:03Z<", "2026-06-15T01:02:03Z\n<", "UnexpectedWhitespace"),
    "a time to come": ("2026-06-15T01", "2026-06-18T01", "ImplausibleDate"),
    "a time long gone": ("2026-06-15T01", "1989-12-31T01", "ImplausibleDate"),
    "a relative id": ("tag:digest-ab12.example,2026-11-21:papers/7", "papers/7", "InvalidLink"),
    "a tag: without its date": ("2026-11-21:papers/7", ":papers/7", "InvalidTAG"),
    "a tag: of a month that never was": ("2026-11-21:papers/7", "2026-13:papers/7", "RFC 4151"),
    "a tag: in capitals": ("tag:digest-ab12.example,2026-11-21:papers", "tag:DIGEST.example,2026:papers", "InvalidTAG"),
    "a tag: with a space": (":papers/7<", ":papers/ 7<", "InvalidTAG"),
    "a tag: that escapes nothing": (":papers/7<", ":papers/%7<", "InvalidTAG"),
    "an id that could be written otherwise": (":papers/7<", ":papers/%41<", "NonCanonicalURI"),
    "an id in capitals": ("tag:digest-ab12.example,2026-11-21:papers/7", "HTTPS://Example.org/7", "NonCanonicalURI"),
    "white space around an id": (":papers/7<", ":papers/7 <", "InvalidTAG"),
    "a category without its term": ('term="cs.LG" ', "", "RFC 4287, 4.2.2"),
    "a category with an empty term": ('term="cs.LG"', 'term=" "', "NotBlank"),
    "a relative scheme": ('scheme="https://arxiv.org/archive/"', 'scheme="arxiv"', "InvalidLink"),
    "markup in a label": ('label="Learning"', 'label="&lt;/b&gt;"', "ContainsHTML"),
    "a generator without a name": (">Digest</generator>", "></generator>", "NotBlank"),
    "no language": ('xml:lang="en"', 'xml:lang="English!"', "InvalidLanguage"),
    "a relative base": ('xml:lang="en"', 'xml:base="/feeds/"', "InvalidLink"),
    "a content elsewhere without type": ('<content type="html">', '<content src="https://a.org/b">', "MissingTypeAttr"),
    "a content of many parts": ('<content type="html">', '<content type="multipart/alternative">', "InvalidMIMEType"),
    "a content that is not Base64": ('<content type="html">', '<content type="image/png">', "NotBase64"),
    "a person's relative address": ("<name>Ines Okafor</name>", "<name>Ines</name><uri>/ines</uri>", "InvalidLink"),
    "no address of mail": ("<name>Ines Okafor</name>", "<name>Ines</name><email>ines</email>", "InvalidAddrSpec"),
    # Links
    "no link to itself": (f'<link rel="self" type="application/atom+xml" href="{ADDRESS}"/>', "", "MissingSelf"),
    "two links to itself": ("<id>", f'<link rel="self" href="{ADDRESS}"/><id>', "WebSub"),
    "another address": (f'href="{ADDRESS}"', 'href="https://other.example.org/"', "SelfDoesntMatchLocation"),
    "itself as JSON": ('type="application/atom+xml"', 'type="application/feed+json"', "SelfNotAtom"),
    "a link to nothing": (' href="https://arxiv.org/abs/2606.01000"', "", "MissingHref"),
    "a relative link": ("https://arxiv.org/abs/2606.01000", "/papers/7", "InvalidLink"),
    "a link with a space": ("abs/2606.01000", "abs/2606 01000", "InvalidLink"),
    "a link with brackets": ("a%20b?c=d", "a%20b?c[]=d", "InvalidLink"),
    "a link with a letter beyond ASCII": ("a%20b?c=d", "ä?c=d", "InvalidLink"),
    "a link that escapes nothing": ("a%20b?c=d", "100%?c=d", "RFC 3986, 2.1"),
    "a link without a host": ("https://arxiv.org/abs/2606.01000", "https:///abs", "InvalidLink"),
    "a link to a script": ("https://arxiv.org/abs/2606.01000", "javascript:alert(1)", "SecurityRisk"),
    "white space around a link": ('href="https://arxiv.org', 'href=" https://arxiv.org', "UnexpectedWhitespace"),
    "an unknown relation": ('rel="related"', 'rel="code"', "UnregisteredAtomLinkRel"),
    "an empty relation": ('rel="related"', 'rel=""', "AttrNotBlank"),
    "no media type": ('type="text/html" href="https://arxiv', 'type="html" href="https://arxiv', "InvalidMIMEType"),
    "a link in no language": ('rel="related"', 'rel="related" hreflang="?"', "InvalidLanguage"),
    "a link of no length": ('rel="related"', 'rel="related" length="-1"', "InvalidNonNegativeInteger"),
    "a link with a blank title": ('rel="related"', 'rel="related" title=" "', "AttrNotBlank"),
    "a link with markup": ('rel="related"', 'rel="related" title="&lt;/b&gt;"', "ContainsHTML"),
    "text in a link": ('c=d&amp;e"/>', 'c=d&amp;e">x</link>', "AtomLinkNotEmpty"),
    "two alternates of a type": ('rel="related"', 'rel="alternate" type="text/html"', "DuplicateAtomLink"),
    "two of the feed": ('type="application/feed+json"', 'type="text/html"', "DuplicateAtomLink"),
    "an entry with an archive": ('rel="related"', 'rel="prev-archive"', "FeedHistoryRelInEntry"),
    # Entries beside each other
    "the same entry twice": ("</feed>", ENTRY.replace("06-16T", "06-14T") + "</feed>", "DuplicateEntries"),
    "two entries of one instant": ("</feed>", ENTRY.replace("papers/7", "papers/8") + "</feed>", "DuplicateUpdated"),
    "an entry that is the feed": (":papers/7<", ":feeds/papers<", "RFC 4287, 4.2.6"),
    # Archives
    "an archive that is not empty": ("<entry>", "<fh:archive>x</fh:archive><entry>", "RFC 5005"),
    "an unknown mark": ("<entry>", "<fh:incremental/><entry>", "RFC 5005"),
    "an entry that is an archive": ("<entry>", "<entry><fh:archive/>", "UndefinedElement"),
    "an archive of nothing": ("<entry>", "<fh:archive/><entry>", "MissingCurrentInArchive"),
    "two archives before it": ("<entry>", '<link rel="prev-archive" href="https://a.org/"/><entry>', "RFC 5005"),
    "complete and linked": ("<entry>", "<fh:complete/><entry>", "FeedRelInCompleteFeed"),
}


@pytest.mark.parametrize(("old", "new", "rule"), ATOM_RULES.values(), ids=ATOM_RULES)
def test_each_rule_of_atom_can_be_broken(old: str, new: str, rule: str) -> None:
    faults = told(faults_of_atom(broken(ATOM, old, new), ADDRESS, NOW))
    assert rule in faults
    assert bool(faults) == bool(rule), faults


WITHOUT = {
    "an author": ("<author><name>", "</author>\n"),
    "content and summary": ("<summary>", "</content>\n"),
    "content and alternate": ('<link rel="alternate" type="text/html" href="https://arxiv', "</content>\n"),
    "a summary": ("<summary>", "</summary>\n"),
}


@pytest.mark.parametrize(
    ("left_out", "also", "rule"),
    [
        ("an author", ("<author><name>Paper digest</name></author>", ""), "4.1.1 and 4.1.2"),
        ("content and summary", ("", ""), "MissingTextualContent"),
        ("content and alternate", ("", ""), "MissingContentOrAlternate"),
        ("a summary", ('<content type="html">', '<content type="text/html" src="https://a.org/">'), "MissingSummary"),
    ],
)
def test_an_entry_says_who_wrote_what(left_out: str, also: tuple[str, str], rule: str) -> None:
    begin, end = WITHOUT[left_out]
    first = ENTRY.index(begin)
    poor = ENTRY[:first] + ENTRY[ENTRY.index(end, first) + len(end) :]
    document = ATOM.replace(ENTRY, poor)
    assert rule in told(faults_of_atom(broken(document, *also), ADDRESS, NOW))


def test_an_ampersand_in_hexadecimal_is_meant_as_one() -> None:
    assert faults_of_atom(broken(ATOM, "Less than", "R&#x26;D, Q&#x26;A2, &#x26;alpha;"), ADDRESS, NOW) == []


def test_an_archive_without_another_is_told() -> None:
    alone = ATOM.replace('rel="prev-archive"', 'rel="current"').replace("<entry>", "<fh:archive/><entry>")
    assert told(faults_of_atom(alone.encode(), ADDRESS, NOW)).count("ArchiveIncomplete") == 1


HTML = {
    "text alone": ("5 &lt; 6", ""),
    "all that a paper needs": (
        '<p>By <b>Ines</b>, <a href="https://arxiv.org/abs/1?a=b&amp;c" rel="noopener noreferrer">Paper</a> ·<br> '
        '<small>cs.RO</small></p><ul class="x"><li>1&#8217;</li></ul><hr><blockquote><p>x</p></blockquote>',
        "",
    ),
    "a table": ("<table><tbody><tr><td>x</td></tr></tbody></table>", ""),
    "a bare ampersand": ("R&D", "NotHtml"),
    "a reference without its end": ("&lt 5", "NotHtml"),
    "an unknown reference": ("&nothing;", "NotHtml"),
    "a reference to a control character": ("&#x80;", "NotHtml"),
    "a reference beyond Unicode": ("&#x110000;", "NotHtml"),
    "a bare less-than": ("a <b", "NotHtml"),
    "a comment": ("<!-- x -->", "NotHtml"),
    "an element that is not closed": ("<p>x", "NotHtml"),
    "an element that was not opened": ("x</p>", "NotHtml"),
    "elements across each other": ("<b><i>x</b></i>", "NotHtml"),
    "a paragraph in a paragraph": ("<p><b><p>x</p></b></p>", "NotHtml"),
    "a heading in a heading": ("<h2><h3>x</h3></h2>", "NotHtml"),
    "a list in a paragraph": ("<p><ul></ul></p>", "NotHtml"),
    "an item without its list": ("<li>x</li>", "NotHtml"),
    "a row without its table": ("<tr></tr>", "NotHtml"),
    "text between rows": ("<table><tbody>x</tbody></table>", "NotHtml"),
    "a link in a link": ('<a href="https://a.org/"><a href="https://b.org/">x</a></a>', "NotHtml"),
    "an attribute twice": ('<p class="a" class="b">x</p>', "NotHtml"),
    "an attribute without quotes": ("<p class=a>x</p>", "NotHtml"),
    "a bare ampersand in an attribute": ('<p title="a&b">x</p>', "NotHtml"),
    "a noncharacter": ("\U0010ffff", "NotHtml"),
    "a noncharacter in an attribute": ('<p title="\ufdd0">x</p>', "NotHtml"),
    "a slash that closes nothing": ("<p/>", "NotHtml"),
    "an element of SVG": ("<svg></svg>", "SecurityRisk"),
    "a script": ("<script>x</script>", "SecurityRisk"),
    "a frame": ('<iframe src="https://a.org/"></iframe>', "SecurityRisk"),
    "a form": ("<form></form>", "SecurityRisk"),
    "a handler": ('<p onclick="x">x</p>', "SecurityRiskAttr"),
    "a style": ('<p style="color: red">x</p>', "DangerousStyleAttr"),
    "a role": ('<p role="note">x</p>', "SecurityRiskAttr"),
    "a relative link": ('<a href="/papers/7">x</a>', "ContainsRelRef"),
    "a link to a script": ('<a href="java&#115;cript:alert(1)">x</a>', "ContainsRelRef"),
    "an image of bytes": ('<img src="data:image/png;base64,AAAA" alt="">', "ContainsRelRef"),
}


@pytest.mark.parametrize(("html", "rule"), HTML.values(), ids=HTML)
def test_html_is_read_to_the_letter(html: str, rule: str) -> None:
    faults = "\n".join(faults_of_html(html))
    assert bool(faults) == bool(rule), faults
    assert rule in faults


JSON = """{
"version": "https://jsonfeed.org/version/1.1",
"title": "All papers",
"home_page_url": "https://digest.example.org/",
"feed_url": "https://digest.example.org/feeds/papers.json",
"next_url": "https://digest.example.org/feeds/papers/2026-06-15.json",
"language": "en",
"authors": [{"name": "Paper digest"}],
"hubs": [{"type": "WebSub", "url": "https://hub.example.org/"}],
"items": [{
"id": "tag:digest-ab12.example,2026-11-21:papers/7",
"url": "https://arxiv.org/abs/2606.01000",
"title": "Reward & punishment, 5 < 6",
"content_html": "<p>x &amp; y</p>",
"summary": "</b> is text here",
"date_published": "2026-06-15T01:02:03Z",
"date_modified": "2026-06-16T01:02:03Z",
"authors": [{"name": "Ines Okafor"}, {"name": "Mei Zhou", "url": "https://mei.example.org/"}],
"tags": ["cs.LG"],
"attachments": [{"url": "https://a.org/b.pdf", "mime_type": "application/pdf", "size_in_bytes": 7}],
"_digest": {"about": "https://example.org/", "revision": 2}
}]
}"""


def test_a_good_json_feed_breaks_no_rule() -> None:
    assert faults_of_json(JSON.encode(), "https://digest.example.org/feeds/papers.json", NOW) == []


JSON_RULES = {
    "no JSON": ('"items"', "items", "RFC 8259"),
    "not UTF-8": ("All papers", "All \ud800", "RFC 8259"),
    "no object": (JSON, "[]", "top-level"),
    "a number that is none": ('"size_in_bytes": 7', '"size_in_bytes": NaN', "attachments"),
    "a key twice": ('"title": "All', '"title": "x", "title": "All', "RFC 7493, 2.3"),
    "a key twice in an item": ('"tags"', '"url": "https://a.org/", "tags"', "RFC 7493, 2.3"),
    "a lone surrogate": ("All papers", "\\ud800", "RFC 7493, 2.1"),
    "a noncharacter": ("All papers", "\\ufdd0", "RFC 7493, 2.1"),
    "a control character": ("Ines", "\\u0000", "RFC 7493, 2.1"),
    "a replacement character": ("Ines", "\ufffd", "BadCharacters"),
    "another version": ("version/1.1", "version/1", "JSON Feed: version"),
    "no title": ('"title": "All papers",', "", "JSON Feed: required"),
    "no items": ('"items"', '"_items"', "JSON Feed: required"),
    "no home page": ('"home_page_url": "https://digest.example.org/",', "", "public web"),
    "another address": ("feeds/papers.json", "feeds/other.json", "JSON Feed: feed_url"),
    "no next but itself": ("papers/2026-06-15.json", "papers.json", "JSON Feed: next_url"),
    "an unknown key": ('"language"', '"lang"', "JSON Feed: extensions"),
    "an unknown key of an item": ('"tags"', '"categories"', "JSON Feed: extensions"),
    "an extension with a dot": ('"_digest"', '"_digest.org"', "JSON Feed: extensions"),
    "a number for a text": ('"title": "All papers"', '"title": 7', "JSON Feed: types"),
    "a number for an id": ('"id": "tag:digest-ab12.example,2026-11-21:papers/7"', '"id": 7', "JSON Feed: types"),
    "nothing for a text": ('"title": "All papers"', '"title": null', "JSON Feed: types"),
    "an empty text": ("</b> is text here", "", "left out"),
    "one author for all": ('[{"name": "Paper digest"}]', '{"name": "Paper digest"}', "JSON Feed: types"),
    "an author who is nobody": ('{"name": "Ines Okafor"}', "{}", "JSON Feed: authors"),
    "an author's other key": ('{"name": "Ines Okafor"}', '{"title": "Dr"}', "JSON Feed: extensions"),
    "a relative address": ('"url": "https://arxiv.org/abs/2606.01000"', '"url": "/papers/7"', "InvalidLink"),
    "an address of a script": ("https://arxiv.org/abs/2606.01000", "javascript:alert(1)", "SecurityRisk"),
    "no time": ("2026-06-15T01:02:03Z", "2026-06-15", "InvalidRFC3339Date"),
    "no language": ('"language": "en"', '"language": "?"', "RFC 5646"),
    "a tag that is no text": ('["cs.LG"]', "[7]", "JSON Feed: types"),
    "no id": ('"id": "tag:digest-ab12.example,2026-11-21:papers/7",', "", "JSON Feed: required"),
    "no content": ('"content_html": "<p>x &amp; y</p>",', "", "neither content_html nor content_text"),
    "an unsafe content": ("<p>x", "<script>x</script><p>", "SecurityRisk"),
    "a hub without its kind": ('"type": "WebSub", ', "", "JSON Feed: required"),
    "an attachment without its type": (', "mime_type": "application/pdf"', "", "JSON Feed: required"),
    "an attachment of no type": ("application/pdf", "pdf", "JSON Feed: attachments"),
    "an id twice": (
        '"items": [',
        '"items": [{"id": "tag:digest-ab12.example,2026-11-21:papers/7", "content_text": "x"},',
        "same id",
    ),
    "neither true nor false": ('"language"', '"expired": "no", "language"', "JSON Feed: types"),
}


@pytest.mark.parametrize(("old", "new", "rule"), JSON_RULES.values(), ids=JSON_RULES)
def test_each_rule_of_json_feed_can_be_broken(old: str, new: str, rule: str) -> None:
    faults = faults_of_json(broken(JSON, old, new), "https://digest.example.org/feeds/papers.json", NOW)
    assert rule in told(faults)


def test_twins_hold_the_same_entries_in_one_order() -> None:
    assert same_ids(ATOM.encode(), JSON.encode()) == []
    assert "papers/8" in same_ids(ATOM.encode(), JSON.replace("papers/7", "papers/8").encode())[0]
    other = JSON.replace('"items": [', '"items": [{"id": "x", "content_text": "x"},')
    assert same_ids(ATOM.encode(), other.encode()) == ["the twins differ in ['x']"]


OPML = """<?xml version="1.0" encoding="utf-8"?>
<opml version="2.0">
<head><title>Paper digest</title><dateCreated>Tue, 16 Jun 2026 00:00:00 GMT</dateCreated></head>
<body>
<outline text="Topics">
<outline type="rss" text="Alignment &amp; more" title="Alignment &amp; more" xmlUrl="https://a.org/a.atom" htmlUrl="https://a.org/"/>
</outline>
<outline type="rss" text="All papers" title="All papers" xmlUrl="https://a.org/papers.atom" language="en"/>
</body>
</opml>
"""
OPML_RULES = {
    "no XML": ("</opml>", "", "OPML 2.0: XML"),
    "no version": (' version="2.0"', "", "InvalidOPMLVersion"),
    "another version": ('"2.0"', '"1.0"', "InvalidOPMLVersion"),
    "no head": (
        "<head><title>Paper digest</title><dateCreated>Tue, 16 Jun 2026 00:00:00 GMT</dateCreated></head>",
        "",
        "MissingElement",
    ),
    "an unknown element of the head": ("<title>", "<subject>x</subject><title>", "UndefinedElement"),
    "two titles": ("<title>", "<title>x</title><title>", "DuplicateElement"),
    "no date": ("Tue, 16 Jun 2026 00:00:00 GMT", "2026-06-16T00:00:00Z", "InvalidRFC2822Date"),
    "another day of the week": ("Tue, 16", "Wed, 16", "IncorrectDOW"),
    "no outline": ("<outline", "<item", "OPML 2.0"),
    "no text": ('text="All papers" ', "", "MissingAttribute"),
    "no title": ('title="All papers" ', "", "MissingTitleAttr"),
    "no address": ('xmlUrl="https://a.org/papers.atom" ', "", "MissingXmlURL"),
    "a relative address": ("https://a.org/papers.atom", "papers.atom", "InvalidLink"),
    "an address twice": ("https://a.org/papers.atom", "https://a.org/a.atom", "twice"),
    "no type": ('type="rss" text="All', 'text="All', "MissingOutlineType"),
    "an unknown attribute": ('language="en"', 'lang="en"', "UnexpectedAttribute"),
    "no language": ('language="en"', 'language="?"', "InvalidLanguage"),
    "markup": ("Alignment &amp; more", "&lt;b&gt;x&lt;/b&gt;", "ContainsHTML"),
    "a replacement character": ("Alignment", "\ufffd", "BadCharacters"),
    "text in an outline": ('<outline text="Topics">', '<outline text="Topics">x', "UnexpectedText"),
    "an empty group": ("<body>", '<body><outline text="x"/>', "neither a feed nor a group"),
}


def test_a_good_list_of_feeds_breaks_no_rule() -> None:
    assert faults_of_opml(OPML.encode()) == []


@pytest.mark.parametrize(("old", "new", "rule"), OPML_RULES.values(), ids=OPML_RULES)
def test_each_rule_of_opml_can_be_broken(old: str, new: str, rule: str) -> None:
    document = OPML.replace(old, new) if old == "<outline" else broken(OPML, old, new).decode()
    document = document.replace("</outline>", "</item>") if old == "<outline" else document
    assert rule in told(faults_of_opml(document.encode()))


def chain(*, changes: dict[str, tuple[str, str]] | None = None) -> dict[str, bytes]:
    """Return three documents of a feed by address, each with an entry, the current one first."""
    there = {}
    for number, older in (("3", "2"), ("2", "1"), ("1", "")):
        links = f'<link rel="self" href="https://a.org/{number}"/>'
        if older:
            links += f'<link rel="prev-archive" href="https://a.org/{older}"/><link rel="next" href="https://a.org/{older}"/>'
        if number != "3":
            links += '<link rel="current" href="https://a.org/3"/><fh:archive/>'
        document = (
            '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:fh="http://purl.org/syndication/history/1.0">'
            f"<title>x</title><id>tag:a.org,2026:f</id><updated>2026-06-0{number}T00:00:00Z</updated>{links}"
            f"<entry><id>tag:a.org,2026:{number}</id><published>2026-06-0{number}T00:00:00Z</published></entry></feed>"
        )
        there[f"https://a.org/{number}"] = document
    for number, (old, new) in (changes or {}).items():
        address = f"https://a.org/{number}"
        assert old in there[address]
        there[address] = there[address].replace(old, new)
    return {address: document.encode() for address, document in there.items()}


def test_a_good_chain_yields_all_entries_newest_first() -> None:
    faults, ids = faults_of_chain(chain().__getitem__, "https://a.org/3")
    assert (faults, ids) == ([], ["tag:a.org,2026:3", "tag:a.org,2026:2", "tag:a.org,2026:1"])


CHAINS = {
    "a document that is not there": (
        "2",
        'prev-archive" href="https://a.org/1"',
        'prev-archive" href="https://a.org/0"',
        "KeyError",
    ),
    "no XML": ("1", "</feed>", "", "NotXMLError"),
    "a loop": ("2", 'prev-archive" href="https://a.org/1"', 'prev-archive" href="https://a.org/3"', "leads back"),
    "an archive that does not say so": ("2", "<fh:archive/>", "", "not marked"),
    "a current one that is an archive": ("3", "<entry>", "<fh:archive/><entry>", "marked as an archive"),
    "another current one": ("2", 'current" href="https://a.org/3"', 'current" href="https://a.org/2"', "its current"),
    "a current one that names another": (
        "3",
        "<entry>",
        '<link rel="current" href="https://a.org/2"/><entry>',
        "names another",
    ),
    "another feed": ("1", "2026:f", "2026:g", "different feeds"),
    "an entry twice": ("1", "2026:1<", "2026:3<", "comes 2 times"),
    "an archive newer than the next": ("1", "2026-06-01T", "2026-06-09T", "newer than the current"),
    "another page than archive": ("3", 'next" href="https://a.org/2"', 'next" href="https://a.org/1"', "it pages to"),
    "two archives before it": (
        "3",
        "<entry>",
        '<link rel="prev-archive" href="https://a.org/1"/><entry>',
        "more than one archive",
    ),
}


@pytest.mark.parametrize(("number", "old", "new", "words"), CHAINS.values(), ids=CHAINS)
def test_each_link_of_a_chain_can_break(number: str, old: str, new: str, words: str) -> None:
    faults, _ = faults_of_chain(chain(changes={number: (old, new)}).__getitem__, "https://a.org/3")
    assert words in told(faults)


def test_json_feeds_are_followed_too() -> None:
    there = {
        "https://a.org/2": b'{"title": "x", "next_url": "https://a.org/1", "items": [{"id": "b"}]}',
        "https://a.org/1": b'{"title": "x", "items": [{"id": "a"}]}',
    }
    assert faults_of_chain(there.__getitem__, "https://a.org/2") == ([], ["b", "a"])
    there["https://a.org/1"] = b'{"title": "x", "next_url": "https://a.org/2", "items": [{"id": "b"}]}'
    faults, _ = faults_of_chain(there.__getitem__, "https://a.org/2")
    assert "leads back" in told(faults)
    assert "b comes 2 times" in told(faults)
