"""Dumps longer than one transaction: killed midway they are gone on with, and end as if nothing had happened."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from conftest_pipeline import Site, paper

from digest import layouts
from digest.archive import Kept
from digest.errors import DumpError
from digest.layouts.base import Event
from digest.models import Document
from digest.pipeline import ingest, rehearsing, taking
from digest.pipeline.context import Context
from digest.pipeline.taking import Taking

Make = Callable[..., Site]
DAY = date(2026, 6, 15)
NAME = "2026-06-15 long.jsonl"
# Ten papers, the first five again, and a line that is none: more than two transactions of six listings.
LISTINGS = [paper(n) for n in range(10)] + [paper(n, categories=["cs.LG"]) for n in range(5)] + [{"title": 7}]


class KilledError(Exception):
    """Stands for the end of the process: nothing catches it."""


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(taking, "CHUNK", 3)
    monkeypatch.setattr(taking, "BATCH", 6)


@pytest.fixture
def killed_at(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Return a function that lets the n-th transaction be the last that is begun; 0 undoes it."""
    real, begun = Taking._batch, iter(range(10**6))

    def kill_at(number: int) -> None:
        def batch(self: Taking, *arguments: object) -> object:
            if number and next(begun) == number:
                raise KilledError
            return real(self, *arguments)  # type: ignore[arg-type]

        monkeypatch.setattr(Taking, "_batch", batch)

    return kill_at


def stored(own: Site) -> list[list[tuple[object, ...]]]:
    """Return all that taking in writes, but for the instant."""
    tables = ("papers", "sightings", "news", "revisions", "pages")
    dumps = "SELECT id, sha256, name, listings, new, known, remarks, position FROM dumps"
    return [own.rows(f"SELECT * FROM {table} ORDER BY 1, 2") for table in tables] + [own.rows(dumps)]


def in_one_transaction(site: Make, monkeypatch: pytest.MonkeyPatch) -> Site:
    own = site("", "smooth")
    own.drop(NAME, *LISTINGS)
    with monkeypatch.context() as patched:
        patched.setattr(taking, "BATCH", 3000)
        own.run("2026-06-15")
    return own


