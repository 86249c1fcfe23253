"""BibTeX and RIS: what entries say, what is broken and costs only itself, and what is hostile and costs nothing."""

from __future__ import annotations

import time
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reading import document, listings, read

from digest.layouts import by_name
from digest.layouts.bibtex_values import Macros, TooLong, names, shown
from digest.models import Identifiers, Listing, Remark

ON = date(2026, 6, 15)


def one(dump: str) -> Listing:
    """Return the only listing of a dump."""
    [listing] = listings(dump)
    return listing


def told(dump: str) -> list[tuple[str, int, str]]:
    """Return kind, line and text of all remarks on a dump."""
    return [(e.kind, e.line, e.text) for e in read(dump).events if isinstance(e, Remark)]


def entry(inner: str) -> str:
    return f"@article{{key, title = {{A}}, {inner}}}"


TITLES = {
    "in braces": ("{A Loom}", "A Loom"),
    "in quotation marks": ('"A Loom"', "A Loom"),
    "kept capitals": ("{{A {L}oom} of {C}ards}", "A Loom of Cards"),
    "accents": (r"{{\"O}l, {\'e}t\'{e}, {\AE}on, na{\"\i}ve, Erd{\H{o}}s}", "Öl, été, Æon, naïve, Erdős"),
    "commands": (r"{\emph{A} {\it Loom} \& 50\% more}", "A Loom & 50% more"),
    "ties": (r"{A~Loom from Do\~nana}", "A Loom from Doñana"),
    "mathematics stays": (r"{At $x_{i}^2$ and $\alpha$}", r"At $x_{i}^2$ and $\alpha$"),
    "also before a digit": (r"{512$\times$512$\times$256}", r"512$\times$512$\times$256"),
    "within a command": (r"{\textbf{4$\times$} as {F}ast}", r"4$\times$ as Fast"),
    "money is none": ("{From $5 to {$10}}", "From $5 to $10"),
    "over several lines": ("{A\n   Loom}", "A Loom"),
    "a quotation mark": ('"The {"}Engine{"}"', 'The "Engine"'),
    "put together": ('"A " # {Loom}', "A Loom"),
    "a number": ("1984", "1984"),
}


@pytest.mark.parametrize(("value", "wanted"), TITLES.values(), ids=TITLES)
def test_titles_in_bibtex(value: str, wanted: str) -> None:
    assert one(f"@article{{key, title = {value}}}").title == wanted


NAMES = {
    "given first": ("Ada Lovelace and Alan Turing", ("Ada Lovelace", "Alan Turing"), False),
    "family first": ("Lovelace, Ada and Turing, Alan M.", ("Ada Lovelace", "Alan M. Turing"), False),
    "particles": ("de la Cruz, Ada and van der Berg, Jan", ("Ada de la Cruz", "Jan van der Berg"), False),
    "junior": ("King, Jr., Martin", ("Martin King Jr.",), False),
    "and others": ("Lovelace, Ada and others", ("Ada Lovelace",), True),
    "a team": ("{The Loom and Card Team} and Ada Lovelace", ("The Loom and Card Team", "Ada Lovelace"), False),
    "accents": (r"du Ch{\^a}telet, {\'E}milie", ("Émilie du Châtelet",), False),
    "a comma too many": ("Lovelace, Ada, M., X", ("M. X Lovelace Ada",), False),
    "nobody": ("", (), False),
}


@pytest.mark.parametrize(("written", "wanted", "more"), NAMES.values(), ids=NAMES)
def test_names_in_bibtex(written: str, wanted: tuple[str, ...], more: bool) -> None:
    assert names(written) == (wanted, more)
    assert one(entry(f"author = {{{written}}}")).authors_complete is (bool(wanted) and not more)


