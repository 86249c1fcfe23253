"""The operator's commands on what is kept: trying rejected dumps again, pruning."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from typing import Any

import pytest
from command_line import Site, paper, write

from digest import layouts
from digest.archive import blob
from digest.models import Document, Listing
from digest.pipeline.context import system_clock

DAY = "2026-06-15"
STRANGE = "Minutes of a meeting\nA Loom for Reward Models\n"


def rows(site: Site, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(site.state / "digest.db")) as store:
        return store.execute(query).fetchall()


# --- rejected dumps ---------------------------------------------------------------------------------


class Minutes:
    """A layout that the next version brings: what follows the first line are titles."""

    name, site, known_by = "minutes", "", "the words of its first line"

    def recognises(self, document: Document) -> bool:
        return next(iter(document.lines()), "").startswith("Minutes of a meeting")

    def read(self, document: Document, _on: date) -> Iterator[Listing]:
        for line in list(document.lines())[1:]:
            yield Listing(line, self.name)


@pytest.fixture
def upgrade(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return what puts the next version into place."""
    return lambda: monkeypatch.setattr(layouts, "LAYOUTS", (*layouts.LAYOUTS, Minutes()))


@pytest.fixture
def rejected(site: Site) -> Site:
    """Return a site that rejected two dumps of a page, the first of which the next version reads."""
    inbox = site.state / "inbox" / "the lab"
    inbox.mkdir(parents=True)
    (inbox / f"{DAY} minutes.txt").write_text(STRANGE)
    (inbox / f"{DAY} notes.txt").write_text("Nothing of this is a listing.\n")
    assert site("run", "--date", DAY).status == 1
    return site


def aside(site: Site) -> list[str]:
    return [path.name[17:] for path in sorted((site.state / "rejected").iterdir(), key=lambda path: path.name[17:])]


BOTH = [f"{DAY} minutes.txt", f"{DAY} minutes.txt.reason.txt", f"{DAY} notes.txt", f"{DAY} notes.txt.reason.txt"]


def test_a_reason_is_followed_by_what_is_known_and_status_shows_the_reason_alone(rejected: Site) -> None:
    (note, _) = sorted(rejected.state.glob("rejected/*.reason.txt"), key=lambda path: path.name[17:])
    reason, *lines = note.read_text().splitlines()
    assert reason.startswith("no layout recognises it")
    known = ["", f"name: {DAY} minutes.txt", f"date: {DAY}", "dated: yes", "folder: the lab", "source: inbox"]
    assert lines[:-1] == known
    assert lines[-1].startswith("program: digest ")
    shown = rejected("status", "--json").json["rejected"]
    assert {item["reason"].split(";")[0] for item in shown} == {"no layout recognises it"}


def test_a_rejected_file_that_is_named_with_its_layout_is_taken_in_as_it_would_have_been(rejected: Site) -> None:
    (path,) = rejected.state.glob("rejected/*minutes.txt")
    (report,) = rejected("ingest", path, "--layout", "huggingface", "--json").json
    told = {key: report[key] for key in ("name", "date", "page", "layout", "status")}
    assert told == {"name": BOTH[0], "date": DAY, "page": "the lab", "layout": "huggingface", "status": "ingested"}
    assert aside(rejected) == BOTH[2:]
    assert rejected("ingest", rejected.state / "rejected").status == 1
    assert aside(rejected) == BOTH[2:]


def test_a_rejected_dump_that_was_brought_again_with_its_layout_is_rejected_no_more(rejected: Site) -> None:
    path = rejected.folder / f"{DAY} minutes.txt"
    path.write_text(STRANGE)
    assert rejected("ingest", path, "--layout", "huggingface").status == 0
    assert aside(rejected) == BOTH[2:]


def test_a_run_for_an_earlier_date_leaves_later_rejected_dumps_for_a_later_run(rejected: Site, upgrade: Any) -> None:
    upgrade()
    assert rejected("run", "--date", "2026-06-14", "--json").json["dumps"]["ingested"] == 0
    assert aside(rejected) == BOTH
    assert rejected("run", "--date", DAY, "--json").json["dumps"]["ingested"] == 1
    assert aside(rejected) == BOTH[2:]


def test_a_dry_run_tries_rejected_dumps_again_as_a_run_would(rejected: Site, upgrade: Any) -> None:
    upgrade()
    before = {name: (rejected.state / name).read_bytes() for name in rejected.files()}
    assert rejected("run", "--date", DAY, "--dry-run", "--json").json["dumps"]["ingested"] == 1
    assert {name: (rejected.state / name).read_bytes() for name in rejected.files()} == before