def test_several_transactions_come_to_the_same_as_one(site: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    smooth, own = in_one_transaction(site, monkeypatch), site("", "own")
    own.drop(NAME, *LISTINGS)
    summary = own.run("2026-06-15")
    assert (summary["listings"], summary["papers"]) == (15, {"new": 10, "known": 0})
    assert stored(own) == stored(smooth)


@pytest.mark.parametrize("transaction", [1, 2])
def test_a_run_killed_between_transactions_is_gone_on_with(
    site: Make, monkeypatch: pytest.MonkeyPatch, killed_at: Callable[[int], None], transaction: int
) -> None:
    smooth, own = in_one_transaction(site, monkeypatch), site("", "own")
    path = own.drop(NAME, *LISTINGS)
    killed_at(transaction)
    with pytest.raises(KilledError):
        own.run("2026-06-15")
    assert own.rows("SELECT position FROM dumps") == [(6 * transaction,)]
    killed_at(0)
    summary = own.run("2026-06-15")
    assert summary["dumps"] == {"ingested": 1, "known": 1, "rejected": 0, "waiting": 0}
    assert not path.exists()
    assert stored(own) == stored(smooth)


def test_what_is_kept_is_enough_to_go_on_with(site: Make, killed_at: Callable[[int], None]) -> None:
    own = site("")
    path = own.drop(NAME, *LISTINGS)
    killed_at(1)
    with pytest.raises(KilledError):
        own.run("2026-06-15")
    path.unlink()
    killed_at(0)
    assert own.run("2026-06-15")["listings"] == 15
    assert own.rows("SELECT count(*) FROM papers") == [(10,)]


def test_a_dump_half_taken_in_whose_bytes_are_gone_is_told(site: Make, killed_at: Callable[[int], None]) -> None:
    own = site("")
    own.drop(NAME, *LISTINGS).rename(path := own.state.parent / NAME)
    killed_at(1)
    context = own.context()
    with pytest.raises(KilledError):
        ingest.from_paths(context, [path], on=DAY, layout=None)
    killed_at(0)
    context.archive.kept_path(own.rows("SELECT sha256 FROM dumps")[0][0], DAY, NAME).unlink()
    (report,) = ingest.from_inbox(context, DAY)
    assert (report.status, report.name) == ("rejected", NAME)
    assert "only a part of it is taken in: it is gone" in report.reason


def left_half(own: Site, killed_at: Callable[[int], None], transaction: int = 1) -> Path:
    """Leave a dump half taken in, and return its file, outside the inbox."""
    own.drop(NAME, *LISTINGS).rename(path := own.state.parent / NAME)
    killed_at(transaction)
    with pytest.raises(KilledError):
        ingest.from_paths(own.context(), [path], on=DAY, layout=None)
    killed_at(0)
    return path


def test_a_dump_half_taken_in_and_brought_again_goes_on_with_the_date_it_had(
    site: Make, killed_at: Callable[[int], None]
) -> None:
    own = site("")
    path = left_half(own, killed_at)
    context = own.context()
    context.archive.kept_path(own.rows("SELECT sha256 FROM dumps")[0][0], DAY, NAME).unlink()
    reports = ingest.from_paths(context, [path.rename(path.with_name("other.jsonl"))], on=date(2026, 6, 9), layout=None)
    assert [report.status for report in reports] == ["rejected", "ingested"]
    assert [path.parent.name for path in (own.state / "dumps").rglob("*.jsonl")] == ["2026-06-15"]
    assert own.rows("SELECT name, date, listings, new FROM dumps") == [(NAME, "2026-06-15", 15, 10)]
    assert own.rows("SELECT count(*), min(first_listed) FROM papers") == [(10, "2026-06-15")]
    assert ingest.from_inbox(context, DAY) == []


class Skipping:
    """JSON Lines as another version reads them: without some listings."""

    name, site, known_by = "jsonl", "", "nothing"

    def __init__(self, *without: int) -> None:
        self.without, self.real = without, layouts.by_name("jsonl")

    def recognises(self, _dump: Document) -> bool:
        return True

    def read(self, dump: Document, on: date) -> Iterator[Event]:
        return (event for place, event in enumerate(self.real.read(dump, on)) if place not in self.without)


@pytest.mark.parametrize(
    ("then", "now"),
    [
        pytest.param((), (2,), id="fewer"),
        pytest.param((2,), (), id="more"),
        pytest.param((), (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15), id="hardly any"),
        pytest.param((), (12,), id="otherwise further on"),
    ],
)
def test_a_dump_that_reads_otherwise_when_it_is_gone_on_with_loses_nothing_and_has_nothing_twice(
    site: Make,
    monkeypatch: pytest.MonkeyPatch,
    killed_at: Callable[[int], None],
    then: tuple[int, ...],
    now: tuple[int, ...],
) -> None:
    own = site("")
    versions = Skipping(*then), Skipping(*now)
    with monkeypatch.context() as patched:
        patched.setattr(layouts, "_BY_NAME", {"jsonl": versions[0]})
        patched.setattr(layouts, "LAYOUTS", versions[:1])
        left_half(own, killed_at)
        patched.setattr(layouts, "_BY_NAME", {"jsonl": versions[1]})
        patched.setattr(layouts, "LAYOUTS", versions[1:])
        (report,) = ingest.from_inbox(own.context(), DAY)
    wanted = [listing["title"] for place, listing in enumerate(LISTINGS[:15]) if place not in now]
    assert (report.status, report.listings) == ("ingested", len(wanted))
    joined = "FROM sightings JOIN papers ON papers.id = paper_id ORDER BY position"
    assert own.rows(f"SELECT position, title {joined}") == list(enumerate(wanted))
    assert own.rows("SELECT title FROM papers GROUP BY title HAVING count(*) > 1") == []
    assert own.rows("SELECT paper_id FROM news WHERE kind = 'new' GROUP BY paper_id HAVING count(*) > 1") == []


def test_a_dump_half_taken_in_by_a_layout_that_is_no_more_is_read_by_those_that_are(
    site: Make, monkeypatch: pytest.MonkeyPatch, killed_at: Callable[[int], None]
) -> None:
    own = site("")
    left_half(own, killed_at)
    with own.context().store.writing() as tx:
        tx.exec_driver_sql("UPDATE dumps SET layout = 'gone'")
    (report,) = ingest.from_inbox(own.context(), DAY)
    assert (report.status, report.layout, report.listings) == ("ingested", "jsonl", 15)
    entries = [entry for entry in own.context().archive.journal.entries() if isinstance(entry, Kept)]
    assert [entry.layout for entry in entries] == ["jsonl"]


def test_what_was_kept_after_a_store_that_is_put_back_is_taken_in_again(
    site: Make, killed_at: Callable[[int], None]
) -> None:
    own = site("")
    own.drop("2026-06-14 a.jsonl", paper(1))
    own.run("2026-06-14")
    with closing(sqlite3.connect(own.state / "digest.db")) as store, closing(sqlite3.connect(":memory:")) as copy:
        store.backup(copy)
        for number in (2, 3, 4):
            own.drop(f"lab/2026-06-15 {number}.jsonl", paper(number))
        own.run("2026-06-15")
        after, lines = stored(own), own.context().archive.journal.data()
        copy.backup(store)
    killed_at(1)
    with pytest.raises(KilledError):
        own.run("2026-06-15")
    killed_at(0)
    assert own.run("2026-06-15")["dumps"]["ingested"] == 2
    assert own.run("2026-06-15")["dumps"]["ingested"] == 0
    assert stored(own) == after
    assert own.context().archive.journal.data() == lines


def test_a_dry_run_goes_on_with_a_dump_half_taken_in_and_changes_nothing(
    site: Make, killed_at: Callable[[int], None]
) -> None:
    own = site("")
    left_half(own, killed_at)
    before = stored(own)
    rehearsed = rehearsing.dry_run(own.context(), DAY).summary()
    assert (rehearsed["dumps"]["ingested"], rehearsed["dumps"]["rejected"]) == (1, 0)
    assert stored(own) == before
    assert own.run("2026-06-15")["listings"] == rehearsed["listings"] == 15


def test_a_dump_is_through_to_the_disk_before_it_leaves_the_inbox(site: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    own, real = site(""), Taking._batch
    levels = []

    def batch(self: Taking, tx: Any, *rest: Any) -> Any:
        levels.append(tx.exec_driver_sql("PRAGMA synchronous").scalar_one())
        return real(self, tx, *rest)

    monkeypatch.setattr(Taking, "_batch", batch)
    own.drop(NAME, paper(1))
    own.run("2026-06-15")
    assert levels == [2]  # FULL (sqlite.org/pragma.html#pragma_synchronous)


class Breaking:
    """A layout whose dumps cannot be read beyond some listings."""

    name, site, known_by = "jsonl", "", "nothing"

    def __init__(self, after: int) -> None:
        self.after = after

    def recognises(self, _dump: Document) -> bool:
        return True

    def read(self, dump: Document, on: date) -> Iterator[Event]:
        for place, event in enumerate(layouts.by_name("jsonl").read(dump, on)):
            if place == self.after:
                raise DumpError("the file ends in mid-air")
            yield event


@pytest.mark.parametrize(("after", "listings"), [(4, 0), (8, 6)], ids=["in the first transaction", "in a later one"])
def test_a_fault_that_ends_reading_costs_what_is_not_yet_in(
    site: Make, monkeypatch: pytest.MonkeyPatch, after: int, listings: int
) -> None:
    monkeypatch.setattr(layouts, "recognise", lambda documents: (Breaking(after), documents[0]))
    own = site("")
    own.drop(NAME, *LISTINGS)
    result = own.result("2026-06-15")
    assert any("ends in mid-air" in problem for problem in result.problems)
    assert own.rows("SELECT count(*) FROM papers") == [(listings,)]
    assert len(list((own.state / "dumps").rglob("*.jsonl"))) == (1 if listings else 0)
    assert own.run("2026-06-15")["dumps"]["ingested"] == 0


def test_a_file_that_was_replaced_while_it_was_read_stays(site: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    own = site("")
    path = own.drop(NAME, paper(1))
    real = Taking.whole

    def replaced(self: Taking) -> object:
        new = path.with_name("new.part")
        new.write_text(path.read_text().replace("Invented Paper 1", "Invented Paper 2").replace("00001", "00002"))
        new.replace(path)
        return real(self)

    with monkeypatch.context() as patched:
        patched.setattr(Taking, "whole", replaced)
        own.run("2026-06-15")
    assert path.exists()
    assert own.run("2026-06-15")["dumps"]["ingested"] == 1
    assert own.rows("SELECT count(*) FROM papers") == [(2,)]
    assert list((own.state / "inbox").iterdir()) == []


def test_a_file_that_was_left_half_taken_out_is_put_back(site: Make) -> None:
    own = site("")
    path = own.drop(NAME, paper(1))
    path.rename(path.with_name(f".{NAME}.taken"))
    assert own.run("2026-06-15")["dumps"]["ingested"] == 1
    assert list((own.state / "inbox").iterdir()) == []


def test_a_killed_run_leaves_no_temporary_files(site: Make) -> None:
    own = site("")
    context: Context = own.context()
    (left := Path(context.archive.dumps / ".taking-abc.part")).write_bytes(b"half")
    own.run("2026-06-15")
    assert not left.exists()
