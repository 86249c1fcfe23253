"""``digest parse`` and ``digest ingest``: what they print, and that the one reads what the other wrote."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from command_line import Site, paper, write

from digest.archive import blob

DAY = "2026-06-15"
DUMPS = sorted((Path(__file__).parents[2] / "examples" / "dumps").rglob("*.*"))
KEYS = [
    "title", "abstract", "authors", "authors_complete", "page_author", "affiliations", "categories", "published",
    "announced", "score", "has_code", "venue", "links", "identifiers", "uncertain", "layout",
]  # fmt: skip


def papers(state: Path) -> list[dict[str, Any]]:
    with closing(sqlite3.connect(state / "digest.db")) as store:
        store.row_factory = sqlite3.Row
        return [dict(row) for row in store.execute("SELECT * FROM papers ORDER BY id")]


@pytest.mark.parametrize("dump", DUMPS, ids=lambda path: path.parent.name + " " + path.name)
def test_what_parse_prints_is_taken_in_as_the_same_papers(site: Site, dump: Path) -> None:
    printed = site.plain("parse", dump, "--date", DAY)
    assert printed.status == 0
    assert printed.out.count("\n") > 1
    assert site("ingest", dump, "--date", DAY).status == 0
    other = site.folder / "other"
    arguments = ["--date", DAY, "--config", site.config, "--state", other]
    assert site.plain("ingest", "-", *arguments, stdin=printed.out.encode()).status == 0
    assert papers(other) == papers(site.state)


def test_each_listing_is_one_line_with_exactly_the_keys_of_the_contract(site: Site) -> None:
    for dump in DUMPS:
        for line in site.plain("parse", dump, "--date", DAY).out.splitlines():
            assert list(json.loads(line)) == KEYS


def test_what_is_unknown_is_null_or_empty(site: Site) -> None:
    said = site.plain("parse", "-", stdin=b'{"title": "Only a Title"}\n')
    assert json.loads(said.out) == {
        "title": "Only a Title",
        "abstract": None,
        "authors": [],
        "authors_complete": False,
        "page_author": None,
        "affiliations": [],
        "categories": [],
        "published": None,
        "announced": None,
        "score": None,
        "has_code": None,
        "venue": None,
        "links": [],
        "identifiers": {},
        "uncertain": [],
        "layout": "jsonl",
    }


def test_parse_reads_the_paths_in_order_and_folders_whole_and_makes_no_store(site: Site) -> None:
    write(site.folder / "b.jsonl", {"title": "From b"})
    write(site.folder / "many" / "2026-06-02.jsonl", {"title": "Second in the folder"})
    write(site.folder / "many" / "2026-06-01.jsonl", {"title": "First in the folder"})
    said = site.plain("parse", "b.jsonl", "many", "-", stdin=b'{"title": "From standard input"}\n')
    titles = [json.loads(line)["title"] for line in said.out.splitlines()]
    assert titles == ["From b", "First in the folder", "Second in the folder", "From standard input"]
    assert not (site.folder / "state").exists()


def test_a_broken_line_is_told_with_its_number_and_the_others_are_read(site: Site) -> None:
    said = site.plain("parse", "-", stdin=b'{"title": "One"}\n{"title": \n{"title": "Three"}\n')
    assert said.status == 1
    assert [json.loads(line)["title"] for line in said.out.splitlines()] == ["One", "Three"]
    assert "line 2" in said.err
    taken = site("ingest", "-", stdin=b'{"title": "One"}\n{"title": \n{"title": "Three"}\n')
    assert taken.status == 1
    assert len(papers(site.state)) == 2


def test_a_dump_that_no_layout_knows_is_named_and_the_others_are_read(site: Site) -> None:
    (site.folder / "notes.txt").write_text("Nothing of this is a listing.\n")
    write(site.folder / "b.jsonl", {"title": "From b"})
    said = site.plain("parse", "notes.txt", "b.jsonl")
    assert said.status == 1
    assert json.loads(said.out)["title"] == "From b"
    assert "notes.txt" in said.err
    taken = site("ingest", "notes.txt", "b.jsonl", "--json")
    assert taken.status == 1
    assert [report["status"] for report in taken.json] == ["rejected", "ingested"]
    assert (site.folder / "notes.txt").exists()  # files named by hand stay where they are


def test_ingest_reports_as_one_document(site: Site) -> None:
    path = write(site.folder / "a.jsonl", paper(1, colour="red"), paper(1))
    (report,) = site("ingest", path, "--date", DAY, "--json").json
    assert report["status"] == "ingested"
    assert (report["listings"], report["new"], report["known"]) == (2, 1, 0)
    assert (report["layout"], report["date"]) == ("jsonl", DAY)
    assert report["ignored"] == {"colour": 1}
    (again,) = site("ingest", path, "--date", DAY, "--json").json
    assert again["status"] == "known"
    assert path.exists()


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        pytest.param("2026-05-04 list.jsonl", "2026-05-04", id="by name"),
        pytest.param("2026-05-03/list.jsonl", "2026-05-03", id="by folder"),
        pytest.param("2026-05-03/2026-05-04.jsonl", "2026-05-04", id="name before folder"),
    ],
)
def test_a_dump_is_dated_by_its_name_else_its_folder(site: Site, name: str, wanted: str) -> None:
    path = write(site.folder / name, paper(1))
    (report,) = site("ingest", path, "--json").json
    assert report["date"] == wanted


def test_what_was_ingested_is_news_of_the_next_run(site: Site) -> None:
    path = write(site.folder / "a.jsonl", paper(1))
    site("ingest", path, "--date", DAY)
    assert site("run", "--date", DAY, "--json").json["deliveries"]["sent"] == 2
    assert site.mailed(DAY, "reader@example.org")


@pytest.mark.parametrize("command", ["ingest", "parse"])
def test_an_empty_path_is_wrong_use_and_not_the_folder_that_we_are_in(site: Site, command: str) -> None:
    write(site.folder / "a.jsonl", paper(1))
    said = site(command, "")
    assert (said.status, said.out) == (2, "")
    assert "a path is empty" in said.err


def test_a_file_that_changes_while_it_is_taken_in_by_hand_is_refused(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(site.folder / "a.jsonl", paper(1))
    stamps = iter(range(9))
    monkeypatch.setattr(blob, "stamp_of", lambda _path: (next(stamps), 0, 0))
    said = site("ingest", path)
    assert said.status == 1
    assert said.complaint == "a.jsonl: rejected: it changed while it was read (take it in once more)"
