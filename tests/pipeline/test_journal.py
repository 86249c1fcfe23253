"""The journal of kept dumps: whole lines only, whatever ended the process that wrote them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from digest.archive import Journal, Kept, Ran

ON = date(2026, 6, 15)


def kept(number: int, **fields: object) -> Kept:
    told = {"folder": "", "source": "inbox", "layout": "jsonl", "history": False, "taken_at": "2026-06-15T06:00:00Z"}
    return Kept(f"{number:064x}", f"{number}.jsonl", ON, **(told | fields))  # type: ignore[arg-type]


def test_a_line_that_a_kill_tore_is_cut_off_by_the_next(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "dumps.jsonl")
    journal.add([kept(1), Ran(ON)])
    whole = journal.path.read_bytes()
    journal.add([kept(2)])
    for torn in range(len(whole), journal.path.stat().st_size):
        journal.path.write_bytes(journal.path.read_bytes()[:torn] if torn > len(whole) else whole)
        assert journal.entries() == [kept(1), Ran(ON)]
        journal.add([kept(3)])
        assert journal.entries() == [kept(1), Ran(ON), kept(3)]
        assert journal.unread() == []


def test_a_torn_line_longer_than_what_is_looked_at_is_cut_off_too(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "dumps.jsonl")
    journal.add([kept(1)])
    with journal.path.open("ab") as file:
        file.write(b"x" * 200_000)
    journal.add([kept(2)])
    assert journal.entries() == [kept(1), kept(2)]
    journal.path.write_bytes(b"x" * 200_000)
    journal.add([kept(2)])
    assert journal.entries() == [kept(2)]


def test_of_a_dump_that_stands_twice_the_last_line_counts(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "dumps.jsonl")
    journal.add([kept(1), Ran(ON), kept(2), kept(1, history=True)])
    assert journal.entries() == [Ran(ON), kept(2), kept(1, history=True)]


@pytest.mark.parametrize(
    "line",
    ["", "{", "[]", "3", '{"run": "today"}', '{"sha256": 3}', '{"run": null}', "\x00\xff", "[" * 100_000],
    ids=lambda line: line[:16] or "empty",
)
def test_a_line_that_says_nothing_is_numbered_and_the_others_are_read(tmp_path: Path, line: str) -> None:
    journal = Journal(tmp_path / "dumps.jsonl")
    journal.add([kept(1)])
    with journal.path.open("ab") as file:
        file.write(line.encode("latin-1") + b"\n")
    journal.add([kept(2)])
    assert journal.entries() == [kept(1), kept(2)]
    assert journal.unread() == [2]


def test_a_run_that_found_nothing_more_is_not_written_again(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "dumps.jsonl")
    for _ in range(3):
        journal.ran(ON)
    journal.add([kept(1)])
    journal.ran(ON)
    assert journal.entries() == [Ran(ON), kept(1), Ran(ON)]


def test_the_end_is_found_however_far_the_last_run_is(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "dumps.jsonl")
    journal.add([Ran(ON), *(kept(number) for number in range(1000))])
    assert (journal.end().ran, journal.end().kept) == (Ran(ON), kept(999))
