"""What sources bring waits in the inbox and is taken in like any other dump; one that fails costs no other."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from conftest_pipeline import Site, paper

from digest import archive, sources
from digest.errors import StateError
from digest.pipeline.bringing import Answer, Askers, ask_all
from digest.store import sources as source_store
from digest.store.sources import Known

Make = Callable[[str], Site]

READER = '[[subscribers]]\nemail = "reader@example.org"\nrules = ["source:printed"]\n'
_PRINT = "import sys; sys.stdout.write(open({file!r}).read())"


def command(name: str, code: str, more: str = "") -> str:
    program = json.dumps([sys.executable, "-c", code])
    return f"[[sources]]\nname = '{name}'\nkind = 'command'\ncommand = {program}\n{more}\n"


def printing(own: Site, *listings: dict[str, object]) -> None:
    (own.state / "printed.jsonl").write_text("".join(json.dumps(row) + "\n" for row in listings))


@pytest.fixture
def own(site: Make) -> Site:
    made = site("")
    made.clock = datetime(2026, 6, 15, 6, 0, tzinfo=UTC)
    made.toml = command("printed", _PRINT.format(file=str(made.state / "printed.jsonl"))) + READER
    printing(made, paper(1), paper(2))
    return made


def ask(own: Site) -> list[Answer]:
    context = own.context()
    return ask_all(context, Askers(context, chance=lambda: 0.5))


def known(own: Site) -> dict[str, Known]:
    with own.context().store.reading() as tx:
        return source_store.load(tx)


def test_what_a_source_brings_is_a_dump_of_its_page_and_of_the_day(own: Site) -> None:
    assert ask(own) == [Answer("printed", 1)]
    assert own.run("2026-06-15")["deliveries"]["sent"] == 1
    assert own.rows("SELECT p.name, d.source, d.date FROM dumps d JOIN pages p ON p.id = d.page_id") == [
        ("printed", "printed", "2026-06-15")
    ]
    assert not list((own.state / "inbox" / "printed").iterdir())


def test_the_same_once_more_is_known(own: Site) -> None:
    ask(own)
    own.run("2026-06-15")
    ask(own)
    assert own.run("2026-06-16")["dumps"] == {"ingested": 0, "known": 1, "rejected": 0, "waiting": 0}


def test_what_was_brought_before_a_crash_is_brought_again_and_counts_once(
    own: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(source_store, "save", crash)
        with pytest.raises(KeyboardInterrupt):
            ask(own)
    ask(own)
    assert len(list((own.state / "inbox" / "printed").iterdir())) == 2
    assert own.run("2026-06-15")["papers"] == {"new": 2, "known": 0}


def test_a_source_that_fails_is_told_and_costs_no_other(own: Site) -> None:
    own.toml = command("broken", "import sys; sys.exit('no such thing')") + own.toml
    first, second = ask(own)
    assert (first.name, first.failed, second) == ("broken", True, Answer("printed", 1))
    assert "no such thing" in first.reason
    own.clock += timedelta(hours=1)
    ask(own)
    found = known(own)["broken"]
    assert (found.failures, found.failing_since, found.brought_at) == (2, "2026-06-15T06:00:00Z", None)
    assert "no such thing" in found.said


def test_a_source_that_works_again_is_forgiven(own: Site) -> None:
    (own.state / "printed.jsonl").unlink()
    assert ask(own)[0].failed
    printing(own, paper(1))
    own.clock += timedelta(hours=1)
    ask(own)
    found = known(own)["printed"]
    assert (found.failures, found.failing_since, found.said, found.brought_at) == (0, None, "", "2026-06-15T07:00:00Z")


def test_an_inbox_that_cannot_be_written_leaves_the_source_as_it_was(own: Site) -> None:
    context = own.context()
    (own.state / "inbox").rmdir()
    (own.state / "inbox").write_text("no folder")
    with pytest.raises(StateError):
        Askers(context).ask("printed")
    assert known(own) == {}


def test_a_source_has_its_layout_where_it_names_one(own: Site) -> None:
    own.toml = own.toml.replace("kind =", "layout = 'bibtex'\nkind =", 1)
    ask(own)
    own.run("2026-06-15")
    assert own.rows("SELECT layout FROM dumps") == [("bibtex",)]


def test_a_source_is_due_at_first_and_then_when_its_pause_is_over(own: Site) -> None:
    askers = Askers(own.context(), chance=lambda: 0.5)
    assert askers.due(own.clock) == ["printed"]
    askers.ask("printed")
    assert askers.due(own.clock + timedelta(minutes=30)) == []
    assert askers.due(own.clock + timedelta(minutes=30, seconds=15)) == ["printed"]
    assert askers.due(own.clock - timedelta(minutes=1)) == ["printed"]  # the clock was wrong, or is


def test_a_server_that_wants_to_be_left_alone_is(own: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    later = own.clock + timedelta(hours=5)
    held = sources.Fetched("held", sources.Remembered(not_before=later), reason="its server wants to be asked later")
    monkeypatch.setattr(sources, "fetch", lambda *_: held)
    askers = Askers(own.context())
    assert not askers.ask("printed").failed
    assert known(own)["printed"].next_at == "2026-06-15T11:00:00Z"


@pytest.mark.parametrize(
    ("file", "on"),
    [
        ("2026-06-10/page.jsonl", "2026-06-10"),
        ("2026-06-10/2026-06-12 page.jsonl", "2026-06-12"),
        ("2026-06-10/2026-06-11 mail/raw/page.jsonl", "2026-06-11"),
        ("June/page.jsonl", "2026-06-09"),
    ],
)
def test_the_nearest_folder_dates_what_its_name_does_not(own: Site, file: str, on: str) -> None:
    own.toml = "[[sources]]\nname = 'saved'\nkind = 'folder'\npath = 'saved'\n"
    path = own.state.parent / "saved" / file
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(paper(1)) + "\n")
    then = datetime(2026, 6, 9, 12, tzinfo=UTC).timestamp()
    os.utime(path, (then, then))
    Askers(replace(own.context(), base=own.state.parent)).ask("saved")
    own.run("2026-06-15")
    assert own.rows("SELECT p.name, d.date FROM dumps d JOIN pages p ON p.id = d.page_id") == [("saved", on)]


def test_a_server_heard_under_a_wrong_clock_is_not_left_alone_for_ever(own: Site) -> None:
    askers, right = Askers(own.context(), chance=lambda: 0.5), own.clock
    with own.context().store.writing() as tx:
        memory = sources.Remembered(not_before=right + timedelta(days=365, hours=1)).text()
        source_store.save(tx, Known("printed", memory, "2027-06-15T06:00:00Z", next_at="2027-06-15T07:00:00Z"))
    assert askers.due(right) == ["printed"]  # the clock was put back
    assert askers.ask("printed").brought == 1


def test_files_that_wait_under_one_name_are_all_kept(own: Site) -> None:
    folder = own.state / "inbox" / "printed"
    for content in (b"a", b"b", b"c"):
        archive.put_in(folder, ".page.jsonl.part", content, own.clock)
    assert sorted(path.name for path in folder.iterdir()) == [
        "page.jsonl (2).part_",
        "page.jsonl (3).part_",
        "page.jsonl.part_",
    ]
    assert {path.read_bytes() for path in folder.iterdir()} == {b"a", b"b", b"c"}
