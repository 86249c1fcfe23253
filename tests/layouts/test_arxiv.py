"""arXiv's mailings and listing pages: author lines, what heads state, and what is left where a mailing was damaged."""

from __future__ import annotations

import random
import re
import textwrap
from datetime import date
from email.message import EmailMessage
from html import escape
from pathlib import Path

import html2text
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reading import document, listings, read

from digest.layouts import arxiv, by_name
from digest.models import Block, Document, Identifiers, Listing, Remark

ON = date(2026, 6, 15)
SAMPLES = Path(__file__).parent / "samples"
DAILY = (SAMPLES / "arxiv-mailing-daily.txt").read_text("utf-8")
PAGE = (SAMPLES / "arxiv-list-new.txt").read_text("utf-8")
DASHES = "-" * 78

AUTHORS = {
    "commas": ("Ada Lovelace, Alan Turing", ("Ada Lovelace", "Alan Turing"), ()),
    "a comma and an and": ("A. Lovelace, A. Turing, and G. Hopper", ("A. Lovelace", "A. Turing", "G. Hopper"), ()),
    "an ampersand": ("Ada Lovelace & Alan Turing", ("Ada Lovelace", "Alan Turing"), ()),
    "one name alone": ("Hypatia", ("Hypatia",), ()),
    "accents in TeX": (r"Paul Erd\H{o}s, {\'E}mile Borel", (r"Paul Erd\H{o}s", r"{\'E}mile Borel"), ()),
    "a suffix after a comma": ("Ada Lovelace, Jr., Alan Turing", ("Ada Lovelace, Jr.", "Alan Turing"), ()),
    "a nickname": ("Grace (Amazing) Hopper, Ada Lovelace", ("Grace (Amazing) Hopper", "Ada Lovelace"), ()),
    "affiliations after names": (
        "Ada Lovelace (Loom Works, Ockham) and Alan Turing (Tide House)",
        ("Ada Lovelace", "Alan Turing"),
        ("Loom Works, Ockham", "Tide House"),
    ),
    "numbered affiliations": (
        "Ada Lovelace (1 and 2), Alan Turing (1,2), and Grace Hopper (3) ((1) Looms Ltd; (2) MIT (Boston), (3) Yale)",
        ("Ada Lovelace", "Alan Turing", "Grace Hopper"),
        ("Looms Ltd", "MIT (Boston)", "Yale"),
    ),
    "numbered affiliations without brackets around them": (
        "Ada Lovelace (1), Alan Turing (2), (1) Loom Works, Ockham, (2) Tide House",
        ("Ada Lovelace", "Alan Turing"),
        ("Loom Works, Ockham", "Tide House"),
    ),
    "numbers with colons": (
        "Ada Lovelace (1), Alan Turing (2) (1: Loom Works, 2: Tide House)",
        ("Ada Lovelace", "Alan Turing"),
        ("Loom Works", "Tide House"),
    ),
    "for a collaboration": (
        "Ada Lovelace, for the Loom Collaboration",
        ("Ada Lovelace", "Loom Collaboration"),
        (),
    ),
    "for a collaboration, in brackets": (
        "Ada Lovelace (on behalf of the Loom Collaboration)",
        ("Ada Lovelace", "Loom Collaboration"),
        (),
    ),
    "collaborations before names": (
        "The Loom and Tide Collaborations: A. Lovelace, A. Turing",
        ("The Loom and Tide Collaborations", "A. Lovelace", "A. Turing"),
        (),
    ),
    "a bracket that never closes": ("Ada Lovelace (Loom Works", ("Ada Lovelace",), ("Loom Works",)),
    "a number without its place": ("Ada Lovelace, (1), Alan Turing", ("Ada Lovelace", "Alan Turing"), ()),
    "no list at all": ("(author list is unavailable)", (), ()),
}


@pytest.mark.parametrize(("line", "names", "places"), AUTHORS.values(), ids=AUTHORS)
def test_author_lines(line: str, names: tuple[str, ...], places: tuple[str, ...]) -> None:
    assert arxiv.credits_of(line) == (names, bool(names), places)


@pytest.mark.parametrize("end", [" et al.", ", et al", " et al. (12 additional authors not shown)", ", and others"])
def test_a_list_that_is_cut_short_is_not_complete(end: str) -> None:
    assert arxiv.credits_of("Ada Lovelace, Alan Turing" + end) == (("Ada Lovelace", "Alan Turing"), False, ())


