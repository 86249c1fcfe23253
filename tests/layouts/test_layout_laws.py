"""What holds for any dump whatever: reading ends, crashes on nothing, and JSON Lines come back as they went."""

from __future__ import annotations

import json
from datetime import date
from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reading import document, read

from digest.containers import plain
from digest.layouts import LAYOUTS, by_name
from digest.layouts.base import LONGEST_LISTING, MOST_AHEAD, Cursor
from digest.models import Block, Document, Identifiers, Listing, Remark

ON = date(2026, 6, 15)
KINDS = {"stated", "page_author", "page_date", "unread", "cut", "broken", "ignored"}

LINES = st.one_of(
    st.text(st.characters(exclude_characters="\n"), max_size=60),
    st.sampled_from(
        [
            "",
            "Goto",
            "Collaborating Authors",
            "Lovelace, Ada",
            "arXiv.org Oceans",
            "SubscribeA Title",
            "Subscribe",
            "byAK and the research communityMar 14",
            "Get trending papers in your email inbox!",
            "36.1ROJun 17, 2022Code",
            "AIFeb 29",
            "A Title of a PaperAda Lovelace, Alan Turing et al. · cmu",
            "An abstract of two sentences. It says what was done and how, at some length, and with what effect.",
            "Previous 1 2 3 Next",
            "12 papers",
            "arXiv:2501.01234v2",
            '{"title": "A Title", "abstract": "Long."}',
            '{"title": ',
            "[",
            "},",
            '["\\ud800", NaN]',
            '<rss version="2.0"><channel>',
            "<item><title>A Title</title>",
            "<description><![CDATA[Long. <p>",
            "]]></description></item>",
            "</channel></rss> & <",
            "@article{key, title = {A Title},",
            "author = {Lovelace, Ada and others}, year = 2026}",
            '@string{a = "b" # c}',
            "TY  - JOUR",
            "TI  - A Title",
            "AU  - Lovelace, Ada",
            "ER  - ",
        ]
    ),
)


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
@settings(max_examples=60, deadline=None)
@given(lines=st.lists(LINES, max_size=25))
def test_any_lines_are_read_to_the_end(layout, lines: list[str]) -> None:
    for event in layout.read(document(lines), ON):
        if isinstance(event, Remark):
            assert event.kind in KINDS
            assert 0 <= event.line <= len(lines)
        else:
            assert event.title == " ".join(event.title.split()) != ""
            json.dumps(event.as_row())


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
FIELDS = [
    "title",
    "abstract",
    "summary",
    "authors",
    "published",
    "score",
    "has_code",
    "links",
    "identifiers",
    "id",
    "doi",
    "url",
    "layout",
    "paper",
]


@settings(max_examples=80, deadline=None)
@given(row=st.dictionaries(st.sampled_from(FIELDS), JSON))
def test_any_object_is_a_listing_or_broken(row: dict[str, object]) -> None:
    events = list(by_name("jsonl").read(document([json.dumps(row)]), ON))
    assert sum(isinstance(e, Listing) or e.kind == "broken" for e in events) == 1


WORDS = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=8)
TEXT = st.lists(WORDS, min_size=1, max_size=3).map(" ".join)
NAMES = st.lists(TEXT, max_size=3).map(tuple)
LISTINGS = st.builds(
    Listing,
    title=TEXT,
    layout=st.sampled_from([layout.name for layout in LAYOUTS]),
    abstract=st.none() | TEXT,
    authors=NAMES,
    authors_complete=st.booleans(),
    page_author=st.none() | TEXT,
    affiliations=st.lists(TEXT, max_size=2).map(tuple),
    categories=st.lists(WORDS, max_size=3).map(tuple),
    published=st.none() | st.dates(),
    announced=st.sampled_from([None, "new", "cross", "replaced"]),
    score=st.none() | st.floats(allow_nan=False, allow_infinity=False),
    has_code=st.none() | st.booleans(),
    venue=st.none() | TEXT,
    links=st.lists(st.sampled_from(["https://a.org", "https://b.org/c_(d)"]), unique=True).map(tuple),
    identifiers=st.builds(
        Identifiers,
        arxiv=st.sampled_from([None, "2501.01234", "hep-th/9901001"]),
        doi=st.sampled_from([None, "10.1000/a"]),
        url=st.sampled_from([None, "https://a.org/x"]),
    ),
    uncertain=st.sampled_from([(), ("title", "authors")]),
)


@settings(max_examples=60, deadline=None)
@given(listings=st.lists(LISTINGS, min_size=1, max_size=2))
def test_what_parse_prints_is_read_back_as_it_was(listings: list[Listing]) -> None:
    printed = "".join(json.dumps(listing.as_row(), ensure_ascii=False) + "\n" for listing in listings)
    assert list(read(printed, ON, "jsonl").events) == listings


