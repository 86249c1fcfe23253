"""Backups: all of it comes back, also from one written while others work; what is damaged or foreign is refused."""

from __future__ import annotations

import gzip
import io
import itertools
import json
import shutil
import sqlite3
import sys
import tarfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path

import invented_days
import pytest
import what_remains
from command_line import Said, Site, paper
from forked import die, forked

from digest.archive import Journal, Kept, bundle
from digest.cli import main
from digest.pipeline import ingest, journaling
from digest.pipeline.context import open_context
from digest.settings import Settings

DAYS = invented_days.DAYS


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the state folder of two days, with a rejected dump, and a backup of it beside."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("days")
        patch.chdir(folder)
        Path("digest.toml").write_text(invented_days.CONFIG)
        own = ["--config", "digest.toml", "--state", "state"]
        for place, day in enumerate(DAYS[:2]):
            invented_days.drop(Path("state", "inbox"), place, 6)
            if place:
                Path("state", "inbox", f"{day} notes.txt").write_text("Nothing of this is a listing.\n")
            assert main(["run", "--date", day, "--force", *own]) == place
        assert main(["backup", "backup.tar", *own]) == 0
    return folder / "state"


@pytest.fixture
def full(site: Site, days: Path) -> Site:
    """Return a site that ran for two days."""
    site.configure(invented_days.CONFIG)
    shutil.copytree(days, site.state)
    return site


def kept(state: Path) -> dict[str, object]:
    """What a backup brings back."""
    files = what_remains.of_files(state).items()
    return what_remains.of_store(state) | {name: data for name, data in files if name.startswith(("dumps", "rejected"))}


def restored(site: Site, file: Path | str, name: str = "again") -> tuple[Said, Path]:
    state = site.folder / name
    return site.plain("restore", file, "--config", site.config, "--state", state), state


@pytest.mark.parametrize("name", ["backup.tar", "backup.tar.gz", "backup.tgz"])
def test_what_was_backed_up_comes_back(full: Site, name: str) -> None:
    said = full("backup", name)
    assert (said.status, said.out) == (0, "")
    assert "written and checked" in said.err
    file = full.folder / name
    assert (file.read_bytes()[:2] == b"\x1f\x8b") == (name != "backup.tar")
    assert file.stat().st_mode & 0o077 == 0
    said, state = restored(full, name)
    assert (said.status, said.out) == (0, "")
    what_remains.assert_same(kept(state), kept(full.state), "restored")
    own = ["--config", full.config, "--state", state]
    assert full.plain("status", "--json", *own).json == full("status", "--json").json
    assert sorted(path.name for path in full.folder.iterdir()) == ["again", name, "digest.toml", "state"]
    assert not list(state.glob(".rest*"))


def test_a_restored_state_folder_goes_on_as_the_old_one_does(full: Site) -> None:
    assert full("backup", "backup.tar").status == 0
    _, state = restored(full, "backup.tar")
    for place, folder in ((2, full.state), (2, state)):
        invented_days.drop(folder / "inbox", place, 6)
        own = ["--config", full.config, "--state", folder]
        assert full.plain("run", "--date", DAYS[place], "--force", *own).status == 1
    what_remains.assert_same(kept(state), kept(full.state), "gone on with")
    public = {name: data for name, data in what_remains.of_files(full.state).items() if name.startswith("public")}
    assert public == {name: data for name, data in what_remains.of_files(state).items() if name.startswith("public")}


def test_a_backup_during_a_runs_writes_holds_every_dump_that_its_store_knows(full: Site) -> None:
    for number in range(4):
        full.drop(f"{DAYS[2]} {number}.jsonl", paper(5000 + number))
    backups = threading.Semaphore(0)

    @contextmanager
    def progress(what: str, _total: int) -> Iterator[Callable[..., None]]:
        """Let a dump be taken in while a backup is written, and wait for that backup before the next."""

        def step(*_: float) -> None:
            if what == "Taking in dumps":
                backups.acquire(timeout=60)

        yield step

    context = open_context(Settings(), state=full.state, progress=progress)
    held = set()
    with ThreadPoolExecutor(1) as pool:
        work = pool.submit(ingest.from_inbox, context, date.fromisoformat(DAYS[2]))
        while not work.done():
            held.add(assert_whole(full, f"again {len(list(full.folder.iterdir()))}"))
            backups.release()
    assert [report.status for report in work.result()] == ["ingested"] * 4
    assert len(held) > 1
    context.store.close()