STAMPS = {
    "with a size": ("Thu, 12 Jun 2025 17:59:59 GMT (1234kb,D)", date(2025, 6, 12)),
    "a year of two digits": ("Tue, 5 Nov 91 12:00 EST", date(1991, 11, 5)),
    "a year of two digits, later": ("Mon 3 Jan 05 18:00:00 GMT", date(2005, 1, 3)),
    "no such day": ("30 Feb 2020 10:00:00", None),
    "no stamp": ("yesterday", None),
}


@pytest.mark.parametrize(("text", "wanted"), STAMPS.values(), ids=STAMPS)
def test_stamps(text: str, wanted: date | None) -> None:
    assert arxiv.stamp(text) == wanted


def test_category_codes_are_told_from_other_words() -> None:
    assert arxiv.codes("cs.LG stat.ML, hep-th q-bio.NC looms") == (("cs.LG", "stat.ML", "hep-th", "q-bio.NC"), "looms")
    line = "Robotics (cs.RO); Machine Learning (cs.LG); Neurons and Cognition (q-bio.NC)"
    assert arxiv.subjects(line) == ("cs.RO", "cs.LG", "q-bio.NC")


HEADS = {
    "counts in a subject": (["Subject: looms daily 346 new + 55 crosses received"], ["401"]),
    "counts after labels": (["New submissions: 12", "Cross-lists: 3", "Replacements: 4"], ["19"]),
    "counts in one line": (["Number of new/cross/replaced: 12 / 3 / 4"], ["19"]),
    "blank counts": (["New submissions:", "Cross-lists:", "Replacements:"], []),
    "no counts": ([], []),
}


@pytest.mark.parametrize(("head", "stated"), HEADS.values(), ids=HEADS)
def test_a_mailing_states_the_counts_of_its_head(head: list[str], stated: list[str]) -> None:
    events = list(read("\n".join([*head, DAILY]), ON).events)
    remarks = [event for event in events if isinstance(event, Remark)]
    assert [remark.text for remark in remarks if remark.kind == "stated"] == stated
    assert [remark.text for remark in remarks if remark.kind == "unread"] == [
        "For subscribe options to combined archives, write to the address above."
    ]
    assert len(events) - len(remarks) == 5


def wrapped(width: int, opening: str = "") -> str:
    """Return the mailing as a mail program wraps it, without the blanks that later lines of a field begin with."""
    return "\n".join(opening + piece for line in DAILY.split("\n") for piece in textwrap.wrap(line, width) or [""])


def forwarded() -> bytes:
    message = EmailMessage()
    message["From"], message["Subject"], message["Date"] = "ada@example.org", "looms", "Fri, 12 Jun 2026 04:00:00 +0000"
    message.set_content(DAILY, cte="quoted-printable")
    return message.as_bytes()


MAILED = {
    "wrapped at 72": wrapped(72),
    "wrapped at 60": wrapped(60),
    "quoted": "\n".join(f"> {line}" for line in DAILY.split("\n")),
    "quoted twice and wrapped": wrapped(66, ">> "),
    "with other line ends": DAILY.replace("\n", "\r\n"),
    "with no-break spaces": DAILY.replace("  ", "\xa0 "),
    "as a mail": forwarded(),
    "as a page, preformatted": f"<html><body><pre>{escape(DAILY)}</pre></body></html>",
    "as a page, a line each": "<html><body>" + escape(DAILY).replace("\n", "<br>\n") + "</body></html>",
    "as a page, a paragraph each": "<html><body>"
    + re.sub("(?m)^.*$", r"<p>\g<0></p>", escape(DAILY))
    + "</body></html>",
    "after a greeting": "Ada, this came today.\n\n" + DAILY,
}


@pytest.mark.parametrize("dump", MAILED.values(), ids=MAILED)
def test_what_mail_programs_do_to_a_mailing_changes_no_listing(dump: str | bytes) -> None:
    assert listings(dump, ON) == listings(DAILY, ON)


def test_two_mailings_in_one_dump_begin_anew() -> None:
    found = listings(DAILY + DAILY, ON)
    assert [listing.announced for listing in found] == ["new", "new", "cross", "replaced", "replaced"] * 2


def item(number: int, *more: str, title: str = "A Title") -> list[str]:
    return [
        r"\\",
        f"arXiv:2606.{90000 + number}" + (" (*cross-listing*)" if number % 2 else ""),
        f"Date: Wed, {1 + number % 28} Jun 2026 18:21:23 GMT   (27kb,D)",
        "",
        f"Title: {title} of Paper {number}",
        "  and More",
        "Authors: Ada Lovelace, Alan",
        "  Turing",
        "Categories: cs.LG cs.RO",
        *more,
        r"\\",
        f"  We did thing number {number}.",
        "It went well.",
        rf"\\ ( https://arxiv.org/abs/2606.{90000 + number} ,  27kb)",
    ]