def test_an_array_reads_as_its_lines_do_however_it_is_printed() -> None:
    rows = [{"title": f"Title [{n}] of {{many}}", "authors": [{"name": 'A "B" C'}]} for n in range(4)]
    by_line = list(read("\n".join(map(json.dumps, rows)), ON).events)
    for text in (json.dumps(rows), json.dumps(rows, indent=2), "[\n" + ",\n".join(map(json.dumps, rows)) + "\n]"):
        assert list(read(text, ON).events) == by_line


HOSTILE = {
    "nested too deep": '{"title": ' + "[" * 100_000,
    "a number of 5,000 digits": '{"title": "A", "score": ' + "1" * 5000 + "}",
    "cut off": '{"title": "A',
}


@pytest.mark.parametrize("line", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_line_is_broken_and_the_next_is_read(line: str) -> None:
    events = list(by_name("jsonl").read(document([line, '{"title": "Next"}']), ON))
    assert [getattr(e, "kind", "listing") for e in events] == ["broken", "listing"]


def test_addresses_that_are_none_make_no_links() -> None:
    row = {"title": "A", "links": ["javascript:alert(1)", "https://a.org"], "url": "data:text/html,x", "id": 7}
    listing, *doubts = by_name("jsonl").read(document([json.dumps(row)]), ON)
    assert isinstance(listing, Listing)
    assert (listing.links, listing.identifiers.url) == (("https://a.org",), None)
    assert [doubt.text.split(":")[0] for doubt in doubts if isinstance(doubt, Remark)] == ["links", "url"]


def test_of_a_name_given_twice_the_last_counts() -> None:
    [listing] = by_name("jsonl").read(document(['{"title": "First", "title": "Last"}']), ON)
    assert listing.title == "Last"


def test_ten_thousand_listings_stream_through() -> None:
    def lines():
        yield "Get trending papers in your email inbox!"
        for number in range(10_000):
            taken.append(number)
            yield f"A Title of Paper {number}"
            yield f"We did thing number {number}, and it went as well as it could have gone on that day."

    taken: list[int] = []
    dump = Document("text", lines, lambda: plain.blocks(lines()))
    events = by_name("huggingface").read(dump, ON)
    next(events)
    assert len(taken) < 100
    assert sum(1 for _ in events) == 9_999


TEXT = "We describe a loom that weaves patterns from punched cards, and we show that it remembers them well enough."
ENDLESS = {
    "aitopics": ["Collaborating Authors", "A Loom of Cards", "arXiv.org Oceans"],
    "huggingface": ["Get trending papers in your email inbox!", "A Loom of Cards"],
    "scholarfeed": ["36.1ROJun 17, 2022Code", "A Loom of Cards", "Ada Lovelace, Alan Turing"],
    "arxiv-list": ["[1] arXiv:2606.90001 [pdf]", "Title: A Loom of Cards", "Ada Lovelace", "Subjects: A (cs.LG)"],
    "arxiv-mailing": ["\\\\", "arXiv:2606.90001", "Title: A Loom of Cards", "Authors: Ada Lovelace", "\\\\"],
}


@pytest.mark.parametrize("name", ENDLESS)
def test_an_abstract_that_does_not_end_is_kept_in_part_and_the_rest_is_unread(name: str) -> None:
    events = list(by_name(name).read(document([*ENDLESS[name], *[TEXT] * 5_000]), ON))
    told = [f"{event.title} {event.abstract}" for event in events if isinstance(event, Listing)]
    assert max(map(len, told)) < 1.02 * LONGEST_LISTING  # arXiv's layouts count no blanks between lines
    unread = sum(event.kind == "unread" for event in events if isinstance(event, Remark))
    assert sum(text.count("We describe") for text in told) + unread == 5_000


@pytest.mark.parametrize("unit", ["Subscribe", "SubscribeMar 14"])
def test_a_head_that_does_not_end_takes_no_longer_than_its_length(unit: str) -> None:
    dump = document(["Get trending papers in your email inbox!", unit * 300_000])
    begun = perf_counter()
    assert list(by_name("huggingface").read(dump, ON))
    assert perf_counter() - begun < 20  # seconds; it took minutes when each was cut off by itself


def test_a_cursor_looks_ahead_over_so_much_text_and_no_more() -> None:
    cursor = Cursor(Block(number, "a" * (MOST_AHEAD // 4)) for number in range(100))
    assert [cursor.peek(distance) is not None for distance in (3, 4, 50)] == [True, False, False]
    assert [cursor.take().number for _ in range(3)] == [0, 1, 2]
    assert cursor.peek(3)
    assert [cursor.take().number for _ in range(97)] == list(range(3, 100))
    assert cursor.peek() is None