DATES = {
    "biblatex's": ("date = {2026-06-12}", date(2026, 6, 12)),
    "three fields": ("year = 2026, month = 6, day = {12}", date(2026, 6, 12)),
    "a month's macro": ("year = {2026}, month = jun, day = 12", date(2026, 6, 12)),
    "a day in the month": ('year = 2026, month = jun # "~12"', date(2026, 6, 12)),
    "a day before it": ('year = 2026, month = "12~" # jun', date(2026, 6, 12)),
    "a month written out": ("year = 2026, month = {June}, day = 12", date(2026, 6, 12)),
    "a year": ("year = 2026", None),
    "a month": ("year = 2026, month = jun", None),
    "biblatex's month": ("date = {2026-06}", None),
    "a span": ("date = {2026-06-12/2026-06-14}", None),
    "no such day": ("year = 2026, month = feb, day = 30", None),
    "forthcoming": ("year = {forthcoming}, month = {soon}, day = {one}", None),
}


@pytest.mark.parametrize(("fields", "wanted"), DATES.values(), ids=DATES)
def test_only_a_whole_date_in_bibtex_is_one(fields: str, wanted: date | None) -> None:
    assert one(entry(fields)).published == wanted


NAMING = {
    "an eprint": ("eprint = {2606.00001v2}, archivePrefix = {arXiv}", Identifiers(arxiv="2606.00001")),
    "biblatex's": ("eprint = {2606.00001}, eprinttype = {arxiv}", Identifiers(arxiv="2606.00001")),
    "nobody's": ("eprint = {hep-th/9901001}", Identifiers(arxiv="hep-th/9901001")),
    "another's": ("eprint = {2606.00001}, eprinttype = {hdl}", Identifiers()),
    "a DOI": (r"doi = {10.1000/A\_b}", Identifiers(doi="10.1000/a_b")),
    "a DOI's address": ("doi = {https://doi.org/10.1000/A}", Identifiers(doi="10.1000/a")),
    "arXiv's DOI": ("doi = {10.48550/arXiv.2606.00001}", Identifiers(arxiv="2606.00001")),
    "an address": ("url = {https://a.org/b}", Identifiers(url="https://a.org/b")),
    "how published": (r"howpublished = {\url{https://a.org/b}}", Identifiers(url="https://a.org/b")),
    "as Google Scholar has it": ("journal = {arXiv preprint arXiv:2606.00001}", Identifiers(arxiv="2606.00001")),
    "as DBLP has it": ("journal = {CoRR}, volume = {abs/2606.00001}", Identifiers(arxiv="2606.00001")),
    "a volume": ("journal = {Looms}, volume = {12}", Identifiers()),
    "no web address": ("url = {javascript:alert(1)}", Identifiers()),
}


@pytest.mark.parametrize(("fields", "wanted"), NAMING.values(), ids=NAMING)
def test_identifiers_in_bibtex(fields: str, wanted: Identifiers) -> None:
    assert one(entry(fields)).identifiers == wanted


def test_macros_hold_for_all_entries_after_them_however_far() -> None:
    dump = '@string{jl = "Journal of " # looms}\n@string(looms = {Looms})\n@STRING{JL2 = JL # "!"}\n'
    dump += "".join(f"@misc{{k{n}, title = {{{'A' * 500}}}, journal = jl2}}\n" for n in range(400))
    assert {listing.venue for listing in listings(dump)} == {"Journal of looms!"}


def test_a_broken_entry_costs_only_itself() -> None:
    dump = "@misc{a, title = {A}}\n@misc{b, title = {B\n@misc{c, title {C}}\n@misc{d, year = 1}\n@misc{e, title = {E}}"
    assert [listing.title for listing in listings(dump)] == ["A", "E"]
    assert told(dump)[2] == ("unread", 3, "C}}")  # what is left of it
    assert [(kind, line) for kind, line, _ in told(dump) if kind == "broken"] == [("broken", n) for n in (2, 3, 4)]


def test_an_entry_that_is_too_long_costs_only_itself() -> None:
    dump = "@misc{a, title = {A}}\n@misc{b, title = {" + "B\n" * 200_000 + "}}\n@misc{c, title = {C}}"
    assert [listing.title for listing in listings(dump)] == ["A", "C"]
    assert [(kind, line) for kind, line, _ in told(dump)] == [("broken", 2)]


def test_entries_under_one_key_and_on_one_line_are_read() -> None:
    dump = "@misc{a, title = {A}} @misc{a, title = {B}}\n@misc(c, title = {C (D)})"
    assert [listing.title for listing in listings(dump)] == ["A", "B", "C (D)"]


