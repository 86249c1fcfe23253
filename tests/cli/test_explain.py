"""``digest parse --explain``: each line with what became of it, and how close the layouts come to an unknown dump."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import pytest
from command_line import Site
from reading import document, documents

from digest import layouts
from digest.cli.explaining import explain
from digest.errors import DumpError
from digest.layouts import LAYOUTS, Event, Reading
from digest.layouts.closeness import REACH, how_close
from digest.models import Block, Document, Listing, Remark

SAMPLES = sorted(
    path for path in (Path(__file__).parents[1] / "layouts" / "samples").iterdir() if ".golden" not in path.name
)
DAY = date(2026, 6, 15)
PAIR = "A Loom That Weaves {0} Patterns\n\nWe describe a loom. It weaves {0} patterns from cards that were punched.\n\n"
UNKNOWN = "".join(PAIR.format(count) for count in range(10, 18))


@pytest.fixture(autouse=True)
def wide_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Show as much as there is room for on no terminal, whoever runs the tests."""
    monkeypatch.setenv("COLUMNS", "200")


def explained(capsys: pytest.CaptureFixture[str], lines: Iterable[str], *events: Event) -> list[str]:
    """Return what is printed of a dump of these lines, read so, below its head."""
    reading = Reading(layouts.by_name("scholarfeed"), document(lines), iter(events))
    explain(reading, DAY, asked=False)
    return capsys.readouterr().out.splitlines()[3:]


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.name)
def test_every_sample_is_explained_with_as_many_listings_and_the_same_status_as_it_is_read(
    site: Site, sample: Path
) -> None:
    plain = site.plain("parse", sample, "--date", "2026-06-15")
    said = site.plain("parse", sample, "--date", "2026-06-15", "--explain")
    assert said.status == plain.status
    assert said.err == ""
    listings = plain.out.count("\n")
    assert re.findall(r"(?m)^  listing (\d+)$", said.out) == [str(number + 1) for number in range(listings)]
    assert re.search(rf"(?m)^  {listings} listings? read", said.out)
    assert max(map(len, said.out.splitlines()[4:])) <= 200


def test_each_line_is_shown_in_its_place_with_what_it_gave(capsys: pytest.CaptureFixture[str]) -> None:
    lines = ["Feed", "", "2 papers", "ROJun 17", "Looms Ada Lovelace", "Text.", "Share", "Text.", "", "Hm", "Wheels"]
    origins = ((4, "categories"), (4, "published"), (5, "title"), (5, "authors"), (6, "abstract"), (8, "abstract"))
    first = Listing("Looms", "scholarfeed", origins=origins, uncertain=("title", "authors"))
    second = Listing("Wheels", "scholarfeed", origins=((11, "title"),))
    stated, share = Remark("stated", 3, "2"), Remark("unread", 7, "Share")
    told = explained(capsys, lines, stated, share, first, Remark("unread", 10, "Hm"), second, Remark("cut", 11, "s"))
    assert [" ".join(line.split()) for line in told] == [
        "1 the page's own Feed",
        "3 count of papers 2 papers",
        "listing 1",
        "4 categories, published ROJun 17",
        "5 title?, authors? Looms Ada Lovelace",
        "6 abstract Text.",
        "7 skipped: page furniture Share",
        "8 abstract Text.",
        "10 skipped: not understood Hm",
        "listing 2",
        "11 title Wheels",
        "11 cut off here Wheels",
        "2 listings read of 2 stated",
        "2 lines unread, 0 lines broken",
        "the last listing stops in mid-sentence",
        "uncertain (?) in 1 listing: title and authors "
        "(nothing tells for sure where the title ends and the authors begin)",
    ]


def test_lines_between_that_nothing_is_said_of_are_left_out_with_a_mark(capsys: pytest.CaptureFixture[str]) -> None:
    events = [Listing(str(n), "jsonl", origins=((n, "title"),)) for n in (1, 2, 6)]
    told = explained(capsys, "abcdef", *events)
    assert [line.split()[0] for line in told[:7]] == ["listing", "1", "listing", "2", "listing", "…", "6"]


