"""A state folder that cannot be written, a full disk, a store that is locked or damaged: one line, and nothing lost."""

from __future__ import annotations

import fcntl
import functools
import gzip
import json
import os
import resource
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
import what_remains
from command_line import CONFIG, Said, Site, paper, slow_but_first, write
from forked import forked, may_mount, mount, private_mounts

from digest.archive import blob
from digest.cli import main
from digest.pipeline import context
from digest.store import engine

DAY = "2026-06-15"
can_mount = functools.cache(may_mount)


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, object]]:
    """Return a state folder that ran the day before and has work today, and what an undisturbed run makes of it."""
    folder = tmp_path_factory.mktemp("days")
    (folder / "digest.toml").write_text(CONFIG)
    inbox = folder / "state" / "inbox"
    inbox.mkdir(parents=True)
    write(inbox / "2026-06-14 a.jsonl", paper(1))
    assert run(folder, folder / "state", "2026-06-14") == 0
    write(inbox / f"{DAY} a.jsonl", *(paper(number) for number in range(2, 20)))
    (inbox / f"{DAY} notes.txt").write_text("Nothing of this is a listing.\n")
    shutil.copytree(folder / "state", folder / "smooth")
    assert run(folder, folder / "smooth", DAY) == 1
    return folder / "state", what_remains.of(folder / "smooth")


def run(folder: Path, state: Path, day: str) -> int:
    arguments = ["run", "--date", day, "--config", str(folder / "digest.toml"), "--state", str(state)]
    return forked(lambda: main(arguments)).status


@pytest.fixture
def due(site: Site, days: tuple[Path, dict[str, object]]) -> Site:
    """Return a site that ran the day before and has something to do today."""
    shutil.copytree(days[0], site.state)
    return site


@pytest.fixture
def wanted(days: tuple[Path, dict[str, object]]) -> dict[str, object]:
    """Return what an undisturbed run makes of that site."""
    return days[1]


def apart(site: Site, prepare: Callable[[], None]) -> Said:
    """Run today in a child after something was done to the child's world."""

    def act() -> int:
        prepare()
        return main(site.arguments("run", "--date", DAY))

    ended = forked(act)
    return Said(ended.status, ended.out, ended.err)


def assert_mended(site: Site, wanted: dict[str, object], when: str) -> None:
    """Run today in the whole world again, and hold what is there against an undisturbed run."""
    assert site("run", "--date", DAY).status in (0, 1)
    what_remains.assert_same(what_remains.of(site.state), wanted, when)
    what_remains.assert_the_ledger_tells_the_truth(site.state)


# --- what cannot be written -------------------------------------------------------------------------


@pytest.mark.parametrize("inside", slow_but_first(["inbox", "", "dumps", "rejected", "outbox", "public"]))
def test_a_read_only_folder_is_one_line_and_the_next_run_does_everything(
    due: Site, wanted: dict[str, object], inside: str
) -> None:
    if not can_mount():
        pytest.skip("this user may not mount anything")
    folder = due.state / inside

    def prepare() -> None:
        private_mounts()
        mount("--bind", folder, folder)
        mount("-o", "remount,ro,bind", folder)

    said = apart(due, prepare)
    assert said.status == 1
    assert "Traceback" not in said.err
    # A refusing outbox costs nobody the feeds: such a run goes through, and names it after the dump that it rejects.
    told = said.err.splitlines()[-1] if said.out else said.complaint
    assert "read-only" in told.lower() or "may be written" in told
    assert str(due.state) in told
    assert_mended(due, wanted, f"read-only {inside or 'state'}")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        pytest.param("inbox", "file exists", id="inbox"),
        pytest.param("digest.db", "is not a Digest store", id="store"),
    ],
)
def test_a_file_where_a_folder_or_a_store_should_be_is_named(site: Site, name: str, words: str) -> None:
    path = site.state / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("Somebody's own file. " * 100)
    said = site("run", "--date", DAY)
    assert said.status == 1
    assert words in said.complaint
    assert str(path) in said.complaint
    assert path.read_text().startswith("Somebody's own file")


def test_a_state_folder_below_a_file_is_named(site: Site) -> None:
    (site.folder / "file").write_text("")
    said = site.plain("status", "--state", site.folder / "file" / "state")
    assert said.status == 1
    assert "not a directory" in said.complaint


def test_a_folder_where_the_store_should_be_is_named(site: Site) -> None:
    (site.state / "digest.db").mkdir(parents=True)
    said = site("run", "--date", DAY)
    assert said.status == 1
    assert "cannot be opened" in said.complaint
    assert str(site.state / "digest.db") in said.complaint


# --- a full disk ------------------------------------------------------------------------------------


@pytest.mark.parametrize("most", slow_but_first([4 << 10, 0, 1 << 10, 16 << 10, 64 << 10]))
def test_a_write_that_fails_for_its_size_is_one_line_and_the_next_run_does_everything(
    due: Site, wanted: dict[str, object], most: int
) -> None:
    # The kernel refuses in the middle of a write, as a full disk does (setrlimit(2), RLIMIT_FSIZE).
    limit = most, resource.RLIM_INFINITY
    said = apart(due, lambda: resource.setrlimit(resource.RLIMIT_FSIZE, limit))
    assert said.status == 1
    assert_told(said)
    assert_mended(due, wanted, f"files of at most {most} bytes")