def test_rejected_dumps_that_a_newer_program_reads_are_taken_in_as_they_would_have_been(
    rejected: Site, upgrade: Any
) -> None:
    again = rejected("ingest", "--rejected", "--json")
    assert (again.status, [report["status"] for report in again.json]) == (1, ["rejected", "rejected"])
    assert aside(rejected) == BOTH
    upgrade()
    said = rejected("ingest", "--rejected", "--json")
    assert said.status == 1
    read, left = said.json
    assert (read["status"], read["name"], read["page"], read["date"]) == ("ingested", BOTH[0], "the lab", DAY)
    assert (left["status"], left["name"]) == ("rejected", BOTH[2])
    assert aside(rejected) == BOTH[2:]
    assert rows(rejected, "SELECT folder, source FROM dumps") == [("the lab", "inbox")]


def test_the_first_run_of_a_newer_program_tries_rejected_dumps_by_itself_and_once(rejected: Site, upgrade: Any) -> None:
    assert rejected("run", "--date", "2026-06-16", "--json").json["dumps"]["ingested"] == 0
    upgrade()
    said = rejected("run", "--date", "2026-06-17", "--json")
    assert (said.status, said.json["dumps"]) == (0, {"ingested": 1, "known": 0, "rejected": 0, "waiting": 0})
    assert aside(rejected) == BOTH[2:]
    assert rejected.mailed("2026-06-17", "reader@example.org")
    note = next(rejected.state.glob("rejected/*notes.txt.reason.txt"))
    before = note.stat().st_mtime_ns
    rejected("run", "--date", "2026-06-18")
    assert note.stat().st_mtime_ns == before


def test_a_rejected_dump_that_was_taken_in_by_hand_leaves_too(rejected: Site) -> None:
    path = next(path for path in rejected.state.glob("rejected/*minutes.txt"))
    mended = write(rejected.folder / "a.jsonl", paper(1))
    path.write_bytes(mended.read_bytes())
    assert rejected("ingest", mended, "--date", DAY).status == 0
    assert rejected("ingest", "--rejected", "--json").json[0]["status"] == "known"
    assert aside(rejected) == BOTH[2:]


def test_a_dump_that_an_older_program_rejected_is_dated_by_its_name_or_age(rejected: Site, upgrade: Any) -> None:
    folder = rejected.state / "rejected"
    for path in folder.iterdir():
        path.unlink()
    for name in (f"{'0' * 16} 2026-06-02 minutes.txt", f"{'1' * 16} minutes.txt"):
        (folder / name).write_text(f"{STRANGE}{name[0]}\n")
        (folder / f"{name}.reason.txt").write_text("no layout recognises it\n")
        os.utime(folder / f"{name}.reason.txt", (1_780_000_000, 1_780_000_000))
    upgrade()
    said = rejected("ingest", "--rejected", "--json")
    assert [(report["name"], report["date"]) for report in said.json] == [
        ("minutes.txt", "2026-05-28"),
        ("2026-06-02 minutes.txt", "2026-06-02"),
    ]
    assert aside(rejected) == []


