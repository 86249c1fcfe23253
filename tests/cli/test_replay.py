"""Replaying the kept dumps gives the store that taking them in gave, but for what no dump tells."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import invented_days
import pytest
import what_remains
from command_line import Site, write

from digest.archive import Archive, Journal, Kept, Ran, blob_of
from digest.cli import main
from digest.pipeline import journaling
from digest.pipeline.context import open_context
from digest.settings import Settings

FROM_DUMPS = ("papers", "revisions", "pages", "dumps", "sightings", "news")
DAYS = invented_days.DAYS


def rebuilt(state: Path) -> dict[str, object]:
    """What a replay rebuilds of a store."""
    found = {name: table for name, table in what_remains.of_store(state).items() if name in FROM_DUMPS}
    meta = "SELECT name, value FROM meta WHERE name IN ('newest', 'news') ORDER BY name"
    instants = "SELECT sha256, taken_at FROM dumps ORDER BY id"
    return found | {"meta": what_remains.rows(state, meta), "instants": what_remains.rows(state, instants)}


def ran(run: Callable[..., int], folder: Path, days: int, many: int = 6) -> None:
    """Run some invented days in a folder, with dumps taken in by hand between: late ones, and history."""
    (folder / "digest.toml").write_text(invented_days.CONFIG)
    own = ["--config", folder / "digest.toml", "--state", folder / "state"]
    for place, day in enumerate(DAYS[:days]):
        invented_days.drop(folder / "state" / "inbox", place, many)
        if place == 1:
            late = write(folder / "late.jsonl", invented_days.paper(901, DAYS[0]))
            assert run("ingest", late, "--date", DAYS[0], *own) == 0
            history = write(folder / "2019-05-01 history.jsonl", invented_days.paper(902, "2019-05-01"))
            assert run("ingest", history, *own) == 0
        assert run("run", "--date", day, "--force", *own) == (1 if place == 2 else 0)


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the state folder of three days."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("days")
        patch.chdir(folder)
        ran(lambda *arguments: main([str(argument) for argument in arguments]), folder, 3)
    return folder / "state"


@pytest.fixture
def three_days(site: Site, days: Path) -> Site:
    """Return a site that ran for three days."""
    site.configure(invented_days.CONFIG)
    shutil.copytree(days, site.state)
    return site


@pytest.mark.slow
def test_ten_days_are_rebuilt_from_the_kept_dumps_as_they_were(site: Site) -> None:
    ran(lambda *arguments: site.plain(*arguments).status, site.folder, 10, many=30)
    said = site("replay", "--into", "again")
    assert (said.status, said.err) == (0, "subscribers, editions and the ledger are not rebuilt\n")
    what_remains.assert_same(rebuilt(site.folder / "again"), rebuilt(site.state), "replayed")


def test_days_are_rebuilt_from_journal_and_files_alone(three_days: Site) -> None:
    wanted = rebuilt(three_days.state)
    for path in three_days.state.glob("digest.db*"):
        path.unlink()
    said = three_days.plain(*three_days.arguments("replay", "--into", "again", "--json"))
    assert said.status == 0, said.err
    assert said.json["dumps"] == {"ingested": 11, "gone": 0, "problems": 0}
    again = three_days.folder / "again"
    what_remains.assert_same(rebuilt(again), wanted, "replayed")
    assert what_remains.journal(again / "dumps.jsonl") == what_remains.journal(three_days.state / "dumps.jsonl")
    assert what_remains.rows(again, "SELECT * FROM subscribers") == []


def test_what_was_replayed_goes_on_as_the_old_store_does(three_days: Site) -> None:
    assert three_days("replay", "--into", "again").status == 0
    invented_days.drop(three_days.state / "inbox", 3, 6)
    assert three_days("run", "--date", DAYS[3], "--force").status == 0
    invented_days.drop(three_days.folder / "again" / "inbox", 3, 6)
    own = ["--config", three_days.config, "--state", "again"]
    assert three_days.plain("run", "--date", DAYS[3], "--force", *own).status == 0
    wanted, found = (rebuilt(state) for state in (three_days.state, three_days.folder / "again"))
    del wanted["instants"], found["instants"]
    what_remains.assert_same(found, wanted, "gone on with")


def test_dates_bound_what_is_replayed(three_days: Site) -> None:
    said = three_days("replay", "--since", DAYS[1], "--until", DAYS[1], "--into", "again", "--json")
    assert (said.status, said.json["dumps"]["ingested"]) == (0, 3)
    again = three_days.folder / "again"
    assert {row["date"] for row in what_remains.rows(again, "SELECT date FROM dumps")} == {DAYS[1]}
    assert {row["date"] for row in what_remains.rows(again, "SELECT DISTINCT date FROM news")} == {DAYS[1]}


def test_a_dump_whose_bytes_are_gone_or_changed_is_named_and_the_others_go_on(three_days: Site) -> None:
    first, second = sorted((three_days.state / "dumps" / DAYS[1]).iterdir())[:2]
    first.unlink()
    second.write_bytes(b'{"title": "Something Else"}\n')
    said = three_days("replay", "--into", "again", "--json")
    assert said.status == 1
    assert said.json["dumps"] == {"ingested": 9, "gone": 1, "problems": 2}
    assert first.name[17:] in said.err
    assert "its bytes have changed" in said.err


def test_a_kept_dump_that_the_journal_knows_nothing_of_is_named(three_days: Site) -> None:
    stray = three_days.state / "dumps" / DAYS[0] / f"{'0' * 16} stray.jsonl"
    stray.write_text('{"title": "A Stray"}\n')
    said = three_days("replay", "--into", "again")
    assert said.status == 1
    assert "stray.jsonl: not in the journal" in said.err


def keep(site: Site, data: bytes, layout: str) -> None:
    """Keep a dump as a program with that layout would have."""
    archive, found = Archive(site.state), blob_of(data, "a.txt")
    on = date.fromisoformat(DAYS[0])
    archive.keep(found, on, found.name)
    archive.journal.add([Kept(found.sha256, found.name, on, "", "inbox", layout, history=False, taken_at="then")])


def test_a_dump_whose_layout_is_no_more_is_recognised_or_named(site: Site) -> None:
    keep(site, b'{"title": "A Title"}\n', "gone")
    keep(site, b"Nothing of this is a listing.\n", "gone")
    said = site.plain(*site.arguments("replay", "--into", "again", "--json"))
    assert (said.status, said.json["dumps"]) == (1, {"ingested": 1, "gone": 0, "problems": 1})
    assert f"a.txt of {DAYS[0]}: no layout recognises it" in said.err


def test_without_a_journal_and_a_store_the_folders_tell_the_order(three_days: Site) -> None:
    for path in (*three_days.state.glob("digest.db*"), three_days.state / "dumps.jsonl"):
        path.unlink()
    said = three_days.plain(*three_days.arguments("replay", "--into", "again", "--json"))
    assert (said.status, said.json["dumps"]["ingested"]) == (0, 11)
    titles = "SELECT title FROM papers ORDER BY title"
    again = three_days.folder / "again"
    assert len(what_remains.rows(again, titles)) == said.json["papers"]
    assert what_remains.rows(again, "SELECT count(*) n FROM news WHERE date IS NULL") == [{"n": 0}]


@pytest.mark.parametrize("into", ["state", "file", "."])
def test_a_folder_that_is_used_is_refused(three_days: Site, into: str) -> None:
    (three_days.folder / "file").write_text("")
    (three_days.folder / "dumps.jsonl").write_text("")
    said = three_days("replay", "--into", into)
    assert said.status == 2
    assert "--into" in said.complaint


def test_where_nothing_is_kept_there_is_nothing_to_replay(site: Site) -> None:
    for arguments in ([], ["--until", "2001-01-01"]):
        said = site("replay", "--into", "again", *arguments)
        assert said.status == 1
        assert "no such dumps are kept" in said.complaint
        assert not (site.folder / "again").exists()


# --- a journal that is behind its store ---------------------------------------------------------------


def caught_up(site: Site) -> None:
    context = open_context(Settings(), state=site.state)
    journaling.catch_up(context)
    context.store.close()


@pytest.mark.parametrize("lines", range(0, 16, 3))
def test_what_a_kill_left_out_of_the_journal_is_written_later(three_days: Site, lines: int) -> None:
    path = three_days.state / "dumps.jsonl"
    wanted = Journal(path).entries()
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[: lines or 1]))
    caught_up(three_days)
    found = Journal(path).entries()
    assert [e for e in found if isinstance(e, Kept)] == [e for e in wanted if isinstance(e, Kept)]
    assert max(e.date for e in found if isinstance(e, Ran)) == date.fromisoformat(DAYS[2])
    caught_up(three_days)
    assert Journal(path).entries() == found


def test_the_next_command_that_takes_in_dumps_mends_the_journal(three_days: Site) -> None:
    path = three_days.state / "dumps.jsonl"
    wanted = what_remains.journal(path)
    *lines, last_dump, _last_run = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines) + last_dump[:40])
    assert three_days("run", "--date", DAYS[2], "--force").status == 0
    assert what_remains.journal(path) == wanted


def test_the_journal_of_an_older_state_folder_is_made_from_its_store(
    three_days: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = three_days.state / "dumps.jsonl"
    wanted = what_remains.journal(path)
    # As if there had been minutes between what a test does within a second.
    places = {row["sha256"]: number for number, row in enumerate(wanted) if "sha256" in row}
    ends = [number for number, row in enumerate(wanted) if "run" in row]
    context = open_context(Settings(), state=three_days.state)
    with context.store.writing() as tx:
        for sha256, number in places.items():
            tx.exec_driver_sql("UPDATE dumps SET taken_at = ? WHERE sha256 = ?", (minute(number), sha256))
        for run, number in enumerate(ends, start=1):
            tx.exec_driver_sql("UPDATE runs SET ended_at = ? WHERE id = ?", (minute(number), run))
    context.store.close()
    path.unlink()
    assert three_days("replay", "--into", "again").status == 0
    assert what_remains.journal(path) == wanted
    what_remains.assert_same(rebuilt(three_days.folder / "again"), rebuilt(three_days.state), "replayed")


def minute(number: int) -> str:
    return f"2026-06-20T06:{number:02}:00Z"