def read_item(*more: str) -> tuple[Listing, list[Remark]]:
    lines = [DASHES, *item(2, *more), DASHES]
    events = list(by_name("arxiv-mailing").read(document(lines), ON))
    [listing] = [event for event in events if isinstance(event, Listing)]
    return listing, [event for event in events if isinstance(event, Remark)]


def test_fields_of_an_item() -> None:
    listing, remarks = read_item("Journal-ref: Looms 3 (2026),", "  14-28", "DOI: 10.1000/Looms.3", "Comments: none")
    assert (listing.venue, remarks) == ("Looms 3 (2026), 14-28", [])
    assert listing.identifiers == Identifiers("2606.90002", "10.1000/looms.3", "https://arxiv.org/abs/2606.90002")
    assert (listing.authors, listing.published) == (("Ada Lovelace", "Alan Turing"), date(2026, 6, 3))
    assert {name: line for line, name in reversed(listing.origins)}["title"] == 6


def test_what_an_item_says_beyond_its_fields_is_reported() -> None:
    _, remarks = read_item("Shoe-size: 38", "Title: Another", "  Title", "Comments: " + "long " * 300)
    assert [(remark.kind, remark.text[:14]) for remark in remarks] == [
        ("ignored", "Shoe-size"),
        ("unread", "Title: Another"),
        ("unread", "Title"),
        ("unread", "long long long"),
    ]


def test_a_mailing_cut_anywhere_keeps_the_items_before_and_says_that_it_was_cut() -> None:
    lines = DAILY.split("\n")
    whole = listings(DAILY, ON)
    ends = [place for place, line in enumerate(lines) if line.startswith(r"\\ (")]
    for length in range(12, ends[2]):
        events = list(by_name("arxiv-mailing").read(document(lines[:length]), ON))
        found = [event for event in events if isinstance(event, Listing)]
        complete = sum(end < length for end in ends)
        assert found[:complete] == whole[:complete]
        if len(found) > complete:
            told = found[-1].abstract or ""
            cut = any(isinstance(event, Remark) and event.kind == "cut" for event in events)
            assert cut or told.endswith(".")


@settings(max_examples=60, deadline=None)
@given(
    hurt=st.sets(st.integers(0, 7), max_size=5),
    rules=st.booleans(),
    seed=st.randoms(use_true_random=False),
)
def test_damage_to_some_items_never_costs_another(hurt: set[int], rules: bool, seed: random.Random) -> None:
    lines: list[str] = []
    for number in range(8):
        own = item(number)
        if number in hurt:
            seed.shuffle(own)
            own = own[: seed.randint(0, len(own))]
        lines += [DASHES, *own] if rules or number == 0 else own
    found = {event.identifiers.arxiv: event for event in _listings(lines)}
    for number in set(range(8)) - hurt:
        [alone] = _listings(item(number))
        assert found[f"2606.{90000 + number}"] == alone


def _listings(lines: list[str]) -> list[Listing]:
    return [e for e in by_name("arxiv-mailing").read(document(lines), ON) if isinstance(e, Listing)]


def test_a_line_of_an_abstract_or_a_comment_begins_no_item() -> None:
    listing, _ = read_item("Comments: a reply to", "  arXiv:2605.90009")
    assert listing.identifiers.arxiv == "2606.90002"
    lines = item(2)
    lines[-2:-2] = ["arXiv:2605.90009", "-----", "x < y"]
    [listing] = _listings(lines)
    assert listing.abstract == "We did thing number 2. arXiv:2605.90009 ----- x < y It went well."


def test_a_mailing_streams_and_an_item_that_never_ends_is_bounded() -> None:
    lines = [*item(2)[:-1], *["It went on and on."] * 20_000, *item(4)]
    events = list(by_name("arxiv-mailing").read(document(lines), ON))
    first, second = (event for event in events if isinstance(event, Listing))
    assert len(first.abstract or "") < 110_000
    assert second.identifiers.arxiv == "2606.90004"
    assert sum(isinstance(event, Remark) for event in events) > 10_000


def as_markup() -> str:
    """Return the page of the day as HTML of this shape: a list of terms, a heading in each section."""
    made = []
    for line in PAGE.split("\n"):
        text = line.strip().replace("&", "&amp;").replace("<", "&lt;")
        if text.startswith("["):
            made.append(f"<dt>{text}</dt>")
        elif "showing " in text or text.startswith("Showing new"):
            made.append(f"<h3>{text}</h3>")
        elif text:
            made.append(f"<p>{text}</p>")
    return "<!DOCTYPE html><html><body><dl>" + "\n".join(made) + "</dl></body></html>"