def assert_told(said: Said) -> None:
    """Hold a run that failed, or went through but for the dump that it refuses, to one line."""
    assert "Traceback" not in said.err
    if not said.out:
        assert any(word in said.complaint for word in ("no space", "full", "failed", "too large"))


@pytest.mark.parametrize("free", slow_but_first([48 << 10, 0, 16 << 10, 96 << 10, 160 << 10, 256 << 10]))
def test_a_full_disk_is_one_line_and_the_next_run_does_everything(
    due: Site, wanted: dict[str, object], free: int
) -> None:
    if not can_mount():
        pytest.skip("this user may not mount anything")
    disk = due.folder / "disk"
    disk.mkdir()

    def act() -> int:
        private_mounts()
        mount("-t", "tmpfs", "-o", "size=8m", "tmpfs", disk)
        shutil.copytree(due.state, disk / "state")
        fill(disk, free)
        status = main(["run", "--date", DAY, "--config", str(due.config), "--state", str(disk / "state")])
        (disk / "filler").unlink()
        shutil.rmtree(due.state)
        shutil.copytree(disk / "state", due.state)
        return status

    ended = forked(act)
    said = Said(ended.status, ended.out, ended.err)
    assert said.status == 1
    assert_told(said)
    assert_mended(due, wanted, f"{free} bytes free")


def test_a_disk_too_full_to_unpack_a_dump_costs_the_run_and_not_the_dump(
    due: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blob, "_IN_MEMORY", 1 << 14)
    data = "".join(f"{json.dumps(paper(number))}\n" for number in range(100, 4000)).encode()
    names = [f"{DAY} plain.jsonl", f"{DAY} packed.jsonl.gz"]
    for name, written in zip(names, (data, gzip.compress(data)), strict=True):
        (due.state / "inbox" / name).write_bytes(written)
        limit = 1 << 19, resource.RLIM_INFINITY
        said = apart(due, lambda limit=limit: resource.setrlimit(resource.RLIMIT_FSIZE, limit))  # type: ignore[misc]
        assert (said.status, "too large" in said.complaint) == (1, True)
        assert f"inbox/{name}" in due.files()
        (due.state / "inbox" / name).unlink()


def fill(disk: Path, free: int) -> None:
    """Leave so many bytes free on a disk."""
    space = os.statvfs(disk)
    with (disk / "filler").open("wb") as filler:
        filler.write(bytes(space.f_bavail * space.f_frsize - free))


# --- a store that is locked or damaged --------------------------------------------------------------


@pytest.mark.parametrize("how", slow_but_first(["IMMEDIATE", "EXCLUSIVE"]))
def test_a_locked_store_is_one_line_and_the_next_run_does_everything(
    due: Site, wanted: dict[str, object], monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    with monkeypatch.context() as hasty, closing(sqlite3.connect(due.state / "digest.db")) as other:
        hasty.setattr(engine, "BUSY_SECONDS", 0.05)
        other.execute(f"BEGIN {how}")
        said = due("run", "--date", DAY)
        assert said.status == 1
        assert "locked by another program" in said.complaint
        assert due("status").status == 0  # looking needs no lock
    assert_mended(due, wanted, "locked")


def test_a_state_folder_that_another_digest_works_in_is_one_line(due: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(context, "_LOCK_SECONDS", 0.05)
    with (due.state / ".lock").open("a") as other:
        fcntl.flock(other.fileno(), fcntl.LOCK_EX)
        for command in (["run", "--date", DAY], ["ingest", due.config]):
            said = due(*command)
            assert said.status == 1
            assert "another digest is at work" in said.complaint


def test_a_store_of_a_newer_program_is_left_alone(due: Site) -> None:
    with closing(sqlite3.connect(due.state / "digest.db")) as store:
        store.execute("UPDATE alembic_version SET version_num = '9999'")
        store.commit()
    said = due("run", "--date", DAY)
    assert said.status == 1
    assert "upgrade the program" in said.complaint
    assert f"inbox/{DAY} a.jsonl" in due.files()


def test_a_store_of_something_else_is_left_alone(site: Site) -> None:
    site.state.mkdir()
    with closing(sqlite3.connect(site.state / "digest.db")) as store:
        store.execute("CREATE TABLE songs (title TEXT)")
    said = site("run", "--date", DAY)
    assert said.status == 1
    assert "other tables" in said.complaint
    assert str(site.state) in said.complaint


def test_a_damaged_store_is_one_line(due: Site) -> None:
    path = due.state / "digest.db"
    data = bytearray(path.read_bytes())
    data[8192:] = b"\xff" * (len(data) - 8192)
    path.write_bytes(data)
    said = due("run", "--date", DAY)
    assert said.status == 1
    assert "is damaged" in said.complaint
    assert f"inbox/{DAY} a.jsonl" in due.files()