def test_where_a_whole_page_is_one_line_each_field_is_shown_instead(capsys: pytest.CaptureFixture[str]) -> None:
    blocks = [Block(1, "Looms", level=2), Block(1, "Text."), Block(1, "Wheels", level=2)]
    page = Document("html", lambda: iter(["<h2>Looms</h2>…"]), lambda: iter(blocks))
    looms = Listing("Looms", "huggingface", abstract="Text.", origins=((1, "title"), (1, "abstract")))
    explain(Reading(layouts.by_name("huggingface"), page, iter([looms])), DAY, asked=True)
    told = capsys.readouterr().out.splitlines()
    assert told[2].startswith("  layout     huggingface, as asked for: known by a line")
    assert [line.split() for line in told[4:6]] == [["1", "title", "Looms"], ["1", "abstract", "Text."]]


def test_a_long_line_is_cut_to_eighty_columns_whatever_it_holds(capsys: pytest.CaptureFixture[str]) -> None:
    told = explained(capsys, ["織" * 500], Listing("織" * 500, "jsonl", origins=((1, "title"),)))
    assert told[1].endswith("織…")
    assert 70 < 2 * told[1].count("織") < 80


def test_on_a_narrow_terminal_a_line_is_cut_to_its_width(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    told = explained(capsys, ["a" * 500], Listing("a" * 500, "jsonl", origins=((1, "title"),)))
    assert 70 < len(told[1]) <= 80


def test_a_dump_of_many_listings_is_explained_while_it_is_read(site: Site) -> None:
    lines = b"".join(b'{"title": "Wheel %d"}\n' % number for number in range(8000))
    said = site.plain("parse", "-", "--explain", stdin=lines)
    assert said.status == 0
    assert "listing 8000\n" in said.out
    assert "8,000 listings read" in said.out


def test_an_unknown_dump_is_compared_with_every_layout_the_closest_first(site: Site) -> None:
    (site.folder / "page.txt").write_text(UNKNOWN)
    said = site.plain("parse", "page.txt", "--explain")
    assert said.status == 1
    rows = said.out.split("layout ", 1)[1].splitlines()[1 : 1 + len(LAYOUTS)]
    assert sorted(row.split()[0] for row in rows) == sorted(layout.name for layout in LAYOUTS)
    assert rows[0].split()[1:4] == ["8", "8", "0"]
    assert f"--layout {rows[0].split()[0]}" in said.out
    assert all(layout.known_by in said.out for layout in LAYOUTS)
    assert "no layout recognises it" in said.err


def test_a_dump_of_two_layouts_is_compared_too(site: Site) -> None:
    two = "Collaborating Authors\nLovelace, Ada\nGet trending papers in your email inbox!\n" + UNKNOWN
    said = site.plain("parse", "-", "--explain", stdin=two.encode())
    assert said.status == 1
    assert said.out.count("(found)") == 2


def test_what_is_no_text_at_all_is_refused_as_without_it(site: Site) -> None:
    said = site.plain("parse", "-", "--explain", stdin=b"%PDF-1.7\n")
    assert (said.status, said.out) == (1, "standard input\n")
    assert "it is a PDF file" in said.err


def test_the_reason_of_a_rejected_dump_names_the_layout_it_reads_like() -> None:
    with pytest.raises(DumpError, match=r"reads like \w+: 8 listings \(digest parse --explain tells more"):
        layouts.recognise(documents(UNKNOWN))


@pytest.mark.parametrize("text", ["Dear all,\n\nthe seminar is moved to Friday.\n", "word\n" * 50, "A. B.\n" * 5])
def test_the_reason_names_no_layout_where_none_comes_close(text: str) -> None:
    with pytest.raises(DumpError) as refused:
        layouts.recognise(documents(text))
    assert "reads like" not in str(refused.value)


def test_only_the_beginning_is_read_to_tell_what_comes_close() -> None:
    taken: list[str] = []

    def lines() -> Iterable[str]:
        for number in range(10 * REACH):
            taken.append(PAIR)
            yield f"A Loom That Weaves {number} Patterns"

    endless = document(())
    many = Document("text", lambda: iter(lines()), endless.blocks)
    how_close(LAYOUTS, [many])
    assert len(taken) <= REACH + 1
