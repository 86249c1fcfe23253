"""``digest subscribers``: adding, showing, pausing, removing, and the round trip of import and export."""

from __future__ import annotations

import csv
import io

import pytest
from command_line import Site, paper

DAY = "2026-06-15"


@pytest.fixture
def book(site: Site) -> Site:
    """Return a site with one subscriber of its own, besides those of the configuration."""
    added = site(
        *("subscribers", "add", "Eda@Example.org", "--name", "Eda Sorrel", "--rule", "Graphs=title:graph*"),
        *("--rule", '"reward model"', "--topic", "reward", "--exclude", "survey", "--weekly", "friday"),
        *("--send-at", "06:30", "--timezone", "Europe/Berlin", "--max-items", "7"),
    )
    assert (added.status, added.out) == (0, "")
    return site


def test_who_was_added_is_shown_whole(book: Site) -> None:
    row = book("subscribers", "show", "eda@example.org", "--json").json
    assert row["email"] == "Eda@example.org"
    assert row["rules"] == [{"name": "Graphs", "query": "title:graph*", "weight": 1.0}, '"reward model"']
    assert (row["frequency"], row["weekday"], row["send_at"]) == ("weekly", "friday", "06:30")
    assert (row["timezone"], row["max_items"], row["state"]) == ("Europe/Berlin", 7, "active")
    assert (row["topics"], row["exclude"]) == (["reward"], ["survey"])
    assert "Eda Sorrel" in book("subscribers", "show", "eda@example.org").out


def test_an_address_is_added_once(book: Site) -> None:
    said = book("subscribers", "add", "eda@EXAMPLE.org", "--rule", "x")
    assert said.status == 2
    assert "subscriber already" in said.complaint


def test_all_are_listed(book: Site) -> None:
    assert [row["email"] for row in book("subscribers", "list", "--json").json] == ["Eda@example.org"]
    book("run", "--date", DAY)
    lines = book("subscribers", "list").out.splitlines()
    assert len(lines) == 3


def test_who_pauses_gets_nothing_until_resumed(book: Site) -> None:
    assert book("subscribers", "pause", "eda@example.org").status == 0
    book.drop(f"{DAY} a.jsonl", paper(1))
    book("run", "--date", DAY)
    assert not book.mailed(DAY, "Eda@example.org")
    again = book("subscribers", "pause", "eda@example.org")
    assert (again.status, again.complaint) == (2, "eda@example.org: is paused already")
    assert book("subscribers", "resume", "eda@example.org").status == 0
    book("run", "--date", "2026-06-16")
    assert book.mailed("2026-06-16", "Eda@example.org")


def test_who_was_removed_comes_back_when_added_again(book: Site) -> None:
    assert book("subscribers", "remove", "eda@example.org").status == 0
    assert book("subscribers", "show", "eda@example.org", "--json").json["state"] == "removed"
    assert book("subscribers", "add", "eda@example.org", "--rule", "new").status == 0
    assert book("subscribers", "show", "eda@example.org", "--json").json["rules"] == ["new"]


def test_whom_the_configuration_names_is_removed_there(site: Site) -> None:
    site("run", "--date", DAY)
    said = site("subscribers", "remove", "reader@example.org")
    assert said.status == 2
    assert "configuration" in said.complaint


def test_an_exported_book_is_imported_as_it_was(book: Site) -> None:
    table = book("subscribers", "export")
    assert (table.status, table.err) == (0, "")
    other = ["--config", book.config, "--state", book.folder / "other"]
    assert book.plain("subscribers", "import", "-", *other, stdin=table.out.encode()).status == 0
    assert book.plain("subscribers", "export", *other).out == table.out


def test_an_export_is_a_table_that_a_spreadsheet_reads(book: Site) -> None:
    assert book("subscribers", "export", "--output", "book.csv").out == ""
    data = (book.folder / "book.csv").read_bytes()
    assert data.count(b"\r\n") == 2
    (row,) = csv.DictReader(io.StringIO(data.decode()))
    assert row["email"] == "Eda@example.org"


def test_a_bad_row_is_named_and_costs_no_other(site: Site) -> None:
    table = (
        "email,name,state,rules\n"
        "good@example.org,Good,,graph*\n"
        "not an address,Bad,,graph*\n"
        "invalid@example.org,Bad,,(graph\n"
        "paused@example.org,Bad,paused,graph*\n"
        "short@example.org\n"
        'wrong@example.org,Bad,active,"[1, 2]"\n'
        'many@example.org,Good,active,"graph*\nsurvey"\n'
    )
    said = site("subscribers", "import", "-", stdin=table.encode())
    assert said.status == 1
    assert "Traceback" not in said.err
    for line in (3, 4, 5, 6, 7):
        assert f"line {line}: " in said.err
    added = {row["email"]: row["rules"] for row in site("subscribers", "list", "--json").json}
    assert added == {"good@example.org": ["graph*"], "many@example.org": ["graph*", "survey"]}


@pytest.mark.parametrize(
    ("row", "told"),
    [
        pytest.param(",a,daily,", "email: is missing", id="no address"),
        pytest.param("nobody,a,daily,", "nobody: not an email address", id="half an address"),
        pytest.param("x@example.org,a,monthly,", 'frequency: should be "daily" or "weekly"', id="a rhythm unknown"),
        pytest.param("x@example.org,a,daily,many", "max_items: should be a whole number", id="no number"),
        pytest.param(
            'x@example.org,"[{""query"": ""a"", ""wieght"": 2}]",daily,',
            "rules.1.wieght: unknown key (did you mean weight?)",
            id="a key mistyped",
        ),
    ],
)
def test_what_is_wrong_in_a_row_is_told_as_in_a_configuration(site: Site, row: str, told: str) -> None:
    said = site("subscribers", "import", "-", stdin=f"email,rules,frequency,max_items\n{row}\n".encode())
    assert told in said.err


@pytest.mark.parametrize(
    "table",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"name,rules\nx,y\n", id="no addresses"),
        pytest.param(b"email,rules\n\xff\xfe\n", id="no UTF-8"),
        pytest.param(b"email,rules\nx@example.org,\x00\n", id="a null"),
        pytest.param(b"email,rules\nx@example.org,a\rb\n", id="a lone carriage return"),
        pytest.param(b"email,rules\nx@example.org," + b"a" * 200_000 + b"\n", id="a huge cell"),
        pytest.param(b'email,rules\nx@example.org,"unclosed\n', id="an open quote"),
        pytest.param(b"email,rules\n=cmd@example.org,[" + b"[" * 50_000 + b"\n", id="deep brackets"),
    ],
)
def test_a_table_that_is_none_gives_no_traceback(site: Site, table: bytes) -> None:
    said = site("subscribers", "import", "-", stdin=table)
    assert said.status in (0, 1, 2)
    assert "Traceback" not in said.err