def test_text_between_entries_is_unread_and_comments_are_not_told() -> None:
    dump = "% a comment\n@comment{x}\n@misc{a, title = {A}}\n\nsome text\nand more\n@preamble{x}\n% b\n"
    assert told(dump) == [("unread", 5, "some text")]


def test_fields_are_told_with_their_lines() -> None:
    dump = "\n@misc{a,\n  title = {A\n    Loom},\n  year = 2026, pages = 1,\n  doi = {10.1000/a}\n}"
    assert one(dump).origins == ((3, "title"), (5, "published"), (6, "identifiers"))
    assert one("@misc{a, title = {A}, year = 2026}").origins == ((1, "listing"),)
    assert one(record("KW  - x", "AU  - Ada")).origins == ((2, "title"), (4, "authors"))


def test_unknown_fields_are_counted() -> None:
    assert told(entry("mood = {windy}, pages = {1--2}")) == [("ignored", 1, "mood")]
    assert told(entry("of\n mind = {calm}")) == [("ignored", 1, "of mind")]


def test_macros_do_not_grow_without_end() -> None:
    macros = Macros()
    macros.define({"a": '"' + "x" * 9_000 + '"'})
    with pytest.raises(TooLong):
        macros.define({"b": "a # a"})
    with pytest.raises(TooLong):
        macros.resolved(" # ".join(["a"] * 100_000))


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet='ab {}\\"$~#@,=%\n', max_size=60))
def test_any_value_is_shown(value: str) -> None:
    assert shown(value) == " ".join(shown(value).split())
    list(by_name("bibtex").read(document(f"@misc{{k, title = {value}".split("\n")), ON))


def record(*lines: str) -> str:
    return "\n".join(("TY  - JOUR", "TI  - A", *lines, "ER  - "))


def test_the_lines_of_a_text_are_put_together() -> None:
    found = one(record("AB  - We weave", "   by cards.", "AU  - x"))
    assert found.abstract == "We weave by cards."


RECORDS = {
    "authors": (record("AU  - Lovelace, Ada", "AU  - Turing, Alan"), "authors", ("Ada Lovelace", "Alan Turing")),
    "first authors": (record("A1  - Lovelace,Ada"), "authors", ("Ada Lovelace",)),
    "a suffix": (record("AU  - King, Martin, Jr."), "authors", ("Martin King Jr.",)),
    "two of one name": (record("AU  - Wang, Wei", "AU  - Wang, Wei"), "authors", ("Wei Wang", "Wei Wang")),
    "a team": (record("AU  - The Loom Team"), "authors", ("The Loom Team",)),
    "editors are none": (record("A2  - Lovelace, Ada"), "authors", ()),
    "et al.": (record("AU  - Lovelace, Ada", "AU  - et al."), "authors_complete", False),
    "all authors": (record("AU  - Lovelace, Ada"), "authors_complete", True),
    "a day": (record("PY  - 2026", "DA  - 2026/06/12/"), "published", date(2026, 6, 12)),
    "a day in the year's tag": (record("Y1  - 2026/6/12/spring"), "published", date(2026, 6, 12)),
    "a day as ISO has it": (record("DA  - 2026-06-12"), "published", date(2026, 6, 12)),
    "a month": (record("DA  - 2026/06//"), "published", None),
    "a year": (record("PY  - 2026"), "published", None),
    "no such day": (record("DA  - 2026/02/30/"), "published", None),
    "the journal's full name": (record("JA  - J. L.", "T2  - Journal of Looms"), "venue", "Journal of Looms"),
    "keywords are no categories": (record("KW  - looms"), "categories", ()),
    "a DOI": (record("DO  - https://doi.org/10.1000/A"), "identifiers", Identifiers(doi="10.1000/a")),
    "two addresses": (
        record("UR  - https://a.org/1;https://arxiv.org/abs/2606.00001v1"),
        "identifiers",
        Identifiers(arxiv="2606.00001", url="https://a.org/1"),
    ),
    "no web address": (record("UR  - javascript:alert(1)"), "identifiers", Identifiers()),
    "an empty tag": (record("IS  - 9", "SP  -", "AB  - x"), "abstract", "x"),
    "one blank": ("TY - JOUR\nT1 - A\nN2 - x\nER -", "abstract", "x"),
    "a byte-order mark": ("\ufeff" + record("N2  - x"), "abstract", "x"),
}