def page_wrapped(width: int) -> str:
    return "\n".join(piece for line in PAGE.split("\n") for piece in textwrap.wrap(line.strip(), width) or [""])


SAVED = {
    "without blank lines": "\n".join(line for line in PAGE.split("\n") if line.strip()),
    "wrapped at 80": page_wrapped(80),
    "wrapped at 72": page_wrapped(72),
    "labels on lines of their own": PAGE.replace("Title: ", "Title:\n").replace("Subjects: ", "Subjects:\n"),
    "labels glued to what is before": PAGE.replace("\n    Subjects: ", " Subjects: ").replace("\n    Comm", " Comm"),
    "an entry's first line in pieces": re.sub(r" (?=arXiv|\[pdf|\(cross-|\(repl)", "\n", PAGE),
    "through html2text": html2text.html2text(as_markup()),
    "through html2text, not wrapped": html2text.html2text(as_markup(), bodywidth=0),
}


@pytest.mark.parametrize("dump", SAVED.values(), ids=SAVED)
def test_however_a_page_was_saved_its_listings_are_the_same(dump: str) -> None:
    assert listings(dump, ON) == listings(PAGE, ON)


def entry(number: int, note: str = "") -> list[str]:
    return [f"[{number}] arXiv:2606.{90000 + number}{note} [pdf, other]", f"Title: Paper {number}", "Ada Lovelace"]


COUNTED = {
    "sections": (["New submissions (showing 1 of 5 entries)", *entry(1)], ["1"], "new"),
    "a section that goes on": (["Cross-lists (continued, showing last 1 of 3 entries )", *entry(1)], ["1"], "cross"),
    "a day": (["Fri, 12 Jun 2026 (showing first 1 of 1,212 entries )", *entry(1)], ["1"], "new"),
    "an old heading": (["Replacements for Fri, 12 Jun 20", *entry(1)], [], "replaced"),
    "a month": (
        ["Total of 212 entries : 1-50 51-100", "Showing up to 50 entries per page: all", *entry(1)],
        ["50"],
        None,
    ),
    "a short month": (["[ total of 12 entries ]", "[ showing 50 entries per page: all ]", *entry(1)], ["12"], None),
    "a note": (entry(1, " (cross-list from math.DS)"), [], "cross"),
    "a note on a replacement": (entry(1, " (replaced)"), [], "replaced"),
}


@pytest.mark.parametrize(("lines", "stated", "announced"), COUNTED.values(), ids=COUNTED)
def test_headings_tell_how_entries_were_announced_and_how_many_there_are(
    lines: list[str], stated: list[str], announced: str | None
) -> None:
    events = list(read("\n".join(lines), ON).events)
    assert [e.text for e in events if isinstance(e, Remark) and e.kind == "stated"] == stated
    assert [e.announced for e in events if isinstance(e, Listing)] == [announced]


def test_a_day_without_papers_is_recognised() -> None:
    reading = read("Showing new listings for Friday, 12 June 2026\nNo updates today.\n", ON)
    assert reading.layout.name == "arxiv-list"
    assert [event.kind for event in reading.events if isinstance(event, Remark)] == ["page_date", "unread"]


def test_an_entry_keeps_the_address_behind_it_only_where_it_is_the_papers() -> None:
    def blocks(link: str) -> Document:
        told = [
            Block(1, "[1] arXiv:2606.90001v2 [pdf]", link=link),
            Block(2, "Title: A Loom"),
            Block(3, "Ada Lovelace"),
        ]
        return Document("html", lambda: iter(()), lambda: iter(told))

    def address(link: str) -> str | None:
        [listing] = by_name("arxiv-list").read(blocks(link), ON)
        assert isinstance(listing, Listing)
        return listing.identifiers.url

    assert address("https://arxiv.org/abs/2606.90001") == "https://arxiv.org/abs/2606.90001"
    assert address("https://arxiv.org/abs/2606.90002") is None
    assert address("/abs/2606.90001") is None


@pytest.mark.parametrize("name", ["arxiv-list", "arxiv-mailing"])
@pytest.mark.parametrize(
    "unit", ["(", "(1),", "[1] arXiv:2606.90001 [pdf] Title: A ", " and", "Subjects: A (cs.LG) ", "> "]
)
def test_a_very_long_line_takes_no_longer_than_its_length(name: str, unit: str) -> None:
    for times in (4_000, 20_000):
        lines = [*item(2), "[1] arXiv:2606.90002 [pdf]", "Title: A", f"Subjects: {unit * times}", unit * times]
        assert sum(1 for _ in by_name(name).read(document(lines), ON))
