"""Sources of kind folder: which files are brought, and which are not looked at."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from asked_sources import NOTHING, cases, world
from faulty_http import Invented

from digest import sources
from digest.settings import SourceSetting
from digest.sources import folder

THEN = 1_750_000_000  # seconds; long before LATER
LATER = datetime(2026, 6, 15, tzinfo=UTC)


@pytest.fixture
def base(tmp_path: Path) -> Path:
    return tmp_path / "site"


def put(path: Path, text: str = "a", at: float = THEN) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    os.utime(path, (at, at))
    return path


def ask(
    base: Path,
    path: str = "in",
    memory: sources.Remembered = NOTHING,
    now: datetime = LATER,
    state: Path | None = None,
) -> sources.Fetched:
    place = replace(world(Invented(None), base), state=state)
    source = sources.make(SourceSetting(name="a", kind="folder", path=path), place)
    return sources.fetch(source, sources.remembered(memory.text()), now)


def names(base: Path, found: sources.Fetched) -> list[str]:
    """The files brought, as paths below the configuration's folder."""
    return [dump.content.relative_to(base).as_posix() for dump in found.brought if isinstance(dump.content, Path)]


def test_all_files_of_a_folder_are_brought_once(base: Path):
    put(base / "in/b.html")
    put(base / "in/2026-06-01/a b.json")
    first = ask(base)
    assert (first.status, names(base, first)) == ("brought", ["in/b.html", "in/2026-06-01/a b.json"])
    assert [dump.name for dump in first.brought] == ["b.html", "a b.json"]
    again = ask(base, memory=first.memory)
    assert (again.status, again.brought, again.memory) == ("unchanged", (), first.memory)


def test_files_are_only_read(base: Path):
    path = put(base / "in/a")
    ask(base)
    assert path.read_text() == "a"


@cases(
    "text, at",
    {"another size": ("ab", THEN), "another time": ("b", THEN + 0.001), "an older time": ("b", THEN - 86400)},
)
def test_a_file_that_changed_is_brought_again(base: Path, text: str, at: float):
    put(base / "in/a")
    put(base / "in/b")
    memory = ask(base).memory
    put(base / "in/b", text, at)
    assert names(base, ask(base, memory=memory)) == ["in/b"]


def test_what_is_gone_is_forgotten(base: Path):
    path = put(base / "in/a")
    memory = ask(base).memory
    path.unlink()
    assert ask(base, memory=memory).memory.files == {}


@cases(
    "path",
    {"the inbox": "state/inbox", "the state folder": "state", "by a pattern": "state/inbox/*", "by a link": "link"},
)
def test_what_is_in_digests_own_folder_is_not_brought_to_it_again(base: Path, path: str):
    put(base / "state/inbox/a")
    (base / "link").symlink_to(base / "state/inbox")
    found = ask(base, path, state=base / "state")
    assert (found.status, found.brought) == ("failed", ())
    assert found.reason.endswith(" is in Digest's own (the inbox needs no source)")


@cases("state", {"as it is": "in/state", "by a link": "link"})
def test_digests_own_folder_within_a_folder_is_passed_over_and_counted(base: Path, state: str):
    put(base / "in/a")
    put(base / "in/state/inbox/b")
    put(base / "in/more/state/c")
    (base / "link").symlink_to(base / "in/state")
    found = ask(base, state=base / state)
    assert (names(base, found), found.skipped) == (["in/a", "in/more/state/c"], {folder.OWN: 1})


def test_names_that_are_left_in_the_inbox_are_left_here(base: Path):
    for name in (".hidden", "a.part", ".git/a", "b.part/a", "c/.a"):
        put(base / "in" / name)
    found = ask(base)
    assert (found.status, found.skipped) == ("unchanged", {})


def test_a_file_that_is_being_written_waits_for_the_next_time(base: Path):
    put(base / "in/a", at=THEN)
    at = datetime.fromtimestamp(THEN + 1.5, UTC)
    found = ask(base, now=at)
    assert (found.brought, found.skipped, found.memory.files) == ((), {folder.CHANGING: 1}, {})
    assert names(base, ask(base, memory=found.memory)) == ["in/a"]


def test_a_file_of_the_future_does_not_wait_for_it(base: Path):
    put(base / "in/a", at=LATER.timestamp() + 86400)
    assert names(base, ask(base)) == ["in/a"]


@cases(
    "path, brought",
    {
        "a pattern": ("in/*.html", ["in/a.html"]),
        "one character": ("in/?.json", ["in/b.json"]),
        "a set": ("in/[ab].*", ["in/a.html", "in/b.json"]),
        "a pattern of folders": ("*/deep/*", ["in/deep/c.html"]),
        "at any depth": ("in/**/*.html", ["in/a.html", "in/deep/c.html"]),
        "all below": ("in/**", ["in/a.html", "in/b.json", "in/deep/c.html"]),
        "a file": ("in/b.json", ["in/b.json"]),
        "nothing": ("in/*.xml", []),
        "from above": ("../site/in/*.json", ["../site/in/b.json"]),
    },
)
def test_a_pattern_chooses_files(base: Path, path: str, brought: list[str]):
    for name in ("a.html", "b.json", "deep/c.html"):
        put(base / "in" / name)
    found = [os.path.relpath(dump.content, base) for dump in ask(base, path).brought if isinstance(dump.content, Path)]
    assert found == [os.path.normpath(name).replace("../site/", "") for name in brought]


def test_links_are_followed_within_the_folder_alone(base: Path, tmp_path: Path):
    secret = put(tmp_path / "secret")
    real = put(base / "in/real")
    (base / "in/within").symlink_to(real)
    (base / "in/outside").symlink_to(secret)
    (base / "in/round").symlink_to("round")
    (base / "in/nowhere").symlink_to("nothing")
    (base / "in/loop").symlink_to(base / "in")
    found = ask(base)
    assert names(base, found) == ["in/real", "in/within"]
    assert found.skipped == {folder.OUTSIDE: 1, folder.LINKED: 1, folder.ODD: 2}


def test_a_folder_that_is_a_link_itself_is_the_operator_s_wish(base: Path, tmp_path: Path):
    put(tmp_path / "elsewhere/a")
    base.mkdir()
    (base / "in").symlink_to(tmp_path / "elsewhere")
    assert names(base, ask(base)) == ["in/a"]


def test_what_is_no_file_is_counted_and_not_waited_for(base: Path):
    put(base / "in/a")
    os.mkfifo(base / "in/pipe")
    found = ask(base)
    assert (names(base, found), found.skipped) == (["in/a"], {folder.ODD: 1})


def test_a_name_that_is_not_utf_8_is_remembered(base: Path):
    put(base / "in/a")
    (base / "in" / os.fsdecode(b"\xff\n.html")).write_text("x")
    first = ask(base)
    assert sorted(dump.name for dump in first.brought) == [".html", "a"]
    assert ask(base, memory=first.memory).status == "unchanged"


@pytest.mark.parametrize("path", ["in", "in/*.html"])
def test_a_folder_that_is_missing_is_told(base: Path, path: str):
    found = ask(base, path)
    assert found.status == "failed"
    assert found.reason == f"the folder {base}/in cannot be looked into: no such file or directory (check path)"


def test_more_files_than_can_be_remembered_are_an_error(base: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(folder, "_MOST_FILES", 3)
    for number in range(4):
        put(base / f"in/{number}")
    assert ask(base).reason == "more than 3 files (name a pattern, or clear it out)"
