"""Files with names, kinds and contents that nobody expects: told in a line, kept, and no trouble for the others."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from command_line import Site, paper, slow_but_first

from digest.archive import blob, stamp_of, take_out

DAY = "2026-06-15"


@pytest.fixture
def inbox(site: Site) -> Path:
    site.drop(f"{DAY} good.jsonl", paper(1))
    return site.state / "inbox"


def assert_the_others_went_through(site: Site, status: int) -> None:
    said = site("run", "--date", DAY, "--json")
    assert "Traceback" not in said.err
    assert said.status == status
    assert said.json["dumps"]["ingested"] >= 1
    assert site.mailed(DAY, "reader@example.org")
    for command in (["status", "--json"], ["status"]):
        assert site(*command).status == 0


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(b"2026-06-15 caf\xe9.jsonl", id="not UTF-8"),
        pytest.param(b"caf\xe9/2026-06-15 x.jsonl", id="a folder not UTF-8"),
        pytest.param(b"2026-06-15 " + "論".encode() * 78 + b".txt", id="as long as it may be"),
        pytest.param(b"2026-06-15 \x1b[2J\r\nx.jsonl", id="control characters"),
        pytest.param("2026-06-15 \u202egnp.jsonl".encode(), id="turned around"),
        pytest.param(b"2026-06-15", id="nothing but a date"),
    ],
)
@pytest.mark.parametrize("good", slow_but_first([True, False]))
def test_a_name_may_be_anything(site: Site, inbox: Path, name: bytes, good: bool) -> None:
    path = os.path.join(os.fsencode(inbox), name)  # noqa: PTH118  (a Path holds no bytes)
    os.makedirs(os.path.dirname(path), exist_ok=True)  # noqa: PTH103, PTH120
    with open(path, "wb") as file:  # noqa: PTH123
        file.write(b'{"title": "A Reward Model"}\n' if good else b"Nothing of this is a listing.\n")
    assert_the_others_went_through(site, status=0 if good else 1)
    assert not os.path.exists(path)  # noqa: PTH110
    assert site("ingest", inbox, "--json").json == []


def test_a_dump_that_is_too_large_is_kept_among_the_rejected(
    site: Site, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blob, "MOST_BYTES", 1 << 20)
    (inbox / f"{DAY} huge.jsonl").write_bytes(b"x" * (1 << 20) + b"\n")
    assert_the_others_went_through(site, status=1)
    (kept,) = [
        name for name in site.files() if name.startswith("rejected/") and "huge" in name and "reason" not in name
    ]
    assert (site.state / kept).stat().st_size == (1 << 20) + 1
    assert site("run", "--date", DAY).status == 0


def test_what_is_no_file_is_left_alone_and_told(site: Site, inbox: Path) -> None:
    (inbox / f"{DAY} link.txt").symlink_to("nowhere")
    (inbox / "round").symlink_to(".")
    os.mkfifo(inbox / f"{DAY} pipe.txt")
    rehearsed = site("run", "--date", DAY, "--dry-run")
    assert rehearsed.status == 0, rehearsed.err
    assert_the_others_went_through(site, status=0)
    said = site("run", "--date", DAY)
    assert said.status == 0
    for name in (f"{DAY} link.txt", "round", f"{DAY} pipe.txt"):
        assert f"{name}: waiting: it is " in said.err
        assert f"  {name}: it is " in site("status").out
    assert site("ingest", inbox).status == 1  # named by hand, it is refused
    assert site.plain("parse", inbox).status == 1


def test_a_folder_that_may_not_be_looked_into_is_named_and_the_others_go_on(
    site: Site, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (inbox / "closed").mkdir()
    real = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path).name != "closed" and real(path, mode))
    assert_the_others_went_through(site, status=1)
    said = site("run", "--date", DAY)
    assert (said.status, said.err.count("\n")) == (1, 1)
    assert said.err.startswith("digest: closed: rejected: it may not be looked into")


def test_a_file_that_cannot_leave_the_inbox_is_told_and_taken_in_once(
    site: Site, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stays = site.drop(f"kept/{DAY} stays.jsonl", paper(2))
    real = Path.replace

    def replace(self: Path, target: Path) -> Path:
        if self.parent.name == "kept":
            raise PermissionError(13, "Permission denied")
        return real(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    assert_the_others_went_through(site, status=1)
    said = site("run", "--date", DAY, "--json")
    assert (said.status, said.json["dumps"]["known"]) == (1, 1)
    assert said.err.startswith(f"digest: {DAY} stays.jsonl: it cannot leave the inbox: {stays}: permission denied")
    assert list(inbox.rglob("*.jsonl")) == [stays]


@pytest.mark.parametrize("seconds", [-(10**10), 10**11, 10**15], ids=["long ago", "in 5138", "beyond all dates"])
def test_the_age_of_a_file_may_be_anything(
    site: Site, inbox: Path, monkeypatch: pytest.MonkeyPatch, seconds: int
) -> None:
    path = site.drop("aged.jsonl", paper(2))
    real = Path.stat

    def stat(self: Path, **options: bool) -> os.stat_result:
        found = real(self, **options)
        return os.stat_result((*found[:8], seconds, *found[9:10])) if self.name == "aged.jsonl" else found

    monkeypatch.setattr(Path, "stat", stat)
    assert site("ingest", path).status == 0
    assert site("status").status == 0


def test_a_name_of_255_bytes_that_was_replaced_meanwhile_stays(tmp_path: Path) -> None:
    path = tmp_path / ("x" * 255)
    path.write_text("old")
    stamp = stamp_of(path)
    (tmp_path / "new").write_text("a newer one")
    (tmp_path / "new").replace(path)
    take_out(path, stamp)
    assert path.read_text() == "a newer one"
    take_out(path, stamp_of(path))
    assert not path.exists()


def test_a_name_in_several_lines_is_told_in_one(site: Site, inbox: Path) -> None:
    (inbox / f"{DAY} x\ny.jsonl").write_text('{"title": "A Reward Model"}\n')
    assert f"{DAY} x y.jsonl: jsonl (jsonl), 1 listing" in site("run", "--date", DAY).err


@pytest.mark.parametrize(
    "line",
    [
        pytest.param('{"title": "A Reward Model \\ud800", "summary": "x \\udfff"}', id="lone surrogates"),
        pytest.param('{"title": "A Reward Model\\u0000\\u001b[2J", "authors": ["\\u0007"]}', id="control characters"),
        pytest.param('{"title": "A Reward Model", "score": 1e999, "published": "9999-99-99"}', id="numbers"),
        pytest.param('{"title": "A Reward Model", "colour\\ud800": 1}', id="a field's name"),
        pytest.param('{"title": "<script>Reward Model</script>", "url": "javascript:alert(1)"}', id="script"),
        pytest.param('{"title": "A Reward Model", "authors": [' + '"x",' * 4_000 + '"y"]}', id="4,000 authors"),
        pytest.param('{"title": "' + "Reward Model " * 4_000 + '"}', id="a huge title"),
    ],
)
def test_whatever_a_listing_holds_goes_through_every_command(site: Site, inbox: Path, line: str) -> None:
    (inbox / f"{DAY} hostile.jsonl").write_text(line + "\n")
    for command in (["parse", inbox], ["ingest", inbox, "--json", "--date", DAY]):
        assert site(*command).status == 0
    said = site("run", "--date", DAY, "--json")
    assert said.status == 0
    assert said.json["deliveries"]["sent"] == 2
    assert site("rules", "match", "*", "--json").status == 0
    assert b"\x1b" not in (site.state / "outbox" / DAY / "reader@example.org.eml").read_bytes()
    html = site("preview", "--subscriber", "reader@example.org", "--date", DAY, "--format", "html").out
    assert "Reward Model" in html
    assert "<script" not in html
    assert "javascript:" not in html


def test_a_dump_that_was_rejected_while_it_was_read_is_kept_once(site: Site, inbox: Path) -> None:
    (inbox / f"{DAY} broken.jsonl").write_text('{"title": \n{"title": \n')
    assert_the_others_went_through(site, status=1)
    assert [name for name in site.files() if "broken" in name and not name.startswith("rejected/")] == []