def assert_whole(site: Site, name: str) -> int:
    """Back up, restore, and hold store, journal and dumps of that against each other; return how many dumps it has."""
    assert site("backup", "backup.tar").status == 0
    said, state = restored(site, "backup.tar", name)
    assert said.status == 0, said.err
    found = what_remains.rows(state, "SELECT sha256, date FROM dumps ORDER BY id")
    for row in found:
        assert list((state / "dumps" / row["date"]).glob(f"{row['sha256'][:16]} *"))
    context = open_context(Settings(), state=state)
    journaling.catch_up(context)
    context.store.close()
    told = [entry.sha256 for entry in Journal(state / "dumps.jsonl").entries() if isinstance(entry, Kept)]
    assert told == [row["sha256"] for row in found]
    return len(found)


def test_a_backup_replaces_the_last_one_or_leaves_it(full: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    assert full("backup", "backup.tar").status == 0
    before = (full.folder / "backup.tar").read_bytes()

    def fail(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(bundle.Writer, "add_bytes", fail)
        said = full("backup", "backup.tar")
    assert said.status == 1
    assert "no space left" in said.complaint
    assert (full.folder / "backup.tar").read_bytes() == before
    assert sorted(path.name for path in full.folder.iterdir()) == ["backup.tar", "digest.toml", "state"]


def test_a_damaged_store_is_not_backed_up(full: Site) -> None:
    with closing(sqlite3.connect(full.state / "digest.db")) as store:
        store.execute("PRAGMA writable_schema = 1")
        store.execute("UPDATE sqlite_master SET rootpage = 2 WHERE name = 'sightings'")
        store.commit()
    said = full("backup", "backup.tar")
    assert said.status == 1
    assert "damaged" in said.complaint
    assert not (full.folder / "backup.tar").exists()


@pytest.mark.parametrize("file", ["missing/backup.tar", "state"])
def test_a_backup_that_cannot_be_a_file_is_refused(full: Site, file: str) -> None:
    said = full("backup", file)
    assert said.status == 2
    assert "no file can be written here" in said.complaint


# --- what is not restored ---------------------------------------------------------------------------


def test_a_folder_with_a_store_or_with_dumps_is_left_alone(full: Site, days: Path) -> None:
    backup = days.parent / "backup.tar"
    before = what_remains.of(full.state)
    said, _ = restored(full, backup, "state")
    assert said.status == 2
    assert "there is a store here already" in said.complaint
    for path in full.state.glob("digest.db*"):
        path.rename(full.folder / path.name)
    said, _ = restored(full, backup, "state")
    assert said.status == 2
    assert "there are dumps here already" in said.complaint
    for path in full.folder.glob("digest.db*"):
        path.rename(full.state / path.name)
    assert what_remains.of(full.state) == before


def test_a_folder_with_an_inbox_alone_takes_a_backup(full: Site, days: Path) -> None:
    state = full.folder / "again"
    for name in ("inbox", "dumps", "rejected"):
        (state / name).mkdir(parents=True)
    (state / "inbox" / "waiting.jsonl").write_text("")
    said, _ = restored(full, days.parent / "backup.tar")
    assert said.status == 0
    what_remains.assert_same(kept(state), kept(full.state), "restored")
    assert (state / "inbox" / "waiting.jsonl").exists()


@pytest.mark.parametrize("rename", range(1, 5))
def test_a_restore_that_was_killed_is_done_by_the_next(full: Site, days: Path, rename: int) -> None:
    state = full.folder / "again"
    (state / "dumps").mkdir(parents=True)
    arguments = ["restore", str(days.parent / "backup.tar"), "--config", str(full.config), "--state", str(state)]

    def act() -> int:
        renames = itertools.count(1)
        sys.addaudithook(lambda name, _given: die() if name == "os.rename" and next(renames) == rename else None)
        return main(arguments)

    assert forked(act).status < 0
    assert not (state / "digest.db").exists()
    assert full.plain(*arguments).status == 0
    what_remains.assert_same(kept(state), kept(full.state), "restored")
    assert not (state / ".restoring").exists()


def refused(site: Site, data: bytes) -> str:
    """Return the one line about a file that is no backup; nothing of it is left."""
    (site.folder / "bad.tar").write_bytes(data)
    said, state = restored(site, "bad.tar")
    assert said.status == 1
    assert not state.exists()
    return said.complaint


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
def test_a_backup_that_is_cut_short_anywhere_is_refused(site: Site, days: Path, packed: bool) -> None:
    data = (days.parent / "backup.tar").read_bytes().rstrip(b"\0")
    data = gzip.compress(data, 1) if packed else data
    for cut in (0, 1, 300, 512, 4096, len(data) // 2, len(data) - 1000, len(data) - 100, len(data) - 20):
        line = refused(site, data[:cut])
        assert "no backup" in line or "damaged" in line


def test_a_backup_cut_between_two_members_is_refused(site: Site, days: Path) -> None:
    with tarfile.open(days.parent / "backup.tar") as tar:
        starts = [member.offset for member in tar.getmembers()]
    data = (days.parent / "backup.tar").read_bytes()
    for start in starts[1:]:
        assert "damaged" in refused(site, data[:start] + bytes(1024))


def test_a_backup_with_any_byte_changed_is_refused(site: Site, days: Path) -> None:
    data = (days.parent / "backup.tar").read_bytes()
    with tarfile.open(days.parent / "backup.tar") as tar:
        places = [member.offset_data + member.size // 2 for member in tar.getmembers() if member.name != "backup.json"]
    for place in places:
        assert "damaged" in refused(site, data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])


def bundled(*members: tuple[str, bytes], **fields: object) -> bytes:
    """Return a tar file of these members; the fields are the last one's."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, data in members:
            member = tarfile.TarInfo(name)
            member.size = len(data)
            for field, value in fields.items() if name == members[-1][0] else ():
                setattr(member, field, value)
            tar.addfile(member, io.BytesIO(data))
    return out.getvalue()


DB = ("digest.db", b"SQLite format 3\0")


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda: b"", id="nothing"),
        pytest.param(lambda: b"Something else entirely.\n" * 100, id="text"),
        pytest.param(lambda: gzip.compress(b"x" * 10_000), id="gzip of no tar"),
        pytest.param(lambda: b"\x1f\x8b" + b"x" * 2000, id="gzip in its first bytes"),
        pytest.param(lambda: bundled(("notes.txt", b"x")), id="other files"),
        pytest.param(lambda: bundled(("dumps.jsonl", b"")), id="no store first"),
        pytest.param(lambda: bundled(DB, ("../escaped", b"x")), id="a path that leads out"),
        pytest.param(lambda: bundled(DB, ("/tmp/escaped", b"x")), id="an absolute path"),
        pytest.param(lambda: bundled(DB, ("dumps/2026-06-15/../../x", b"x")), id="a path that leads back"),
        pytest.param(lambda: bundled(DB, ("dumps/2026-13-15/x", b"x")), id="a date that never was"),
        pytest.param(lambda: bundled(DB, ("dumps/2026-06-15/.x", b"x")), id="a dotfile"),
        pytest.param(lambda: bundled(DB, DB), id="a member twice"),
        pytest.param(lambda: bundled(DB, ("rejected/x", b""), type=tarfile.SYMTYPE, linkname="/etc"), id="a link"),
        pytest.param(
            lambda: bundled(DB, ("rejected/x", b""), type=tarfile.LNKTYPE, linkname="digest.db"), id="hard link"
        ),
        pytest.param(lambda: bundled(DB, ("rejected/x", b""), type=tarfile.FIFOTYPE), id="a pipe"),
        pytest.param(lambda: bundled(DB, ("rejected/x", b""), type=tarfile.CHRTYPE), id="a device"),
    ],
)
def test_what_is_no_backup_is_refused(site: Site, make: Callable[[], bytes]) -> None:
    assert "no backup" in refused(site, make())
    assert not (site.folder / "escaped").exists()


@pytest.mark.parametrize("last", [b"", b"[]", b"{}", b'{"sha256": 3}', b"[" * 100_000], ids=lambda text: str(text[:14]))
def test_an_end_that_says_nothing_is_refused(site: Site, last: bytes) -> None:
    assert "damaged" in refused(site, bundled(DB, ("backup.json", last)))


def test_a_backup_of_a_newer_program_is_told(site: Site) -> None:
    last = json.dumps({"format": 2, "sha256": ""}).encode()
    assert "upgrade the program" in refused(site, bundled(DB, ("backup.json", last)))


def test_a_name_as_long_as_a_bomb_costs_no_memory(site: Site) -> None:
    header = tarfile.TarInfo("././@LongLink")
    header.type, header.size = tarfile.GNUTYPE_LONGNAME, 2**31
    data = io.BytesIO()
    with gzip.GzipFile(fileobj=data, mode="wb", compresslevel=1) as out:
        out.write(bundled(DB)[:1024] + header.tobuf(tarfile.GNU_FORMAT) + bytes(2**22))
    assert "a header is too long" in refused(site, data.getvalue())


def test_a_missing_backup_is_wrong_use(site: Site) -> None:
    said, state = restored(site, "missing.tar")
    assert said.status == 2
    assert "no such file" in said.complaint
    assert not state.exists()


def test_a_store_that_is_none_is_not_restored(site: Site) -> None:
    (site.folder / "digest.db").write_bytes(b"Something else. " * 1000)
    with bundle.writing(site.folder / "made.tar", packed=False) as made:
        made.add("digest.db", site.folder / "digest.db")
        made.end()
    assert "the store is damaged" in refused(site, (site.folder / "made.tar").read_bytes())