@pytest.mark.parametrize(("dump", "name", "wanted"), RECORDS.values(), ids=RECORDS)
def test_records_in_ris(dump: str, name: str, wanted: object) -> None:
    assert getattr(one(dump), name) == wanted


def test_a_broken_record_costs_only_itself() -> None:
    dump = "\n".join((record(), "TY  - JOUR", "AU  - x", "ER  - ", "stray", record("ZZ  - z"), "TY  - JOUR", "TI  - B"))
    assert [listing.title for listing in listings(dump)] == ["A", "A", "B"]
    assert [(kind, line) for kind, line, _ in told(dump)] == [
        ("broken", 4),
        ("unread", 7),
        ("ignored", 8),
        ("cut", 12),
    ]


OTHERS = {
    "an address": "@ada: see {this}",
    "an address of mail": "ada@example.org{x, y",
    "a rule of style": "@media screen {\n  a { color: red }\n}",
    "a decorator": "@cached(maxsize=1)\ndef f(): ...",
    "another tag first": "AU  - Lovelace, Ada\nTY  - JOUR",
    "text": "TY is short for type",
}


@pytest.mark.parametrize("text", OTHERS.values(), ids=OTHERS)
def test_other_texts_are_no_bibliographies(text: str) -> None:
    for name in ("bibtex", "ris"):
        assert not by_name(name).recognises(document(text.split("\n")))


HOSTILE = {
    "open braces": ("bibtex", "@a{k, title = {" + "{" * 200_000),
    "deep braces": ("bibtex", "@a{k, title = {" + "{" * 100_000 + "x" + "}" * 100_000 + "}}"),
    "signs @": ("bibtex", "@" * 100_000),
    "signs @ on lines": ("bibtex", "@\n" * 100_000),
    "entries in entries": ("bibtex", "@a{" * 5_000),
    "open entries": ("bibtex", "@a{\n" * 10_000),
    "round brackets": ("bibtex", "@a(k" * 5_000),
    "quotation marks": ("bibtex", "@a{k, title = " + '"' * 200_000),
    "equals signs": ("bibtex", "@a{k, title" + "=" * 200_000 + "}"),
    "hashes": ("bibtex", "@a{k, title = " + "#" * 200_000 + "}"),
    "dollars": ("bibtex", "@a{k, title = {" + "$x" * 100_000 + "}}"),
    "backslashes": ("bibtex", "@a{k, title = {" + "\\'" * 100_000 + "}}"),
    "names": ("bibtex", "@a{k, title = {A}, author = {" + "a, b and " * 25_000 + "c}}"),
    "a name": ("bibtex", "@a{k, title = {A}, author = {" + "a, " * 80_000 + "c}}"),
    "fields": ("bibtex", "@a{k, title = {A}, " + "".join(f"f{n} = 1, " for n in range(20_000)) + "}"),
    "macros": (
        "bibtex",
        '@string{s0 = "ha"}\n' + "".join(f"@string{{s{n} = s{n - 1} # s{n - 1}}}\n" for n in range(1, 60)),
    ),
    "blanks": ("bibtex", "@a" + " " * 250_000),
    "beginnings": ("ris", "TY  - \n" * 10_000),
    "lines of one text": ("ris", "TY  - JOUR\nTI  - A\n" + "a\n" * 200_000),
    "tags": ("ris", "TY  - JOUR\nTI  - A\n" + "AB  - a\nAU  - b\nZZ  - c\n" * 5_000),
    "addresses": ("ris", "TY  - JOUR\nTI  - A\nUR  - " + ";" * 500_000),
    "a long record": ("ris", "TY  - JOUR\nTI  - " + "A" * 2_000_000),
}


@pytest.mark.parametrize(("name", "dump"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_bibliography_takes_little_time(name: str, dump: str) -> None:
    lines = dump.split("\n")
    began = time.process_time()
    events = list(by_name(name).read(document(lines), ON))
    assert time.process_time() - began < 20
    assert all(isinstance(event, Listing) or len(event.text) <= 200 for event in events)
