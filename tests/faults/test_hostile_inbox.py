"""Files with names, kinds and contents that nobody expects: told in a line, kept, and no trouble for the others."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from command_line import Site, paper, slow_but_first

from digest.archive import blob

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


def test_a_link_to_nowhere_and_a_pipe_are_left_alone(site: Site, inbox: Path) -> None:
    (inbox / f"{DAY} link.txt").symlink_to("nowhere")
    os.mkfifo(inbox / f"{DAY} pipe.txt")
    rehearsed = site("run", "--date", DAY, "--dry-run")
    assert rehearsed.status == 0, rehearsed.err
    assert_the_others_went_through(site, status=0)


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