def test_a_file_that_was_too_large_is_taken_in_when_it_may_be_so_large(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.drop(f"lab/{DAY} a.jsonl", paper(1))
    with monkeypatch.context() as patch:
        patch.setattr(blob, "MOST_BYTES", 10)
        assert site("run", "--date", DAY).status == 1
    assert f"rejected/{DAY} a.jsonl.reason.txt" in site.files()
    (report,) = site("ingest", "--rejected", "--json").json
    assert (report["status"], report["page"], report["date"]) == ("ingested", "lab", DAY)
    assert not any(name.startswith("rejected/") for name in site.files())


@pytest.mark.parametrize(
    "rest",
    [
        pytest.param("", id="nothing more"),
        pytest.param("date: yesterday\n", id="no date"),
        pytest.param("\x00\xff: \n", id="bytes"),
        pytest.param("date: 2026-06-15\ndate: 1\nfolder\n" * 9000, id="a long one"),
    ],
)
def test_a_note_that_somebody_spoiled_costs_nothing(rejected: Site, upgrade: Any, rest: str) -> None:
    for note in rejected.state.glob("rejected/*.reason.txt"):
        note.write_bytes(f"why\n\n{rest}".encode("latin-1"))
    assert {item["reason"] for item in rejected("status", "--json").json["rejected"]} == {"why"}
    upgrade()
    assert [report["status"] for report in rejected("ingest", "--rejected", "--json").json] == ["ingested", "rejected"]


@pytest.mark.parametrize("with_", [["a.jsonl"], ["--date", DAY], ["--layout", "jsonl"]], ids=lambda words: words[0])
def test_rejected_stands_alone(site: Site, with_: list[str]) -> None:
    said = site("ingest", "--rejected", *with_)
    assert said.status == 2
    assert "--rejected" in said.complaint


# --- pruning ----------------------------------------------------------------------------------------

TODAY = system_clock().date()


def ago(days: int) -> str:
    return (TODAY - timedelta(days=days)).isoformat()


@pytest.fixture
def aged(site: Site) -> Site:
    """Return a site that ran 40 days ago and 5 days ago, and sent a test."""
    for number, days in enumerate((40, 5), start=1):
        site.drop(f"{ago(days)} a.jsonl", paper(number, published=ago(days)))
        assert site("run", "--date", ago(days)).status == 0
    assert site("send-test", "you@example.org").status == 0
    return site


ALL = ["--dumps", "30", "--outbox", "30", "--editions", "30"]


def test_without_yes_prune_says_what_it_would_free_and_removes_nothing(aged: Site) -> None:
    before = aged.files()
    said = aged("prune", *ALL)
    assert said.status == 0
    assert f"dumps before {ago(30)}: 1 file, 0.0 MB would be freed" in said.out
    assert "--yes" in said.err
    told = aged("prune", *ALL, "--json").json
    assert told["removed"] is False
    assert [(kind["kind"], kind["files"]) for kind in told["kinds"]] == [("dumps", 1), ("outbox", 2), ("editions", 1)]
    assert all(kind["bytes"] > 0 for kind in told["kinds"])
    assert aged.files() == before


def test_with_yes_prune_removes_what_is_old_and_nothing_else(aged: Site) -> None:
    before = aged.files()
    assert aged("prune", *ALL, "--yes").status == 0
    gone = set(before) - set(aged.files())
    assert len(gone) == 4
    assert all(f"/{ago(40)}/" in name for name in gone)
    assert not list(aged.state.glob(f"*/{ago(40)}"))
    assert all(kind["files"] == 0 for kind in aged("prune", *ALL, "--json").json["kinds"])


def test_pruned_pages_are_not_written_again_and_nothing_leads_to_them(aged: Site) -> None:
    index = aged.state / "public" / "index.html"
    assert ago(40) in index.read_text()
    assert aged("prune", "--editions", "30", "--yes").status == 0
    assert ago(40) not in index.read_text()
    assert ago(5) in index.read_text()
    assert aged("run", "--date", ago(4)).status == 0
    assert not (aged.state / "public" / "editions" / ago(40)).exists()
    assert (aged.state / "public" / "editions" / ago(5)).exists()
    assert aged("prune", "--editions", "60", "--yes").status == 0  # what was pruned stays so
    assert ago(40) not in index.read_text()


def test_a_pruned_dump_stays_known(aged: Site) -> None:
    dump = next(aged.state.glob(f"dumps/{ago(40)}/*"))
    dump.rename(aged.folder / "again.jsonl")
    assert aged("prune", "--dumps", "1", "--yes").status == 0
    assert aged("ingest", "again.jsonl", "--json").json[0]["status"] == "known"
    assert not list(aged.state.glob("dumps/*/*"))


def test_an_old_dump_that_is_taken_in_only_in_part_is_not_pruned(aged: Site) -> None:
    with closing(sqlite3.connect(aged.state / "digest.db")) as store:
        store.execute("UPDATE dumps SET position = 1 WHERE id = 1")
        store.commit()
    assert aged("prune", "--dumps", "30", "--json").json["kinds"][0]["files"] == 0


def test_old_tests_are_pruned_by_the_age_of_their_files(aged: Site) -> None:
    (test,) = aged.state.glob("outbox/test/*.eml")
    os.utime(test, (1_000_000_000, 1_000_000_000))
    assert aged("prune", "--outbox", "30", "--json").json["kinds"][0]["files"] == 3


def test_what_is_not_of_ours_is_left_alone(aged: Site) -> None:
    (aged.state / "dumps" / "2001").mkdir()
    (aged.state / "dumps" / "2001" / "own.txt").write_text("x")
    old = aged.state / "dumps" / "2001-01-01"
    old.symlink_to(aged.folder)
    (aged.state / "outbox" / ago(40) / "link.eml").symlink_to("nowhere")
    assert aged("prune", *ALL, "--yes").status == 0
    assert (aged.state / "dumps" / "2001" / "own.txt").exists()
    assert old.is_symlink()
    assert aged.config.exists()


def test_prune_wants_to_be_told_what(site: Site) -> None:
    for arguments in ([], ["--yes"], ["--dumps", "0"], ["--dumps", "many"]):
        assert site("prune", *arguments).status == 2


def test_nothing_old_in_a_new_state_folder(site: Site) -> None:
    assert site("prune", *ALL, "--yes").status == 0
